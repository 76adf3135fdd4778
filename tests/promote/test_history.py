"""Who held an alias before: from promotions, rollbacks, moves that failed, and moves made elsewhere."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from jupyter_bioml.audit.event import NO_EVENT, Event
from jupyter_bioml.promote.history import NotKnown, earlier_holders, last_move, previous_holder

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
    assert before(events, "7") == "1", "the last one that this log put there"
    with pytest.raises(NotKnown, match="the first one"):
        before(moves(("promote", "7", "8")), "7")


def test_other_destinations_models_and_events_do_not_count() -> None:
    events = moves(("promote", None, "1"), ("promote", "1", "2")) + moves(("promote", "2", "9"), place="http://other")
    events += moves(("promotion.lost", "2", "9"), ("verdict", None, "9"))
    assert before(events, "2") == "1"
    with pytest.raises(NotKnown):
        previous_holder(events, "m", "challenger", PLACE, "2")


def test_a_chosen_rollback_and_what_was_moved_elsewhere_keep_the_history() -> None:
    events = moves(("promote", None, "1"), ("promote", "1", "2"), ("rollback", "7", "2"))
    assert before(events, "2") == "1", "somebody had put 7 there; 2 was chosen again"
    events = moves(("promote", None, "1"), ("promote", "1", "2"), ("promote", "2", "3"), ("rollback", "3", "1"))
    assert before(events, "1") is None, "two further back at once"
    events = moves(("promote", None, "1"), ("promote", "7", "8"), ("rollback", "8", "7"))
    assert before(events, "7") == "1", "the history below 7 is known"
    events = moves(("promote", None, "1"), ("promote", "1", "2"), ("promote", None, "3"))
    assert before(events, "3") is None, "somebody had removed the alias"


def test_where_the_log_left_the_alias() -> None:
    def expected(events: list[Event]) -> tuple[str | None, ...]:
        found = last_move(events, "m", "champion", PLACE)
        assert found is not None
        return found.holders

    events = moves(("promote", None, "1"), ("promote", "1", "2"))
    assert expected(events) == ("2",) and last_move([], "m", "champion", PLACE) is None
    assert expected(events + moves(("promote", "2", "9"), place="http://other")) == ("2",)
    assert earlier_holders(events, "m", "champion", PLACE) == ("2", "1")
    for moved, holders, known in ((False, ("1",), ("1",)), (None, ("1", "2"), ("2", "1"))):
        failed = dataclasses.replace(events[1], action="promotion.failed", old={"event": "h"}, new={"moved": moved})
        assert expected([*events, failed]) == holders
        moves_apart = [dataclasses.replace(events[0], hash="first"), events[1], failed]
        assert earlier_holders(moves_apart, "m", "champion", PLACE) == known
