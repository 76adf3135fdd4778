"""Which of several values of a metric is the best: the greatest, of losses and errors the least."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeVar

from ..records.card import TIMING

T = TypeVar("T")

#: A word in a metric's name that says that less is better (``val_loss``, ``testRMSE``, ``log_loss``).
LESS_IS_BETTER = frozenset(
    {"loss", "losses", "logloss", "error", "errors", "err", "mae", "mse", "rmse", "rmsle", "mape", "nll", "brier"}
    | {"perplexity"}
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def lower_is_better(key: str) -> bool:
    """Whether the name of a metric names a loss, an error or a time."""
    return key.startswith(TIMING) or any(word.lower() in LESS_IS_BETTER for word in _WORD.findall(key))


def best_of(key: str, values: Iterable[tuple[T, float]]) -> tuple[T, float] | None:
    """The owner and the value that is best for the metric ``key``; the first of equals. None: there is no value."""
    found = list(values)
    if not found:
        return None
    return (min if lower_is_better(key) else max)(found, key=lambda item: item[1])
