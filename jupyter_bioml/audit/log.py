"""The audit log of a project folder: one file, only ever appended to, each event bound to the one before.

``<home>/audit/<chain>.jsonl`` holds one event a line (:mod:`.event`); ``<home>/audit/lock`` is held while one is
added, so that any number of processes may write. An event is on the disk (file, and at its creation the folder)
when :meth:`AuditLog.append` returns. A crash in the middle of an append leaves a last line without a newline, a
*torn* line: it stays where it is, and the next append ends it with ``#torn`` and a newline, and says so in an event
of its own (``torn-line``, with the digest of that line), so that it can be told from tampering and nothing is ever
cut from the file. A crash in the middle of that leaves a state that the append after it mends in the same way.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ..canonical import jsonable
from ..config import Project
from ..errors import JournalError, UsageError
from ..redact import redact, redact_value
from .actor import Actor, current_actor, session_name
from .event import NO_EVENT, Event, Line, decode, encode, event_hash, from_json

FOLDER, SUFFIX, LOCK = "audit", ".jsonl", "lock"
#: A chain that was brought to an end by hand, because its file is damaged, is kept beside the new one under this name.
ENDED = ".ended.jsonl"
#: The action of the event that declares a torn line, and what such a line ends with.
TORN, TORN_MARK = "torn-line", b"#torn"
#: Bytes of one event at most; what is larger belongs into an artifact.
LARGEST = 1 << 20
_CHUNK = 1 << 16


@dataclass(frozen=True)
class Head:
    """The last event of a chain."""

    chain: str
    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.chain}:{self.seq}:{self.hash}"


@dataclass(frozen=True)
class Tail:
    """The end of the file."""

    event: dict[str, Any] | None
    """The last event."""
    torn: tuple[bytes, ...]
    """Torn lines that no event has declared yet; each ends with the mark, as it will lie in the file."""
    ending: bytes
    """What ends the last line: nothing, a newline, or the mark of a torn line and a newline."""


class AuditLog:
    """The events of one project folder.

    :param folder: ``<project.home>/audit``; made by the first append.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def of(cls, project: Project) -> AuditLog:
        """The log of a project."""
        return cls(project.home / FOLDER)

    @property
    def path(self) -> Path | None:
        """The chain's file; None before the first event.

        :raises JournalError: when the folder holds several.
        """
        try:
            names = sorted(name for name in os.listdir(self.folder) if name.endswith(SUFFIX))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unreadable(self.folder, error) from None
        found = [name for name in names if not name.endswith(ENDED)]
        if len(found) > 1:
            raise JournalError(
                f"{self.folder} holds {len(found)} chains: {', '.join(found)}. Nothing was changed.",
                next=f"Keep this project's own, and rename the others to end with {ENDED}.",
            )
        return self.folder / found[0] if found else None

    # -- reading ---------------------------------------------------------------------------------

    def lines(self) -> tuple[tuple[Line, ...], bytes]:
        """Every line as it lies in the file, and the bytes of a torn last one (``b""``: there is none).

        :raises JournalError: when the file cannot be read.
        """
        path = self.path
        if path is None:
            return (), b""
        try:
            with self._locked(fcntl.LOCK_SH):
                data = path.read_bytes()
        except OSError as error:
            raise _unreadable(path, error) from None
        *whole, last = data.split(b"\n")
        if last and decode(last).sound:
            whole, last = [*whole, last], b""
        return tuple(map(decode, whole)), last

    def events(self) -> tuple[Event, ...]:
        """Every event that can be read, in the order of the file; whether they are sound says :mod:`.verify`.

        :raises JournalError: when the file cannot be read.
        """
        found = []
        for line in self.lines()[0]:
            if line.document is not None:
                with contextlib.suppress(TypeError):  # a field that a newer version requires and writes otherwise
                    found.append(from_json(line.document))
        return tuple(found)

    def head(self) -> Head | None:
        """The last event; None before the first.

        :raises JournalError: when the file's end cannot be read.
        """
        path = self.path
        if path is None:
            return None
        try:
            with self._locked(fcntl.LOCK_SH), open(path, "rb") as file:
                last = _tail(file.fileno(), path).event
        except OSError as error:
            raise _unreadable(path, error) from None
        return None if last is None else Head(last["chain"], last["seq"], last["hash"])

    # -- writing ---------------------------------------------------------------------------------

    def append(
        self,
        action: str,
        object_type: str,
        object_id: str,
        *,
        object_sha256: str | None = None,
        old: Any = None,
        new: Any = None,
        reason: str = "",
        actor: Actor | None = None,
        meaning: str | None = None,
        statement: str | None = None,
        record_sha256: str | None = None,
    ) -> Event:
        """Add an event; it is on the disk when this returns.

        Secrets in ``old``, ``new``, ``reason`` and ``statement`` are masked.

        :param action: what was done: ``promote``, ``approve``, ``verdict``, …
        :param old: the value before; JSON can hold it, else its ``repr`` is kept.
        :param new: the value afterwards.
        :param actor: who did it; None: who runs this process.
        :param meaning: what the actor means by it (``review``, ``approval``), of an event that is a signature.
        :param record_sha256: digest of the record that ``meaning`` is said of.
        :raises JournalError: it cannot be written, or the file's end is damaged; nothing was added then, and what
            was to be logged must not be done.
        :raises UsageError: the event is larger than a mebibyte.
        """
        who = actor or current_actor()
        said: dict[str, Any] = {
            "actor_id": who.id, "actor_name": who.name, "auth_method": who.auth_method,
            "action": action, "object_type": object_type, "object_id": object_id, "object_sha256": object_sha256,
            "old": jsonable(redact_value(old)), "new": jsonable(redact_value(new)), "reason": redact(reason),
        }  # fmt: skip
        if meaning is not None:
            said |= {"meaning": meaning, "printed_name": who.name, "components_used": [who.auth_method]}
        if statement is not None:
            said["statement"] = redact(statement)
        if record_sha256 is not None:
            said["record_sha256"] = record_sha256
        try:
            os.makedirs(self.folder, mode=0o700, exist_ok=True)
            with self._locked(fcntl.LOCK_EX):
                return self._append(said)
        except OSError as error:
            raise JournalError(
                f"{self.folder} cannot be written ({error.strerror or error}); nothing was logged.",
                next="Mend the folder or make room on the disk, then try again.",
            ) from None

    def _append(self, said: dict[str, Any]) -> Event:
        """Write one event, behind the note about a torn line where there is one. The lock is held."""
        path = self.path or self.folder / f"{os.urandom(16).hex()}{SUFFIX}"
        fd = os.open(path, os.O_CREAT | os.O_APPEND | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            size = os.fstat(fd).st_size
            tail = _tail(fd, path)
            last = tail.event or {"chain": path.name.removesuffix(SUFFIX), "seq": 0, "hash": NO_EVENT}
            lines = tail.ending
            for torn in tail.torn:
                last = _complete(_torn(torn), last)
                lines += encode(last)
            document = _complete(said, last)
            line = encode(document)
            if len(line) > LARGEST:
                raise UsageError(
                    f"An event of {len(line):,} bytes is too large for the audit log; nothing was logged.",
                    next="Keep the text as a file of the run, and log its digest.",
                )
            _write(fd, size, lines + line)
            if size == 0:
                _sync_folder(self.folder)
        finally:
            os.close(fd)
        return from_json(document)

    @contextlib.contextmanager
    def _locked(self, kind: int) -> Iterator[None]:
        """Hold the folder's lock, shared or alone.

        :raises OSError: it cannot be made, or the file system has no locks.
        """
        flags = os.O_RDWR | os.O_CREAT if kind == fcntl.LOCK_EX else os.O_RDONLY
        try:
            fd = os.open(self.folder / LOCK, flags | os.O_CLOEXEC, 0o600)
        except FileNotFoundError:
            if kind == fcntl.LOCK_EX:
                raise
            yield  # a copied log, which nobody writes
            return
        try:
            fcntl.flock(fd, kind)
            yield
        finally:
            os.close(fd)


def _complete(said: dict[str, Any], last: dict[str, Any]) -> dict[str, Any]:
    """The whole event that follows ``last``."""
    now = datetime.now(UTC)
    offset = now.astimezone().strftime("%z")
    document = {
        **said,
        "seq": last["seq"] + 1,
        "ts_utc": now.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "tz": f"{offset[:3]}:{offset[3:5]}",
        "ts_source": "host-clock",
        "session": session_name(),
        "host": socket.gethostname(),
        "software_version": version("jupyter-bioml"),
        "chain": last["chain"],
        "prev": last["hash"],
    }
    return {**document, "hash": event_hash(document)}


def _torn(line: bytes) -> dict[str, Any]:
    who = current_actor()
    return {
        "actor_id": who.id, "actor_name": who.name, "auth_method": who.auth_method,
        "action": TORN, "object_type": "audit-line", "object_id": f"{len(line)} bytes",
        "object_sha256": hashlib.sha256(line).hexdigest(), "old": None, "new": None,
        "reason": "A line was cut off in the middle of an append (crash or full disk); it is kept.",
    }  # fmt: skip


def _tail(fd: int, path: Path) -> Tail:
    """The last event and what is behind it, reading no more of the file than needed.

    :raises JournalError: a line at the end is whole and yet no sound event: nothing may be built on it.
    """
    at, data = os.fstat(fd).st_size, b""
    while True:
        start = max(0, at - _CHUNK)
        data = os.pread(fd, at - start, start) + data
        at = start
        tail = _read_tail(data if at == 0 else data.partition(b"\n")[2], path, whole=at == 0)
        if tail is not None:
            return tail


def _read_tail(data: bytes, path: Path, *, whole: bool) -> Tail | None:
    """The tail in the last lines of the file; None when more of it is needed to tell (not if it is the ``whole``)."""
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
                next=f"See: jupyter bioml audit verify. Renamed to end with {ENDED} the file is kept, "
                "and a new chain starts.",
            )
    else:
        if not whole:
            return None
    left = [raw for raw in reversed(torn) if hashlib.sha256(raw).hexdigest() not in declared]
    return Tail(event, tuple(left), ending)


def _write(fd: int, size: int, data: bytes) -> None:
    """Append and bring to the disk; when that fails, take back what was written of it.

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


def _sync_folder(folder: Path) -> None:
    """Bring a new file's name to the disk, and the folder's own."""
    for place in (folder, folder.parent):
        fd = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def _unreadable(path: Path, error: OSError) -> JournalError:
    return JournalError(
        f"{path} cannot be read ({error.strerror or error}); it was left as it is.",
        next="Mend the file's permissions, then try again.",
    )
