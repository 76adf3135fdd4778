"""The workbench of a server: what it is asked every second is answered from an index in memory.

Everything that changes something is the :class:`~.workbench.Workbench`'s own. Every method may be called from any
thread, and may wait for MLflow, except ``page``, ``live`` and ``experiments``.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ..config import Destination, Project
from ..errors import NotFound, StoreUnavailable, UsageError
from ..journal.annotations import Annotations
from ..journal.blobs import Blobs, TooLarge
from ..journal.ledger import Ledger, Outage
from ..journal.renames import Renames
from ..publish.scan import JournalScan, WaitingRun, ledger_path
from ..records.facts import SCHEMA
from ..records.run import RunRecord
from ..runs.catalog import Catalog, Found, Match
from ..store.base import Store
from ..views import compared, detail, live, query, registry, shapes
from ..views.index import RunIndex, Snapshot
from ..views.summary import Summary, annotated, of_journal, of_store
from ..workbench import Workbench

_HEX = frozenset("0123456789abcdef")
#: Seconds that the size of ``.bioml`` is taken as known.
_SIZE_KEPT = 60.0
#: Bytes of one file that is sent through the server.
FILE_LIMIT = 512 * 2**20
FEWEST, MOST = 2, 20
Unsent = tuple[tuple[WaitingRun, ...], Outage | None]


class IndexedWorkbench(Workbench):
    """A workbench that keeps the list of its runs."""

    def __init__(self, project: Project, target: Destination) -> None:
        super().__init__(project, target)
        self.index = RunIndex(project, target, self._store, Catalog(project, target, None).of_project)
        self.renames = Renames(project.home)
        self._ledger = Ledger(ledger_path(project, target))
        self._scan = JournalScan(project, target.key, self._ledger)
        self._scanning = threading.Lock()
        self._known_unsent: Unsent | None = None
        self._size: tuple[float, int] = (0.0, 0)

    def close(self) -> None:
        """End what runs in the background."""
        self.index.close()

    # -- lists -----------------------------------------------------------------------------------

    def page(self, asked: query.Query) -> shapes.RunPage:
        """One page of the runs."""
        self.renames.refresh()
        return query.page(self.index.snapshot(), asked, self.renames)

    def experiments(self) -> tuple[shapes.Experiment, ...]:
        """MLflow experiments that hold runs of this project."""
        return query.experiments(self.index.snapshot())

    def row(self, record_id: str) -> shapes.RunRow:
        """One run's line.

        :raises NotFound: there is none (any more).
        """
        snapshot = self.index.snapshot()
        found = snapshot.by_id.get(record_id)
        return query.with_changes(snapshot, found) if found else self._row_of(self.find(record_id), snapshot)

    # -- one run ---------------------------------------------------------------------------------

    def find(self, run: str) -> Found:
        """As :meth:`Workbench.find`, without reading the whole journal."""
        prefix = run.strip().removesuffix("…").lower()
        if not prefix or not set(prefix) <= _HEX:
            return super().find(run)
        snapshot = self.index.snapshot()
        found = self.index.match(prefix)
        if found is None:
            return super().find(run)
        local, stored = found
        if local is None and stored is None:
            return super().find(run)
        identity = stored.run_id if stored else snapshot.by_id[local.listed.record_id].row.run_id if local else None
        if snapshot.down and local is not None:
            stored = None  # it would be asked for the record, and does not answer
        return self._catalog().load(Match(local, stored, identity), snapshot.down, Annotations(self.project.home))

    def detail(self, run: str) -> shapes.RunDetail:
        """Everything that a run's page shows."""
        found, snapshot = self.find(run), self.index.snapshot()
        record, row = found.record, self._row_of(found, snapshot)
        before = snapshot.before(row.record_id)
        document = self._environment(record)
        digest = record.environment.digest if record.environment else None
        return shapes.RunDetail(
            row=row,
            record=detail.without_bulk(record),
            destination=self.destination.uri,
            versions=self._registered_from(found),
            previous=query.with_changes(snapshot, before) if before else None,
            group=detail.group_of(snapshot, row),
            series_keys=detail.series_keys(record),
            environment=detail.environment_of(digest, document) if digest and document else None,
            environment_changes=self._environment_changes(before, record, document),
            code_before=detail.cells_before(record.before),
            git=detail.git_of(record),
            links=shapes.Links(detail.mlflow_page(self.destination.uri, found.run_id)),
        )

    def judged(self, found: Found) -> None:
        """A process that we started reproduced a run: reread its tags, even if the run is an old one."""
        if found.run_id is None:
            self.index.expire()
        else:
            self.index.again(found.run_id)

    def _row_of(self, found: Found, snapshot: Snapshot) -> shapes.RunRow:
        """From the index; built afresh for another project's run, or one that the index has not read yet."""
        known = snapshot.by_id.get(found.record.record_id)
        if known is not None:
            return query.with_changes(snapshot, known)
        said = found.annotations.of(found.record.record_id)
        local = of_journal(found.local.listed, found.local.session, None) if found.local else None
        summary = of_store(found.stored, local) if found.stored else local
        assert summary is not None, "what MLflow did not give, the journal gave"
        return annotated(summary, said).row

    def _registered_from(self, found: Found) -> tuple[shapes.ModelVersion, ...]:
        return tuple(registry.version_of(version, self._known) for version in self._versions_of(found))

    def _known(self, record_id: str) -> Summary | None:
        return self.index.snapshot().by_id.get(record_id)

    def _environment_changes(
        self, before: Summary | None, record: RunRecord, document: Mapping[str, Any] | None
    ) -> tuple[shapes.EnvironmentChange, ...]:
        if before is None or record.environment is None or before.environment in (None, record.environment.digest):
            return ()
        earlier = self.find(before.row.record_id).record
        known = self._environment(earlier)
        documents = (known, document) if known is not None and document is not None else None
        return detail.environment_changes(earlier, record, documents)

    def series(self, run: str, keys: Sequence[str], limit: int) -> shapes.SeriesSet:
        """Metrics over their steps; no keys: every one that has more than one value."""
        found = self.find(run)
        wanted = list(keys) or list(detail.series_keys(found.record))
        missing = set(wanted) - {metric.key for metric in found.record.metrics}
        store = self._store() if missing and found.run_id and not found.down else None
        history = {key: store.history(found.run_id, key) for key in missing} if store and found.run_id else {}
        return detail.series_of(found.record, wanted, limit, history)

    def resources(self, run: str) -> shapes.Resources:
        """A run's resource use over time."""
        return detail.resources_of(self.find(run).record)

    def outputs(self, run: str) -> tuple[shapes.Output, ...]:
        """What its cell printed and displayed."""
        found = self.find(run)
        store = None if found.down else self._store()
        return detail.outputs_of(found.record, Blobs(self.project.blobs), store, found.run_id)

    def files(self, run: str) -> tuple[shapes.FileEntry, ...]:
        """Files kept with a run: those in MLflow, or before that those that the user's code kept."""
        found = self.find(run)
        store = self._store() if found.stored is not None else None
        if store is None or found.run_id is None:
            return detail.files_of(found.record)
        return tuple(shapes.FileEntry(path, size) for path, size in store.artifact_sizes(found.run_id))

    def read_file(self, run: str, path: str) -> bytes:
        """One of them.

        :raises NotFound: the run has no file of exactly that name.
        :raises TooLarge: than :data:`FILE_LIMIT`.
        """
        found = self.find(run)
        entry = next((one for one in self.files(run) if one.path == path), None)
        if entry is None:
            raise NotFound("The run has no such file.", next="List its files.")
        if (entry.size or 0) > FILE_LIMIT:
            raise TooLarge(
                f"The file has {entry.size:,} bytes, more than the {FILE_LIMIT:,} that are sent through this server.",
                next="Download it from MLflow.",
            )
        store = self._store() if found.stored is not None else None
        if store is not None and found.run_id is not None:
            return store.read_artifact(found.run_id, path)
        kept = next(item for item in found.record.artifacts if item.path == path)
        return Blobs(self.project.blobs).get(kept.blob)

    def compare_runs(self, runs: Sequence[str]) -> shapes.Comparison:
        """Runs side by side, in the order given.

        :raises UsageError: for fewer than two, more than twenty, or one twice.
        """
        if not FEWEST <= len(runs) <= MOST:
            raise UsageError(f"{len(runs)} runs cannot be compared.", next=f"Choose {FEWEST} to {MOST}.")
        found = [self.find(run) for run in runs]
        records = [one.record for one in found]
        if len({record.record_id for record in records}) < len(records):
            raise UsageError("A run is named twice.", next="Name each run once.")
        snapshot = self.index.snapshot()
        rows = [self._row_of(one, snapshot) for one in found]
        return compared.compare(rows, records, [self._environment(record) for record in records])

    # -- changing runs ---------------------------------------------------------------------------

    def patch(self, run: str, said: shapes.RunPatch) -> shapes.RunRow:
        """Rename, note, star or archive a run (see :meth:`Workbench.annotate`)."""
        changed = self.annotate(run, name=said.name, note=said.note, starred=said.starred, archived=said.archived)
        self.index.expire()
        return self.row(changed.record_id)

    def remove(self, run: str) -> shapes.Deleted:
        """Delete a run (see :meth:`Workbench.delete`)."""
        deleted = self.delete(run)
        self.index.expire()
        return shapes.Deleted(deleted.record_id, True)

    def exported(self, run: str) -> tuple[str, bytes]:
        """A run as a zip file: its name and content.

        :raises TooLarge: than :data:`FILE_LIMIT`.
        """
        with tempfile.TemporaryDirectory(prefix="bioml-export-") as folder:
            made = self.export(run, Path(folder))
            if (size := made.stat().st_size) > FILE_LIMIT:
                raise TooLarge(
                    f"The export has {size:,} bytes, more than the {FILE_LIMIT:,} that are sent through this server.",
                    next=f"Write it to a file: bioml export {run}",
                )
            return made.name, made.read_bytes()

    # -- models ----------------------------------------------------------------------------------

    def registered(self) -> tuple[shapes.Model, ...]:
        """Every registered model with its versions."""
        models = self.models()
        return registry.models_of(models.versions, models.descriptions, self._known)

    def offer(self, run: str) -> shapes.RegisterOffer:
        """What registering a run would store, or why it cannot be registered."""
        found = self.find(run)
        if found.down:
            raise StoreUnavailable(
                f"{self.destination.uri} does not answer: {found.down}",
                next="Try again when it answers; the run is kept.",
            )
        has_model = found.record.model is not None or self._has_model(found)
        return registry.offer(found, self.registered(), has_model=has_model)

    def register_version(self, run: str, request: shapes.RegisterRequest) -> shapes.ModelVersion:
        """Register a run's model (see :meth:`Workbench.register`)."""
        made = self.register(run, request.name, alias=request.alias or None, description=request.description)
        self.index.expire()
        return self._version(made.name, made.version)

    def point_alias(self, name: str, alias: str, version: str) -> shapes.ModelVersion:
        """Let an alias point at a version."""
        from ..promote.policy import refuse_if_gated
        from ..promote.register import check_names

        check_names(name, alias, {})
        refuse_if_gated(self.project.root, alias)
        self._open_store().set_alias(name, version, alias)
        return self._version(name, version)

    def take_alias(self, name: str, alias: str) -> shapes.AliasDeleted:
        """Remove an alias from the version that has it."""
        from ..promote.policy import refuse_if_gated

        refuse_if_gated(self.project.root, alias)
        self._open_store().remove_alias(name, alias)
        return shapes.AliasDeleted(name, alias, True)

    def _version(self, name: str, version: str) -> shapes.ModelVersion:
        return registry.version_of(self._open_store().model_version(name, version), self._known)

    def _open_store(self) -> Store:
        store = self._store()
        if store is None:
            raise NotFound("Nothing has been published here yet, so there is no model.", next="Register a run first.")
        return store

    # -- what goes on ----------------------------------------------------------------------------

    def live(self, notebook: str | None) -> shapes.Live:
        """The kernels of one notebook; None: of every one."""
        self.index.snapshot()
        self.renames.refresh()
        return live.live_of(self.index.live(), notebook, self.renames)

    def hello(self, root: str) -> shapes.Hello:
        """Which server and which project this is."""
        return shapes.Hello(
            version("jupyter-bioml"), SCHEMA, root, str(self.project.root), self.destination.uri,
            self.destination.embedded, self.index.snapshot().down,
        )  # fmt: skip

    def state(self) -> shapes.Status:
        """Places and waiting runs, according to the journal: no MLflow, no network."""
        self.index.snapshot()
        sessions = live.sessions_of(self.index.live())
        waiting, outage = self._unsent()
        return shapes.Status(
            project=str(self.project.root),
            home=str(self.project.home),
            fallback=self.project.fallback,
            destination=self.destination.uri,
            embedded=self.destination.embedded,
            sessions=len(sessions),
            down=outage.reason if outage else None,
            waiting=tuple(shapes.WaitingRow(*item) for item in waiting),
            size=self._home_size(),
            live=sessions,
        )

    def _unsent(self) -> Unsent:
        """What waits, and why the destination did not answer; as known while another thread looks."""
        known = self._known_unsent
        if self._scanning.acquire(blocking=known is None):
            try:
                self._scan.refresh()
                known = self._known_unsent = self._scan.waiting(), self._ledger.outage
            finally:
                self._scanning.release()
        assert known is not None, "a caller that does not wait has an answer already"
        return known

    def _home_size(self) -> int:
        at, size = self._size
        if not at or time.monotonic() - at > _SIZE_KEPT:
            size = size_of(self.project.home)
            self._size = time.monotonic(), size
        return size


def size_of(folder: Path) -> int:
    """Bytes of all files below a folder; links are not followed."""
    total, folders = 0, [str(folder)]
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    else:
                        total += entry.stat(follow_symlinks=False).st_size
        except OSError:
            continue
    return total
