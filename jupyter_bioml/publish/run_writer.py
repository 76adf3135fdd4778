"""From one record to one MLflow run that can be understood without this package.

Every step may be interrupted at any moment and is then done again: the ledger says what is known to be done, the
store takes a second writing of the same for what it is. The run's status is set last, so a run that is not RUNNING
is complete.
"""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
from pathlib import Path

from .. import canonical
from ..config import Project, without_credentials
from ..data.hash_cache import HashCache
from ..data.versions import DataVersions
from ..errors import NotFound, Refused
from ..journal.annotations import Annotations
from ..journal.blobs import Blobs
from ..journal.facts import FactLog
from ..journal.ledger import Ledger
from ..journal.sessions import SessionLog
from ..records.run import KILLED, RUNNING, CaptureGap, DataUse, RunRecord, Session
from ..records.wire import from_dict, to_dict
from ..store.base import FOLDER, MODEL_FORMAT, NAME, PARTS, SHARED, USER_RUN, Store, StoredRun
from ..store.limits import fit_metrics, fit_params, fit_tags
from ..store.naming import (
    ending_tags,
    experiment_name,
    fingerprint,
    identity_tags,
    inputs_of,
    later_tags,
    notebook_of,
    run_name,
)
from .above import run_above, sweep_fold, sweep_record
from .adoption import TheirKeys, elsewhere, existing_run, metrics_beside, params_beside, tags_beside
from .annotating import Annotator
from .artifacts import Staging
from .later import LaterTeller
from .latest import write_latest
from .model_process import ModelProcess
from .models import ModelLogger
from .one_sender import OneSender
from .resources import system_metrics
from .sharing import Holder, Sharing


