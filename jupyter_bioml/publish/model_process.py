"""The caller's end of :mod:`.model_host`: model jobs, one after another, in processes that come from one host."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ..processes.forking import ONE_THREAD
from ..processes.programs import Piped, piped

HOST = "jupyter_bioml.publish.model_host"
#: Seconds that the host may take longer than a job's time limit: to import mlflow and to end the job.
_GRACE = 120
#: Characters of a job's last words that are kept.
_LAST_WORDS = 500


@dataclass(frozen=True)
class JobEnd:
    """The end of a job. ``words``: its last output, or its exit code."""

    words: str
    timed_out: bool


class ModelProcess:
    """Runs model jobs of one interpreter and flavour; its host starts with the first and ends with :meth:`close`."""

    def __init__(self, python: str, flavor: str) -> None:
        self.python, self.flavor = python, flavor
        self._host: Piped | None = None

    def begin(self) -> None:
        """Start the host before there is a job: it imports mlflow meanwhile."""
        self._host = self._host or self._start()

    def run(self, job: Path, seconds: float) -> JobEnd:
        """Do the job of the file ``job``, in its folder, in at most so many seconds."""
        said = job.with_name("said")
        said.touch()
        answer = self._ask({"job": str(job), "said": str(said), "seconds": seconds})
        with said.open("rb") as file:
            file.seek(max(0, said.stat().st_size - _LAST_WORDS))
            words = file.read().decode("utf-8", "replace").strip()
        if answer is None:
            return JobEnd(words or "the process that starts it ended", False)
        return JobEnd(words or f"exit code {answer['status']}", answer["timed_out"])

    def close(self) -> None:
        """End the host, and with it what it is still running."""
        host, self._host = self._host, None
        if host is None:
            return
        with contextlib.suppress(OSError):
            host.stdin.close()
        host.stdout.close()
        try:
            host.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(host.process.pid, signal.SIGKILL)
            host.process.wait()

    def _ask(self, request: dict[str, object]) -> dict[str, bool] | None:
        """The host's answer; None when it died or gave none."""
        self.begin()
        host = self._host
        assert host is not None
        line = b""
        with contextlib.suppress(BrokenPipeError):
            host.stdin.write(json.dumps(request).encode() + b"\n")
            if select.select([host.stdout], [], [], float(str(request["seconds"])) + _GRACE)[0]:
                line = host.stdout.readline()
        if not line:
            self.close()
            return None
        answer: dict[str, bool] = json.loads(line)
        return answer

    def _start(self) -> Piped:
        """The host. It reaches no store and gets no credentials for one; its working directory is a neutral folder."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith("MLFLOW_TRACKING_")}
        environment |= ONE_THREAD | {"MLFLOW_DISABLE_TELEMETRY": "true"}
        return piped(HOST, [self.flavor], environment, tempfile.gettempdir(), python=self.python)
