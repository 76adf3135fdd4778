"""The one place that wires journal, stores and runners: what the commands, magics, widgets and server call.

Every method answers with a dataclass that has ``as_json()``; nothing here prints. Importing this module is
cheap: MLflow, papermill and the publisher are imported by the methods that need them.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from .answers import Models, Shown, Status
from .config import Destination, Project, destination, find_project, without_credentials
from .errors import BiomlError, Refused, StoreUnavailable, UsageError
from .journal.blobs import Blobs
from .journal.ledger import Ledger
from .journal.runs import LocalRun, read_journal
from .records.run import RunRecord
from .runs.catalog import Catalog, Found, RunList, RunRow
from .text.present import short_id

if TYPE_CHECKING:
    from .audit.project import ProjectAudit
    from .batch.batch import BatchReport, Running
    from .batch.request import BatchRequest
    from .doctor.check import Diagnosis
    from .environments.project import ProjectEnvironments
    from .keeping.collect import Collected, Rule
    from .keeping.delete import Deleted
    from .promote.desk import Promotions
    from .promote.register import Registered
    from .publish.publisher import PublishReport
    from .records.compare import Comparison
    from .reproduce.reproduce import Asked
    from .reproduce.verdict import Reproduction
    from .runs.groups import Groups
    from .store.base import ModelVersion, Store

#: Seconds that ``register`` waits for a run and its model that are not in MLflow yet.
REGISTER_WAIT = 300.0


class Workbench:
    """A project at one destination, and everything that can be done with its runs."""

    def __init__(self, project: Project, target: Destination) -> None:
        self.project = project
        self.destination = target
        self._opened: Store | None = None

    @classmethod
    def at(cls, start: Path | None = None) -> Workbench:
        """The workbench of the project that ``start`` (default: the current directory) belongs to.

        Only looks: nothing is made in a folder that is not a project yet.
        """
        project = find_project(Path.cwd() if start is None else start, create=False)
        return cls(project, destination(project))

    # -- runs ------------------------------------------------------------------------------------

    def runs(self, *, reproductions: bool = False, archived: bool = False, limit: int | None = None) -> RunList:
        """The project's runs, newest first (see :class:`~.runs.catalog.Catalog`)."""
        return self._catalog().runs(reproductions=reproductions, archived=archived, limit=limit)

    def find(self, run: str) -> Found:
        """The run of an MLflow run id, a record id, or a unique prefix of either.

        :raises NotFound: and :class:`~.errors.Ambiguous`, naming what fits.
        """
        return self._catalog().find(run)

    def show(self, run: str) -> Shown:
        """One run, the run of the same name before it, and the model versions made from it."""
        found = self.find(run)
        return Shown(found, self._previous(found), self._versions_of(found), self.destination.uri)

    def _previous(self, found: Found) -> RunRow | None:
        record = found.record
        for row in self.runs().rows:
            same = row.name == found.name and row.notebook == record.code.notebook
            if same and row.started is not None and row.started < record.started - 0.001:
                return row
        return None

    def _versions_of(self, found: Found) -> tuple[ModelVersion, ...]:
        store = self._store()
        if store is None or found.run_id is None or found.down:
            return ()
        try:
            return tuple(version for version in store.models() if version.run_id == found.run_id)
        except StoreUnavailable:
            return ()

    def compare(self, left: str, right: str) -> Comparison:
        """What differs between two runs."""
        from .records.compare import compare_records

        first, second = self.find(left).record, self.find(right).record
        documents = self._environment(first), self._environment(second)
        known = None if None in documents else cast("tuple[dict[str, Any], dict[str, Any]]", documents)
        return compare_records(first, second, environments=known)

    def _environment(self, record: RunRecord) -> dict[str, Any] | None:
        """The document behind a record's environment; None where it is not kept here."""
        if record.environment is None:
            return None
        try:
            document = json.loads(Blobs(self.project.blobs).get(record.environment.blob))
        except (BiomlError, OSError, ValueError):
            return None
        return document if isinstance(document, dict) else None

    # -- living with runs ------------------------------------------------------------------------

    def annotate(
        self,
        run: str,
        *,
        name: str | None = None,
        note: str | None = None,
        starred: bool | None = None,
        archived: bool | None = None,
    ) -> RunRow:
        """Rename, note, star or archive a run; what is None stays. It is on the disk when this returns.

        With MLflow down the row says in ``unsaid`` that the publisher tells it later.

        :raises UsageError: for an empty name, or when nothing is said.
        """
        from .keeping.annotate import annotate

        found = self.find(run)
        annotate(
            self.project, self.destination.key, self._stores(), found,
            name=name, note=note, starred=starred, archived=archived,
        )  # fmt: skip
        return self._again(found)

    def _again(self, found: Found) -> RunRow:
        """The row of a run that has just been changed."""
        store = self._stores()
        if store is not None and found.stored is not None:
            with contextlib.suppress(StoreUnavailable):
                found = dataclasses.replace(found, stored=store.get(found.stored.run_id))
        return found.row

    def _stores(self) -> Store | None:
        """The store; None also when it cannot be opened."""
        try:
            return self._store()
        except StoreUnavailable:
            return None

    def delete(self, run: str, *, force: bool = False, why: str | None = None) -> Deleted:
        """Delete a run, with the cells that joined it and its child runs; a tombstone stays.

        :raises Refused: while it runs, or, without ``force``, when a registered version was made from it.
        :raises StoreUnavailable: it is in MLflow, which does not answer; nothing was deleted.
        """
        from .keeping.delete import delete

        return delete(self.project, self.destination.key, self._stores(), self.find(run), force=force, why=why)

    def export(self, run: str, target: Path) -> Path:
        """Write a run as a zip file to ``target`` (a file, or a folder to put it in); returns its path."""
        from .keeping.export import export

        return export(self.project, self._stores(), self.find(run), target)

    def groups(self, metric: str | None = None) -> Groups:
        """Runs of one name in one notebook, with the latest and the best of each.

        :param metric: picks the best run; None: for each group the first metric that its runs compare.
        :raises UsageError: no run has that metric.
        """
        from .runs.groups import Groups, grouped

        found = self.runs()
        return Groups(grouped(found.rows, metric), found.down)

    def collect(self, rule: Rule, *, dry_run: bool = False, progress: Callable[[str], None] | None = None) -> Collected:
        """Delete old runs, and clean ``.bioml`` (see :mod:`.keeping.collect`).

        :raises StoreUnavailable: runs are to be deleted and MLflow does not answer; nothing was changed.
        """
        from .keeping.collect import collect

        store = self._store() if rule.names_runs else self._stores()
        return collect(self.project, self.destination, store, rule, dry_run=dry_run, progress=progress)

    # -- registry --------------------------------------------------------------------------------

    @property
    def promotions(self) -> Promotions:
        """Gates, promotions, rollbacks and approvals of registered versions."""
        from .promote.desk import Promotions

        return Promotions(self.project, self.destination, self._store)

    def register(
        self,
        run: str,
        name: str,
        *,
        alias: str | None = None,
        description: str = "",
        tags: Mapping[str, str] | None = None,
    ) -> Registered:
        """Make a model version from a run, linked to it; a run that still waits is published first.

        :raises Refused: with the reason and what to do.
        """
        from .promote.policy import refuse_if_gated
        from .promote.register import check_names, check_state, refuse_without_model, register

        check_names(name, alias, tags or {})
        if alias is not None:
            refuse_if_gated(self.project.root, alias)
        found = self.find(run)
        check_state(found.record)
        if found.down:
            raise StoreUnavailable(
                f"{self.destination.uri} does not answer: {found.down} Nothing was registered.",
                next="Try again when it answers; the run is kept.",
            )
        if found.local is not None and not self._has_model(found):
            if _never_has_model(found.local):
                raise refuse_without_model(found.record)
            found = self._published(found)
        store = self._store()
        assert store is not None
        return register(store, found, name, alias=alias, description=description, tags=tags)

    def _has_model(self, found: Found) -> bool:
        store = self._store()
        return bool(store is not None and found.run_id and store.run_models(found.run_id))

    def _published(self, found: Found) -> Found:
        report = self.publish(wait=True, timeout=REGISTER_WAIT)
        identity = found.record.record_id
        again = self.find(identity)
        if again.run_id is None or (report.why(identity) and not self._has_model(again)):
            raise Refused(
                f"The run {short_id(identity)} is not wholly in MLflow yet: "
                f"{report.why(identity) or 'it was not sent'}. Nothing was registered, and the run is kept.",
                next="Wait until it is, with: bioml publish --wait, then register it.",
            )
        return again

    def models(self) -> Models:
        """Every registered version, newest first."""
        store = self._store()
        return Models(tuple(store.models()), store.model_descriptions()) if store is not None else Models()

    # -- running and sending ---------------------------------------------------------------------

    def publish(self, *, wait: bool = False, timeout: float | None = None) -> PublishReport:
        """Send what waits. ``wait``: for another publisher too, up to ``timeout`` seconds."""
        from .publish.publisher import publish

        return publish(self.project, self.destination, wait=wait, timeout=timeout)

    def run_notebooks(self, asked: BatchRequest, running: Running | None = None) -> BatchReport:
        """Run notebooks, tracked (see :mod:`.batch.batch`)."""
        from .batch.batch import run_notebooks

        return run_notebooks(asked, running)

    def resume_notebooks(self, place: str, running: Running | None = None) -> BatchReport:
        """Continue a batch with the notebooks that did not pass.

        :param place: the folder of its output notebooks, or a sweep's run.
        :raises UsageError: there is no batch.
        """
        from .batch.batch import resume

        folder = Path(place)
        if not folder.is_dir():
            record = self.find(place).record
            if record.mark != "sweep" or "output_dir" not in record.params:
                raise UsageError(
                    f"The run {short_id(record.record_id)} is not a sweep: give the batch's output folder."
                )
            folder = Path(str(record.params["output_dir"]))
        return resume(folder, running)

    def reproduce(
        self, run: str, asked: Asked | None = None, *, progress: Callable[[str], None] | None = None
    ) -> Reproduction:
        """Re-run a run's cells in a fresh kernel and folder, compare, decide, and write the verdict.

        :param run: a run, or a registered model: ``models:/name/3``, ``models:/name@alias``.
        """
        from .reproduce.announce import announce
        from .reproduce.reproduce import reproduce
        from .reproduce.setup.elsewhere import bring_contents
        from .reproduce.setup.model_runs import is_model_uri, run_of_model

        found = self.find(run_of_model(run, self._store) if is_model_uri(run) else run)
        store, notes = None, []
        try:
            store = self._store()
            if store is not None and found.run_id is not None:
                notes = bring_contents(found.record, found.run_id, store, Blobs(self.project.blobs))
        except StoreUnavailable as error:
            notes = [f"The verdict is not in MLflow: {error.message}"]
        report = reproduce(self.project, found.record, asked, run_id=found.run_id, find=self.find, progress=progress)
        # publishing the new run sends what waited, too
        run_id = found.run_id or self.find(found.record.record_id).run_id
        report = dataclasses.replace(report, run_id=run_id, notes=(*report.notes, *notes))
        if store is None:
            with contextlib.suppress(StoreUnavailable):
                store = self._store()  # publishing may have made it
        report.source["verdict"] = found.verdict
        return announce(report, self.project, store)

    @property
    def audit(self) -> ProjectAudit:
        """The project's audit log: verify, newest, anchor, keygen."""
        from .audit.project import ProjectAudit

        return ProjectAudit(self.project, self._store)

    @property
    def environments(self) -> ProjectEnvironments:
        """Comparing environments with recorded ones, and building them again."""
        from .environments.project import ProjectEnvironments

        return ProjectEnvironments(self._catalog())

    # -- the installation ------------------------------------------------------------------------

    def doctor(self) -> Diagnosis:
        """The state of the installation, with a fix for each problem."""
        from .doctor.diagnose import diagnose

        return diagnose(self.project, self.destination)

    def status(self) -> Status:
        """Where things are and what waits, as the journal says: no MLflow, no network."""
        from .publish.scan import waiting

        logs, _ = read_journal(self.project)
        outage = Ledger(self.project.publishing / f"{self.destination.key}.ledger").outage
        return Status(
            project=self.project.root,
            home=self.project.home,
            fallback=self.project.fallback,
            destination=self.destination.uri,
            embedded=self.destination.embedded,
            sessions=sum(not log.dead() for log in logs),
            waiting=waiting(self.project, self.destination),
            down=outage.reason if outage else None,
        )

    # -- stores ----------------------------------------------------------------------------------

    def _store(self) -> Store | None:
        """The store; None while its database file does not exist, because nothing was published yet.

        :raises StoreUnavailable: when it cannot be opened.
        """
        if self._opened is None:
            database = self.destination.database
            if database is not None and not database.exists():
                return None
            from .store.mlflow_store import MlflowStore

            # the variable may hold credentials, which the destination's address does not
            uri = os.environ.get("MLFLOW_TRACKING_URI", "")
            self._opened = MlflowStore(
                uri if without_credentials(uri) == self.destination.uri else self.destination.uri
            )
        return self._opened

    def _catalog(self) -> Catalog:
        try:
            return Catalog(self.project, self.destination, self._store())
        except StoreUnavailable as error:
            return Catalog(self.project, self.destination, None, error.message)


def _never_has_model(run: LocalRun) -> bool:
    """True when its kernel made none and will make none, and the user's own code opened no run to log one to."""
    record = run.listed
    pending = not run.log.fold.complete(record.record_id, dead=run.dead)
    return record.model is None and not record.user_runs and not pending
