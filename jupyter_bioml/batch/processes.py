"""Tasks in processes of this machine: ``jobs`` of them at once, papermill and a kernel in each."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..headless.process import Worker
from ..headless.results import BROKEN, NotebookJob, NotebookResult
from .tasks import CELL, STARTED, OnEvent, Task, TaskEvent

#: Seconds to wait for what was killed.
CLOSING = 10.0


@dataclass(frozen=True)
class _Done:
    task: Task
    result: NotebookResult


@dataclass(frozen=True)
class _Idle:
    """A thread has nothing more to do."""


@dataclass(frozen=True)
class _Interrupt:
    """The user wants it to stop."""


class Processes:
    """``jobs`` worker processes, each started (by spawn, never forked) when the first task comes to it.

    A worker process that dies takes only its own notebook with it: the result is ``broken``, and the next task gets
    a new process.

    :param begun: the first of them, if it was begun already.
    """

    def __init__(self, jobs: int = 1, begun: Worker | None = None) -> None:
        more = max(jobs, 1) - (begun is not None)
        self._workers = [*([begun] if begun is not None else []), *(Worker() for _ in range(more))]
        # SimpleQueue: its put may be called from a signal handler that came while this thread was in get
        self._said: queue.SimpleQueue[TaskEvent | _Done | _Idle | _Interrupt] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._interrupts = 0

    def run(self, tasks: Sequence[Task], on_event: OnEvent) -> Iterator[tuple[Task, NotebookResult]]:
        """Each task with its result as it ends, in the order of their ends."""
        waiting = deque(tasks)
        self._threads = [
            threading.Thread(target=self._work, args=(worker, waiting), daemon=True)
            for worker in self._workers[: len(tasks)]
        ]
        for thread in self._threads:
            thread.start()
        busy = len(self._threads)
        while busy:
            said = self._said.get()
            if isinstance(said, TaskEvent):
                on_event(said)
            elif isinstance(said, _Done):
                yield said.task, said.result
            elif isinstance(said, _Idle):
                busy -= 1
            else:
                waiting.clear()
                self._stop()

    def interrupt(self) -> None:
        """Start no more tasks, interrupt running ones (their notebooks are saved); the second call kills them."""
        self._said.put(_Interrupt())

    def close(self) -> None:
        """End the workers; those that still run are killed."""
        if any(thread.is_alive() for thread in self._threads):
            for worker in self._workers:
                worker.kill()
            for thread in self._threads:
                thread.join(CLOSING)
        for worker in self._workers:
            worker.close()

    def _stop(self) -> None:
        self._interrupts += 1
        for worker in self._workers:
            if self._interrupts == 1:
                worker.interrupt()
            else:
                worker.kill()

    def _work(self, worker: Worker, waiting: deque[Task]) -> None:
        while True:
            try:
                task = waiting.popleft()
            except IndexError:
                break
            self._said.put(_Done(task, self._one(worker, task)))
        self._said.put(_Idle())

    def _one(self, worker: Worker, task: Task) -> NotebookResult:
        self._said.put(TaskEvent(task, STARTED))
        try:
            return worker.run(task.job, lambda index, count: self._said.put(TaskEvent(task, CELL, index, count)))
        except Exception as error:
            return _broken(task.job, error)


def _broken(job: NotebookJob, error: Exception) -> NotebookResult:
    """The machine could not start a process for it (memory, process limit, a full disk)."""
    return NotebookResult(job.path, BROKEN, reason=f"no process could be started for it ({error})")
