"""The runs of a project at one moment, as every list and page sees them: order, neighbours, families."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from .columns import ColumnKeys, KnownKeys, keys_of
from .row import RunRow, kin
from .summary import Standing, Summary
from .values import Inputs

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
        listed = [one.standing for one in summaries if not one.standing.hidden]
        placed = sorted((place(one), one.record_id) for one in listed)
        known = {identity: one.record_id for one in listed for identity in (one.run_id, one.record_id)}
        above = ((one.record_id, known.get(one.above)) for one in listed if one.above)
        parents = {record_id: parent for record_id, parent in above if parent not in (None, record_id)}
        children: dict[str, list[str]] = {}
        for _, record_id in placed:
            if record_id in parents:
                children.setdefault(parents[record_id], []).append(record_id)
        return cls(
            tuple(placed),
            _previous(listed, placed),
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


def _previous(listed: Sequence[Standing], placed: Iterable[tuple[Place, str]]) -> dict[str, str]:
    """A reproduction is never the previous run of another run."""
    again = {one.record_id for one in listed if one.reproduces}
    last: dict[tuple[str, str, str], str] = {}
    found: dict[str, str] = {}
    groups = {one.record_id: kin(one) for one in listed}
    for _, record_id in placed:
        group = groups[record_id]
        if group in last:
            found[record_id] = last[group]
        if record_id not in again:
            last[group] = record_id
    return found
