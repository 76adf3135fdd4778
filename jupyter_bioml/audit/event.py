"""One event of the audit log, its text on the disk and its hash.

A line of the log is the event's JSON with sorted keys, without spaces, every character beyond ASCII escaped (so
that printing the file is harmless). ``hash`` is the SHA-256 of the canonical JSON (:mod:`jupyter_bioml.canonical`)
of the same fields without ``hash`` and ``signature``; ``prev`` is the hash of the event before. Fields without a
value (``null``) that are not among the required ones are left out.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: ``prev`` of a chain's first event.
NO_EVENT = "0" * 64
#: Fields not covered by the hash: the hash itself, and those computed from it.
UNHASHED = ("hash", "signature")


@dataclass(frozen=True)
class Event:
    """An action: who did it, to what, and the value before."""

    seq: int
    """1, 2, 3, … within the chain."""
    ts_utc: str
    """The host's clock, ISO 8601 with microseconds and ``Z``."""
    tz: str
    """The local zone's offset at that time (``+02:00``)."""
    actor_id: str
    actor_name: str
    auth_method: str
    """How the actor is known (:mod:`.actor`)."""
    session: str
    """``<OS account>/<login session>/<process>``."""
    host: str
    action: str
    object_type: str
    object_id: str
    object_sha256: str | None
    """Digest of the object as it was acted on."""
    old: Any
    """The value before; None: there was none."""
    new: Any
    """The value afterwards; None: there is none."""
    reason: str
    software_version: str
    chain: str
    """Id of the chain, 32 random hex characters."""
    prev: str
    hash: str
    printed_name: str | None = None
    """For an event with a ``meaning``: the printed name of its signer (21 CFR 11.50)."""
    meaning: str | None = None
    """What the actor means by it: ``review``, ``approval``, …"""
    statement: str | None = None
    record_sha256: str | None = None
    """Digest of the record that ``meaning`` refers to."""
    components_used: tuple[str, ...] | None = None
    """For an event with a ``meaning``: what identified the actor."""
    ts_source: str | None = None
    """Whose clock ``ts_utc`` is."""
    place: str | None = None
    """Digest of the host (or the hub's user) and the log's folder: tells one folder's chains from another's."""
    key_id: str | None = None
    """The key of ``signature`` (:mod:`.signing`)."""
    signature: str | None = None
    """Ed25519 over the hash, base64."""

    def as_json(self) -> dict[str, Any]:
        """The event as its line has it."""
        document = dataclasses.asdict(self)
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in document.items()
            if value is not None or name in REQUIRED
        }


REQUIRED = frozenset(item.name for item in dataclasses.fields(Event) if item.default is dataclasses.MISSING)
#: For the hash and the file: canonical JSON, apart from the escapes. Made once, used thousands of times.
_FORM: dict[str, Any] = {"sort_keys": True, "separators": (",", ":"), "allow_nan": False, "check_circular": False}
_PLAIN, _ESCAPED = json.JSONEncoder(ensure_ascii=False, **_FORM), json.JSONEncoder(ensure_ascii=True, **_FORM)
_NAMES = frozenset(item.name for item in dataclasses.fields(Event))


def from_json(document: Mapping[str, Any]) -> Event:
    """The event of a line; fields of a newer version are left out.

    :raises TypeError: when a required field is missing.
    """
    known = {name: value for name, value in document.items() if name in _NAMES}
    if known.get("components_used") is not None:
        known["components_used"] = tuple(known["components_used"])
    return Event(**known)


def encode(document: Mapping[str, Any]) -> bytes:
    """The line of an event, with its newline."""
    return _ESCAPED.encode(document).encode("ascii") + b"\n"


@dataclass(frozen=True)
class ChainLine:
    """One line of the file as it lies there."""

    raw: bytes
    """Without its newline."""
    document: dict[str, Any] | None
    """The event's fields; None if it is not an event."""
    sound: bool
    """Whether it is written exactly as :func:`encode` writes it, and its hash matches its fields."""


def decode(raw: bytes) -> ChainLine:
    """Read one line (without its newline). Never raises."""
    try:
        document = json.loads(raw)
        if not (isinstance(document, dict) and REQUIRED.issubset(document) and isinstance(document["seq"], int)):
            return ChainLine(raw, None, False)
        if not all(isinstance(document.get(name, ""), str) for name in _TEXTS):
            return ChainLine(raw, None, False)
        sound = encode(document)[:-1] == raw and _line_hash(raw, document) == document["hash"]
    except (ValueError, RecursionError):
        return ChainLine(raw, None, False)
    return ChainLine(raw, document, sound)


def _line_hash(raw: bytes, document: Mapping[str, Any]) -> str:
    """:func:`event_hash` of a line that is written as :func:`encode` writes it, without making its text once more."""
    members = [b',"%s":"%s"' % (name.encode(), document[name].encode()) for name in UNHASHED if name in document]
    if b"\\" in raw or any(raw.count(member) != 1 for member in members):
        return event_hash(document)
    for member in members:
        raw = raw.replace(member, b"")
    return hashlib.sha256(raw).hexdigest()


_TEXTS = ("chain", "prev", "hash", "action", "ts_utc", "object_type", "object_id", "signature")


def event_hash(document: Mapping[str, Any]) -> str:
    """SHA-256 (64 hex characters) of the canonical JSON of an event's fields without ``hash`` and ``signature``.

    The values must be JSON values already (:func:`jupyter_bioml.canonical.jsonable`), as those of a line are.
    """
    covered = {name: value for name, value in document.items() if name not in UNHASHED}
    return hashlib.sha256(_PLAIN.encode(covered).encode("utf-8", "surrogatepass")).hexdigest()
