"""Rolling an alias back to a version that held it before, according to the audit log.

MLflow lets anybody move an alias, and its log does not say so. An alias that is not where this project's log left it
has been moved elsewhere, or a promotion was cut off: then what "before" means is for a person to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..audit.actor import Actor
from ..audit.event import Event
from ..audit.log import AuditLog
from ..errors import NotFound, Refused
from ..store.base import Store, StoredVersion
from ..text.present import printable
from .answers import RollbackOutcome
from .history import ROLLBACK, LastMove, NotKnown, earlier_holders, last_move, previous_holder, put_here
from .moving import Move, carry_out, holder_of


@dataclass(frozen=True)
class Rollback:
    """What is to go back."""

    events: tuple[Event, ...]
    """The audit log."""
    name: str
    alias: str
    place: str
    """Of the destination, as events name it."""
    version: str | None
    """The version to go back to; None: the one that held the alias before its holder."""

    @property
    def of(self) -> tuple[tuple[Event, ...], str, str, str]:
        """What the questions to the log are about."""
        return self.events, self.name, self.alias, self.place


def roll_back(store: Store, log: AuditLog, asked: Rollback, actor: Actor, reason: str) -> RollbackOutcome:
    """Point the alias back. Gates are not checked.

    :raises NotFound: no version holds the alias.
    :raises Refused: the alias is not where the log left it, and no version is named; the log does not say who held
        it before, or never knew the version; that version is gone.
    :raises JournalError: the audit log cannot be written; StoreUnavailable: MLflow does not answer.
    """
    holder = holder_of(store, asked.name, asked.alias)
    number = holder.version if holder is not None else None
    last = last_move(*asked.of)
    moved = last if last is not None and number not in last.holders else None
    if asked.version is not None:
        before: str | None = _chosen(asked, asked.version, number)
    elif moved is not None:
        raise Refused(f"{_moved_words(asked, moved, number)} Nothing was changed.", next=_choices(asked, number))
    elif number is None:
        raise NotFound(
            f"No version of {printable(asked.name)} holds the alias {asked.alias}.", next="See: jupyter bioml models"
        )
    else:
        before = _previous(asked, number)
    notes: tuple[str, ...] = ()
    details: dict[str, Any] = {}
    if moved is not None:
        notes = (_moved_words(asked, moved, number),)
        details = {"moved_outside": {"after_event": moved.event.hash, "expected": list(moved.holders), "found": number}}
    if before is not None and not put_here(*asked.of, before):
        notes += (f"Version {before} had been put there outside this project's log, so its gates are not known.",)
    target = _earlier(store, asked.name, before)
    move = Move(
        ROLLBACK, asked.name, asked.alias, holder, target, reason, actor, asked.place, details=details, copy_first=False
    )
    event, more = carry_out(store, log, move)
    return RollbackOutcome(asked.name, asked.alias, before, number, event.hash, (*notes, *more))


def _previous(asked: Rollback, holder: str) -> str | None:
    try:
        return previous_holder(*asked.of, holder)
    except NotKnown as error:
        raise Refused(
            f"Version {holder} of {printable(asked.name)} {error}, so the previous holder of {asked.alias} is "
            "unknown. Nothing was changed.",
            next=f"Choose a version yourself: jupyter bioml promote NAME@VERSION --to {asked.alias}",
        ) from None


def _chosen(asked: Rollback, version: str, holder: str | None) -> str:
    if version == holder:
        raise Refused(f"Version {version} already holds the alias {asked.alias}. Nothing was changed.")
    if version not in earlier_holders(*asked.of):
        raise Refused(
            f"Version {printable(version)[:40]} never held {asked.alias}, according to this project's log. "
            "Nothing was changed.",
            next=_choices(asked, holder),
        )
    return version


def _choices(asked: Rollback, holder: str | None) -> str:
    known = [version for version in earlier_holders(*asked.of) if version != holder]
    if not known:
        return f"Promote a version: jupyter bioml promote NAME@VERSION --to {asked.alias}"
    command = f'jupyter bioml rollback "{printable(asked.name)}" --alias {asked.alias} --version {known[0]}'
    return f"Choose a version that held it before ({', '.join(known)}): {command}"


def _moved_words(asked: Rollback, last: LastMove, holder: str | None) -> str:
    event = last.event
    expected = " or ".join("no version" if one is None else f"version {one}" for one in last.holders)
    found = "no version" if holder is None else f"version {holder}"
    return (
        f"The alias {asked.alias} of {printable(asked.name)} was moved outside this project's log, or a promotion was "
        f"cut off: since event {event.seq} of {event.ts_utc[:10]} {expected} should hold it, but {found} does."
    )


def _earlier(store: Store, name: str, version: str | None) -> StoredVersion | None:
    if version is None:
        return None
    try:
        return store.model_version(name, version)
    except NotFound:
        raise Refused(
            f"Version {version} of {printable(name)}, which held the alias before, no longer exists. "
            "Nothing was changed.",
            next="Promote another version.",
        ) from None
