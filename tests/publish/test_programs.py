"""A program's runs: journaled, ended, killed and resumed as a kernel's, and published like any other."""

from __future__ import annotations

import json
import math
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from jupyter_bioml.capture.program import ProgramSession
from jupyter_bioml.config import Project
from jupyter_bioml.errors import JournalError, NotFound, Refused
from jupyter_bioml.journal.blobs import Blobs
from jupyter_bioml.journal.lines import SegmentReader
from jupyter_bioml.journal.liveness import kernel_segment
from jupyter_bioml.journal.sessions import SessionLog
from jupyter_bioml.records.run import Code
from jupyter_bioml.store.base import PARENT
from jupyter_bioml.store.memory import MemoryStore

Send = Callable[[], Any]


def log_of(project: Project, session: str) -> SessionLog:
    log = SessionLog(kernel_segment(project.journal, session))
    log.refresh()
    return log


def entries(project: Project, session: str, kind: str) -> list[dict[str, Any]]:
    lines = SegmentReader(kernel_segment(project.journal, session)).read()
    return [line.entry for line in lines if line.entry["t"] == kind]


def test_its_runs_are_published_as_any_other(project: Project, memory: MemoryStore, send: Send) -> None:
    with ProgramSession.open(project, engine="league", notebook="a.ipynb") as session:
        with session.run("season", mark="league", params={"teams": 3}, tags={"city": "Basel"}) as season:
            season.artifact("table.csv", b"team,points\n")
            with session.run("round 1", mark="round", parent=season, code=Code("play()")) as first:
                for step in range(3):
                    first.log({"points": step / 2}, step)
                first.log({"won": True, "ratio": math.nan})
                first.params({"level": "high"})
        with pytest.raises(ZeroDivisionError), session.run("broken", mark="league"):
            raise ZeroDivisionError("no team")
    send()
    runs = {run.name: run for run in memory.search()}
    top, below, broken = runs["season"], runs["round 1"], runs["broken"]
    assert (top.status, top.params, top.tags["city"], top.experiment) == (
        "FINISHED",
        {"teams": "3"},
        "Basel",
        "a.ipynb",
    )
    assert memory.read_artifact(top.run_id, "table.csv") == b"team,points\n"
    assert below.tags[PARENT] == top.run_id and below.metrics == {"points": 1.0} and below.params == {"level": "high"}
    record = memory.record(below.run_id)
    assert record.values["won"] is True and math.isnan(record.values["ratio"]) and record.code.source == "play()"
    assert broken.status == "FAILED" and broken.tags["bioml.error"].startswith("ZeroDivisionError")
    assert memory.record(broken.run_id).before == (), "what ran before it is not a part of it"
    document = json.loads(memory.read_artifact(top.run_id, "bioml/environment.json"))
    assert document["python"]["executable"] == sys.executable
    assert b"mlflow==" in memory.read_artifact(top.run_id, "bioml/requirements.lock")


def test_secrets_are_masked_in_everything(project: Project) -> None:
    key = "ghp_" + "aB3dE5fG7h" * 4
    with ProgramSession.open(project, engine="app") as session:
        run = session.run(f"with {key}", mark="app", params={"password": "hunter2hunter2", "text": key}, code=Code(key))
        run.log({"said": key})
        run.tags({"note": key})
        run.report("leakage", "found", f"see {key}", tags={"where": key})
        run.finish("FAILED", cause=key, error=ValueError(key))
        text = kernel_segment(project.journal, session.id).read_text()
    assert key not in text and "hunter2" not in text


def test_late_tags_and_reports_are_entries(project: Project) -> None:
    with ProgramSession.open(project, engine="monitoring") as session:
        run = session.run("drift", mark="monitoring")
        run.finish()
        run.tags({"bioml.taint": "none"})
        run.report("drift", "none", "Nothing drifted.", tags={"columns": "12"}, blobs={"table.csv": b"a\n"})
        session_id, record_id = session.id, run.record_id
    (tags,) = entries(project, session_id, "tags")
    assert (tags["run"], tags["tags"]) == (record_id, {"bioml.taint": "none"})
    (report,) = entries(project, session_id, "report")
    blob = report["blobs"]["table.csv"]
    assert (report["run"], report["kind"], report["state"], report["summary"], report["tags"], blob["size"]) == (
        record_id, "drift", "none", "Nothing drifted.", {"columns": "12"}, 2,
    )  # fmt: skip
    assert Blobs(project.blobs).get(blob["blob"]) == b"a\n"


