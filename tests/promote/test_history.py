"""Who held an alias before: from promotions, rollbacks, moves that failed, and moves made elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_bioml.audit.event import NO_EVENT, Event
from jupyter_bioml.promote.history import NotKnown, previous_holder

PLACE = "http://server"


def moves(*said: tuple[str, str | None, str | None], place: str = PLACE) -> list[Event]:
    return [
        Event(
            number, "2026-11-21T12:00:00.000000Z", "+00:00", "ada", "Ada", "os-user", "ada/1/1", "host", action,
            "alias", "m@champion", None, held(old, place), held(new, place), "", "0.1", "c" * 32, NO_EVENT, "h",
        )
        for number, (action, old, new) in enumerate(said, 1)
    ]  # fmt: skip


def held(version: str | None, place: str) -> dict[str, Any]:
    return {"version": version, "run_id": None, "place": place}


def before(events: list[Event], holder: str | None) -> str | None:
    return previous_holder(events, "m", "champion", PLACE, holder)


def test_rollbacks_go_further_back_each_time() -> None:
    events = moves(("promote", None, "1"), ("promote", "1", "2"), ("override", "2", "3"))
    assert before(events, "3") == "2"
    events += moves(("rollback", "3", "2"))
    assert before(events, "2") == "1"
    events += moves(("rollback", "2", "1"))
    assert before(events, "1") is None, "nobody held it before its first promotion"
    events += moves(("promote", "1", "4"))
    assert before(events, "4") == "1"


def test_a_move_that_did_not_happen_is_dropped() -> None:
    events = moves(("promote", None, "1"), ("promote", "1", "2"))
    assert before(events, "1") is None, "the second one was logged, and the alias never moved"
    events += moves(("promote", "1", "3"))
    assert before(events, "3") == "1"


def test_moves_made_elsewhere() -> None:
    events = moves(("promote", None, "1"), ("promote", "7", "8"))
    assert before(events, "8") == "7", "somebody else had moved it from 1 to 7"
    with pytest.raises(NotKnown, match="not put there by any event"):
        before(events, "9")
    with pytest.raises(NotKnown, match="no move in this log"):
        before([], "1")
    with pytest.raises(NotKnown, match="the first one"):
        before(events, "7")


def test_other_destinations_models_and_events_do_not_count() -> None:
    events = moves(("promote", None, "1"), ("promote", "1", "2")) + moves(("promote", "2", "9"), place="http://other")
    events += moves(("promotion.lost", "2", "9"), ("verdict", None, "9"))
    assert before(events, "2") == "1"
    with pytest.raises(NotKnown):
        previous_holder(events, "m", "challenger", PLACE, "2")
