"""What MLflow is told of a verdict by another process: that it was, or why it was not."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from resident_case import with_modules

from jupyter_bioml.reproduce import telling
from jupyter_bioml.reproduce.telling import Telling, main, tell_apart


@pytest.fixture
def verdict(project_dir: Path) -> Telling:
    texts, findings = {"verdict.json": "{}"}, (("The verdict", "r" * 32),)
    return Telling(str(project_dir), str(project_dir / ".bioml"), texts, "a" * 32, findings, None, "a" * 32)


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import sys; sys.exit(3)", "the process that tells it ended (exit code 3)."),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "the process that tells it ended (exit code -9)."),
        ("import sys; open(sys.argv[2], 'w').write('{')", "Expecting property name"),
    ],
)
def test_a_process_that_does_not_answer_is_a_note(
    program: str, said: str, verdict: Telling, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The verdict is in the project's own log; the reproduction goes on."""
    monkeypatch.setenv("PYTHONPATH", with_modules(tmp_path / "modules", broken=program))
    monkeypatch.setattr(telling, "MODULE", "broken")
    (note,) = tell_apart(verdict)
    assert note.startswith(f"The verdict is not in MLflow: {said}")


def test_a_database_that_cannot_be_opened_is_a_note(verdict: Telling, tmp_path: Path) -> None:
    (Path(verdict.home) / "mlflow.db").write_text("not a database")
    job, answer = tmp_path / "job.json", tmp_path / "answer.json"
    job.write_text(json.dumps(asdict(verdict)), encoding="utf-8")
    assert main([str(job), str(answer)]) == 0
    notes = json.loads(answer.read_text(encoding="utf-8"))
    assert notes and all("not in MLflow: " in note for note in notes), notes


def test_where_nothing_was_ever_published_nothing_is_told(verdict: Telling, tmp_path: Path) -> None:
    job, answer = tmp_path / "job.json", tmp_path / "answer.json"
    job.write_text(json.dumps(asdict(verdict)), encoding="utf-8")
    assert main([str(job), str(answer)]) == 0
    assert json.loads(answer.read_text(encoding="utf-8")) == []
    assert not (Path(verdict.home) / "mlflow.db").exists()
