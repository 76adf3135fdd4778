"""The decision: from what was seen to one verdict with one cause. Pure: the same evidence, the same answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ...records.compare import Difference
from ..compare.agreement import DIFFERENT as OUTPUTS_DIFFER
from ..compare.agreement import UNKNOWN
from ..compare.agreement import WITHIN_NOISE as IN_THE_NOISE
from ..verdict import (
    CAUSES,
    CODE_ERROR,
    COULD_NOT_RUN,
    DATA_CHANGED,
    DIFFERENT,
    NONDETERMINISM,
    NOT_COMPARED,
    REPRODUCED,
    STATE_NOT_PROVEN,
    UNSEEDED_RANDOMNESS,
    WITHIN_NOISE,
    Evidence,
    Verdict,
)

#: What helps where a run offers nothing to compare.
SHOW_A_RESULT = "print or display a result in the cell, keep its model, or log one: bioml.log(accuracy=…)"
#: Causes that stop a run; the others change what it finds.
STOPPING = frozenset(CAUSES[: CAUSES.index(CODE_ERROR) + 1])


@dataclass(frozen=True)
class Seen:
    """The observations of a reproduction."""

    level: str | None
    """The level of the outputs together (:mod:`.levels`); None: the run's cell did not come to its end; *not known*:
    it did, and offered nothing that would have shown another result."""
    evidence: Sequence[Evidence] = ()
    """In any order."""
    data_unfound: bool = False
    """Recorded data were not found, and the current data were used."""
    equal_inputs: bool = False
    """Code, data, parameters and environment are known and equal on both sides."""
    differences: tuple[Difference, ...] = ()
    by_chance: bool = False
    """An unseeded generator runs in the plan, and nothing shows that the results do not depend on it."""


def decide(seen: Seen) -> Verdict:
    """The verdict of what was seen; the first of :data:`.verdict.CAUSES` with evidence that decides is the cause."""
    evidence = _ordered(seen.evidence)
    if seen.level is None:
        return _verdict(COULD_NOT_RUN, _first(evidence, STOPPING), evidence, seen)
    if seen.data_unfound:
        return _verdict(DIFFERENT, _only(evidence, DATA_CHANGED), evidence, seen)
    if seen.level == UNKNOWN:
        return Verdict(NOT_COMPARED, None, evidence, SHOW_A_RESULT, seen.differences)
    if seen.by_chance and seen.level not in (OUTPUTS_DIFFER, IN_THE_NOISE):
        return _verdict(NOT_COMPARED, _first(evidence, frozenset((UNSEEDED_RANDOMNESS,))), evidence, seen)
    if seen.level not in (OUTPUTS_DIFFER, IN_THE_NOISE):
        return Verdict(REPRODUCED, None, evidence, None, seen.differences)
    cause = _first(evidence, frozenset(CAUSES))
    if cause is None and seen.equal_inputs:
        message = "Code, data, parameters and environment are the same on both sides, but the results differ."
        cause = Evidence(NONDETERMINISM, message, "check for threads, the GPU, or something that was not captured")
        evidence = _ordered((*evidence, cause))
    verdict = DIFFERENT if seen.level == OUTPUTS_DIFFER else WITHIN_NOISE
    return _verdict(verdict, cause, evidence, seen)


def _verdict(verdict: str, cause: Evidence | None, evidence: tuple[Evidence, ...], seen: Seen) -> Verdict:
    if cause is None:
        message = "Nothing captured explains it: the record lacks something from the original session."
        cause = Evidence(STATE_NOT_PROVEN, message, "run the notebook from top to bottom in a fresh kernel, tracked")
        evidence = _ordered((*evidence, cause))
    return Verdict(verdict, cause.cause, evidence, cause.repair, seen.differences)


def _ordered(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """By cause, what decides and what was proved first."""
    return tuple(
        sorted(
            dict.fromkeys(evidence),
            key=lambda item: (CAUSES.index(item.cause), not item.decides, item.proved is not True),
        )
    )


def _first(evidence: Iterable[Evidence], among: frozenset[str]) -> Evidence | None:
    """The first deciding evidence; a factor restored without effect does not decide."""
    return next((item for item in evidence if item.cause in among and item.decides and item.proved is not False), None)


def _only(evidence: Iterable[Evidence], cause: str) -> Evidence | None:
    return next((item for item in evidence if item.cause == cause), None)
