"""The paths of a session's segments, and whether their kernel is still alive."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from .log import is_locked

if TYPE_CHECKING:
    from ..records.run import Session

KERNEL_SUFFIX = ".log"
HELPER_SUFFIX = ".helper"


def kernel_segment(journal: Path, session: str) -> Path:
    """The segment of the kernel of ``session``."""
    return journal / f"{session}{KERNEL_SUFFIX}"


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
