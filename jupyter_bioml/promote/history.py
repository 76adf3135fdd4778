"""Which version held an alias before, according to the project's audit log."""

from __future__ import annotations

from collections.abc import Iterable
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

    The moves are followed like a stack: a promotion puts its version on top, a rollback takes it off. Each event
    says who held the alias when it was made, so a move that failed, or that somebody made elsewhere, is seen by the
    next event (or by ``holder``) not fitting, and what does not fit is dropped.

    :param place: of the destination (:func:`~.locking.place_of`): a log may have several.
    :param holder: the version that holds it now, as the registry says.
    :raises NotKnown: the holder was not put there by a move of this log, or nothing is known before it.
    """
    stack: list[str | None] = []
    for event in events:
        if event.object_type != ALIAS_TYPE or event.object_id != alias_id(name, alias) or event.action not in MOVES:
            continue
        before, after = _version(event.old), _version(event.new)
        if _place(event.new) != place:
            continue
        _fit(stack, before)
        if not stack:
            stack.append(before)
        if event.action == ROLLBACK:
            stack.pop()
            if not stack or stack[-1] != after:
                stack.append(after)
        else:
            stack.append(after)
    moved = bool(stack)
    _fit(stack, holder)
    if not stack:
        raise NotKnown("was not put there by any event in this project's log" if moved else "has no move in this log")
    if len(stack) < 2:
        raise NotKnown("is the first one in this project's log")
    return stack[-2]


def _fit(stack: list[str | None], top: str | None) -> None:
    while stack and stack[-1] != top:
        stack.pop()


def _version(value: Any) -> str | None:
    return str(value["version"]) if isinstance(value, dict) and value.get("version") is not None else None


def _place(value: Any) -> Any:
    return value.get("place") if isinstance(value, dict) else None
