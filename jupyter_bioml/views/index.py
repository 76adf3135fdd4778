"""The runs of a project in memory, for a server that is asked every second: journal and MLflow as one sorted list.

A run is there as soon as its ``started`` entry is in the journal: every question reads what the journal has gained
(milliseconds). MLflow is read by one background thread, and only while somebody asks.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from ..config import Destination, Project
from ..journal.annotations import Annotations
from ..journal.runs import LocalRun
from ..journal.sessions import SessionLog
from ..publish.ledger import Ledger
from ..publish.scan import ledger_path
from ..store.base import StoredRun, StoreReader
from .journal_index import JournalIndex
from .store_index import StoreIndex
from .summary import Summary, annotated, of_store, parts_of, sent

log = logging.getLogger("jupyter_bioml.server")

#: Seconds that a question waits for the journal while it is read for the first time, and for which the background
#: thread holds the index.
PATIENCE, SLICE = 0.1, 0.05
#: Seconds between two looks of the background thread, and without a question after which it rests.
PAUSE, REST = 0.5, 30.0


@dataclass(frozen=True)
class Snapshot:
    """The index at one moment: nothing in it changes."""

    summaries: tuple[Summary, ...] = ()
    """Newest first; parts of other runs and deleted runs are not listed."""
    by_id: dict[str, Summary] = field(default_factory=dict)
    """By record id."""
    previous: dict[str, Summary] = field(default_factory=dict)
    """By record id: the run of the same name and notebook before it."""
    loading: bool = True
    down: str | None = None
    problems: tuple[str, ...] = ()
    version: int = 0

    def named(self, name: str, notebook: str | None) -> list[Summary]:
        """The runs of one name and notebook, newest first."""
        return [one for one in self.summaries if one.row.name == name and one.row.notebook == notebook]


class RunIndex:
    """The runs of one project at one destination.

    :param open_store: the store to read; None while there is none. Raises StoreUnavailable.
    :param ours: whether a run on a shared server belongs to this project.
    """

    def __init__(
        self,
        project: Project,
        destination: Destination,
        open_store: Callable[[], StoreReader | None],
        ours: Callable[[StoredRun], bool],
    ) -> None:
        self._key = destination.key
        self._ours = ours
        self._journal = JournalIndex(project)
        self._store = StoreIndex(open_store, destination.database)
        self._ledger = Ledger(ledger_path(project, destination))
        self._annotations = Annotations(project.home)
        self._made: dict[str, tuple[tuple[object, ...], Summary]] = {}
        self._stored: dict[str, StoredRun] = {}
        self._snapshot = Snapshot()
        self._inputs: object = None
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._closed = False
        self._asked = 0.0
        self._thread: threading.Thread | None = None

    def snapshot(self) -> Snapshot:
        """The runs as they are now."""
        self._asked = time.monotonic()
        if self._thread is None:
            self._thread = threading.Thread(target=self._background, name="bioml-index", daemon=True)
            self._thread.start()
        self._wake.set()
        if self._lock.acquire(timeout=PATIENCE):
            try:
                self._refresh(time.monotonic() + PATIENCE)
            finally:
                self._lock.release()
        return self._snapshot

    def expire(self) -> None:
        """Something was changed in MLflow through us: read it again."""
        self._store.expire()
        self._wake.set()

    def close(self) -> None:
        """End the background thread."""
        self._closed = True
        self._wake.set()

    # -- one run ---------------------------------------------------------------------------------

    def match(self, prefix: str) -> tuple[LocalRun | None, StoredRun | None] | None:
        """The one run whose id begins so: (journal's, MLflow's). None: none, more than one, or a part of a run."""
        found = {
            one.row.record_id: one
            for one in self._snapshot.by_id.values()
            if one.row.record_id.startswith(prefix) or (one.row.run_id or "").startswith(prefix)
        }
        if len(found) != 1 or (summary := next(iter(found.values()))).hidden:
            return None
        with self._lock:
            local = self._journal.local(summary.row.record_id)
        return local, self._stored.get(summary.row.record_id)

    def live(self) -> list[SessionLog]:
        """Sessions whose kernel lives, as read by the last question."""
        with self._lock:
            return self._journal.live()

    # -- keeping up ------------------------------------------------------------------------------

    def _background(self) -> None:
        while not self._closed:
            if time.monotonic() - self._asked > REST:
                self._wake.clear()
                self._wake.wait()
                continue
            try:
                self._store.look()
                while not self._closed:
                    with self._lock:
                        self._refresh(time.monotonic() + SLICE)
                    if self._journal.complete:
                        break
                    time.sleep(0.001)
            except Exception:
                log.exception("the index of %s", self._key)
            time.sleep(PAUSE)

    def _refresh(self, deadline: float) -> None:
        changed = self._journal.refresh(deadline)
        self._annotations.refresh()
        self._ledger.refresh()
        inputs = (
            self._journal.complete, _mark(self._ledger.path), _mark(self._annotations.path),
            id(self._store.runs), self._store.loading, self._store.down,
        )  # fmt: skip
        if not changed and inputs == self._inputs:
            return
        self._inputs = inputs
        self._snapshot = self._assemble()

    def _assemble(self) -> Snapshot:
        stored = {run.record_id: run for run in self._store.runs.values() if run.record_id}
        self._stored = stored
        parts = {part for run in stored.values() for part in parts_of(run)}
        local = {
            record_id: row
            for session in self._journal.sessions.values()
            if session.key == self._key
            for record_id, row in session.rows.items()
        }
        made: dict[str, tuple[tuple[object, ...], Summary]] = {}
        wanted = set()
        for record_id in chain(local, stored.keys() - local.keys()):
            summary = self._summary(record_id, local.get(record_id), stored.get(record_id), made)
            run_id = summary.row.run_id if summary else None
            if summary and run_id and record_id not in parts and self._behind(summary, stored.get(record_id)):
                wanted.add(run_id)
        self._made = made
        if wanted:
            self._store.want(wanted)
        return self._sorted({key: summary for key, (_, summary) in made.items()})

    def _summary(
        self,
        record_id: str,
        local: Summary | None,
        stored: StoredRun | None,
        made: dict[str, tuple[tuple[object, ...], Summary]],
    ) -> Summary | None:
        """One run, made anew only when something it is made from is another object now."""
        if self._annotations.tombstone(record_id) is not None or (stored is not None and stored.deleted):
            return None
        if local is None and stored is not None and not self._ours(stored):
            return None
        said, state = self._annotations.of(record_id), self._ledger.state(record_id)
        made_from = (local, stored, said, state.run_id, state.done, state.data)
        before = self._made.get(record_id)
        if before is not None and all(new is old for new, old in zip(made_from, before[0], strict=True)):
            made[record_id] = before
            return before[1]
        known = sent(local, state) if local is not None else None
        summary = of_store(stored, known) if stored is not None else known
        assert summary is not None
        summary = annotated(summary, said)
        made[record_id] = made_from, summary
        return summary

    @staticmethod
    def _behind(summary: Summary, stored: StoredRun | None) -> bool:
        """Whether MLflow has more of a run than was read."""
        return stored is None or (stored.status == "RUNNING" and summary.row.state != "RUNNING")

    def _sorted(self, by_id: dict[str, Summary]) -> Snapshot:
        listed = [one for one in by_id.values() if not one.hidden]
        listed.sort(key=lambda one: one.row.started or 0.0)
        last: dict[tuple[str, str | None], Summary] = {}
        previous: dict[str, Summary] = {}
        for one in listed:
            group = one.row.name, one.row.notebook
            if group in last:
                previous[one.row.record_id] = last[group]
            last[group] = one
        return Snapshot(
            tuple(reversed(listed)),
            by_id,
            previous,
            self._store.loading or not self._journal.complete,
            self._store.down,
            self._journal.problems,
            self._snapshot.version + 1,
        )


def _mark(path: Path) -> tuple[int, int]:
    """What changes when a file is appended to."""
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_size, status.st_ino
