"""One run for its page, from the index where that knows it; and several runs beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..config import Destination, Project
from ..errors import NotFound, UsageError
from ..journal.blobs import Blobs, TooLarge
from ..records.run import RunRecord
from ..runs.catalog import Found
from ..runs.index import RunIndex
from ..runs.later_cells import later_cells
from ..runs.project import Find, environment_document
from ..runs.row import RunRow
from ..runs.summary import Summary
from ..store.base import Store
from ..store.opening import OpenStore
from ..store.shared import RunFiles
from ..views import compared, detail, registry, shapes

#: Bytes of one file that is sent through the server.
FILE_LIMIT = 512 * 2**20
#: Runs that are compared with each other.
FEWEST, MOST = 2, 20


class RunBench:
    """One run for the server's handlers.

    :param find: looks up a run.
    """

    def __init__(
        self, project: Project, target: Destination, open_store: OpenStore, index: RunIndex, find: Find
    ) -> None:
        self._project = project
        self._target = target
        self._open_store = open_store
        self._index = index
        self._find = find

    def row_of(self, found: Found) -> RunRow:
        """The row of a run, from the index; of another project's run as it was found."""
        snapshot = self._index.snapshot()
        known = snapshot.by_id.get(found.row.record_id)
        return found.row if known is None else snapshot.row(known)

    def detail(self, run: str) -> shapes.RunDetail:
        """Everything that a run's page shows."""
        found, snapshot = self._find(run), self._index.snapshot()
        record, row = found.record, self.row_of(found)
        before = snapshot.before(row.record_id)
        document = environment_document(self._project, record)
        digest = record.environment.digest if record.environment else None
        return shapes.RunDetail(
            row=row,
            record=detail.without_bulk(record),
            destination=self._target.uri,
            versions=self._registered_from(found),
            previous=snapshot.row(before) if before else None,
            group=detail.group_of(snapshot, row),
            series_keys=detail.series_keys(record),
            environment=detail.environment_of(digest, document) if digest and document else None,
            environment_changes=self._environment_changes(before, record, document),
            code_before=detail.cells_before(record.before),
            later_cells=later_cells(found),
            scored_runs=snapshot.names(score.of for score in record.scores if score.of is not None),
            git=detail.git_of(record),
            links=detail.links_of(self._target, found.run_id),
            joined=detail.joined(run, found, snapshot),
        )

    def _registered_from(self, found: Found) -> tuple[shapes.ModelVersion, ...]:
        store = self._store(found)
        versions = store.models() if store is not None else ()
        known = self._index.snapshot().by_id.get
        return tuple(registry.version_of(one, known, self._target) for one in versions if one.run_id == found.run_id)

    def _environment_changes(
        self, before: Summary | None, record: RunRecord, document: Mapping[str, Any] | None
    ) -> tuple[shapes.EnvironmentChange, ...]:
        if before is None or record.environment is None or before.environment in (None, record.environment.digest):
            return ()
        earlier = self._find(before.row.record_id).record
        known = environment_document(self._project, earlier)
        documents = (known, document) if known is not None and document is not None else None
        return detail.environment_changes(earlier, record, documents)

    def series(self, run: str, keys: Sequence[str], limit: int) -> shapes.SeriesSet:
        """Metrics over their steps; no keys: every one that has more than one value."""
        found = self._find(run)
        wanted = list(keys) or list(detail.series_keys(found.record))
        missing = set(wanted) - {metric.key for metric in found.record.metrics}
        store = self._store(found) if missing else None
        history = {key: store.history(found.run_id, key) for key in missing} if store and found.run_id else {}
        return detail.series_of(found.record, wanted, limit, history)

    def resources(self, run: str) -> shapes.RunResources:
        """A run's resource use over time."""
        return detail.resources_of(self._find(run).record)

    def outputs(self, run: str) -> tuple[shapes.RunOutput, ...]:
        """What its cell printed and displayed."""
        found = self._find(run)
        store = None if found.down else self._open_store()
        return detail.outputs_of(found.record, Blobs(self._project.blobs), store, found.run_id)

    def files(self, run: str) -> tuple[shapes.FileEntry, ...]:
        """Files kept with a run: those in MLflow, or before that those that the user's code kept."""
        return self._files(self._find(run))

    def _files(self, found: Found) -> tuple[shapes.FileEntry, ...]:
        store = self._store(found)
        if store is None or found.stored is None:
            return detail.files_of(found.record)
        return tuple(shapes.FileEntry(path, size) for path, size in RunFiles(store, found.stored.run_id).sizes())

    def code(self, run: str) -> tuple[shapes.LoadCode, ...]:
        """What loads the run's models, predictions and data; models and predictions once they are in MLflow."""
        found = self._find(run)
        store = self._store(found)
        stored = found.stored.run_id if store is not None and found.stored is not None else None
        models = [one.uri for one in store.run_models(stored)] if store is not None and stored is not None else []
        files = [one.path for one in self._files(found)] if stored is not None else []
        return tuple(detail.load_codes(found.record, stored, models, files, self._target))

    def read_file(self, run: str, path: str) -> bytes:
        """One of them.

        :raises NotFound: the run has no file of exactly that name.
        :raises TooLarge: than :data:`FILE_LIMIT`.
        """
        found = self._find(run)
        entry = next((one for one in self._files(found) if one.path == path), None)
        if entry is None:
            raise NotFound("The run has no such file.", next="List its files.")
        if (entry.size or 0) > FILE_LIMIT:
            raise TooLarge(
                f"The file has {entry.size:,} bytes, more than the {FILE_LIMIT:,} that are sent through this server.",
                next="Download it from MLflow.",
            )
        store = self._store(found)
        if store is not None and found.stored is not None:
            return RunFiles(store, found.stored.run_id).read(path)
        kept = next(item for item in found.record.artifacts if item.path == path)
        return Blobs(self._project.blobs).get(kept.blob)

    def _store(self, found: Found) -> Store | None:
        """The store, where it has the run and answers."""
        return self._open_store() if found.stored is not None and not found.down else None

    def compare(self, runs: Sequence[str]) -> shapes.Comparison:
        """Runs side by side, in the order given.

        :raises UsageError: for fewer than two, more than twenty, or one twice.
        """
        if not FEWEST <= len(runs) <= MOST:
            raise UsageError(f"{len(runs)} runs cannot be compared.", next=f"Choose {FEWEST} to {MOST}.")
        found = [self._find(run) for run in runs]
        records = [one.record for one in found]
        if len({record.record_id for record in records}) < len(records):
            raise UsageError("A run is named twice.", next="Name each run once.")
        documents = [environment_document(self._project, record) for record in records]
        return compared.compare([self.row_of(one) for one in found], records, documents)
