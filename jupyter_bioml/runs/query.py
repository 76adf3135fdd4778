"""One page of the index: filtered, sorted, cut, with the best of every metric among what was found."""

from __future__ import annotations

import dataclasses
import functools
import json
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from ..errors import UsageError
from ..records.run import FINISHED
from ..scores.words import lower_is_better
from .columns import MISSING, RunColumn, in_order
from .language import parsed
from .row import RunRow
from .searching import nearness, words_of
from .snapshot import Snapshot, folded
from .summary import Summary

#: Rows of one page.
LARGEST_PAGE = 500
#: Listings that are kept, and seconds that one with a filter is.
_KEPT, _RECENT = 8, 30.0


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
    where: str | None = None
    """A filter as people write it (:mod:`.language`)."""
    group: str | None = None
    """Only the runs that have the value ``value`` of this column (:mod:`.columns`)."""
    value: str | None = None
    """See :func:`value_key`."""
    flat: bool = False
    """Runs whose parent was found too are listed beside it."""
    sort: Literal["started", "name", "duration", "metric", "column"] = "started"
    column: str | None = None
    """With the sort ``column``: which (:mod:`.columns`)."""
    descending: bool = True
    offset: int = 0
    limit: int = 50


@dataclass(frozen=True)
class Listing:
    """Every run that a query means, in order: what its pages are cut from."""

    rows: tuple[Summary, ...]
    metric_keys: tuple[str, ...]
    best: dict[str, Best]


class Listings:
    """Keeps the last listings, so that the pages of a list that is scrolled are cut from one. For any thread."""

    def __init__(self) -> None:
        self._kept: OrderedDict[object, tuple[Snapshot, Listing]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, snapshot: Snapshot, query: Query) -> Listing:
        """The listing of a query, made at most once for each snapshot.

        :raises UsageError: see :func:`page`.
        """
        # what a filter finds may change with the time of day alone
        key = dataclasses.replace(query, offset=0, limit=0), int(time.time() / _RECENT) if query.where else None
        with self._lock:
            made = self._kept.get(key)
        if made is None or made[0] is not snapshot:
            made = snapshot, listing(snapshot, query)
        with self._lock:
            self._kept[key] = made
            self._kept.move_to_end(key)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return made[1]


def page(snapshot: Snapshot, query: Query, found: Listing | None = None) -> RunPage:
    """The rows that were asked for.

    :param found: the listing of the query, where it is known.
    :raises UsageError: for a sort that does not say by what, and a wrong filter.
    """
    found = found or listing(snapshot, query)
    return RunPage(
        rows=tuple(snapshot.row(one) for one in found.rows[query.offset : query.offset + query.limit]),
        total=len(found.rows),
        offset=query.offset,
        metric_keys=found.metric_keys,
        best=found.best,
        loading=snapshot.loading,
        down=snapshot.down,
        problems=snapshot.problems,
    )


def listing(snapshot: Snapshot, query: Query) -> Listing:
    """Every run that is asked for, and the best of them.

    :raises UsageError: see :func:`page`.
    """
    found = matching(snapshot, query)
    listed = _sorted(found if query.flat else folded(found, snapshot.order), query, snapshot)
    keys = tuple(sorted(set().union(*(one.scores.metrics for one in found))))
    return Listing(tuple(listed), keys, best_values(found))


def matching(snapshot: Snapshot, query: Query) -> list[Summary]:
    """Every run that is asked for, newest first.

    :raises UsageError: for a wrong filter.
    """
    found = list(snapshot.summaries)
    if query.parent is not None:
        found = [one for one in found if snapshot.order.parents.get(one.standing.record_id) == query.parent]
    for condition in _conditions(query, snapshot):
        found = [one for one in found if condition(one)]
    return found


def ordered(snapshot: Snapshot, query: Query) -> list[Summary]:
    """Every run that is asked for, each on a line of its own, in the order that is asked for.

    :raises UsageError: as of :func:`page`.
    """
    return _sorted(matching(snapshot, query), query, snapshot)


