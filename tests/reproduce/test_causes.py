"""The decision table: each word, the order in which causes are looked for, and what is never decided."""

from __future__ import annotations

import itertools

import pytest

from jupyter_bioml.reproduce.cause.causes import STOPPING, Seen, decide
from jupyter_bioml.reproduce.compare.agreement import BIT_EQUAL, NUMERICALLY_EQUAL, UNKNOWN, WITHIN_NOISE
from jupyter_bioml.reproduce.compare.agreement import DIFFERENT as DIFFER
from jupyter_bioml.reproduce.verdict import (
    CAUSES,
    COULD_NOT_RUN,
    DATA_CHANGED,
    DIFFERENT,
    EXIT_CODES,
    NONDETERMINISM,
    NOT_COMPARED,
    REPRODUCED,
    STATE_NOT_PROVEN,
    TIME_DEPENDENCE,
    UNSEEDED_RANDOMNESS,
    VERDICTS,
    Evidence,
)
from jupyter_bioml.reproduce.verdict import WITHIN_NOISE as IN_NOISE


def seen(cause: str, **more: bool) -> Evidence:
    return Evidence(cause, f"seen: {cause}", f"fix {cause}", **more)


def test_words_and_exit_codes() -> None:
    assert VERDICTS == ("REPRODUCED", "WITHIN NOISE", "DIFFERENT", "COULD NOT RUN", "NOT COMPARED")
    assert [EXIT_CODES[verdict] for verdict in VERDICTS] == [0, 0, 1, 3, 4]
    assert set(CAUSES) == {
        "missing-package", "version-changed", "data-changed", "data-missing", "path-not-portable", "hidden-state",
        "unseeded-randomness", "time-dependence", "nondeterminism", "network", "needs-input", "kernel-died", "timeout", "code-error",
        "code-changed", "code-missing", "environment-not-buildable", "state-not-proven",
    }  # fmt: skip


@pytest.mark.parametrize("cause", CAUSES)
def test_each_cause_is_found_with_its_repair(cause: str) -> None:
    stopped = decide(Seen(None, (seen(cause),)))
    if cause in STOPPING:
        assert (stopped.verdict, stopped.cause, stopped.repair) == (COULD_NOT_RUN, cause, f"fix {cause}")
    else:
        assert (stopped.verdict, stopped.cause) == (COULD_NOT_RUN, STATE_NOT_PROVEN), "it stops no run"
    other = decide(Seen(DIFFER, (seen(cause),)))
    assert (other.verdict, other.cause, other.repair) == (DIFFERENT, cause, f"fix {cause}")


def test_the_first_in_order_is_the_cause_and_the_others_are_evidence() -> None:
    for first, second in itertools.combinations(CAUSES, 2):
        for evidence in ((seen(first), seen(second)), (seen(second), seen(first))):
            found = decide(Seen(DIFFER, evidence))
            assert found.cause == first
            assert [item.cause for item in found.evidence] == [first, second]


def test_equal_results_have_no_cause_whatever_was_seen() -> None:
    evidence = (seen(UNSEEDED_RANDOMNESS, decides=False), seen(TIME_DEPENDENCE))
    for level in (BIT_EQUAL, NUMERICALLY_EQUAL):
        found = decide(Seen(level, evidence))
        assert (found.verdict, found.cause, found.repair) == (REPRODUCED, None, None)
        assert len(found.evidence) == 2, "it is told all the same"


def test_other_data_make_it_different_even_when_every_metric_is_equal() -> None:
    found = decide(Seen(BIT_EQUAL, (seen(DATA_CHANGED),), data_unfound=True))
    assert (found.verdict, found.cause) == (DIFFERENT, DATA_CHANGED)


def test_what_was_put_back_without_effect_is_not_the_cause() -> None:
    evidence = (seen(TIME_DEPENDENCE, proved=False), seen(UNSEEDED_RANDOMNESS, proved=True))
    assert decide(Seen(DIFFER, evidence)).cause == UNSEEDED_RANDOMNESS
    assert decide(Seen(DIFFER, evidence[:1])).cause == STATE_NOT_PROVEN


def test_equal_inputs_with_other_results_are_nondeterminism_without_anybody_asking() -> None:
    found = decide(Seen(DIFFER, (seen(UNSEEDED_RANDOMNESS, decides=False),), equal_inputs=True))
    assert found.cause == NONDETERMINISM
    assert decide(Seen(DIFFER, (), equal_inputs=False)).cause == STATE_NOT_PROVEN
    assert decide(Seen(DIFFER, (seen(UNSEEDED_RANDOMNESS),), equal_inputs=True)).cause == UNSEEDED_RANDOMNESS


def test_equal_results_that_may_be_chance_are_not_called_reproduced() -> None:
    evidence = (seen(UNSEEDED_RANDOMNESS),)
    found = decide(Seen(BIT_EQUAL, evidence, by_chance=True))
    assert (found.verdict, found.cause, found.repair) == (NOT_COMPARED, UNSEEDED_RANDOMNESS, "fix unseeded-randomness")
    assert decide(Seen(DIFFER, evidence, by_chance=True)).verdict == DIFFERENT


def test_noise_and_what_could_not_be_compared() -> None:
    found = decide(Seen(WITHIN_NOISE, (seen(UNSEEDED_RANDOMNESS),)))
    assert (found.verdict, found.cause) == (IN_NOISE, UNSEEDED_RANDOMNESS)
    assert decide(Seen(WITHIN_NOISE, (), equal_inputs=True)).cause == NONDETERMINISM
    nothing = decide(Seen(UNKNOWN))
    assert (nothing.verdict, nothing.cause) == (NOT_COMPARED, None), (
        "what was not established is never called reproduced"
    )
    assert nothing.repair and "bioml.log" in nothing.repair, "it says what to show"
    assert decide(Seen(UNKNOWN, (seen(DATA_CHANGED),), data_unfound=True)).verdict == DIFFERENT
