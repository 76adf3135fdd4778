"""A log of checksummed lines with many writers: each takes the lock of the file for the one line it writes.

The lines are those of the segments, only ever appended to; the order of the lines is the order of the changes. A
process that sent changes to a destination appends an ``applied`` line (``about``, ``key``, ``done``, ``refused``), so
that every other process knows: the destination has the changes up to the line ``done``, or refused them.
"""

from __future__ import annotations

import fcntl
import getpass
import math
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ..errors import JournalError
from ..records.shape import LineShape, Unfit
from .lines import Entry, SegmentReader
from .log import frame

_APPLIED = LineShape.of(
    key=str, done=str, at=float, more={"about": str | None, "run": str | None, "refused": str | None}
)


class SharedLog:
    """One such file. Reading needs no lock. A subclass has a method ``_on_<kind>`` for each kind of line.

    :param path: the file; made by the first line. Its second lock lies beside it, as ``<name>.lock``.
    :param shapes: of the subclass's lines, by kind.
    """

    def __init__(self, path: Path, shapes: Mapping[str, LineShape]) -> None:
        self.path = path
        self._shapes = {**shapes, "applied": _APPLIED}
        self._misshapen = 0
        self._lock = path.with_suffix(".lock")
        self._reader = SegmentReader(path)
        self._applied: dict[tuple[str, str], tuple[str, float]] = {}
        self._refused: dict[tuple[str, str], str] = {}
        self.refresh()

    def refresh(self) -> None:
        """Read what any process has appended."""
        for line in self._reader.read():
            if (shape := self._shapes.get(str(line.entry.get("t")))) is not None:  # else of a newer version
                self._take(shape, line.entry)

    def _take(self, shape: LineShape, entry: Entry) -> None:
        """One line; of a damaged one what fits counts."""
        try:
            kept, left_out = shape.checked(entry)
            getattr(self, f"_on_{entry['t']}")(kept)
            self._misshapen += bool(left_out)
        except (Unfit, LookupError, TypeError, ValueError, AttributeError, RecursionError, JournalError):
            self._misshapen += 1

    def damage(self) -> str | None:
        """What of the file cannot be read; None: everything can."""
        return damage_of(self.path.name, self._reader, self._misshapen, "what they said of runs is not known")

    @contextmanager
    def applying(self) -> Iterator[None]:
        """One at a time tells the destination, so that an older word never overwrites a newer one.

        What any process has said is read when the lock is held.
        """
        with _locked(self._lock):
            self.refresh()
            yield

    def _append(self, kind: str, /, **fields: Any) -> None:
        """Append one line; on the disk when it returns.

        :raises JournalError: when it cannot be written; nothing was changed then.
        """
        self._append_all(kind, [fields])

    def _append_all(self, kind: str, said: Iterable[Mapping[str, Any]]) -> None:
        """Append a line for each of these; all are on the disk when it returns.

        :raises JournalError: when they cannot be written; what the disk took of them counts.
        """
        lines = bytearray()
        for fields in said:
            entry: Entry = {"t": kind, "id": os.urandom(8).hex(), "at": time.time()}
            lines += frame({**entry, **{key: value for key, value in fields.items() if value is not None}})
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with _locked(self.path) as fd:
                _write(fd, bytes(lines))
        except OSError as error:
            raise JournalError(
                f"{self.path} cannot be written ({error.strerror or error}); nothing was changed.",
                next="Make the folder writable or free space on the disk, then try again.",
            ) from None
        self.refresh()

    # -- what a destination has ------------------------------------------------------------------

    def _apply(self, about: str, key: str, done: str, refused: str | None) -> None:
        self._append("applied", about=about, key=key, done=done, refused=refused)

    def _told(self, about: str, key: str, last: str, moment: float = math.inf) -> bool:
        """Whether the destination had the line ``last``, or had refused it, at a moment (epoch seconds)."""
        done, at = self._applied.get((about, key), ("", 0.0))
        return done == last and at <= moment

    def _on_applied(self, entry: Entry) -> None:
        place = entry.get("about") or entry["run"], entry["key"]  # the first versions said run
        self._applied[place] = entry["done"], entry["at"]
        self._refused.pop(place, None)
        if entry.get("refused"):
            self._refused[place] = entry["refused"]


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    """``path`` opened for appending, its lock held. A file system without locks goes without."""
    fd = os.open(path, os.O_CREAT | os.O_APPEND | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        with suppress(OSError):
            fcntl.flock(fd, fcntl.LOCK_EX)
        yield fd
    finally:
        os.close(fd)


def _write(fd: int, line: bytes) -> None:
    """Append lines and bring them to the disk, behind a newline where the last writer was cut off in mid-line.

    :raises OSError: when the disk refuses; what it took of the line fails its checksum.
    """
    size = os.fstat(fd).st_size
    view = memoryview(b"\n" + line if size and os.pread(fd, 1, size - 1) != b"\n" else line)
    while view:
        view = view[os.write(fd, view) :]
    os.fsync(fd)


def damage_of(name: str, reader: SegmentReader, misshapen: int, what: str) -> str | None:
    """What is damaged of a file of lines, as a sentence; None: nothing is.

    :param what: the end of the sentence: what follows from it.
    """
    if reader.refused:
        return f"{name} cannot be read ({reader.refused})."
    count = reader.damaged + misshapen
    if not count:
        return None
    lines = "1 line of {} is damaged" if count == 1 else f"{count:,} lines of {{}} are damaged"
    return f"{lines.format(name)}: {what}; all its other lines count."


def user_name() -> str:
    """The user's name; the number if the machine has no name for it."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return str(os.getuid())