SCRIPT = """
import sys, time
from pathlib import Path
from jupyter_bioml.capture.program import ProgramSession
from jupyter_bioml.config import find_project
session = ProgramSession.open(find_project(Path.cwd()), engine="league")
run = session.run("season", mark="league")
run.log({"points": 1.0})
print(session.id, run.record_id, flush=True)
time.sleep(600)
"""


def test_killed_it_is_killed_and_resumed_it_goes_on(project: Project, memory: MemoryStore, send: Send) -> None:
    with subprocess.Popen([sys.executable, "-c", SCRIPT], cwd=project.root, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        session_id, record_id = other.stdout.readline().split()
        with pytest.raises(Refused, match="cannot be written"):
            ProgramSession.resume(project, session_id)
        send()
        assert memory.find_record(record_id) == [], "it still runs"
        other.send_signal(signal.SIGKILL)
    send()
    (run,) = memory.find_record(record_id)
    assert run.status == "KILLED" and run.metrics == {"points": 1.0}

    with ProgramSession.resume(project, session_id) as session:
        with pytest.raises(NotFound, match="has no run"):
            session.going_on("0" * 32)
        again = session.going_on(record_id)
        again.log({"points": 2.0})
        second = session.run("next season", mark="league")
        second.finish()
        again.finish()
    send()
    (run,) = memory.find_record(record_id)
    assert (run.status, run.metrics) == ("FINISHED", {"points": 2.0})
    record = memory.record(run.run_id)
    assert record.duration is not None and record.ended is not None
    assert record.duration == pytest.approx(record.ended - record.started), "from its first start on"
    assert [log_of(project, session_id).fold.brief(run, dead=True).seq for run in (record_id, second.record_id)] == [
        1,
        2,
    ]


def test_what_is_not_finished_is_killed_when_its_session_ends(project: Project) -> None:
    with ProgramSession.open(project, engine="league") as session:
        run = session.run("season", mark="league")
    log = log_of(project, session.id)
    assert not log.fold.closed and log.dead(), "it may be resumed"
    assert log.fold.record(run.record_id, dead=True).status == "KILLED"
    session.close()


def test_a_session_that_is_not_there_is_not_made(project: Project) -> None:
    with pytest.raises(NotFound, match="nothing was written"):
        ProgramSession.resume(project, "20261121T120000-00000001")
    assert not kernel_segment(project.journal, "20261121T120000-00000001").exists()


def test_a_journal_that_cannot_be_written_is_said_at_once(project: Project) -> None:
    project.journal.rmdir()
    project.journal.write_text("a file")
    with pytest.raises(JournalError, match="nothing was begun"):
        ProgramSession.open(project, engine="league")


def test_a_full_disk_afterwards_is_a_gap_and_never_raises(project: Project) -> None:
    session = ProgramSession.open(project, engine="league")
    run = session.run("season", mark="league")
    while not entries(project, session.id, "environment"):
        time.sleep(0.02)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    size = kernel_segment(project.journal, session.id).stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20, before[1]))
    try:
        run.log({"points": 1.0})
        run.artifact("table.csv", b"x" * (size + 1000))
        assert session.problem is not None
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    run.finish()
    assert session.problem is None, "what waited was written with the next entry"
    session.close()
    record = log_of(project, session.id).fold.record(run.record_id, dead=True)
    assert record.latest() == {"points": 1.0} and record.artifacts == () and record.status == "FINISHED"
    assert [gap.part for gap in record.gaps] == ["artifact"] and "table.csv" in record.gaps[0].reason


def test_a_forked_child_does_not_write_into_it(project: Project) -> None:
    with ProgramSession.open(project, engine="serving") as session:
        run = session.run("answers", mark="serving")
        pid = os.fork()
        if pid == 0:
            run.log({"from": 1.0})
            time.sleep(600)
        run.log({"points": 1.0})
        run.finish()
    try:
        log = log_of(project, session.id)
        assert log.dead(), "the child does not hold the lock"
        assert log.fold.record(run.record_id, dead=True).latest() == {"points": 1.0}
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
