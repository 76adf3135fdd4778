"""What a full-width table of runs asks for beside its rows: groups with their figures, and columns as a whole."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field

from ..errors import UsageError
from ..records.run import FINISHED
from .best import best_of
from .columns import or_none
from .query import Best, Query, ordered, value_key
from .row import Scalar
from .snapshot import Snapshot

#: Groups of one answer, and columns.
MOST_GROUPS, MOST_COLUMNS = 2000, 60


@dataclass(frozen=True)
class TableGroup:
    """The runs that have one value of a column."""

    key: str
    """Names the group when its runs are asked for: the value as JSON in brackets, ``[]`` where runs have none."""
    value: Scalar
    runs: int
    measured: int
    """How many of them finished and have the metric: those that the figures are of."""
    best: Best | None
    mean: float | None
    sd: float | None
    """Standard deviation of the sample; null with fewer than two."""


@dataclass(frozen=True)
class TableGroups:
    """The groups of a table, the one whose first run stands first in the table first."""

    groups: tuple[TableGroup, ...]
    total: int
    """How many groups there are; more than are listed where there are very many."""
    runs: int
    loading: bool
    """Runs are still being read: the groups are not whole yet."""


@dataclass(frozen=True)
class TableValues:
    """Columns of a table as a whole, in the order of its rows."""

    runs: tuple[str, ...]
    """Record ids."""
    columns: tuple[tuple[Scalar, ...], ...]
    """One list for each column that was asked for; null where a run has no value."""


@dataclass
class _Members:
    value: Scalar
    runs: int = 0
    measured: list[tuple[str, float]] = field(default_factory=list)
    """Record ids."""


def groups(snapshot: Snapshot, query: Query, by: str, metric: str | None) -> TableGroups:
    """The runs in groups by the values of a column.

    :param metric: whose figures are given for each group; None: none.
    :raises UsageError: there is no such column, or the filter is wrong.
    """
    read = snapshot.keys.column(by).reader()
    members: dict[str, _Members] = {}
    found = ordered(snapshot, query)
    for one in found:
        value = read(one)
        key = value_key(value)
        if (group := members.get(key)) is None:
            group = members[key] = _Members(or_none(value))
        group.runs += 1
        if metric is not None and one.standing.state == FINISHED and metric in one.scores.metrics:
            group.measured.append((one.standing.record_id, one.scores.metrics[metric]))
    # runs without a value come last, as everywhere
    keys = sorted(members, key=lambda key: key == "[]")
    listed = tuple(_group(key, members[key], metric) for key in keys[:MOST_GROUPS])
    return TableGroups(listed, len(members), len(found), snapshot.loading)


def _group(key: str, group: _Members, metric: str | None) -> TableGroup:
    values = [value for _, value in group.measured]
    best = best_of(metric, group.measured) if metric is not None else None
    return TableGroup(
        key=key,
        value=group.value,
        runs=group.runs,
        measured=len(values),
        best=Best(*best) if best is not None else None,
        mean=statistics.fmean(values) if values else None,
        sd=statistics.stdev(values) if len(values) > 1 else None,
    )


def values(snapshot: Snapshot, query: Query, columns: tuple[str, ...]) -> TableValues:
    """The runs that are asked for, with their values of these columns.

    :raises UsageError: there is no such column, there are too many, or the filter is wrong.
    """
    if len(columns) > MOST_COLUMNS:
        raise UsageError(f"{len(columns)} columns are too many.", next=f"Ask for at most {MOST_COLUMNS}.")
    found = ordered(snapshot, query)
    readers = [snapshot.keys.column(name).reader() for name in columns]
    listed = tuple(tuple(or_none(read(one)) for one in found) for read in readers)
    return TableValues(tuple(one.standing.record_id for one in found), listed)
