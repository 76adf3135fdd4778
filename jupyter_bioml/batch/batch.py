"""Several notebooks in one call: select, check, run, retry, publish and report; none disturbs the others."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Any

from ..errors import UsageError
from ..headless.drain import BY_HAND, drain_all, with_records
from ..headless.process import Worker
from ..headless.results import INTERRUPTED, NOT_RUN, NotebookResult
from ..redact import redact_value
from .processes import Processes
from .request import BatchRequest, plan, selected
from .selection import default_folder
from .state import BatchState, StateFile, read_state
from .sweep import SWEEP_VARIABLE, SweepRun, row_of, without_metrics
from .sweep_table import columns
from .tasks import CELL, STARTED, Executor, Task, TaskEvent
from .unchanged import Unchanged

#: Seconds between two progress lines of one notebook.
PROGRESS_PERIOD = 10.0
Say = Callable[[str], None]


@dataclass(frozen=True)
class BatchReport:
    """The result of a batch. ``duration``: seconds."""

    results: tuple[NotebookResult, ...]
    """The result of each task's last attempt, in the tasks' order."""
    output_dir: str
    duration: float
    interrupted: bool = False
    waiting: tuple[str, ...] = ()
    """Runs not in MLflow yet, and how to send them."""
    sweep: dict[str, Any] | None = None
    """For a sweep: ``record_id`` of its parent run, and its table: ``columns`` [kind, name] and ``rows``."""
    notes: tuple[str, ...] = ()
    """Notes for the user about the batch itself."""

    @property
    def passed(self) -> bool:
        """True when every notebook passed."""
        return all(result.passed for result in self.results)

    @property
    def exit_code(self) -> int:
        """0 all passed, 1 a notebook did not."""
        return 0 if self.passed else 1

    def as_json(self) -> dict[str, Any]:
        """The answer of ``bioml run --json``."""
        return {
            "passed": self.passed,
            "interrupted": self.interrupted,
            "duration": self.duration,
            "output_dir": self.output_dir,
            "waiting": list(self.waiting),
            "notes": list(self.notes),
            "sweep": self.sweep,
            "notebooks": [result.as_json() for result in self.results],
        }


@dataclass(frozen=True)
class Running:
    """How a batch is run (as opposed to what it runs)."""

    jobs: int = 1
    """How many notebooks run at once on this machine."""
    retries: int = 0
    """How often a notebook that did not pass is rerun."""
    progress: Say | None = None
    """Takes progress lines."""
    dask: str | None = None
    """Address of the scheduler of a Dask cluster to run on instead."""
    only_changed: bool = False
    """Skip notebooks that passed and whose dependencies have not changed since (:mod:`.unchanged`)."""
    executor: Callable[[Sequence[Task]], Executor] | None = None
    """Makes the executor; None: the one given by the fields above."""
    worker: Worker | None = None
    """One that was begun already; its owner ends it."""


def run_notebooks(asked: BatchRequest, running: Running | None = None) -> BatchReport:
    """Run notebooks, and all notebooks below folders; with a grid or a file of parameters, with each set of them.

    :raises UsageError: when nothing is selected, a path does not exist, a parameter does not fit a notebook, or an
        output would overwrite its input: nothing was started.
    """
    notebooks = selected(asked)
    if asked.output_dir is None:
        plan(asked, notebooks, notebooks[0].parent / ".bioml")  # errors are reported before a folder is made
    folder = asked.output_dir.absolute() if asked.output_dir is not None else default_folder(notebooks[0])
    tasks = plan(asked, notebooks, folder)
    state = BatchState(folder, tasks)
    file = StateFile(folder)
    sweep = None
    try:
        if asked.is_sweep:
            varied = asked.sets().varied
            same = {name: value for name, value in tasks[0].job.parameters.items() if name not in varied}
            sweep = SweepRun.begin(notebooks, varied, {**same, "output_dir": str(folder)}, len(tasks))
            state.tasks = [belonging(task, sweep) for task in tasks]
            state.sweep = sweep.sweep
        file.begin(state.tasks, state.sweep)
        return _Batch(state, file, sweep, running or Running()).run()
    finally:
        file.close()
        if sweep is not None:
            sweep.close()


def resume(folder: Path, running: Running | None = None) -> BatchReport:
    """Continue the batch whose output notebooks are in ``folder`` with the notebooks that did not pass.

    :raises UsageError: there is no batch in it.
    :raises Refused: another process runs it.
    """
    folder = folder.absolute()
    read_state(folder)  # before a lock file is made in a folder without a batch
    file = StateFile(folder)
    sweep = None
    try:
        state = read_state(folder)
        left = state.left()
        gone = next((task for task in left if not Path(task.job.path).is_file()), None)
        if gone is not None:
            raise UsageError(f"{gone.job.path!r} no longer exists; the batch cannot continue.")
        _check_complete(left)
        if state.sweep is not None and left:
            sweep = SweepRun.resume(state.sweep)
        return _Batch(state, file, sweep, running or Running()).run()
    finally:
        file.close()
        if sweep is not None:
            sweep.close()


def _check_complete(tasks: Sequence[Task]) -> None:
    """Check that every parameter is known: one that looks like a secret was masked when the batch was written down.

    :raises UsageError: naming it.
    """
    for task in tasks:
        for name, value in task.job.parameters.items():
            if "[secret:" in str(value):
                raise UsageError(
                    f"The parameter {name!r} is a secret, which is not kept; the batch cannot continue without it.",
                    next=f"Start it again, and give the secret in a variable: --secret-param {name}=VARIABLE.",
                )


def belonging(task: Task, sweep: SweepRun) -> Task:
    """The task whose runs are children of a sweep."""
    env = {**task.job.env, SWEEP_VARIABLE: sweep.sweep.reference}
    return replace(task, job=replace(task.job, env=env))


class _Batch:
    """One batch while it runs."""

    def __init__(self, state: BatchState, file: StateFile, sweep: SweepRun | None, running: Running) -> None:
        self._state = state
        self._file = file
        self._sweep = sweep
        self._running = running
        self._say: Say = running.progress or (lambda _: None)
        self._told = Told(state.tasks, self._say)
        self._made: list[NotebookResult] = []
        """The result of every attempt of this call."""
        self._stopped = False
        self._unchanged = Unchanged() if running.only_changed else None

    def run(self) -> BatchReport:
        started = time.monotonic()
        left = self._state.left()
        if self._unchanged is not None:
            left = list(self._changed(left, self._unchanged))
        if left:
            executor = self._executor(left)
            try:
                self._rounds(executor, left)
            finally:
                executor.close()
        results = tuple(self._state.results.get(task.id) or _never(task) for task in self._state.tasks)
        table = self._end_sweep(results)
        stopped = any(result.status in (INTERRUPTED, NOT_RUN) for result in results)
        waiting = () if stopped else self._sent()
        folder, duration = str(self._state.folder), time.monotonic() - started
        return BatchReport(results, folder, duration, stopped, waiting, table, self._notes(table))

    def _executor(self, tasks: Sequence[Task]) -> Executor:
        if self._running.executor is not None:
            return self._running.executor(tasks)
        if self._running.dask is not None:
            from .dask_cluster import DaskCluster

            return DaskCluster(self._running.dask, self._say)
        return Processes(min(self._running.jobs, len(tasks)), self._running.worker)

    def _changed(self, tasks: list[Task], unchanged: Unchanged) -> Iterator[Task]:
        """The tasks that have to run, which will note their dependencies; the others have their earlier result."""
        for task in tasks:
            earlier, reason = unchanged.look(task)
            self._told.decided(task, earlier is None, reason)
            if earlier is None:
                yield unchanged.probing(task)
            else:
                self._file.ended(task, earlier)
                self._state.results[task.id] = earlier

    def _rounds(self, executor: Executor, tasks: list[Task]) -> None:
        """Run the tasks, then rerun those that did not pass, as often as requested."""
        with stopping(self._stop(executor)):
            for number in range(self._running.retries + 1):
                if number:
                    self._say(f"rerunning {len(tasks)} that did not pass")
                again = []
                for task, result in executor.run(tasks, self._event):
                    if not self._take(task, result).passed:
                        again.append(task.again())
                if self._stopped or not again:
                    break
                tasks = again

    def _stop(self, executor: Executor) -> Callable[[], None]:
        def stop() -> None:
            self._stopped = True
            executor.interrupt()

        return stop

    def _event(self, event: TaskEvent) -> None:
        if event.kind == STARTED:
            self._file.started(event.task)
        self._told.event(event)

    def _take(self, task: Task, result: NotebookResult) -> NotebookResult:
        given: dict[str, Any] = redact_value(dict(task.job.parameters))
        result = replace(with_records(result), task=task.id, attempt=task.attempt, parameters=given)
        self._file.ended(task, result)
        self._state.results[task.id] = result
        self._made.append(result)
        self._told.ended(task, result)
        if self._unchanged is not None and (reason := self._unchanged.keep(task, result)):
            self._told.said(task, f"it cannot be skipped next time: {reason}")
        return result

    def _end_sweep(self, results: Sequence[NotebookResult]) -> dict[str, Any] | None:
        sweep = self._state.sweep
        if sweep is None:
            return None
        rows = [row_of(task, result) for task, result in zip(self._state.tasks, results, strict=True)]
        if self._sweep is not None:
            self._sweep.end(rows, results)
        return {"record_id": sweep.record_id, "columns": columns(rows, sweep.varied), "rows": rows}

    def _sent(self) -> tuple[str, ...]:
        """Wait until the runs are in MLflow; what is not, and how to send it."""
        left = [result for result in self._made if result.session is not None]
        try:
            return tuple(drain_all([*left, *self._sweep_session()], self._say))
        except KeyboardInterrupt:
            return (f"Interrupted while sending the runs; nothing is lost. {BY_HAND}",)

    def _sweep_session(self) -> list[NotebookResult]:
        """The parent run's session, to be published with those of the notebooks."""
        if self._sweep is None or not self._made:
            return []
        one, sweep = self._made[0], self._sweep.sweep
        return [replace(one, session=sweep.session, project=sweep.project, home=sweep.home)]

    def _notes(self, table: dict[str, Any] | None) -> tuple[str, ...]:
        found = []
        if (problem := self._file.problem) is not None:
            where = self._state.folder
            found.append(f"The state of the batch could not be kept in {where} ({problem}): it cannot be resumed.")
        if self._sweep is not None and (problem := self._sweep.problem) is not None:
            found.append(f"The sweep's own run could not be kept whole ({problem}); its children are not affected.")
        if table is not None and (said := without_metrics(table["rows"])) is not None:
            found.append(said)
        return tuple(found)


