"""The caller's end of :mod:`.worker`: one worker process that is started when needed and replaced when it dies."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from .results import BROKEN, INTERRUPTED, NotebookJob, NotebookResult

#: Seconds an interrupted worker gets to save its notebook and end its kernel.
PATIENCE = 30.0
OnCell = Callable[[int, int], None]


class Worker:
    """Runs notebooks one after another in a process of its own. Use as a context manager."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The worker's process id; None while there is none."""
        return None if self._process is None else self._process.pid

    def run(self, job: NotebookJob, on_cell: OnCell | None = None) -> NotebookResult:
        """Run one notebook.

        After Ctrl-C the result says so: the worker was interrupted, and its notebook saved as far as it came.
        """
        process = self._started()
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(asdict(job)) + "\n")
            process.stdin.flush()
            return self._result(process, job, on_cell)
        except BrokenPipeError:
            return self._died(process, job)
        except KeyboardInterrupt:
            return self._interrupted(process, job)

    def _started(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                # -P: no module beside the user's notebooks may stand in for one of ours
                [sys.executable, "-P", "-m", "jupyter_bioml.reproduce.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                # a terminal's Ctrl-C reaches this process only, which then decides
                start_new_session=True,
            )
        return self._process

    def _result(self, process: subprocess.Popen[str], job: NotebookJob, on_cell: OnCell | None) -> NotebookResult:
        assert process.stdout is not None
        for line in process.stdout:
            event: dict[str, Any] = json.loads(line)
            if event["event"] == "done":
                return NotebookResult.from_json(event["result"])
            if on_cell is not None:
                on_cell(event["index"], event["of"])
        return self._died(process, job)

    def _interrupted(self, process: subprocess.Popen[str], job: NotebookJob) -> NotebookResult:
        """Pass the interrupt on and wait for what was kept; a second Ctrl-C ends it at once."""
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        patience = threading.Timer(PATIENCE, process.kill)
        patience.start()
        try:
            result = self._result(process, job, None)
        except KeyboardInterrupt:
            process.kill()
            result = self._died(process, job)
        finally:
            patience.cancel()
            self.close()
        return result if result.status != BROKEN else replace(result, status=INTERRUPTED, reason="interrupted")

    def _died(self, process: subprocess.Popen[str], job: NotebookJob) -> NotebookResult:
        code = process.wait()
        how = signal.Signals(-code).name if code < 0 else f"exit status {code}"
        output = job.output if os.path.exists(job.output) else None
        return NotebookResult(job.path, BROKEN, output=output, reason=f"the process that ran it ended ({how})")

    def close(self) -> None:
        """End the worker, and with it a kernel that still runs."""
        process, self._process = self._process, None
        if process is None:
            return
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
