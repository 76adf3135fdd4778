"""A project with finished runs, as a real kernel left it in the journal and in MLflow."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from kernels import Kernel

from .lab import Lab

NOTEBOOK = "diagnosis.ipynb"
SETUP = """import csv
from sklearn.metrics import roc_auc_score
from sklearn.tree import DecisionTreeClassifier"""
COHORT = """with open("cohort.csv") as file:
    rows = [[float(value) for value in row] for row in csv.reader(file)]
X, y = [row[:2] for row in rows], [row[2] for row in rows]"""
#: The cell that the study is about.
FIT = """%%experiment tree --model tree --tag cohort=first
tree = DecisionTreeClassifier(max_depth={depth}, random_state=7).fit(X, y)
auc = roc_auc_score(y, tree.predict_proba(X)[:, 1])
for step in range({depth} * 10):
    bioml.log(loss=1 / (step + 1), step=step)
print("fitted", tree.get_depth())"""
BROKEN = """%%experiment broken
half = 1 / 2
raise MemoryError("the cohort is too large")"""


@dataclass
class Study:
    """Three runs: ``tree`` twice, with another depth and other data the second time, and ``broken``."""

    #: Folder and notebook, as the server's contents name them.
    folder: str
    notebook: str
    project: Path
    #: As the server lists them, newest first.
    rows: list[dict[str, Any]]

    @property
    def first(self) -> dict[str, Any]:
        return self.rows[2]

    @property
    def second(self) -> dict[str, Any]:
        return self.rows[1]

    @property
    def broken(self) -> dict[str, Any]:
        return self.rows[0]

    @property
    def tracking_uri(self) -> str:
        return f"sqlite:///{self.project / '.bioml' / 'mlflow.db'}"


def make_study(lab: Lab, folder: str = "study") -> Study:
    """Run the cells of the study in a kernel, and wait until all of it is in MLflow."""
    project = lab.root / folder
    (project / ".bioml").mkdir(parents=True)
    cells = ["%load_ext jupyter_bioml\nimport jupyter_bioml as bioml", SETUP, COHORT, FIT.format(depth=3), BROKEN]
    notebook = f"{folder}/{NOTEBOOK}"
    lab.notebook(notebook, cells)
    kernel = start_kernel(lab, project)
    try:
        for depth in (1, 3):
            _write_cohort(project / "cohort.csv", rows=38 + depth)
            for place, source in enumerate([*cells[:3], FIT.format(depth=depth)]):
                kernel.run(source, cell_id=f"cell-{place}", notebook=str(project / NOTEBOOK))
            lab.published(notebook, 1)  # until then its version of the cohort is only a file that is about to change
        kernel.run(BROKEN, cell_id="cell-4", notebook=str(project / NOTEBOOK))
        rows = lab.published(notebook, 3)
    finally:
        kernel.close()
    assert [row["name"] for row in rows] == ["broken", "tree", "tree"]
    return Study(folder, notebook, project, rows)


def start_kernel(lab: Lab, project: Path) -> Kernel:
    """A kernel as the lab's own are, without a front end; the caller closes it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("MLFLOW_TRACKING_URI", "BIOML_PROJECT"):
            patch.delenv(name, raising=False)
        home = {"IPYTHONDIR": str(lab.home / "ipython"), "MLFLOW_DISABLE_TELEMETRY": "true", "DVC_NO_ANALYTICS": "1"}
        return Kernel(project, env=home, load=False)


def _write_cohort(file: Path, rows: int) -> None:
    """Noise, with a sign of the disease in it that only a deeper tree sees wholly."""
    lines = [
        f"{row * 37 % 41},{row * 17 % 23},{int((row * 37 % 41 > 20) != (row * 17 % 23 > 12))}" for row in range(rows)
    ]
    file.write_text("\n".join(lines))
