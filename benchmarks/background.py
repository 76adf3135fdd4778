"""What our processes beside a kernel cost: processor time for a notebook with a model, memory, many kernels at once."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from .cells import TAG
from .figures import Figure
from .kernels import Kernel, home_of, kernel, workplace

#: A cell that fits a model and keeps it.
FIT = """%%experiment fit --model clf
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
X, y = load_breast_cancer(return_X_y=True, as_frame=True)
clf = LogisticRegression(max_iter=50).fit(X / X.max(), y)
accuracy = clf.score(X / X.max(), y)
"""
SMALL = "learning_rate = 0.1\naccuracy = 0.9\n"
#: Seconds until everything must be published, and until what is idle must have ended.
PUBLISHED, ENDED = 180.0, 150.0
#: Seconds for which idle kernels are watched.
WATCHED = 20.0


def measure(quick: bool) -> list[Figure]:
    """Processor time, memory, and 32 kernels."""
    return [*_one_notebook(), _added_to_the_kernel(), *_many(4 if quick else 32)]


def _one_notebook() -> list[Figure]:
    with workplace() as folder:
        _make_database(folder)
        began = time.perf_counter()
        with kernel(folder, load=True) as tracked:
            tracked.run(FIT)
            ended = time.perf_counter()
            _published(folder, 1)
            took = time.perf_counter() - ended
            spent = sum(_seconds(process) for process in ours(folder))
            memory = _memory(ours(folder))
            _idle(folder)
            idle = _memory(ours(folder))
    note = f"the project has a database; {ended - began:.1f} s to the end of the cell, then {took:.1f} s to MLflow"
    return [
        Figure("processor time of our processes, one notebook with a model", "s", spent, 5, note=note),
        Figure("memory of our processes just after publishing", "MB", memory, note="no budget: gone when idle"),
        Figure("memory of our processes while a notebook is idle", "MB", idle, 60),
    ]


def _make_database(folder: Path) -> None:
    """As in any project but a new one, whose first publisher runs all of MLflow's migrations: a second, once."""
    code = "import sys; from jupyter_bioml.store.mlflow_store import MlflowStore; MlflowStore(sys.argv[1])"
    subprocess.run([sys.executable, "-c", code, f"sqlite:///{folder}/.bioml/mlflow.db"], check=True)


def _added_to_the_kernel() -> Figure:
    with workplace() as folder, kernel(folder, load=True) as tracked, kernel(folder) as plain:
        for one in (tracked, plain):
            for _ in range(20):
                one.run(SMALL, TAG)
        added = _memory([_process(tracked)]) - _memory([_process(plain)])
    return Figure("memory added to the kernel", "MB", added, 15, note="after 20 tracked cells, memory not shared")


def _many(count: int) -> list[Figure]:
    with workplace() as folder, contextlib.ExitStack() as stack:
        kernels = [stack.enter_context(kernel(folder, load=True)) for _ in range(count)]
        publishers = 0
        for one in kernels:
            one.run(SMALL, TAG)
        ended = time.perf_counter()
        for _ in _until(PUBLISHED):
            publishers = max(publishers, _publishers(folder))
            if _sent(folder, count):
                break
        oldest = time.perf_counter() - ended
        _idle(folder)
        before = {process.pid: _seconds(process) for process in ours(folder)}
        time.sleep(WATCHED)
        spent = sum(_seconds(process) - before.get(process.pid, 0.0) for process in ours(folder))
    what = f"{count} kernels on one project"
    return [
        Figure(f"{what}: publishers at once", "", float(publishers), 1),
        Figure(f"{what}: the last is in MLflow after its cell's end", "s", oldest, 10),
        Figure(f"{what}, idle: of one core", "%", 100 * spent / WATCHED, 1),
    ]


def ours(folder: Path) -> list[psutil.Process]:
    """Our processes that live for the kernels of this folder: samplers, publishers, and what they ask for."""
    home, found = str(home_of(folder)), []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            ours = any(part.startswith("jupyter_bioml.") for part in process.cmdline())
            if ours and process.environ().get("HOME", "").startswith(home):
                found.append(process)
    return found


def _seconds(process: psutil.Process) -> float:
    """Its processor time, and that of its children that have ended."""
    with contextlib.suppress(psutil.Error):
        return float(sum(process.cpu_times()[:4]))
    return 0.0


def _memory(processes: list[psutil.Process]) -> float:
    """Megabytes in their own use; what several of them share is counted once."""
    total = 0
    for process in processes:
        with contextlib.suppress(psutil.Error):
            total += process.memory_full_info().pss
    return total / 1e6


def _process(one: Kernel) -> psutil.Process:
    return psutil.Process(one.result("import os; bench_result(os.getpid())"))


def _until(seconds: float) -> Iterator[None]:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        yield
        time.sleep(0.05)
    raise TimeoutError(f"not after {seconds:.0f} s")


def _published(folder: Path, count: int) -> None:
    """Wait until so many runs are sent."""
    for _ in _until(PUBLISHED):
        if _sent(folder, count):
            return


def _sent(folder: Path, count: int) -> bool:
    text = "".join(file.read_text() for file in (folder / ".bioml" / "publish").glob("*.ledger"))
    return text.count('"t":"done"') >= count and '"open":true' not in text.rsplit('"t":"done"', 1)[-1]


def _publishers(folder: Path) -> int:
    """The processes that hold the lock of the folder's publisher."""
    inodes = {file.stat().st_ino for file in (folder / ".bioml" / "publish").glob("*.lock")}
    lines = Path("/proc/locks").read_text(encoding="utf-8").splitlines()
    return sum("FLOCK" in line and "->" not in line and int(line.split()[5].split(":")[2]) in inodes for line in lines)


def _idle(folder: Path) -> None:
    """Wait until only the processes that live as long as their kernels are left."""
    for _ in _until(ENDED):
        if all("jupyter_bioml.sampler.loop" in process.cmdline() for process in ours(folder)):
            return
