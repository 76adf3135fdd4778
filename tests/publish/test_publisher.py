"""The loop: what does not hold up the rest, what is not done again, and who may publish."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_bioml.config import Destination, Project, destination
from jupyter_bioml.errors import BiomlError, JournalError, StoreUnavailable
from jupyter_bioml.journal.ledger import Ledger, LedgerRefused
from jupyter_bioml.journal.log import Segment, is_locked
from jupyter_bioml.publish import publisher as publishing
from jupyter_bioml.publish.lock import PublisherLock
from jupyter_bioml.publish.publisher import Wait, run_publisher, tracking_uri
from jupyter_bioml.publish.scan import JournalScan, waiting
from jupyter_bioml.publish.sending import publish
from jupyter_bioml.store.memory import MemoryStore
from jupyter_bioml.store.mlflow_store import MlflowStore

from .conftest import Sessions, SyntheticSession, drained

Drain = Callable[[], Any]


class OneIsRefused(MemoryStore):
    """Takes everything but one name."""

    def __init__(self, name: str, error: Exception) -> None:
        super().__init__()
        self._name = name
        self._error = error

    def create_run(self, experiment_id: str, name: str, started: float, tags: Any) -> str:
        if name == self._name:
            raise self._error
        return super().create_run(experiment_id, name, started, tags)


@pytest.mark.parametrize(
    "error", [BiomlError("it is cursed"), StoreUnavailable("it is cursed"), ValueError("it is cursed")]
)
def test_a_record_that_cannot_be_sent_is_named_and_holds_up_nobody(
    project: Project, target: Destination, session: SyntheticSession, error: Exception
) -> None:
    store = OneIsRefused("bad", error)
    good = [session.run(start={"name": "good"})]
    bad = session.run(start={"name": "bad"})
    part = session.run(start={"name": "part", "part_of": bad})
    good.append(session.run(start={"name": "good"}))
    drained(project, target, store)
    assert sorted(str(run.record_id) for run in store.search()) == sorted(good)
    reasons = {item.record_id: item.reason for item in waiting(project, target)}
    assert "it is cursed" in reasons[bad] and "belongs to could not be sent" in reasons[part]
    store._name = ""
    session.end()
    drained(project, target, store)
    assert waiting(project, target) == () and len(store.search()) == 3


def test_a_journal_that_cannot_be_read_is_named_and_holds_up_nobody(
    project: Project, target: Destination, session: SyntheticSession, memory: MemoryStore, send: Drain
) -> None:
    future = Segment(project.journal / "20261121T000000-00000001.log")
    header = {"t": "session", "at": 1.0, "schema": 99, "session": "x", "destination_key": target.key}
    future.append(header)
    future.close()
    (project.journal / "20261121T000000-00000002.log").write_bytes(b"garbage\n\x00\xff\n")
    record_id = session.run()
    session.end()
    send()
    assert [run.record_id for run in memory.search()] == [record_id]
    assert all("newer version" in item.reason for item in waiting(project, target))


def test_sessions_that_are_wholly_sent_are_not_read_again(
    project: Project, target: Destination, new_session: Sessions, send: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        session = new_session()
        session.run()
        session.end()
    send()
    alive = new_session()
    alive.run()
    read: list[str] = []
    monkeypatch.setattr(
        publishing.JournalScan,
        "_read",
        lambda self, path, inner=JournalScan._read: (read.append(path.stem), inner(self, path)),
    )
    send()
    assert read == [alive.id]
    Segment(project.journal / f"{session.id}.log").append({"t": "later", "at": time.time()})
    read.clear()
    send()
    assert sorted(read) == sorted([alive.id, session.id]), "one that grew is read"


def test_each_destination_gets_its_own_records(
    project: Project, target: Destination, new_session: Sessions, memory: MemoryStore, send: Drain
) -> None:
    other = Destination("http://127.0.0.1:9", "f" * 16, False)
    here, there = new_session().run(), new_session(other).run()
    new_session.end()
    send()
    assert [run.record_id for run in memory.search()] == [here]
    assert waiting(project, target) == () and [item.record_id for item in waiting(project, other)] == [there]
    store = MemoryStore()
    drained(project, other, store)
    assert [run.record_id for run in store.search()] == [there] and waiting(project, other) == ()


def test_a_destination_is_reached_with_the_environments_credentials_or_by_its_plain_address(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://ada:secret@tracking.example:5000")
    target = destination(project)
    assert "secret" not in target.uri
    assert tracking_uri(project, target.key, target.uri) == "http://ada:secret@tracking.example:5000"
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    assert tracking_uri(project, target.key, target.uri) == "http://tracking.example:5000"
    assert tracking_uri(project, destination(project).key, None) == f"sqlite:///{project.home}/mlflow.db"
    with pytest.raises(StoreUnavailable):
        tracking_uri(project, "f" * 16, None)


def test_a_database_that_was_deleted_gets_everything_again_once(
    project: Project,
    target: Destination,
    session: SyntheticSession,
    store: MlflowStore,
    empty_database: Path,
    tmp_path: Path,
) -> None:
    data = tmp_path / "a.csv"
    data.write_text("as it was read")
    record_id = session.run(metrics={"auc": 0.5}, data=[{"name": "a.csv", "role": "read", "path": str(data)}])
    session.end()
    drained(project, target, store)
    digest = store.record(store.find_record(record_id)[0].run_id).data[0].digest
    data.write_text("changed since")
    assert target.database is not None
    for file in project.home.glob("mlflow.db*"):
        file.unlink()
    again = MlflowStore(target.uri)
    drained(project, target, again)
    (run,) = again.find_record(record_id)
    assert run.metrics == {"auc": 0.5} and again.record(run.run_id).data[0].digest == digest
    (project.publishing / f"{target.key}.ledger").unlink()
    drained(project, target, again)
    assert [found.run_id for found in again.search(ours=False)] == [run.run_id], "a lost ledger sends nothing twice"
    assert len(again.history(run.run_id, "auc")) == 1


def test_a_publisher_stays_while_a_kernel_lives_and_leaves_with_it(
    project: Project, target: Destination, session: SyntheticSession, memory: MemoryStore
) -> None:
    session.run()
    codes: list[int] = []
    work = threading.Thread(
        target=lambda: codes.append(run_publisher(project, target.key, open_store=lambda uri: memory))
    )
    work.start()
    for count in (1, 2, 3):
        until = time.monotonic() + 60
        while len(memory.search()) < count and time.monotonic() < until:
            time.sleep(0.05)
        assert len(memory.search()) == count and work.is_alive()
        assert run_publisher(project, target.key, wait=Wait(60)) == 0, "one that waits sees that all is sent"
        session.run()
    session.end()
    work.join(60)
    assert codes == [0] and len(memory.search()) == 4
    scanned, retry = PublisherLock(project.publishing / f"{target.key}.lock").read()
    assert scanned > 0 and retry == 0


def test_one_session_is_waited_for_while_another_kernel_computes(
    project: Project, target: Destination, new_session: Sessions, memory: MemoryStore
) -> None:
    mine, other = new_session(), new_session()
    mine.run()
    running = other.start("while True: pass")
    mine.end()
    assert run_publisher(project, target.key, wait=Wait(60, mine.id), open_store=lambda uri: memory) == 0
    assert run_publisher(project, target.key, wait=Wait(60), open_store=lambda uri: memory) == 1
    assert [item.record_id for item in waiting(project, target)] == [running]
    lock = PublisherLock(project.publishing / f"{target.key}.lock")
    assert lock.acquire()
    assert run_publisher(project, target.key, wait=Wait(60)) == 1, "what still runs is named, not waited for"
    assert run_publisher(project, target.key, wait=Wait(60, mine.id)) == 0
    lock.release()


def test_a_quiet_kernel_does_not_keep_a_publisher(
    project: Project,
    target: Destination,
    session: SyntheticSession,
    memory: MemoryStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(publishing, "LINGER", 0.2)
    session.run()
    assert run_publisher(project, target.key, open_store=lambda uri: memory) == 0
    assert len(memory.search()) == 1


def test_a_disk_that_takes_no_ledger_stops_the_publisher_before_it_sends_anything(
    project: Project,
    target: Destination,
    session: SyntheticSession,
    memory: MemoryStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session.run()
    monkeypatch.setattr(Segment, "append", lambda self, entry: False)
    with pytest.raises(LedgerRefused, match="publisher stopped"):
        drained(project, target, memory)
    assert memory.search(ours=False) == []


def test_nothing_to_send_starts_nothing(project: Project, target: Destination) -> None:
    report = publish(project, target, wait=True)
    assert (report.published, report.waiting, report.said) == (0, (), ())
    assert not project.publishing.exists() and not (project.home / "mlflow.db").exists()


def test_what_the_store_says_reaches_the_user(
    project: Project, target: Destination, session: SyntheticSession, memory: MemoryStore, send: Drain
) -> None:
    identity, _ = memory.open_experiment("analysis.ipynb")
    memory.delete_experiment(identity)
    session.run()
    send()
    ((_, said),) = Ledger(project.publishing / f"{target.key}.ledger").said
    assert "analysis.ipynb" in said and "restored" in said


def test_a_helper_that_still_works_is_waited_for(
    project: Project, target: Destination, session: SyntheticSession, memory: MemoryStore, send: Drain
) -> None:
    helper = Segment(project.journal / f"{session.id}.helper")
    record_id = session.run(start={"git": {"commit": "c" * 40}})
    assert send().scan.soon()
    assert memory.search() == [] and "environment" in waiting(project, target)[0].reason
    helper.append({"t": "environment", "at": time.time(), "digest": "e" * 64, "blob": session.blobs.put(b"{}")})
    helper.append({"t": "patch", "run": record_id, "at": time.time(), "dirty": False})
    assert not send().scan.soon()
    document = json.loads(memory.read_artifact(memory.search()[0].run_id, "bioml/record.json"))
    assert document["environment"]["digest"] == "e" * 64 and document["git"]["dirty"] is False
    helper.close()


def test_looking_whether_a_kernel_lives_never_keeps_one_from_starting(tmp_path: Path) -> None:
    path = tmp_path / "segment.log"
    path.touch()
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            is_locked(path)

    lookers = [threading.Thread(target=look) for _ in range(2)]
    for looker in lookers:
        looker.start()
    try:
        for _ in range(300):
            Segment(path).close()
    finally:
        over.set()
        for looker in lookers:
            looker.join()
    held = Segment(path)
    with pytest.raises(JournalError):
        Segment(path)
    held.close()


def test_the_publisher_ends_when_the_project_is_deleted(
    project: Project, target: Destination, session: SyntheticSession
) -> None:
    session.run(pending=["model"])  # one that it would wait for as long as the kernel lives
    ended: list[int] = []
    publisher = threading.Thread(
        target=lambda: ended.append(run_publisher(project, target.key, open_store=lambda _: MemoryStore())), daemon=True
    )
    publisher.start()
    while not project.publishing.exists() or not list(project.publishing.glob("*.ledger")):
        time.sleep(0.01)
    publisher.join(1)
    assert publisher.is_alive()
    shutil.rmtree(project.home)
    publisher.join(30)
    assert ended == [0]


def test_a_deleted_ledger_stops_the_publisher_instead_of_its_memory(tmp_path: Path) -> None:
    """The attempts to log a model are counted in the ledger: without it they would never end."""
    ledger = Ledger(tmp_path / "publish" / "x.ledger")
    ledger.open()
    ledger.append("trying", run="a" * 32)
    shutil.rmtree(tmp_path / "publish")
    with pytest.raises(LedgerRefused, match="was deleted"):
        ledger.append("trying", run="a" * 32)
    ledger.close()
