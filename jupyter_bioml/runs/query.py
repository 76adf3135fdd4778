"""One page of the index: filtered, sorted, cut, with the best of every metric among what was found."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from ..errors import UsageError
from ..journal.renames import Renames
from ..records.run import FINISHED
from .best import lower_is_better
from .row import RunRow
from .snapshot import Snapshot, folded
from .summary import Summary

#: Rows of one page.
LARGEST_PAGE = 500


@dataclass(frozen=True)
class Best:
    """The best value of a metric among those of the runs asked for that finished."""

    record_id: str
    value: float


@dataclass(frozen=True)
class RunPage:
    """One page of a filtered, sorted list."""

    rows: tuple[RunRow, ...]
    """A run whose parent was found too is not among them: it is asked for with the parent's id."""
    total: int
    offset: int
    metric_keys: tuple[str, ...]
    best: dict[str, Best]
    """By metric that a finished run has: the largest value; the smallest where the key names a loss or an error."""
    loading: bool
    """MLflow's runs are still being read: the list is not whole yet."""
    down: str | None
    problems: tuple[str, ...]
    """Segments of the journal that could not be read, and why."""


@dataclass(frozen=True)
class Experiment:
    """An MLflow experiment and how many of the project's runs it holds."""

    name: str
    runs: int


@dataclass(frozen=True)
class Query:
    """What is asked for; None: any."""

    parent: str | None = None
    """Only the children of the run of this record id."""

    notebook: str | None = None
    """Relative to the project."""
    folder: str | None = None
    """Notebooks at or below it, relative to the project; empty: the project."""
    experiment: str | None = None
    text: str | None = None
    tags: tuple[str, ...] = ()
    """``key`` or ``key=value``; all must be there."""
    states: frozenset[str] = frozenset()
    metric: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    name: str | None = None
    archived: bool = False
    """Those too that were archived."""
    starred: bool = False
    """Only those with a star."""
    reproductions: bool = False
    """Those too that made another run again."""
    sort: Literal["started", "name", "duration", "metric"] = "started"
    descending: bool = True
    offset: int = 0
    limit: int = 50


def page(snapshot: Snapshot, query: Query, renames: Renames) -> RunPage:
    """The rows that were asked for.

    :param renames: a run belongs to the notebook that has its notebook's name now.
    :raises UsageError: for a sort by metric that names none.
    """
    if query.sort == "metric" and not query.metric:
        raise UsageError("A sort by metric needs the metric's name.", next="Give it as metric=KEY.")
    found = list(snapshot.summaries)
    if query.parent is not None:
        found = [one for one in found if snapshot.order.parents.get(one.row.record_id) == query.parent]
    for condition in _conditions(query, renames):
        found = [one for one in found if condition(one)]
    best = best_values(one.row for one in found)
    listed = _sorted(folded(found, snapshot.order), query)
    return RunPage(
        rows=tuple(snapshot.row(one) for one in listed[query.offset : query.offset + query.limit]),
        total=len(listed),
        offset=query.offset,
        metric_keys=tuple(sorted({key for one in found for key in one.row.metrics})),
        best=best,
        loading=snapshot.loading,
        down=snapshot.down,
        problems=snapshot.problems,
    )


def experiments(snapshot: Snapshot) -> tuple[Experiment, ...]:
    """MLflow experiments of the project's runs, by name."""
    counts: dict[str, int] = {}
    for one in snapshot.summaries:
        if one.row.experiment is not None and not one.row.reproduces:
            counts[one.row.experiment] = counts.get(one.row.experiment, 0) + 1
    return tuple(Experiment(name, counts[name]) for name in sorted(counts))


def best_values(rows: Iterable[RunRow]) -> dict[str, Best]:
    """By metric: the best value among those of these runs that finished; the earliest listed one of equals."""
    top: dict[str, float] = {}
    owner: dict[str, str] = {}
    sign: dict[str, float] = {}
    for row in rows:
        if row.state != FINISHED:
            continue
        for key, value in row.metrics.items():
            if key not in sign:
                sign[key], top[key] = (-1.0 if lower_is_better(key) else 1.0), -math.inf
            signed = value * sign[key]
            if signed > top[key]:
                top[key], owner[key] = signed, row.record_id
    return {key: Best(owner[key], top[key] * sign[key]) for key in sorted(top)}


def _names(one: Summary, renames: Renames) -> set[str]:
    return {renames.now(name, one.row.started or 0.0) for name in one.notebooks}


def _conditions(query: Query, renames: Renames) -> Iterator[Callable[[Summary], bool]]:
    """Only what was asked for: most questions have two or three conditions, and there are thousands of runs."""
    if not query.archived:
        yield lambda one: not one.row.archived
    if not query.reproductions:
        yield lambda one: not one.row.reproduces
    if query.starred:
        yield lambda one: one.row.starred
    if query.states:
        yield lambda one: one.row.state in query.states
    if query.experiment is not None:
        yield lambda one: one.row.experiment == query.experiment
    if query.name is not None:
        yield lambda one: one.row.name == query.name
    if query.notebook is not None:
        yield lambda one: query.notebook in _names(one, renames)
    if query.folder:
        yield lambda one: any(name.startswith(f"{query.folder}/") for name in _names(one, renames))
    for tag in query.tags:
        yield functools.partial(_has_tag, tag)
    for word in (query.text or "").lower().split():
        yield functools.partial(_has_word, word)
    if query.minimum is not None or query.maximum is not None:
        yield functools.partial(_in_range, query)


def _has_word(word: str, one: Summary) -> bool:
    return word in one.text


def _has_tag(tag: str, one: Summary) -> bool:
    key, separator, value = tag.partition("=")
    return key in one.row.tags and (not separator or one.row.tags[key] == value)


def _in_range(query: Query, one: Summary) -> bool:
    value = one.row.metrics.get(query.metric or "")
    if value is None:
        return False
    return (query.minimum is None or value >= query.minimum) and (query.maximum is None or value <= query.maximum)


def _sorted(found: list[Summary], query: Query) -> list[Summary]:
    """What has no such value comes last, whichever the order."""
    if query.sort == "started":
        return found if query.descending else found[::-1]
    value: Callable[[RunRow], Any] = _VALUES.get(query.sort) or (lambda row: row.metrics.get(query.metric or ""))
    have = [one for one in found if value(one.row) is not None]
    without = [one for one in found if value(one.row) is None]
    have.sort(key=lambda one: value(one.row), reverse=query.descending)
    return have + without


_VALUES: dict[str, Callable[[RunRow], Any]] = {
    "name": lambda row: row.name.casefold(),
    "duration": lambda row: row.duration,
}
