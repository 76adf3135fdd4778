"""Whether a log is as it was written: the chain, the signatures, and the anchors elsewhere."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .anchors import Anchor
from .log import AuditLog
from .signing import PublicKeys
from .tail import SUFFIX
from .walk import ALTERED, BAD_SIGNATURE, MISSING, TRUNCATED, UNKNOWN_KEY, Problem, Walked, walk


@dataclass(frozen=True)
class Verification:
    """The result of checking a log."""

    ok: bool
    """Whether no problem was found; anything that could not be checked is in ``notes``."""
    chain: str | None
    """None: there is no log."""
    count: int
    """Intact events, from the first on."""
    head: str | None
    """Hash of the last of them."""
    problem: Problem | None
    anchored_up_to: int | None
    """The last event confirmed by an anchor; None: none is."""
    anchored_in: str | None
    """The place of that anchor."""
    signed: int
    """Events among ``count`` whose signature is good."""
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The result for the project's own chain, as JSON."""
        return {
            "ok": self.ok, "chain": self.chain, "count": self.count, "head": self.head,
            "problem": self.problem.as_json() if self.problem else None,
            "anchored_up_to": self.anchored_up_to, "anchored_in": self.anchored_in,
            "signed": self.signed, "notes": list(self.notes),
        }  # fmt: skip


def verify(log: AuditLog, anchors: Iterable[Anchor] = (), keys: PublicKeys | None = None) -> Verification:
    """Check a log.

    :param anchors: heads found elsewhere; those of other chains count only where they belong to this folder.
    :param keys: public keys; None: signatures are counted as not checked.
    :raises JournalError: when the file cannot be read.
    """
    path, anchors = log.path, tuple(anchors)
    chain = None if path is None else path.name.removesuffix(SUFFIX)
    own = sorted((item for item in anchors if item.chain == chain), key=lambda item: item.seq)
    walked = Walked((), None, ())
    if chain is not None:
        lines, torn = log.lines()
        walked = walk(lines, torn, chain, frozenset(item.hash for item in own))
    good, problem = walked.good, walked.problem
    signed, bad, more = _check_signatures(good, keys)
    problem = bad or problem or _check_anchors(good, own) or _lost(log, chain, anchors)
    kept = [item for item in own if item.seq <= len(good) and good[item.seq - 1]["hash"] == item.hash]
    notes = (*walked.notes, *more, *_times(good))
    return Verification(
        problem is None, chain, len(good), good[-1]["hash"] if good else None, problem,
        kept[-1].seq if kept else None, kept[-1].where if kept else None, signed, notes,
    )  # fmt: skip


def with_notes(verification: Verification, notes: Sequence[str]) -> Verification:
    """The same, with more notes."""
    return replace(verification, notes=(*verification.notes, *notes))


def _check_signatures(
    good: Sequence[dict[str, Any]], keys: PublicKeys | None
) -> tuple[int, Problem | None, tuple[str, ...]]:
    """The number of good signatures, the first bad one, and notes."""
    signed, unchecked, bare = 0, 0, []
    for event in good:
        seq, identity, signature = event["seq"], event.get("key_id"), event.get("signature")
        if signature is None and identity is None:
            if signed or unchecked:
                bare.append(seq)
        elif not keys:
            unchecked += 1
        elif not isinstance(identity, str) or not isinstance(signature, str):
            return signed, Problem(seq, BAD_SIGNATURE, f"The signature of event {seq} is incomplete."), ()
        elif identity not in keys:
            text = f"Event {seq} is signed with the key {identity[:40]}, which is not among the public keys."
            return signed, Problem(seq, UNKNOWN_KEY, text), ()
        elif not keys.signed(identity, event["hash"], signature):
            text = f"The signature of event {seq} was not made with the key {identity} over this event."
            return signed, Problem(seq, BAD_SIGNATURE, text), ()
        else:
            signed += 1
    notes = []
    if unchecked:
        which = "One signature was" if unchecked == 1 else f"{unchecked} signatures were"
        notes.append(f"{which} not checked: there are no public keys.")
    if bare:
        which = f"Event {bare[0]} is" if len(bare) == 1 else f"{len(bare)} events, the first of them {bare[0]}, are"
        notes.append(f"{which} not signed, after signed ones.")
    return signed, None, tuple(notes)


def _check_anchors(good: Sequence[dict[str, Any]], own: Sequence[Anchor]) -> Problem | None:
    """Problems that anchors reveal in the file; ``own`` in order of their numbers."""
    proven = 0
    for item in own:
        if item.seq > len(good):
            first, last = len(good) + 1, max(other.seq for other in own)
            which = f"Event {first} is" if first == last else f"Events {first} to {last} are"
            text = f"{which} missing at the end: event {item.seq} is known from {item.where}."
            return Problem(first, TRUNCATED, text)
        if good[item.seq - 1]["hash"] != item.hash:
            first = proven + 1
            which = f"Event {first} was" if first == item.seq else f"One of the events {first} to {item.seq} was"
            text = f"{which} altered and the chain rewritten: {item.where} has a different hash for event {item.seq}."
            return Problem(first, ALTERED, text)
        proven = item.seq
    return None


def _lost(log: AuditLog, chain: str | None, anchors: Sequence[Anchor]) -> Problem | None:
    """A chain of this folder that is known elsewhere and whose file is gone."""
    ended = log.ended_hashes()
    for item in anchors:
        if item.chain != chain and item.place == log.place and item.hash not in ended:
            text = (
                f"The file of chain {item.chain} is missing from {log.folder}: {item.seq} events of it, at least, "
                f"are known from {item.where}."
            )
            return Problem(1, MISSING, text)
    return None


def _times(good: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    """Whether the host's clock went backwards between two events."""
    for before, after in itertools.pairwise(good):
        if after["ts_utc"] < before["ts_utc"]:
            return (
                f"The time of event {after['seq']} is earlier than that of the event before it: the clock went back.",
            )
    return ()
