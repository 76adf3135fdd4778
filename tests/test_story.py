"""The whole way, as the product promises it: a run, made again, judged, refused, approved, promoted, rolled back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import mlflow
import pandas
import pytest
from commands import Commands
from kernels import Kernel
from user_git import git

from jupyter_bioml.audit.log import AuditLog
from jupyter_bioml.config import destination, find_project

CELLS = {
    "load": "import pandas as pd\ntable = pd.read_csv('cohort.csv')\ninputs, grade = table[['a', 'b']], table['grade']",
    "fit": "%%experiment grading --metrics accuracy --model forest --seed 7\n"
    "from sklearn.ensemble import RandomForestClassifier\n"
    "seen = inputs[:60]\n"
    "forest = RandomForestClassifier(5).fit(seen, grade[:60])\n"
    "predicted = forest.predict(inputs[60:])\n"
    "accuracy = float((predicted == grade[60:]).mean())\n"
    "import jupyter_bioml as bioml\n"
    "bioml.log_predictions(grade[60:], predicted, key=list(range(60, 120)))",
}
CARD = """version: 1
intended_use: Grading of a made-up tumour in a test; accuracy {metric.accuracy}.
out_of_scope: Everything else.
data: 120 rows written by the test.
owner: ada@example.org
limits: It has seen nothing real.
"""


@pytest.fixture
def study(project_dir: Path) -> Path:
    """A git repository with a notebook and a data file."""
    rows = "\n".join(f"{i % 7},{i % 11},{int(i % 7 + i % 11 > 8)}" for i in range(120))
    (project_dir / "cohort.csv").write_text(f"a,b,grade\n{rows}\n", encoding="utf-8")
    cells = [
        {"cell_type": "code", "id": key, "metadata": {}, "execution_count": None, "outputs": [], "source": source}
        for key, source in CELLS.items()
    ]
    document = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    (project_dir / "grading.ipynb").write_text(json.dumps(document), encoding="utf-8")
    for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "study"]):
        git(project_dir, *words)
    return project_dir


@pytest.mark.timeout(600)
def test_from_a_cell_to_a_promoted_model_and_back(
    study: Path, start_kernel: Callable[..., Kernel], capfd: pytest.CaptureFixture[str]
) -> None:
    bioml = Commands(capfd).json
    kernel = start_kernel(study)
    for key, source in CELLS.items():
        done = kernel.run(source, cell_id=key, notebook=str(study / "grading.ipynb"))
        assert done.status == "ok", done.error
    kernel.close()
    bioml("publish", "--wait")
    (run,) = bioml("runs")
    assert (run["name"], run["state"], run["verdict"]) == ("grading", "FINISHED", None)

    assert bioml("register", run["run_id"], "grader")["version"] == "1"
    bioml("gates", "--init")
    refused = bioml("promote", "grader", "--to", "champion", code=1)
    states = {gate["gate"]: gate["state"] for gate in refused["gates"]}
    assert set(refused["failing"]) == {"reproduced", "approval", "card"}, states

    verdict = bioml("reproduce", run["run_id"])
    assert (verdict["verdict"], verdict["cause"], verdict["run_id"]) == ("REPRODUCED", None, run["run_id"])
    (study / "bioml-card.yaml").write_text(CARD, encoding="utf-8")
    assert bioml("promote", "grader", "--to", "champion", code=1)["failing"] == ["approval"]
    assert _champion(study) is None

    bioml("approve", "grader", "--meaning", "approval", "--reason", "made again exactly")
    promoted = bioml("promote", "grader@1", "--to", "champion", "--reason", "first grader")
    assert promoted["promoted"] and _champion(study) == "1"

    assert bioml("register", run["run_id"], "grader")["version"] == "2"
    bioml("promote", "grader@2", "--to", "champion", "--override", "the pipeline needs it today")
    assert _champion(study) == "2"
    bioml("rollback", "grader", "--alias", "champion", "--reason", "nobody approved it")
    assert _champion(study) == "1"

    told = [event.action for event in AuditLog.of(find_project(study)).events()]
    story = ["promotion.refused", "verdict", "promotion.refused", "approve", "promote", "override", "rollback"]
    assert [action for action in told if action in story] == story, told
    assert bioml("audit", "verify")["ok"] is True
    loaded = mlflow.pyfunc.load_model("models:/grader@champion")
    assert loaded.predict(pandas.DataFrame({"a": [6], "b": [10]})).tolist() == [1]


def _champion(study: Path) -> str | None:
    """The holder as plain MLflow tells it."""
    uri = destination(find_project(study)).uri
    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    found = mlflow.MlflowClient().get_registered_model("grader").aliases.get("champion")
    return None if found is None else str(found)
