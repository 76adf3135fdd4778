"""The parts of a batch, and the interface of everything that can run it.

A *task* is one notebook with one set of parameters; an *attempt* is one try at it. Each attempt runs in a kernel of
its own and is its own record. An :class:`Executor` runs tasks.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from ..headless.results import NotebookJob, NotebookResult
from ..redact import redact, redact_value

#: In the environment of a task's kernel: which task and which attempt at it (counted from 1) its runs belong to.
TASK_VARIABLE, ATTEMPT_VARIABLE = "BIOML_TASK", "BIOML_ATTEMPT"


@dataclass(frozen=True)
class Task:
    """One attempt at one notebook with one set of parameters."""

    id: str
    """The same for every attempt, also in a resumed batch."""
    job: NotebookJob
    attempt: int = 1

    @classmethod
    def of(cls, identity: str, job: NotebookJob, attempt: int = 1) -> Task:
        """A task whose kernel knows which it is."""
        env = {**job.env, TASK_VARIABLE: identity, ATTEMPT_VARIABLE: str(attempt)}
        return cls(identity, replace(job, env=env), attempt)

    def again(self) -> Task:
        """The next attempt at it."""
        return self.of(self.id, self.job, self.attempt + 1)

    @property
    def label(self) -> str:
        """Its name in a line for the user: the relative path, if that is short."""
        name = self.job.path
        try:
            relative = os.path.relpath(name)
            name = relative if relative.count("..") < 2 else name
        except OSError:
            pass
        given = redact_value(dict(self.job.parameters))
        return redact(name) + "".join(f" {key}={value!r}" for key, value in given.items())


@dataclass(frozen=True)
class TaskEvent:
    """Progress of a task: it was ``started``, or its ``cell`` number ``index`` (from 0) ``of`` so many was."""

    task: Task
    kind: str
    index: int = 0
    of: int = 0


OnEvent = Callable[[TaskEvent], None]
STARTED, CELL = "started", "cell"


class Executor(Protocol):
    """Runs tasks somewhere. Used by one thread, except :meth:`interrupt`."""

    def run(self, tasks: Sequence[Task], on_event: OnEvent) -> Iterator[tuple[Task, NotebookResult]]:
        """Run ``tasks``; yields each with its result as it ends, exactly once.

        The task yielded may be a later attempt than the one given, where a lost one was made again. After
        :meth:`interrupt` those that ran are yielded as ``interrupted`` and those not begun are not yielded.

        :param on_event: called in the caller's thread.
        """
        ...

    def interrupt(self) -> None:
        """Stop: end running tasks, keep their results, and start no more. The second call ends them at once.

        May be called from a signal handler, so it only notes it.
        """
        ...

    def close(self) -> None:
        """End every process that is left."""
        ...
