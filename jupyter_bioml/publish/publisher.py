"""Draining the journal into MLflow: the loop of ``python -m jupyter_bioml.publish`` (:mod:`.sending` starts it).

Nothing here imports mlflow before there is something to send.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ..config import Project, destination, own_database
from ..errors import BiomlError, StoreUnavailable
from ..journal.belonging import ledger_of
from ..journal.ledger import LedgerRefused
from ..store.base import AccessDenied, Store
from .lock import PublisherLock
from .model_process import ModelProcess
from .models import process_for
from .run_writer import RunWriter
from .scan import Due, JournalScan, waiting_for, worth_waiting

log = logging.getLogger("jupyter_bioml.publish")

#: Seconds between two looks at the journal, and how long a publisher stays for a kernel that sends nothing.
LOOK, LINGER = 0.5, 15.0
#: Seconds between two looks at the lock of another publisher that is waited for.
LOCK_LOOK = 0.02
#: Seconds without anything to send after which the process for models ends.
REST = 5.0
#: Seconds before an unreachable destination is tried again: doubled from the first to the last.
FIRST_DELAY, LAST_DELAY = 5.0, 300.0


class Publisher:
    """The one publisher of one destination; use it while holding ``lock``."""

    def __init__(
        self, project: Project, key: str, lock: PublisherLock, open_store: Callable[[str], Store] | None = None
    ) -> None:
        self._project = project
        self._key = key
        self._lock = lock
        self._open_store = open_store or _mlflow_store
        self._workplace = project.publishing / f"{key}.work"
        self._ledger = ledger_of(project, key)
        self._ledger.open()
        self.scan = JournalScan(project, key, self._ledger)
        self.published = 0
        self._writer: RunWriter | None = None
        self._tried: set[tuple[str, int, str | None]] = set()

    def close(self) -> None:
        """End the process for models, close the ledger and remove the folder of work in progress."""
        if self._writer is not None:
            self._writer.close()
        self._ledger.close()
        shutil.rmtree(self._workplace, ignore_errors=True)

    def rest(self) -> None:
        """Nothing was due for a while: keep no process for models."""
        if self._writer is not None:
            self._writer.rest()

    def drain(self, wait: Wait | None = None) -> bool:
        """Send everything that is due; False when the destination did not answer.

        A record that cannot be sent is named in the ledger and does not hold up the others.

        :param wait: stop between two records when its time is over.
        """
        began = time.time()
        self.scan.refresh()
        self._tell_damage()
        try:
            while due := self._due():
                for item in due:
                    if wait is not None and wait.over:
                        return True
                    self._send(item)
            if self.scan.unsaid():
                self._open().tell_all(self._key)
                self._available()
        except StoreUnavailable as error:
            self._unavailable(error)
            return False
        self.scan.settle()
        self._lock.scanned(began)
        return True

    def adopt(self) -> None:
        """Take over what was recorded for other destinations: it is sent here from now on."""
        self.scan.refresh()
        for session in self.scan.adoptable():
            self._ledger.append("adopted", session=session)

    def _tell_damage(self) -> None:
        """Say once what cannot be sent because it is damaged."""
        known = {text for _, text in self._ledger.said}
        for damage in self.scan.damage():
            if damage not in known:
                log.error("%s", damage)
                self._ledger.append("said", text=damage)

    def _due(self) -> list[Due]:
        return [item for item in self.scan.due() if _version(item) not in self._tried]

    @property
    def idle(self) -> bool:
        """Nothing is due, also not what became due since the last drain, and nothing will be within seconds."""
        return not self.scan.soon() and not self._due()

    def _send(self, item: Due) -> None:
        record_id = item.brief.record_id
        self._tried.add(_version(item))
        above = item.brief.part_of or item.brief.parent
        if above is not None and self._ledger.state(above).failed:
            return
        try:
            self._open(item).send(item.log, record_id, dead=item.dead)
        except LedgerRefused:
            raise
        except StoreUnavailable as error:
            self._check_answers()
            self._failed(record_id, error.message)
        except BiomlError as error:
            self._failed(record_id, str(error))
        except Exception as error:
            log.exception("record %s", record_id)
            self._failed(record_id, f"{type(error).__name__}: {error}")
        else:
            self.published += 1
            self._available()

    def _available(self) -> None:
        if self._ledger.outage is not None:
            self._ledger.append("available")

    def _open(self, first: Due | None = None) -> RunWriter:
        """The writer; made for ``first``, what is to be sent with it."""
        if self._writer is None:
            models = self._first_model(first)
            try:
                uri = tracking_uri(self._project, self._key, self.scan.destination_uri)
                self._store = self._open_store(uri)
                self._ledger.bind(self._store.identity())
                self._writer = RunWriter(self._store, self._ledger, self._project, self._workplace, models)
            finally:
                if self._writer is None and models is not None:
                    models.close()
        return self._writer

    def _first_model(self, first: Due | None) -> ModelProcess | None:
        """The process for the first model that is due, begun: it imports mlflow while we do."""
        if first is None or self._ledger.outage is not None:
            return None
        for item in (first, *self._due()):
            if self._ledger.state(item.brief.record_id).model is not None:
                continue
            session, model = item.log.fold.session, item.log.fold.record(item.brief.record_id, dead=item.dead).model
            if session is not None and model is not None and model.blob is not None:
                process = process_for(session, model)
                with contextlib.suppress(OSError):  # no memory for it: the model says so, the run is sent
                    process.begin()
                return process
        return None

    def _check_answers(self) -> None:
        """Whether it is the destination that fails, and not this one record.

        :raises StoreUnavailable: it is the destination.
        """
        if self._writer is None:
            raise
        self._store.search(limit=1)

    def _failed(self, record_id: str, reason: str) -> None:
        log.error("record %s could not be sent: %s", record_id, reason)
        self._ledger.append("failed", run=record_id, reason=reason)

    def _unavailable(self, error: StoreUnavailable) -> None:
        before = self._ledger.outage
        delay = FIRST_DELAY if before is None else min(2 * before.delay, LAST_DELAY)
        log.error("%s (again in %.0f s)", error, delay)
        denied = isinstance(error, AccessDenied)
        self._ledger.append("unavailable", reason=error.message, delay=delay, denied=denied)
        self._lock.retry_after(time.time() + delay)


def _version(item: Due) -> tuple[str, int, str | None]:
    return item.brief.record_id, item.brief.entries, item.brief.environment


def _mlflow_store(uri: str) -> Store:
    from ..store.mlflow_store import MlflowStore

    return MlflowStore(uri)


def tracking_uri(project: Project, key: str, named: str | None) -> str:
    """The URI of a destination, with the credentials that this process's environment has for it.

    :param named: the URI in the sessions' headers, without credentials.
    :raises StoreUnavailable: if no session says where it is.
    """
    here, own = destination(project), own_database(project.home)
    if here.key == key:
        return os.environ.get("MLFLOW_TRACKING_URI") or here.uri
    if own.key == key:
        return own.uri  # also where the sessions name the folder in which it lay before
    if named is None:
        raise StoreUnavailable(f"No session names the destination {key}.")
    return named


@dataclass(frozen=True)
class Wait:
    """Options for waiting: ``python -m jupyter_bioml.publish … --wait``."""

    timeout: float | None = None
    """Seconds; None: as long as there is something to wait for."""
    session: str | None = None
    """Wait for this session's records only (all are sent)."""
    adopt: bool = False
    """First take over what was recorded for other destinations."""
    began: float = field(default_factory=time.monotonic)

    @property
    def over(self) -> bool:
        """The time limit has passed; never where there is none."""
        return self.timeout is not None and time.monotonic() - self.began > self.timeout


