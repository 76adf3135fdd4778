"""The runs in a project's journal, whatever else is in it: what cannot be read is named, the rest is given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from ..config import Project
from ..errors import BiomlError
from ..records.run import RunRecord, Session
from .liveness import KERNEL_SUFFIX
from .sessions import SessionLog


@dataclass(frozen=True)
class LocalRun:
    """One run as the journal has it."""

    listed: RunRecord
    """The record without the earlier cells of its session and the data that they read."""
    log: SessionLog
    session: Session
    dead: bool
    """Its kernel is gone."""

    @cached_property
    def record(self) -> RunRecord:
        """The whole record."""
        return self.log.fold.record(self.listed.record_id, dead=self.dead)

    @property
    def notebook(self) -> str | None:
        """The notebook's path as the run knows it, else as its session does; None: not known."""
        return self.listed.code.notebook or self.session.notebook


def read_journal(project: Project) -> tuple[list[SessionLog], list[str]]:
    """Every session of the project's journal, oldest first, and what could not be read, with the reason."""
    logs, problems = [], []
    try:
        paths = sorted(path for path in project.journal.iterdir() if path.suffix == KERNEL_SUFFIX)
    except OSError:
        return [], []
    for path in paths:
        log = SessionLog(path)
        try:
            log.refresh()
        except BiomlError as error:
            problems.append(f"{path.name}: {error.message}")
            continue
        if damage := log.damage():
            problems.append(damage)
        if log.fold.session is not None:
            logs.append(log)
    return logs, problems


def local_runs(logs: Iterable[SessionLog]) -> Iterator[LocalRun]:
    """The runs in these sessions, in order; cells that are only journaled are left out."""
    for log in logs:
        session = log.fold.session
        if session is None:
            continue
        dead = log.dead()
        for identity in log.fold.order:
            if log.fold.mark(identity) != "cell":
                yield LocalRun(log.fold.record(identity, dead=dead, alone=True), log, session, dead)


class Damaged(Protocol):
    """A file of lines that knows what of it is damaged."""

    def damage(self) -> str | None:
        """In words; None: nothing is."""
        ...


def told(*logs: Damaged) -> list[str]:
    """What is damaged of these files."""
    return [damage for log in logs if (damage := log.damage()) is not None]