def _never(task: Task) -> NotebookResult:
    return NotebookResult(
        task.job.path,
        NOT_RUN,
        reason="interrupted before its turn",
        task=task.id,
        attempt=0,
        parameters=redact_value(dict(task.job.parameters)),
    )


@contextlib.contextmanager
def stopping(stop: Callable[[], None]) -> Iterator[None]:
    """Ctrl-C calls ``stop`` instead of raising, so that nothing is cut off halfway."""
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


class Told:
    """The progress lines of a batch."""

    def __init__(self, tasks: Sequence[Task], say: Say) -> None:
        self._numbers = {task.id: number for number, task in enumerate(tasks, 1)}
        self._say = say
        self._said: dict[str, float] = {}

    def _label(self, task: Task) -> str:
        again = f", attempt {task.attempt}" if task.attempt > 1 else ""
        return f"[{self._numbers[task.id]}/{len(self._numbers)}] {task.label}{again}"

    def said(self, task: Task, line: str) -> None:
        """One line about a task, with its label before it."""
        self._say(f"{self._label(task)}: {line}")

    def decided(self, task: Task, runs: bool, reason: str) -> None:
        """Why a notebook is run or skipped."""
        self.said(task, f"{'to be run' if runs else 'unchanged'}: {reason}")

    def event(self, event: TaskEvent) -> None:
        """A task was started or has reached a cell; those at most every
        :data:`PROGRESS_PERIOD` seconds."""
        now = time.monotonic()
        if event.kind == STARTED:
            self._said[event.task.id] = now
            self._say(self._label(event.task))
        elif event.kind == CELL and now - self._said.get(event.task.id, now) >= PROGRESS_PERIOD:
            self._said[event.task.id] = now
            self._say(f"{self._label(event.task)}: cell {event.index + 1} of {event.of}")

    def ended(self, task: Task, result: NotebookResult) -> None:
        """An attempt's notices, then its result and its seconds."""
        for notice in result.notices:
            self.said(task, notice)
        self.said(task, f"{result.status}, {result.duration:.1f} s")
