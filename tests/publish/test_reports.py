"""Reports and late tags of a run, told in its journal: in its record, in MLflow, in an export, and past a clean-up."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from jupyter_bioml.config import Project
from jupyter_bioml.errors import StoreUnavailable
from jupyter_bioml.journal.annotations import Annotations
from jupyter_bioml.keeping.blobs import free_blobs
from jupyter_bioml.publish import scan as scanning
from jupyter_bioml.records.run import Kept, Report
from jupyter_bioml.records.wire import load_record, to_dict
from jupyter_bioml.store.memory import MemoryStore
from jupyter_bioml.store.mlflow_store import MlflowStore

from .conftest import SyntheticSession

Drain = Callable[[], Any]


def report(session: SyntheticSession, record_id: str, state: str, kind: str = "leakage", **fields: Any) -> None:
    entry = {"summary": {"rows": 3}, "tags": {}, "blobs": {}, **fields}
    session.write("report", run=record_id, kind=kind, state=state, **entry)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes after a run's end is sent without the pause that spares MLflow."""
    monkeypatch.setattr(scanning, "AGAIN", 0.0)


def test_a_report_becomes_files_and_tags(session: SyntheticSession, store: MlflowStore, drain: Drain) -> None:
    record_id = session.start("fit()")
    table = session.blobs.put(b"row,why\n7,twin\n")
    report(session, record_id, "maybe")
    report(
        session, record_id, "found", tags={"bioml.leakage.rows": "3"},
        blobs={"rows.csv": {"blob": table, "size": 15}, "../up.txt": {"blob": table, "size": 15}},
    )  # fmt: skip
    session.finish(record_id)
    session.end()
    drain()

    (run,) = store.find_record(record_id)
    assert run.tags["bioml.report.leakage"] == "found" and run.tags["bioml.leakage.rows"] == "3"
    kept = json.loads(store.read_artifact(run.run_id, "bioml/reports/leakage.json"))
    assert kept["state"] == "found" and kept["summary"] == {"rows": 3}
    assert store.read_artifact(run.run_id, "bioml/reports/leakage/rows.csv") == b"row,why\n7,twin\n"
    assert store.read_artifact(run.run_id, "bioml/reports/leakage/up.txt") == b"row,why\n7,twin\n"
    (found,) = store.record(run.run_id).reports
    assert found.state == "found" and found.blobs["rows.csv"] == Kept(table, 15), "the last one of a kind counts"


def test_what_comes_after_the_run_was_sent_is_sent_too(
    session: SyntheticSession, memory: MemoryStore, send: Drain
) -> None:
    record_id = session.run("fit()", start={"tags": {"stage": "try", "team": "onco"}})
    send()
    (run,) = memory.find_record(record_id)
    memory.write(run.run_id, tags={"team": "by hand"})
    report(session, record_id, "clean")
    send()
    assert memory.get(run.run_id).tags["bioml.report.leakage"] == "clean"
    assert memory.get(run.run_id).tags["team"] == "by hand", "tags that did not change are not written again"
    session.write("tags", run=record_id, tags={"stage": "final", "bioml.seal": "opened", "bioml.record_id": "x"})
    send()
    tags = memory.get(run.run_id).tags
    assert (tags["stage"], tags["bioml.seal"], tags["bioml.record_id"]) == ("final", "opened", record_id)
    record = memory.record(run.run_id)
    assert record.tags == {"stage": "final", "team": "onco"} and record.late["bioml.seal"] == "opened"
    before = memory.get(run.run_id)
    assert send().published == 0 and memory.get(run.run_id) == before, "sent once"


def test_a_server_that_is_down_gets_them_later(
    session: SyntheticSession, memory: MemoryStore, send: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_id = session.run("fit()")
    send()
    report(session, record_id, "clean")
    session.write("tags", run=record_id, tags={"stage": "final"})

    def down(*_: Any, **__: Any) -> None:
        raise StoreUnavailable("down")

    with monkeypatch.context() as patch:
        for name in ("write", "get", "search", "add_artifacts"):
            patch.setattr(memory, name, down)
        assert send().published == 0
    assert send().published == 1
    (run,) = memory.find_record(record_id)
    assert run.tags["bioml.report.leakage"] == "clean" and run.tags["stage"] == "final"


def test_the_report_of_a_cell_that_joined_a_run_stays_with_the_part(
    session: SyntheticSession, memory: MemoryStore, send: Drain
) -> None:
    whole = session.run("fit()")
    part = session.start("score()", part_of=whole)
    report(session, part, "found", tags={"bioml.leakage.rows": "3"})
    session.finish(part)
    send()
    (run,) = memory.find_record(whole)
    assert "bioml.report.leakage" not in run.tags and "bioml.leakage.rows" not in run.tags
    assert f"bioml/parts/{part}/reports/leakage.json" in memory.artifacts(run.run_id)


def test_blobs_of_reports_outlive_a_clean_up_and_go_with_their_run(project: Project, session: SyntheticSession) -> None:
    first, second = session.run("fit()"), session.run("fit()")
    blobs = {name: session.blobs.put(name.encode()) for name in ("first", "second", "stray")}
    for run, name in ((first, "first"), (second, "second")):
        report(session, run, "found", blobs={"file": {"blob": blobs[name], "size": 5}})
    session.end()
    annotations = Annotations(project.home)
    free_blobs(project, annotations, everything=True)
    assert [session.blobs.path(blobs[name]).exists() for name in blobs] == [True, True, False]
    annotations.bury(first, session.key, None, "first")
    free_blobs(project, annotations)
    assert [session.blobs.path(blobs[name]).exists() for name in blobs] == [False, True, False]


def test_a_record_keeps_its_reports_and_an_old_one_has_none() -> None:
    document = {
        "record_id": "r", "session": "s", "seq": 1, "mark": "magic", "status": "FINISHED", "started": 1.0,
        "code": {"source": "x"}, "schema": 1,
    }  # fmt: skip
    old = load_record(document)
    assert old.reports == () and old.late == {} and old.report("taint") is None
    said = Report(
        "taint", 2.0, "none", {"count": 0, "worst": float("inf")}, {"bioml.taint": "none"}, {"a": Kept("b", 1)}
    )
    written = {**document, "reports": [to_dict(said)], "late": {"bioml.seal": "opened"}}
    new = load_record(written)
    assert new.report("taint") == said and to_dict(new) == written
    assert new.late_tags() == {"bioml.seal": "opened", "bioml.taint": "none"}
