"""The runs of a project in memory, for a server that is asked every second: journal and MLflow as one sorted list.

A run is there as soon as its ``started`` entry is in the journal: every question reads what the journal has gained
(milliseconds). MLflow is read by one background thread, and only while somebody asks.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..journal.runs import LocalRun, told
from ..journal.sessions import SessionLog
from ..store.base import StoredRun, StoreReader
from .assembly import Assembly, Sources
from .boundary import Boundary
from .kept import KeptIndex, KeptState
from .snapshot import Snapshot
from .summary import Summary

log = logging.getLogger("jupyter_bioml.server")

#: Seconds that a question waits for the journal while it is read for the first time, and for which the background
#: thread holds the index.
PATIENCE, SLICE = 0.06, 0.03
#: So many runs take longer to merge than a question waits.
MANY = 1_000
#: Seconds that the first page of so many runs has to itself: two threads at work would make it three times as late.
FIRST_ANSWER = 0.3
#: Seconds between two looks of the background thread, and without a question after which it rests.
PAUSE, REST = 0.5, 30.0
#: Seconds between two times that the index is written to the disk.
WRITES = 120.0


class RunIndex:
    """The runs of one project at one destination.

    :param sources: what is read of the project's folder; kept up to date here.
    :param open_store: the store to read; None while there is none. Raises StoreUnavailable.
    :param kept: where the index is kept between two servers.
    :param boundary: only the runs inside it are there for anybody who asks.
    """

    def __init__(
        self,
        sources: Sources,
        open_store: Callable[[], StoreReader | None],
        kept: KeptIndex,
        boundary: Boundary | None = None,
    ) -> None:
        self._sources = sources
        self._boundary = boundary
        self._kept = kept
        self._assembly = Assembly(sources, open_store, ended=True)
        self._known: KeptState | None = None
        """What an earlier process left, until it is taken over."""
        self._lists_kept = False
        """It is listed as it is until then."""
        self._began = self._took = False
        self._changes = self._written = 0
        self._write_at = 0.0
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
        if self._lock.acquire(timeout=PATIENCE):
            try:
                if not self._began:
                    self._begin()
                if not self._lists_kept:
                    self._refresh(PATIENCE)
                if self._thread is None:
                    # not before: to import MLflow's client holds up every other thread
                    self._thread = threading.Thread(target=self._background, name="bioml-index", daemon=True)
                    self._thread.start()
            finally:
                self._lock.release()
        self._wake.set()
        return self._snapshot

    def expire(self) -> None:
        """Something was changed in MLflow through us: read it again."""
        self._assembly.store.expire()
        self._wake.set()

    def again(self, run_id: str) -> None:
        """One run was changed in MLflow through us: read that one again."""
        self._assembly.store.want({run_id})
        self._wake.set()

    def close(self) -> None:
        """End the background thread."""
        self._closed = True
        self._wake.set()

    # -- one run ---------------------------------------------------------------------------------

    def match(self, prefix: str) -> tuple[Summary, LocalRun | None, StoredRun | None] | None:
        """The one run whose id begins so: in short, the journal's, MLflow's. None: none, more than one, or a part."""
        found = {
            one.row.record_id: one
            for one in self._snapshot.by_id.values()
            if one.standing.record_id.startswith(prefix) or (one.standing.run_id or "").startswith(prefix)
        }
        if len(found) != 1 or (summary := next(iter(found.values()))).hidden:
            return None
        with self._lock:
            local = self._assembly.journal.local(summary.row.record_id)
            stored = self._assembly.stored(summary.row.record_id)
        return summary, local, stored

    @contextmanager
    def reading(self) -> Iterator[None]:
        """The journal is read by the caller alone, and stays as it is meanwhile."""
        with self._lock:
            yield

    def live(self) -> list[SessionLog]:
        """Sessions whose kernel lives, as read by the last question."""
        with self._lock:
            return self._assembly.journal.live()

    # -- keeping up ------------------------------------------------------------------------------

    def _background(self) -> None:
        if self._lists_kept:
            time.sleep(FIRST_ANSWER)
        while not self._closed:
            if time.monotonic() - self._asked > REST:
                self._wake.clear()
                self._wake.wait()
                continue
            try:
                self._read_on()
                if self._assembly.store.look():
                    self._read_on()
                self._write()
            except Exception:
                log.exception("the index of %s", self._sources.destination.key)
            time.sleep(PAUSE)

    def _read_on(self) -> None:
        """Read the journal to its end, a little at a time."""
        while not self._closed:
            with self._lock:
                self._refresh(SLICE)
            if self._assembly.journal.complete:
                break
            time.sleep(0.001)

    def _begin(self) -> None:
        """Read what was kept: of many runs it is listed as it is, and said to load, until the background thread has
        compared it with its sources.

        Where a boundary hides some of the runs nothing is listed before each of them was read.
        """
        self._began = True
        self._known = self._kept.read()
        if self._known is not None and self._boundary is None and len(self._known.made) > MANY:
            self._lists_kept = True
            self._snapshot = Snapshot.of(self._known.shown, loading=True, version=self._snapshot.version + 1)

    def _refresh(self, seconds: float) -> None:
        """:param seconds: for which segments are read."""
        journal, store, sources = self._assembly.journal, self._assembly.store, self._sources
        if not self._took:
            # first: what cannot be taken over is left, and everything is read
            known, self._known, self._took, self._lists_kept = self._known, None, True, False
            self._assembly.take(known)
        complete = journal.complete
        changed = journal.refresh(time.monotonic() + seconds)
        sources.refresh()
        inputs = (
            _mark(sources.ledger.path), _mark(sources.annotations.path), id(store.lines), store.loading, store.down,
            sources.renames.moves, journal.problems,
            self._boundary.refresh() if self._boundary is not None else None,
        )  # fmt: skip
        if inputs != self._inputs or changed is None or complete != journal.complete:
            self._inputs = inputs
            if behind := self._assembly.assemble():
                store.want(behind)
            self._publish(in_order=False)
        elif changed:
            self._publish(self._assembly.assemble_some(changed))

    def _publish(self, in_order: bool) -> None:
        """A new snapshot; ``in_order``: no run came, went, or changed its place."""
        made = {key: one for key, (_, one) in self._assembly.made.items()}
        if self._boundary is not None:
            made = {key: one for key, one in made.items() if self._boundary.shows(one.row)}
        journal, store, sources = self._assembly.journal, self._assembly.store, self._sources
        self._changes += 1
        self._snapshot = Snapshot.of(
            made,
            self._snapshot.order if in_order else None,
            loading=store.loading or not journal.complete,
            down=store.down,
            problems=(*journal.problems, *told(sources.annotations, sources.ledger)),
            version=self._snapshot.version + 1,
        )

    def _write(self) -> None:
        """Keep the index for the next process, now and then."""
        store = self._assembly.store
        if self._changes == self._written or time.monotonic() < self._write_at:
            return
        if store.loading or store.down is not None or not self._assembly.journal.complete:
            return
        with self._lock:
            self._written, keeping = self._changes, self._assembly.keep()
        self._kept.write(keeping)
        self._write_at = time.monotonic() + WRITES


def _mark(path: Path) -> tuple[int, int]:
    """What changes when a file is appended to."""
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_size, status.st_ino
