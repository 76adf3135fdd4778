"""The bench of a server: a workbench, and an index in memory that answers frequent requests.

One reader of the journal, one ledger and one file of annotations serve every question. Every method may be called from
any thread, and may wait for MLflow, except ``page``, ``live``, ``experiments``, ``hello`` and ``state``.
"""

from __future__ import annotations

import dataclasses
import io
import tempfile
import threading
import time
import zipfile
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

from ..answers import Status, status_of
from ..config import FILE, Destination, Project
from ..errors import Ambiguous, NotFound, Refused, StoreUnavailable, UsageError
from ..journal.annotations import Annotations
from ..journal.blobs import TooLarge
from ..journal.elsewhere import Elsewhere
from ..journal.ledger import Outage
from ..journal.runs import told
from ..journal.sessions import SessionLog
from ..keeping.annotate import fitting
from ..keeping.project import ProjectKeeping
from ..keeping.settings import decide
from ..keeping.usage import size_of
from ..promote.desk import Promotions
from ..publish.scan import JournalScan, WaitingRun
from ..records.facts import SCHEMA
from ..runs import query, table
from ..runs.assembly import Sources
from ..runs.boundary import Boundary
from ..runs.catalog import Found, IdMatch
from ..runs.index import RunIndex
from ..runs.kept import KeptIndex
from ..runs.row import RunRow
from ..runs.snapshot import Snapshot
from ..store.base import StoredVersion
from ..views import live, shapes
from ..workbench import Workbench
from .gate_bench import GateBench
from .model_bench import ModelBench
from .run_bench import FILE_LIMIT, RunBench

_HEX = frozenset("0123456789abcdef")
#: Seconds that the size of ``.bioml`` is taken as known.
_SIZE_KEPT = 60.0
#: Seconds that a question waits for an index that is read for the first time.
_READING = 10.0
#: Runs of one export.
MOST_EXPORTED = 200
Unsent = tuple[tuple[WaitingRun, ...], tuple[Elsewhere, ...], Outage | None]


