"""Synthetic journals: sessions written as a kernel and its helper write them, without a kernel."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_bioml.config import Destination, Project, destination, find_project
from jupyter_bioml.journal.blobs import Blobs
from jupyter_bioml.journal.ledger import Ledger
from jupyter_bioml.journal.liveness import HELPER_SUFFIX, boot_id, kernel_segment, pid_namespace
from jupyter_bioml.journal.log import Segment
from jupyter_bioml.publish.lock import PublisherLock
from jupyter_bioml.publish.publisher import Publisher
from jupyter_bioml.store.base import Store
from jupyter_bioml.store.memory import MemoryStore
from jupyter_bioml.store.mlflow_store import MlflowStore


class SyntheticSession:
    """One kernel's segment, and its helper's. :meth:`end` is the kernel's end; without it the kernel lives."""

    def __init__(self, project: Project, target: Destination, name: str = "", **header: Any) -> None:
        self.project = project
        self.uri, self.key = target.uri, target.key
        self.blobs = Blobs(project.blobs)
        self.id = name or f"20261121T120000-{os.urandom(4).hex()}"
        self.segment = Segment(kernel_segment(project.journal, self.id))
        self.seq = 0
        self.write(
            "session", schema=1, session=self.id, started=time.time(), pid=os.getpid(), process_started=None,
            host=socket.gethostname(), boot=boot_id(), pid_namespace=pid_namespace(), python="3.11.9",
            executable="", user="ada", project=str(project.root), home=str(project.home), cwd=str(project.root),
            notebook="analysis.ipynb", path_source="front-end", destination=target.uri, destination_key=target.key,
            **header,
        )  # fmt: skip

    def write(self, kind: str, /, **fields: Any) -> None:
        assert self.segment.append({"t": kind, "at": fields.pop("at", time.time()), **fields})

    def help(self, kind: str, /, **fields: Any) -> None:
        """One line of the helper process."""
        segment = Segment(self.segment.path.with_suffix(HELPER_SUFFIX))
        assert segment.append({"t": kind, "at": time.time(), **fields})
        segment.close()

    def start(self, source: str = "x = 1", mark: str = "magic", **fields: Any) -> str:
        """A cell starts; returns its record id."""
        self.seq += 1
        record_id = os.urandom(16).hex()
        code = {"source": source, "cell_id": f"cell-{self.seq}", "notebook": "analysis.ipynb", "path_source": "engine"}
        code |= fields.pop("code", {})
        self.write("started", run=record_id, seq=self.seq, mark=mark, code=code, **fields)
        return record_id

    def finish(self, record_id: str, status: str = "FINISHED", **fields: Any) -> None:
        self.write("finished", run=record_id, status=status, duration=0.5, execution_count=self.seq, **fields)

    def run(self, source: str = "x = 1", *, start: dict[str, Any] | None = None, **fields: Any) -> str:
        """A whole cell run; returns its record id."""
        record_id = self.start(source, **(start or {}))
        self.finish(record_id, **fields)
        return record_id

    def end(self) -> None:
        """The kernel is gone (as after ``kill -9``: nothing is written)."""
        self.segment.close()


@pytest.fixture
def project(project_dir: Path) -> Project:
    return find_project(project_dir)


@pytest.fixture
def target(project: Project) -> Destination:
    return destination(project)


class Sessions:
    """A factory of sessions in one project."""

    def __init__(self, project: Project, target: Destination) -> None:
        self._project = project
        self._target = target
        self._made: list[SyntheticSession] = []

    def __call__(self, where: Destination | None = None, **header: Any) -> SyntheticSession:
        self._made.append(SyntheticSession(self._project, where or self._target, **header))
        return self._made[-1]

    def end(self) -> None:
        """Every kernel is gone."""
        for session in self._made:
            session.end()


@pytest.fixture
def new_session(project: Project, target: Destination) -> Iterator[Sessions]:
    """A factory of sessions in the project; all end with the test."""
    sessions = Sessions(project, target)
    yield sessions
    sessions.end()


@pytest.fixture
def session(new_session: Sessions) -> SyntheticSession:
    return new_session()


@pytest.fixture
def store(project: Project, target: Destination, empty_database: Path) -> MlflowStore:
    """The project's embedded store."""
    assert target.database is not None
    target.database.write_bytes(empty_database.read_bytes())
    return MlflowStore(target.uri)


@pytest.fixture
def drain(project: Project, target: Destination, store: MlflowStore) -> Callable[[], Publisher]:
    """Drain the journal in this process, as one publisher would."""

    return lambda: drained(project, target, store)


def drained(project: Project, target: Destination, store: Store) -> Publisher:
    lock = PublisherLock(project.publishing / f"{target.key}.lock")
    assert lock.acquire()
    publisher = Publisher(project, target.key, lock, lambda uri: store)
    publisher.drain()
    publisher.close()
    lock.release()
    return publisher


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def memory() -> MemoryStore:
    """A store that costs nothing; it keeps the same contract as MLflow (``tests/store``)."""
    return MemoryStore()


@pytest.fixture
def send(project: Project, target: Destination, memory: MemoryStore) -> Callable[[], Publisher]:
    """Drain the journal into the store in memory."""
    return lambda: drained(project, target, memory)


@pytest.fixture
def database(target: Destination, empty_database: Path) -> Path:
    """The project's database, not opened by this process: connections do not survive a fork."""
    assert target.database is not None
    target.database.write_bytes(empty_database.read_bytes())
    return target.database


@pytest.fixture
def own_runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder in which no other test's resident process is met."""
    folder = tmp_path / "runtime"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def write_records(new_session: Sessions, count: int, sessions: int = 2) -> dict[str, str]:
    """Records in so many sessions, one of them cut off in mid-cell; record id → status."""
    expected = {}
    for number in range(count):
        if number % (count // sessions) == 0:
            session = new_session()
        record_id = session.start(f"x = {number}", name=f"run {number}")
        for step in range(20):
            session.write("log", run=record_id, m={"loss": step / 7}, step=step)
        expected[record_id] = ["FINISHED", "FAILED", "KILLED"][number % 3]
        session.finish(record_id, expected[record_id], params={"number": number}, metrics={"auc": number / 100})
    cut = session.start("while True: pass", name="cut")
    expected[cut] = "KILLED"
    return expected


def check(store: MlflowStore, project: Project, target: Destination, expected: dict[str, str]) -> None:
    """Every record of :func:`write_records` is there, once and whole."""
    runs = store.search(ours=False, deleted=True)
    assert sorted(run.record_id or "" for run in runs) == sorted(expected), "each once, none lost"
    ledger = Ledger(project.publishing / f"{target.key}.ledger")
    for run in runs:
        assert run.record_id is not None and run.status == expected[run.record_id]
        assert ledger.run_id(run.record_id) == run.run_id and run.ended is not None
        assert store.record(run.run_id).status == run.status
        if run.name != "cut":
            number = int(run.name.split()[1])
            assert run.params == {"number": str(number)}
            assert [(m.step, m.value) for m in store.history(run.run_id, "loss")] == [(s, s / 7) for s in range(20)]
            assert [m.value for m in store.history(run.run_id, "auc")] == [number / 100]
