"""Later findings of other processes: in MLflow in batches, once, and kept while it does not answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from jupyter_bioml.config import Destination, Project
from jupyter_bioml.errors import StoreUnavailable
from jupyter_bioml.journal.annotations import Annotations
from jupyter_bioml.journal.facts import FactLog
from jupyter_bioml.publish import later
from jupyter_bioml.publish.scan import waiting
from jupyter_bioml.records.run import Kept, Report
from jupyter_bioml.store.memory import MemoryStore
from jupyter_bioml.store.mlflow_store import MlflowStore

from .conftest import SyntheticSession

Drain = Callable[[], Any]
PLACE = "bioml/versions/tox/1/feedback.jsonl"


@pytest.fixture
def facts(project: Project) -> FactLog:
    return FactLog(project.home)


def lines(store: Any, run_id: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in store.read_artifact(run_id, PLACE).splitlines()]


def test_a_report_and_tags_of_a_run_that_was_sent(
    session: SyntheticSession, store: MlflowStore, drain: Drain, facts: FactLog, project: Project, target: Destination
) -> None:
    record_id = session.run("fit()", start={"tags": {"stage": "try"}})
    session.end()
    drain()
    (before,) = store.find_record(record_id)
    blob = session.blobs.put(b"drift")
    report = Report("drift", 0.0, "found", {"rows": 3}, {"bioml.drift.rows": "3"}, {"rows.txt": Kept(blob, 5)})
    facts.report(record_id, target.key, report)
    facts.tag(record_id, target.key, {"stage": "final"})
    (found,) = waiting(project, target)
    assert found.record_id == record_id and "later findings" in found.reason
    drain()
    (run,) = store.find_record(record_id)
    added = {"bioml.report.drift": "found", "bioml.drift.rows": "3", "stage": "final"}
    assert run.tags == {**before.tags, **added} and run.status == "FINISHED"
    assert store.read_artifact(run.run_id, "bioml/reports/drift/rows.txt") == b"drift"
    record = store.record(run.run_id)
    assert record.report("drift") is not None and record.tags == {"stage": "final"}
    assert waiting(project, target) == ()


def test_what_was_said_before_the_run_was_sent_goes_with_it(
    session: SyntheticSession, memory: MemoryStore, send: Drain, facts: FactLog, target: Destination, project: Project
) -> None:
    record_id = session.start("fit()")
    facts.report(record_id, target.key, Report("drift", 0.0, "found"))
    assert waiting(project, target)[0].reason == "it is still running"
    send()
    assert memory.find_record(record_id) == []
    session.finish(record_id)
    send()
    (run,) = memory.find_record(record_id)
    assert run.tags["bioml.report.drift"] == "found" and "bioml/reports/drift.json" in memory.artifacts(run.run_id)
    assert waiting(project, target) == ()


def test_facts_about_a_version_are_a_file_of_its_run_and_a_tag(
    session: SyntheticSession, memory: MemoryStore, send: Drain, facts: FactLog, target: Destination,
    monkeypatch: pytest.MonkeyPatch, project: Project,
) -> None:  # fmt: skip
    run_id = registered(session, memory, send)
    for number in range(3):
        facts.fact("tox", "1", target.key, "feedback", {"number": number})
    facts.fact("tox", "1", target.key, "usage", {"predictions": 10})

    def down(*_: Any, **__: Any) -> None:
        raise StoreUnavailable("down")

    with monkeypatch.context() as patch:
        patch.setattr(memory, "model_version", down)
        send()
    assert [item.name for item in waiting(project, target)] == ["tox v1", "tox v1"]
    send()
    assert [line["value"] for line in lines(memory, run_id)] == [{"number": number} for number in range(3)]
    version = memory.model_version("tox", "1")
    assert version.tags["bioml.facts.feedback"].startswith("3, last 20") and "bioml.facts.usage" in version.tags
    assert waiting(project, target) == ()
    facts.fact("tox", "1", target.key, "feedback", {"number": 3})
    send()
    assert len(lines(memory, run_id)) == 4
    assert memory.model_version("tox", "1").tags["bioml.facts.feedback"].startswith("4, last")


def registered(session: SyntheticSession, memory: MemoryStore, send: Drain) -> str:
    """A model version; returns the run that it is tied to."""
    record_id = session.run("fit()")
    send()
    (run,) = memory.find_record(record_id)
    folder = session.project.root / "model"
    folder.mkdir()
    (folder / "MLmodel").write_text("flavors: {}\n")
    memory.add_model(run.run_id, folder, {"bioml.record_id": record_id})
    memory.register_model(run.run_id, "tox")
    return run.run_id


def test_facts_of_another_project_stay_and_what_does_not_fit_is_said(
    session: SyntheticSession, memory: MemoryStore, send: Drain, facts: FactLog, target: Destination,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    run_id = registered(session, memory, send)
    theirs = {"id": "t", "at": 1.0, "by": "eve", "from": "elsewhere", "value": {"number": -1}}
    place = session.project.root / "upload" / PLACE
    place.parent.mkdir(parents=True)
    place.write_text(json.dumps(theirs) + "\nnot JSON\n[1]\n{}\n")
    memory.add_artifacts(run_id, session.project.root / "upload")
    facts.fact("tox", "1", target.key, "feedback", {"number": 0})
    send()
    assert [line["value"]["number"] for line in lines(memory, run_id)] == [-1, 0]
    assert memory.model_version("tox", "1").tags["bioml.facts.feedback"].startswith("2, last")
    monkeypatch.setattr(later, "FACTS_LIMIT", 400)
    for number in range(1, 10):
        facts.fact("tox", "1", target.key, "feedback", {"number": number})
    send()
    cut, *kept = lines(memory, run_id)
    assert cut["cut"] == 11 - len(kept) and [line["value"]["number"] for line in kept][-1] == 9
    assert memory.model_version("tox", "1").tags["bioml.facts.feedback"].startswith("11, last")


def test_what_is_gone_is_refused_once(
    session: SyntheticSession, memory: MemoryStore, send: Drain, facts: FactLog, target: Destination, project: Project
) -> None:
    gone, doomed = session.run("fit()"), session.run("fit()")
    send()
    memory.delete_run(memory.find_record(gone)[0].run_id)
    Annotations(project.home).bury(doomed, target.key, None, "doomed")
    for record_id in (gone, doomed):
        facts.report(record_id, target.key, Report("drift", 0.0, "found"))
    facts.fact("nobody", "7", target.key, "feedback", {})
    send()
    assert waiting(project, target) == ()
    facts.refresh()
    said, (version,) = facts.of_run(gone), facts.of_version("nobody", "7", target.key)
    assert said is not None and "deleted" in str(facts.refusal(said)) and facts.refusal(version)
