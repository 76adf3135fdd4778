"""The bench of a server: a workbench, and an index in memory that answers frequent requests.

One reader of the journal, one ledger and one file of annotations serve every question. Every method may be called from
any thread, and may wait for MLflow, except ``page``, ``live``, ``experiments``, ``hello`` and ``state``.
"""

from __future__ import annotations

import tempfile
import threading
import time
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

from ..answers import Status, status_of
from ..config import Destination, Project
from ..journal.annotations import Annotations
from ..journal.blobs import TooLarge
from ..journal.ledger import Ledger, Outage
from ..journal.reader import JournalReader
from ..journal.renames import Renames
from ..keeping.project import ProjectKeeping
from ..keeping.usage import size_of
from ..promote.desk import Promotions
from ..publish.scan import JournalScan, WaitingRun
from ..records.facts import SCHEMA
from ..runs import query
from ..runs.catalog import Catalog, Found, IdMatch
from ..runs.index import RunIndex
from ..runs.row import RunRow
from ..views import live, shapes
from ..workbench import Workbench
from .model_bench import ModelBench
from .run_bench import FILE_LIMIT, RunBench

_HEX = frozenset("0123456789abcdef")
#: Seconds that the size of ``.bioml`` is taken as known.
_SIZE_KEPT = 60.0
Unsent = tuple[tuple[WaitingRun, ...], Outage | None]


class ServerBench:
    """What a server keeps of one project at one destination."""

    def __init__(self, project: Project, target: Destination) -> None:
        self.project = project
        self.destination = target
        self.workbench = Workbench(project, target)
        self.renames = Renames(project.home)
        self.open_store = self.workbench.open_store
        self._annotations, self._ledger = Annotations(project.home), Ledger(project.ledger(target.key))
        reader = JournalReader(project.journal)
        ours = Catalog(project, target, None).of_project
        self.index = RunIndex(reader, self._ledger, self._annotations, target, self.open_store, ours)
        self._scan = JournalScan(project, target.key, self._ledger, self._annotations, reader)
        self._scanning = threading.Lock()
        self._known_unsent: Unsent | None = None
        self._size: tuple[float, int] = (0.0, 0)

    def close(self) -> None:
        """End what runs in the background."""
        self.index.close()

    # -- desks -----------------------------------------------------------------------------------

    @cached_property
    def run(self) -> RunBench:
        """One run: what its page asks for, and several beside each other."""
        return RunBench(self.project, self.destination, self.open_store, self.index, self.find)

    @cached_property
    def models(self) -> ModelBench:
        """Registered models and their aliases."""
        return ModelBench(self.project, self.destination, self.open_store, self.index, self.find)

    @cached_property
    def _keeping(self) -> ProjectKeeping:
        return ProjectKeeping(self.project, self.destination, self.open_store, self.find)

    @property
    def promotions(self) -> Promotions:
        """Gates, promotions, rollbacks and approvals of registered versions."""
        return self.workbench.promotions

    # -- runs ------------------------------------------------------------------------------------

    def page(self, asked: query.Query) -> query.RunPage:
        """One page of the runs."""
        self.renames.refresh()
        return query.page(self.index.snapshot(), asked, self.renames)

    def experiments(self) -> tuple[query.Experiment, ...]:
        """MLflow experiments that hold runs of this project."""
        return query.experiments(self.index.snapshot())

    def row(self, record_id: str) -> RunRow:
        """One run's line.

        :raises NotFound: there is none (any more).
        """
        return self.run.row_of(self.find(record_id))

    def find(self, run: str) -> Found:
        """As :meth:`~jupyter_bioml.runs.catalog.Catalog.find`, without reading the whole journal."""
        prefix = run.strip().removesuffix("…").lower()
        snapshot = self.index.snapshot()
        found = self.index.match(prefix) if prefix and set(prefix) <= _HEX else None
        if found is None:
            return self.workbench.runs.find(run)
        summary, local, stored = found
        if local is None and stored is None:
            return self.workbench.runs.find(run)
        identity = stored.run_id if stored else summary.row.run_id
        if snapshot.down and local is not None:
            stored = None  # it would be asked for the record, and does not answer
        catalog = self.workbench.runs.catalog()
        return catalog.load(
            IdMatch(local, stored, identity), snapshot.down, Annotations(self.project.home), summary.row
        )

    def judged(self, found: Found) -> None:
        """A process that we started reproduced a run: reread its tags, even if the run is an old one."""
        if found.run_id is None:
            self.index.expire()
        else:
            self.index.again(found.run_id)

    # -- changing runs ---------------------------------------------------------------------------

    def annotate(self, run: str, said: shapes.RunPatch) -> RunRow:
        """Rename, note, star or archive a run (see :class:`~jupyter_bioml.keeping.project.ProjectKeeping`)."""
        changed = self._keeping.annotate(
            run, name=said.name, note=said.note, starred=said.starred, archived=said.archived
        )
        self.index.expire()
        return self.row(changed.record_id)

    def delete(self, run: str) -> shapes.Deleted:
        """Delete a run."""
        deleted = self._keeping.delete(run)
        self.index.expire()
        return deleted

    def exported(self, run: str) -> tuple[str, bytes]:
        """A run as a zip file: its name and content.

        :raises TooLarge: than :data:`FILE_LIMIT`.
        """
        with tempfile.TemporaryDirectory(prefix="bioml-export-") as folder:
            made = self._keeping.export(run, Path(folder))
            if (size := made.stat().st_size) > FILE_LIMIT:
                raise TooLarge(
                    f"The export has {size:,} bytes, more than the {FILE_LIMIT:,} that are sent through this server.",
                    next=f"Write it to a file: bioml export {run}",
                )
            return made.name, made.read_bytes()

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

    def state(self) -> Status:
        """Places and waiting runs, according to the journal: no MLflow, no network."""
        self.index.snapshot()
        waiting, outage = self._unsent()
        return status_of(self.project, self.destination, self.index.live(), waiting, outage, self._home_size())

    def _unsent(self) -> Unsent:
        """What waits, and why the destination did not answer; as known while another thread looks."""
        known = self._known_unsent
        if self._scanning.acquire(blocking=known is None):
            try:
                with self.index.reading():
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
