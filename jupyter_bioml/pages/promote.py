"""Promotions, rollbacks and decisions as lines of text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..text.present import format_ago, printable

if TYPE_CHECKING:
    from ..promote.answers import DecisionOutcome, PromotionOutcome, RollbackOutcome
    from ..promote.gate import GateResult

_SIGNS = {"pass": "✓", "fail": "✗", "not-decidable": "⊘"}
_WORDS = {"pass": "pass", "fail": "fail", "not-decidable": "not decidable"}


def promotion_page(answer: PromotionOutcome, width: int) -> Iterator[str]:
    """The result of a promotion, then every gate: failing gates with their next step first, then passing ones."""
    target = f"{printable(answer.model)} version {answer.version}"
    before = f"version {answer.previous}" if answer.previous is not None else "no version"
    failing = len(answer.failing)
    refusing = f"{failing} gate{' does' if failing == 1 else 's do'} not pass"
    if answer.dry_run:
        yield f"{'✓ every gate passes' if not failing else '✗ ' + refusing} for {target} as {answer.alias}"
    elif answer.promoted:
        yield f"✓ {target} is now {answer.alias}; before: {before}"
    else:
        yield f"✗ {target} was not promoted to {answer.alias}: {refusing}. {answer.alias} is held by {before}."
    if answer.override is not None:
        yield f"⚠ overridden although {refusing}: {printable(answer.override)}. The version is permanently marked."
    for gate in sorted(answer.gates, key=lambda one: one.holds):
        yield from _gate(gate)
    yield f"  policy: {printable(answer.policy)} ({answer.policy_sha256[:12]})"
    if answer.event is not None:
        yield f"  audit event {answer.event[:12]}"
    yield from (f"⚠ {printable(note)}" for note in answer.notes)


def _gate(gate: GateResult) -> Iterator[str]:
    allowed = ", which the policy allows" if gate.allowed and gate.state == "not-decidable" else ""
    before = "" if gate.asked_at is None else f" (asked {format_ago(gate.asked_at)})"
    yield f"  {_SIGNS[gate.state]} {gate.gate}: {_WORDS[gate.state]}{allowed}. {printable(gate.said)}{before}"
    if not gate.holds and gate.next:
        yield f"      next: {printable(gate.next)}"


def rollback_page(answer: RollbackOutcome) -> Iterator[str]:
    """The version that holds the alias now, and the one that held it before."""
    now = f"version {answer.version}" if answer.version is not None else "no version, as before its first promotion"
    before = f"version {answer.previous}" if answer.previous is not None else "no version"
    yield f"✓ {answer.alias} of {printable(answer.model)} is held by {now} again; before: {before}"
    yield f"  audit event {answer.event[:12]}"
    yield from (f"⚠ {printable(note)}" for note in answer.notes)


def decision_page(answer: DecisionOutcome) -> Iterator[str]:
    """Who decided what about which version, and which approvals count now."""
    decision = answer.decision
    event = decision.event
    verb = "approved" if decision.approves else "rejected"
    meaning = f" ({printable(event.meaning or '')})" if decision.approves else ""
    yield (
        f"{'✓' if decision.approves else '✗'} {printable(event.actor_name)} {verb} {printable(answer.model)} "
        f"version {answer.version}{meaning}: {printable(event.reason)}"
    )
    yield f"  identity: {printable(event.actor_id)}, {answer.source}"
    yield f"  bound to run {answer.run_id or '–'} and the model's files ({answer.model_sha256[:12]})"
    counted = ", ".join(f"{printable(one.event.actor_name)} ({one.event.meaning})" for one in answer.standing)
    yield f"  approvals that count: {counted or 'none'}"
    yield from (f"⚠ {printable(note)}" for note in answer.notes)


def templates_page(written: list[str], kept: list[str]) -> Iterator[str]:
    """Files written, and files that already existed."""
    for name in written:
        yield f"✓ written: {printable(name)}"
    for name in kept:
        yield f"✓ already there, unchanged: {printable(name)}"
