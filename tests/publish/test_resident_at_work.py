"""What the resident process is for: notebooks, commands and many kernels, with MLflow imported once."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from fake_kernel import wait_until
from kernels import Kernel
from resident_case import COUNTS, residents, with_modules

from jupyter_bioml.config import Project, destination, find_project
from jupyter_bioml.journal.ledger import Ledger
from jupyter_bioml.publish.scan import waiting_for
from jupyter_bioml.sampler.handover import Handover
from jupyter_bioml.store.mlflow_store import MlflowStore

from .conftest import Sessions

FIT = """%%experiment fit --model clf
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
X, y = load_iris(return_X_y=True, as_frame=True)
clf = LogisticRegression(max_iter=20).fit(X, y)
accuracy = clf.score(X, y)
"""
KERNELS = 32


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for this test's resident process; imports of MLflow are noted in ``imports`` beside it."""
    folder = tmp_path / "runtime"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    counts = COUNTS.format(file=str(tmp_path / "imports"))
    monkeypatch.setenv("PYTHONPATH", with_modules(tmp_path / "modules", sitecustomize=counts))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def imports(tmp_path: Path) -> list[str]:
    return (tmp_path / "imports").read_text(encoding="utf-8").splitlines()


def ledger(project: Project) -> Ledger:
    return Ledger(project.publishing / f"{destination(project).key}.ledger")


def command(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-P", "-m", "jupyter_bioml.cli", *arguments]
    return subprocess.run(words, capture_output=True, text=True, timeout=180, check=False, **options)


def test_a_notebook_with_a_model_and_the_commands_after_it_import_mlflow_once(
    start_kernel: Callable[..., Kernel], project_dir: Path, runtime: Path, tmp_path: Path
) -> None:
    kernel = start_kernel()
    assert kernel.run(FIT).status == "ok"
    project = find_project(project_dir)
    (segment,) = project.journal.glob("*.log")
    record_id = re.findall(r'"t":"started".*"run":"(\w{32})"', segment.read_text(encoding="utf-8"))[-1]
    wait_until(lambda: ledger(project).state(record_id).model is not None)
    wait_until(lambda: not waiting_for(project, destination(project).key))
    (line,) = imports(tmp_path)
    assert "resident" in line
    starred = json.loads(command("star", record_id, "--json").stdout)
    assert starred["starred"] is True
    registered = command("register", record_id, "irises", "--json")
    assert registered.returncode == 0, registered.stderr
    assert imports(tmp_path) == [line], "the commands were run by forks of that process"
    refused = command("register", "ffff", "irises")
    assert (refused.returncode, refused.stdout) == (1, "") and "error:" in refused.stderr
    _in_a_terminal(record_id)
    assert imports(tmp_path) == [line]


def _in_a_terminal(record_id: str) -> None:
    """It asks, hears the answer and the interrupt, as if no other process ran it."""
    for answer, expected, code in ((b"n\n", b"Cancelled", 1), (None, b"Interrupted", 130)):
        ours, theirs = pty.openpty()
        # a runner in the background ignores the interrupt, and what it starts would, too
        words = ["env", "--default-signal=INT", sys.executable, "-P", "-m", "jupyter_bioml.cli", "forget", record_id]
        asks = subprocess.Popen(words, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
        os.close(theirs)
        said = _until(ours, b"[y/N]")
        if answer is None:
            said += _until(ours, expected, partial(asks.send_signal, signal.SIGINT))
        else:
            os.write(ours, answer)
            said += _until(ours, expected)
        assert asks.wait(timeout=60) == code, said
        os.close(ours)


def _until(terminal: int, text: bytes, again: Callable[[], None] = lambda: None) -> bytes:
    """What is said until ``text``. ``again``: a signal just before Python waits for input is seen with the next one."""
    said = b""
    while text not in said:
        again()
        if select.select([terminal], [], [], 1.0)[0]:
            said += os.read(terminal, 4096)
    return said


def test_a_command_is_not_run_by_a_process_that_looks_for_modules_elsewhere(
    runtime: Path, project_dir: Path, tmp_path: Path, new_session: Sessions
) -> None:
    session = new_session()
    record_id = session.run()
    session.end()
    assert command("publish", "--wait").returncode == 0
    assert len(imports(tmp_path)) == 1 and len(residents(runtime)) == 1
    words = [sys.executable, "-W", "ignore::FutureWarning", "-P", "-m", "jupyter_bioml.cli", "star", record_id]
    assert subprocess.run(words, capture_output=True, timeout=120, check=False).returncode == 0
    assert len(imports(tmp_path)) == 2, "other options: it ran by itself"


@pytest.mark.slow
def test_many_kernels_have_one_publisher(
    runtime: Path, project: Project, new_session: Sessions, tmp_path: Path
) -> None:
    target = destination(project)
    sessions = [new_session() for _ in range(KERNELS)]
    handovers = [Handover(str(project.root), str(project.home), target.key) for _ in sessions]
    expected = []

    def samples(number: int) -> None:
        for _ in range(2):
            expected.append(sessions[number].run())
            handovers[number].want()
            while not handovers[number].done:
                handovers[number].tick()
                time.sleep(0.05)

    threads = [threading.Thread(target=samples, args=(number,)) for number in range(KERNELS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert waiting_for(project, target.key) == ()
    runs = MlflowStore(target.uri).search()
    assert sorted(run.record_id or "" for run in runs) == sorted(expected)
    assert len(imports(tmp_path)) == 1 and len(residents(runtime)) == 1
