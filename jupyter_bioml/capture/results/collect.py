"""What a cell showed, put together: its calls returned it, its models state it, its names hold it, or it printed it."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ...records.facts import COMPUTED, NAMED, STATED
from ...scores.shown import BOUND
from ...scores.tables import Path, tabulated
from ...scores.words import is_score
from ..cellcode import SIMPLE, real_scalar
from ..findings import settings_of
from ..scoring.calls import ScoreCall
from ..scoring.followed import FollowedModel
from .apart import key_part
from .asked_of import is_told, scores_asked_of
from .bound import chosen_scores, scores_bound, scores_tabulated, series_bound, without_means
from .cell import CellEnd
from .found import FoundScore, equal, shows, telling
from .heard import scores_heard
from .lineage import CellFlow, is_measure, named_model
from .named import holders, scores_of_calls
from .stated import statements
from .texts import position_of, printed_names

#: Model → record id of the run that made it; None: no run did.
RunOf = Callable[[Any], str | None]
#: Model → as it is followed; None: it cannot be.
Follow = Callable[[Any], FollowedModel | None]


def collect(
    end: CellEnd, calls: Sequence[ScoreCall], text: str, flow: CellFlow, known: Sequence[FoundScore], run_of: RunOf
) -> tuple[list[FoundScore], dict[str, Any]]:
    """(scores, values) of a cell or block that is a run.

    :param known: scores that the run has already.
    """
    logged = set(filter(telling, end.logged.values()))
    found: list[FoundScore] = []
    if calls:
        found += [one for one in scores_of_calls(calls, end.namespace) if one.value not in logged]
        _name_by_tables(found, end.namespace)
    found += _asked_for(end, found)
    found += [one for one in scores_asked_of(end, flow) if one.value not in logged and not is_told(one, found)]
    more, values = _held(end, _names(end), found, flow)
    found += _with_stated(more, _stated(end), found, values) if end.models else more
    if text:
        found += scores_heard(text, [*known, *found], printed_names(end.code))
    if _shows_unnamed(end, flow, [*known, *found]):
        from .unnamed import scores_unnamed

        found += scores_unnamed(end, calls, text, flow, [*known, *found])
    for one in found:
        _tell_model(one, end, run_of)
    return found, values


def collect_later(
    end: CellEnd,
    calls: Sequence[ScoreCall],
    text: str,
    flow: CellFlow,
    known: Mapping[str, Sequence[FoundScore]],
    run_of: RunOf,
) -> tuple[dict[str, list[FoundScore]], list[str]]:
    """(scores by run, what is uncertain) of an ordinary cell: each score belongs to the runs of the models scored.

    :param known: record id → the scores that the run has, for all runs of the session.
    """
    by_run: dict[str, list[ScoreCall]] = {}
    unsure: list[str] = []
    for call in calls:
        runs = _runs(call.models, run_of)
        if not call.models and call.function.startswith(_OF_PREDICTIONS):
            unsure.append(f"a later cell called {call.short}: whose predictions it got is not known")
        if call.models and not runs and not any(model.run for model in call.models):
            kinds = ", ".join(dict.fromkeys(model.kind for model in call.models))
            unsure.append(f"a later cell called {call.short} of {kinds}, which no cell of this session fitted")
        for run in runs:
            by_run.setdefault(run, []).append(call)
    found = {run: scores_of_calls(own, end.namespace) for run, own in by_run.items()}
    for own in found.values():
        _name_by_tables(own, end.namespace)
    everything = [one for scores in (*known.values(), *found.values()) for one in scores]
    names = _names(end)
    for one in scores_asked_of(end, flow):
        for run in _runs(one.models, run_of):
            if not is_told(one, [*known.get(run, ()), *found.get(run, ())]):
                everything.append(one)
                found.setdefault(run, []).append(dataclasses.replace(one))
    more, _ = _held(end, names, everything, flow)
    heard = scores_heard(text, [*everything, *more], printed_names(end.code)) if text else []
    for one in heard:
        one.models = flow.everything()
    for one in (*more, *heard):
        runs = _runs(one.models, run_of) or _runs_with(one, known)
        if len(runs) == 1 or (runs and one.variable is not None):
            for run in runs:
                found.setdefault(run, []).append(dataclasses.replace(one))
        elif runs:
            unsure.append(f"a later cell shows {one.key} {one.value:g}: it uses models of {len(runs)} runs")
    if _shows_unnamed(end, flow, everything):
        from .unnamed import give_unnamed

        unsure += give_unnamed(end, calls, text, flow, lambda models: _runs(models, run_of), known, found)
    for own in found.values():
        for one in own:
            _tell_model(one, end, run_of)
    return found, unsure


def _shows_unnamed(end: CellEnd, flow: CellFlow, known: Iterable[FoundScore]) -> bool:
    """May the cell show an expression of predictions, or of a series of scores, that no name holds?"""
    if all(item.how == BOUND or item.name is not None for item in end.code.shown):
        return False
    if any(item.name is None for item in flow.computed):
        return True
    return end.code.may_name({one.variable for one in known if one.variable and len(one.points) > 1})


def _runs_with(one: FoundScore, known: Mapping[str, Sequence[FoundScore]]) -> list[str]:
    """The one run that has the numbers of a score already: the best of a series is shown by its own name."""
    runs = [run for run, own in known.items() if all(shows(own, value, one.digits) for _, value in one.points)]
    return runs if len(runs) == 1 else []


#: Libraries whose scores are of predictions (a test of two samples is of no model).
_OF_PREDICTIONS = ("sklearn.", "sksurv.", "torchmetrics.", "lifelines.utils.")


def with_models(calls: Iterable[ScoreCall], flow: CellFlow, follow: Follow) -> list[ScoreCall]:
    """The calls, each with its models: as seen while it ran, else found by the names in the cell's text."""
    scored = (
        dataclasses.replace(call, models=tuple(one for one in call.models if not is_measure(one.model)))
        for call in calls
    )
    return [call if call.models or not call.frames else _by_names(call, flow, follow) for call in scored]


