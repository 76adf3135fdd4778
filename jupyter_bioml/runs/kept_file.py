"""One file of named parts, read whole or not at all: written beside its place, renamed, and checked by its checksum.

It holds what can be found out again from its sources, so that nothing here fails: a file that is damaged, of another
version or not there is None, and one that cannot be written is left away.
"""

from __future__ import annotations

import contextlib
import json
import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..config import on_network

_MAGIC = b"bioml-index"
#: Files of one destination that other versions of this package may keep beside this one.
_BESIDE = 3


class Parts:
    """The parts of a file, each read when it is asked for."""

    def __init__(self, data: bytes, table: Mapping[str, tuple[int, int]]) -> None:
        self._data = data
        self._table = table

    def part(self, name: str) -> bytes:
        """A part as it was written."""
        start, length = self._table[name]
        return self._data[start : start + length]

    def piece(self, name: str, start: int, length: int) -> bytes:
        """Some bytes of a part, without the rest of it."""
        start += self._table[name][0]
        return self._data[start : start + length]

    def json(self, name: str) -> Any:
        """A part that is JSON."""
        return json.loads(self.part(name))


def read(path: Path, code: str) -> Parts | None:
    """The parts of the file; None: it is not whole, of another version than ``code``, or there is none."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    end = data.find(b"\n")
    words = data[:end].split(b" ") if 0 < end < 200 else []
    if len(words) != 4 or words[:2] != [_MAGIC, code.encode()] or words[2] != b"%d" % (len(data) - end - 1):
        return None
    rest = memoryview(data)[end + 1 :]
    if words[3] != b"%08x" % zlib.crc32(rest):
        return None
    behind = data.index(b"\n", end + 1)
    table, start = {}, behind + 1
    for name, length in json.loads(data[end + 1 : behind]):
        table[name] = start, length
        start += length
    return Parts(data, table)


def write(path: Path, code: str, parts: Mapping[str, bytes]) -> bool:
    """Put the file there; False: it cannot be written, or lies on a network file system."""
    table = json.dumps([[name, len(data)] for name, data in parts.items()]).encode() + b"\n"
    rest = b"".join([table, *parts.values()])
    new = path.with_name(f".{path.name}.{os.getpid()}-{os.urandom(4).hex()}")
    try:
        if on_network(path.parent.parent):
            return False
        path.parent.mkdir(exist_ok=True)
        fd = os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        with open(fd, "wb") as file:
            file.write(b"%s %s %d %08x\n" % (_MAGIC, code.encode(), len(rest), zlib.crc32(rest)))
            file.write(rest)
        os.replace(new, path)
    except OSError:
        with contextlib.suppress(OSError):
            new.unlink()
        return False
    _clean(path)
    return True


def _clean(path: Path) -> None:
    """Take away the files of versions that were here long ago."""
    stem = path.name.rpartition("-")[0]
    with contextlib.suppress(OSError):
        others = [one for one in path.parent.glob(f"{stem}-*") if one != path]
        for old in sorted(others, key=lambda one: one.stat().st_mtime)[:-_BESIDE]:
            old.unlink()
