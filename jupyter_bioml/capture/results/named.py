"""Scoring calls become scores with names: what the value is bound to, printed as, or the function and its argument."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import ModuleType
from typing import Any

from ...records.facts import LOSS, RETURNED
from ...redact import redact_value
from ...scores.arithmetic import evaluate
from ...scores.sites import Lookup, ModelClass, Site
from ..cellcode import real_scalar
from ..scoring.calls import ScoreCall, UserFrame
from ..scoring.returned import ReturnedNumber
from .apart import key_part, told_apart
from .found import FoundScore
from .texts import site_at

LOSS_NAME = "loss"
#: Tests that one place of a cell may make: one for each marker or pair. More of them are a simulation, a permutation or
#: a screening of thousands of genes, and their numbers are data.
MOST_TESTS = 200
_OF_TESTS = ("scipy.stats.", "statsmodels.stats.", "pingouin.", "lifelines.statistics.")
#: Functions whose result is a table with names of its own: no argument is needed.
_REPORTS = frozenset({"classification_report", "classification_report_imbalanced"})


@dataclass(eq=False)
class _Named:
    """One number with the name that its place gives it."""

    key: str
    value: float
    step: int | None
    call: ScoreCall
    site: Site | None
    number: ReturnedNumber | None


def scores_of_calls(calls: Sequence[ScoreCall], namespace: Mapping[str, Any]) -> list[FoundScore]:
    """The scores that the calls of one cell and one run returned. Values that are not finite are left out.

    :param namespace: names of the cell at its end.
    """
    groups: dict[tuple[str, Hashable], list[_Named]] = {}
    taken: set[Hashable] = set()
    for call in _without_simulations(calls):
        for item in _named(call, namespace, taken):
            if math.isfinite(item.value):
                groups.setdefault((item.key, _place(item)), []).append(item)
    return [one for (key, _), items in groups.items() for one in _of_one_place(key, items, namespace)]


def _without_simulations(calls: Sequence[ScoreCall]) -> Iterable[ScoreCall]:
    if len(calls) <= MOST_TESTS:
        return calls
    made = Counter(_tested_at(call) for call in calls)
    return [call for call in calls if (place := _tested_at(call)) is None or made[place] <= MOST_TESTS]


def _tested_at(call: ScoreCall) -> Hashable:
    """Where in the text a statistical test is made; None of any other score."""
    if not call.frames or not call.function.startswith(_OF_TESTS):
        return None
    place = call.frames[0].place
    return place.filename, place.first_line, place.position


def _place(item: _Named) -> Hashable:
    """Where it stands: the expression around the call, else the function."""
    if item.site is None or not item.call.frames:
        return item.call.function
    return item.call.frames[0].place.filename, item.site.place


# ---- the name and the value


def _named(call: ScoreCall, namespace: Mapping[str, Any], taken: set[Hashable]) -> Iterator[_Named]:
    site = site_at(call.frames[0].place) if call.frames else None
    if site is None:
        for number in call.numbers:
            yield _Named(_joined(call.short, number.part), float(number.value), number.step, call, None, number)
        return
    lookup = _lookup(call.frames[0])
    caller = site_at(call.frames[1].place) if site.returned and len(call.frames) > 1 else None
    if site.expression and not site.unpacked and not site.consumed:
        yield from _expression(call, site, lookup, caller, namespace, taken)
        return
    for number in call.numbers:
        if isinstance(number.value, bool):
            continue
        key = _key(call, site, lookup, caller, number)
        if key is not None:
            step = number.step if number.step is not None else _step(site, lookup)
            yield _Named(key, float(number.value), step, call, site, number)


def _step(site: Site, lookup: Lookup) -> int | None:
    """The step that the text gives; what is appended to a list is counted."""
    return None if site.appended else site.step(lookup)


def _lookup(frame: UserFrame) -> Lookup:
    def lookup(name: str) -> str | float | None:
        value = frame.names.get(name)
        if isinstance(value, ModelClass):
            return value
        if isinstance(value, str):
            return str(redact_value({name: value})[name])
        return None if isinstance(value, bool) else value

    return lookup


def _function(call: ScoreCall) -> str:
    """The name of the scoring function, as a metric is named after it."""
    return call.short if call.short in (LOSS_NAME, "score") else call.function.rpartition(".")[2]


def _key(call: ScoreCall, site: Site, lookup: Lookup, caller: Site | None, number: ReturnedNumber) -> str | None:
    function = _function(call)
    if call.short == LOSS_NAME:
        return _joined(".".join([_loss_name(site), *site.qualifiers(lookup)]), number.part)
    if call.short in _REPORTS and site.variable is None and not site.returned:
        return _joined(".".join([call.short, *site.qualifiers(lookup)]), number.part)
    place, part = number.position, number.part
    unpacked = site.unpacked or (caller.unpacked if caller is not None else ())
    if site.unpacked and place is not None and number.step is None:
        if place >= len(unpacked) or unpacked[place] is None:
            return None
        part = part.partition(".")[2]
        return _joined(site.name(function, lookup, place, caller), part)
    return _joined(site.name(function, lookup, None, caller), part)


def _joined(name: str, part: str) -> str:
    return ".".join(filter(None, (name, *(key_part(piece) for piece in part.split(".") if part))))


def _expression(
    call: ScoreCall,
    site: Site,
    lookup: Lookup,
    caller: Site | None,
    namespace: Mapping[str, Any],
    taken: set[Hashable],
) -> Iterator[_Named]:
    """A score that is part of an expression: what is bound or shown is the expression's value."""
    function = _function(call)
    value = evaluate(site.expression, _whole(call, site))
    rest = site.expression
    if value is None and len(call.numbers) > 1 and rest[0].name == "item":
        picked = next((one for one in call.numbers if rest[0].operand in (one.part, one.position)), None)
        value = None if picked is None else evaluate(rest[1:], picked.value)
    key = site.name(function, lookup, None, caller)
    if value is not None:
        yield _Named(key, value, _step(site, lookup), call, site, None)
        return
    place = (call.frames[0].place.filename, site.place)
    bound = real_scalar(namespace.get(site.variable)) if site.variable and len(call.frames) == 1 else None
    if bound is not None and not isinstance(bound, bool) and not site.loops:
        if place not in taken:  # two scores in one expression are one
            taken.add(place)
            yield _Named(key, float(bound), None, call, site, None)
        return
    for number in call.numbers:  # what becomes of it is not known: the score itself
        if not isinstance(number.value, bool):
            plain = _joined(site.called_name(function), number.part)
            yield _Named(plain, float(number.value), number.step, call, site, number)


