"""Many kernels, and a server that was down, while the resident process is killed, stopped, upgraded and started by
several at once: nothing is lost, and nothing is sent twice."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fake_kernel import wait_until
from relay import Answer, relay
from resident_case import children, residents
from servers import TrackingServer

import jupyter_bioml
from jupyter_bioml.config import Destination, Project, destination
from jupyter_bioml.publish.lock import PublisherLock
from jupyter_bioml.publish.scan import waiting_for
from jupyter_bioml.publish.sending import publish
from jupyter_bioml.store.mlflow_store import MlflowStore

from .conftest import Sessions, check, write_records

#: What the samplers of so many kernels do: see that a publisher sends what was just written.
SAMPLERS = """
import sys, time
from jupyter_bioml.sampler.handover import Handover
handovers = [Handover(*sys.argv[1:4]) for _ in range(int(sys.argv[4]))]
for handover in handovers:
    handover.want()
while not all(handover.done for handover in handovers):
    for handover in handovers:
        handover.tick()
    time.sleep(0.05)
"""
MACHINES = 4


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the package, which all processes of the test use, and which can be upgraded."""
    folder = tmp_path / "site" / "jupyter_bioml"
    source = Path(jupyter_bioml.__file__).parent
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("labextension", "__pycache__"))
    before = os.environ.get("PYTHONPATH")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(folder.parent), before])))
    return folder


def samplers(project: Project, target: Destination, kernels: int) -> subprocess.Popen[bytes]:
    words = [str(project.root), str(project.home), target.key, str(kernels)]
    return subprocess.Popen([sys.executable, "-P", "-c", SAMPLERS, *words])


class Disturbances:
    """What happens to the resident process, at random moments."""

    def __init__(self, runtime: Path, package: Path) -> None:
        self.runtime, self.package = runtime, package
        self.dice = random.Random(20261204)
        self.done: list[str] = []
        self.sent = threading.Event()
        """Everything is: no resident process will be there again."""

    def killed(self) -> None:
        """With what was forked from it, or alone."""
        for pid in residents(self.runtime):
            self._send(signal.SIGKILL, *(children(pid) if self.dice.random() < 0.5 else ()), pid)

    def stopped(self) -> None:
        """For a second."""
        found = residents(self.runtime)
        self._send(signal.SIGSTOP, *found)
        time.sleep(1.0)
        self._send(signal.SIGCONT, *found)

    def upgraded(self) -> None:
        with (self.package / "errors.py").open("a") as file:
            file.write("# another version\n")

    def _send(self, number: signal.Signals, *pids: int) -> None:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
                self.done.append(f"{number.name} {pid}")

    def run(self, kind: str, times: int) -> None:
        """So many times, each once there is a resident process."""
        for _ in range(times):
            wait_until(lambda: residents(self.runtime) or self.sent.is_set())
            if self.sent.wait(self.dice.uniform(0, 3)):
                return
            getattr(self, kind)()


@pytest.mark.parametrize("kind", ["killed", "stopped", "upgraded"])
@pytest.mark.parametrize("kernels, times", [(8, 2), pytest.param(32, 8, marks=pytest.mark.slow)])
def test_many_kernels_lose_nothing(
    kind: str, kernels: int, times: int, project: Project, target: Destination, database: Path, new_session: Sessions,
    own_runtime: Path, package: Path,
) -> None:  # fmt: skip
    """The first ones start it at the same moment."""
    disturbances = Disturbances(own_runtime, package)
    expected = write_records(new_session, kernels, sessions=kernels)
    at_work = [samplers(project, target, kernels // MACHINES) for _ in range(MACHINES)]
    disturber = threading.Thread(target=disturbances.run, args=(kind, times))
    disturber.start()
    assert [process.wait(timeout=600) for process in at_work] == [0] * MACHINES
    disturbances.sent.set()
    disturber.join()
    new_session.end()
    assert publish(project, target, timeout=None).waiting == ()
    check(MlflowStore(target.uri), project, target, expected)
    assert disturbances.done or kind == "upgraded"


@pytest.mark.parametrize("kind", ["killed", "upgraded"])
def test_what_waited_for_a_server_is_sent_once_by_another_resident_process(
    kind: str, project: Project, tracking_server: TrackingServer, new_session: Sessions, own_runtime: Path,
    package: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with relay(tracking_server.uri) as way:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", way.uri)
        way.instead = lambda asked: Answer(503)
        target = destination(project)
        session = new_session(target)
        ids = [session.run(start={"name": f"run {number}"}, metrics={"auc": number / 10}) for number in range(3)]
        session.end()
        at_work = samplers(project, target, 2)
        lock = project.publishing / f"{target.key}.lock"
        _long_wait(lambda: lock.exists() and PublisherLock(lock).read()[1] > 0)
        assert len(waiting_for(project, target.key)) == 3 and (before := residents(own_runtime))
        at_work.kill()
        at_work.wait()
        getattr(Disturbances(own_runtime, package), kind)()
        way.instead = lambda asked: None
        words = [sys.executable, "-P", "-m", "jupyter_bioml.cli", "publish", "--wait"]
        sent = subprocess.run(words, capture_output=True, text=True, check=False, timeout=600)
        assert sent.returncode == 0, sent.stderr
        assert set(residents(own_runtime)) - set(before), "another one"
        runs = MlflowStore(tracking_server.uri).search(ours=False, deleted=True)
        assert sorted(str(run.record_id) for run in runs) == sorted(ids)
        assert waiting_for(project, target.key) == ()


def _long_wait(condition: Callable[[], Any]) -> None:
    """Longer than an import of MLflow, on a machine that is busy."""
    for _ in range(5):
        with contextlib.suppress(AssertionError):
            wait_until(condition)
            return
    raise AssertionError("never came")
