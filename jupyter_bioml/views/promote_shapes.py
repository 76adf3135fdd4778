"""The server's answers about promotions (see :mod:`.shapes`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class GateAnswer:
    """One gate's answer about a model version."""

    gate: str
    state: Literal["pass", "fail", "not-decidable"]
    said: str
    next: str
    """How to make it pass; empty when it passes."""
    step: Literal["reproduce", "approve"] | None
    """What ``next`` asks for, where this server can do it; null: a person has to do it."""
    allowed: bool
    """The policy lets it pass when it is not decidable."""
    holds: bool
    """Whether it allows the promotion."""
    asked_at: float | None
    """When it was asked, seconds since the epoch, where its answer was kept; null: it was asked now."""
    evidence: dict[str, Any]


@dataclass(frozen=True)
class GatesAsked:
    """How far the asking of gates is."""

    ticket: str
    """Ask again with it for what they said since."""
    of: int
    """How many there are; 0: not known yet."""
    gate: str
    """The one that is being asked now; empty: none yet."""


@dataclass(frozen=True)
class Promotion:
    """A promotion, done or refused."""

    model: str
    version: str
    alias: str
    aliases: tuple[str, ...]
    """Aliases that the policy knows."""
    run_id: str | None
    promoted: bool
    """The alias points at the version now."""
    previous: str | None
    """The version that held it before; null: none did."""
    policy: str
    """The source of the gates."""
    policy_sha256: str
    gates: tuple[GateAnswer, ...]
    failing: tuple[str, ...]
    """Names of the gates that refuse."""
    dry_run: bool
    override: str | None
    event: str | None
    """Hash of its event in the audit log."""
    notes: tuple[str, ...]
    asking: GatesAsked | None
    """Not all gates have answered yet; null: they have."""


@dataclass(frozen=True)
class PromoteRequest:
    """The alias that is to point at a version."""

    alias: str
    reason: str = ""
    override: str | None = None
    """Why it is promoted although gates fail."""


@dataclass(frozen=True)
class DecisionRequest:
    """Somebody's decision about a version, in their own name."""

    decision: Literal["approve", "reject"]
    reason: str
    meaning: str | None = None
    """For an approval: review, approval, or a word from the policy."""


@dataclass(frozen=True)
class Decision:
    """One person's decision about a version."""

    decision: Literal["approve", "reject"]
    by: str
    name: str
    auth_method: str
    """How the identity is known."""
    meaning: str | None
    reason: str
    at: str
    """ISO 8601, UTC."""
    event: str
    where: str
    """Whose log has it."""


@dataclass(frozen=True)
class Decided:
    """A decision that was made, and all that count for the version now."""

    model: str
    version: str
    run_id: str | None
    model_sha256: str
    made: Decision
    standing: tuple[Decision, ...]
    identity: str
    """How the decider's identity is known, in words."""
    notes: tuple[str, ...]


@dataclass(frozen=True)
class RollbackRequest:
    """The alias that is to point again at who held it before."""

    alias: str
    reason: str = ""


@dataclass(frozen=True)
class RolledBack:
    """An alias that points back at its previous version."""

    model: str
    alias: str
    version: str | None
    """The version that holds it now; null: none does."""
    previous: str | None
    """The version that held it until now."""
    event: str
    notes: tuple[str, ...]
