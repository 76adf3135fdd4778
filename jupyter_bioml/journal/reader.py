"""The sessions of a journal, each read as it grows and held once for all readers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..errors import BiomlError
from .liveness import HELPER_SUFFIX, KERNEL_SUFFIX
from .sessions import SessionLog

#: Sizes and inodes of a session's two segments.
Stamp = tuple[int, int, int, int]


@dataclass
class HeldSession:
    """One session: what was read of it, while it is held."""

    path: Path
    stamp: Stamp = (0, 0, 0, 0)
    log: SessionLog | None = None
    """None: not read yet, or let go."""
    dead: bool = False
    """Its kernel is gone, and all that it wrote has been read."""
    problem: str | None = None
    """Why nothing of it can be understood."""
    damage: str | None = None
    """What of it is damaged: the rest was read."""
    again: bool = False
    """The last look read it from the start: it was not held, or its files were replaced."""


class JournalReader:
    """Reads the segments of one journal. Not thread-safe: its owner locks."""

    def __init__(self, journal: Path) -> None:
        self._journal = journal
        self._held: dict[Path, HeldSession] = {}

    def paths(self) -> list[Path]:
        """The kernels' segments that are there, oldest first; what is gone is let go.

        :raises OSError: the journal cannot be listed; ``FileNotFoundError``: there is none (any more).
        """
        found = sorted(path for path in self._journal.iterdir() if path.suffix == KERNEL_SUFFIX)
        for path in set(self._held) - set(found):
            del self._held[path]
        return found

    def hold(self, held: HeldSession) -> None:
        """Take a session for looked at: somebody knows already what its segments say."""
        self._held[held.path] = held

    def look(self, path: Path) -> HeldSession:
        """The session, with what was appended since the last look."""
        held = self._held.setdefault(path, HeldSession(path))
        stamp = _stamp(path)
        held.again = held.log is None or stamp[1::2] != held.stamp[1::2] or stamp[0] < held.stamp[0]
        log = SessionLog(path) if held.again or held.log is None else held.log
        # asked before reading: what a kernel wrote before it was seen dead has been read then
        dead = log.fold.session is not None and log.dead()
        held.problem = read(log)
        held.dead = dead or (log.dead() and log.fold.session is not None and read_on(log) == 0)
        held.stamp, held.log, held.damage = stamp, log, log.damage()
        return held

    def changed(self, held: HeldSession) -> bool:
        """Whether a look would find anything: more text, or that the kernel is gone now."""
        if _stamp(held.path) != held.stamp:
            return True
        return not held.dead and held.log is not None and held.log.dead()


def read(log: SessionLog) -> str | None:
    """Read on; why nothing of it can be understood, in words."""
    try:
        log.refresh()
    except BiomlError as error:
        return f"{log.path.name}: {error.message}"
    return None


def read_on(log: SessionLog) -> int:
    """Read the remaining entries and return their number; 0 if they are not readable."""
    try:
        return log.refresh()
    except BiomlError:
        return 0


def _stamp(path: Path) -> Stamp:
    found = []
    for segment in (path, path.with_suffix(HELPER_SUFFIX)):
        try:
            status = segment.stat()
            found += [status.st_size, status.st_ino]
        except OSError:
            found += [0, 0]
    return found[0], found[1], found[2], found[3]
