"""The state of a batch in its output folder: its request and the result of each attempt.

One file, ``.bioml-batch.log``, with the line format of the journal: a line that was written is there after
``kill -9``, a torn one is left out, and its writer holds a lock on it. Secret parameters are in it by name only;
what looks like a secret in another one is masked, and such a batch is not resumed.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..errors import JournalError, Refused, UsageError
from ..headless.results import NotebookJob, NotebookResult
from ..journal.lines import SegmentReader
from ..journal.log import Segment
from ..records.wire import from_dict
from .tasks import Task

FILE = ".bioml-batch.log"
SCHEMA = 1


@dataclass(frozen=True)
class Sweep:
    """The parent run of a sweep: its session, its record, and the names that vary."""

    session: str
    record_id: str
    project: str
    home: str
    varied: tuple[str, ...] = ()

    @property
    def reference(self) -> str:
        """How the runs of its tasks name it."""
        return f"{self.session}/{self.record_id}"


@dataclass
class BatchState:
    """The content of a state file."""

    folder: Path
    tasks: list[Task] = field(default_factory=list)
    """In their order, each as it was first attempted."""
    results: dict[str, NotebookResult] = field(default_factory=dict)
    """Task → the result of its last attempt."""
    attempts: dict[str, int] = field(default_factory=dict)
    """Task → number of its last attempt that was started."""
    sweep: Sweep | None = None

    def left(self) -> list[Task]:
        """The tasks that have not passed, each as its next attempt."""
        found = []
        for task in self.tasks:
            result = self.results.get(task.id)
            if result is None or not result.passed:
                found.append(Task.of(task.id, task.job, self.attempts.get(task.id, 0) + 1))
        return found


class StateFile:
    """The writing end; one process at a time.

    :raises Refused: another process works on this batch.
    :raises UsageError: the folder cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._segment = Segment(folder / FILE)
        except JournalError:
            raise Refused(
                f"Another process is running the batch in {folder}; nothing was started.",
                next="Wait for it, or stop it.",
            ) from None
        except OSError as error:
            raise UsageError(
                f"{folder} cannot be written ({error.strerror or error}).",
                next="Choose another folder with --output-dir.",
            ) from None

    def close(self) -> None:
        """Close the file; nothing can be added afterwards."""
        self._segment.close()

    @property
    def problem(self) -> str | None:
        """Why the file does not hold everything (a full disk); None: it does."""
        return self._segment.refused_reason if self._segment.refused or self._segment.lost else None

    def begin(self, tasks: Iterable[Task], sweep: Sweep | None) -> None:
        """Write the batch's request."""
        self._append(t="batch", schema=SCHEMA, sweep=None if sweep is None else asdict(sweep))
        for task in tasks:
            self._append(t="task", id=task.id, job=asdict(task.job))

    def started(self, task: Task) -> None:
        """An attempt at a task begins."""
        self._append(t="started", id=task.id, attempt=task.attempt)

    def ended(self, task: Task, result: NotebookResult) -> None:
        """An attempt's result: it is on the disk when this returns (as the journal's lines are)."""
        self._append(t="ended", id=task.id, attempt=task.attempt, result=asdict(result))

    def _append(self, **entry: Any) -> None:
        self._segment.append({"at": time.time(), **entry})


def read_state(folder: Path) -> BatchState:
    """The content of the state file in ``folder``.

    :raises UsageError: there is none, or it was written by a newer version.
    """
    file = folder / FILE
    if not file.is_file():
        raise UsageError(f"There is no batch in {str(folder)!r}.", next="Give the folder with its output notebooks.")
    state = BatchState(folder)
    try:
        for line in SegmentReader(file).read():
            _take(state, line.entry)
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise UsageError(f"{str(file)!r} cannot be understood ({type(error).__name__}: {error}).") from None
    if not state.tasks:
        raise UsageError(f"The batch in {str(folder)!r} ended before it had any tasks.", next="Start it again.")
    return state


def _take(state: BatchState, entry: Mapping[str, Any]) -> None:
    kind = entry["t"]
    if kind == "batch":
        if int(entry["schema"]) > SCHEMA:
            raise UsageError(
                f"The batch in {str(state.folder)!r} was written by a newer version.",
                next="Update with: pip install -U jupyter-bioml",
            )
        state.sweep = None if entry["sweep"] is None else from_dict(Sweep, entry["sweep"])
        state.tasks, state.results, state.attempts = [], {}, {}
    elif kind == "task":
        state.tasks.append(Task.of(entry["id"], from_dict(NotebookJob, entry["job"])))
    elif kind == "started":
        state.attempts[entry["id"]] = max(entry["attempt"], state.attempts.get(entry["id"], 0))
    elif kind == "ended":
        state.attempts[entry["id"]] = max(entry["attempt"], state.attempts.get(entry["id"], 0))
        state.results[entry["id"]] = from_dict(NotebookResult, entry["result"])
