"""Scores that a cell shows as an expression: ``np.mean((y - pred) ** 2)`` last, or printed without a label."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ...records.facts import COMPUTED
from ...scores.bare import BareNumber, bare_lines, bare_prints, numbers_printed
from ...scores.formulas import name_of_expression, statistic_of
from ...scores.labels import key_of
from ...scores.printed import figures
from ...scores.shown import BOUND
from ...scores.site_reader import Sites
from ...scores.sites import Position
from ...scores.syntax import position
from ...scores.words import chosen_for_scores, is_score
from ..cellcode import real_scalar
from ..scoring.calls import ScoreCall
from .bound import LONGEST_SERIES
from .cell import CellEnd
from .found import FoundScore, shows
from .lineage import CellFlow
from .texts import position_of

#: Expressions of one cell that are looked at.
_MOST = 200


def scores_unnamed(
    end: CellEnd, calls: Sequence[ScoreCall], text: str, flow: CellFlow, known: Sequence[FoundScore]
) -> list[FoundScore]:
    """The scores among the expressions that a marked cell computed from predictions and shows.

    :param calls: scoring calls of the cell: an expression around one is that call's score.
    :param text: what the cell printed.
    :param known: scores of the run: a number that has a name is not another score.
    """
    shown = _unnamed(end, calls, text, flow, {"": known})
    return [one for one, _ in shown.scores if not _is_known(one, known)]


def give_unnamed(
    end: CellEnd,
    calls: Sequence[ScoreCall],
    text: str,
    flow: CellFlow,
    runs_of: Callable[[list[Any]], list[str]],
    known: Mapping[str, Sequence[FoundScore]],
    found: dict[str, list[FoundScore]],
) -> list[str]:
    """Give those of a later cell to the runs of their models; returns what is uncertain.

    :param runs_of: models → record ids of the runs that made them.
    :param known: record id → the scores that the run has.
    :param found: record id → the scores of this cell, which get more.
    """
    told = {run: [*known.get(run, ()), *found.get(run, ())] for run in {**known, **found}}
    shown = _unnamed(end, calls, text, flow, told)
    unsure = [f"a later cell prints {key} without a label: it is not known which number it is" for key in shown.unread]
    for one, run in shown.scores:
        if run is None and len(one.points) > 1:  # each may be of another model
            unsure.append(f"a later cell prints {one.key} in a loop: it is not known which number is of which model")
            continue
        for own in runs_of(one.models) if run is None else [run]:
            if not _is_known(one, told.get(own, ())):
                found.setdefault(own, []).append(replace(one))
    return unsure


def _is_known(one: FoundScore, known: Sequence[FoundScore]) -> bool:
    return all(shows(known, value, one.digits) for _, value in one.points)


@dataclass(eq=False)
class _Unnamed:
    """What a cell shows without a name."""

    scores: list[tuple[FoundScore, str | None]] = field(default_factory=list)
    """Each with the run whose series it is a statistic of"""
    unread: list[str] = field(default_factory=list)
    """Names of those whose number was not found"""


def _unnamed(
    end: CellEnd, calls: Sequence[ScoreCall], text: str, flow: CellFlow, told: Mapping[str, Sequence[FoundScore]]
) -> _Unnamed:
    found = _Unnamed()
    called = [position_of(call.frames[-1].place) for call in calls if call.frames]
    sites = Sites(ast.Module(end.code.body, []))
    shown = _Shown(end, text)
    computed = {one.place: one for one in flow.computed if one.name is None and one.against and not one.accumulated}
    items = [item.place for item in end.code.shown if item.how != BOUND and item.name is None]
    for place in items[:_MOST]:
        node, site = sites.expression_at(place), sites.of_expression(place)
        if node is None or site is None or any(_within(inner, place) for inner in called):
            continue
        series, run = _series_of(node, end, told)
        label = site.labelled(lambda name: None) if site.label else None
        key = label or series or name_of_expression(node)
        if key is None or not (series or place in computed):
            continue  # of no prediction, or of single rows, as y[0] - p[0]
        if label and (is_score(label) or chosen_for_scores(label)):
            continue  # printed under a name that says what it is
        numbers = shown.numbers(place, label, looped=bool(site.loops), several=series is not None)
        if numbers is None:
            found.unread.append(key)
        elif numbers:
            digits = max(number.digits for number in numbers) if site.printed else None
            points = list(enumerate(number.value for number in numbers))
            models = flow.models(computed[place].models) if place in computed and len(points) == 1 else []
            found.scores.append((FoundScore(key, points, COMPUTED, None, digits, models), run))
    return found


def _series_of(node: ast.expr, end: CellEnd, told: Mapping[str, Sequence[FoundScore]]) -> tuple[str | None, str | None]:
    """(name, run) of a statistic of a series of scores that a run has and the variable still holds."""
    variable, function = statistic_of(node) or ("", "")
    held = set(_numbers_in(end.namespace.get(variable))) if variable else set()
    for run, known in reversed(list(told.items())) if held else ():
        for one in known:
            if one.variable == variable and len(one.points) > 1 and held <= {value for _, value in one.points}:
                return f"{variable}.{function}", run
    return None, None


def _numbers_in(value: Any) -> list[float]:
    """The numbers of a short list or array; [] of anything else."""
    if type(value).__name__ == "ndarray" and value.size <= LONGEST_SERIES and value.dtype.kind == "f":
        return list(value.ravel().tolist())
    if not isinstance(value, (list, tuple)) or len(value) > LONGEST_SERIES:
        return []
    numbers = [real_scalar(item) for item in value]
    return [float(number) for number in numbers if number is not None] if None not in numbers else []


class _Shown:
    """The numbers that a cell shows, by the places of their expressions."""

    def __init__(self, end: CellEnd, text: str) -> None:
        self._text = text
        self._lines = bare_lines(text)
        self._prints = bare_prints(end.code.body)
        self._printed = numbers_printed(self._prints, self._lines)
        self._results = _results(end)

    def numbers(self, place: Position, label: str | None, *, looped: bool, several: bool) -> list[BareNumber] | None:
        """What an expression gave; [] where that is not a number, None where it is unknown which it is.

        :param looped: it may have printed one in each round.
        :param several: its value may be an array, one for each fold or candidate.
        """
        if place in self._results:
            value = self._results[place]
            number = real_scalar(value)
            values = [number] if isinstance(number, float) else _numbers_in(value) if several else []
            return [BareNumber(one, 0) for one in values if math.isfinite(one)]
        if label:
            numbers = [BareNumber(it.value, it.digits) for it in figures(self._text) if key_of(it.label) == label]
            return _fractions(numbers if looped or len(numbers) == 1 else [])
        if place in self._printed:
            return _fractions(self._printed[place])
        printed = next((bare for bare in self._prints if place in bare.values), None)
        lost = printed is not None and any(len(line) == len(printed.values) for line in self._lines)
        return None if lost else []


def _fractions(numbers: list[BareNumber]) -> list[BareNumber]:
    """The numbers, unless they are whole ones: counts."""
    return numbers if any(number.digits > 0 for number in numbers) else []


def _results(end: CellEnd) -> dict[Position, Any]:
    """Place → value of the cell's last expression; of a tuple those of its items."""
    last = end.code.body[-1] if end.code.body else None
    results = end.namespace.get("_oh")
    if not isinstance(last, ast.Expr) or not isinstance(results, dict) or end.count not in results:
        return {}
    value, node = results[end.count], last.value
    if isinstance(node, ast.Tuple) and isinstance(value, tuple) and len(node.elts) == len(value):
        return {position(item): part for item, part in zip(node.elts, value, strict=True)}
    return {position(node): value}


def _within(inner: Position, outer: Position) -> bool:
    return outer[:2] <= inner[:2] and inner[2:] <= outer[2:]
