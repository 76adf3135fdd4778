"""The runs of a project at one moment, as every list and page sees them: order, neighbours, families."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from .columns import ColumnKeys, KnownKeys, keys_of
from .row import RunRow, kin
from .summary import Standing, Summary
from .values import Inputs

_PLACED = operator.itemgetter(0, 1)
#: Where a run stands: start, hidden, name, notebook.
Place = tuple[float, bool, str, str]


@dataclass(frozen=True)
class RunOrder:
    """Where the runs stand, and who belongs to whom: what changes only when a run comes, goes or moves."""

    placed: tuple[tuple[Place, str], ...] = ()
    """Place and record id, oldest first; parts of other runs are left out."""
    previous: Mapping[str, str] = field(default_factory=dict)
    """By record id: the run of the same name and notebook before it (:func:`.row.kin`)."""
    parents: Mapping[str, str] = field(default_factory=dict)
    """By record id: the run that it is a child of, where that is in the list."""
    children: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By record id: its children, oldest first."""

    @classmethod
    def of(cls, summaries: Iterable[Summary]) -> RunOrder:
        """The order of these runs."""
        standings = [one.standing for one in summaries]
        listed = sorted([(place(one), one.record_id, one) for one in standings if not one.hidden], key=_PLACED)
        parents = _parents([one for *_, one in listed])
        children: dict[str, list[str]] = {}
        if parents:
            for _, record_id, _ in listed:
                if record_id in parents:
                    children.setdefault(parents[record_id], []).append(record_id)
        return cls(
            tuple([one[:2] for one in listed]),
            _previous([one for *_, one in listed]),
            parents,
            {above: tuple(below) for above, below in children.items()},
        )


@dataclass(frozen=True)
class Snapshot:
    """The runs at one moment: nothing in it changes."""

    summaries: tuple[Summary, ...] = ()
    """Newest first; parts of other runs and deleted runs are not listed."""
    by_id: Mapping[str, Summary] = field(default_factory=dict)
    """By record id."""
    order: RunOrder = field(default_factory=RunOrder)
    loading: bool = True
    """MLflow's runs are still being read: the list is not whole yet."""
    down: str | None = None
    """Why MLflow does not answer."""
    problems: tuple[str, ...] = ()
    """Segments of the journal that could not be read, and why."""
    version: int = 0
    as_of: float | None = None
    """When a server was read for the runs that it was not asked for now (epoch seconds); None: all are as of now."""

    @classmethod
    def of(
        cls,
        by_id: Mapping[str, Summary],
        order: RunOrder | None = None,
        *,
        loading: bool = False,
        down: str | None = None,
        problems: tuple[str, ...] = (),
        version: int = 0,
        as_of: float | None = None,
    ) -> Snapshot:
        """A snapshot of these runs; ``order``: theirs, where it is known."""
        order = order or RunOrder.of(by_id.values())
        newest = tuple([by_id[record_id] for _, record_id in reversed(order.placed)])
        return cls(newest, by_id, order, loading, down, problems, version, as_of)

    @cached_property
    def keys(self) -> KnownKeys:
        """The metrics, parameters and tags of the runs."""
        return KnownKeys(self.summaries, whole=not self.loading)

    @cached_property
    def columns(self) -> ColumnKeys:
        """As :attr:`keys`, with what a choice of columns needs to know."""
        return keys_of(self.summaries, self.keys)

    def before(self, record_id: str) -> Summary | None:
        """The run of the same name and notebook before it."""
        return self.by_id.get(self.order.previous.get(record_id, ""))

    def group(self, row: RunRow) -> list[Summary]:
        """The runs of one name and notebook, newest first (:func:`.row.kin`)."""
        ours = kin(row)
        return [one for one in self.summaries if kin(one.standing) == ours]

    def names(self, record_ids: Iterable[str]) -> dict[str, str]:
        """The names of these runs by their record ids; without those that are not there."""
        return {one: self.by_id[one].standing.name for one in record_ids if one in self.by_id}

    def children(self, record_id: str) -> tuple[Summary, ...]:
        """The child runs of a run, oldest first."""
        return tuple(self.by_id[child] for child in self.order.children.get(record_id, ()))

    def row(self, one: Summary) -> RunRow:
        """The row of a run, with its family and compared with the previous run of the same name and notebook."""
        record_id = one.standing.record_id
        row = one.row.but(
            parent=self.order.parents.get(record_id),
            children=len(self.order.children.get(record_id, ())),
        )
        before = self.before(record_id)
        if before is None:
            return row
        known = None not in (before.environment, one.environment)
        return row.but(
            data_changed=data_changed(before.inputs, one.inputs),
            environment_changed=before.environment != one.environment if known else None,
        )


def folded(found: Sequence[Summary], order: RunOrder) -> list[Summary]:
    """Without the runs whose parent is among them: they are listed below it."""
    there = {one.standing.record_id for one in found}
    return [one for one in found if order.parents.get(one.standing.record_id) not in there]


def place(one: Standing) -> Place:
    """What decides where a run stands, and in which group."""
    return one.started or 0.0, one.hidden, one.name, one.notebook or ""


def data_changed(before: Inputs | None, after: Inputs | None) -> bool | None:
    """Whether the later run read other data: another file, or anything that both have with other content.

    A value in memory of which only one has a digest says nothing: digests of values are taken where they are asked for.
    """
    if before is None or after is None:
        return None
    only_one = {(kind, name) for kind, name, _ in before} ^ {(kind, name) for kind, name, _ in after}
    return any(kind != "value" for kind, _ in only_one) or any(use[:2] not in only_one for use in before ^ after)


def _parents(listed: Sequence[Standing]) -> dict[str, str]:
    """By record id: the run that it is a child of, where that is in the list."""
    below = [one for one in listed if one.above]
    if not below:
        return {}
    known = {identity: one.record_id for one in listed for identity in (one.run_id, one.record_id)}
    above = ((one.record_id, known.get(one.above)) for one in below)
    return {record_id: parent for record_id, parent in above if parent is not None and parent != record_id}


def _previous(listed: Iterable[Standing]) -> dict[str, str]:
    """By record id: the run of the same kin before it, in a list that begins with the oldest. A reproduction is never
    the previous run of another run."""
    last: dict[tuple[str, str, str], str] = {}
    found: dict[str, str] = {}
    for one in listed:
        group = kin(one)
        if group in last:
            found[one.record_id] = last[group]
        if not one.reproduces:
            last[group] = one.record_id
    return found
