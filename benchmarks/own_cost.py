"""What a kernel's own thread spends: processor time, and the instructions that it executes.

Wall time holds the noise of the machine, processor time some of it (what the caches lost to others), the number of
instructions next to none. They are counted by ``valgrind --tool=callgrind``, in kernels of their own, as it makes
them some fifty times slower; hardware counters (``perf stat``) are hidden from most virtual machines.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from .cells import TAG
from .kernels import Kernel, workplace

Work = Callable[[Kernel], None]
#: Names of what a row says beside its wall time.
CPU, INSTRUCTIONS = "CPU time of the kernel's thread", "its instructions"
#: Each thread is counted by itself; the kernel's own is the first.
_COUNTER = ("valgrind", "--quiet", "--tool=callgrind", "--separate-threads=yes")
_FIRST_THREAD = "-01"
_TOTALS = re.compile(r"^totals: (\d+)", re.MULTILINE)


def thread_seconds(pid: int) -> float | None:
    """Processor time of a process's first thread so far; None where the system does not tell it to the microsecond."""
    try:
        nanoseconds = Path(f"/proc/{pid}/task/{pid}/schedstat").read_text(encoding="ascii").split()[0]
    except OSError:
        return None
    return int(nanoseconds) / 1e9


def no_counter() -> str | None:
    """Why instructions cannot be counted here; None: they can."""
    missing = [tool for tool in ("valgrind", "vgdb") if shutil.which(tool) is None]
    return f"not counted: {' and '.join(missing)} not installed" if missing else None


def instructions(prepare: Work, *works: Work, load: bool) -> list[int]:
    """Instructions that the kernel's own thread executes for each of ``works``, from its requests until it is idle.

    :param prepare: what is run before and does not count.
    :param load: with our extension.
    """
    with workplace() as folder:
        counts = folder.parent / "counts"
        counts.mkdir()
        command = (*_COUNTER, f"--callgrind-out-file={counts}/out.%p", sys.executable)
        counted = Kernel(folder, under=command, load=load)
        try:
            prepare(counted)
            return [_counted(work, counted, counts) for work in works]
        finally:
            counted.close()


def cells(*sources: str) -> Work:
    """A work: these tracked cells, one after the other."""

    def work(one: Kernel) -> None:
        for source in sources:
            one.run(source, TAG)

    return work


def in_words(count: float) -> str:
    """A number of instructions: ``19.4 thousand``, ``4.07 million``."""
    return f"{count / 1e6:,.2f} million" if count >= 1e6 else f"{count / 1e3:,.1f} thousand"


def _counted(work: Work, counted: Kernel, counts: Path) -> int:
    for file in counts.iterdir():
        file.unlink()
    _tell(counted, "zero")
    work(counted)
    _tell(counted, "dump")
    return sum(map(_total, counts.glob(f"out.*{_FIRST_THREAD}")))


def _tell(counted: Kernel, command: str) -> None:
    subprocess.run(["vgdb", f"--pid={counted.pid}", command], check=True, capture_output=True, timeout=300)


def _total(file: Path) -> int:
    found = _TOTALS.search(file.read_text(encoding="utf-8"))
    return int(found[1]) if found is not None else 0
