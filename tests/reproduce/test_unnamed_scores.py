"""A score that only a later cell shows, as an expression without a name, decides a verdict like any other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from headless_case import last_session, records_of
from kernels import Kernel

from jupyter_bioml.reproduce.reproduce import Asked, reproduce
from jupyter_bioml.reproduce.verdict import DIFFERENT, REPRODUCED
from jupyter_bioml.workbench import Workbench

DATA = (
    "import numpy as np\nfrom sklearn.datasets import load_wine\nfrom sklearn.naive_bayes import GaussianNB\n"
    "X, y = load_wine(return_X_y=True)"
)
FIT = "%%experiment fit\nclf = GaussianNB().fit(X, y)"
SEEDED = "moved = X + np.random.default_rng(5).normal(0, 2, X.shape)"
FRESH = "moved = X + np.random.default_rng().normal(0, 2, X.shape)"


@pytest.mark.parametrize(("moved", "verdict"), [(SEEDED, REPRODUCED), (FRESH, DIFFERENT)])
def test_it_is_compared(
    moved: str,
    verdict: str,
    project_dir: Path,
    start_kernel: Callable[..., Kernel],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BIOML_PUBLISH", "off")
    kernel = start_kernel(project_dir)
    for number, source in enumerate((DATA, FIT, moved, "np.mean(np.abs(y - clf.predict_proba(moved) @ [0, 1, 2]))")):
        assert kernel.run(source, f"c{number}", notebook="n.ipynb").status == "ok"
    kernel.close()
    run = records_of(project_dir / ".bioml", last_session(project_dir))[1]
    assert [(score.key, score.origin) for score in run.scores] == [("mean.abs.y", "computed")]
    report = reproduce(Workbench.at(project_dir).project, run, Asked())
    assert report.verdict == verdict, report
    assert report.based_on.compared["metric"] == 1
