"""Tasks on an existing Dask cluster: the gateway to ``distributed``.

Each task is one Dask task, which starts one process for its notebook; that process ends with its Dask worker, because
it sees the pipe to it close. When a worker is lost, Dask gives its tasks to others: that is another attempt. Of each
task the first attempt that comes home is the result. What a lost attempt had journaled was sent on while it ran, so
that its runs are known and end as KILLED. Workers need this package, and neither the project nor the store.
"""

from __future__ import annotations

import contextlib
import os
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from ..config import find_project
from ..errors import BiomlError, MissingExtra
from ..headless.results import BROKEN, INTERRUPTED, NotebookResult
from ..records.wire import from_dict
from .remote import Order, Parcel, RemoteAttempt, adopt, unpacked
from .tasks import CELL, STARTED, OnEvent, Task, TaskEvent

#: Seconds to wait for the scheduler's first answer.
CONNECT = 15.0
#: Seconds between two checks of an attempt: whether to stop, and new journal entries.
LOOK = 1.0
#: Seconds between two progress messages about the cells of one notebook.
CELLS = 5.0
#: Bytes of its journal that a running attempt forwards: they stay in the scheduler's memory.
JOURNAL_LIMIT = 256 << 10
#: Seconds that interrupted attempts get to return.
PATIENCE = 60.0


@dataclass
class _Try:
    """One attempt at a task, as reported by its messages."""

    token: str
    segments: dict[str, bytes] = field(default_factory=dict)


@dataclass
class _Pending:
    """A task that was handed over."""

    task: Task
    future: Any
    tries: list[_Try] = field(default_factory=list)

    def attempt(self, token: str) -> int:
        """Its number: attempts are counted in the order in which they said that they began."""
        tokens = [one.token for one in self.tries]
        if token not in tokens:
            self.tries.append(_Try(token))
            tokens.append(token)
        return self.task.attempt + tokens.index(token)

    def as_attempt(self, token: str) -> Task:
        number = self.attempt(token)
        return self.task if number == self.task.attempt else Task.of(self.task.id, self.task.job, number)


class DaskCluster:
    """Hands tasks to the cluster whose scheduler is at ``address``.

    :param say: takes lines for the user.
    :raises MissingExtra: ``distributed`` is not installed.
    :raises BiomlError: the scheduler does not answer.
    """

    def __init__(self, address: str, say: Callable[[str], None]) -> None:
        try:
            from distributed import Client
        except ImportError:
            raise MissingExtra("Running on a Dask cluster", "dask") from None
        try:
            self._client = Client(address, timeout=CONNECT, set_as_default=False)
        except (OSError, ValueError) as error:
            raise BiomlError(
                f"The Dask scheduler at {address} does not answer ({error}). Nothing was started.",
                next="Check the address; it should look like tcp://host:8786.",
            ) from None
        self._address = address
        self._say = say
        self._said: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self._interrupts = 0
        self._until: float | None = None

    def run(self, tasks: Sequence[Task], on_event: OnEvent) -> Iterator[tuple[Task, NotebookResult]]:
        """Each task with its result, in the order in which results arrive."""
        from distributed import Event as Flag

        batch = os.urandom(8).hex()
        topic, stop = f"bioml-{batch}", Flag(f"bioml-stop-{batch}", client=self._client)
        self._client.subscribe_topic(topic, lambda event: self._said.put(("word", event[1])))
        workers = len(self._client.scheduler_info()["workers"])
        self._say(f"{len(tasks)} tasks for {workers} Dask workers at {self._address}")
        pending: dict[str, _Pending] = {}
        try:
            for task in tasks:
                try:
                    pending[task.id] = self._handed_over(task, topic, stop.name)
                except OSError as error:
                    yield task, NotebookResult(task.job.path, BROKEN, reason=f"It cannot be read: {error.strerror}.")
            yield from self._results(pending, on_event, stop)
        finally:
            self._client.unsubscribe_topic(topic)

    def _handed_over(self, task: Task, topic: str, stop: str) -> _Pending:
        future = self._client.submit(
            attempt_on_worker,
            task.id,
            asdict(Order.of(task)),
            topic,
            stop,
            key=f"{topic}-{task.id}",
            pure=False,
            retries=0,
        )
        future.add_done_callback(lambda future: self._said.put(("done", task.id)))
        return _Pending(task, future)

    def _results(
        self, pending: dict[str, _Pending], on_event: OnEvent, stop: Any
    ) -> Iterator[tuple[Task, NotebookResult]]:
        left = dict(pending)
        while left:
            try:
                kind, said = self._said.get(timeout=LOOK)
            except queue.Empty:
                kind, said = "", None
            if kind == "word" and said["task"] in pending:
                self._word(pending[said["task"]], said, on_event)
            elif kind == "interrupt":
                self._stop(left, stop)
            elif kind == "done" and said in left:
                yield from self._home(left.pop(said))
            if self._client.status in ("closed", "closing"):
                break
            if self._until is not None and (time.monotonic() > self._until or self._interrupts > 1):
                break
        for one in left.values():
            if one.tries or self._until is None:
                yield self._lost(one)

    def _word(self, one: _Pending, said: dict[str, Any], on_event: OnEvent) -> None:
        """The messages of a running attempt."""
        task = one.as_attempt(said["token"])
        if said["kind"] == "journal":
            mine = next(item for item in one.tries if item.token == said["token"])
            known = mine.segments.get(said["name"], b"")
            if len(known) == said["offset"]:
                mine.segments[said["name"]] = known + said["data"]
        elif said["kind"] == STARTED:
            on_event(TaskEvent(task, STARTED))
        else:
            on_event(TaskEvent(task, CELL, said["index"], said["of"]))

    def _home(self, one: _Pending) -> Iterator[tuple[Task, NotebookResult]]:
        """An attempt came home, or Dask gave the task up."""
        if one.future.cancelled():
            if one.tries:
                yield self._lost(one)
            return
        if one.future.status != "finished":
            result = NotebookResult(one.task.job.path, BROKEN, reason=_reason(one.future.exception()))
            self._bury(one, None)
            yield self._last(one), result
            return
        sent = one.future.result()
        task = one.as_attempt(sent["token"])
        self._bury(one, sent["token"])
        try:
            result = unpacked(from_dict_of_parcel(sent["parcel"]), task)
        except OSError as error:
            reason = f"its results could not be stored here ({error.strerror or error})"
            result = replace(from_dict(NotebookResult, sent["parcel"]["result"]), status=BROKEN, reason=reason)
        one.future.release()
        yield task, result

    def _last(self, one: _Pending) -> Task:
        return one.as_attempt(one.tries[-1].token) if one.tries else one.task

    def _lost(self, one: _Pending) -> tuple[Task, NotebookResult]:
        self._bury(one, None)
        stopped = self._until is not None
        reason = "interrupted" if stopped else f"the Dask scheduler at {self._address} is gone"
        status = INTERRUPTED if stopped else BROKEN
        return self._last(one), NotebookResult(one.task.job.path, status, reason=reason)

    def _bury(self, one: _Pending, winner: str | None) -> None:
        """Keep what the attempts that did not come home had journaled: their runs end as KILLED."""
        project = find_project(Path(one.task.job.path).parent)
        for item in one.tries:
            if item.token != winner and item.segments:
                try:
                    adopt(project, item.segments, (), one.attempt(item.token))
                except OSError as error:
                    self._say(f"The runs of a lost attempt could not be stored ({error.strerror or error}).")

    def _stop(self, left: dict[str, _Pending], stop: Any) -> None:
        self._interrupts += 1
        if self._until is None:
            self._until = time.monotonic() + PATIENCE
            stop.set()
            waiting = [one.future for one in left.values() if not one.tries]
            self._client.cancel(waiting, force=True)
            for task_id in [task_id for task_id, one in left.items() if not one.tries]:
                del left[task_id]

    def interrupt(self) -> None:
        """Let running tasks end within :data:`PATIENCE` seconds, start no more; the second call waits for nothing."""
        self._said.put(("interrupt", None))

    def close(self) -> None:
        """Leave the cluster as it is, and close the connection."""
        self._client.close()


