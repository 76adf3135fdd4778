"""The request for one headless notebook run, and its result."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from ..canonical import jsonable
from ..records.wire import from_dict

#: How a notebook ended. ``broken``: it could not be run at all (no notebook, no kernel); ``unchanged``: it passed
#: before, and nothing that it depends on has changed since.
PASSED, UNCHANGED, FAILED, KILLED, INTERRUPTED, BROKEN, NOT_RUN = (
    "passed",
    "unchanged",
    "failed",
    "killed",
    "interrupted",
    "broken",
    "not run",
)


@dataclass(frozen=True)
class NotebookJob:
    """One notebook to run. All paths are absolute."""

    path: str
    output: str
    cwd: str
    """The kernel's working directory."""
    notebook: str | None = None
    """The notebook that the runs belong to; None: ``path``; empty: none."""
    parameters: dict[str, Any] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    python: str | None = None
    """The interpreter to run on; None: that of the notebook's kernel."""
    timeout: float | None = None
    """Seconds the whole notebook may take, kernel start included; None: as long as it needs."""
    cell_timeout: float | None = None
    """Seconds one cell may take; None: as long as it needs."""
    secrets: dict[str, str] = field(default_factory=dict)
    """Parameter → the environment variable that holds its value, which is never written anywhere."""
    cells: tuple[str, ...] = ()
    """Which cells run: words of :mod:`~jupyter_bioml.notebooks.cells`."""
    warm: tuple[str, ...] | None = None
    """Modules that its kernel may find imported, if it is forked from a process that has; None: a fresh kernel."""


@dataclass(frozen=True)
class CellFailure:
    """The cell that stopped a notebook."""

    index: int
    """Its place in the output notebook, from 0."""
    cell_id: str | None
    source: str
    kind: str
    """The exception's class; ``DeadKernelError`` when the kernel died."""
    message: str
    traceback: str
    """Plain text."""


@dataclass(frozen=True)
class NotebookResult:
    """The result of one notebook. ``duration``: seconds, kernel start included."""

    notebook: str
    status: str
    duration: float = 0.0
    output: str | None = None
    """The output notebook; None when there is none."""
    failure: CellFailure | None = None
    reason: str | None = None
    """Why it is broken, was interrupted or was not run."""
    notices: tuple[str, ...] = ()
    """Lines for the user."""
    session: str | None = None
    project: str | None = None
    home: str | None = None
    destination_key: str | None = None
    records: tuple[str, ...] = ()
    """Record ids of the runs it made, in order."""
    timed_out: bool = False
    """A time limit ended it."""
    task: str | None = None
    """The task of a batch that it was."""
    attempt: int = 1
    """Which attempt at it."""
    parameters: dict[str, Any] = field(default_factory=dict)
    """The parameters set, without secret ones."""

    @property
    def passed(self) -> bool:
        """Whether it ran to its end without an error, or was skipped as unchanged."""
        return self.status in (PASSED, UNCHANGED)

    def as_json(self) -> dict[str, Any]:
        """The fields as JSON; what :meth:`from_json` reads."""
        return dict(jsonable(asdict(self)))

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> NotebookResult:
        """The result that :meth:`as_json` wrote.

        :raises JournalError: when a field has the wrong shape.
        """
        return from_dict(cls, document)
