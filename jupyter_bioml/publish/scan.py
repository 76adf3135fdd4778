"""Which records of a project wait to be sent to one destination. Reads journal and ledger only: no MLflow."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ..config import Destination, Project
from ..journal.annotations import Annotations, Tombstone
from ..journal.belonging import ledger_of
from ..journal.elsewhere import Elsewhere, SessionRuns, belongs, elsewhere
from ..journal.elsewhere import WaitingRun as WaitingRun
from ..journal.facts import FactLog, RunFacts
from ..journal.ledger import Ledger
from ..journal.lines import Entry
from ..journal.liveness import HELPER_SUFFIX
from ..journal.log import is_locked
from ..journal.reader import HeldSession, JournalReader
from ..journal.runs import told
from ..journal.sessions import SessionLog
from ..records.fold import Brief
from .annotating import due as unsaid
from .later import due as later

#: Seconds after a run's end that its environment and patch are waited for while the helper process lives.
HELPER_PATIENCE = 20.0
#: Seconds between two sendings of one run while its kernel lives: a thread may log on and on.
AGAIN = 5.0


class Due(NamedTuple):
    """A run that is not wholly sent."""

    log: SessionLog
    brief: Brief
    dead: bool


class JournalScan:
    """The sessions of one destination, read as they grow; settled ones are not read again.

    :param annotations: and ``reader``: those that the process has already, where it reads them for other ends too.
    """

    def __init__(
        self,
        project: Project,
        key: str,
        ledger: Ledger,
        annotations: Annotations | None = None,
        reader: JournalReader | None = None,
    ) -> None:
        self._project = project
        self._key = key
        self._ledger = ledger
        self.annotations = annotations or Annotations(project.home)
        self._reader = reader or JournalReader(project.journal)
        self.facts = FactLog(project.home)
        self._logs: dict[Path, SessionLog] = {}
        self._problems: dict[Path, str] = {}
        self._damage: dict[Path, str] = {}
        self._elsewhere: dict[Path, HeldSession] = {}
        self._dead: dict[Path, bool] = {}

    def refresh(self) -> None:
        """Read what the journal has now."""
        self._ledger.refresh()
        self.annotations.refresh()
        self.facts.refresh()
        try:
            paths = self._reader.paths()
        except FileNotFoundError:  # the project was deleted: a kernel that lives on writes it again and asks again
            self._logs.clear()
            return
        except OSError:
            return
        for path in paths:
            there = self._elsewhere.get(path)
            if there is not None and path.stem not in self._ledger.adopted and not self._reader.changed(there):
                continue
            if self._ledger.settled(path.stem) != _sizes(path):
                self._read(path)
        known = set(paths)
        self._logs = {path: log for path, log in self._logs.items() if path in known}
        self._elsewhere = {path: held for path, held in self._elsewhere.items() if path in known}

    def _read(self, path: Path) -> None:
        held = self._reader.look(path)
        self._problems.pop(path, None)
        if held.problem:
            self._problems[path] = held.problem
        session = held.log.fold.session if held.log else None
        if held.log is None or session is None:
            self._logs.pop(path, None)
            return
        if not belongs(self._project, self._key, self._ledger, path, session):
            self._logs.pop(path, None)
            self._elsewhere[path] = held
            self._problems.pop(path, None)
            return
        self._elsewhere.pop(path, None)
        self._logs[path] = held.log
        self._dead[path] = held.dead
        if held.damage:
            self._damage[path] = held.damage

    @property
    def destination_uri(self) -> str | None:
        """The tracking URI (without credentials) that the sessions name."""
        return next((log.fold.session.destination for log in self._logs.values() if log.fold.session), None)

    def elsewhere(self) -> tuple[Elsewhere, ...]:
        """The runs of this journal that are not sent from here by themselves."""
        others = [
            SessionRuns.of(held.log, held.log.fold.session, dead=held.dead)
            for held in self._elsewhere.values()
            if held.log is not None and held.log.fold.session is not None
        ]
        return elsewhere(self._project, self._ledger, self.annotations, others)

    def adoptable(self) -> list[str]:
        """The sessions that :meth:`elsewhere` tells of."""
        return [path.stem for path in sorted(self._elsewhere)]

    def damage(self) -> list[str]:
        """What is damaged of the journals of this destination and of the files beside them; the rest is sent."""
        return [*self._damage.values(), *told(self._ledger, self.annotations, self.facts)]

    @property
    def live(self) -> bool:
        """Whether a kernel that publishes here still runs."""
        return not all(self._dead.get(path) for path in self._logs)

    def due(self) -> list[Due]:
        """Runs to be sent now: whole ones first, then parts that joined them, then their children."""
        found = [item for item in self._open() if self._reason(item) is None]
        return sorted(found, key=lambda item: (_rank(item.brief), item.brief.started, item.brief.seq))

    def soon(self) -> bool:
        """Whether a run that has ended will be due within seconds, without anyone doing anything."""
        return any(item.brief.ended is not None and self._reason(item) is not None for item in self._open())

    def worth_waiting(self, session: str | None = None) -> bool:
        """Whether something has ended and is not sent: what still runs is not waited for.

        :param session: look at this session only.
        """
        if session is None and self.unsaid():
            return True
        found = (item for item in self._open() if session in (None, item.log.path.stem))
        return any(item.brief.complete or item.brief.ended is not None for item in found)

    def waiting(self, session: str | None = None) -> tuple[WaitingRun, ...]:
        """Everything that is not sent, with the reason; of one session, or of all."""
        found = [
            WaitingRun(item.brief.record_id, item.brief.name or "", self._why(item))
            for item in sorted(self._open(), key=lambda item: item.brief.started)
            if session in (None, item.log.path.stem)
        ]
        unread = [
            WaitingRun("", path.stem, reason)
            for path, reason in sorted(self._problems.items())
            if session in (None, path.stem)
        ]
        said = self.unsaid() if session is None else ()
        return (*found, *unread, *said)

    def unsaid(self) -> tuple[WaitingRun, ...]:
        """Published runs and model versions with later findings that the destination lacks."""
        outage = self._ledger.outage
        yet = "not in MLflow yet" + (f": {outage.reason}" if outage else "")
        found = []
        for item in unsaid(self.annotations, self._ledger, self._key):
            what = "its deletion is" if isinstance(item, Tombstone) else "its new name, note or marks are"
            found.append(WaitingRun(item.record_id, item.name or "", f"{what} {yet}"))
        for fact in later(self.facts, self._ledger, self.annotations, self._key):
            where = (fact.record_id, "") if isinstance(fact, RunFacts) else ("", f"{fact.model} v{fact.version}")
            found.append(WaitingRun(*where, f"its later findings are {yet}"))
        return tuple(found)

    def settle(self) -> None:
        """Remember sessions of which nothing more will come."""
        still_open = {item.log.path for item in self._open()}
        for path, log in list(self._logs.items()):
            if path in still_open or path in self._problems:
                continue
            sizes = _sizes(path)
            over = self._dead.get(path) and is_locked(path.with_suffix(HELPER_SUFFIX)) is not True
            if over and log.refresh() == 0:
                self._ledger.append("settled", session=path.stem, log=sizes[0], helper=sizes[1])
                del self._logs[path]

    def _open(self) -> Iterator[Due]:
        """Every run that is not wholly sent."""
        for path, log in self._logs.items():
            dead = self._dead.get(path, False)
            for record_id in log.fold.order:
                if self.annotations.tombstone(record_id) is not None:
                    continue
                brief = log.fold.brief(record_id, dead=dead)
                done = self._ledger.state(record_id).done
                if brief.mark != "cell" and (done is None or _more(done, brief, dead)):
                    yield Due(log, brief, dead)

    def _reason(self, item: Due) -> str | None:
        """Why a run cannot be sent yet; None when it can."""
        brief, fold = item.brief, item.log.fold
        if not brief.complete:
            return "it is still running" if brief.ended is None else "its model is still being serialised"
        if self._expects_helper(item):
            return "its environment is still being read"
        done = self._ledger.state(brief.record_id).done
        if done is not None and not item.dead and time.time() - done["at"] < AGAIN:
            return "late entries are about to be sent"
        above = brief.part_of or brief.parent
        if above is not None and above in fold.order and fold.brief(above, dead=item.dead).mark != "cell":
            return self._reason_above(item, above)
        return None

    def _reason_above(self, item: Due, above: str) -> str | None:
        """Why the run above keeps a run waiting: it is made first, or MLflow would not have one below the other."""
        if not item.log.fold.complete(above, dead=item.dead):
            return f"the run {above[:8]} that it belongs to has not ended"
        state = self._ledger.state(above)
        if state.failed:
            return f"the run {above[:8]} that it belongs to could not be sent"
        waits = Due(item.log, item.log.fold.brief(above, dead=item.dead), item.dead)
        if state.run_id is None and self._reason(waits) is not None:
            return f"the run {above[:8]} that it belongs to is not sent yet"
        return None

    def _expects_helper(self, item: Due) -> bool:
        brief = item.brief
        if (brief.environment and brief.patched) or brief.parent:
            return False
        ended = brief.ended or item.log.fold.last_seen
        if time.time() - ended > HELPER_PATIENCE:
            return False
        return is_locked(item.log.path.with_suffix(HELPER_SUFFIX)) is True

    def _why(self, item: Due) -> str:
        outage = self._ledger.outage
        failed = self._ledger.state(item.brief.record_id).failed
        return self._reason(item) or failed or (outage.reason if outage else "it has not been sent yet")


def _more(done: Entry, brief: Brief, dead: bool) -> bool:
    """Whether there is more to say of a run than was sent."""
    if done["entries"] != brief.entries or done["environment"] != brief.environment:
        return True
    return bool(done.get("open")) and dead


def _rank(brief: Brief) -> int:
    return 2 if brief.parent else 1 if brief.part_of else 0


def _sizes(path: Path) -> tuple[int, int]:
    """Bytes of a session's two segments."""
    found = []
    for segment in (path, path.with_suffix(HELPER_SUFFIX)):
        try:
            found.append(segment.stat().st_size)
        except OSError:
            found.append(0)
    return found[0], found[1]


def waiting(project: Project, destination: Destination) -> tuple[WaitingRun, ...]:
    """The runs waiting for one destination, according to journal and ledger (no MLflow, no network)."""
    return waiting_for(project, destination.key)


def waiting_for(project: Project, key: str, session: str | None = None) -> tuple[WaitingRun, ...]:
    """The runs waiting for the destination of that key; of one session, or of all."""
    return _look(project, key).waiting(session)


def other_places(project: Project, key: str) -> tuple[Elsewhere, ...]:
    """The runs of the project's journal that are not sent to the destination of that key from here."""
    return _look(project, key).elsewhere()


def worth_waiting(project: Project, key: str, session: str | None = None) -> bool:
    """Whether something for the destination of that key has ended and is not sent."""
    return _look(project, key).worth_waiting(session)


def _look(project: Project, key: str) -> JournalScan:
    scan = JournalScan(project, key, ledger_of(project, key))
    scan.refresh()
    return scan
