"""The runs of a project in memory, for a server that is asked every second: journal and MLflow as one sorted list.

A run is there as soon as its ``started`` entry is in the journal: every question reads what the journal has gained
(milliseconds). MLflow is read by one background thread, and only while somebody asks.
"""

from __future__ import annotations

import logging
import operator
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

from ..config import Destination
from ..journal.annotations import Annotations
from ..journal.ledger import Ledger
from ..journal.reader import JournalReader
from ..journal.runs import LocalRun
from ..journal.sessions import SessionLog
from ..store.base import StoredRun, StoreReader
from .journal_index import JournalIndex
from .snapshot import Snapshot, place
from .store_index import StoreIndex
from .summary import Summary, merged, parts_of

log = logging.getLogger("jupyter_bioml.server")

#: Seconds that a question waits for the journal while it is read for the first time, and for which the background
#: thread holds the index.
PATIENCE, SLICE = 0.06, 0.03
#: Seconds between two looks of the background thread, and without a question after which it rests.
PAUSE, REST = 0.5, 30.0
#: What a summary was made from, and the summary.
Made = tuple[tuple[object, ...], Summary]


class RunIndex:
    """The runs of one project at one destination.

    :param journal: the sessions of the project, read as they grow.
    :param ledger: and ``annotations``: what was sent there, and what the user said since; kept up to date here.
    :param open_store: the store to read; None while there is none. Raises StoreUnavailable.
    :param ours: whether a run on a shared server belongs to this project.
    """

    def __init__(
        self,
        journal: JournalReader,
        ledger: Ledger,
        annotations: Annotations,
        destination: Destination,
        open_store: Callable[[], StoreReader | None],
        ours: Callable[[StoredRun], bool],
    ) -> None:
        self._key = destination.key
        self._ours = ours
        self._journal = JournalIndex(journal, lambda session: ledger.settled(session) is not None)
        self._store = StoreIndex(open_store, destination.database)
        self._ledger = ledger
        self._annotations = annotations
        self._made: dict[str, Made] = {}
        self._local: dict[str, Summary] = {}
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
        if self._lock.acquire(timeout=PATIENCE):
            try:
                self._refresh(time.monotonic() + PATIENCE)
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
        self._store.expire()
        self._wake.set()

    def again(self, run_id: str) -> None:
        """One run was changed in MLflow through us: read that one again."""
        self._store.want({run_id})
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
            if one.row.record_id.startswith(prefix) or (one.row.run_id or "").startswith(prefix)
        }
        if len(found) != 1 or (summary := next(iter(found.values()))).hidden:
            return None
        with self._lock:
            local = self._journal.local(summary.row.record_id)
        return summary, local, self._stored.get(summary.row.record_id)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """The journal is read by the caller alone, and stays as it is meanwhile."""
        with self._lock:
            yield

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
                self._read_on()
                if self._store.look():
                    self._read_on()
            except Exception:
                log.exception("the index of %s", self._key)
            time.sleep(PAUSE)

    def _read_on(self) -> None:
        """Read the journal to its end, a little at a time."""
        while not self._closed:
            with self._lock:
                self._refresh(time.monotonic() + SLICE)
            if self._journal.complete:
                break
            time.sleep(0.001)

    def _refresh(self, deadline: float) -> None:
        complete = self._journal.complete
        changed = self._journal.refresh(deadline)
        self._annotations.refresh()
        self._ledger.refresh()
        inputs = (
            _mark(self._ledger.path), _mark(self._annotations.path), id(self._store.runs), self._store.loading,
            self._store.down,
        )  # fmt: skip
        if inputs != self._inputs or changed is None or complete != self._journal.complete:
            self._inputs = inputs
            self._assemble()
        elif changed:
            self._assemble_some(changed)

    def _assemble(self) -> None:
        """Rebuild everything."""
        self._stored = {run.record_id: run for run in self._store.runs.values() if run.record_id}
        self._local = {
            record_id: row
            for session in self._journal.sessions.values()
            if session.key == self._key
            for record_id, row in session.rows.items()
        }
        before, self._made = self._made, {}
        for record_id in chain(self._local, self._stored.keys() - self._local.keys()):
            self._make(record_id, before.get(record_id))
        parts = {part for run in self._stored.values() for part in parts_of(run)}
        wanted = {
            one.row.run_id
            for key, (_, one) in self._made.items()
            if one.row.run_id and key not in parts and self._behind(one, self._stored.get(key))
        }
        if wanted:
            self._store.want(wanted)
        self._publish(in_order=False)

    def _assemble_some(self, changed: set[str]) -> None:
        """Only these runs, as the journal has them now."""
        rows: dict[str, Summary] = {}
        for session in self._journal.sessions.values():
            if session.key == self._key:
                rows.update({key: session.rows[key] for key in changed & session.rows.keys()})
        in_order = True
        for record_id in changed:
            before = self._made.pop(record_id, None)
            if record_id in rows:
                self._local[record_id] = rows[record_id]
            else:
                self._local.pop(record_id, None)
            after = self._make(record_id, before) if record_id in rows or record_id in self._stored else None
            in_order &= before is not None and after is not None and _stands(before[1]) == _stands(after)
        self._publish(in_order)

    def _make(self, record_id: str, before: Made | None) -> Summary | None:
        """One run, rebuilt only if something it is made from is another object now."""
        local, stored = self._local.get(record_id), self._stored.get(record_id)
        if local is None and stored is not None and not self._ours(stored):
            return None
        said = self._annotations.tombstone(record_id) or self._annotations.of(record_id)
        read_at = self._store.read_at(stored.run_id) if stored is not None else 0.0
        told = said is not None and self._annotations.reached_before(said, read_at)
        state = self._ledger.state(record_id)
        made_from = (local, stored, said, told, state.run_id, state.done, state.data)
        if before is None or any(map(operator.is_not, made_from, before[0])):
            summary = merged(local, stored, state, self._annotations, read_at)
            if summary is None:
                return None
            before = made_from, summary
        self._made[record_id] = before
        return before[1]

    @staticmethod
    def _behind(summary: Summary, stored: StoredRun | None) -> bool:
        """Whether MLflow has more of a run than was read."""
        return stored is None or (stored.status == "RUNNING" and summary.row.state != "RUNNING")

    def _publish(self, in_order: bool) -> None:
        """A new snapshot; ``in_order``: no run came, went, or changed its place."""
        self._snapshot = Snapshot.of(
            {key: one for key, (_, one) in self._made.items()},
            self._snapshot.order if in_order else None,
            loading=self._store.loading or not self._journal.complete,
            down=self._store.down,
            problems=self._journal.problems,
            version=self._snapshot.version + 1,
        )


def _stands(one: Summary) -> tuple[object, ...]:
    """What the order of the runs and their families are made from."""
    return place(one), one.above, one.row.run_id


def _mark(path: Path) -> tuple[int, int]:
    """What changes when a file is appended to."""
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_size, status.st_ino