def experiments(snapshot: Snapshot) -> tuple[Experiment, ...]:
    """MLflow experiments of the project's runs, by name."""
    counts: dict[str, int] = {}
    for one in snapshot.summaries:
        if one.row.experiment is not None and not one.row.reproduces:
            counts[one.row.experiment] = counts.get(one.row.experiment, 0) + 1
    return tuple(Experiment(name, counts[name]) for name in sorted(counts))


def best_values(runs: Iterable[Summary]) -> dict[str, Best]:
    """By metric: the best value among those of these runs that finished; the earliest listed one of equals."""
    top: dict[str, float] = {}
    owner: dict[str, str] = {}
    sign: dict[str, float] = {}
    for one in runs:
        if one.standing.state != FINISHED:
            continue
        for key, value in one.scores.metrics.items():
            if key not in sign:
                sign[key], top[key] = (-1.0 if lower_is_better(key) else 1.0), -math.inf
            signed = value * sign[key]
            if signed > top[key]:
                top[key], owner[key] = signed, one.standing.record_id
    return {key: Best(owner[key], top[key] * sign[key]) for key in sorted(top)}


def _conditions(query: Query, snapshot: Snapshot) -> Iterator[Callable[[Summary], bool]]:
    """Only what was asked for: most questions have two or three conditions, and there are thousands of runs."""
    if not query.archived:
        yield lambda one: not one.standing.archived
    if not query.reproductions:
        yield lambda one: not one.standing.reproduces
    if query.starred:
        yield lambda one: one.row.starred
    if query.states:
        yield lambda one: one.standing.state in query.states
    if query.experiment is not None:
        yield lambda one: one.row.experiment == query.experiment
    if query.name is not None:
        yield lambda one: one.standing.name == query.name
    if query.notebook is not None:
        yield lambda one: query.notebook in one.notebooks
    if query.folder:
        yield lambda one: any(name.startswith(f"{query.folder}/") for name in one.notebooks)
    for tag in query.tags:
        yield functools.partial(_has_tag, tag)
    for word in words_of(query.text):
        yield functools.partial(_has_word, word)
    if query.minimum is not None or query.maximum is not None:
        yield functools.partial(_in_range, query)
    if query.where is not None and query.where.strip():
        yield parsed(query.where, snapshot.keys, time.time())
    if query.group is not None:
        read = snapshot.keys.column(query.group).reader()
        yield lambda one: value_key(read(one)) == query.value


def value_key(value: object) -> str:
    """What tells the values of a column apart, as JSON: ``[]`` where a run has none, else the value in brackets."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "[]" if value is MISSING else json.dumps([value])


def _has_word(word: str, one: Summary) -> bool:
    return word in one.text


def _has_tag(tag: str, one: Summary) -> bool:
    key, separator, value = tag.partition("=")
    return key in one.row.tags and (not separator or one.row.tags[key] == value)


def _in_range(query: Query, one: Summary) -> bool:
    value = one.scores.metrics.get(query.metric or "")
    if value is None:
        return False
    return (query.minimum is None or value >= query.minimum) and (query.maximum is None or value <= query.maximum)


def _sorted(found: list[Summary], query: Query, snapshot: Snapshot) -> list[Summary]:
    """What has no such value comes last, whichever the order."""
    if query.sort == "metric" and not query.metric:
        raise UsageError("A sort by metric needs the metric's name.", next="Give it as metric=KEY.")
    if query.sort == "column" and not query.column:
        raise UsageError("A sort by column needs the column's name.", next="Give it as column=NAME.")
    if query.sort == "started" and query.descending and (words := words_of(query.text)):
        return sorted(found, key=nearness(words))  # of those that fit equally well the newest first
    if query.sort == "started" or (query.sort == "column" and query.column == "started"):
        return found if query.descending else found[::-1]
    return in_order(found, _column(query, snapshot), descending=query.descending)


def _column(query: Query, snapshot: Snapshot) -> RunColumn:
    """What is sorted by. A metric that no run has orders nothing: the list's own choice may be an old one."""
    if query.sort == "metric":
        return RunColumn("metrics", query.metric or "")
    return snapshot.keys.column(query.column or "") if query.sort == "column" else RunColumn("field", query.sort)
