"""The caller's end of :mod:`.worker`: one worker process that is started when needed and replaced when it dies."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from typing import Any

from .early import Expected
from .results import BROKEN, FAILED, INTERRUPTED, NotebookJob, NotebookResult

#: Seconds an interrupted worker gets to save its notebook and end its kernel.
PATIENCE = 30.0
#: What ends a worker as Ctrl-C does: signals that come to a whole service or process group come to it too.
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
OnCell = Callable[[int, int], None]


class Worker:
    """Runs notebooks one after another in a process of its own. Use as a context manager.

    One thread calls :meth:`run`; :meth:`interrupt`, :meth:`kill` and :attr:`pid` are for others too.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._interrupted = False
        self._busy = False
        """A job was sent, and its result has not come."""

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The worker's process id; None while there is none."""
        return None if self._process is None else self._process.pid

    def begin(self, expected: Expected) -> None:
        """Start the process before there is a job: meanwhile it imports what a job needs."""
        if self._process is None:
            with contextlib.suppress(OSError):  # of a process that cannot be started, the job says why
                self._ask(self._started(), {"expect": asdict(expected)})

    def run(self, job: NotebookJob, on_cell: OnCell | None = None) -> NotebookResult:
        """Run one notebook.

        After Ctrl-C or :meth:`interrupt` the result says so: the notebook was saved as far as it came. A worker that
        was interrupted runs nothing more: later results are ``interrupted`` at once.
        """
        if self._interrupted:
            return NotebookResult(job.path, INTERRUPTED, reason="interrupted")
        process = self._started()
        self._busy = True
        if self._interrupted:
            self.interrupt()  # it came before there was a process to tell
        try:
            with _deadline(job.timeout, process) as late:
                self._ask(process, {"job": asdict(job)})
                result = self._result(process, job, on_cell)
        except BrokenPipeError:
            return self._died(process, job)
        except KeyboardInterrupt:
            return self._stopped(process, job)
        if late.is_set():
            self.close()  # the interrupt may be still on its way, and is not the next notebook's
            return result if result.passed else _timed_out(result, job)
        if self._interrupted and result.status == BROKEN:
            return replace(result, status=INTERRUPTED, reason="interrupted")
        return result

    def interrupt(self) -> None:
        """End the notebook that runs, as Ctrl-C does; one that does not end in :data:`PATIENCE` s is killed."""
        self._interrupted = True
        process = self._process
        if process is not None:
            _interrupt(process)

    def kill(self) -> None:
        """End the process at once; its kernel ends by itself when it sees that."""
        self._interrupted = True
        process = self._process
        if process is not None:
            process.kill()

    def _started(self) -> subprocess.Popen[str]:
        if self._process is not None and self._process.poll() is not None:
            self.close()
        if self._process is None:
            with _held_back():
                self._process = subprocess.Popen(
                    # -P: a module beside the user's notebooks must not shadow one of this package
                    [sys.executable, "-P", "-m", "jupyter_bioml.headless.worker"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    encoding="utf-8",
                    # a terminal's Ctrl-C reaches this process only, which then decides
                    start_new_session=True,
                )
        return self._process

    def _ask(self, process: subprocess.Popen[str], line: dict[str, Any]) -> None:
        assert process.stdin is not None
        process.stdin.write(json.dumps(line) + "\n")
        process.stdin.flush()

    def _result(self, process: subprocess.Popen[str], job: NotebookJob, on_cell: OnCell | None) -> NotebookResult:
        assert process.stdout is not None
        for line in process.stdout:
            if not line.endswith("\n"):
                break  # killed while it wrote
            event: dict[str, Any] = json.loads(line)
            if event["event"] == "done":
                self._busy = False
                return NotebookResult.from_json(event["result"])
            if on_cell is not None:
                on_cell(event["index"], event["of"])
        return self._died(process, job)

    def _stopped(self, process: subprocess.Popen[str], job: NotebookJob) -> NotebookResult:
        """Pass the interrupt on and wait for what was kept; a second Ctrl-C ends it at once."""
        self.interrupt()
        try:
            result = self._result(process, job, None)
        except KeyboardInterrupt:
            process.kill()
            result = self._died(process, job)
        finally:
            self.close()
        return result if result.status != BROKEN else replace(result, status=INTERRUPTED, reason="interrupted")

    def _died(self, process: subprocess.Popen[str], job: NotebookJob) -> NotebookResult:
        code = process.wait()
        how = signal.Signals(-code).name if code < 0 else f"exit status {code}"
        output = job.output if os.path.exists(job.output) else None
        return NotebookResult(job.path, BROKEN, output=output, reason=f"the process that ran it ended ({how})")

    def close(self) -> None:
        """End the worker, and with it a kernel that still runs and the template of its kernels."""
        process, self._process = self._process, None
        if process is None:
            return
        if not self._busy:
            process.kill()  # it has nothing to save, and would take a moment for its end, or seconds for its imports
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def _held_back() -> Iterator[None]:
    """A process that is started meanwhile keeps signals that end it until it can take them: not in mid-import."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _interrupt(process: subprocess.Popen[str]) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGINT)
    patience = threading.Timer(PATIENCE, process.kill)
    patience.daemon = True
    patience.start()


@contextlib.contextmanager
def _deadline(seconds: float | None, process: subprocess.Popen[str]) -> Iterator[threading.Event]:
    """After ``seconds`` the process is interrupted; the event says whether it happened."""
    late = threading.Event()
    if seconds is None:
        yield late
        return

    def end() -> None:
        late.set()
        _interrupt(process)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()


def _timed_out(result: NotebookResult, job: NotebookJob) -> NotebookResult:
    return replace(result, status=FAILED, reason=f"it ran longer than {job.timeout:g} s", timed_out=True)
