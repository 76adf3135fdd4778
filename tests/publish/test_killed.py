"""A publisher killed at any moment: every record is in MLflow afterwards, none twice, none lost."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from resident_case import children, residents

from jupyter_bioml.config import Destination, Project
from jupyter_bioml.journal.ledger import Ledger
from jupyter_bioml.processes.programs import start
from jupyter_bioml.publish.lock import PublisherLock
from jupyter_bioml.publish.publisher import Publisher
from jupyter_bioml.publish.sending import MODULE, arguments, publish
from jupyter_bioml.store.mlflow_store import MlflowStore

from .conftest import Sessions

RECORDS, KILLS = 24, 60


@pytest.fixture
def database(target: Destination, empty_database: Path) -> Path:
    """The project's database, not opened by this process: connections do not survive a fork."""
    assert target.database is not None
    target.database.write_bytes(empty_database.read_bytes())
    return target.database


def publish_in_child(project: Project, target: Destination, seconds: float | None, store: Any = MlflowStore) -> bool:
    """Drain in a forked process, killed with SIGKILL after ``seconds``; True when it came to its end."""
    pid = os.fork()
    if pid == 0:
        code = 9
        try:
            lock = PublisherLock(project.publishing / f"{target.key}.lock")
            assert lock.acquire(), "the killed publisher's lock is free"
            code = 0 if Publisher(project, target.key, lock, store).drain() else 1
        finally:
            os._exit(code)
    if seconds is not None:
        time.sleep(seconds)
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) in (0, -signal.SIGKILL), "it failed by itself"
    return os.waitstatus_to_exitcode(status) == 0


def write_records(new_session: Sessions, count: int) -> dict[str, str]:
    """Records in two sessions, one of them cut off in mid-cell; record id → status."""
    expected = {}
    for number in range(count):
        if number % (count // 2) == 0:
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


@pytest.mark.slow
def test_killed_at_random_moments(project: Project, target: Destination, database: Path, new_session: Sessions) -> None:
    expected = write_records(new_session, RECORDS)
    new_session.end()
    moments = random.Random(20261121)
    finished = sum(publish_in_child(project, target, moments.uniform(0, 0.4)) for _ in range(KILLS))
    assert finished < KILLS, "some were killed at work"
    assert publish_in_child(project, target, None)
    check(MlflowStore(target.uri), project, target, expected)


@pytest.mark.parametrize("kills", [2, pytest.param(15, marks=pytest.mark.slow)])
def test_the_resident_process_and_its_forks_killed_at_random_moments(
    kills: int, project: Project, target: Destination, database: Path, new_session: Sessions, own_runtime: Path
) -> None:
    """While it imports, while a publisher is at work; with its publisher or without."""
    expected = write_records(new_session, RECORDS)
    new_session.end()
    moments = random.Random(20261201)
    for number in range(kills):
        start(MODULE, arguments(project, target.key))
        time.sleep(moments.uniform(0, 6))
        for resident in residents(own_runtime):
            forks = children(resident)
            for pid in [[resident], forks, [*forks, resident]][number % 3]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
    report = publish(project, target, timeout=None)
    assert report.waiting == ()
    check(MlflowStore(target.uri), project, target, expected)


@pytest.fixture
def own_runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder in which no other test's resident process is met."""
    folder = tmp_path / "runtime"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


class Dying(MlflowStore):
    """The real store in a process that dies just before or just after its n-th change of it."""

    moment = 0
    changes = 0

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name in ("create_run", "write", "add_inputs", "add_artifacts", "end_run", "open_experiment"):
            return lambda *args, **kwargs: self.change(found, *args, **kwargs)
        return found

    def change(self, method: Any, *args: Any, **kwargs: Any) -> Any:
        type(self).changes += 1
        self.die_at(2 * self.changes - 1)
        answer = method(*args, **kwargs)
        self.die_at(2 * self.changes)
        return answer

    def die_at(self, moment: int) -> None:
        if moment == self.moment:
            os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.slow
def test_killed_around_every_change_of_the_store(
    project: Project,
    target: Destination,
    database: Path,
    new_session: Sessions,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session = new_session()
    data = project.root / "a.csv"
    data.write_text("x\n1\n")
    expected = {}
    for moment in range(1, 40):
        record_id = session.start(f"x = {moment}", name=f"run {moment}")
        for step in range(20):
            session.write("log", run=record_id, m={"loss": step / 7}, step=step)
        use = {"name": "a.csv", "role": "read", "path": str(data)}
        session.finish(record_id, params={"number": moment}, metrics={"auc": moment / 100}, data=[use])
        expected[record_id] = "FINISHED"
        monkeypatch.setattr(Dying, "moment", moment)
        if publish_in_child(project, target, None, Dying):
            break
    else:
        pytest.fail("it never came to its end")
    assert len(expected) > 10
    session.end()
    assert publish_in_child(project, target, None)
    check(MlflowStore(target.uri), project, target, expected)
