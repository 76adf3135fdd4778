"""The metrics of two runs beside each other, each with where it comes from."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .card import TIMING
from .facts import Score
from .origins import by_importance, origin_text
from .run import RunRecord

#: Relative difference that two metrics may have and still be called close: above the rounding of a sum
#: taken in another order, below every digit that people read.
TOLERANCE = 1e-9
IDENTICAL, CLOSE, DIFFERENT, ONE_SIDED = "identical", "close", "different", "only on one side"
#: At least one of the two is only known as it was printed, and they differ by one unit of its last digit at most.
AS_PRINTED = "agrees as printed"
#: Metrics that say how a run went, not what it found.
NEVER_COMPARED = (TIMING, "system/")
#: Of a unit, above the rounding of two printed figures' difference.
_SLACK = 1e-6


@dataclass(frozen=True)
class MetricPair:
    """One metric on both sides; None where a side has none."""

    key: str
    left: float | None
    right: float | None
    relation: str
    first_step: int | None = None
    """The first step at which the two series do not agree."""
    left_score: Score | None = None
    """Where the left value comes from; None: not known."""
    right_score: Score | None = None
    """Where the right value comes from; None: not known."""

    @property
    def agrees(self) -> bool:
        """The values are identical, close, or alike as printed, at every step."""
        return self.relation in (IDENTICAL, CLOSE, AS_PRINTED) and self.first_step is None

    @property
    def origins(self) -> tuple[str, str] | None:
        """Where the values come from, in words, where both are known and not the same; else None."""
        left, right = origin_text(self.left_score), origin_text(self.right_score)
        return (left, right) if left and right and left != right else None


def pairs_of(left: RunRecord, right: RunRecord, tolerance: float = TOLERANCE) -> Iterator[MetricPair]:
    """The metrics that count, of both runs: those named by ``--metrics``, else all but timings and readings."""
    named = left.compared if left.compared is not None else right.compared
    ours, theirs = ({score.key: score for score in record.scores} for record in (left, right))
    found = dict.fromkeys([*left.latest(), *right.latest()])
    keys = named if named is not None else by_importance(found, {**theirs, **ours})
    series, others = _series(left), _series(right)
    for key in keys:
        if key.startswith(NEVER_COMPARED):
            continue
        first, second = series.get(key, []), others.get(key, [])
        if not first and not second:
            continue
        value, other = (steps[-1][1] if steps else None for steps in (first, second))
        score, another = ours.get(key), theirs.get(key)
        unit = unit_of((score, another))
        step = _first_step(first, second, tolerance, unit)
        yield MetricPair(key, value, other, relation(value, other, tolerance, unit), step, score, another)


def unit_of(scores: Iterable[Score | None]) -> float | None:
    """One unit of the last digit of the coarsest of these scores; None: none is only known as it was printed."""
    digits = [score.digits for score in scores if score is not None and score.digits is not None]
    return 10.0 ** -min(digits) if digits else None


def relation(left: float | None, right: float | None, tolerance: float = TOLERANCE, unit: float | None = None) -> str:
    """How two values of a metric stand to each other.

    :param unit: one unit of the last digit, where one of them is only known as it was printed (:func:`unit_of`).
    """
    if left is None or right is None:
        return ONE_SIDED
    if unit is not None and abs(left - right) <= unit * (1 + _SLACK):
        return AS_PRINTED
    if left == right:
        return IDENTICAL
    return CLOSE if math.isclose(left, right, rel_tol=tolerance) else DIFFERENT


def _series(record: RunRecord) -> dict[str, list[tuple[int, float]]]:
    """Key → step and value of each of its values."""
    found: dict[str, list[tuple[int, float]]] = {}
    for metric in record.metrics:
        found.setdefault(metric.key, []).append((metric.step, metric.value))
    return found


def _first_step(
    ours: list[tuple[int, float]], theirs: list[tuple[int, float]], tolerance: float, unit: float | None
) -> int | None:
    if not ours or not theirs or max(len(ours), len(theirs)) == 1:
        return None
    for (step, value), (other_step, other) in zip(ours, theirs, strict=False):
        if step != other_step or relation(value, other, tolerance, unit) == DIFFERENT:
            return min(step, other_step)
    if len(ours) != len(theirs):
        return max(ours, theirs, key=len)[min(len(ours), len(theirs))][0]
    return None


def values_alike(left: Mapping[str, Any], right: Mapping[str, Any], tolerance: float = TOLERANCE) -> set[str]:
    """The names of values that are numbers on both sides, and close."""
    return {
        name
        for name in left.keys() & right.keys()
        if isinstance(left[name], float)
        and isinstance(right[name], float)
        and math.isclose(left[name], right[name], rel_tol=tolerance)
    }
