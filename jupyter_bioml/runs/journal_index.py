"""The runs of a project's journal in short, kept up to date: segments are read as they grow, once each.

What was kept of a session (:mod:`.kept`) is taken in place of its segments where these are as they were.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import BiomlError
from ..journal.elsewhere import SessionRuns
from ..journal.liveness import HELPER_SUFFIX
from ..journal.reader import HeldSession, JournalReader, read
from ..journal.runs import LocalRun
from ..journal.sessions import SessionLog
from ..journal.stamps import Stamp, stamp_of
from ..records.run import Session
from .summary import Summary, of_journal

#: Seconds after its last line that a dead session's entries stay in memory; its rows stay.
KEEP = 60.0
#: A run in short: its name, and whether it has ended.
Brief = tuple[str, bool]


@dataclass
class IndexedSession:
    """The rows of one session."""

    held: HeldSession
    key: str = ""
    """Of the destination that it publishes to."""
    problem: str | None = None
    rows: Mapping[str, Summary] = field(default_factory=dict)
    briefs: dict[str, Brief] = field(default_factory=dict)
    """By record, of every run, in the order in which they started."""
    seen: dict[str, object] = field(default_factory=dict)
    """By record: what its row was made from."""
    header: Session | None = None
    stamps: tuple[Stamp, Stamp] | None = None
    """Of its segments as they were read; None: they changed meanwhile."""
    closed: bool = False
    """Its last line says that nothing more will come."""
    over: bool = False
    """Nothing of it depends on whether its kernel lives."""
    body: bytes | None = None
    """Its rows as they are kept; None: they were not since they changed."""
    mark: str = ""
    """What tells these rows from others; empty without a body."""

    def source(self, record_id: str) -> object:
        """What a run that is shown is made from: another object once it is another row."""
        return self.rows[record_id] if self.seen else self.mark

    def lives(self) -> tuple[Session | None, bool | None]:
        """Its header, and whether its kernel was gone when it was read; None: nothing hangs on that."""
        return self.header, None if self.over else self.held.dead

    def runs(self) -> SessionRuns:
        """Its runs in short."""
        assert self.header is not None, "a session that has no header has no runs"
        dead = self.held.dead
        listed = ((record_id, name, not ended and not dead) for record_id, (name, ended) in self.briefs.items())
        return SessionRuns(self.held.path, self.header, tuple(listed))


class JournalIndex:
    """Rows of every run in the journal. Not thread-safe: its owner locks.

    :param settled: whether nothing of a session (by its id) waits to be sent, so that its entries need not be held.
    :param key_of: the key of the destination that a session's runs belong to here.
    :param known: what was kept of a session, where that is still so.
    """

    def __init__(
        self,
        reader: JournalReader,
        settled: Callable[[str], bool],
        key_of: Callable[[Session], str],
        known: Callable[[Path], IndexedSession | None] = lambda _: None,
    ) -> None:
        self._reader = reader
        self._key_of = key_of
        self._settled = settled
        self._known = known
        self.sessions: dict[Path, IndexedSession] = {}
        self.complete = False
        """Every segment has been read at least once."""

    def refresh(self, deadline: float) -> set[str] | None:
        """Read what was appended, newest sessions first; the runs whose rows changed, None: perhaps all.

        :param deadline: of :func:`time.monotonic`; what is left to be read then is read by the next call. What was kept
            is taken all the same: without it, what MLflow has of its runs would be merged alone, and then again.
        """
        try:
            paths = self._reader.paths()[::-1]
        except OSError:
            paths = []
        changed: set[str] = set()
        gone = set(self.sessions) - set(paths)
        for path in gone:
            del self.sessions[path]
        complete = True
        for path in paths:
            if path in self.sessions or not self._take(path, changed):
                if path not in self.sessions and time.monotonic() > deadline:
                    complete = False
                else:
                    changed |= self._look(path)
        self.complete = complete
        return None if gone else changed

    def in_order(self) -> Iterator[IndexedSession]:
        """The sessions, oldest first: where two have a run of one id, the later one counts."""
        yield from (self.sessions[path] for path in sorted(self.sessions))

    def _take(self, path: Path, changed: set[str]) -> bool:
        """Begin with what was kept of a session; False: nothing was, or it is another one now."""
        session = self._known(path)
        if session is None:
            return False
        self.sessions[path] = session
        session.key = self._key_of(session.header) if session.header is not None else ""
        self._reader.hold(session.held)
        changed.update(session.rows)
        return True

    def _look(self, path: Path) -> set[str]:
        session = self.sessions.get(path)
        if session is not None and not self._reader.changed(session.held):
            self._forget(session.held)
            return set()
        stamps = segment_stamps(path)
        held = self._reader.look(path)
        before = set[str]()
        if session is None or held.again or not session.seen:
            before = set(session.rows) if session else before
            session = self.sessions[path] = IndexedSession(held)
        changed = self._fold(session)
        session.stamps = stamps if stamps == segment_stamps(path) else None
        return changed | (before - set(session.rows))

    def _fold(self, session: IndexedSession) -> set[str]:
        """Rebuild the rows about which more is known now; returns their records."""
        log, dead = session.held.log, session.held.dead
        changed: set[str] = set()
        session.body, session.mark = None, ""
        if log is None or log.fold.session is None:
            session.over = log is not None and not (log.fold.intake.open_lines or log.fold.intake.startless)
            return changed
        fold, header = log.fold, log.fold.session
        session.key, session.header, session.closed = self._key_of(header), header, fold.closed
        last = fold.readings(fold.last_seen - 10.0)[-1:]
        rows = dict(session.rows)
        for record_id in fold.order:
            brief = fold.brief(record_id, dead=dead)
            if brief.mark == "cell":
                continue
            session.briefs[record_id] = brief.name or "", brief.ended is not None
            running = brief.ended is None and not dead
            damage = fold.intake.damage(dead=dead)
            made_from = (brief, dead, header.notebook, last if running else (), damage)
            if session.seen.get(record_id) == made_from:
                continue
            session.seen[record_id] = made_from
            changed.add(record_id)
            try:
                record = fold.record(record_id, dead=dead, alone=True)
                reading = last[0] if running and last and last[0].at >= record.started else None
                rows[record_id] = of_journal(record, header, reading)
            except (BiomlError, KeyError, TypeError, ValueError, AttributeError) as error:
                what = f"the run {record_id} is not readable ({type(error).__name__}: {error})"
                session.problem = f"{session.held.path.name}: {what}"
        session.rows = rows
        open_ = (
            fold.intake.open_lines or fold.intake.startless or not all(ended for _, ended in session.briefs.values())
        )
        session.over = fold.closed or not open_
        return changed

    def _forget(self, held: HeldSession) -> None:
        """Free the entries of a session that has ended; :meth:`local` reads them again."""
        if not held.dead or held.log is None or time.time() - held.log.fold.last_seen <= KEEP:
            return
        if self._settled(held.path.stem):
            held.log = None

    def local(self, record_id: str) -> LocalRun | None:
        """The whole run; None when the journal has none of that id."""
        held = next((one.held for one in reversed(list(self.in_order())) if record_id in one.rows), None)
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
        """What of the segments could not be read, and why."""
        return tuple(
            said for one in self.in_order() for said in (one.problem, one.held.problem, one.held.damage) if said
        )


def segment_stamps(path: Path) -> tuple[Stamp, Stamp]:
    """The stamps of a session's two segments."""
    return stamp_of(path), stamp_of(path.with_suffix(HELPER_SUFFIX))
