"""What MLflow has of a project, read in the background: often a little, now and then everything, and less while it
does not answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from ..errors import NotFound, StoreUnavailable
from ..records.run import RUNNING
from ..store.base import StoredRun, StoreReader

#: Runs of a quick look: the newest ones. Seconds between two quick looks, and at least between two full ones.
NEWEST, QUICK, FULL = 100, 2.0, 60.0
#: A full look takes at most this share of the time.
SHARE = 0.02
#: Seconds until an unreachable store is asked again: doubled from the first to the last.
FIRST_DELAY, LAST_DELAY = 2.0, 60.0
_EVERYTHING = 1_000_000


class StoreIndex:
    """Runs by MLflow's run id. Reads are made by one thread; :attr:`runs` is replaced, never changed.

    :param open_store: None: there is nothing yet (no database file). Raises StoreUnavailable.
    :param database: the file of a local database: where it did not change, nothing did.
    """

    def __init__(self, open_store: Callable[[], StoreReader | None], database: Path | None) -> None:
        self._open = open_store
        self._database = database
        self.runs: dict[str, StoredRun] = {}
        self.loading = True
        self.down: str | None = None
        self._read_at: dict[str, float] = {}
        self._seen: object = None
        self._quick_at = self._full_at = 0.0
        self._delay = 0.0
        self._again_at = 0.0
        self._wanted: set[str] = set()

    def read_at(self, run_id: str) -> float:
        """When a run was read last (epoch seconds): what was written before that is in it."""
        return self._read_at.get(run_id, 0.0)

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
        state = _state(self._database)
        if state is not None and state == self._seen and not self.loading and self.down is None:
            self._quick_at = now + QUICK
            return False
        before = self.runs, self.loading, self.down
        try:
            self._ask(now)
        except StoreUnavailable as error:
            self.down, self.loading = error.message, False
            self._delay = min(LAST_DELAY, max(FIRST_DELAY, 2 * self._delay))
            self._again_at = time.monotonic() + self._delay
        else:
            self.down, self._delay, self._seen = None, 0.0, state
        return before != (self.runs, self.loading, self.down)

    def _ask(self, now: float) -> None:
        store, began = self._open(), time.time()
        if store is None:
            self.runs, self.loading, self._quick_at = {}, False, now + QUICK
            return
        if now >= self._full_at:
            self.runs = {run.run_id: run for run in store.search(deleted=True, limit=_EVERYTHING)}
            self._read_at = dict.fromkeys(self.runs, began)
            self.loading = False
            self._wanted = set()
            took = time.monotonic() - now
            self._full_at = time.monotonic() + max(FULL, took / SHARE)
        else:
            self._ask_a_little(store, began)
        self._quick_at = time.monotonic() + QUICK

    def _ask_a_little(self, store: StoreReader, began: float) -> None:
        found = {run.run_id: run for run in store.search(deleted=True, limit=NEWEST)}
        wanted, self._wanted = self._wanted, set()
        still = {run.run_id for run in self.runs.values() if run.status == RUNNING and not run.deleted}
        for run_id in sorted((wanted | still) - set(found))[:NEWEST]:
            try:
                found[run_id] = store.get(run_id)
            except NotFound:
                continue
        self._read_at.update(dict.fromkeys(found, began))
        changed = {run_id: run for run_id, run in found.items() if self.runs.get(run_id) != run}
        if changed:
            self.runs = {**self.runs, **changed}


def _state(database: Path | None) -> object:
    """What changes with every write of a local database; None for a server, which does not tell."""
    if database is None:
        return None
    found = []
    for name in (database, Path(f"{database}-wal")):
        try:
            status = name.stat()
            found.append((status.st_mtime_ns, status.st_size, status.st_ino))
        except OSError:
            found.append((0, 0, 0))
    return tuple(found)