def _by_names(call: ScoreCall, flow: CellFlow, follow: Follow) -> ScoreCall:
    models = flow.models_at(position_of(call.frames[-1].place))
    followed = tuple(one for model in models if (one := follow(model)) is not None)
    return dataclasses.replace(call, models=followed, found_by="name") if followed else call


def _runs(models: Iterable[Any], run_of: RunOf) -> list[str]:
    return list(dict.fromkeys(run for model in models if (run := run_of(model)) is not None))


def _tell_model(one: FoundScore, end: CellEnd, run_of: RunOf) -> None:
    """Which model a score is of; the models themselves are let go."""
    if one.models:
        names = dict.fromkeys(_called(model, end.namespace) for model in one.models)
        one.model = ", ".join(list(names)[:5])
        runs = _runs(one.models, run_of)
        one.of = runs[0] if len(runs) == 1 else None
    one.models = []


def _called(model: Any, namespace: Mapping[str, Any]) -> str:
    if isinstance(model, FollowedModel):
        return model.kind if model.model is None else named_model(model.model, namespace)
    return named_model(model, namespace)


def _stated(end: CellEnd) -> list[FoundScore]:
    """What the models that the cell fitted say of themselves; rounds of a training by the names of their data."""
    return [
        FoundScore(
            f"{name}.{what}" if len(points) == 1 else what, list(enumerate(points)), STATED, what, models=[model]
        )
        for name, model in end.models.items()
        for what, points in statements(model)
    ]


def _with_stated(
    held: list[FoundScore], stated: Iterable[FoundScore], known: Sequence[FoundScore], values: dict[str, Any]
) -> list[FoundScore]:
    """What the models state, by the user's own name where the cell binds it (``best = search.best_score_``).

    :param values: what names hold that is not a score; such a name is taken out.
    """
    more = []
    for one in stated:
        same = next((item for item in held if item.points[-1] == one.points[-1] and telling(item.value)), None)
        if same is not None and len(same.points) == len(one.points):
            same.origin, same.source, same.models = STATED, one.source, one.models
        elif len(one.points) > 1 or not shows(known, one.value):
            name = next((name for name, value in values.items() if value == one.value and telling(one.value)), None)
            if name is not None and len(one.points) == 1:
                one.key = one.variable = name
                del values[name]
            more.append(one)
    return [*held, *more]


