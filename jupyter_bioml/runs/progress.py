"""How far a run is that runs: the curve of its most important metric, and which step of how many it is at.

How many there will be is said only where the user said it: by a parameter that was logged, or by a number in the cell.
"""

from __future__ import annotations

import ast
import functools
import math
from collections.abc import Iterator, Mapping
from typing import Any

from ..records.origins import by_importance
from ..records.run import Metric, RunRecord
from .row import Progress

#: Values of the curve.
_POINTS = 40
#: Metrics that say nothing about how far a run is.
_APART = ("timing.", "system/")
#: Names of the number of steps, and of what counts them.
_TOTALS = ("epochs", "n_epochs", "num_epochs", "max_epochs", "num_train_epochs", "n_steps", "num_steps", "max_steps")
_COUNTERS = ("epoch", "step", "iteration")


def progress_of(record: RunRecord) -> Progress | None:
    """How far a run is; None where it has logged no metric over its steps."""
    series: dict[str, list[Metric]] = {}
    for metric in record.metrics:
        if not metric.key.startswith(_APART):
            series.setdefault(metric.key, []).append(metric)
    curves = {key: found for key, found in series.items() if len(found) > 1}
    if not curves:
        return None
    first = next(iter(by_importance(curves, {score.key: score for score in record.scores})))
    curve = [one for one in sorted(curves[first], key=lambda one: one.step) if math.isfinite(one.value)]
    steps = [one.step for found in curves.values() for one in found]
    done = max(steps) + (1 if min(steps) == 0 else 0)
    total = planned(record.code.source, record.params)
    return Progress(first, tuple(_thinned(curve)), done, total if total is not None and total >= done else None)


def _thinned(curve: list[Metric]) -> Iterator[float]:
    """At most so many values, the first and the last among them."""
    last = len(curve) - 1  # NaN and infinities are left out: there may be none
    places = range(len(curve)) if last < _POINTS else (round(last * at / (_POINTS - 1)) for at in range(_POINTS))
    for place in places:
        yield curve[place].value


def planned(source: str, params: Mapping[str, Any]) -> int | None:
    """How many steps there will be, by a parameter or by a number in the cell; None: nobody said so, or two say
    different things."""
    logged = {value for key in _TOTALS if _counts(value := params.get(key))}
    said = logged or _written(source)
    return next(iter(said)) if len(said) == 1 else None


def _counts(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


@functools.lru_cache(maxsize=64)
def _written(source: str) -> frozenset[int]:
    """``epochs = 30``, ``fit(epochs=30)`` and ``for epoch in range(30)`` of a cell."""
    lines = (line if not line.lstrip().startswith(("%", "!")) else "" for line in source.splitlines())
    try:
        tree = ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    return frozenset(number for node in ast.walk(tree) for number in _of(node) if _counts(number))


def _of(node: ast.AST) -> Iterator[Any]:
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=number)) if name.lower() in _TOTALS:
            yield number
        case ast.keyword(arg=str(name), value=ast.Constant(value=number)) if name.lower() in _TOTALS:
            yield number
        case ast.For(
            target=ast.Name(id=name),
            iter=ast.Call(func=ast.Name(id="range"), args=[ast.Constant(value=number)]),
        ) if name.lower() in _COUNTERS:
            yield number
