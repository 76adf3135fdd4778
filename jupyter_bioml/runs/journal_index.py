"""The runs of a project's journal in short, kept up to date: segments are read as they grow, once each."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import BiomlError
from ..journal.reader import HeldSession, JournalReader, read
from ..journal.runs import LocalRun
from ..journal.sessions import SessionLog
from .summary import Summary, of_journal

#: Seconds after its last line that a dead session's entries stay in memory; its rows stay.
KEEP = 60.0


@dataclass
class IndexedSession:
    """The rows of one session."""

    held: HeldSession
    key: str = ""
    """Of the destination that it publishes to."""
    problem: str | None = None
    rows: dict[str, Summary] = field(default_factory=dict)
    seen: dict[str, object] = field(default_factory=dict)
    """By record: what its row was made from."""


class JournalIndex:
    """Rows of every run in the journal. Not thread-safe: its owner locks.

    :param settled: whether nothing of a session (by its id) waits to be sent, so that its entries need not be held.
    """

    def __init__(self, reader: JournalReader, settled: Callable[[str], bool]) -> None:
        self._reader = reader
        self._settled = settled
        self.sessions: dict[Path, IndexedSession] = {}
        self.complete = False
        """Every segment has been read at least once."""

    def refresh(self, deadline: float) -> set[str] | None:
        """Read what was appended, newest sessions first; the runs whose rows changed, None: perhaps all.

        :param deadline: of :func:`time.monotonic`; what is left then is read by the next call.
        """
        try:
            paths = self._reader.paths()[::-1]
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
            changed |= self._look(path)
        else:
            self.complete = True
        return None if gone else changed

    def _look(self, path: Path) -> set[str]:
        session = self.sessions.get(path)
        if session is not None and not self._reader.changed(session.held):
            self._forget(session.held)
            return set()
        held = self._reader.look(path)
        if session is None or held.again:
            before = set(session.rows) if session else set[str]()
            session = self.sessions[path] = IndexedSession(held)
            changed = _fold(session)
            return changed | (before - set(session.rows))
        return _fold(session)

    def _forget(self, held: HeldSession) -> None:
        """Free the entries of a session that has ended; :meth:`local` reads them again."""
        if not held.dead or held.log is None or time.time() - held.log.fold.last_seen <= KEEP:
            return
        if self._settled(held.path.stem):
            held.log = None

    def local(self, record_id: str) -> LocalRun | None:
        """The whole run; None when the journal has none of that id."""
        held = next((one.held for one in self.sessions.values() if record_id in one.rows), None)
        if held is None:
            return None
        log = held.log
        if log is None:
            log = SessionLog(held.path)
            read(log)
        if log.fold.session is None or record_id not in log.fold.order:
            return None
        listed = log.fold.record(record_id, dead=held.dead, alone=True)
        return LocalRun(listed, log, log.fold.session, held.dead)

    def live(self) -> list[SessionLog]:
        """Sessions whose kernel lives."""
        held = [one.held for one in self.sessions.values()]
        return [one.log for one in held if one.log and one.log.fold.session and not one.dead]

    @property
    def problems(self) -> tuple[str, ...]:
        """Segments that could not be read, and why."""
        found = ((one.held.path.name, one.problem or one.held.problem) for one in self.sessions.values())
        return tuple(f"{name}: {problem}" for name, problem in found if problem)


def _fold(session: IndexedSession) -> set[str]:
    """Rebuild the rows about which more is known now; returns their records."""
    log, dead = session.held.log, session.held.dead
    changed: set[str] = set()
    if log is None or log.fold.session is None:
        return changed
    fold, header = log.fold, log.fold.session
    session.key, session.problem = header.destination_key, None
    last = fold.readings(fold.last_seen - 10.0)[-1:]
    for record_id in fold.order:
        brief = fold.brief(record_id, dead=dead)
        if brief.mark == "cell":
            continue
        running = brief.ended is None and not dead
        made_from = (brief, dead, header.notebook, last if running else ())
        if session.seen.get(record_id) == made_from:
            continue
        session.seen[record_id] = made_from
        changed.add(record_id)
        try:
            record = fold.record(record_id, dead=dead, alone=True)
            reading = last[0] if running and last and last[0].at >= record.started else None
            session.rows[record_id] = of_journal(record, header, reading)
        except (BiomlError, KeyError, TypeError, ValueError, AttributeError) as error:
            session.problem = f"the run {record_id} is not readable ({type(error).__name__}: {error})"
    return changed