def _name_by_tables(found: list[FoundScore], namespace: Mapping[str, Any]) -> None:
    """A score that went into a frame has the names of its column and its row; a series of them is taken apart.

    A frame that a loop makes again holds the last scores only: then all keep the names that the loop gives them.
    """
    by_frame: dict[str, list[FoundScore]] = {}
    for one in found:
        if type(namespace.get(one.variable or "")).__name__ == "DataFrame":
            by_frame.setdefault(one.variable or "", []).append(one)
    for name, scores in by_frame.items():
        cells = tabulated(namespace[name], every=True)
        named = [[(_path_of(value, cells, one.key), value) for _, value in one.points] for one in scores]
        paths = [path for points in named for path, _ in points]
        if all(path is not None and all(isinstance(part, str) for part in path) for path in paths):
            for one, points in zip(scores, named, strict=True):
                place = found.index(one)
                found[place : place + 1] = [
                    dataclasses.replace(one, key=".".join((name, *map(key_part, path or ()))), points=[(0, value)])
                    for path, value in points
                ]


def _path_of(number: float, cells: Sequence[tuple[Path, float]], key: str) -> Path | None:
    """Where a number stands in a table; one that fills a row or column with the name of a score has this name alone.

    The accuracy of a classification report stands in every column, that of the supports too; its weighted recall is
    always the same number.

    :param key: ends with the number's own row and column, where its function named them.
    """
    paths = [path for path, value in cells if equal(value, number)]
    for path in paths:
        parts = [key_part(part) for part in path]
        if len(parts) > 1 and key.endswith((".".join(("", *parts)), ".".join(("", *reversed(parts))))):
            return path
    for at in (-1, 0) if len(paths) > 1 else ():
        for name, count in Counter(path[at] for path in paths).items():
            filled = count > 1 and count == sum(path[at] == name for path, _ in cells)
            if filled and isinstance(name, str) and is_score(name):
                return (name,)
    return paths[0] if paths else None


def _names(end: CellEnd) -> list[str]:
    """The names that the cell bound to what it computed: no settings, no literals that still are what was written."""
    own = {name: value for name, value in end.code.literals.items() if not _begins(name, value, end)}
    literals = settings_of(end.code, end.namespace) if end.literals is None else end.literals
    settings = {*end.settings, *literals}
    names = dict.fromkeys(item.name for item in end.code.shown if item.how == BOUND and item.name is not None)
    return [name for name in names if name not in settings and not _is_literal(name, own, end.namespace)]


def _begins(name: str, literal: Any, end: CellEnd) -> bool:
    """Is it a number that a loop of the cell may have raised? It counts with its end value, also an unchanged one."""
    return name in end.code.looped and type(literal) in (int, float)


def _is_literal(name: str, literals: Mapping[str, Any], namespace: Mapping[str, Any]) -> bool:
    """Does a name still hold what the text writes? An empty list or a zero is where something begins."""
    literal, value = literals.get(name), namespace.get(name)
    return literal is not None and type(value) is type(literal) and bool(value == literal)


def _asked_for(end: CellEnd, found: Sequence[FoundScore]) -> list[FoundScore]:
    """The metrics that the user named, wherever they were bound."""
    keys = {one.key for one in found}
    asked = []
    for name in end.named:
        number = real_scalar(end.namespace.get(name))
        if name not in keys and number is not None and not isinstance(number, bool):
            asked.append(FoundScore(name, [(0, float(number))], NAMED, "--metrics", variable=name))
    return asked


def _held(
    end: CellEnd, names: Sequence[str], known: Sequence[FoundScore], flow: CellFlow
) -> tuple[list[FoundScore], dict[str, Any]]:
    """(scores, values) that names hold, and the scores of tables that are bound or shown."""
    held = holders(known)
    computed = {item.name for item in flow.computed if item.name is not None and item.against and not item.accumulated}
    plain = all(type(end.namespace.get(name)) in SIMPLE for name in names)
    series = []
    if not plain:
        series = list(without_means(series_bound(names, end.namespace, held, end.code.filled_in_loops), known))
    items = [item for item in end.code.shown if item.name is not None]
    shown = {item.name for item in items if item.how != BOUND}

    def is_sum(name: str) -> bool:
        return name not in shown and (name in end.code.running_sums or flow.is_count(name))

    found, values = scores_bound(names, end.namespace, [*known, *series], computed, held, is_sum, end.code.looped)
    found += chosen_scores(values, end.code.looped, [*known, *series, *found])
    found += series
    for name in dict.fromkeys([*names, *(item.name for item in items if item.name is not None)]):
        if name not in held and type(end.namespace.get(name)) not in SIMPLE:
            found += scores_tabulated(name, end.namespace.get(name), [*known, *found])
    for one in found:
        if one.variable is not None and not one.models:
            one.models = flow.models_of(one.variable)
            if one.origin == COMPUTED and not one.models:
                one.models = flow.everything()
    return found, values
