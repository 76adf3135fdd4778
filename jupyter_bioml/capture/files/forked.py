"""What forked children open: each tells it in one line of a file without a name that it shares with the kernel.

The file is made before the first fork and inherited by every child (of ``multiprocessing``, of a ``DataLoader``, of
``os.fork``). A line is one ``write``, so a child that is killed loses nothing that it told, and nobody
has to read while it writes: there is no pipe that could fill up or keep a process waiting. Programs that a child
starts do not inherit it. Memory shared beside it says which cell runs, so that a worker that lives on tells its files
again in the cell that uses it next; and a child that has closed all files before it becomes another program (as ``!``
does) leaves its last line there.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator
from typing import Any, NamedTuple

from .uses import Version

#: Kinds of lines.
FILE, DATABASE, FOLDER, PROGRAM, FAILED, OVER_LIMIT = "f", "d", "p", "c", "!", "x"
#: Bytes of lines that were taken before their memory is given back.
_GIVE_BACK = 4 << 20
_KEEP_SIZE_AND_PUNCH_HOLE = 3
# Places of the shared memory: the number of the cell; a child could not tell something; nobody listens any more; there
# are last lines. After them one slot for each last line.
_CELL, _UNTOLD, _CLOSED, _LAST = slice(0, 8), 8, 9, 10
_SLOT, _SLOTS = 1024, 31

_fstat, _write, _pread = os.fstat, os.write, os.pread


class ChildLine(NamedTuple):
    """One line of a child."""

    kind: str
    path: str = ""
    bits: int = 0
    version: Version | None = None
    more: Any = None


class ForkedChildren:
    """The kernel's end and, in a child, the child's end."""

    def __init__(self) -> None:
        self.forked = False
        """A child was forked since the kernel's end was opened: look for lines."""
        self.in_child = False
        self._file = -1
        self._identity = (0, 0)
        self._page: Any = None
        self._taken = self._given_back = 0
        self._cell = 0
        self._seen_cell = b""
        self._unwatched = 0
        self._program = b""

    # -- the kernel's end ---------------------------------------------------------------------------

    def before_fork(self) -> None:
        """Make what the child will share, once. What cannot be made is counted, and the fork goes on."""
        if self.in_child:
            return
        self.forked = True
        if self._file >= 0:
            return
        try:
            import mmap  # not before something is forked

            self._page = mmap.mmap(-1, _SLOT * (_SLOTS + 1))
            self._file = _nameless_file()
            stat = _fstat(self._file)
            self._identity = (stat.st_dev, stat.st_ino)
            self._taken = self._given_back = 0
            self._say_cell()
        except Exception:
            self._unwatched += 1

    def cell_started(self) -> None:
        """Children tell their files again."""
        self._cell += 1
        if self._page is not None:
            self._say_cell()

    def _say_cell(self) -> None:
        self._page[_CELL] = self._cell.to_bytes(8, "little")

    def told(self) -> Iterator[ChildLine]:
        """The lines since the last call, in the order in which they were written."""
        if self._file < 0:
            return
        if self._page[_LAST]:
            yield from self._last_lines()
        while chunk := _pread(self._file, 1 << 20, self._taken):
            whole = chunk.rfind(b"\n") + 1
            if not whole:
                return
            self._taken += whole
            for line in chunk[:whole].splitlines():
                with contextlib.suppress(ValueError, TypeError):
                    yield _read(json.loads(line))
        self._give_back()

    def _last_lines(self) -> Iterator[ChildLine]:
        self._page[_LAST] = 0
        for start in range(_SLOT, _SLOT * (_SLOTS + 1), _SLOT):
            if not self._page[start]:
                continue
            line = self._page[start : start + _SLOT].partition(b"\n")[0]
            self._page[start] = 0
            with contextlib.suppress(ValueError, TypeError):
                yield _read(json.loads(line))

    def gaps(self) -> Iterator[str]:
        """Why not all that children opened is known; each is said once."""
        if self._page is not None and self._page[_UNTOLD]:
            self._page[_UNTOLD] = 0
            yield "a forked process could not report everything that it read; the rest is unknown"
        count, self._unwatched = self._unwatched, 0
        if count:
            yield f"{count:,} forked processes could not be watched; what they read is unknown"

    def close(self) -> None:
        """Nobody listens any more; children that live on write nothing."""
        if self.in_child:
            return
        if self._page is not None:
            self._page[_CLOSED] = 1
        if self._file >= 0:
            os.close(self._file)
        self._file, self._page, self.forked = -1, None, False

    def _give_back(self) -> None:
        """Give the memory of the lines that were taken back; where they lie does not change."""
        if self._taken - self._given_back < _GIVE_BACK:
            return
        with contextlib.suppress(Exception):
            import ctypes

            begin, size = ctypes.c_long(self._given_back), ctypes.c_long(self._taken - self._given_back)
            ctypes.CDLL(None).fallocate(self._file, _KEEP_SIZE_AND_PUNCH_HOLE, begin, size)
        self._given_back = self._taken

    # -- the child's end -----------------------------------------------------------------------------

    def after_fork(self) -> bool:
        """In a child: whether it can tell."""
        self.in_child = True
        self._seen_cell = b""
        return self._file >= 0 and self._page is not None and not self._page[_CLOSED]

    def another_cell(self) -> bool:
        """In a child: whether another cell runs than at the last call."""
        now = self._page[_CELL]
        if now == self._seen_cell:
            return False
        self._seen_cell = now
        return True

    def tell(self, kind: str, path: str = "", bits: int = 0, version: Version | None = None, more: Any = None) -> None:
        """In a child: one line. A descriptor that the child has closed, or that is another file now, is left alone."""
        if self._page[_CLOSED]:
            return
        line = json.dumps([kind, path, bits, version, more]).encode("ascii") + b"\n"
        if kind == PROGRAM and line == self._program:
            return  # ``execvp`` tries one folder after the other
        self._program = line if kind == PROGRAM else b""
        try:
            stat = _fstat(self._file)
            told = (stat.st_dev, stat.st_ino) == self._identity and _write(self._file, line) == len(line)
        except OSError:
            told = False
        if not told and not (kind == PROGRAM and self._leave(line)):
            self._page[_UNTOLD] = 1

    def _leave(self, line: bytes) -> bool:
        """Leave the last line in shared memory; False when there is no room."""
        start = _SLOT * (1 + os.getpid() % _SLOTS)
        if len(line) > _SLOT or self._page[start]:
            return False
        self._page[start : start + len(line)] = line
        self._page[_LAST] = 1
        return True


def _read(line: Any) -> ChildLine:
    kind, path, bits, version, more = line
    return ChildLine(kind, path, bits, None if version is None else Version(*version), more)


def _nameless_file() -> int:
    """A file in memory, or one that is deleted at once; programs do not inherit it."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("bioml-children")
    descriptor, path = tempfile.mkstemp()
    os.unlink(path)
    return descriptor
