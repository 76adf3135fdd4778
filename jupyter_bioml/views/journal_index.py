"""The runs of a project's journal in short, kept up to date: segments are read as they grow, once each."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

from ..config import Project
from ..errors import BiomlError
from ..journal.liveness import HELPER_SUFFIX, KERNEL_SUFFIX
from ..journal.runs import LocalRun
from ..journal.sessions import SessionLog
from .summary import Summary, of_journal

#: Seconds after its last line that a dead session's entries stay in memory; its rows stay.
KEEP = 60.0
Stamp = tuple[int, int, int, int]


@dataclass
class IndexedSession:
    """One session: its rows, and while it grows its entries."""

    path: Path
    stamp: Stamp = (0, 0, 0, 0)
    log: SessionLog | None = None
    dead: bool = False
    key: str = ""
    """Of the destination that it publishes to."""
    problem: str | None = None
    rows: dict[str, Summary] = field(default_factory=dict)
    seen: dict[str, object] = field(default_factory=dict)
    """By record: what its row was made from."""


class JournalIndex:
    """Rows of every run in the journal. Not thread-safe: its owner locks."""

    def __init__(self, project: Project) -> None:
        self._journal = project.journal
        self.sessions: dict[Path, IndexedSession] = {}
        self.complete = False
        """Every segment has been read at least once."""

    def refresh(self, deadline: float) -> set[str] | None:
        """Read what was appended, newest sessions first; the runs whose rows changed, None: perhaps all.

        :param deadline: of :func:`time.monotonic`; what is left then is read by the next call.
        """
        try:
            paths = sorted((p for p in self._journal.iterdir() if p.suffix == KERNEL_SUFFIX), reverse=True)
        except OSError:
            paths = []
        changed: set[str] = set()
        gone = set(self.sessions) - set(paths)
        for path in gone:
            del self.sessions[path]
        for path in paths:
            if path not in self.sessions and time.monotonic() > deadline:
                self.complete = False
                break
            changed |= self._look(self.sessions.setdefault(path, IndexedSession(path)))
        else:
            self.complete = True
        return None if gone else changed

    def _look(self, session: IndexedSession) -> set[str]:
        stamp = _stamp(session.path)
        if stamp == session.stamp and (session.dead or session.log is None or not session.log.dead()):
            self._forget(session)
            return set()
        fresh = session.log is None or stamp[1::2] != session.stamp[1::2] or stamp[0] < session.stamp[0]
        log = SessionLog(session.path) if fresh or session.log is None else session.log
        before = set(session.rows)
        if fresh:
            session.rows, session.seen = {}, {}
        # asked before reading: what a kernel wrote before it was seen dead has been read then
        dead = log.fold.session is not None and log.dead()
        session.problem = _read(log)
        session.dead = dead or (fresh and log.dead())
        session.stamp, session.log = stamp, log
        changed = _fold(session, log)
        return changed | (before - set(session.rows)) if fresh else changed

    @staticmethod
    def _forget(session: IndexedSession) -> None:
        """Free the entries of a session that has ended; :meth:`local` reads them again."""
        if session.dead and session.log is not None and time.time() - session.log.fold.last_seen > KEEP:
            session.log = None

    def local(self, record_id: str) -> LocalRun | None:
        """The whole run; None when the journal has none of that id."""
        held = next((one for one in self.sessions.values() if record_id in one.rows), None)
        if held is None:
            return None
        log = held.log
        if log is None:
            log = SessionLog(held.path)
            _read(log)
        if log.fold.session is None or record_id not in log.fold.order:
            return None
        listed = log.fold.record(record_id, dead=held.dead, alone=True)
        return LocalRun(listed, log, log.fold.session, held.dead)

    def live(self) -> list[SessionLog]:
        """Sessions whose kernel lives."""
        return [one.log for one in self.sessions.values() if one.log and one.log.fold.session and not one.dead]

    @property
    def problems(self) -> tuple[str, ...]:
        """Segments that could not be read, and why."""
        return tuple(f"{one.path.name}: {one.problem}" for one in self.sessions.values() if one.problem)


def _fold(session: IndexedSession, log: SessionLog) -> set[str]:
    """Rebuild the rows about which more is known now; returns their records."""
    fold = log.fold
    changed: set[str] = set()
    if fold.session is None:
        return changed
    session.key = fold.session.destination_key
    last = fold.readings(fold.last_seen - 10.0)[-1:]
    for record_id in fold.order:
        brief = fold.brief(record_id, dead=session.dead)
        if brief.mark == "cell":
            continue
        running = brief.ended is None and not session.dead
        made_from = (brief, session.dead, fold.session.notebook, last if running else ())
        if session.seen.get(record_id) == made_from:
            continue
        session.seen[record_id] = made_from
        changed.add(record_id)
        try:
            record = fold.record(record_id, dead=session.dead, alone=True)
            reading = last[0] if running and last and last[0].at >= record.started else None
            session.rows[record_id] = of_journal(record, fold.session, reading)
        except (BiomlError, KeyError, TypeError, ValueError, AttributeError) as error:
            session.problem = f"the run {record_id} cannot be understood ({type(error).__name__}: {error})"
    return changed


def _read(log: SessionLog) -> str | None:
    """Read on; what was not understood, in words."""
    try:
        log.refresh()
    except BiomlError as error:
        return error.message
    except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
        return f"it cannot be understood ({type(error).__name__}: {error}); it was left unchanged."
    return None


def _stamp(path: Path) -> Stamp:
    """Sizes and inodes of a session's two segments."""
    found = []
    for segment in (path, path.with_suffix(HELPER_SUFFIX)):
        try:
            status = segment.stat()
            found += [status.st_size, status.st_ino]
        except OSError:
            found += [0, 0]
    return found[0], found[1], found[2], found[3]
