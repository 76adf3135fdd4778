"""Runs of another destination, and of folders that were moved or copied: none is invisible, none lost, none doubled."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest
from front_case import Bench
from mlflow import MlflowClient

from jupyter_bioml.config import Destination, Project, destination, destination_at, find_project, sqlite_uri
from jupyter_bioml.journal.liveness import kernel_segment
from jupyter_bioml.publish.publisher import Wait, run_publisher
from jupyter_bioml.server.bench import ServerBench
from jupyter_bioml.store.mlflow_store import MlflowStore

FIRST, SECOND = "20261121T120000-00000001", "20261121T130000-00000002"


@pytest.fixture
def shared(tmp_path: Path, empty_database: Path) -> str:
    """The URI of a store that several projects use."""
    file = tmp_path / "shared" / "mlflow.db"
    file.parent.mkdir()
    shutil.copy(empty_database, file)
    return sqlite_uri(file)


def write(bench: Bench, session: str, *names: str) -> list[str]:
    """A session whose kernel is gone, with a run of each name; returns their ids."""
    journal = bench.journal(session)
    made = [journal.run(name, {"auc": 0.5}) for name in names]
    journal.die()
    return made


def send(project: Project, target: Destination) -> None:
    assert run_publisher(project, target.key, wait=Wait()) == 0


def stored(uri: str) -> Counter[str]:
    """How often each record is in a store."""
    return Counter(run.record_id for run in MlflowStore(uri).search(limit=1000) if run.record_id)


def places(uri: str) -> set[str]:
    """The folders that hold the artifacts of a store's experiments."""
    return {one.artifact_location.rpartition("/")[0] for one in MlflowClient(uri).search_experiments()}


@pytest.mark.parametrize("option", ["--elsewhere", "--adopt"])
def test_runs_of_another_destination_are_told_and_sent(
    bench: Bench, shared: str, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    bench.store()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", shared)
    there = write(bench, FIRST, "one", "two")
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    (here,) = write(bench, SECOND, "three")
    own = destination(bench.project)
    send(bench.project, own)
    for words in (("status",), ("doctor",), ("runs",), ("publish", "--wait")):
        _, out, _ = bench.run(*words)
        assert f"2 runs were recorded for {shared}; none of them is there yet." in out, words
        assert "bioml publish --elsewhere" in out and "bioml publish --adopt" in out, words
    (place,) = bench.json("status")["elsewhere"]
    assert (place["runs"], [run["record_id"] for run in place["waiting"]]) == (2, there)
    server = ServerBench(bench.project, own)
    assert [(one.runs, len(one.waiting), one.text) for one in server.state().elsewhere] == [(2, 2, place["text"])]
    server.close()
    assert bench.run("publish", option)[0] == 0
    assert bench.run("publish", option)[0] == 0, "a second time there is nothing to do"
    assert stored(shared) == (Counter(there) if option == "--elsewhere" else {})
    assert stored(own.uri) == Counter([here] if option == "--elsewhere" else [*there, here])
    left = bench.json("status")
    assert left["waiting"] == [] and [run for one in left["elsewhere"] for run in one["waiting"]] == []
    listed = {row["record_id"] for row in bench.json("runs")}
    assert listed == ({here} if option == "--elsewhere" else {*there, here})
    assert "is not there yet" not in bench.run("runs")[1] + bench.run("doctor")[1]


def test_a_session_without_its_first_line_is_listed_and_sent_when_asked(bench: Bench) -> None:
    bench.store()
    (lost,) = write(bench, FIRST, "lost")
    path = kernel_segment(bench.project.journal, FIRST)
    path.write_bytes(path.read_bytes().replace(b'"host"', b'"hoax"', 1))
    assert [row["record_id"] for row in bench.json("runs")] == [lost]
    (place,) = bench.json("status")["elsewhere"]
    assert place["destination"] == "" and "do not say where" not in place["text"]
    assert place["text"].startswith("1 run does not say where to be sent, as the first line of the journal is damaged.")
    assert bench.run("publish", "--adopt")[0] == 0
    assert stored(destination(bench.project).uri) == {lost: 1} and bench.json("status")["elsewhere"] == []


@pytest.mark.parametrize("kept", [True, False], ids=["with its ledger", "without its ledger"])
@pytest.mark.parametrize("how", ["moved", "copied"])
def test_a_projects_own_database_goes_with_its_folder(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str, kept: bool
) -> None:
    bench.store()
    sent = write(bench, FIRST, "one", "two")
    send(bench.project, destination(bench.project))
    (waits,) = write(bench, SECOND, "three")
    there = tmp_path / "another place" / "study"
    there.parent.mkdir()
    (shutil.move if how == "moved" else shutil.copytree)(bench.project.root, there)
    if not kept:
        shutil.rmtree(there / ".bioml" / "publish")
    monkeypatch.chdir(there)
    project = find_project(there)
    own = destination(project)
    status = bench.json("status")
    assert status["elsewhere"] == []
    if kept:
        assert [run["record_id"] for run in status["waiting"]] == [waits]
    assert {row["record_id"] for row in bench.json("runs")} == {*sent, waits}
    send(project, own)
    assert bench.json("status")["waiting"] == []
    assert stored(own.uri) == Counter([*sent, waits])
    store = MlflowStore(own.uri)
    for run in store.search(limit=10):
        assert store.record(run.run_id).record_id == run.record_id, "its files came along"
    assert places(own.uri) == {(there / ".bioml" / "artifacts").as_uri()}
    if how == "copied":
        send(bench.project, destination(bench.project))
        assert stored(destination(bench.project).uri) == Counter([*sent, waits])


def test_a_copy_leaves_the_runs_to_the_original_on_a_shared_server(
    bench: Bench, shared: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", shared)
    target = destination_at(shared)
    sent = write(bench, FIRST, "one")
    send(bench.project, target)
    (waits,) = write(bench, SECOND, "two")
    there = tmp_path / "copy"
    shutil.copytree(bench.project.root, there)
    shutil.rmtree(there / ".bioml" / "publish")
    monkeypatch.chdir(there)
    copy = find_project(there)
    (place,) = bench.json("status")["elsewhere"]
    assert place["original"] == str(bench.project.root) and len(place["waiting"]) == 2
    send(copy, target)
    assert stored(shared) == Counter(sent), "the original sends them"
    assert bench.run("publish", "--adopt")[0] == 0
    assert stored(shared) == Counter([*sent, waits]), "what is there already is found by its record id"
    send(bench.project, target)
    assert stored(shared) == Counter([*sent, waits])
    shutil.rmtree(bench.project.root)
    assert bench.json("status")["elsewhere"] == [] and bench.json("status")["waiting"] == []
