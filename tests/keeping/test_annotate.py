"""Rename, note, star, archive: in the journal at once, in MLflow when it answers, never lost, never undone."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Callable
from pathlib import Path

import pytest
from mlflow import MlflowClient

from jupyter_bioml.errors import NotFound, UsageError
from jupyter_bioml.journal.annotations import Annotations
from jupyter_bioml.publish.scan import waiting
from jupyter_bioml.workbench import Workbench

from .conftest import Case

HOSTILE = "<img src=x onerror=alert(1)> \u202egnp.exe 🧬 \x00 \x1b[2J" + "x" * 10_000


def test_a_published_run_is_changed_in_mlflow_at_once(case: Case) -> None:
    record_id = case.kernel().run(start={"name": "baseline"})
    case.drain()
    row = case.bench.keeping.annotate(
        record_id, name="best so far", note="two lines\nof text", starred=True, archived=True
    )
    assert (row.name, row.note, row.starred, row.archived, row.unsaid) == (
        "best so far", "two lines\nof text", True, True, None,
    )  # fmt: skip
    client = MlflowClient(tracking_uri=case.target.uri)
    run = client.get_run(str(row.run_id))
    assert run.info.run_name == "best so far" and run.data.tags["mlflow.note.content"] == "two lines\nof text"
    assert (run.data.tags["bioml.starred"], run.data.tags["bioml.archived"]) == ("true", "true")
    assert case.rows() == [] and case.bench.runs.list().archived == 1
    assert case.rows(archived=True) == [row]
    assert case.bench.runs.show(record_id).as_json()["name"] == "best so far"
    row = case.bench.keeping.annotate(record_id, starred=False, note="")
    assert (row.name, row.note, row.starred, row.archived) == ("best so far", None, False, True)


def test_a_run_in_the_journal_alone_keeps_what_was_said_until_it_is_published(case: Case) -> None:
    kernel = case.kernel()
    running = kernel.start(name="long")
    row = case.bench.keeping.annotate(running, name="renamed while it runs", starred=True)
    assert (row.state, row.name, row.starred, row.run_id, row.unsaid) == (
        "RUNNING", "renamed while it runs", True, None, None,
    )  # fmt: skip
    assert case.rows() == [row]
    kernel.finish(running)
    case.drain()
    (stored,) = case.store.search()
    assert stored.name == "renamed while it runs" and stored.tags["bioml.starred"] == "true"
    assert waiting(case.project, case.target) == ()


def test_tags_are_set_and_taken_away_in_the_journal_and_in_mlflow(case: Case) -> None:
    kernel = case.kernel()
    record_id = kernel.run(start={"name": "baseline", "tags": {"site": "north", "stage": "draft"}})
    row = case.bench.keeping.annotate(record_id, tags={"stage": "final", "site": None, "by": "ada"})
    assert row.tags == {"by": "ada", "stage": "final"}
    case.drain()
    (stored,) = case.store.search()
    assert (stored.tags["stage"], stored.tags["by"], "site" in stored.tags) == ("final", "ada", False)
    row = case.bench.keeping.annotate(record_id, tags={"by": None})
    assert row.tags == {"stage": "final"} and case.rows() == [row] and row.unsaid is None
    assert "by" not in case.store.get(stored.run_id).tags
    for wrong in ("bioml.mark", "mlflow.note.content", " "):
        with pytest.raises(UsageError, match="not a tag of your own"):
            case.bench.keeping.annotate(record_id, tags={wrong: "x"})


def test_many_runs_are_changed_by_one_line_each_and_the_publisher_tells_mlflow(case: Case) -> None:
    kernel = case.kernel()
    runs = [kernel.run(start={"name": f"trial {n}"}) for n in range(3)]
    case.drain()
    known = {row.record_id: row.run_id for row in case.rows()}
    Annotations(case.project.home).annotate_all(case.target.key, known, starred=True, tags={"site": "north"})
    assert [(row.starred, row.tags) for row in case.rows()] == [(True, {"site": "north"})] * len(runs)
    assert {item.record_id for item in waiting(case.project, case.target)} == set(runs)
    case.drain()
    assert {run.tags["site"] for run in case.store.search()} == {"north"} and waiting(case.project, case.target) == ()


def test_what_is_changed_in_mlflow_later_counts(case: Case) -> None:
    record_id = case.kernel().run(start={"name": "baseline"})
    case.drain()
    row = case.bench.keeping.annotate(record_id, name="ours", note="ours")
    client = MlflowClient(tracking_uri=case.target.uri)
    client.update_run(str(row.run_id), name="theirs")
    client.set_tag(str(row.run_id), "mlflow.note.content", "theirs")
    assert [(row.name, row.note) for row in case.rows()] == [("theirs", "theirs")]
    case.drain()
    assert case.rows()[0].name == "theirs", "an old word is not said again"


def test_with_mlflow_down_it_is_kept_said_and_told_later(
    case: Case, down: Callable[[Case], Callable[[], None]]
) -> None:
    record_id = case.kernel().run(start={"name": "baseline"})
    case.drain()
    up = down(case)
    row = case.bench.keeping.annotate(record_id, name="said in the dark", archived=True)
    assert row.name == "said in the dark" and row.unsaid and row.run_id
    assert [(row.name, bool(row.unsaid)) for row in case.rows(archived=True)] == [("said in the dark", True)]
    assert [item.reason for item in waiting(case.project, case.target)] == [
        "its new name, note or marks are not in MLflow yet"
    ]
    up()
    assert case.rows(archived=True)[0].name == "said in the dark", "before the publisher has come by"
    case.drain()
    stored = case.store.get(str(row.run_id))
    assert (stored.name, stored.tags["bioml.archived"]) == ("said in the dark", "true")
    assert waiting(case.project, case.target) == () and case.rows(archived=True)[0].unsaid is None


def test_a_real_publisher_tells_mlflow_when_it_is_back(case: Case, down: Callable[[Case], Callable[[], None]]) -> None:
    """In a process of its own, as ``bioml publish --wait`` starts it."""
    kernel = case.kernel()
    named, doomed = kernel.run(start={"name": "named"}), kernel.run(start={"name": "doomed"})
    kernel.end()
    assert case.bench.publish(wait=True, timeout=120).waiting == ()
    runs = {row.record_id: str(row.run_id) for row in case.rows()}
    up = down(case)
    case.bench.keeping.annotate(named, name="said while it was down", starred=True)
    Annotations(case.project.home).bury(doomed, case.target.key, runs[doomed], "doomed")
    report = case.bench.publish(wait=True, timeout=120)
    assert {item.record_id for item in report.waiting} == {named, doomed}, "kept, with the reason"
    up()
    report = case.bench.publish(wait=True, timeout=120)
    assert report.waiting == () and report.published == 2
    assert [(run.name, run.tags["bioml.starred"]) for run in case.store.search()] == [
        ("said while it was down", "true")
    ]
    assert case.store.get(runs[doomed]).deleted


def test_killed_between_the_steps_the_publisher_tells_mlflow(case: Case) -> None:
    record_id = case.kernel().run(start={"name": "baseline"})
    case.drain()
    (stored,) = case.store.search()
    Annotations(case.project.home).annotate(record_id, case.target.key, stored.run_id, name="half done")
    with open(case.project.home / "annotations.log", "ab") as file:
        file.write(b'deadbeef {"t":"annot')  # and the next writer in mid-line
    assert case.rows()[0].name == "half done"
    assert case.bench.keeping.annotate(record_id, starred=True).name == "half done"
    stored = case.store.get(stored.run_id)
    assert (stored.name, stored.tags["bioml.starred"]) == ("half done", "true")


def test_a_run_that_was_deleted_in_mlflow_refuses_once(case: Case) -> None:
    record_id = case.kernel().run(start={"name": "baseline"})
    case.drain()
    (stored,) = case.store.search()
    case.store.delete_run(stored.run_id)
    Annotations(case.project.home).annotate(record_id, case.target.key, stored.run_id, name="too late")
    case.drain()
    assert waiting(case.project, case.target) == (), "it is not tried for ever"
    annotations = Annotations(case.project.home)
    assert annotations.refusal(record_id, case.target.key)


def test_hostile_words_are_kept_as_text(case: Case) -> None:
    kernel = case.kernel()
    first, second = kernel.run(), kernel.run()
    for identity in (first, second):
        assert case.bench.keeping.annotate(identity, name=HOSTILE, note=HOSTILE).name.startswith("<img src=x")
    before = {row.record_id: (row.name, row.note) for row in case.rows()}
    case.drain()
    assert {row.record_id: (row.name, row.note) for row in case.rows()} == before, "the same before and in MLflow"
    assert len({len(name) for name, _ in before.values()}) == 1 and "\x00" not in before[first][0]
    assert json.dumps([row.as_json() for row in case.rows()])


def test_a_secret_in_a_note_is_masked(case: Case) -> None:
    record_id = case.kernel().run()
    note = case.bench.keeping.annotate(
        record_id, note="aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzEXAMPLEKEY"
    ).note
    assert note and "wJalr" not in note
    assert "wJalr" not in (case.project.home / "annotations.log").read_text()


def test_nothing_said_and_nobody_meant(case: Case) -> None:
    record_id = case.kernel().run(start={"name": "baseline"})
    for said in ({}, {"name": ""}, {"name": " \n"}):
        with pytest.raises(UsageError):
            case.bench.keeping.annotate(record_id, **said)
    with pytest.raises(NotFound):
        case.bench.keeping.annotate("0" * 32, name="x")
    assert not (case.project.home / "annotations.log").exists() and case.rows()[0].name == "baseline"


def _say(root: Path, record_id: str, number: int) -> None:
    bench = Workbench.at(root)
    for count in range(6):
        bench.keeping.annotate(record_id, name=f"{number}.{count}", starred=bool(count % 2))


def test_two_processes_at_once_agree_with_mlflow(case: Case) -> None:
    record_id = case.kernel().run(start={"name": "baseline"})
    case.drain()
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=_say, args=(case.project.root, record_id, number)) for number in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    lines = (case.project.home / "annotations.log").read_bytes().splitlines()
    assert sum(b'"annotated"' in line for line in lines) == 12
    said = Annotations(case.project.home).of(record_id)
    assert said is not None and said.name in ("0.5", "1.5") and said.starred is True
    (stored,) = case.store.search()
    assert stored.name == said.name, "MLflow has the last word, whichever side wrote last"
    assert case.rows()[0].unsaid is None
