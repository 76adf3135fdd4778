"""A session of a program: what ``bioml.log`` and cells are in a kernel, for any of this package's processes.

A program session writes the journal's entries of a kernel session, so its runs are folded, published, listed, compared
and deleted as any other. It waits for no network and sends nothing itself: its owner starts the publisher, or leaves
that to the next one. Runs that the process did not live to end are ``KILLED``, as in a kernel.

After it was opened nothing here raises because the disk refuses: a content that could not be kept is a gap of its run,
and :attr:`ProgramSession.problem` tells why the journal does not hold everything. Metrics and parameters take the same
way as a cell's (:class:`~.active.ActiveRun`), so they are made JSON and masked in one place. Unlike a cell, a run of a
program stands alone: what ran before it in the session is not a part of it.
"""

from __future__ import annotations

import os
import threading
import time
import weakref
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from ..config import Project, destination, load_settings
from ..errors import JournalError, NotFound, Refused
from ..git.state import GitState
from ..host.environment import describe, environment_entry
from ..journal.blobs import Blobs
from ..journal.liveness import kernel_segment
from ..journal.log import Segment
from ..journal.sessions import SessionLog
from ..records.run import Code
from ..records.wire import to_dict
from ..redact import redact
from .active import ActiveRun, masked
from .options import RunOptions
from .program_run import ProgramRun
from .session import header, new_session_id

#: Seconds that the end of a session waits for the description of the environment.
ENVIRONMENT_LIMIT = 25.0


