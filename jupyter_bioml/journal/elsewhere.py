"""Runs of this journal that are not sent from here by themselves: those of another destination, and those of a copy.

A session belongs elsewhere when it was recorded for another destination than the present one, when its damaged first
line does not say for which, or when the folder is a copy and the original is still there and sends its runs itself.
The user may take such sessions over (``bioml publish --adopt``): the ledger remembers it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..config import Project, own_database
from ..records.run import Session
from .annotations import Annotations
from .belonging import UNKNOWN, key_in
from .ledger import Ledger
from .sessions import SessionLog


@dataclass(frozen=True)
class WaitingRun:
    """A run that is not (wholly) in MLflow yet, and why."""

    record_id: str
    name: str
    reason: str


@dataclass(frozen=True)
class Elsewhere:
    """The runs of one other place."""

    key: str
    """Of the destination that they were recorded for; empty: not known."""
    destination: str
    """Its tracking URI, without credentials; empty: not known."""
    original: str | None
    """The project that this folder is a copy of, where that one sends them."""
    runs: int
    """How many there are, those that are sent included."""
    waiting: tuple[WaitingRun, ...]
    """Those that are not there yet."""
    text: str
    """All this in words, and what to type."""


@dataclass(frozen=True)
class SessionRuns:
    """The runs of one session, in short."""

    path: Path
    session: Session
    runs: tuple[tuple[str, str, bool], ...]
    """Record id and name of each, and whether it is still running."""

    @classmethod
    def of(cls, log: SessionLog, session: Session, *, dead: bool) -> SessionRuns:
        """Those of a session that was read."""
        briefs = (log.fold.brief(record_id, dead=dead) for record_id in log.fold.order)
        found = (
            (one.record_id, one.name or "", one.ended is None and not dead) for one in briefs if one.mark != "cell"
        )
        return cls(log.path, session, tuple(found))


def original_of(project: Project, path: Path, session: Session) -> Path | None:
    """The project that a session was copied from, if it is still there; None: it is this one, or was moved here.

    :param path: the session's segment in this project.
    """
    if not session.home or Path(session.home) == project.home:
        return None
    there = Path(session.home) / "journal" / path.name
    try:
        return Path(session.project or session.home) if there.is_file() and not there.samefile(path) else None
    except OSError:
        return None


def belongs(project: Project, key: str, ledger: Ledger, path: Path, session: Session) -> bool:
    """Whether a session's runs are sent to the destination of that key from here."""
    if path.stem in ledger.adopted:
        return True
    if key_in(project, session) != key:
        return False
    return key == own_database(project.home).key or original_of(project, path, session) is None


def elsewhere(
    project: Project, ledger: Ledger, annotations: Annotations, others: Iterable[SessionRuns]
) -> tuple[Elsewhere, ...]:
    """What the journal has that is not sent from here, a place each.

    :param ledger: of the present destination.
    :param others: the sessions that do not belong to it (:func:`belongs`).
    """
    places: dict[tuple[str, str, str | None], list[SessionRuns]] = {}
    for other in others:
        session = other.session
        folder = original_of(project, other.path, session)
        key = key_in(project, session)
        own = own_database(project.home)
        uri = own.uri if key == own.key else session.destination
        places.setdefault((key, uri, str(folder) if folder else None), []).append(other)
    found = []
    for (key, uri, original), group in sorted(places.items(), key=lambda item: item[0][:2]):
        theirs = ledger if key == UNKNOWN or key == ledger.path.stem else Ledger(project.ledger(key))
        count, waiting = _runs(group, theirs, annotations)
        if count:
            text = _text(uri, original if key == ledger.path.stem else None, count, len(waiting))
            found.append(Elsewhere(key, uri, original, count, waiting, text))
    return tuple(found)


def _runs(group: Iterable[SessionRuns], ledger: Ledger, annotations: Annotations) -> tuple[int, tuple[WaitingRun, ...]]:
    """How many runs there are, and those that the ledger does not know as sent, oldest first."""
    seen: dict[str, WaitingRun | None] = {}
    for record_id, name, running in (run for other in group for run in other.runs):
        if record_id in seen or annotations.tombstone(record_id) is not None:
            continue
        state = ledger.state(record_id)
        why = "it is still running" if running else state.failed or "it has not been sent yet"
        seen[record_id] = None if state.done else WaitingRun(record_id, name, why)
    return len(seen), tuple(run for run in seen.values() if run is not None)


def _text(uri: str, original: str | None, count: int, waiting: int) -> str:
    runs, are = ("1 run", "was") if count == 1 else (f"{count:,} runs", "were")
    here = "To send {} to the present destination: bioml publish --adopt"
    if not uri:
        said = "" if waiting == count else f" {waiting:,} of them were never sent."
        why = "as the first line of the journal is damaged"
        does = "does" if count == 1 else "do"
        return f"{runs} {does} not say where to be sent, {why}.{said} {here.format('it' if count == 1 else 'them')}"
    left = _not_there(count, waiting) if waiting else "it is there" if count == 1 else "all of them are there"
    if original is not None:
        return f"{runs} {are} recorded in {original}, which this folder is a copy of; {left}. " + (
            f"{original} sends what is left. {here.format('it from here')}" if waiting else ""
        )
    there = "To send what is left there: bioml publish --elsewhere. " if waiting else ""
    return f"{runs} {are} recorded for {uri}; {left}. {there}" + here.format("it" if count == 1 else f"all {count:,}")


def _not_there(count: int, waiting: int) -> str:
    if count == waiting:
        return "it is not there yet" if count == 1 else "none of them is there yet"
    return f"{waiting:,} of them {'is' if waiting == 1 else 'are'} not there yet"


def told_elsewhere(found: Iterable[Elsewhere]) -> list[str]:
    """The sentences of the places where something waits."""
    return [place.text.strip() for place in found if place.waiting]
