"""The checks of the shelf, for the folders of tests that run them on their families."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from . import MODULES
from .case import Case
from .results import Results, run
from .session import Shelf


def parameters(families: Sequence[tuple[str, Case]]) -> list[Any]:
    """The cases as parameters of a test; those with torch are marked."""
    return [
        pytest.param(case, id=f"{family}-{case.name}", marks=pytest.mark.needs_torch if "torch" in case.modules else ())
        for family, case in families
    ]


def results_of(factory: pytest.TempPathFactory) -> Iterator[Results]:
    """Results of cases whose kernels are forked from a template with the libraries that they import."""
    with Shelf(factory.mktemp("shelf") / "kernels", MODULES) as shelf:
        yield Results(shelf, factory)
        assert shelf.refusals == [], "every kernel was forked"


def started(case: Case, folder: Path) -> None:
    """A case in kernels that import its libraries after the extension was loaded, as a user's does."""
    with Shelf(folder / "kernels", forked=False) as shelf:
        result = run(shelf, case)
    wrong = [*result.judged.wrong, *result.changed]
    assert wrong == [], "\n".join(["", *wrong])
