"""Waiting without polling: until the kernel writes, until it dies, or for a while.

A process that wakes 20 times a second to look at a file costs a quiet machine up to 0.4 % of a core. Where the
system cannot tell of writes or deaths (not Linux, limits used up), :meth:`Wakeup.wait` is a short sleep.
"""

from __future__ import annotations

import ctypes
import os
import select
import time
from pathlib import Path

from ..journal.liveness import process_started

_IN_MODIFY = 0x2
#: The longest sleep where writes cannot be waited for, seconds: what is written is synced within 100 ms.
POLL = 0.05


class Wakeup:
    """Waits for writes to one file and for the end of one process."""

    def __init__(self, pid: int, started: float | None) -> None:
        self._death = _process_descriptor(pid, started)
        self._writes = _inotify()
        self._watch = -1

    def watch(self, path: Path) -> None:
        """Wait for writes to the file that has this name now."""
        if self._writes < 0:
            return
        libc = ctypes.CDLL(None)
        if self._watch >= 0:
            libc.inotify_rm_watch(self._writes, self._watch)
        self._watch = libc.inotify_add_watch(self._writes, os.fsencode(path), _IN_MODIFY)

    def wait(self, seconds: float, *, for_writes: bool) -> bool:
        """Return after ``seconds``, or sooner when the process has ended, or (``for_writes``) the file grew.

        True, once, when the process has ended.
        """
        told_of_writes = self._watch >= 0
        if for_writes and not told_of_writes:
            seconds = min(seconds, POLL)
        poll = select.poll()
        if self._death >= 0:
            poll.register(self._death, select.POLLIN)
        if for_writes and told_of_writes:
            poll.register(self._writes, select.POLLIN)
        if self._death < 0 and not (for_writes and told_of_writes):
            time.sleep(seconds)
            return False
        ready = {fd for fd, _ in poll.poll(seconds * 1000)}
        if self._writes in ready:
            os.read(self._writes, 65536)
        if self._death in ready:
            os.close(self._death)
            self._death = -1
            return True
        return False


def _process_descriptor(pid: int, started: float | None) -> int:
    """A descriptor that becomes readable when the process ends; -1 where there is none."""
    try:
        fd = os.pidfd_open(pid)
    except (AttributeError, OSError):
        return -1
    if started is not None and process_started(pid) != started:  # another process has the number by now
        os.close(fd)
        return -1
    return fd


def _inotify() -> int:
    """A descriptor for changes of files; -1 where the system has none to give."""
    try:
        return int(ctypes.CDLL(None).inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC))
    except (OSError, AttributeError):
        return -1
