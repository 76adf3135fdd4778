"""The reading end of the kernel's segment while it grows: entries, and the sync that power loss asks for."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from ..journal.disk import REFUSALS
from ..journal.lines import Entry, parse
from ..journal.shelter import Shelter

#: Entries the sampler acts on. Only their lines are decoded: ``log`` entries can come by the 100,000.
_DECODED = re.compile(rb'"t":"(?:session|started|finished|model|closed)"')
_RUN = re.compile(rb'"run":"([0-9a-f]{32})"')
#: Kind of the entry that stands for all lines of a run that were not decoded; its only other field is ``run``.
OTHER = ""


class SegmentTail:
    """Follows one segment through deletion and re-creation, and on into the memory where what the disk refuses waits.

    The file is kept open, so what is written to a deleted segment is still seen, and still there to be
    put back when its writer dies before it could.

    :param shelter: that memory; with it, the file need not be there yet.
    """

    def __init__(self, path: Path, shelter: Shelter | None = None) -> None:
        self.path = path
        self._shelter = shelter
        self._offset = 0
        self._seen = 0
        try:
            self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            if shelter is None or not shelter.length:
                raise
            self._fd = -1

    def _size(self) -> int:
        return os.fstat(self._fd).st_size if self._fd >= 0 else 0

    def _end(self) -> int:
        """Where the text ends, with what waits in memory."""
        shelter = self._shelter
        length = shelter.length if shelter is not None else 0
        return max(self._size(), shelter.base + length) if shelter is not None and length else self._size()

    def _text(self, end: int) -> bytes:
        """The text from :attr:`_offset` to ``end``."""
        size = min(self._size(), end)
        data = os.pread(self._fd, size - self._offset, self._offset) if size > self._offset else b""
        shelter = self._shelter
        if shelter is None or size >= end or len(data) < size - self._offset:
            return data
        base, length = shelter.base, shelter.length
        start = max(size, self._offset) - base
        waiting = shelter.memory.read(start, end - base) if 0 <= start <= length else b""
        return data + waiting if (base, length) == (shelter.base, min(length, shelter.length)) else data

    def grew(self) -> bool:
        """True when the segment is longer than at the last :meth:`read`."""
        return self._end() > self._seen

    def read(self) -> Iterator[Entry]:
        """Entries appended since the last call; a cut-off last line is left for the next one.

        Lines that :data:`_DECODED` does not name are not told one by one: after the others comes one
        ``{"t": OTHER, "run": id}`` for each run that any line names.
        """
        self._seen = self._end()
        data = self._text(self._seen)
        end = data.rfind(b"\n") + 1
        self._offset += end
        behind = 0
        for found in _DECODED.finditer(data, 0, end):
            if found.start() < behind:
                continue  # a second hit in one line
            start, behind = data.rfind(b"\n", 0, found.start()) + 1, data.index(b"\n", found.end()) + 1
            if (entry := parse(data[start:behind])) is not None:
                yield entry
        for run in {match[1] for match in _RUN.finditer(data, 0, end)}:
            yield {"t": OTHER, "run": run.decode()}

    def follow(self) -> bool:
        """Go over to the file that has the segment's name now; True when it is another one.

        A healed segment begins with all that the old one held, so reading goes on at the same place.
        """
        try:
            there = os.stat(self.path)
        except OSError:
            return False
        mine = os.fstat(self._fd) if self._fd >= 0 else None
        if mine is not None and (there.st_ino, there.st_dev) == (mine.st_ino, mine.st_dev):
            return False
        try:
            fd = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return False
        self.close()
        self._fd = fd
        if self._end() < self._offset:
            self._offset = 0
        self._seen = self._offset
        return True

    def close(self) -> None:
        """Let go of the file."""
        if self._fd >= 0:
            os.close(self._fd)

    def duplicate(self) -> int | None:
        """A descriptor of its own on the same file, for :func:`sync` in another thread; None: there is no file yet."""
        return os.dup(self._fd) if self._fd >= 0 else None

    def put_back(self) -> bool:
        """Rewrite the segment under its name if nothing has that name; True if it did.

        :raises OSError: when the disk refuses.
        """
        if self.path.exists() or self._fd < 0:
            return False
        self.path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.path.with_name(f"{self.path.name}.healing")
        temporary.write_bytes(os.pread(self._fd, os.fstat(self._fd).st_size, 0))
        os.rename(temporary, self.path)
        return True


def sync(fd: int) -> OSError | None:
    """Bring the file's content to the disk and close ``fd``; the error if the disk (or a server's quota) refuses only
    now what it took before."""
    try:
        os.fdatasync(fd) if hasattr(os, "fdatasync") else os.fsync(fd)
    except OSError as error:
        return error if error.errno in REFUSALS else None
    finally:
        os.close(fd)
    return None
