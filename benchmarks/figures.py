"""What a measurement gives: figures with their budgets, and the statistics they are made of."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    :param what: what was measured.
    :param unit: ``ms``, ``µs``, ``×`` or ``%``.
    :param ours: the measured value; None when it could not be measured, with the reason in ``note``.
    :param budget: the largest value that passes; None for a figure that is only shown.
    :param peers: peer → value, or a text such as ``not installed``.
    :param note: how it was measured, in a few words.
    :param apart: what tells the noise of the machine from our cost: processor time and instructions, or why there are
        none.
    """

    what: str
    unit: str
    ours: float | None
    budget: float | None = None
    peers: dict[str, float | str] = field(default_factory=dict)
    note: str = ""
    apart: dict[str, str] = field(default_factory=dict)

    @property
    def passed(self) -> bool | None:
        """Within the budget; None without a budget. What could not be measured has not passed."""
        if self.budget is None:
            return None
        return self.ours is not None and self.ours <= self.budget


@dataclass(frozen=True)
class Measurement:
    """One question, the function that answers it, and how it is named on the command line."""

    name: str
    title: str
    measure: Callable[[bool], list[Figure]]
    """Takes ``quick`` (fewer repetitions)."""


def median(values: Sequence[float]) -> float:
    """The middle value."""
    return statistics.median(values)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that ``share`` (0 to 1) of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