class RunWriter:
    """Writes records into one store.

    :param workplace: folder for temporary files; emptied here.
    :param models: a process that was begun for the first model.
    """

    def __init__(
        self, store: Store, ledger: Ledger, project: Project, workplace: Path, models: ModelProcess | None = None
    ) -> None:
        shutil.rmtree(workplace, ignore_errors=True)  # what a killed publisher left
        workplace.mkdir(parents=True, exist_ok=True)
        self._workplace = workplace
        self._store = store
        self._ledger = ledger
        self._project = project
        self._blobs = Blobs(project.blobs)
        self._data = DataVersions(HashCache(project.home / "state" / "hashes.db"), project.root)
        self._sharing = Sharing(store, workplace)
        self._models = ModelLogger(store, ledger, project, workplace, models)
        self._annotations = Annotations(project.home)
        self._annotator = Annotator(store, self._annotations, ledger)
        self._facts = FactLog(project.home)
        self._later = LaterTeller(store, self._facts, ledger, self._blobs)
        self._experiments: dict[str, str] = {}
        self._one = OneSender()

    def send(self, log: SessionLog, record_id: str, *, dead: bool) -> None:
        """Bring what is known of a record into its run.

        :raises BiomlError: when the store did not take it; what was sent stays and is not sent twice.
        """
        with self._one.of(record_id):
            self._send(log, record_id, dead=dead)

    def _send(self, log: SessionLog, record_id: str, *, dead: bool) -> None:
        session = log.fold.session
        assert session is not None
        brief = log.fold.brief(record_id, dead=dead)
        self._facts.refresh()
        later = self._facts.of_run(record_id)
        record = self._facts.with_later(log.fold.record(record_id, dead=dead))
        above = record.part_of or record.parent
        parent = self._ledger.run_id(above) if above else self._sweep_of(session)
        run = self._run_of(record, session, parent)
        still_open = False
        if not run.deleted:
            whole = log.fold.record(record.parent, dead=dead) if record.parent in log.fold.order else record
            still_open = self._fill(run, record, session, whole, dead, self._holder(log, record, session))
            # the last word is the user's; also where the run was deleted while it was being sent
            self._annotator.tell(record.part_of or record_id, run.run_id)
            if later is not None and not self._facts.reached(later):
                self._facts.apply(later)
        self._ledger.append(
            "done", run=record_id, entries=brief.entries, environment=brief.environment, open=still_open,
            tags=canonical.digest(record.tags),
        )  # fmt: skip

    def rest(self) -> None:
        """Nothing is to be sent for a while: keep no process for models."""
        self._models.rest()

    def close(self) -> None:
        """End the process for models, and hold no run any more."""
        self.rest()
        self._one.close()

    def tell_all(self, key: str) -> None:
        """Send the user's changes to runs that were sent before, and later findings.

        :raises StoreUnavailable: the destination does not answer; the rest is sent later.
        """
        self._annotator.tell_all(key)
        self._annotations.refresh()
        self._facts.refresh()
        self._later.tell_all(key, self._annotations)

    # -- the run ---------------------------------------------------------------------------------

    def _run_of(self, record: RunRecord, session: Session, above: str | None) -> StoredRun:
        """The run to write into: the one known, the one found, or a new one."""
        run_id = self._ledger.run_id(record.record_id)
        if run_id is None and record.part_of:
            run_id = above or self._found_above(record.part_of)
            self._ledger.append("created", run=record.record_id, run_id=run_id, adopted=None)
        if run_id is not None and (run := self._known(run_id, record)):
            return run
        with self._one.of(record.record_id):  # of a sweep's run as well, which is made while one of its runs is sent
            if found := existing_run(self._store, record):
                run, theirs = found
                keys = theirs.dump() if theirs else None
                self._ledger.append("created", run=record.record_id, run_id=run.run_id, adopted=keys)
                if theirs is not None:
                    self._name(run, run_name(record, session))
                return run
            return self._new_run(record, session, above)

    def _name(self, run: StoredRun, name: str) -> None:
        """The cell's name for a run that the user's own code opened; a name given by the user stays, with ours beside
        it."""
        if self._store.made_up(run.name):
            self._store.rename(run.run_id, name)
        elif run.name != name:
            self._store.write(run.run_id, tags={NAME: name})

    def _sweep_of(self, session: Session) -> str | None:
        """The parent run of the sweep that a session belongs to, made here when it is not there yet: it ends last."""
        record_id = sweep_record(session)
        if record_id is None:
            return None
        if (known := self._ledger.run_id(record_id)) is not None:
            return known
        fold = sweep_fold(self._project.journal, session)
        if fold is None or fold.session is None:
            return None
        return self._run_of(fold.record(record_id, dead=False), fold.session, None).run_id

    def _holder(self, log: SessionLog, record: RunRecord, session: Session) -> Holder | None:
        """The run above that keeps what a child shares; None for any other run, and where that one was deleted.

        A run that the user's own code opened shares nothing: MLflow does not have it below another one.
        """
        if record.part_of or self._ledger.state(record.record_id).adopted is not None:
            return None
        fold, top = run_above(self._project.journal, log.fold, record, session)
        run_id = None if top == record.record_id else self._ledger.run_id(top)
        try:
            if run_id is None or self._store.get(run_id).deleted:
                return None
        except NotFound:
            return None
        environment = fold.record(top, alone=True).environment
        return Holder(run_id, top, None if environment is None else environment.blob)

    def _known(self, run_id: str, record: RunRecord) -> StoredRun | None:
        """The run of that id; None when it vanished before it was whole, so that it is to be made again."""
        try:
            return self._store.get(run_id)
        except NotFound:
            if self._ledger.state(record.record_id).done is None and not record.part_of:
                return None
            # purged by hand (mlflow gc): as if deleted, not made again
            return StoredRun(run_id, "", "", "", deleted=True)

    def _found_above(self, record_id: str) -> str:
        found = self._store.find_record(record_id)
        if not found:
            raise NotFound(f"The run {record_id[:8]} that this cell joined is not in {self._store.uri}.")
        return found[0].run_id

    def _new_run(self, record: RunRecord, session: Session, parent: str | None) -> StoredRun:
        place, name = experiment_name(record, session), run_name(record, session)
        tags = identity_tags(record, session, parent)
        self._ledger.append("intend", run=record.record_id)
        try:
            run_id = self._store.create_run(self._experiment(place), name, record.started, tags)
        except (Refused, NotFound):
            self._experiments.pop(place, None)  # it may have been deleted since
            run_id = self._store.create_run(self._experiment(place), name, record.started, tags)
        self._ledger.append("created", run=record.record_id, run_id=run_id, adopted=None)
        return self._store.get(run_id)

    def _experiment(self, name: str) -> str:
        if name not in self._experiments:
            identity, said = self._store.open_experiment(name)
            if said:
                self._ledger.append("said", text=said)
            self._experiments[name] = identity
        return self._experiments[name]

    # -- what is in it ---------------------------------------------------------------------------

    def _fill(
        self,
        run: StoredRun,
        record: RunRecord,
        session: Session,
        whole: RunRecord,
        dead: bool,
        holder: Holder | None,
    ) -> bool:
        """Everything of the record; True when the user's own run still goes on."""
        record = self._with_data(record)
        self._write_values(run, record, session, fingerprint(record, whole))
        self._store.add_inputs(run.run_id, inputs_of(record.data))
        kept_as, gaps = self._models.log(record, session, run.run_id)
        if kept_as is not None:
            self._store.write(run.run_id, tags={MODEL_FORMAT: kept_as})
        record = dataclasses.replace(record, gaps=(*record.gaps, *gaps))
        self._write_files(run.run_id, record, whole, holder)
        if record.part_of:
            return False
        write_latest(self._project.latest, record, notebook_of(record, session), run_name(record, session), run.run_id)
        return self._end(run, record, dead)

    def _with_data(self, record: RunRecord) -> RunRecord:
        """The record with the digests of its data. A digest is found once: later the file may be another one."""
        known = self._ledger.state(record.record_id).data or {"uses": [], "gaps": []}
        found = {_key(use): use for use in (from_dict(DataUse, item) for item in known["uses"])}
        gaps = [from_dict(CaptureGap, item) for item in known["gaps"]]
        new = [use for use in record.data if _key(use) not in found]
        for use in new:
            found[_key(use)], more = self._data.resolve(use)
            gaps += more
        if new:
            uses = [to_dict(use) for use in found.values()]
            self._ledger.append("data", run=record.record_id, uses=uses, gaps=[to_dict(gap) for gap in gaps])
        data = tuple(found[_key(use)] for use in record.data)
        return dataclasses.replace(record, data=data, gaps=(*record.gaps, *gaps))

    def _write_values(self, run: StoredRun, record: RunRecord, session: Session, inputs: str) -> None:
        document = self._ledger.state(record.part_of or record.record_id).adopted
        theirs = TheirKeys.load(document) if document else TheirKeys(frozenset(), frozenset(), frozenset())
        metrics = [*fit_metrics(record.metrics), *fit_metrics(system_metrics(record))]
        tags = later_tags(record.late, record.reports) | ending_tags(record, inputs)
        done = self._ledger.state(record.record_id).done
        if document is None and (done is None or done.get("tags") != canonical.digest(record.tags)):
            tags |= fit_tags(record.tags)  # some may have come after the run was made
        if record.part_of:
            metrics = [metric for metric in metrics if not metric.key.startswith("system/")]
            joined = dict.fromkeys([*run.tags.get(PARTS, "").split(), record.record_id])
            tags = {PARTS: " ".join(joined)}
        elif document is not None:
            tags |= tags_beside(identity_tags(record, session, None), run, theirs.tags)
        if link := elsewhere(self._store, record):
            tags[USER_RUN] = f"{without_credentials(link.tracking_uri)} {link.run_id}"
        self._store.write(
            run.run_id,
            params=params_beside(fit_params(record.params), run, theirs.params),
            metrics=metrics_beside(metrics, run, theirs.metrics),
            tags=tags,
        )

    def _write_files(self, run_id: str, record: RunRecord, whole: RunRecord, holder: Holder | None) -> None:
        within = f"{FOLDER}/parts/{record.record_id}" if record.part_of else FOLDER
        # one process at a time writes record.json: another one may be sending a report of the run
        with self._facts.applying(), tempfile.TemporaryDirectory(dir=self._workplace) as folder:
            record = self._facts.with_later(record)
            staging = Staging(Path(folder), self._blobs, within)
            staging.fill(record, whole)
            gaps = (*record.gaps, *staging.gaps)
            staging.write_record(dataclasses.replace(record, gaps=gaps))
            shares = holder is not None and self._sharing.take(Path(folder), holder)
            self._store.add_artifacts(run_id, Path(folder))
        self._sharing.forget(run_id)
        if shares and holder is not None:
            self._store.write(run_id, tags={SHARED: holder.run_id})

    def _end(self, run: StoredRun, record: RunRecord, dead: bool) -> bool:
        adopted = self._ledger.state(record.record_id).adopted is not None
        ended = record.ended or record.started
        if not adopted:
            if run.status != record.status or run.ended is None:
                self._store.end_run(run.run_id, record.status, ended)
            return False
        if run.status != RUNNING:
            return False
        if dead:
            self._store.end_run(run.run_id, KILLED, ended)
        return not dead


def _key(use: DataUse) -> tuple[str, str, int | None, int | None, str | None]:
    """One version of one thing; values carry their digest from the kernel."""
    return use.kind, use.path or use.name, use.mtime_ns, use.size, use.digest if use.path is None else None
