"""Several notebooks in one call: chosen, run, retried, published and told of; none disturbs the others."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from ..reproduce.drain import drain_all, with_records
from ..reproduce.results import INTERRUPTED, NOT_RUN, NotebookJob, NotebookResult
from .processes import Processes
from .selection import default_folder, output_paths, select_notebooks
from .tasks import CELL, STARTED, Event, Executor, Task

#: Seconds between two progress lines of one notebook.
PROGRESS_PERIOD = 10.0
Say = Callable[[str], None]


@dataclass(frozen=True)
class BatchReport:
    """What came of a batch. ``duration``: seconds."""

    results: tuple[NotebookResult, ...]
    output_dir: str
    duration: float
    interrupted: bool = False
    waiting: tuple[str, ...] = ()
    """What is not in MLflow yet, and how to send it."""

    @property
    def passed(self) -> bool:
        """True when every notebook passed."""
        return all(result.passed for result in self.results)

    @property
    def exit_code(self) -> int:
        """0 all passed, 1 a notebook did not."""
        return 0 if self.passed else 1

    def as_json(self) -> dict[str, Any]:
        return {
            "passed": self.passed,
            "interrupted": self.interrupted,
            "duration": self.duration,
            "output_dir": self.output_dir,
            "waiting": list(self.waiting),
            "notebooks": [result.as_json() for result in self.results],
        }


def run_notebooks(
    paths: Sequence[Path],
    *,
    tag: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    output_dir: Path | None = None,
    jobs: int = 1,
    progress: Say | None = None,
) -> BatchReport:
    """Run notebooks, and all notebooks below folders.

    :param tag: only those whose metadata ``bioml.tags`` hold it.
    :param parameters: injected into each, as papermill does.
    :param output_dir: where the output notebooks go; None: ``.bioml/outputs/<time>`` of the first one's project.
    :param jobs: how many run at once.
    :param progress: takes lines that say what goes on.
    :raises UsageError: when nothing is selected, a path does not exist, or an output would overwrite its input.
    """
    started = time.monotonic()
    say = progress or (lambda _: None)
    chosen = select_notebooks(paths, tag, output_dir)
    folder = output_dir.absolute() if output_dir is not None else default_folder(chosen[0])
    tasks = plan_tasks(chosen, folder, dict(parameters or {}))
    executor = Processes(min(jobs, len(tasks)))
    try:
        found = _run(executor, tasks, say)
    finally:
        executor.close()
    results = [found.get(task.id, _never(task.job)) for task in tasks]
    interrupted = any(result.status in (INTERRUPTED, NOT_RUN) for result in results)
    waiting = () if interrupted else tuple(drain_all(results, say))
    return BatchReport(tuple(results), str(folder), time.monotonic() - started, interrupted, waiting)


def plan_tasks(notebooks: Sequence[Path], folder: Path, parameters: dict[str, Any]) -> list[Task]:
    """One task a notebook.

    :raises UsageError: when an output would overwrite its notebook.
    """
    outputs = output_paths(notebooks, folder)
    return [
        Task.of(
            output.relative_to(folder).as_posix(),
            NotebookJob(str(path), str(output), str(path.parent), parameters=parameters),
        )
        for path, output in zip(notebooks, outputs, strict=True)
    ]


def _never(job: NotebookJob) -> NotebookResult:
    return NotebookResult(job.path, NOT_RUN, reason="interrupted before its turn")


def _run(executor: Executor, tasks: Sequence[Task], say: Say) -> dict[str, NotebookResult]:
    """The result of every task that came to its turn, by the task's id."""
    told = _Told(tasks, say)
    found: dict[str, NotebookResult] = {}
    with stopping(executor.interrupt):
        for task, result in executor.run(tasks, told.event):
            found[task.id] = with_records(result)
            told.ended(task, found[task.id])
    return found


@contextlib.contextmanager
def stopping(stop: Callable[[], None]) -> Iterator[None]:
    """Ctrl-C calls ``stop`` instead of raising, so that nothing is cut in the middle."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(number: int, frame: FrameType | None) -> None:
        stop()

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class _Told:
    """The progress lines of a batch."""

    def __init__(self, tasks: Sequence[Task], say: Say) -> None:
        self._numbers = {task.id: number for number, task in enumerate(tasks, 1)}
        self._say = say
        self._said: dict[str, float] = {}

    def _label(self, task: Task) -> str:
        again = f", attempt {task.attempt}" if task.attempt > 1 else ""
        return f"[{self._numbers[task.id]}/{len(self._numbers)}] {task.label}{again}"

    def event(self, event: Event) -> None:
        now = time.monotonic()
        if event.kind == STARTED:
            self._said[event.task.id] = now
            self._say(self._label(event.task))
        elif event.kind == CELL and now - self._said.get(event.task.id, now) >= PROGRESS_PERIOD:
            self._said[event.task.id] = now
            self._say(f"{self._label(event.task)}: cell {event.index + 1} of {event.of}")

    def ended(self, task: Task, result: NotebookResult) -> None:
        for notice in result.notices:
            self._say(f"{self._label(task)}: {notice}")
        self._say(f"{self._label(task)}: {result.status}, {result.duration:.1f} s")
