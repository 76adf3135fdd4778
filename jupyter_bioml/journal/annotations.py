"""The user's later changes to runs: names, notes, stars, archive marks, and tombstones of deleted ones.

One file beside the segments, ``annotations.log``: the same checksummed lines, only ever appended to, but with
many writers: each takes the lock of the file for the one line it writes. The order of the lines is the order of
what was said; the last word on a field counts. Lines (``run`` is a record id, ``key`` a destination's):

``annotated`` id, run, key, run_id, user, and of name, note, starred, archived those that were said.
``deleted`` id, run, key, run_id, user, host, name, why, also (records of its parts and children), child_runs.
``applied`` run, key, done, refused: the destination has what was said up to the line ``done``, or will not take it.
"""

from __future__ import annotations

import dataclasses
import fcntl
import getpass
import os
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import JournalError
from .log import Entry, SegmentReader, frame

FILE, LOCK = "annotations.log", "annotations.lock"


@dataclass(frozen=True)
class Annotation:
    """The changes to one run; None: unchanged here."""

    record_id: str
    last: str
    """Id of the newest line."""
    key: str
    """The destination that the run belongs to."""
    run_id: str | None = None
    """Its MLflow run, where that was known."""
    name: str | None = None
    note: str | None = None
    starred: bool | None = None
    archived: bool | None = None


@dataclass(frozen=True)
class Tombstone:
    """A run that was deleted: it is not listed and never sent again."""

    record_id: str
    last: str
    key: str
    run_id: str | None
    name: str
    at: float
    """Seconds since the epoch."""
    user: str
    host: str
    why: str | None = None
    also: tuple[str, ...] = ()
    """Records of its parts and children, which went with it."""
    child_runs: tuple[str, ...] = ()
    """The MLflow runs of its children, as far as they were known."""


class Annotations:
    """The annotations of one project (``home`` is its ``.bioml``). Reading needs no lock."""

    def __init__(self, home: Path) -> None:
        self.path = home / FILE
        self._lock = home / LOCK
        self._reader = SegmentReader(self.path)
        self._said: dict[str, Annotation] = {}
        self._tombs: dict[str, Tombstone] = {}
        self._applied: dict[tuple[str, str], str] = {}
        self._refused: dict[tuple[str, str], str] = {}
        self.refresh()

    def refresh(self) -> None:
        """Read what any process has appended."""
        for line in self._reader.read():
            handler = getattr(self, f"_on_{line.entry.get('t')}", None)
            if handler is not None:
                with suppress(KeyError, TypeError):  # of a newer version: left out, as every unknown entry
                    handler(line.entry)

    # -- asking ----------------------------------------------------------------------------------

    def of(self, record_id: str) -> Annotation | None:
        """The changes to a run; None: none."""
        return self._said.get(record_id)

    def tombstone(self, record_id: str) -> Tombstone | None:
        """The tombstone of a deleted run, or of the run that it belonged to; None: it was not deleted."""
        return self._tombs.get(record_id)

    def tombstones(self) -> Iterator[Tombstone]:
        """Every deleted run once, in the order of deletion."""
        yield from (tomb for record_id, tomb in self._tombs.items() if record_id == tomb.record_id)

    def reached(self, item: Annotation | Tombstone) -> bool:
        """Whether the destination has it, or has refused it for good."""
        return self._applied.get((item.record_id, item.key)) == item.last

    def refusal(self, record_id: str, key: str) -> str | None:
        """Why the destination will not take what was said last."""
        return self._refused.get((record_id, key))

    def pending(self, key: str) -> list[Annotation | Tombstone]:
        """Changes not yet sent to a destination."""
        alive = [item for item in self._said.values() if item.record_id not in self._tombs]
        found: list[Annotation | Tombstone] = [*alive, *self.tombstones()]
        return [item for item in found if item.key == key and not self.reached(item)]

    # -- saying ----------------------------------------------------------------------------------

    def annotate(self, record_id: str, key: str, run_id: str | None, **said: Any) -> Annotation:
        """Change a run: ``name``, ``note``, ``starred``, ``archived``. On disk when it returns.

        :raises JournalError: when it cannot be written; nothing was changed then.
        """
        self._append("annotated", run=record_id, key=key, run_id=run_id, user=user_name(), **said)
        return self._said[record_id]

    def bury(
        self,
        record_id: str,
        key: str,
        run_id: str | None,
        name: str,
        *,
        why: str | None = None,
        also: Sequence[str] = (),
        child_runs: Sequence[str] = (),
    ) -> Tombstone:
        """Mark a run, its parts and its children as deleted.

        :raises JournalError: when it cannot be written; nothing was changed then.
        """
        self._append(
            "deleted", run=record_id, key=key, run_id=run_id, name=name, why=why, also=list(also),
            child_runs=list(child_runs), user=user_name(), host=socket.gethostname(),
        )  # fmt: skip
        return self._tombs[record_id]

    def apply(self, item: Annotation | Tombstone, refused: str | None = None) -> None:
        """The item's destination has it now, or has ``refused`` it for good."""
        self._append("applied", run=item.record_id, key=item.key, done=item.last, refused=refused)

    @contextmanager
    def applying(self) -> Iterator[None]:
        """One at a time tells the destination, so that an older word never overwrites a newer one.

        What any process has said is read when the lock is held.
        """
        with _locked(self._lock):
            self.refresh()
            yield

    def _append(self, kind: str, **fields: Any) -> None:
        entry: Entry = {"t": kind, "id": os.urandom(8).hex(), "at": time.time()}
        line = frame({**entry, **{key: value for key, value in fields.items() if value is not None}})
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with _locked(self.path) as fd:
                _write(fd, line)
        except OSError as error:
            raise JournalError(
                f"{self.path} cannot be written ({error.strerror or error}); nothing was changed.",
                next="Fix the folder's permissions or free disk space, then retry.",
            ) from None
        self.refresh()

    # -- reading ---------------------------------------------------------------------------------

    def _on_annotated(self, entry: Entry) -> None:
        record_id = entry["run"]
        before = self._said.get(record_id) or Annotation(record_id, "", "")
        said = {name: entry[name] for name in ("name", "note", "starred", "archived", "run_id") if name in entry}
        self._said[record_id] = dataclasses.replace(before, last=entry["id"], key=entry["key"], **said)

    def _on_deleted(self, entry: Entry) -> None:
        record_id, also = entry["run"], tuple(entry["also"])
        tomb = Tombstone(
            record_id, entry["id"], entry["key"], entry.get("run_id"), entry.get("name") or "", entry["at"],
            entry.get("user") or "", entry.get("host") or "", entry.get("why"), also, tuple(entry["child_runs"]),
        )  # fmt: skip
        for identity in (record_id, *also):
            self._tombs[identity] = tomb

    def _on_applied(self, entry: Entry) -> None:
        place = entry["run"], entry["key"]
        self._applied[place] = entry["done"]
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
    """Append one line and bring it to the disk, behind a newline where the last writer was cut off in mid-line.

    :raises OSError: when the disk refuses; what it took of the line fails its checksum.
    """
    size = os.fstat(fd).st_size
    view = memoryview(b"\n" + line if size and os.pread(fd, 1, size - 1) != b"\n" else line)
    while view:
        view = view[os.write(fd, view) :]
    os.fsync(fd)


def user_name() -> str:
    """The user's name; the number if the machine has no name for it."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return str(os.getuid())
