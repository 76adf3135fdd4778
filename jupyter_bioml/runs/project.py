"""The runs of one project: listed, found, shown, compared."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from ..config import Destination, Project
from ..errors import BiomlError, StoreUnavailable
from ..journal.blobs import Blobs
from ..records.run import RunRecord
from ..records.wire import to_dict
from ..store.base import StoredVersion
from ..store.opening import OpenStore
from .catalog import Catalog, Found
from .later_cells import LaterCell, later_cells
from .row import RunList, RunRow

if TYPE_CHECKING:
    from ..records.compare import RecordComparison
    from .groups import Groups

#: Looks up a run by an MLflow run id, a record id, or a unique prefix of either.
Find = Callable[[str], Found]


@dataclass(frozen=True)
class Shown:
    """One run with what is known around it."""

    found: Found
    row: RunRow
    """Its row with its family, compared with the run before it."""
    previous: RunRow | None
    """The run of the same name and notebook before it."""
    children: tuple[RunRow, ...]
    """Its child runs, oldest first."""
    versions: tuple[StoredVersion, ...]
    """The registered versions that came from it."""
    destination: str
    later_cells: tuple[LaterCell, ...] = ()
    """The later cells that showed scores of it."""
    scored_runs: dict[str, str] = field(default_factory=dict)
    """The runs whose models its scores are of, where those are others: record id → name."""
    down: str | None = None
    """Why MLflow did not answer about the runs around it: these are the journal's then."""

    def as_json(self) -> dict[str, Any]:
        """The row's fields, what is around it, and the whole record."""
        return {
            **self.row.as_json(),
            "destination": self.destination,
            "previous": self.previous.as_json() if self.previous else None,
            "child_runs": [child.as_json() for child in self.children],
            "versions": [version.as_json() for version in self.versions],
            "later_cells": [asdict(cell) for cell in self.later_cells],
            "scored_runs": self.scored_runs,
            "record": to_dict(self.found.record),
        }


class ProjectRuns:
    """The runs of a project at one destination.

    :param open_store: see :data:`~jupyter_bioml.store.opening.OpenStore`.
    """

    def __init__(self, project: Project, target: Destination, open_store: OpenStore) -> None:
        self._project = project
        self._target = target
        self._open_store = open_store

    def catalog(self) -> Catalog:
        """The catalog over the store."""
        return Catalog(self._project, self._target, self._open_store)

    def list(
        self, *, reproductions: bool = False, archived: bool = False, children: bool = False, limit: int | None = None
    ) -> RunList:
        """The project's runs, newest first (see :meth:`.catalog.Catalog.runs`)."""
        return self.catalog().runs(reproductions=reproductions, archived=archived, children=children, limit=limit)

    def find(self, run: str) -> Found:
        """The run of a record id, an MLflow run id, or a unique prefix of either.

        :raises NotFound: and :class:`~jupyter_bioml.errors.Ambiguous`, naming what fits.
        """
        return self.catalog().find(run)

    def show(self, run: str) -> Shown:
        """One run with its family, the run of the same name before it, and the model versions made from it."""
        catalog = self.catalog()
        found, snapshot = catalog.find(run), catalog.snapshot()
        record_id = found.row.record_id
        known, before = snapshot.by_id.get(record_id), snapshot.before(record_id)
        return Shown(
            found,
            found.row if known is None else snapshot.row(known),
            None if before is None else snapshot.row(before),
            tuple(snapshot.row(child) for child in snapshot.children(record_id)),
            self.versions_of(found),
            self._target.uri,
            later_cells(found),
            snapshot.names(score.of for score in found.record.scores if score.of is not None),
            snapshot.down,
        )

    def versions_of(self, found: Found) -> tuple[StoredVersion, ...]:
        """The registered versions that were made from a run; none where MLflow does not answer."""
        store = self._open_store() if found.run_id is not None and not found.down else None
        if store is None:
            return ()
        try:
            return tuple(version for version in store.models() if version.run_id == found.run_id)
        except StoreUnavailable:
            return ()

    def compare(self, left: str, right: str) -> RecordComparison:
        """What differs between two runs."""
        from ..records.compare import compare_records

        catalog = self.catalog()
        first, second = catalog.find(left).record, catalog.find(right).record
        ours, theirs = environment_document(self._project, first), environment_document(self._project, second)
        known = None if ours is None or theirs is None else (ours, theirs)
        return compare_records(first, second, environments=known)

    def groups(self, metric: str | None = None) -> Groups:
        """Runs of one name in one notebook, with the latest and the best of each.

        :param metric: picks the best run; None: for each group the first metric that its runs compare.
        :raises UsageError: no run has that metric.
        """
        from .groups import Groups, RunGroup, grouped

        found, snapshot = self.catalog().listed(children=True)

        def row(record_id: str) -> RunRow:
            return snapshot.row(snapshot.by_id[record_id])

        groups = []
        for one in grouped(((run.standing, run.scores) for run in found), metric):
            latest, best = row(one.latest), None if one.best is None else row(one.best)
            groups.append(RunGroup(latest.name, latest.notebook, one.runs, latest, one.metric, best, one.value))
        return Groups(tuple(groups), snapshot.down)


def environment_document(project: Project, record: RunRecord) -> dict[str, Any] | None:
    """The document behind a record's environment; None where it is not kept here."""
    if record.environment is None:
        return None
    try:
        document = json.loads(Blobs(project.blobs).get(record.environment.blob))
    except (BiomlError, OSError, ValueError):
        return None
    return document if isinstance(document, dict) else None
