"""The answer of a gate: pass, fail or not decidable, with its evidence and the next step."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..canonical import jsonable

PASS, FAIL, NOT_DECIDABLE = "pass", "fail", "not-decidable"
STATES = (PASS, FAIL, NOT_DECIDABLE)


@dataclass(frozen=True)
class Grounds:
    """What an answer rests on beside what was known before its gate was asked."""

    files: tuple[str, ...] = ()
    """Files, and folders for what they list."""
    read_after: int | None = None
    """Nanoseconds since the epoch: none of them was read before; None: not before the gate was asked."""


@dataclass(frozen=True)
class GateResult:
    """One gate's answer."""

    state: str
    """``pass``, ``fail`` or ``not-decidable``."""
    said: str
    """Why, in a sentence."""
    next: str = ""
    """How to make it pass; empty when it passes."""
    evidence: dict[str, Any] = field(default_factory=dict)
    """The figures behind it, as JSON."""
    gate: str = ""
    """Its name in the policy; set by the caller."""
    allowed: bool = False
    """Not decidable, which the policy allows (``undecidable: allow``)."""
    asked_at: float | None = None
    """When it was asked, seconds since the epoch, where this is an answer that was kept; None: it was asked now."""
    grounds: Grounds | None = None
    """What it rests on, where it may be kept; None: it is asked again each time."""

    @property
    def holds(self) -> bool:
        """Whether this gate allows the promotion."""
        return self.state == PASS or (self.state == NOT_DECIDABLE and self.allowed)

    def as_json(self) -> dict[str, Any]:
        """One gate of an answer, as it is also kept with the run and in the audit log."""
        return {
            "gate": self.gate,
            "state": self.state,
            "said": self.said,
            "next": self.next,
            "allowed": self.allowed,
            "asked_at": self.asked_at,
            "evidence": jsonable(self.evidence),
        }


class Undecided(Exception):
    """Raised inside a gate: it is not decidable, because something it needs is missing."""

    def __init__(self, said: str, next: str = "") -> None:
        super().__init__(said)
        self.said = said
        self.next = next


def passed(said: str, **evidence: Any) -> GateResult:
    """The gate passes.

    :param said: why, in a sentence.
    :param evidence: the figures behind it.
    """
    return GateResult(PASS, said, "", evidence)


def failed(said: str, next: str, **evidence: Any) -> GateResult:
    """The gate fails.

    :param said: why, in a sentence.
    :param next: what would make it pass.
    :param evidence: the figures behind it.
    """
    return GateResult(FAIL, said, next, evidence)


def undecided(said: str, next: str = "", **evidence: Any) -> GateResult:
    """What the gate needs is not there, so it neither passes nor fails.

    :param said: what is missing, in a sentence.
    :param next: how to get it.
    :param evidence: what was found anyway.
    """
    return GateResult(NOT_DECIDABLE, said, next, evidence)
