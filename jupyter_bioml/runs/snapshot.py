"""The runs of a project at one moment, as every list and page sees them: order, neighbours, families."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .row import RunRow
from .summary import Summary
from .values import Inputs

#: Where a run stands: start, hidden, name, notebook.
Place = tuple[float, bool, str, str]


@dataclass(frozen=True)
class RunOrder:
    """Where the runs stand, and who belongs to whom: what changes only when a run comes, goes or moves."""

    placed: tuple[tuple[Place, str], ...] = ()
    """Place and record id, oldest first; parts of other runs are left out."""
    previous: Mapping[str, str] = field(default_factory=dict)
    """By record id: the run of the same name and notebook before it."""
    parents: Mapping[str, str] = field(default_factory=dict)
    """By record id: the run that it is a child of, where that is in the list."""
    children: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By record id: its children, oldest first."""

    @classmethod
    def of(cls, summaries: Iterable[Summary]) -> RunOrder:
        """The order of these runs."""
        listed = [one for one in summaries if not one.hidden]
        placed = sorted((place(one), one.row.record_id) for one in listed)
        known = {identity: one.row.record_id for one in listed for identity in (one.row.run_id, one.row.record_id)}
        above = ((one.row.record_id, known.get(one.above)) for one in listed if one.above)
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
    ) -> Snapshot:
        """A snapshot of these runs; ``order``: theirs, where it is known."""
        order = order or RunOrder.of(by_id.values())
        newest = tuple([by_id[record_id] for _, record_id in reversed(order.placed)])
        return cls(newest, by_id, order, loading, down, problems, version)

    def before(self, record_id: str) -> Summary | None:
        """The run of the same name and notebook before it."""
        return self.by_id.get(self.order.previous.get(record_id, ""))

    def named(self, name: str, notebook: str | None) -> list[Summary]:
        """The runs of one name and notebook, newest first."""
        return [one for one in self.summaries if one.row.name == name and one.row.notebook == notebook]

    def children(self, record_id: str) -> tuple[Summary, ...]:
        """The child runs of a run, oldest first."""
        return tuple(self.by_id[child] for child in self.order.children.get(record_id, ()))

    def row(self, one: Summary) -> RunRow:
        """The row of a run, with its family and compared with the previous run of the same name and notebook."""
        record_id = one.row.record_id
        row = dataclasses.replace(
            one.row,
            parent=self.order.parents.get(record_id),
            children=len(self.order.children.get(record_id, ())),
        )
        before = self.before(record_id)
        if before is None:
            return row
        known = None not in (before.environment, one.environment)
        return dataclasses.replace(
            row,
            data_changed=data_changed(before.inputs, one.inputs),
            environment_changed=before.environment != one.environment if known else None,
        )


def folded(found: Sequence[Summary], order: RunOrder) -> list[Summary]:
    """Without the runs whose parent is among them: they are listed below it."""
    there = {one.row.record_id for one in found}
    return [one for one in found if order.parents.get(one.row.record_id) not in there]


def place(one: Summary) -> Place:
    """What decides where a run stands, and in which group."""
    row = one.row
    return row.started or 0.0, one.hidden, row.name, row.notebook or ""


def data_changed(before: Inputs | None, after: Inputs | None) -> bool | None:
    """Whether the later run read other data: another file, or anything that both have with other content.

    A value in memory of which only one has a digest says nothing: digests of values are taken where they are asked for.
    """
    if before is None or after is None:
        return None
    only_one = {(kind, name) for kind, name, _ in before} ^ {(kind, name) for kind, name, _ in after}
    return any(kind != "value" for kind, _ in only_one) or any(use[:2] not in only_one for use in before ^ after)


def _previous(listed: Sequence[Summary], placed: Iterable[tuple[Place, str]]) -> dict[str, str]:
    """A reproduction is never the previous run of another run."""
    again = {one.row.record_id for one in listed if one.row.reproduces}
    last: dict[tuple[str, str], str] = {}
    found: dict[str, str] = {}
    for (_, _, name, notebook), record_id in placed:
        group = name, notebook
        if group in last:
            found[record_id] = last[group]
        if record_id not in again:
            last[group] = record_id
    return found
