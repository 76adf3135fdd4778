"""The answers of promote, rollback, approve and reject."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .approvals import LoggedDecision
from .gate import GateResult


@dataclass(frozen=True)
class PromotionOutcome:
    """A promotion, done or refused."""

    model: str
    version: str
    alias: str
    run_id: str | None
    promoted: bool
    """The alias points at the version now."""
    previous: str | None
    """The version that held it before; None: none did."""
    policy: str
    """The source of the gates."""
    policy_sha256: str
    gates: tuple[GateResult, ...]
    dry_run: bool = False
    override: str | None = None
    """Why it was promoted despite failing gates; None: it was not."""
    event: str | None = None
    """Hash of its event in the audit log; None: nothing was logged."""
    notes: tuple[str, ...] = ()

    @property
    def failing(self) -> tuple[GateResult, ...]:
        """The gates that do not let it pass."""
        return tuple(gate for gate in self.gates if not gate.holds)

    @property
    def exit_code(self) -> int:
        """0: the alias points at the version, or a dry run found nothing against it; 1 otherwise."""
        return 0 if self.promoted or (self.dry_run and not self.failing) else 1

    def as_json(self) -> dict[str, Any]:
        """The answer of ``bioml promote --json`` and ``bioml gates --json``."""
        return {
            "model": self.model,
            "version": self.version,
            "alias": self.alias,
            "run_id": self.run_id,
            "promoted": self.promoted,
            "previous": self.previous,
            "policy": self.policy,
            "policy_sha256": self.policy_sha256,
            "gates": [gate.as_json() for gate in self.gates],
            "failing": [gate.gate for gate in self.failing],
            "dry_run": self.dry_run,
            "override": self.override,
            "event": self.event,
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class RollbackOutcome:
    """An alias that points back at its previous version."""

    model: str
    alias: str
    version: str | None
    """The version that holds it now; None: none does."""
    previous: str | None
    """The version that held it until now."""
    event: str
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The answer of ``bioml rollback --json``."""
        return {
            "model": self.model,
            "alias": self.alias,
            "version": self.version,
            "previous": self.previous,
            "event": self.event,
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class DecisionOutcome:
    """A decision about a version, and the approvals that count now."""

    model: str
    version: str
    run_id: str | None
    model_sha256: str
    decision: LoggedDecision
    standing: tuple[LoggedDecision, ...]
    """Approvals that count: those after the last rejection."""
    source: str
    """How the decider's identity is known, in words."""
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The answer of ``bioml approve --json`` and ``bioml reject --json``."""
        return {
            "model": self.model,
            "version": self.version,
            "run_id": self.run_id,
            "model_sha256": self.model_sha256,
            **self.decision.as_json(),
            "identity": self.source,
            "standing": [decision.as_json() for decision in self.standing],
            "notes": list(self.notes),
        }
