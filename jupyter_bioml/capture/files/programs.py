"""Processes that cells start and that cannot be watched: spawned workers and commands. They become gaps that name them.

A forked child is watched (:mod:`.forked`). What is started as a new program, by ``subprocess``, ``os.system``, ``!``,
``%%bash``, loky, dask or ``multiprocessing`` with *spawn*, has none of our stand-ins. Commands that a library starts
for purposes of its own (a version, the number of cores) are named only if they were given a file of the project.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from types import FrameType
from typing import TYPE_CHECKING, Any, NamedTuple

from ...redact import redact
from .data_files import STANDARD_LIBRARY

if TYPE_CHECKING:
    from .commands import Command

#: What the arguments of a worker hold → its name. The first that fits.
_WORKERS = (
    ("loky.backend.popen_loky_posix", "joblib's loky workers"),
    ("from multiprocessing.forkserver import", "multiprocessing's fork server and its workers"),
    ("from multiprocessing.spawn import", "multiprocessing's workers"),
    ("distributed.cli.dask_worker", "dask's workers"),
    ("distributed.cli.dask_spec", "dask's workers"),
    ("ipyparallel.engine", "ipyparallel's engines"),
    ("ray/_private/workers", "Ray's workers"),
    ("raylet", "Ray's workers"),
    ("org.apache.spark", "Spark"),
    ("spark-submit", "Spark"),
)
#: Whose workers ``multiprocessing`` starts, where a library asked it to.
_ASKED_BY = {"distributed": "dask's workers", "torch": "torch's workers", "ray": "Ray's workers"}
_TRACKERS = ("resource_tracker", "semaphore_tracker")
#: Programs that run code of the user's, also when a library starts them.
_ENGINES = frozenset(("R", "Rscript", "java", "julia", "matlab", "octave", "stata"))
#: Libraries through which the user's own command is run.
_FRONTS = frozenset(
    ("IPython", "ipykernel", "pexpect", "ptyprocess", "traitlets", "tornado", "asyncio", "nest_asyncio")
)
_PACKAGES = ("/site-packages/", "/dist-packages/")
_OURS = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))) + os.sep
#: Commands and workers named in one gap.
_NAMED = 5

_getcwd, _fsdecode = os.getcwd, os.fsdecode


class Started(NamedTuple):
    """A process that was started: a worker's name, or a command."""

    worker: str | None
    command: Command | None


class Programs:
    """The processes that the cells of one kernel started. ``name_of``: see :func:`.commands.command_of`."""

    def __init__(self, name_of: Callable[[str], str | None]) -> None:
        self._name_of = name_of
        self._workers: dict[int, tuple[str, int | None]] = {}
        """Process id → name, and what it had read when it was last looked at."""
        self._new: Counter[str] = Counter()
        self._commands: dict[Command, None] = {}

    # -- noting -----------------------------------------------------------------------------------

    def started(self, arguments: Iterable[Any], folder: Any = None) -> Started | None:
        """What a call that starts a process started; None: nothing worth a word. Called from a stand-in."""
        words = [_fsdecode(word) for word in arguments]
        text = " ".join(words[:20])
        if any(tracker in text for tracker in _TRACKERS):
            return None
        by = _starter(sys._getframe(1))
        if by == _OURS:
            return None
        for mark, name in _WORKERS:
            if mark in text:
                return Started(_ASKED_BY.get(by or "", name) if "multiprocessing" in mark else name, None)
        from .commands import command_of  # once a cell starts a program

        command = command_of(
            words, _getcwd() if folder is None else os.path.join(_getcwd(), _fsdecode(folder)), self._name_of
        )
        asked = by is None or command.given or not _ENGINES.isdisjoint(command.programs)
        if not command.programs or not asked:
            return None
        return Started(None, command)

    def add(self, found: Started, pid: int | None = None) -> None:
        """Note it; ``pid`` where the kernel started it itself."""
        if found.command is not None:
            self._commands[found.command] = None
        elif found.worker is not None:
            self._new[found.worker] += 1
            if pid:
                self._workers[pid] = (found.worker, None)

    # -- cells ------------------------------------------------------------------------------------

    def cell_started(self) -> None:
        """Workers that have ended since the last cell do nothing in this one."""
        for pid in [pid for pid in self._workers if _has_read(pid) is None]:
            del self._workers[pid]

    def gaps(self) -> list[str]:
        """What the cell that ended last started or used, and cannot be known."""
        counts = Counter(self._new)
        for pid, (name, before) in list(self._workers.items()):
            now = _has_read(pid)
            if before is not None and now != before:
                counts[name] += 1
            if now is None:
                del self._workers[pid]
            else:
                self._workers[pid] = (name, now)
        commands = list(self._commands)
        self._new, self._commands = Counter(), {}
        return [redact(reason) for reason in (*_of_workers(counts), *_of_commands(commands))]


def line_of(found: Started) -> list[Any]:
    """What a forked child tells of a process that it started."""
    command = found.command
    return [found.worker, None if command is None else [command.programs, command.given]]


def told_program(line: Any) -> Started:
    """A process as a child told it."""
    from .commands import Command

    worker, command = line
    return Started(worker, None if command is None else Command(tuple(command[0]), tuple(command[1])))


def _of_workers(counts: Counter[str]) -> Iterable[str]:
    if counts:
        yield _gap(counts.total(), "process", "processes", ", ".join(sorted(counts)))


def _of_commands(commands: list[Command]) -> Iterable[str]:
    if commands:
        told = [_shown(command) for command in commands[:_NAMED]]
        if len(commands) > _NAMED:
            told.append(f"{len(commands) - _NAMED:,} more")
        yield _gap(len(commands), "command", "commands", "; ".join(told))


def _gap(count: int, one: str, more: str, which: str) -> str:
    subject, verb, they = (one, "is", "it") if count == 1 else (more, "are", "they")
    started = f"{count:,} {subject} that cells started ({which})"
    return f"{started} {verb} not watched; what {they} read is unknown: name it with --data"


def _shown(command: Command) -> str:
    """``head, given data/p2.csv``."""
    files, more = command.given[:_NAMED], len(command.given) - _NAMED
    given = f", given {', '.join(files)}" if files else ""
    return " | ".join(command.programs[:_NAMED]) + given + (f" and {more:,} more" if more > 0 else "")


def _starter(frame: FrameType | None) -> str | None:
    """Who starts a process: None for the user's code, :data:`_OURS`, or the name of the library."""
    ours = True
    while frame is not None:
        file = frame.f_code.co_filename
        ours = ours and file.startswith(_OURS)  # the stand-in's own frames
        if not ours:
            package = next((file.rpartition(mark)[2] for mark in _PACKAGES if mark in file), None)
            if file.startswith(_OURS):
                return _OURS
            if package is not None:
                name = package.partition("/")[0].removesuffix(".py")
                if name not in _FRONTS:
                    return name
            elif not file.startswith((STANDARD_LIBRARY, "<frozen ")):
                return None
        frame = frame.f_back
    return None


def _has_read(pid: int) -> int | None:
    """How often a process and its children have read from anything; None: it has ended, or nothing can be told."""
    total = _reads_of(pid)
    if total is None:
        return None
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            children = file.read().split()
    except OSError:
        children = []
    return total + sum(_reads_of(int(child)) or 0 for child in children)


def _reads_of(pid: int) -> int | None:
    try:
        with open(f"/proc/{pid}/io", encoding="ascii") as file:
            for line in file:
                if line.startswith("syscr:"):
                    return int(line.split()[1])
    except OSError:
        pass
    return None
