"""A server that is down, silent, broken or closed to us: everything is kept, named, and sent once afterwards."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from ports import closed_address
from servers import answering, mlflow_server, silent

from jupyter_bioml.config import Destination, Project, destination
from jupyter_bioml.journal.ledger import Ledger
from jupyter_bioml.journal.log import is_locked
from jupyter_bioml.publish.lock import PublisherLock
from jupyter_bioml.publish.publisher import FIRST_DELAY, Publisher, Wait, run_publisher
from jupyter_bioml.publish.scan import waiting
from jupyter_bioml.publish.sending import publish
from jupyter_bioml.store.mlflow_store import MlflowStore

from .conftest import Sessions


@pytest.fixture
def server_target(project: Project, monkeypatch: pytest.MonkeyPatch) -> Destination:
    """A destination on a port where nothing listens yet."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", closed_address())
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
    return destination(project)


def drain(project: Project, target: Destination) -> bool:
    lock = PublisherLock(project.publishing / f"{target.key}.lock")
    assert lock.acquire()
    publisher = Publisher(project, target.key, lock)
    try:
        return publisher.drain()
    finally:
        publisher.close()
        lock.release()


def test_a_server_that_fails_in_every_way_and_comes_back_has_everything_once(
    project: Project,
    server_target: Destination,
    new_session: Sessions,
    tmp_path: Path,
    empty_database: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    session = new_session(server_target)
    figure = {"kind": "display", "mime": "image/png", "blob": session.blobs.put(b"\x89PNG"), "size": 4}
    ids = []
    for number in range(3):
        ids.append(session.start(name=f"run {number}"))
        session.write("output", run=ids[-1], o=[figure])
        session.finish(ids[-1], params={"n": number}, metrics={"auc": number / 10})
    session.end()
    port = int(server_target.uri.rpartition(":")[2])
    lock = PublisherLock(project.publishing / f"{server_target.key}.lock")
    failures: list[tuple[Callable[[], Any], str]] = [
        (lambda: nullcontext(), "connection refused"),
        (lambda: silent(port), "does not respond"),
        (lambda: answering(port, 500), "error 500"),
        (lambda: answering(port, 401), "credentials"),
        (lambda: answering(port, 403), "credentials"),
    ]
    delay = FIRST_DELAY
    for failure, reason in failures:
        with failure():
            assert drain(project, server_target) is False
        left = waiting(project, server_target)
        assert [item.record_id for item in left] == ids and [item.name for item in left] == ["run 0", "run 1", "run 2"]
        assert all(reason in item.reason for item in left), left
        scanned, retry = lock.read()
        assert scanned == 0 and delay - 3 < retry - time.time() <= delay
        delay *= 2
    assert Ledger(project.publishing / f"{server_target.key}.ledger").outage.denied  # type: ignore[union-attr]
    assert run_publisher(project, server_target.key) == 0, "not before the time to try again"
    assert waiting(project, server_target)

    with mlflow_server(port, tmp_path / "server", empty_database):
        assert run_publisher(project, server_target.key, wait=Wait()) == 0
        store = MlflowStore(server_target.uri)
        assert sorted(str(run.record_id) for run in store.search(ours=False, deleted=True)) == sorted(ids)
        for number, record_id in enumerate(ids):
            (run,) = store.find_record(record_id)
            assert run.status == "FINISHED" and run.params == {"n": str(number)}
            assert [metric.value for metric in store.history(run.run_id, "auc")] == [number / 10]
            assert store.read_artifact(run.run_id, "bioml/outputs/display_00.png") == b"\x89PNG"
        assert waiting(project, server_target) == () and lock.read()[0] > 0 and lock.read()[1] == 0
        assert run_publisher(project, server_target.key, wait=Wait()) == 0
        assert len(store.search(ours=False, deleted=True)) == 3
    assert not (Path.cwd() / "mlruns").exists()
    assert capsys.readouterr().out == ""


def test_publish_waits_no_longer_than_it_is_told_and_names_what_waits(
    project: Project, server_target: Destination, new_session: Sessions
) -> None:
    session = new_session(server_target)
    record_id = session.run(start={"name": "forest"})
    session.end()
    report = publish(project, server_target, wait=True, timeout=120)
    assert report.published == 0 and (report.waiting[0].record_id, report.waiting[0].name) == (record_id, "forest")
    assert "does not answer" in report.why(record_id) and "127.0.0.1" in report.why(record_id)
    assert (project.publishing / f"{server_target.key}.log").read_text().count("does not answer") >= 1
    module = [sys.executable, "-m", "jupyter_bioml.publish", str(project.root), str(project.home), server_target.key]
    by_hand = subprocess.run([*module, "--wait"], capture_output=True, text=True, check=False)
    assert by_hand.returncode == 1 and f"{record_id[:8]} forest: " in by_hand.stderr and by_hand.stdout == ""


def test_a_second_publisher_leaves_at_once_and_one_that_waits_is_answered(
    project: Project, server_target: Destination, new_session: Sessions
) -> None:
    session = new_session(server_target)
    session.run()
    lock = PublisherLock(project.publishing / f"{server_target.key}.lock")
    assert lock.acquire()
    assert is_locked(project.publishing / f"{server_target.key}.lock")
    assert run_publisher(project, server_target.key) == 0
    assert run_publisher(project, server_target.key, wait=Wait(0.1)) == 1
    lock.release()
    assert not (project.publishing / f"{server_target.key}.ledger").exists(), "neither touched anything"
