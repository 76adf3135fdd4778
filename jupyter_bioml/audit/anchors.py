"""Anchors: copies of a chain's head outside its file.

A chain shows edits, deletions and insertions by itself. A truncated or wholly rewritten chain is only detected
by comparison with a head kept elsewhere. As text an anchor is ``<chain>:<seq>:<hash>`` and, where the
folder is known, ``@<place>`` behind it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import BiomlError
from ..store.base import Store
from .event import Event
from .git_notes import NoNotes, read_notes, write_note
from .log import AuditLog, Head

#: Tags of a run that keeps events: the mark that it does, and the newest head of each chain, separated by spaces.
KEEPS, HEAD = "bioml.audited", "bioml.audit.head"
_TEXT = re.compile(r"([0-9a-f]{32}):([1-9][0-9]{0,17}):([0-9a-f]{64})(?:@([0-9a-f]{16}))?(?!\S)")
#: The newest runs that are searched for anchors.
MOST_RUNS = 100_000


@dataclass(frozen=True)
class Anchor(Head):
    """A head kept outside the log."""

    where: str = ""
    """The place it was found, in words."""


@dataclass(frozen=True)
class Anchored:
    """The result of anchoring a head."""

    head: Head
    places: tuple[str, ...]
    """Places that now hold it."""
    failed: tuple[str, ...]
    """Places that could not be reached, with the reason."""

    def as_json(self) -> dict[str, Any]:
        """The answer of ``bioml audit anchor --json``."""
        return {
            "chain": self.head.chain, "seq": self.head.seq, "hash": self.head.hash,
            "places": list(self.places), "failed": list(self.failed),
        }  # fmt: skip


def parse_anchors(text: str, where: str) -> list[Anchor]:
    """The anchors in a text; everything else is skipped."""
    return [Anchor(chain, int(seq), hash, place or None, where) for chain, seq, hash, place in _TEXT.findall(text)]


def anchor_of(item: Head | Event, where: str = "") -> Anchor:
    """The anchor of a head or an event."""
    return Anchor(item.chain, item.seq, item.hash, item.place, where)


# -- MLflow ----------------------------------------------------------------------------------------


def anchor_in_store(store: Store, run_id: str, anchor: Anchor) -> None:
    """Write a head into a run's tags, beside those of other chains; a newer one of the same chain stays.

    :raises StoreUnavailable: and :class:`~..errors.NotFound`, :class:`~..errors.Refused`, as the store says.
    """
    held = {item.chain: item for item in parse_anchors(store.get(run_id).tags.get(HEAD, ""), "")}
    if anchor.chain not in held or held[anchor.chain].seq <= anchor.seq:
        held[anchor.chain] = anchor
    store.write(run_id, tags={KEEPS: "true", HEAD: " ".join(str(item) for item in held.values())})


def anchors_in_store(store: Store) -> list[Anchor]:
    """Every head in the tags of runs, deleted runs too.

    :raises StoreUnavailable: it does not answer.
    """
    runs = store.search(tags={KEEPS: "true"}, ours=False, deleted=True, limit=MOST_RUNS)
    return [found for run in runs for found in parse_anchors(run.tags.get(HEAD, ""), f"the MLflow run {run.run_id}")]


# -- git -------------------------------------------------------------------------------------------


def anchors_in_git(root: Path) -> list[Anchor]:
    """Every head in the repository's notes; none where there is no git."""
    try:
        notes = read_notes(root)
    except NoNotes:
        return []
    return [anchor for commit, text in notes for anchor in parse_anchors(text, f"the git note of {commit[:12]}")]


# -- both ------------------------------------------------------------------------------------------


def anchor(log: AuditLog, root: Path, store: Store | None = None, run_ids: Sequence[str] = ()) -> Anchored | None:
    """Anchor the log's head: in the tags of these runs, and in git if there is a repository.

    A place that cannot be reached is named in the answer and raises nothing. None: the log is empty.

    :raises JournalError: when the log's end cannot be read.
    """
    head = log.head()
    if head is None:
        return None
    item, places, failed = anchor_of(head), [], []
    for run_id in run_ids:
        if store is None:
            failed.append(f"the MLflow run {run_id}: there is no store yet")
            continue
        try:
            anchor_in_store(store, run_id, item)
            places.append(f"the tags of the MLflow run {run_id}")
        except BiomlError as error:
            failed.append(f"the MLflow run {run_id}: {error.message}")
    try:
        places.append(f"the git note of commit {write_note(root, str(item))[:12]}")
    except NoNotes as error:
        failed.append(f"git: {error}")
    return Anchored(head, tuple(places), tuple(failed))