def _whole(call: ScoreCall, site: Site) -> Any:
    """The result as one number, or a list of those of its folds."""
    numbers = [one for one in call.numbers if not one.part]
    if len(numbers) == 1 and numbers[0].step is None:
        return numbers[0].value
    return [one.value for one in numbers]


# ---- several of one name


def _of_one_place(key: str, items: list[_Named], namespace: Mapping[str, Any]) -> Iterator[FoundScore]:
    """Values of one name and place: told apart by texts, models and arguments of their calls, else one series."""
    by_call: dict[int, list[_Named]] = {}
    for item in items:
        by_call.setdefault(id(item.call), []).append(item)
    calls = list(by_call.values())
    for name, members in told_apart(key, [tuple(_labels(call[0])) for call in calls]):
        yield _found(name, [item for place in members for item in calls[place]], namespace)


def _labels(item: _Named) -> Iterator[tuple[str, Hashable]]:
    """What can tell a call from another of the same place, nearest first."""
    if item.site is not None:
        lookup = _lookup(item.call.frames[0])
        for number, text in enumerate(item.site.several(lookup)):
            yield f"parameter {number}", text
    for depth, frame in enumerate(item.call.frames[1:], 1):
        site = site_at(frame.place)
        if site is None:
            continue
        lookup = _lookup(frame)
        for number, text in enumerate(site.qualifiers(lookup)):
            yield f"loop {depth}.{number}", text
        if site.variable is not None:
            yield f"variable {depth}", site.variable
        for number, argument in enumerate(site.arguments):
            if argument is not None:
                yield f"argument {depth}.{number}", argument
    for number, model in enumerate(item.call.models):
        yield f"model {number}", model.kind


def _found(key: str, items: list[_Named], namespace: Mapping[str, Any]) -> FoundScore:
    first = items[0]
    steps = _steps(items)
    models = {id(model): model for item in items for model in item.call.models}
    origin = LOSS if first.call.short == LOSS_NAME else RETURNED
    digits = None if first.number is None else first.number.digits
    variable = _variable(first) if len(first.call.frames) == 1 else None
    return FoundScore(
        key,
        [(step, item.value) for step, item in zip(steps, items, strict=True)],
        origin,
        first.call.function,
        digits,
        list(models.values()),
        variable,
        _again(key, first, namespace),
        at=first.call.at,
    )


def _loss_name(site: Site) -> str:
    """What ``backward()`` is called on, where that is a plain name."""
    return site.receiver if site.receiver is not None and site.receiver.isidentifier() else LOSS_NAME


def _variable(item: _Named) -> str | None:
    """The name of the cell that holds it."""
    if item.site is None:
        return None
    if item.call.short == LOSS_NAME:
        return _loss_name(item.site)
    place = item.number.position if item.number is not None else None
    if item.site.unpacked and place is not None and place < len(item.site.unpacked):
        return item.site.unpacked[place]
    return item.site.variable


def _again(key: str, item: _Named, namespace: Mapping[str, Any]) -> str | None:
    """What tells it from another of its name: the argument of N3, else the model, else another argument."""
    if item.site is None:
        return None
    argument = item.site.called_name(_function(item.call)).partition(".")[2]
    receiver = item.site.receiver  # of metrics.r2_score(…) it is a module
    model = None if isinstance(namespace.get(receiver or ""), ModuleType) else receiver
    others = (argument, model, *item.site.arguments)
    return next((name for name in others if name and name not in key.split(".")), None)


def _steps(items: list[_Named]) -> Sequence[int]:
    """The steps that the calls say, where they count upwards; else 0, 1, 2…"""
    own = [item.number.step if item.number is not None else None for item in items]
    if len(items) == 1:
        return [own[0] or 0]
    for said in (own, [item.step for item in items]):
        known = [step for step in said if step is not None]
        if len(known) == len(items) and all(one < other for one, other in pairwise(known)):
            return known
    return range(len(items))


def holders(found: Iterable[FoundScore]) -> set[str]:
    """Names that hold scores: what they are bound to is told already."""
    return {item.variable for item in found if item.variable is not None}
