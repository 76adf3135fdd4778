"""What the text of a cell asks a fitted model for: the inertia of a clustering, the out-of-bag score of a forest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ...records.facts import NAMED, STATED
from ...redact import redact_value
from ...scores.arithmetic import evaluate
from ...scores.stating import STATED as STATED_ATTRIBUTES
from ...scores.stating import StatedRead, stated_reads
from ..cellcode import real_scalar
from .bound import LONGEST_SERIES
from .cell import CellEnd
from .found import FoundScore, equal, shows
from .lineage import CellFlow


def scores_asked_of(end: CellEnd, flow: CellFlow) -> list[FoundScore]:
    """What the cell shows or binds of what fitted models state, by the names that the text gives."""
    found: dict[str, FoundScore] = {}
    for read in stated_reads(end.code.body) if end.code.may_name(STATED_ATTRIBUTES) else ():
        for one in _asked(read, end, flow):
            found.setdefault(one.key, one)
    return list(found.values())


def is_told(one: FoundScore, known: Sequence[FoundScore]) -> bool:
    """Whether it is among the scores that its run has already, or the user named it a metric."""
    if any(item.origin == NAMED and item.key == one.key for item in known):
        return True
    return len(one.points) == 1 and (
        shows(known, one.value) or any(item.source == one.source and equal(item.value, one.value) for item in known)
    )


def _asked(read: StatedRead, end: CellEnd, flow: CellFlow) -> Iterator[FoundScore]:
    site = read.site
    models = flow.models([read.owner] if read.owner else [])
    stated = next((vars(model)[read.attribute] for model in models if read.attribute in _own(model)), None)
    if site.consumed or site.accumulated or (stated is None and not read.fitted_here):
        return
    last = None if stated is None else evaluate(site.expression, stated)
    bound = end.namespace.get(site.variable) if site.variable is not None else None
    if isinstance(bound, (list, dict)):
        points = list(_series(bound))
        if points and not site.entry and (last is None or equal(points[-1][1], last)):
            yield _found(str(site.variable), points, read, models)
        return
    number = real_scalar(bound)
    if number is None or isinstance(number, bool):
        number = None if site.loops else last
    named = site.variable or site.label or {operation.name for operation in site.expression} <= {"round", "float"}
    if number is not None and named and (site.variable or site.displayed or site.printed) and not site.returned:
        key = site.name(f"{read.owner}.{read.attribute}", lambda name: _text(name, end))
        yield _found(key, [(0, float(number))], read, models)


def _found(key: str, points: list[tuple[int, float]], read: StatedRead, models: list[Any]) -> FoundScore:
    return FoundScore(key, points, STATED, read.attribute, models=models, variable=read.site.variable)


def _series(values: list[Any] | dict[Any, Any]) -> Iterator[tuple[int, float]]:
    """The points of a list of numbers, or of a dict from whole numbers to numbers; none of anything else."""
    items = list(values.items() if isinstance(values, dict) else enumerate(values))
    if 1 < len(items) <= LONGEST_SERIES and all(type(step) is int and step >= 0 for step, _ in items):
        numbers = [(step, real_scalar(item)) for step, item in items]
        if all(number is not None and not isinstance(number, bool) for _, number in numbers):
            yield from ((step, float(number)) for step, number in numbers if number is not None)


def _own(model: Any) -> dict[str, Any]:
    return getattr(model, "__dict__", {})


def _text(name: str, end: CellEnd) -> str | float | None:
    value = end.namespace.get(name)
    if isinstance(value, str):
        return str(redact_value({name: value})[name])
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
