"""The sessions of a project: their segments, whether their kernel lives, their folded records."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..records.fold import SessionFold
from ..records.run import Session
from .log import SegmentReader, is_locked

KERNEL_SUFFIX = ".log"
HELPER_SUFFIX = ".helper"


def kernel_segment(journal: Path, session: str) -> Path:
    """Where the kernel of ``session`` writes."""
    return journal / f"{session}{KERNEL_SUFFIX}"


def helper_segment(journal: Path, session: str) -> Path:
    """Where the helper process of ``session`` writes."""
    return journal / f"{session}{HELPER_SUFFIX}"


@dataclass
class SessionLog:
    """One session's two segments, read as they grow."""

    path: Path
    fold: SessionFold = field(default_factory=SessionFold)

    def __post_init__(self) -> None:
        self._kernel = SegmentReader(self.path)
        self._helper = SegmentReader(self.path.with_suffix(HELPER_SUFFIX))

    def refresh(self) -> int:
        """Feed what was appended since the last call; returns how many entries that were."""
        count = 0
        for reader in (self._kernel, self._helper):
            for line in reader.read():
                self.fold.feed(line.entry)
                count += 1
        return count

    @property
    def corrupt(self) -> int:
        """Lines that were skipped because their checksum failed."""
        return self._kernel.corrupt + self._helper.corrupt

    def dead(self) -> bool:
        """True when the kernel of this session is gone, or has unloaded the extension."""
        if self.fold.closed:
            return True
        session = self.fold.session
        return not is_alive(self.path, session) if session else is_locked(self.path) is not True


def boot_id() -> str | None:
    """The identity of this boot of this machine (Linux)."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return None


def pid_namespace() -> str | None:
    """The identity of this process's pid namespace (containers have their own)."""
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return None


def process_started(pid: int) -> float | None:
    """Start time of a process in clock ticks since boot (Linux), None when there is none (or a zombie)."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    state, *rest = text.rpartition(")")[2].split()
    return None if state in "ZX" else float(rest[18])


def is_alive(segment: Path, session: Session) -> bool:
    """Whether the kernel that wrote ``segment`` still runs.

    The lock on its segment tells; a process of the same pid on the same boot that started at another
    time, or none, overrules a lock that a stray child inherited. Where locks do not reach, another
    host's kernel counts as alive: it cannot be seen from here.
    """
    here = session.host == socket.gethostname() and session.boot == boot_id()
    locked = is_locked(segment)
    if here and session.pid_namespace == pid_namespace() and session.process_started is not None:
        running = process_started(session.pid) == session.process_started
        return running if locked is not False else False
    if locked is None:
        return not here
    return locked


def sessions(journal: Path) -> Iterator[SessionLog]:
    """Every session of a journal folder, oldest first, read up to now."""
    try:
        paths = [path for path in journal.iterdir() if path.suffix == KERNEL_SUFFIX]
    except OSError:
        return
    for path in sorted(paths):
        log = SessionLog(path)
        log.refresh()
        if log.fold.session is not None:
            yield log
