"""A score on its way from a cell to a run."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ...records.facts import Score


@dataclass(eq=False)
class FoundScore:
    """One score of a cell: a number, or a series."""

    key: str
    points: list[tuple[int, float]]
    """(step, value)."""
    origin: str
    source: str | None = None
    digits: int | None = None
    models: list[Any] = field(default_factory=list)
    """The models that were scored (themselves, or as they were followed); let go when the score is written."""
    variable: str | None = None
    """The name that holds it, where the text binds it to one."""
    again: str | None = None
    """What tells it from another of its name: an argument."""
    model: str | None = None
    """The model that was scored: its name in the text, else its class."""
    of: str | None = None
    """Record id of the run that made that model."""
    at: float | None = None

    @property
    def value(self) -> float:
        """The last value."""
        return self.points[-1][1]

    def score(self, cell: str | None) -> Score:
        """As a record has it; ``cell``: the later cell that showed it."""
        step, value = self.points[-1]
        return Score(
            self.key, value, step, self.at or 0.0, self.origin, self.source, self.digits, len(self.points), cell,
            self.model, self.of,
        )  # fmt: skip


def equal(one: float, other: float) -> bool:
    """Are two numbers one result? Sums and means may differ in their last bit by the order of their terms."""
    return one == other or math.isclose(one, other, rel_tol=1e-13)


def telling(value: float) -> bool:
    """Has the number a fraction, so that an equal one is the same by more than chance?"""
    return math.isfinite(value) and value != int(value)


def shows(found: Iterable[FoundScore], value: float, digits: int | None = None, *, percent: bool = False) -> bool:
    """Whether one of the scores is this number: the same one or, where only ``digits`` decimals are known, in those.

    Numbers without a fraction (1.0) are equal by chance too often: they are the same only as printed ones.
    """
    return any(_same(one, value, digits, percent) for item in found for one in _values(item))


def _values(item: FoundScore) -> Iterator[float]:
    for _, value in item.points:
        yield value


def _same(known: float, value: float, digits: int | None, percent: bool) -> bool:
    if digits is None:
        return equal(known, value) and telling(value)
    scales = (1.0, 100.0) if percent or (digits > 0 and abs(value) > 1) else (1.0,)
    return any(round(known * scale, digits) == round(value, digits) for scale in scales)
