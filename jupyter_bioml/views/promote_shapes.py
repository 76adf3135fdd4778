"""What the server answers about promotions (see :mod:`.shapes`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class GateAnswer:
    """What one gate says of a model version."""

    gate: str
    state: Literal["pass", "fail", "not-decidable"]
    said: str
    next: str
    """What would make it pass; empty when it passes."""
    allowed: bool
    """The policy lets it pass when it is not decidable."""
    holds: bool
    """It does not refuse."""
    evidence: dict[str, Any]


@dataclass(frozen=True)
class Promotion:
    """A promotion, or what keeps it from being one."""

    model: str
    version: str
    alias: str
    aliases: tuple[str, ...]
    """Aliases that the policy knows."""
    run_id: str | None
    promoted: bool
    """The alias points at the version now."""
    previous: str | None
    """The version that held it before; null: nobody."""
    policy: str
    """Where the gates come from."""
    policy_sha256: str
    gates: tuple[GateAnswer, ...]
    failing: tuple[str, ...]
    """Names of the gates that refuse."""
    dry_run: bool
    override: str | None
    event: str | None
    """Hash of its event in the audit log."""
    notes: tuple[str, ...]


@dataclass(frozen=True)
class PromoteRequest:
    """The alias that is to point at a version."""

    alias: str
    reason: str = ""
    override: str | None = None
    """Why it is promoted although gates fail."""


@dataclass(frozen=True)
class DecisionRequest:
    """What somebody says of a version in their own name."""

    decision: Literal["approve", "reject"]
    reason: str
    meaning: str | None = None
    """Of an approval: review, approval, or one that the policy names."""


@dataclass(frozen=True)
class Decision:
    """One person's word about a version."""

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
    """How the identity of who decided is known, in words."""
    notes: tuple[str, ...]


@dataclass(frozen=True)
class RollbackRequest:
    """The alias that is to point again at who held it before."""

    alias: str
    reason: str = ""


@dataclass(frozen=True)
class RolledBack:
    """An alias that points again at who held it before."""

    model: str
    alias: str
    version: str | None
    """Who holds it now; null: nobody."""
    previous: str | None
    """Who held it until now."""
    event: str
    notes: tuple[str, ...]
