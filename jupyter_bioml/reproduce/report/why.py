"""The sections "Why" and "Where it stopped": cause, evidence, proofs, the repair, and the failure of a cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...html.page import lines_of
from .fields import MESSAGE, MOST_ROWS, Document, part, parts_of, shown


@dataclass(frozen=True)
class EvidenceItem:
    """One thing that speaks for a cause."""

    cell: str
    message: str
    proved: str
    """Empty if no proof was tried."""
    repair: str


@dataclass(frozen=True)
class ProofItem:
    """One factor that was restored."""

    what: str
    outcome: str
    proved: str


@dataclass(frozen=True)
class Why:
    """Cause, evidence, proofs and the repair."""

    cause: str
    evidence: tuple[EvidenceItem, ...]
    proofs: tuple[ProofItem, ...]
    repair: tuple[str, ...]
    """Lines of commands."""


@dataclass(frozen=True)
class Stop:
    """Where the reproduction stopped."""

    cell: str
    kind: str
    message: str
    source: tuple[str, ...]


def why_of(found: Document) -> Why | None:
    """The section "Why" of a document; None if nothing is known, or there is nothing to explain."""
    cause = shown(found.get("cause")).replace("-", " ")
    evidence = tuple(_evidence(item) for item in parts_of(found.get("evidence")))
    repair = lines_of(str(found.get("repair") or ""), MOST_ROWS)
    if not (cause or evidence or repair):
        return None
    proofs = (
        ProofItem(shown(item.get("what"), MESSAGE), shown(item.get("outcome"), MESSAGE), _proved(item.get("proved")))
        for item in parts_of(found.get("proofs"))
    )
    return Why(cause, evidence, tuple(proofs), repair)


def _evidence(item: Document) -> EvidenceItem:
    return EvidenceItem(
        shown(item.get("cell") or None),
        shown(item.get("message"), MESSAGE),
        _proved(item["proved"]) if item.get("proved") is not None else "",
        shown(item.get("repair"), MESSAGE),
    )


def _proved(proved: Any) -> str:
    if proved is True:
        return "Proved."
    return "Not the cause." if proved is False else "Not decided."


def stop_of(run: Document) -> Stop | None:
    """The section "Where it stopped" of the new run; None if it ran to the end."""
    failure = part(run, "failure")
    if not failure:
        return Stop("", "", shown(run["reason"], MESSAGE), ()) if run.get("reason") else None
    index = failure.get("index")
    return Stop(
        f"Cell {index + 1 if isinstance(index, int) else 1}",
        shown(failure.get("kind")),
        shown(failure.get("message"), MESSAGE),
        lines_of(str(failure.get("source") or ""), MOST_ROWS),
    )
