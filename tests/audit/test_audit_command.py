"""``bioml audit`` over a project with a git repository and a real MLflow database."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ports import closed_address
from user_git import git

from jupyter_bioml.audit.log import AuditLog
from jupyter_bioml.audit.mlflow_copy import keep_with_run
from jupyter_bioml.audit.project import ProjectAudit
from jupyter_bioml.cli.main import main
from jupyter_bioml.config import find_project
from jupyter_bioml.errors import Refused
from jupyter_bioml.store.mlflow_store import MlflowStore

from .conftest import new_run

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(project_dir: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: str) -> tuple[int, str, str]:
        capfd.readouterr()
        code = main(["audit", *arguments])
        return code, *capfd.readouterr()

    return call


@pytest.fixture
def filled(project_dir: Path) -> AuditLog:
    log = AuditLog.of(find_project(project_dir))
    for number in range(1, 5):
        log.append("promote", "model", f"diagnosis/{number}", old=number - 1, new=number, reason="\u202e<b>ok</b>")
    return log


def document(said: tuple[int, str, str], code: int = 0) -> Any:
    assert said[0] == code, said
    return json.loads(said[1])


def test_a_project_without_a_log(run: Run, project_dir: Path) -> None:
    assert document(run("verify", "--json"))["chain"] is None
    assert run("show")[1] == "No events.\n"
    code, _, said = run("anchor")
    assert code == 1 and "empty" in said
    assert list(project_dir.iterdir()) == [project_dir / ".bioml"], "looking makes nothing"


def test_show(run: Run, filled: AuditLog) -> None:
    code, text, _ = run("show", "-n", "2")
    assert code == 0 and "diagnosis/4" in text and "diagnosis/2" not in text and "The newest 2 of 4" in text
    assert "3 → 4" in text and "\\u202e<b>ok</b>" in text and "os-user" in text
    found = document(run("show", "--json"))
    assert found["total"] == 4 and [event["seq"] for event in found["events"]] == [1, 2, 3, 4]
    assert found["events"][0]["old"] == 0 and found["events"][0]["hash"] == filled.events()[0].hash


def test_verify_says_what_and_where(run: Run, filled: AuditLog) -> None:
    code, text, _ = run("verify")
    assert code == 0 and "4 events intact" in text and "not anchored" in text
    assert filled.path is not None
    lines = filled.path.read_bytes().splitlines(keepends=True)
    filled.path.write_bytes(b"".join([lines[0], lines[2], lines[3]]))
    code, text, _ = run("verify")
    assert code == 1 and text.startswith("✗ deleted, event 2: Event 2 was deleted")
    found = document(run("verify", "--json"), code=1)
    assert not found["ok"] and found["problem"]["kind"] == "deleted" and found["problem"]["seq"] == 2


def test_nothing_is_decided_on_a_log_that_was_changed(filled: AuditLog, project_dir: Path) -> None:
    audit = ProjectAudit(find_project(project_dir), lambda: None)
    assert audit.sound_events() == filled.events()
    assert filled.path is not None
    before = filled.path.read_bytes()
    filled.path.write_bytes(before.replace(b'"object_id":"diagnosis/2"', b'"object_id":"diagnosis/9"'))
    assert len(filled.events()) == 4, "it can be shown"
    with pytest.raises(Refused, match="altered, event 2") as error:
        audit.sound_events()
    assert "audit verify" in error.value.next


def test_anchored_in_git_and_mlflow(run: Run, filled: AuditLog, project_dir: Path, empty_database: Path) -> None:
    git(project_dir, "init", "-q")
    git(project_dir, "commit", "-q", "--allow-empty", "-m", "first")
    code, text, _ = run("anchor")
    assert code == 0 and "anchored in the git note" in text and "no run keeps an event" in text
    assert document(run("verify", "--json"))["anchored_up_to"] == 4
    file = project_dir / ".bioml" / "mlflow.db"
    shutil.copy(empty_database, file)
    store = MlflowStore(f"sqlite:///{file}")
    run_id = new_run(store)
    keep_with_run(store, run_id, filled.append("verdict", "run", run_id))
    found = document(run("verify", "--json"))
    assert found["anchored_up_to"] == 5 and run_id in found["anchored_in"] and found["mlflow"] is None
    filled.append("approve", "model", "diagnosis/4")
    places = document(run("anchor", "--json"))["places"]
    assert len(places) == 2 and run_id in places[0]
    text = run("verify", "--from-mlflow")[1]
    assert "anchored up to event 6" in text and "1 of its events kept, known up to event 6" in text
    assert filled.path is not None
    lines = filled.path.read_bytes().splitlines(keepends=True)
    filled.path.write_bytes(b"".join(lines[:4]))
    code, text, _ = run("verify", "--from-mlflow")
    assert code == 1 and "truncated, event 5" in text and "its tail is missing: events 5 to 6" in text
    filled.path.unlink()
    assert document(run("verify", "--json"), code=1)["problem"]["kind"] == "missing"


def test_mlflow_that_does_not_answer(run: Run, filled: AuditLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", closed_address())
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    found = document(run("verify", "--json"))
    assert found["ok"] and "The copies in MLflow were not compared" in found["notes"][0]
    assert document(run("verify", "--from-mlflow", "--json"), code=1)["code"] == "store-unavailable"


def test_keys(run: Run, filled: AuditLog, project_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, text, _ = run("keygen", "key.pem")
    assert code == 0 and "export BIOML_AUDIT_KEY=key.pem" in text and "commit it" in text
    assert (project_dir / "key.pem").stat().st_mode & 0o777 == 0o600
    assert run("keygen", "key.pem")[0] == 1, "a key is never overwritten"
    monkeypatch.setenv("BIOML_AUDIT_KEY", str(project_dir / "key.pem"))
    filled.append("approve", "model", "diagnosis/4", meaning="approval")
    assert document(run("verify", "--json"))["signed"] == 1
    text = run("show", "-n", "1")[1]
    assert "signed " in text and "meaning: approval, by " in text
    (public,) = (project_dir / "bioml-audit-keys").iterdir()
    elsewhere = public.rename(project_dir / "elsewhere.pem")
    assert document(run("verify", "--key", str(elsewhere), "--json"))["signed"] == 1
    assert "not checked" in run("verify")[1]
    run("keygen", "other.pem")
    assert document(run("verify", "--json"), code=1)["problem"]["kind"] == "unknown-key"
    code, _, said = run("verify", "--key", "nowhere.pem")
    assert code == 2 and "nowhere.pem is not an Ed25519 public key" in said


def test_a_word_that_is_no_action(run: Run) -> None:
    assert run("mend")[0] == 2
    assert run()[0] == 2