class ServerBench:
    """What a server keeps of one project at one destination.

    :param boundary: what may be told where the server's root lies inside the project; None: everything.
    """

    def __init__(self, project: Project, target: Destination, boundary: Boundary | None = None) -> None:
        self.project = project
        self.boundary = boundary
        self.destination = target
        self.workbench = Workbench(project, target)
        self.open_store, kept = self.workbench.open_store, KeptIndex.of(project, target)
        sources = Sources.of(project, target, kept.read())
        self.renames, self._ledger = sources.renames, sources.ledger
        self.index = RunIndex(sources, self.open_store, kept, boundary)
        self._scan = JournalScan(project, target.key, sources.ledger, sources.annotations, sources.reader)
        self._scanning = threading.Lock()
        self._known_unsent: Unsent | None = None
        self._listings = query.Listings()
        self._size: tuple[float, int] = (0.0, 0)
        self.gates = GateBench()

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
        shows = self._shows if self.boundary is not None else None
        return ModelBench(self.project, self.destination, self.open_store, self.index, self.find, shows)

    @cached_property
    def _keeping(self) -> ProjectKeeping:
        return ProjectKeeping(self.project, self.destination, self.open_store, self.find)

    def promotions(self, name: str, which: str) -> Promotions:
        """Gates, promotions, rollbacks and approvals of a registered version.

        :param which: its number, or an alias that it holds.
        :raises NotFound: the server's root lies inside the project, and the version is not from below it.
        """
        desk = self.workbench.promotions
        if self.boundary is not None and not self._shows(desk.version(f"{name}@{which}")):
            raise _beyond("model version")
        return desk

    def _shows(self, version: StoredVersion) -> bool:
        """Whether a version may be told: it is from a run that may."""
        known = self._settled().by_id
        return version.record_id in known or any(one.row.run_id == version.run_id for one in known.values())

    # -- runs ------------------------------------------------------------------------------------

    def page(self, asked: query.Query) -> query.RunPage:
        """One page of the runs."""
        snapshot = self.index.snapshot()
        found = query.page(snapshot, asked, self._listings.of(snapshot, asked))
        return dataclasses.replace(found, problems=(*found.problems, *self._beside()))

    def groups(self, asked: query.Query, by: str, metric: str | None) -> table.TableGroups:
        """The runs in groups (see :func:`~jupyter_bioml.runs.table.groups`)."""
        return table.groups(self.index.snapshot(), asked, by, metric)

    def values(self, asked: query.Query, columns: tuple[str, ...]) -> table.TableValues:
        """Whole columns of the runs."""
        return table.values(self.index.snapshot(), asked, columns)

    def _beside(self) -> list[str]:
        """What is damaged of the files beside the journal that the index does not read."""
        return told(self.renames, self._scan.facts)

    def experiments(self) -> tuple[query.Experiment, ...]:
        """MLflow experiments that hold runs of this project."""
        return query.experiments(self.index.snapshot())

    def row(self, record_id: str) -> RunRow:
        """One run's line.

        :raises NotFound: there is none (any more).
        """
        return self.run.row_of(self.find(record_id))

    def find(self, run: str) -> Found:
        """As :meth:`~jupyter_bioml.runs.catalog.Catalog.find`, without reading the whole journal.

        :raises NotFound: also for a run that the boundary keeps out.
        """
        prefix = run.strip().removesuffix("…").lower()
        if self.boundary is not None:
            prefix = run = self._within(prefix)
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

    def _within(self, prefix: str) -> str:
        """The record id of the one run inside the boundary that is meant: what lies outside is not even ambiguous."""
        known = self._settled().by_id.values()
        found = [one.row for one in known if prefix and one.row.record_id.startswith(prefix)]
        found += [row for one in known if prefix and ((row := one.row).run_id or "").startswith(prefix)]
        ids = {row.record_id for row in found}
        exact = {row.record_id for row in found if prefix in (row.record_id, row.run_id)}
        if len(exact or ids) > 1:
            raise Ambiguous(f"{len(ids)} runs begin with {prefix[:40]}.", next="Give more of the id.")
        if not ids:
            raise _beyond("run")
        return next(iter(exact or ids))

    def _settled(self) -> Snapshot:
        """The runs, as soon as all are read: what is not among them yet must not be called unknown."""
        until = time.monotonic() + _READING
        while (snapshot := self.index.snapshot()).loading:
            if time.monotonic() > until:
                raise StoreUnavailable("The project's runs are still being read.", next="Try again in a moment.")
            time.sleep(0.02)
        return snapshot

    def judged(self, found: Found) -> None:
        """A process that we started reproduced a run: reread its tags, even if the run is an old one."""
        if found.run_id is None:
            self.index.expire()
        else:
            self.index.again(found.run_id)

    # -- changing runs ---------------------------------------------------------------------------

    def annotate(self, run: str, said: shapes.RunPatch) -> RunRow:
        """Rename, note, star, archive or tag a run (see :class:`~jupyter_bioml.keeping.project.ProjectKeeping`)."""
        changed = self._keeping.annotate(
            run, name=said.name, note=said.note, starred=said.starred, archived=said.archived, tags=said.tags
        )
        self.index.expire()
        return self.row(changed.record_id)

    def annotate_all(self, said: shapes.ManyPatch) -> shapes.ManyPatched:
        """Star, archive or tag many runs; MLflow hears of it from the publisher."""
        change = fitting(starred=said.starred, archived=said.archived, tags=said.tags)
        known = self._settled().by_id
        there = {run: known[run].row.run_id for run in said.runs if run in known}
        if there:
            self._keeping.annotate_all(there, change)
            self.index.expire()
        return shapes.ManyPatched(len(there), tuple(run for run in said.runs if run not in there))

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

    def exported_all(self, runs: Sequence[str]) -> tuple[str, bytes]:
        """Runs as one zip file that holds the zip file of each: its name and content.

        :raises UsageError: for none, or more than :data:`MOST_EXPORTED`.
        :raises TooLarge: than :data:`FILE_LIMIT`.
        """
        if not 0 < len(runs) <= MOST_EXPORTED:
            raise UsageError(f"{len(runs)} runs cannot be exported at once.", next=f"Choose 1 to {MOST_EXPORTED}.")
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
            for run in dict.fromkeys(runs):
                name, one = self.exported(run)
                archive.writestr(f"{run}.zip" if name in archive.namelist() else name, one)
                if content.tell() > FILE_LIMIT:
                    raise TooLarge(
                        f"The export has more than the {FILE_LIMIT:,} bytes that are sent through this server.",
                        next="Choose fewer runs, or write them to files: bioml export RUN",
                    )
        return f"{len(runs)}-runs.zip", content.getvalue()

    # -- what goes on ----------------------------------------------------------------------------

    def live(self, notebook: str | None) -> shapes.Live:
        """The kernels of one notebook; None: of every one."""
        self.index.snapshot()
        self.renames.refresh()
        return live.live_of(self._live(), notebook, self.renames)

    def _live(self) -> list[SessionLog]:
        """Sessions whose kernel lives, of notebooks that may be told."""
        logs = self.index.live()
        if self.boundary is None:
            return logs
        named = [(log, one) for log in logs if (one := log.fold.session) is not None and one.notebook is not None]
        return [log for log, one in named if self.boundary.holds(self.renames.now(str(one.notebook), one.started))]

    def hello(self, root: str) -> shapes.Hello:
        """Which server and which project this is."""
        return shapes.Hello(
            version("jupyter-bioml"), SCHEMA, root, str(self.project.root), self.destination.uri,
            self.destination.embedded, self.index.snapshot().down,
        )  # fmt: skip

    def track(self, asked: shapes.Tracked, root: Path) -> shapes.Tracked:
        """Write the setting into the project's settings file.

        :param root: the server's root folder: nothing above it is written.
        :raises Refused: the project lies above it.
        """
        if not self.project.root.is_relative_to(root.resolve()):
            raise Refused(
                "The project's folder lies above the root folder of this server.",
                next=f"Write this line into the project's {FILE}: track = {str(asked.track).lower()}",
            )
        decide(self.project.root, "track", asked.track)
        return asked

    def state(self) -> Status:
        """Places and waiting runs, according to the journal: no MLflow, no network."""
        snapshot = self.index.snapshot()
        self.renames.refresh()
        waiting, elsewhere, outage = self._unsent()
        if self.boundary is not None:
            waiting = tuple(run for run in waiting if run.record_id in snapshot.by_id)
            elsewhere = ()  # they are of the whole project
        return status_of(
            self.project, self.destination, self._live(), waiting, outage, elsewhere,
            (*snapshot.problems, *self._beside()), self._home_size(),
        )  # fmt: skip

    def _unsent(self) -> Unsent:
        """What waits, and why the destination did not answer; as known while another thread looks."""
        known = self._known_unsent
        if self._scanning.acquire(blocking=known is None):
            try:
                with self.index.reading():
                    self._scan.refresh()
                    known = self._known_unsent = self._scan.waiting(), self._scan.elsewhere(), self._ledger.outage
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


def _beyond(what: str) -> NotFound:
    return NotFound(
        f"There is no such {what} below this server's root.",
        next="The root lies inside a project: to see the whole project, start Jupyter in the project's root.",
    )
