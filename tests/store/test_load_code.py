"""Code that loads what a run made and read runs as it stands, and checks what it can."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import mlflow
import pandas
import pytest

from jupyter_bioml.config import destination, find_project
from jupyter_bioml.store.load_code import data_code, predictions_code


def ran(code: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(code, names)
    return names


@pytest.mark.parametrize("name", ["cohort.csv", 'od"d \u00e9.CSV', "no suffix"])
def test_data_is_read_and_compared_with_what_the_run_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    file = tmp_path / name
    file.write_text("a,b\n1,2\n")
    code = data_code(str(file), hashlib.md5(file.read_bytes()).hexdigest())
    read = ran(code)["data"]
    assert capsys.readouterr().out == ""
    assert read == b"a,b\n1,2\n" if name == "no suffix" else list(read["b"]) == [2]
    file.write_text("a,b\n1,3\n")
    ran(code)
    assert "is not as it was" in capsys.readouterr().out
    assert "hashlib" not in data_code(str(file), None)


def test_predictions_are_read_from_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'mlflow.db'}")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "holdout.csv").write_text("key,y_true,y_pred\n1,0,0.25\n")
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path / 'mlflow.db'}")
    with mlflow.start_run() as run:
        mlflow.log_artifact(str(tmp_path / "holdout.csv"), "bioml/predictions")
    target = destination(find_project(tmp_path))
    names = ran(predictions_code(run.info.run_id, "bioml/predictions/holdout.csv", target))
    assert isinstance(names["predictions"], pandas.DataFrame) and list(names["predictions"]["y_pred"]) == [0.25]
