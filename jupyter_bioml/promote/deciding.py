"""Approving and rejecting: a decision is logged under the decider's name, and kept with the run."""

from __future__ import annotations

from ..audit.log import AuditLog
from ..audit.mlflow_copy import keep_with_run
from ..canonical import digest
from ..errors import BiomlError, UsageError
from ..text.present import printable
from .answers import DecisionOutcome
from .approvals import (
    APPROVE,
    MEANINGS,
    REJECT,
    VERSION_TYPE,
    binding,
    decisions,
    known_copies,
    standing,
    version_id,
)
from .facts import Facts
from .policy import load_policy

REJECTION = "rejection"


def decide(facts: Facts, log: AuditLog, *, approves: bool, meaning: str | None, reason: str) -> DecisionOutcome:
    """Log a decision about ``facts.version``, bound to its run and the digest of its files.

    :param meaning: of an approval: ``review``, ``approval``, or one that the policy names.
    :raises UsageError: no reason, or a meaning that no gate requires.
    :raises Refused: the audit log was altered; nothing was added to it.
    :raises JournalError: it cannot be logged, so nothing was decided. StoreUnavailable: MLflow does not answer.
    """
    if not reason.strip():
        raise UsageError("A reason is required; nothing was logged.", next='Write: --reason "why"')
    if approves:
        known = tuple(dict.fromkeys((*MEANINGS, *load_policy(facts.project.root).meanings)))
        if meaning not in known:
            raise UsageError(
                f"{str(meaning)[:40]!r} is not a valid meaning for an approval.", next=f"Known: {', '.join(known)}."
            )
    else:
        meaning = REJECTION
    version, actor, earlier = facts.version, facts.actor, facts.events
    bound = binding(version, facts.model_sha256)
    verb = "approve" if approves else "reject"
    event = log.append(
        APPROVE if approves else REJECT,
        VERSION_TYPE,
        version_id(version),
        object_sha256=facts.model_sha256,
        new=bound,
        reason=reason,
        actor=actor,
        meaning=meaning,
        statement=f"{actor.name}: I {verb} version {version.version} of {version.name} ({meaning}).",
        record_sha256=digest(bound),
    )
    notes = []
    if version.run_id is None:
        notes.append("The version is not linked to a run, so the event has no copy in MLflow.")
    else:
        try:
            keep_with_run(facts.store, version.run_id, event)
        except BiomlError as error:
            notes.append(
                f"The decision is logged; its copy in MLflow is stored when the version is promoted: {error.message}"
            )
    found = decisions((*earlier, event), known_copies(facts.store, version), version, facts.model_sha256)
    own = next(decision for decision in found if decision.event.hash == event.hash)
    return DecisionOutcome(
        version.name, version.version, version.run_id, facts.model_sha256, own, tuple(standing(found)[0]),
        printable(actor.source), tuple(notes),
    )  # fmt: skip
