"""Moving an alias: logged first, copied to the run, set, read back.

MLflow has no compare-and-set. On one host the lock of :mod:`.locking` lets one process through; across hosts the
alias is read just before it is set and just after, and a process that does not find its own version logs that. This
is detection, not prevention: a move that falls between another one's setting and its reading back is seen by the one
that reads later, and one that comes after both is an ordinary move.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..audit.actor import Actor
from ..audit.event import Event
from ..audit.log import AuditLog
from ..audit.mlflow_copy import keep_with_run
from ..errors import BiomlError, NotFound, Refused, StoreUnavailable
from ..store.base import Store, StoredVersion
from ..text.present import printable
from .history import ALIAS_TYPE, FAILED, LOST, alias_id

#: Version tag of a promotion despite failing gates. This package never removes it.
OVERRIDE_TAG = "bioml.override"
_TAG_LIMIT = 5000


@dataclass(frozen=True)
class Move:
    """One move of an alias."""

    action: str
    name: str
    alias: str
    old: StoredVersion | None
    """The version that holds it; None: none does."""
    new: StoredVersion | None
    """The version that will hold it; None: the alias is removed."""
    reason: str
    actor: Actor
    place: str
    model_sha256: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    """Further details for the event: digests of policy, gates and card."""
    files: Mapping[str, bytes] = field(default_factory=dict)
    """Artifacts of the new version's run: path → content."""
    override: str | None = None
    """Text of the override's mark on the version."""
    copy_first: bool = True
    """The event's copy is in MLflow before anything moves, or nothing does; False (a rollback, which must be quick):
    it is stored afterwards."""


def holder_of(store: Store, name: str, alias: str) -> StoredVersion | None:
    """The version that an alias points at; None: none.

    :raises StoreUnavailable: MLflow does not answer.
    """
    try:
        return store.model_version(name, f"@{alias}")
    except NotFound:
        return None
    except Refused:  # MLflow's answer for an alias that a model does not have
        if any(alias in version.aliases for version in store.models(name)):
            raise
        return None


def carry_out(store: Store, log: AuditLog, move: Move) -> tuple[Event, tuple[str, ...]]:
    """Move the alias; returns the event, and what could not be done besides.

    :raises JournalError: it cannot be logged: nothing was changed.
    :raises Refused: somebody else moved the alias in the meantime; it stays as they left it.
    :raises StoreUnavailable: MLflow does not answer; says what was logged and whether the alias moved.
    """
    event = log.append(
        move.action,
        ALIAS_TYPE,
        alias_id(move.name, move.alias),
        object_sha256=move.model_sha256,
        old=_held(move.old, move),
        new={**_held(move.new, move), **move.details},
        reason=move.reason,
        actor=move.actor,
    )
    notes = _beside(store, log, move, event) if move.copy_first else ()
    found = _asked(store, log, move, event, "before it was set")
    if _number(found) != _number(move.old):
        raise _lost(log, move, event, found, "It was left unchanged.")
    try:
        if move.new is None:
            store.remove_alias(move.name, move.alias)
        else:
            store.set_alias(move.name, move.new.version, move.alias)
    except BiomlError as error:
        raise _failed(log, move, event, f"setting the alias: {error.message}", sure=False) from None
    found = _asked(store, log, move, event, "after it was set")
    if _number(found) != _number(move.new):
        raise _lost(log, move, event, found, "It was not changed again.")
    return event, notes if move.copy_first else _beside(store, log, move, event)


def _beside(store: Store, log: AuditLog, move: Move, event: Event) -> tuple[str, ...]:
    """Store what must be in MLflow before the alias moves: the event's copy, its files, the mark of an override."""
    target = move.new or move.old
    run_id = target.run_id if target is not None else None
    notes = [] if run_id else ["The version is not linked to a run, so the event has no copy in MLflow."]
    try:
        if run_id and move.files:
            _store_files(store, run_id, move.files)
        if run_id:
            keep_with_run(store, run_id, event)
        if move.override is not None and move.new is not None:
            before = store.model_version(move.name, move.new.version).tags.get(OVERRIDE_TAG)
            text = f"{before}\n{move.override}" if before else move.override
            store.tag_version(move.name, move.new.version, {OVERRIDE_TAG: text[:_TAG_LIMIT]})
    except BiomlError as error:
        if move.copy_first:
            raise _failed(log, move, event, f"storing its copy: {error.message}", sure=True) from None
        notes.append(f"The event has no copy in MLflow: {error.message}")
    return tuple(notes)


def _store_files(store: Store, run_id: str, files: Mapping[str, bytes]) -> None:
    with tempfile.TemporaryDirectory(prefix="bioml-promote-") as folder:
        for path, data in files.items():
            target = Path(folder) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        store.add_artifacts(run_id, Path(folder))


def _asked(store: Store, log: AuditLog, move: Move, event: Event, when: str) -> StoredVersion | None:
    try:
        return holder_of(store, move.name, move.alias)
    except BiomlError as error:
        raise _failed(log, move, event, f"reading it {when}: {error.message}", sure=when.startswith("before")) from None


def _held(version: StoredVersion | None, move: Move) -> dict[str, Any]:
    return {
        "version": version.version if version is not None else None,
        "run_id": version.run_id if version is not None else None,
        "place": move.place,
    }


def _number(version: StoredVersion | None) -> str | None:
    return version.version if version is not None else None


def _failed(log: AuditLog, move: Move, event: Event, what: str, *, sure: bool) -> StoreUnavailable:
    """MLflow failed on the way: that is logged too, if the log can be written."""
    with contextlib.suppress(BiomlError):
        log.append(
            FAILED, ALIAS_TYPE, alias_id(move.name, move.alias), old={"event": event.hash},
            new={"moved": False if sure else None}, reason=what, actor=move.actor,
        )  # fmt: skip
    state = "The alias was not moved" if sure else "Whether the alias moved is unknown"
    return StoreUnavailable(
        f"{state}: MLflow failed when {what} The audit log records the attempt (event {event.seq}) and its failure.",
        next="When MLflow answers, check with: jupyter bioml models, then retry.",
    )


def _lost(log: AuditLog, move: Move, event: Event, found: StoredVersion | None, left: str) -> Refused:
    theirs = f"version {found.version}" if found is not None else "no version"
    with contextlib.suppress(BiomlError):
        log.append(
            LOST, ALIAS_TYPE, alias_id(move.name, move.alias), old={"event": event.hash},
            new=_held(found, move), reason=f"Somebody else moved the alias: {theirs} holds it.", actor=move.actor,
        )  # fmt: skip
    return Refused(
        f"Somebody else moved the alias {move.alias} of {printable(move.name)} meanwhile: {theirs} holds it. {left} "
        f"The audit log records it (events {event.seq} and after).",
        next="Check the holder with: jupyter bioml models, then retry.",
    )
