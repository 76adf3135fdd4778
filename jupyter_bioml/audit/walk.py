"""Walk a chain from its first event, and name the tampering where it breaks.

Every event names its number, its chain and the hash of the event before; its own hash covers all of that. Where a line
does not continue the chain, the lines around it tell what was done: the first event concerned is named.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .event import NO_EVENT, ChainLine
from .tail import TORN, TORN_MARK

ALTERED, DELETED, INSERTED, REORDERED = "altered", "deleted", "inserted", "reordered"
TRUNCATED, UNREADABLE, MISSING = "truncated", "unreadable", "missing"
BAD_SIGNATURE, UNKNOWN_KEY = "bad-signature", "unknown-key"


@dataclass(frozen=True)
class Problem:
    """The first problem of a chain."""

    seq: int
    """The number of the first event concerned; of an inserted one, the number at its position."""
    kind: str
    """``altered``, ``deleted``, ``inserted``, ``reordered``, ``truncated``, ``unreadable``, ``missing``,
    ``bad-signature`` or ``unknown-key``."""
    message: str

    def as_json(self) -> dict[str, Any]:
        """The event that is wrong (its number), the kind of fault, and a sentence."""
        return {"seq": self.seq, "kind": self.kind, "message": self.message}


@dataclass(frozen=True)
class Walked:
    """The result of a walk."""

    good: tuple[dict[str, Any], ...]
    """The events up to the first problem; event ``n`` is at ``n - 1``."""
    problem: Problem | None
    notes: tuple[str, ...]


def walk(lines: Sequence[ChainLine], torn: bytes, chain: str, anchored: frozenset[str] = frozenset()) -> Walked:
    """Follow the chain.

    :param torn: what follows the last newline, if it is not an event.
    :param anchored: hashes anchored elsewhere: such an event is not the altered one.
    """
    good: list[dict[str, Any]] = []
    pending: dict[str, int] = {}
    repaired = 0
    for number, line in enumerate(lines):
        if line.document is None and line.raw.endswith(TORN_MARK):
            pending[hashlib.sha256(line.raw).hexdigest()] = number + 1
        elif line.document is not None and _continues(line, good, chain):
            if line.document["action"] == TORN:
                repaired += pending.pop(line.document["object_sha256"], None) is not None
            elif pending:
                problem = _unreadable(len(good) + 1, min(pending.values()))
                return Walked(tuple(good), problem, ())
            good.append(line.document)
        else:
            problem = _name(lines, number, good, chain, anchored)
            return Walked(tuple(good[: problem.seq - 1]), problem, ())
    notes = []
    if repaired:
        notes.append(f"{_lines(repaired)} torn by a crash and declared as such; none of them held an event.")
    if pending or torn:
        notes.append("The last line was torn by a crash during an append; the next append ends it.")
    return Walked(tuple(good), None, tuple(notes))


def _lines(count: int) -> str:
    return "One line was" if count == 1 else f"{count} lines were"


def _continues(line: ChainLine, good: Sequence[dict[str, Any]], chain: str) -> bool:
    """Whether a line is the valid next event of the chain."""
    document = line.document
    if document is None or not line.sound:
        return False
    before = good[-1]["hash"] if good else NO_EVENT
    return bool(document["chain"] == chain and document["seq"] == len(good) + 1 and document["prev"] == before)


def _name(
    lines: Sequence[ChainLine], at: int, good: list[dict[str, Any]], chain: str, anchored: frozenset[str]
) -> Problem:
    """The problem shown by line ``at``, which does not continue the chain."""
    line, expected = lines[at], len(good) + 1
    document = line.document
    if document is None:
        return _unreadable(expected, at + 1)
    if document["chain"] != chain and line.sound:
        text = f"Line {at + 1} is an event of another chain, {document['chain'][:40]}; it does not belong here."
        return Problem(expected, INSERTED, text)
    later = lines[at + 1 :]
    found_later = any(_continues(item, good, chain) for item in later)
    if line.sound and document["seq"] > expected and all(item.raw != line.raw for item in later):
        return _gap(document["seq"], expected, found_later or _has(later, expected))
    if later and _continues(later[0], good, chain):
        text = f"Line {at + 1} was inserted: it is not an event of this chain, and event {expected} follows it."
        return Problem(expected, INSERTED, text)
    if good and document["prev"] == good[-1]["prev"] and document["hash"] != good[-1]["hash"]:
        text = f"Event {expected - 1} was inserted: the next line continues the event before it."
        return Problem(expected - 1, INSERTED, text)
    if not line.sound:
        claims_more = document["seq"] > expected and document["prev"] != (good[-1]["hash"] if good else NO_EVENT)
        if claims_more and not _has(later, expected):
            return _gap(document["seq"], expected, moved=False)
        return Problem(expected, ALTERED, f"Event {expected} was altered: it does not have the hash it was given.")
    if document["seq"] != expected:
        text = f"Line {at + 1} was inserted: it claims to be event {document['seq']}, in the place of event {expected}."
        return Problem(expected, INSERTED, text)
    return _rewritten(line, later, good, anchored)


def _gap(seq: int, expected: int, moved: bool) -> Problem:
    """The expected event is not here; ``moved``: it comes later."""
    if moved:
        return Problem(expected, REORDERED, f"Events were reordered from {expected} on: event {seq} is in its place.")
    which = f"Event {expected} was" if seq == expected + 1 else f"Events {expected} to {seq - 1} were"
    return Problem(expected, DELETED, f"{which} deleted: event {seq} is in its place.")


def _rewritten(
    line: ChainLine, later: Sequence[ChainLine], good: Sequence[dict[str, Any]], anchored: frozenset[str]
) -> Problem:
    """A valid event with the right number that names another predecessor: one of the two was rewritten."""
    expected = len(good) + 1
    document = line.document or {}
    goes_on = bool(later and later[0].document and later[0].document["prev"] == document["hash"])
    itself = not good or good[-1]["hash"] in anchored or (bool(later) and not goes_on)
    seq = expected if itself else expected - 1
    text = f"Event {seq} was altered and given a new hash: event {seq + 1 if not itself else seq} does not continue it."
    if itself:
        text = f"Event {seq} was altered and given a new hash: it does not continue event {seq - 1}."
    return Problem(seq, ALTERED, text)


def _has(lines: Sequence[ChainLine], seq: int) -> bool:
    return any(item.document is not None and item.document["seq"] == seq for item in lines)


def _unreadable(seq: int, number: int) -> Problem:
    return Problem(seq, UNREADABLE, f"Line {number} cannot be read as an event; it should be event {seq}.")
