"""``python -m jupyter_bioml.publish.model_host FLAVOR``: runs model jobs, each in a process forked from this one.

Importing mlflow takes seconds, so it is imported once. No code of a user ever runs here: :mod:`.model_job` unpickles
in the fork. Where a fork would not be sound, the job gets a new process. Requests come as JSON lines on standard input
(``job``: its file, ``said``: the file for its streams, ``seconds``: its time limit), one at a time; the answers
(``status``, ``timed_out``) go to standard output. When standard input ends, so does the job.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
import traceback
from typing import Any

from ..processes.forking import unfit
from . import model_job

#: Seconds between two looks at a running job.
_LOOK = 0.02


def main() -> int:
    """Serve until standard input ends."""
    requests = os.fdopen(os.dup(0), "rb", buffering=0)
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # what a library prints is not an answer
    with contextlib.suppress(Exception):  # a job that needs it says what is wrong
        model_job.prepare(sys.argv[1])
    while line := requests.readline():
        answer = _run(json.loads(line), requests.fileno())
        answers.write(json.dumps(answer).encode() + b"\n")
    return 0


def _run(request: dict[str, Any], requests: int) -> dict[str, Any]:
    alive, ours = os.pipe()  # the job ends when nobody holds our end any more
    with open(request["said"], "wb") as said:
        pid = _start(request["job"], alive, ours, said.fileno())
    os.close(alive)
    try:
        return _wait(pid, time.monotonic() + request["seconds"], requests)
    finally:
        os.close(ours)


def _start(job: str, alive: int, ours: int, said: int) -> int:
    """The process id of the job; its standard input is ``alive``, its streams go to ``said``."""
    if unfit():
        command = [sys.executable, "-P", "-m", model_job.__name__, job]
        where = os.path.dirname(job)
        return subprocess.Popen(command, stdin=alive, stdout=said, stderr=said, cwd=where, start_new_session=True).pid
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        for target, source in ((0, alive), (1, said), (2, said)):
            os.dup2(source, target)
        os.closerange(3, max(alive, ours, said) + 1)
        os.chdir(os.path.dirname(job))
        _become(job)
    return pid


def _become(job: str) -> None:
    """Do the job, and never return into the host's own code."""
    status = 1
    try:
        status = model_job.main([job])
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def _wait(pid: int, limit: float, requests: int) -> dict[str, Any]:
    timed_out = False
    while True:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            break
        timed_out = time.monotonic() > limit
        gone = bool(select.select([requests], [], [], _LOOK)[0])  # nobody asks while a job runs: it is the end
        if timed_out or gone:
            _kill(pid)
            _, status = os.waitpid(pid, 0)
            break
    _kill(pid)  # what the job may have left running
    return {"status": os.waitstatus_to_exitcode(status), "timed_out": timed_out}


def _kill(group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
