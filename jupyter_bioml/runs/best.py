"""Which of several values of a metric is the best: the greatest, of losses and errors the least."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from ..scores.words import lower_is_better

T = TypeVar("T")


def best_of(key: str, values: Iterable[tuple[T, float]]) -> tuple[T, float] | None:
    """The owner and the value that is best for the metric ``key``; the first of equals. None: there is no value."""
    found = list(values)
    if not found:
        return None
    return (min if lower_is_better(key) else max)(found, key=lambda item: item[1])
