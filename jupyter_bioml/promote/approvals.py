"""Approvals and rejections of model versions, from the audit log.

A decision is bound to the version, its run and the digest of the model's files, so that it cannot be carried over to
another model; a version whose files changed has no approvals. A rejection cancels every approval before it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..audit.event import Event, decode, from_json
from ..audit.mlflow_copy import FOLDER
from ..canonical import digest
from ..errors import BiomlError
from ..store.base import StoredVersion, StoreReader

APPROVE, REJECT = "approve", "reject"
VERSION_TYPE = "model-version"
#: Meanings an approval can have when the policy names no others.
MEANINGS = ("review", "approval")
#: Copies of events read from one run at most; the newest by name.
_MOST_COPIES = 1000


@dataclass(frozen=True)
class LoggedDecision:
    """One person's decision about a version."""

    event: Event
    where: str
    """``this project's log``, or where a copy of another project's event lies."""

    @property
    def approves(self) -> bool:
        """It is an approval, not a rejection."""
        return self.event.action == APPROVE

    def as_json(self) -> dict[str, Any]:
        """One decision of an answer: who, how that is known, what, why and when."""
        event = self.event
        return {
            "decision": event.action,
            "by": event.actor_id,
            "name": event.actor_name,
            "auth_method": event.auth_method,
            "meaning": event.meaning,
            "reason": event.reason,
            "at": event.ts_utc,
            "event": event.hash,
            "where": self.where,
        }


def version_id(version: StoredVersion) -> str:
    """The version's name in the audit log."""
    return f"{version.name}/{version.version}"


def binding(version: StoredVersion, model_sha256: str) -> dict[str, Any]:
    """The facts a decision is bound to."""
    return {
        "model": version.name,
        "version": version.version,
        "run_id": version.run_id,
        "model_sha256": model_sha256,
    }


def decisions(
    events: Iterable[Event], copies: Iterable[Event], version: StoredVersion, model_sha256: str
) -> tuple[LoggedDecision, ...]:
    """The decisions that concern exactly this version, run and model, oldest first.

    :param copies: events of other project folders, from the artifacts of the version's run.
    """
    bound = digest(binding(version, model_sha256))
    found: dict[str, LoggedDecision] = {}
    for where, group in (("this project's log", events), ("a copy in MLflow of another project's log", copies)):
        for event in group:
            ours = event.object_type == VERSION_TYPE and event.action in (APPROVE, REJECT)
            if ours and event.record_sha256 == bound and event.object_id == version_id(version):
                found.setdefault(event.hash, LoggedDecision(event, where))
    return tuple(sorted(found.values(), key=lambda decision: decision.event.ts_utc))


def standing(found: Iterable[LoggedDecision]) -> tuple[list[LoggedDecision], LoggedDecision | None]:
    """(approvals after the last rejection, that rejection)."""
    approvals: list[LoggedDecision] = []
    rejection = None
    for decision in found:
        if decision.approves:
            approvals.append(decision)
        else:
            approvals, rejection = [], decision
    return approvals, rejection


def copies_of(store: StoreReader, run_id: str) -> tuple[Event, ...]:
    """Events kept with a run whose text and hash are intact; each event names its chain.

    :raises StoreUnavailable: it does not answer.
    """
    found = []
    for path in store.artifacts(run_id, FOLDER)[-_MOST_COPIES:]:
        line = decode(store.read_artifact(run_id, path).removesuffix(b"\n"))
        if line.sound and line.document is not None:
            with contextlib.suppress(TypeError):
                found.append(from_json(line.document))
    return tuple(found)


def known_copies(store: StoreReader, version: StoredVersion) -> tuple[Event, ...]:
    """Like :func:`copies_of`; none if the version has no run or the run is gone."""
    if version.run_id is None:
        return ()
    try:
        return copies_of(store, version.run_id)
    except BiomlError as error:
        if error.code == "not-found":
            return ()
        raise
