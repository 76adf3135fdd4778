"""Reading files of checksummed lines, also damaged ones: every line that is whole is read, and the others are counted.

What happens to files on real disks and through real tools costs no more than the bytes that were hit: line ends of
Windows (git's ``autocrlf``, an editor), a byte order mark, blocks of zeros (ext4 after a power loss), a last line that
was cut off, a lost newline between two lines, and lines that were written twice.
"""

from __future__ import annotations

import json
import os
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

Entry = dict[str, Any]
#: Bytes of a line; a longer one is damage (zeros without end), not an entry.
LINE_LIMIT = 1 << 26
#: Places in one damaged line at which another line may begin: more are not tried.
TRIES = 64
_BEGIN = re.compile(rb"[0-9a-f]{8} \{")
_AROUND = b"\r\n\x00\xef\xbb\xbf"


@dataclass(frozen=True)
class Line:
    """One readable line: its entry and the offset just behind it."""

    entry: Entry
    end: int


class SegmentReader:
    """Reads a segment from an offset; call :meth:`read` again to go on.

    :param before: checksums of the lines before the offset, which were read at another time.
    :ivar offset: behind the last line read.
    :ivar corrupt: how many lines were damaged; what is whole in them was read all the same.
    :ivar cut: bytes of a last line that has no end (yet): in flight while its writer lives, else damage.
    :ivar doubtful: a line may be one of those before the offset, written a second time: read the file from its start.
    :ivar refused: why the file cannot be read; None: it can, or there is none.
    """

    def __init__(self, path: Path, offset: int = 0, before: frozenset[int] = frozenset()) -> None:
        self.path = path
        self.offset = offset
        self.corrupt = 0
        self.cut = 0
        self.doubtful = False
        self.refused: str | None = None
        self._before = before
        self._seen: set[int] = set()
        self._looked: tuple[int, int] = (-1, -1)

    @property
    def damaged(self) -> int:
        """How many lines are damaged once nobody writes the file any more."""
        return self.corrupt + bool(self.cut)

    def read(self) -> Iterator[Line]:
        """Whole lines since :attr:`offset`. A cut-off tail is left for the next call."""
        try:
            with open(self.path, "rb") as file:
                self.refused = None
                size = os.fstat(file.fileno()).st_size
                if self._looked == (self.offset, size):
                    return
                self._looked = (-1, -1)
                file.seek(self.offset)
                yield from self._lines(file)
                self._looked = (self.offset, size)
        except FileNotFoundError:
            self.refused = None
        except OSError as error:
            self.refused = error.strerror or type(error).__name__

    def _lines(self, file: IO[bytes]) -> Iterator[Line]:
        self.cut = 0
        while line := file.readline(LINE_LIMIT):
            whole, length = line.endswith(b"\n"), len(line)
            entries, damaged = _entries(line)
            if not whole and length == LINE_LIMIT:
                whole, entries, damaged, length = True, [], True, length + _rest(file)
            if whole or not damaged:
                self.offset += length
                self.corrupt += damaged
            else:
                self.cut = length  # it may still be growing: it is read again
            for payload, entry in entries:
                if (key := hash(payload)) not in self._seen:  # a line that was written twice counts once
                    self._seen.add(key)
                    self.doubtful |= bool(self._before) and zlib.crc32(payload) in self._before
                    yield Line(entry, self.offset)


def _rest(file: IO[bytes]) -> int:
    """How many bytes there are to the end of a line that is too long."""
    length = 0
    while more := file.readline(LINE_LIMIT):
        length += len(more)
        if more.endswith(b"\n"):
            break
    return length


def parse(line: bytes) -> Entry | None:
    """The entry of one line, or None when it is not what its checksum says."""
    found = _frame(line.strip(b"\r\n"))
    return None if found is None else found[1]


def _entries(line: bytes) -> tuple[list[tuple[bytes, Entry]], bool]:
    """The entries of one line of the file, and whether something else is in it."""
    found = _frame(line[:-1] if line.endswith(b"\n") else line)
    if found is not None:
        return [found], False
    inner = line.strip(_AROUND)
    if not inner:
        return [], b"\x00" in line
    found = _frame(inner)
    if found is not None:
        return [found], b"\x00" in line
    return _salvaged(inner), True


def _salvaged(line: bytes) -> list[tuple[bytes, Entry]]:
    """Entries that stand whole within a damaged line: a lost newline joined it with its neighbour."""
    begins = [match.start() for match in _BEGIN.finditer(line)][:TRIES]
    found, behind = [], 0
    for number, begin in enumerate(begins):
        if begin < behind:
            continue
        for end in (*begins[number + 1 : number + 5], len(line)):
            # what joins two lines is one byte in place of the newline, or none
            entry = next((one for cut in (end, end - 1) if (one := _frame(line[begin:cut].strip(_AROUND)))), None)
            if entry is not None:
                found.append(entry)
                behind = end
                break
    return found


def _frame(line: bytes) -> tuple[bytes, Entry] | None:
    """The text of one line and its entry; None where it is not what its checksum says."""
    payload = line[9:]
    try:
        if int(line[:8], 16) != zlib.crc32(payload):
            return None
        entry = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    return (payload, entry) if isinstance(entry, dict) else None
