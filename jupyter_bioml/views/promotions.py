"""The answers of promotions as the server gives them."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import Literal

from ..promote import answers
from ..promote.approvals import LoggedDecision
from ..promote.desk import Promotions
from ..promote.judge import GateProgress
from . import promote_shapes as shapes


def promote(desk: Promotions, name: str, version: str, asked: shapes.PromoteRequest) -> shapes.Promotion:
    """See :meth:`~jupyter_bioml.promote.desk.Promotions.promote`."""
    made = desk.promote(f"{name}@{version}", asked.alias, reason=asked.reason, override=asked.override)
    return promotion_of(made, desk.aliases)


def decide(desk: Promotions, name: str, version: str, asked: shapes.DecisionRequest) -> shapes.Decided:
    """Approve or reject a version."""
    target = f"{name}@{version}"
    if asked.decision == "reject":
        return decided_of(desk.reject(target, reason=asked.reason))
    return decided_of(desk.approve(target, meaning=asked.meaning or "", reason=asked.reason))


def roll_back(desk: Promotions, name: str, asked: shapes.RollbackRequest) -> shapes.RolledBack:
    """See :meth:`~jupyter_bioml.promote.desk.Promotions.rollback`."""
    made = desk.rollback(name, asked.alias, reason=asked.reason)
    return shapes.RolledBack(made.model, made.alias, made.version, made.previous, made.event, made.notes)


def promotion_so_far(
    begun: answers.PromotionOutcome,
    aliases: tuple[str, ...],
    given: Sequence[GateProgress],
    now: GateProgress | None,
    ticket: str,
) -> shapes.Promotion:
    """What the gates have said until now, of those that are being asked."""
    found = tuple(one.answer for one in given if one.answer is not None)
    asking = shapes.GatesAsked(ticket, now.of if now else 0, now.gate if now else "")
    return promotion_of(dataclasses.replace(begun, gates=found), aliases, asking)


def promotion_of(
    made: answers.PromotionOutcome, aliases: tuple[str, ...], asking: shapes.GatesAsked | None = None
) -> shapes.Promotion:
    """A promotion as the server gives it."""
    document = made.as_json()
    found = [{**one.as_json(), "holds": one.holds, "step": step_of(one.next)} for one in made.gates]
    fields = document | {
        "aliases": aliases,
        "gates": tuple(shapes.GateAnswer(**one) for one in found),
        "failing": tuple(gate.gate for gate in made.failing),
        "notes": made.notes,
        "asking": asking,
    }
    return shapes.Promotion(**fields)


def step_of(said: str) -> Literal["reproduce", "approve"] | None:
    """What a gate's next step asks for, by the command that it names, where a button can do the same.

    A reproduction that is asked for in another environment than the current one is none: the server's jobs are not.
    """
    if re.search(r"\bbioml approve\b", said):
        return "approve"
    asked = re.search(r"\bbioml reproduce \S+(?: --env (\w+))?", said)
    return "reproduce" if asked is not None and asked[1] in (None, "current") else None


def decided_of(made: answers.DecisionOutcome) -> shapes.Decided:
    """A decision as the server gives it."""
    return shapes.Decided(
        made.model, made.version, made.run_id, made.model_sha256, _decision(made.decision),
        tuple(map(_decision, made.standing)), made.source, made.notes,
    )  # fmt: skip


def _decision(decision: LoggedDecision) -> shapes.Decision:
    return shapes.Decision(**decision.as_json())