def run_publisher(
    project: Project, key: str, *, wait: Wait | None = None, open_store: Callable[[str], Store] | None = None
) -> int:
    """Be the publisher of one destination until there is nothing to do.

    :param wait: also wait for another publisher, try at once after an outage, and answer.
    :param open_store: the store of a tracking URI; MLflow's by default.
    :returns: 0, or 1 when ``wait`` was asked and not everything is sent.
    """
    lock = PublisherLock(project.publishing / f"{key}.lock")
    look = 0.0
    while not lock.acquire():
        if wait is None:
            return 0
        if time.monotonic() >= look:
            if wait.over or not (wait.adopt or worth_waiting(project, key, wait.session)):
                return 1 if waiting_for(project, key, wait.session) else 0
            look = time.monotonic() + LOOK
        time.sleep(LOCK_LOOK)
    try:
        if wait is None and lock.read()[1] > time.time():
            return 0
        publisher = Publisher(project, key, lock, open_store)
        try:
            if wait is not None and wait.adopt:
                publisher.adopt()
            _loop(publisher, wait)
            return 1 if wait and publisher.scan.waiting(wait.session) else 0
        finally:
            publisher.close()
    finally:
        lock.release()


def _loop(publisher: Publisher, wait: Wait | None) -> None:
    quiet_since, sent = time.monotonic(), 0
    while publisher.drain(wait):
        now = time.monotonic()
        if publisher.published != sent:
            quiet_since, sent = now, publisher.published
        elif now - quiet_since > REST:
            publisher.rest()
        idle = publisher.idle
        if wait is not None and (idle or wait.over):
            return
        if wait is None and idle and (not publisher.scan.live or now - quiet_since > LINGER):
            return
        time.sleep(LOOK)
