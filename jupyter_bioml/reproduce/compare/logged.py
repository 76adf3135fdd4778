"""Comparing what a run logged: its status, the series of its metrics, its values."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ...canonical import canonical_json, jsonable
from ...records.compare import NEVER_COMPARED
from ...records.run import RunRecord
from ...text.present import format_number
from .agreement import BIT_EQUAL, DIFFERENT, Match, apart, number_level, worst


@dataclass(frozen=True)
class State:
    """The status a run ended with, or the exception that ended it."""

    name: str
    text: str | None
    kind: str = "status"
    weight: int = 0
    """How a run ended says nothing about its results."""

    def summary(self) -> str | None:
        """The text; None: there is none."""
        return self.text

    def compare(self, other: State, rtol: float) -> Match:
        """Equal or different; there is nothing between."""
        level = BIT_EQUAL if self.text == other.text else DIFFERENT
        return Match(level, "", self.text, other.text)


@dataclass(frozen=True)
class MetricSeries:
    """A metric with all its steps; its distance is the largest absolute difference."""

    name: str
    points: tuple[tuple[int, float], ...]
    kind: str = "metric"
    is_score: bool = False
    """It is a score of the run, or was named by the user."""

    @property
    def weight(self) -> int:
        """1 for a score, and for a number that is not a whole one: those may be counts."""
        return int(self.is_score or any(not value.is_integer() for _, value in self.points if math.isfinite(value)))

    def summary(self) -> Any:
        """The last value."""
        return jsonable(self.points[-1][1])

    def compare(self, other: MetricSeries, rtol: float) -> Match:
        """Step by step: the worst level of all values; other steps are different."""
        mine, theirs = self.summary(), other.summary()
        if [step for step, _ in self.points] != [step for step, _ in other.points]:
            note = f"{len(self.points)} steps, then {len(other.points)}"
            if len(self.points) == len(other.points):
                note = "different steps"
            return Match(DIFFERENT, note, mine, theirs)
        pairs = [(ours[1], others[1]) for ours, others in zip(self.points, other.points, strict=True)]
        levels = [number_level(*pair, rtol) for pair in pairs]
        level, most = worst(levels), max(apart(*pair) for pair in pairs)
        note = "" if level == BIT_EQUAL else f"differs by {_figure(most)}"
        if level != BIT_EQUAL and len(pairs) > 1:
            first = self.points[levels.index(level)][0]
            note = f"{levels.count(level):,} of {len(pairs):,} steps, first {first:,}; differs by up to {_figure(most)}"
        return Match(level, note, mine, theirs, distance=(most,))


@dataclass(frozen=True)
class Value:
    """A logged value: a number, or anything else that JSON can hold. Of other things the distance is 0 or 1."""

    name: str
    value: Any
    kind: str = "value"

    @property
    def weight(self) -> int:
        """1 for a number with a point; a count, a shape, True and a missing number prove nothing."""
        return int(type(self.value) is float and math.isfinite(self.value))

    def summary(self) -> Any:
        """The value as JSON."""
        return jsonable(self.value)

    def compare(self, other: Value, rtol: float) -> Match:
        """Numbers within ``rtol``; anything else by its canonical JSON."""
        mine, theirs = self.summary(), other.summary()
        if _is_number(self.value) and _is_number(other.value):
            level, most = number_level(self.value, other.value, rtol), apart(self.value, other.value)
            note = "" if level == BIT_EQUAL else f"differs by {_figure(most)}"
            return Match(level, note, mine, theirs, distance=(most,))
        same = canonical_json(mine) == canonical_json(theirs)
        return Match(BIT_EQUAL if same else DIFFERENT, "", mine, theirs, distance=(0.0 if same else 1.0,))


def logged_parts(record: RunRecord) -> Iterator[State | MetricSeries | Value]:
    """The status, the exception if there is one, metrics and values of ``record``; timings and readings never."""
    yield State("status", record.status)
    if record.failure is not None:
        yield State("exception", record.failure.kind)
    points: dict[str, list[tuple[int, float]]] = {}
    for metric in record.metrics:
        if not metric.key.startswith(NEVER_COMPARED):
            points.setdefault(metric.key, []).append((metric.step, metric.value))
    named = {*(score.key for score in record.scores), *(record.compared or ())}
    for key, series in points.items():
        yield MetricSeries(key, tuple(series), is_score=key in named)
    for key, value in record.values.items():
        if not key.startswith(NEVER_COMPARED):
            yield Value(key, value)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _figure(difference: float) -> str:
    return format_number(difference) if math.isfinite(difference) else "more than any number"
