"""One page of the index: filtered, sorted, cut, with the best of every metric among what was found."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from ..errors import UsageError
from ..records.best import lower_is_better
from ..records.card import TIMING
from .index import Snapshot
from .shapes import Best, Experiment, RunPage, RunRow
from .summary import Summary

#: Rows of one page.
LARGEST_PAGE = 500


@dataclass(frozen=True)
class Query:
    """What is asked for; None: any."""

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


def page(snapshot: Snapshot, query: Query) -> RunPage:
    """The rows that were asked for.

    :raises UsageError: for a sort by metric that names none.
    """
    if query.sort == "metric" and not query.metric:
        raise UsageError("A sort by metric needs the metric's name.", next="Give it as metric=KEY.")
    found = [one for one in snapshot.summaries if _fits(one, query)]
    found = _sorted(found, query)
    rows = [one.row for one in found]
    return RunPage(
        rows=tuple(with_changes(snapshot, one) for one in found[query.offset : query.offset + query.limit]),
        total=len(found),
        offset=query.offset,
        metric_keys=tuple(sorted({key for row in rows for key in row.metrics})),
        best=best_of(rows),
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


def with_changes(snapshot: Snapshot, one: Summary) -> RunRow:
    """The row, compared with the previous run of the same name and notebook."""
    before = snapshot.previous.get(one.row.record_id)
    if before is None:
        return one.row
    return dataclasses.replace(
        one.row,
        data_changed=_changed(before.inputs, one.inputs),
        environment_changed=_changed(before.environment, one.environment),
    )


def _changed(before: object, after: object) -> bool | None:
    return None if before is None or after is None else before != after


def less_is_better(key: str) -> bool:
    """Whether a metric's name says that it is a loss, an error or a time."""
    return key.startswith(TIMING) or lower_is_better(key)


def best_of(rows: Iterable[RunRow]) -> dict[str, Best]:
    """By metric: the best value among these runs; the earliest listed one of equals."""
    found: dict[str, tuple[float, str]] = {}
    less: dict[str, bool] = {}
    for row in rows:
        for key, value in row.metrics.items():
            known = found.get(key)
            if known is None:
                less[key] = less_is_better(key)
            if known is None or (value < known[0] if less[key] else value > known[0]):
                found[key] = value, row.record_id
    return {key: Best(record_id, value) for key, (value, record_id) in sorted(found.items())}


def _fits(one: Summary, query: Query) -> bool:
    row = one.row
    return (
        (query.archived or not row.archived)
        and (query.reproductions or not row.reproduces)
        and (not query.starred or row.starred)
        and (not query.states or row.state in query.states)
        and query.experiment in (None, row.experiment)
        and query.name in (None, row.name)
        and (query.notebook is None or query.notebook in one.notebooks)
        and (not query.folder or any(name.startswith(f"{query.folder}/") for name in one.notebooks))
        and all(_has_tag(row, tag) for tag in query.tags)
        and (not query.text or all(word in one.text for word in query.text.lower().split()))
        and _in_range(row, query)
    )


def _has_tag(row: RunRow, tag: str) -> bool:
    key, separator, value = tag.partition("=")
    return key in row.tags and (not separator or row.tags[key] == value)


def _in_range(row: RunRow, query: Query) -> bool:
    if query.minimum is None and query.maximum is None:
        return True
    value = row.metrics.get(query.metric or "")
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
