"""The sampler's slow observations, off its loop: a hanging driver or disk delays nothing but itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait

from ..journal.lines import Entry

#: A job returns the entries it wants written.
Job = Callable[[], list[Entry]]


class SlowJobs:
    """Runs at most one job of each part at a time, each part in its own thread."""

    def __init__(self, parts: int) -> None:
        self._pool = ThreadPoolExecutor(max_workers=parts)
        self._running: dict[str, tuple[Future[list[Entry]], str | None]] = {}

    def busy(self, part: str) -> bool:
        """True until :meth:`collect` has taken the part's last job."""
        return part in self._running

    @property
    def any(self) -> bool:
        """True while there is something to collect, now or later."""
        return bool(self._running)

    def submit(self, part: str, run: str | None, job: Job) -> None:
        """Start ``job``; the part must not be busy. ``run``: whose gap it is if the job raises."""
        self._running[part] = (self._pool.submit(job), run)

    def collect(self) -> Iterator[Entry]:
        """The entries of jobs that ended; a job that raised gives a ``gap`` entry."""
        for part, (future, run) in list(self._running.items()):
            if not future.done():
                continue
            del self._running[part]
            error = future.exception()
            if error is None:
                yield from future.result()
            else:
                yield gap(run, part, f"{type(error).__name__}: {error}")

    def wait(self, parts: tuple[str, ...], seconds: float) -> None:
        """Return when the jobs of ``parts`` have ended, or after ``seconds``."""
        wait([self._running[part][0] for part in parts if part in self._running], timeout=seconds)


def gap(run: str | None, part: str, reason: str) -> Entry:
    """A ``gap`` entry of now."""
    return {"t": "gap", "at": time.time(), "run": run, "part": part, "reason": reason}
