"""The end of a chain's file: where the next event goes, what a crash left there, and how bytes reach the disk."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import JournalError
from .event import decode

SUFFIX = ".jsonl"
#: A chain that was ended by hand, because its file is damaged, is kept beside the new one under this name.
ENDED = ".ended.jsonl"
#: The action of the event that declares a torn line, and what such a line ends with.
TORN, TORN_MARK = "torn-line", b"#torn"
_CHUNK = 1 << 16


@dataclass(frozen=True)
class Tail:
    """The end of the file."""

    event: dict[str, Any] | None
    """The last event."""
    torn: tuple[bytes, ...]
    """Torn lines that no event has declared yet; each ends with the mark, as it will lie in the file."""
    ending: bytes
    """The end of the last line: nothing, a newline, or the mark of a torn line and a newline."""


def read_tail(fd: int, path: Path) -> Tail:
    """The last event and what is behind it, reading no more of the file than needed.

    :raises JournalError: a complete line at the end is not a valid event: nothing may be appended to it.
    """
    at, data = os.fstat(fd).st_size, b""
    while True:
        start = max(0, at - _CHUNK)
        data = os.pread(fd, at - start, start) + data
        at = start
        tail = _from_lines(data if at == 0 else data.partition(b"\n")[2], path, whole=at == 0)
        if tail is not None:
            return tail


def _from_lines(data: bytes, path: Path, *, whole: bool) -> Tail | None:
    """The tail in the last lines of the file; None if more of it is needed (never if it is the ``whole``)."""
    *lines, last = data.split(b"\n")
    ending = b""
    if last:
        ending = b"\n" if decode(last).sound else TORN_MARK + b"\n"
        lines.append(last + ending[:-1])
    torn: list[bytes] = []
    declared: set[str] = set()
    event = None
    for raw in reversed(lines):
        line = decode(raw)
        if line.sound and line.document is not None:
            event = event or line.document
            if line.document["action"] != TORN:
                break
            declared.add(line.document["object_sha256"])
        elif raw.endswith(TORN_MARK):
            torn.append(raw)
        else:
            raise JournalError(
                f"A line at the end of {path} is damaged; nothing was logged after it.",
                next=f"Run: jupyter bioml audit verify. To start a new chain, rename the file to end with {ENDED}.",
            )
    else:
        if not whole:
            return None
    left = [raw for raw in reversed(torn) if hashlib.sha256(raw).hexdigest() not in declared]
    return Tail(event, tuple(left), ending)


def write(fd: int, size: int, data: bytes) -> None:
    """Append and sync to disk; if that fails, undo what was written.

    :raises OSError: when the disk refuses.
    """
    view = memoryview(data)
    try:
        while view:
            written = os.write(fd, view)
            if not written:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            view = view[written:]
        os.fsync(fd)
    except OSError:
        with contextlib.suppress(OSError):  # an append-only file: a torn line stays, which the next append ends
            os.ftruncate(fd, size)
        raise


def sync_folder(folder: Path) -> None:
    """Sync a new file's name, and the folder's own, to disk."""
    for place in (folder, folder.parent):
        fd = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
