"""Starting the publisher: when there is something to send, no other one runs, and it may try again."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from ..journal.log import is_locked
from ..processes.programs import Background

PUBLISHER = "jupyter_bioml.publish"
#: Seconds between two looks at the lock.
LOOK = 1.0
#: Seconds that a started publisher is given to take the lock, doubled each time it did not scan.
FIRST_PATIENCE, LAST_PATIENCE = 3.0, 300.0
#: Seconds to wait at the kernel's end: for a publisher that runs already, and for one just started.
WAIT_FOR_OTHER, WAIT_FOR_START = 600.0, 5.0


@dataclass(frozen=True)
class LockText:
    """The time the last publisher wrote into its lock file (epoch seconds; 0: nothing)."""

    scanned: float = 0.0
    """Start of its last full scan of the journals: what was written before is taken care of."""
    retry_after: float = 0.0
    """It could not reach its destination; not to be tried before this time."""


def read_lock(path: Path) -> LockText:
    """The text of a publisher's lock file; zeros where there is none or it makes no sense."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        scanned = float(lines[0]) if lines and lines[0].strip() else 0.0
        retry = [line.split()[1] for line in lines[1:] if line.startswith("retry-after ")]
        return LockText(scanned, float(retry[0]) if retry else 0.0)
    except (OSError, ValueError, IndexError):
        return LockText()


class Handover:
    """Sees to it that a publisher scans the journal after the last event that is worth publishing.

    :param on: False where the project's settings leave publishing to the command.
    """

    def __init__(self, root: str, home: str, key: str, *, on: bool = True) -> None:
        self._on = on
        self._arguments = (root, home, key)
        self._lock = Path(home) / "publish" / f"{key}.lock"
        self._wanted: float | None = None
        self._look_at = 0.0
        self._patient_until = 0.0
        self._patience = FIRST_PATIENCE
        self._asked: Background | None = None

    @property
    def done(self) -> bool:
        """True when nothing waits for a publisher."""
        return self._wanted is None

    def want(self) -> None:
        """Something was written that is to be published; acted on at the next :meth:`tick`."""
        if self._on:
            self._wanted = time.time()
            self._look_at = 0.0

    def tick(self) -> None:
        """Look at the lock, at most once in :data:`LOOK` seconds, and start a publisher if one is needed."""
        now = time.time()
        if self._wanted is None or now < self._look_at:
            return
        self._look_at = now + LOOK
        if self._asked is not None:
            if not self._asked.settled():
                return
            self._asked = None
            self._patient_until = now + self._patience
        text = read_lock(self._lock)
        if text.scanned >= self._wanted and not text.retry_after:
            self._wanted, self._patience = None, FIRST_PATIENCE
            return
        if now < text.retry_after or now < self._patient_until or is_locked(self._lock):
            return
        self._patient_until = now + self._patience
        self._patience = min(2 * self._patience, LAST_PATIENCE)
        self._asked = Background(PUBLISHER, self._arguments)

    def finish(self) -> None:
        """At the kernel's end: return once a publisher has the matter in hand, or cannot for now."""
        started = time.monotonic()
        self._patient_until = 0.0
        while not self.done and time.monotonic() - started < WAIT_FOR_OTHER:
            self._look_at = 0.0
            before = self._patient_until
            self.tick()
            if read_lock(self._lock).retry_after > time.time():
                return
            if self._patient_until != before:
                self._watch_start()
                return
            time.sleep(0.2)

    def _watch_start(self) -> None:
        until = time.monotonic() + WAIT_FOR_START
        while time.monotonic() < until and not self.done:
            if is_locked(self._lock):
                return
            if read_lock(self._lock).scanned >= (self._wanted or 0.0):
                return
            if self._asked is not None and not self._asked.settled():
                until = time.monotonic() + WAIT_FOR_START  # the process that forks it still imports
            time.sleep(0.1)
