"""Which version held an alias before, according to the project's audit log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..audit.event import Event

PROMOTE, OVERRIDE, ROLLBACK = "promote", "override", "rollback"
MOVES = (PROMOTE, OVERRIDE, ROLLBACK)
REFUSED, LOST, FAILED = "promotion.refused", "promotion.lost", "promotion.failed"
ALIAS_TYPE = "alias"


def alias_id(name: str, alias: str) -> str:
    """The name of a model's alias in the audit log."""
    return f"{name}@{alias}"


class NotKnown(Exception):
    """The log does not say which version held the alias before; the message says why."""


def previous_holder(events: Iterable[Event], name: str, alias: str, place: str, holder: str | None) -> str | None:
    """The version that held the alias before ``holder``; None: none did.

    The moves are followed like a stack: a promotion puts its version on top, a rollback takes off what is above its
    own. Each event says who held the alias when it was made, so a move that failed is seen by the next event (or by
    ``holder``) not fitting, and is dropped; a holder that no event put there was put there elsewhere.

    :param place: of the destination (:func:`~.locking.place_of`): a log may have several.
    :param holder: the version that holds it now, as the registry says.
    :raises NotKnown: the holder was not put there by a move of this log, or nothing is known before it.
    """
    stack: list[str | None] = []
    for event in _moves(events, name, alias, place):
        before, after = _version(event.old), _version(event.new)
        if event.action == ROLLBACK and after in stack:
            _fit(stack, after)
            continue
        if before in stack:
            _fit(stack, before)
        else:
            stack.append(before)
        if event.action == ROLLBACK:
            stack.pop()
        stack.append(after)
    moved = bool(stack)
    _fit(stack, holder)
    if not stack:
        raise NotKnown("was not put there by any event in this project's log" if moved else "has no move in this log")
    if len(stack) < 2:
        raise NotKnown("is the first one in this project's log")
    return stack[-2]


@dataclass(frozen=True)
class LastMove:
    """The last move of an alias that this log knows."""

    event: Event
    holders: tuple[str | None, ...]
    """Who may hold the alias since, if nobody else moved it: the version that was put there; or the one before,
    where setting the alias failed."""


def last_move(events: Iterable[Event], name: str, alias: str, place: str) -> LastMove | None:
    """The last move of an alias at a destination; None: this log has none."""
    found = None
    for event in events:
        if event.object_type != ALIAS_TYPE or event.object_id != alias_id(name, alias):
            continue
        if event.action in MOVES and _place(event.new) == place:
            found = LastMove(event, (_version(event.new),))
        elif found is not None and event.action == FAILED and event.old.get("event") == found.event.hash:
            before, after = _version(found.event.old), _version(found.event.new)
            found = LastMove(found.event, (before,) if _failed(event) else (before, after))
    return found


def earlier_holders(events: Sequence[Event], name: str, alias: str, place: str) -> tuple[str, ...]:
    """Every version that held an alias according to this log, the last one first."""
    failed = {event.old.get("event") for event in events if _failed(event)}
    held: list[str | None] = []
    for event in _moves(events, name, alias, place):
        held += [_version(event.old), None if event.hash in failed else _version(event.new)]
    return tuple(dict.fromkeys(version for version in reversed(held) if version is not None))


def put_here(events: Iterable[Event], name: str, alias: str, place: str, version: str) -> bool:
    """Whether a move of this log put a version there, not somebody else."""
    return any(_version(event.new) == version for event in _moves(events, name, alias, place))


def _moves(events: Iterable[Event], name: str, alias: str, place: str) -> Iterator[Event]:
    for event in events:
        ours = event.object_type == ALIAS_TYPE and event.object_id == alias_id(name, alias) and event.action in MOVES
        if ours and _place(event.new) == place:
            yield event


def _failed(event: Event) -> bool:
    """Whether it says that a move was logged, and for certain never made."""
    return event.action == FAILED and event.new.get("moved") is False


def _fit(stack: list[str | None], top: str | None) -> None:
    while stack and stack[-1] != top:
        stack.pop()


def _version(value: Any) -> str | None:
    return str(value["version"]) if isinstance(value, dict) and value.get("version") is not None else None


def _place(value: Any) -> Any:
    return value.get("place") if isinstance(value, dict) else None
