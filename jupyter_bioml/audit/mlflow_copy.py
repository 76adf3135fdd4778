"""Copies of events among the artifacts of the runs they concern, and the state of the chains they show.

A copy is the event's line as a file of its own, ``bioml/audit/<chain>/<seq>-<hash>.json``: anyone with access
to the MLflow store can check it without the project's folder.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..store.base import Store
from .anchors import KEEPS, MOST_RUNS, Anchor, anchor_in_store, anchor_of
from .event import ChainLine, Event, decode, encode

FOLDER = "bioml/audit"


def keep_with_run(store: Store, run_id: str, event: Event) -> str:
    """Store an event with the run it concerns, and its hash in the run's tags; returns the artifact's path.

    To be called after the append and before the logged action. Calling it again changes nothing.

    :raises StoreUnavailable: and :class:`~..errors.NotFound`, :class:`~..errors.Refused`: the copy is
        incomplete or missing, and the logged action must not be carried out.
    """
    path = f"{FOLDER}/{event.chain}/{event.seq:08d}-{event.hash[:16]}.json"
    with tempfile.TemporaryDirectory(prefix="bioml-audit-") as folder:
        file = Path(folder) / path
        file.parent.mkdir(parents=True)
        file.write_bytes(encode(event.as_json()))
        store.add_artifacts(run_id, Path(folder))
    anchor_in_store(store, run_id, anchor_of(event))
    return path


@dataclass(frozen=True)
class Copy:
    """One kept event."""

    run_id: str
    path: str
    line: ChainLine


@dataclass(frozen=True)
class ChainKnown:
    """The store's knowledge of one chain."""

    chain: str
    here: bool
    """Its file is the one of this folder."""
    copies: int
    """Sound copies of its events."""
    last_copy: int
    """The highest number among them; 0: there is none."""
    last_known: int
    """The highest number that a copy or a tag names."""
    last_here: int | None
    """The highest sound event of the file; None: the file is not here."""

    @property
    def missing(self) -> tuple[int, int] | None:
        """First and last of the final events that are known to have existed but are neither here nor copied."""
        have = self.last_copy if self.last_here is None else self.last_here
        return (have + 1, self.last_known) if self.last_known > have else None

    def as_json(self) -> dict[str, Any]:
        """One chain in the answer of ``bioml audit verify --from-mlflow --json``."""
        return {
            "chain": self.chain, "here": self.here, "copies": self.copies, "last_copy": self.last_copy,
            "last_known": self.last_known, "missing": list(self.missing) if self.missing else None,
        }  # fmt: skip


@dataclass(frozen=True)
class Joined:
    """All chains that a store knows."""

    chains: tuple[ChainKnown, ...]
    problems: tuple[str, ...]
    """Copies that were altered, and chains with two versions of one event."""
    anchors: tuple[Anchor, ...]
    """The anchors from copies and tags, to verify the file with."""

    def as_json(self) -> dict[str, Any]:
        """The part ``mlflow`` of the answer of ``bioml audit verify --json``."""
        return {"chains": [item.as_json() for item in self.chains], "problems": list(self.problems)}


def read_copies(store: Store) -> list[Copy]:
    """Every kept event of every run, deleted runs too.

    :raises StoreUnavailable: it does not answer.
    """
    found = []
    for run in store.search(tags={KEEPS: "true"}, ours=False, deleted=True, limit=MOST_RUNS):
        for path in store.artifacts(run.run_id, FOLDER):
            raw = store.read_artifact(run.run_id, path)
            found.append(Copy(run.run_id, path, decode(raw.removesuffix(b"\n"))))
    return found


def join(copies: Sequence[Copy], tags: Sequence[Anchor], chain: str | None, last_here: int) -> Joined:
    """Put copies and tags together, chain by chain.

    :param chain: the chain of this folder; None: there is none.
    :param last_here: how many sound events its file has.
    """
    kept: dict[str, dict[int, Copy]] = {}
    problems, anchors = [], list(tags)
    for copy in copies:
        document = copy.line.document
        if document is None or not copy.line.sound or not copy.path.startswith(f"{FOLDER}/{document['chain']}/"):
            problems.append(f"The copy {copy.path} in the MLflow run {copy.run_id} was altered.")
            continue
        first = kept.setdefault(document["chain"], {}).setdefault(document["seq"], copy)
        if first.line.raw != copy.line.raw:
            problems.append(
                f"Chain {document['chain']} has two versions of event {document['seq']}: in the MLflow runs "
                f"{first.run_id} and {copy.run_id}."
            )
        where = f"the copy in the MLflow run {copy.run_id}"
        anchors.append(Anchor(document["chain"], document["seq"], document["hash"], document.get("place"), where))
    chains = []
    for name in sorted({item.chain for item in anchors}):
        mine = kept.get(name, {})
        known = max(item.seq for item in anchors if item.chain == name)
        here = name == chain
        chains.append(ChainKnown(name, here, len(mine), max(mine, default=0), known, last_here if here else None))
    return Joined(tuple(chains), tuple(problems), tuple(anchors))
