"""The audit log of a project folder: one file, only ever appended to, each event bound to the one before.

``<home>/audit/<chain>.jsonl`` holds one event a line (:mod:`.event`); ``<home>/audit/lock`` is held while one is
added, so that any number of processes may write. An event is on the disk (file, and at its creation the folder)
when :meth:`AuditLog.append` returns. A crash in the middle of an append leaves a last line without a newline, a
*torn* line: it stays where it is, and the next append ends it with ``#torn`` and a newline, and says so in an event
of its own (``torn-line``, with the digest of that line), so that it can be told from tampering and nothing is ever
cut from the file. A crash in the middle of that leaves a state that the next append repairs in the same way.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
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
from .actor import Actor, current_actor, place_name, session_name
from .event import NO_EVENT, ChainLine, Event, decode, encode, event_hash, from_json
from .git_notes import NoNotes, write_note
from .signing import Signer, configured_signer
from .tail import ENDED, SUFFIX, TORN, read_tail, sync_folder, write

FOLDER, LOCK = "audit", "lock"
#: Largest event in bytes; anything larger belongs in an artifact.
LARGEST = 1 << 20


@dataclass(frozen=True)
class Head:
    """The last event of a chain."""

    chain: str
    seq: int
    hash: str
    place: str | None = None
    """The folder that it was written in (:attr:`AuditLog.place`)."""

    def __str__(self) -> str:
        """The text of its anchor: ``<chain>:<seq>:<hash>``, and ``@<place>`` where that is known."""
        return f"{self.chain}:{self.seq}:{self.hash}" + (f"@{self.place}" if self.place else "")


def head_of(event: Event) -> Head:
    """The head of the chain as it was right after ``event``."""
    return Head(event.chain, event.seq, event.hash, event.place)


class AuditLog:
    """The events of one project folder.

    :param folder: ``<project.home>/audit``; made by the first append.
    :param root: the project's root: each event is anchored in its git repository, if there is one.
    """

    def __init__(self, folder: Path, root: Path | None = None) -> None:
        self.folder = folder
        self.root = root

    @classmethod
    def of(cls, project: Project) -> AuditLog:
        """The log of a project."""
        return cls(project.home / FOLDER, project.root)

    @property
    def place(self) -> str:
        """Tells this folder's chains from those of others: a digest of the host, or the hub's user, and the path."""
        return hashlib.sha256(
            f"{place_name()}\0{self.folder.absolute()}".encode("utf-8", "surrogateescape")
        ).hexdigest()[:16]

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
                next=f"Keep this project's own chain, and rename the others to end with {ENDED}.",
            )
        return self.folder / found[0] if found else None

    # -- reading ---------------------------------------------------------------------------------

    def lines(self) -> tuple[tuple[ChainLine, ...], bytes]:
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
        """Every readable event, in file order; :mod:`.verify` says whether they are intact.

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
                last = read_tail(file.fileno(), path).event
        except OSError as error:
            raise _unreadable(path, error) from None
        return None if last is None else Head(last["chain"], last["seq"], last["hash"], last.get("place"))

    def ended_hashes(self) -> frozenset[str]:
        """The hashes of the events in chains that were ended by hand and kept beside this one.

        :raises JournalError: when a file cannot be read.
        """
        found = set()
        for path in sorted(self.folder.glob(f"*{ENDED}")):
            try:
                lines = path.read_bytes().split(b"\n")
            except OSError as error:
                raise _unreadable(path, error) from None
            found |= {line.document["hash"] for line in map(decode, lines) if line.sound and line.document}
        return frozenset(found)

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

        :param action: the action: ``promote``, ``approve``, ``verdict``, …
        :param old: the value before; JSON can hold it, else its ``repr`` is kept.
        :param new: the value afterwards.
        :param actor: who did it; None: the user of this process.
        :param meaning: what the actor means by it (``review``, ``approval``), of an event that is a signature.
        :param record_sha256: digest of the record that ``meaning`` refers to.
        :raises JournalError: it cannot be written, or the file's end is damaged; nothing was added, and the
            action to be logged must not be carried out.
        :raises UsageError: the event is larger than a mebibyte, or the configured key cannot be used.
        """
        who = actor or current_actor()
        said: dict[str, Any] = {
            "actor_id": who.id, "actor_name": who.name, "auth_method": who.auth_method,
            "action": action, "object_type": object_type, "object_id": redact(object_id),
            "object_sha256": object_sha256,
            "old": jsonable(redact_value(old)), "new": jsonable(redact_value(new)), "reason": redact(reason),
        }  # fmt: skip
        if meaning is not None:
            said |= {"meaning": meaning, "printed_name": who.name, "components_used": [who.auth_method]}
        if statement is not None:
            said["statement"] = redact(statement)
        if record_sha256 is not None:
            said["record_sha256"] = record_sha256
        signer = configured_signer()
        try:
            os.makedirs(self.folder, mode=0o700, exist_ok=True)
            with self._locked(fcntl.LOCK_EX):
                event = self._append(said, signer)
        except OSError as error:
            raise JournalError(
                f"{self.folder} cannot be written ({error.strerror or error}); nothing was logged.",
                next="Fix the folder's permissions or free disk space, then retry.",
            ) from None
        self._note(event)
        return event

    def _note(self, event: Event) -> None:
        """Anchor an event in git; if that fails, ``verify`` says up to which event the log is anchored."""
        if self.root is not None:
            before = Head(event.chain, event.seq - 1, event.prev, event.place)
            with contextlib.suppress(NoNotes):
                write_note(self.root, str(head_of(event)), replaces=str(before))

    def _append(self, said: dict[str, Any], signer: Signer | None) -> Event:
        """Write one event, after the note about a torn line if there is one. The lock is held."""
        path = self.path or self.folder / f"{os.urandom(16).hex()}{SUFFIX}"
        fd = os.open(path, os.O_CREAT | os.O_APPEND | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            size = os.fstat(fd).st_size
            tail = read_tail(fd, path)
            last = tail.event or {"chain": path.name.removesuffix(SUFFIX), "seq": 0, "hash": NO_EVENT}
            lines = tail.ending
            for torn in tail.torn:
                last = self._complete(_torn(torn), last, signer)
                lines += encode(last)
            document = self._complete(said, last, signer)
            line = encode(document)
            if len(line) > LARGEST:
                raise UsageError(
                    f"An event of {len(line):,} bytes is too large for the audit log; nothing was logged.",
                    next="Keep the text as a file of the run, and log its digest.",
                )
            write(fd, size, lines + line)
            if size == 0:
                sync_folder(self.folder)
        finally:
            os.close(fd)
        return from_json(document)

    def _complete(self, said: dict[str, Any], last: dict[str, Any], signer: Signer | None) -> dict[str, Any]:
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
            "place": self.place,
            "software_version": _software(),
            "chain": last["chain"],
            "prev": last["hash"],
        }
        if signer is not None:
            document["key_id"] = signer.key_id
        document["hash"] = event_hash(document)
        if signer is not None:
            document["signature"] = signer.sign(document["hash"])
        return document

    @contextlib.contextmanager
    def _locked(self, kind: int) -> Iterator[None]:
        """Hold the folder's lock, shared or exclusive.

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


@functools.cache
def _software() -> str:
    return version("jupyter-bioml")


def _torn(line: bytes) -> dict[str, Any]:
    who = current_actor()
    return {
        "actor_id": who.id, "actor_name": who.name, "auth_method": who.auth_method,
        "action": TORN, "object_type": "audit-line", "object_id": f"{len(line)} bytes",
        "object_sha256": hashlib.sha256(line).hexdigest(), "old": None, "new": None,
        "reason": "A line was cut off during an append (crash or full disk); it is kept.",
    }  # fmt: skip


def _unreadable(path: Path, error: OSError) -> JournalError:
    return JournalError(
        f"{path} cannot be read ({error.strerror or error}); it was left unchanged.",
        next="Fix the file's permissions, then retry.",
    )
