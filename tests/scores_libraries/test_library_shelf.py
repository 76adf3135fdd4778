"""The notebooks of ``scores_shelf`` that use statsmodels, lifelines, boosted trees or torch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from scores_shelf import LIBRARIES, cases
from scores_shelf.case import Case
from scores_shelf.checks import parameters, results_of, started
from scores_shelf.results import Results

FAMILIES = cases(*LIBRARIES)
#: Run in kernels that are started, too, where the libraries are imported after the extension.
STARTED = [
    (family, case)
    for family, case in FAMILIES
    if case.name
    in {
        "ols-summary",
        "cox-on-a-hold-out",
        "xgboost-train",
        "lightgbm-classifier",
        "epochs-and-accuracy",
        "torchmetrics",
    }
]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, module_environment: pytest.MonkeyPatch) -> Iterator[Results]:
    yield from results_of(tmp_path_factory)


@pytest.mark.parametrize("case", parameters(FAMILIES))
def test_what_is_kept_is_right(case: Case, results: Results) -> None:
    judged = results.of(case).judged
    assert not judged.wrong, "\\n".join(["", *judged.wrong])


@pytest.mark.parametrize("case", parameters(FAMILIES))
def test_it_runs_as_without_the_extension(case: Case, results: Results) -> None:
    assert results.of(case).changed == []


@pytest.mark.parametrize("case", parameters(STARTED))
def test_libraries_imported_later_are_observed_too(case: Case, tmp_path: Path) -> None:
    started(case, tmp_path)
