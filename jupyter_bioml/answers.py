"""The workbench's answers about a project as a whole; other answers are made where the work is done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from .canonical import jsonable
from .config import Destination, Project
from .journal.elsewhere import Elsewhere, WaitingRun
from .journal.ledger import Outage
from .journal.room import trouble
from .journal.sessions import SessionLog
from .keeping.settings import decided


@dataclass(frozen=True)
class LiveSession:
    """A kernel that is tracked now."""

    session: str
    notebook: str | None
    running: str | None
    """Record id of the run that runs in it."""


@dataclass(frozen=True)
class Status:
    """Where things are, what waits, what is tracked now."""

    project: str
    home: str
    fallback: str | None
    """Why the journal is not in the project's own folder."""
    disk: str | None
    """Why the project's disk takes nothing now, and what that means for its runs."""
    destination: str
    """The tracking URI, without credentials."""
    embedded: bool
    """The destination is the project's own database."""
    sessions: int
    """Kernels that are tracked now."""
    down: str | None
    """Why the destination did not answer last time."""
    waiting: tuple[WaitingRun, ...]
    """What is not in MLflow yet, with the reason."""
    elsewhere: tuple[Elsewhere, ...]
    """Runs of this journal that are not sent from here by themselves: recorded for another destination, or copied."""
    problems: tuple[str, ...]
    """What of the journal is damaged or cannot be read, and what is shown all the same."""
    size: int
    """Bytes of the project's ``.bioml``."""
    live: tuple[LiveSession, ...]
    track: bool | None
    """Every notebook of the project is tracked in JupyterLab; None: nobody has decided that."""

    def as_json(self) -> dict[str, Any]:
        """Every field."""
        return dict(jsonable(asdict(self)))


def status_of(
    project: Project,
    target: Destination,
    logs: Iterable[SessionLog],
    waiting: tuple[WaitingRun, ...],
    outage: Outage | None,
    elsewhere: tuple[Elsewhere, ...],
    problems: Iterable[str],
    size: int,
) -> Status:
    """The status, according to the journal: no MLflow, no network.

    :param logs: the sessions whose kernel is alive.
    """
    live = tuple(
        LiveSession(
            session.session, session.notebook, next((b.record_id for b in log.running() if b.mark != "cell"), None)
        )
        for log in logs
        if (session := log.fold.session) is not None
    )
    return Status(
        project=str(project.root),
        home=str(project.home),
        fallback=project.fallback,
        disk=trouble(project),
        destination=target.uri,
        embedded=target.embedded,
        sessions=len(live),
        down=outage.reason if outage else None,
        waiting=waiting,
        elsewhere=elsewhere,
        problems=tuple(problems),
        size=size,
        live=live,
        track=decided(project.root, "track"),
    )