class ProgramSession:
    """The writing end of one program's session: :meth:`open` begins one, :meth:`resume` continues one.

    A context manager: the session is closed at the end of its block. Runs that were not finished then are ``KILLED``.
    """

    def __init__(self, project: Project, session: str, segment: Segment) -> None:
        self.id = session
        self.project = project
        self.blobs = Blobs(project.blobs)
        self._segment = segment
        self._git = GitState(project.root)
        self._notebook: str | None = None
        self._seq = 0
        self._unfinished: set[str] = set()
        self._environment: threading.Thread | None = None
        _sessions.add(self)

    @classmethod
    def open(cls, project: Project, *, engine: str, notebook: str | None = None) -> ProgramSession:
        """Begin a session.

        :param engine: the program, one word.
        :param notebook: the notebook that its runs belong to, relative to the project.
        :raises JournalError: the journal cannot be written; nothing was begun.
        """
        session, settings = new_session_id(), load_settings(project.root)
        try:
            one = cls(project, session, Segment(kernel_segment(project.journal, session)))
        except OSError as error:
            raise _unwritable(project, error.strerror or str(error)) from None
        entry = header(session, project, destination(project), settings)
        if not one._segment.append({**entry, "notebook": notebook, "path_source": None, "engine": engine}):
            reason = one._segment.refused_reason
            one._segment.close()
            raise _unwritable(project, reason)
        one._notebook = notebook
        one._describe(entry["variables"], entry["started"])
        return one

    @classmethod
    def resume(cls, project: Project, session: str) -> ProgramSession:
        """Continue a session whose process ended; :meth:`going_on` gives its runs.

        :raises NotFound: the journal does not have it.
        :raises Refused: another process writes it, or it cannot be written.
        :raises SchemaTooNew: a newer version wrote it.
        """
        path = kernel_segment(project.journal, session)
        if not path.is_file():
            raise NotFound(f"The session {session} is not in {project.journal}; nothing was written.")
        try:
            one = cls(project, session, Segment(path))
        except (JournalError, OSError) as error:
            raise Refused(f"The session {session} cannot be written: {error}") from None
        try:
            one._catch_up()
        except BaseException:
            one._segment.close()
            raise
        return one

    def _catch_up(self) -> None:
        """Know what the session has until now.

        :raises SchemaTooNew: a newer version wrote it.
        """
        fold = self._log().fold
        known = [fold.brief(record_id, dead=True) for record_id in fold.order]
        self._seq = max((brief.seq for brief in known), default=0)
        if fold.session is not None:
            self._notebook = fold.session.notebook
            if not any(brief.environment for brief in known):
                self._describe(fold.session.variables, time.time())

    def __enter__(self) -> ProgramSession:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def run(
        self,
        name: str,
        *,
        mark: str,
        params: Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
        parent: ProgramRun | None = None,
        code: Code | None = None,
    ) -> ProgramRun:
        """Begin a run.

        :param mark: one word that says what the program makes runs for.
        :param parent: the run of this session below which it belongs; it is published once that one has ended.
        :param code: the code that it runs, where there is one that can be shown.
        """
        self._segment.heal()
        self._seq += 1
        started = time.time()
        run = self._made(os.urandom(16).hex(), mark, name, started, self._seq, parent)
        told = code or Code("", notebook=self._notebook)
        run.append(
            {
                "t": "started",
                "seq": self._seq,
                "mark": mark,
                "name": redact(name),
                "parent": None if parent is None else parent.record_id,
                "alone": True,
                "code": {**to_dict(told), "source": redact(told.source)},
                "git": self._git.read(),
                "tags": masked(tags or {}),
            },
            started,
        )
        if params:
            run.params(params)
        return run

    def going_on(self, record_id: str) -> ProgramRun:
        """A run of a resumed session, to be gone on with.

        :raises NotFound: the session has no such run.
        """
        fold = self._log().fold
        if record_id not in fold.order:
            raise NotFound(f"The session {self.id} has no run {record_id[:8]}; nothing was written.")
        brief = fold.brief(record_id, dead=True)
        return self._made(record_id, brief.mark, brief.name, brief.started, brief.seq, None)

    @property
    def problem(self) -> str | None:
        """Why the journal does not hold everything (a full disk); None: it does."""
        return self._segment.refused_reason if self._segment.refused or self._segment.lost else None

    def close(self) -> None:
        """Let go of the session; a second time does nothing. It waits for the description of the environment."""
        if self not in _sessions:
            return
        _sessions.discard(self)
        if self._environment is not None:
            self._environment.join(ENVIRONMENT_LIMIT)
            if self._environment.is_alive():
                self._gap(f"it was not described within {ENVIRONMENT_LIMIT:g} s")
        if not self._unfinished:
            self._segment.append({"t": "closed", "at": time.time()})
        self._segment.close()

    # -- inside ----------------------------------------------------------------------------------

    def _log(self) -> SessionLog:
        log = SessionLog(self._segment.path)
        log.refresh()
        return log

    def _made(
        self, record_id: str, mark: str, name: str | None, started: float, seq: int, parent: ProgramRun | None
    ) -> ProgramRun:
        above = None if parent is None else parent.record_id
        options = RunOptions(name=name)
        active = ActiveRun(record_id, self._segment, mark, name, options, started, seq, above)
        self._unfinished.add(record_id)
        return ProgramRun(active, self.blobs, self._unfinished.discard)

    def _describe(self, variables: Mapping[str, str], at: float) -> None:
        """Describe the environment, in a thread: it takes a second, and a driver may hang."""

        def work() -> None:
            try:
                document = describe(variables, self.project.home / "state")
                self._segment.append(environment_entry(document, self.blobs.put, at))
            except Exception as error:
                self._gap(f"{type(error).__name__}: {error}")

        self._environment = threading.Thread(target=work, name="bioml-environment", daemon=True)
        self._environment.start()

    def _gap(self, reason: str) -> None:
        entry = {"t": "gap", "run": None, "at": time.time(), "part": "environment", "reason": redact(reason)}
        self._segment.append(entry)

    def _forked(self) -> None:
        """A forked child does not own the session: it must not write here nor hold the lock."""
        self._segment.abandon_in_child()


def _unwritable(project: Project, reason: str) -> JournalError:
    return JournalError(
        f"The journal in {project.journal} cannot be written ({reason}); nothing was begun.",
        next="Free disk space, or make the folder writable.",
    )


#: The open sessions of this process.
_sessions: weakref.WeakSet[ProgramSession] = weakref.WeakSet()


def _after_fork() -> None:
    for session in list(_sessions):
        session._forked()
    _sessions.clear()


os.register_at_fork(after_in_child=_after_fork)
