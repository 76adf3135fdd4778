"""What MLflow has of a project: often a little is read, now and then everything, and less while it does not answer.

What was kept of it (:mod:`.kept`) is taken where a local database did not change since; of a server it is what is
listed until more is read.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import NotFound, StoreUnavailable
from ..journal.stamps import NO_FILE, Stamp, database_stamps, is_settled
from ..records.run import RUNNING
from ..store.base import StoredRun, StoreReader
from .kept_rows import StoredLine, stored_text

#: Runs of a quick look: the newest ones. Seconds between two quick looks, and at least between two full ones.
NEWEST, QUICK, FULL = 100, 2.0, 60.0
#: A full look takes at most this share of the time.
SHARE = 0.02
#: Seconds for which a process that asks once lists a server's older runs as they were kept.
KEPT_FOR = 3600.0
#: Seconds until an unreachable store is asked again: doubled from the first to the last.
FIRST_DELAY, LAST_DELAY = 2.0, 60.0
_EVERYTHING = 1_000_000
#: The two files of a local database.
State = tuple[Stamp, Stamp]


@dataclass(frozen=True)
class KeptRuns:
    """What was kept of a store."""

    lines: Mapping[str, StoredLine] = field(default_factory=dict)
    state: State | None = None
    """Of the local database as it was read; None: a server, or it was being written."""
    read_at: float = 0.0
    """When all of it was read last (epoch seconds)."""


class StoreIndex:
    """Runs by MLflow's run id. Reads are made by one thread; :attr:`lines` is replaced, never changed.

    :param open_store: None: there is nothing yet (no database file). Raises StoreUnavailable.
    :param database: the file of a local database: where it did not change, nothing did.
    """

    def __init__(self, open_store: Callable[[], StoreReader | None], database: Path | None) -> None:
        self._open = open_store
        self._database = database
        self.lines: Mapping[str, StoredLine] = {}
        self.loading = True
        self.down: str | None = None
        self.read_at = 0.0
        """When everything was read last (epoch seconds); 0: never."""
        self._whole = False
        self._seen: State | None = None
        self._glanced: State | None = None
        self._quick_at = self._full_at = 0.0
        self._delay = 0.0
        self._again_at = 0.0
        self._wanted: set[str] = set()

    def take(self, kept: KeptRuns) -> None:
        """Begin with what was kept."""
        self.lines, self.read_at, now = kept.lines, kept.read_at, time.time()
        if kept.state is not None and kept.state == state_of(self._database):
            # what was read then is what would be read now
            for line in self.lines.values():
                line.read_at = now
            self._seen, self.loading, self.read_at = kept.state, False, now

    @property
    def as_of(self) -> float | None:
        """When a server was read for the runs that it was not asked for since; None: all are as they are now."""
        return self.read_at if self._database is None and self.read_at and not self._whole else None

    def kept(self) -> KeptRuns:
        """What may be kept: nothing before all was read."""
        if not self.read_at:
            return KeptRuns()
        state = self._seen if self._seen is not None and is_settled(*self._seen) else None
        if not any(line.secret for line in self.lines.values()):
            return KeptRuns(self.lines, state, self.read_at)
        return KeptRuns({run_id: line for run_id, line in self.lines.items() if not line.secret}, None, self.read_at)

    def want(self, run_ids: set[str]) -> None:
        """Read these runs at the next look: something was sent to them."""
        self._wanted = self._wanted | run_ids

    def expire(self) -> None:
        """Something was changed through us: look at everything, now."""
        self._full_at = self._again_at = 0.0
        self._seen = None

    def look(self) -> bool:
        """Ask the store if it is time to; True when something changed."""
        now = time.monotonic()
        if now < max(self._again_at, self._quick_at):
            return False
        return self._look(now, whole=now >= self._full_at)

    def look_once(self) -> None:
        """Ask the store for all that is listed: of a server whose runs were kept lately, only for what may be new."""
        server = self._database is None and 0 <= time.time() - self.read_at < KEPT_FOR
        self._look(time.monotonic(), whole=not server)
        if self.down is not None and self._database is not None:
            self.lines = {}

    def _look(self, now: float, *, whole: bool) -> bool:
        state = state_of(self._database)
        seen = (self._seen,) if whole else (self._seen, self._glanced)
        if state is not None and state in seen and not self.loading and self.down is None:
            self._quick_at = now + QUICK
            return False
        before = self.lines, self.loading, self.down
        try:
            self._ask(now, whole=whole)
        except StoreUnavailable as error:
            self.down, self.loading = error.message, False
            self._delay = min(LAST_DELAY, max(FIRST_DELAY, 2 * self._delay))
            self._again_at = time.monotonic() + self._delay
        else:
            self.down, self._delay = None, 0.0
            self._seen, self._glanced = state if whole else self._seen, state
        return before != (self.lines, self.loading, self.down)

    def _ask(self, now: float, *, whole: bool) -> None:
        store, began = self._open(), time.time()
        if store is None:
            self.lines, self.loading, self._quick_at = {}, False, now + QUICK
            return
        if whole:
            self._take(store.search(deleted=True, limit=_EVERYTHING), began, whole=True)
            self.loading, self.read_at, self._whole = False, began, True
            self._wanted = set()
            took = time.monotonic() - now
            self._full_at = time.monotonic() + max(FULL, took / SHARE)
        else:
            self._ask_a_little(store, began)
        self._quick_at = time.monotonic() + QUICK

    def _ask_a_little(self, store: StoreReader, began: float) -> None:
        found = {run.run_id: run for run in store.search(deleted=True, limit=NEWEST)}
        whole = len(found) < NEWEST  # there are no others
        wanted, self._wanted = self._wanted, set()
        still = {line.run_id for line in self.lines.values() if line.status == RUNNING and not line.deleted}
        for run_id in sorted((wanted | still) - set(found))[:NEWEST]:
            try:
                found[run_id] = store.get(run_id)
            except NotFound:
                continue
        self.loading = False
        self._take(found.values(), began, whole=whole)
        if whole:
            self.read_at, self._whole = began, True

    def _take(self, found: Iterable[StoredRun], began: float, *, whole: bool) -> None:
        """What was read just now; a run that is as it was keeps its line."""
        lines: dict[str, StoredLine] = {}
        new = False
        for run in found:
            line = self.lines.get(run.run_id)
            if line is None or line.body != stored_text(run):
                line, new = StoredLine.of(run, began), True
            line.read_at = began
            lines[run.run_id] = line
        if new or (whole and len(lines) != len(self.lines)):
            self.lines = lines if whole else {**self.lines, **lines}


def state_of(database: Path | None) -> State | None:
    """What changes with every write of a local database; None for a server, which does not tell."""
    if database is None:
        return None
    state = database_stamps(database)
    return None if state[0] == NO_FILE else state