def _reason(error: BaseException | None) -> str:
    if type(error).__name__ == "KilledWorker":
        return "every Dask worker that ran it died; it may need more memory than they have"
    if isinstance(error, ImportError):
        return f"the Dask worker lacks jupyter-bioml, or has a different version ({error})"
    return f"the Dask worker failed: {type(error).__name__}: {error}"


def from_dict_of_parcel(document: dict[str, Any]) -> Parcel:
    """A parcel as it came over the wire."""
    return Parcel(
        document["result"],
        document["segments"],
        tuple(document["blobs"]),
        document["output"],
        tuple(document["notes"]),
    )


# -- on the worker ---------------------------------------------------------------------------------


def attempt_on_worker(task: str, order: dict[str, Any], topic: str, stop: str) -> dict[str, Any]:
    """One attempt: runs in a thread of a Dask worker.

    :param topic: where it says what goes on.
    :param stop: name of the flag that is set when the client wants it to stop.
    """
    from distributed import Event as Flag
    from distributed import get_client, get_worker

    worker, token = get_worker(), os.urandom(8).hex()
    flag = Flag(stop, client=get_client())

    def tell(kind: str, **more: Any) -> None:
        worker.log_event(topic, {"task": task, "token": token, "kind": kind, **more})

    attempt = RemoteAttempt(Order(**order), worker.local_directory)
    over = threading.Event()
    tell(STARTED)
    watcher = threading.Thread(target=_watch, args=(attempt, flag, over, tell), daemon=True)
    watcher.start()
    try:
        parcel = attempt.run(_seldom(lambda index, count: tell(CELL, index=index, of=count)))
    finally:
        over.set()
        watcher.join()
        attempt.clean()
    return {"token": token, "parcel": asdict(parcel)}


def _watch(attempt: RemoteAttempt, flag: Any, over: threading.Event, tell: Callable[..., None]) -> None:
    """Send on what the journal has, and end the notebook when the flag is set."""
    sent: dict[str, int] = {}
    while not over.wait(LOOK):
        for name, data in attempt.journal().items():
            offset = sent.get(name, 0)
            end = data.rfind(b"\n") + 1
            if offset < end and sum(sent.values()) + end - offset <= JOURNAL_LIMIT:
                tell("journal", name=name, offset=offset, data=data[offset:end])
                sent[name] = end
        with contextlib.suppress(Exception):  # no scheduler to ask: the worker ends soon, or it comes back
            if flag.is_set():
                attempt.interrupt()
                return


def _seldom(say: Callable[[int, int], None]) -> Callable[[int, int], None]:
    last = time.monotonic()

    def on_cell(index: int, count: int) -> None:
        nonlocal last
        if time.monotonic() - last >= CELLS:
            last = time.monotonic()
            say(index, count)

    return on_cell
