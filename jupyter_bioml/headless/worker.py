"""The process that runs notebooks for ``run`` and ``reproduce``: ``python -m jupyter_bioml.headless.worker``.

papermill and zmq are kept out of the caller's process: mixing them with threads, forks or a running event loop
has stalled. JSON lines come on standard input: each ``job`` is run, one after another, and ``expect`` tells of the
first before it comes (:mod:`.early`). Events go out as JSON lines on what was standard output: ``cell`` (index, of)
and ``done`` (result). Everything that libraries print goes to standard error. The end of standard input is the end of
the caller, however it came: a notebook that runs is interrupted then, and the process ends with its kernel.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable
from typing import Any

from ..records.wire import from_dict
from .early import Expected, begin_template, prepare
from .process import ENDINGS
from .results import NotebookJob
from .runner import run_notebook
from .warm import Templates

#: Seconds a notebook gets to be saved when the caller is gone.
PATIENCE = 30.0


def main() -> int:
    """Run jobs until standard input ends."""
    _leave_out()
    send = _take_stdout()
    for number in ENDINGS:
        signal.signal(number, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)  # the caller held them back until here
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    warnings.filterwarnings("ignore", message="Cell is missing an id field")
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(lines,), daemon=True).start()
    with Templates() as templates:
        while (line := lines.get()) is not None:
            asked = json.loads(line)
            if "expect" in asked:
                prepare(from_dict(Expected, asked["expect"]), templates)
                continue
            job = from_dict(NotebookJob, asked["job"])
            if job.warm is not None:
                begin_template(job.path, job.warm, templates)
            result = run_notebook(
                job, lambda index, count: send({"event": "cell", "index": index, "of": count}), templates
            )
            send({"event": "done", "result": result.as_json()})
    return 0


def _leave_out() -> None:
    """What papermill and nbformat take where it is there, and what no job here can ask for, is not installed for them.

    jsonschema, which nbformat imports, builds the grammar of its checker of IRIs at import: 2.4 s of CPU, and no schema
    of a notebook has an IRI. papermill reads notebooks from clouds, by libraries of 0.3 s and more; ours are files.
    """
    modules: dict[str, Any] = sys.modules
    for name in ("rfc3987_syntax", "pyarrow", "boto3", "azure", "gcsfs", "github"):
        modules.setdefault(name, None)


def _read(lines: queue.SimpleQueue[str | None]) -> None:
    """Hand on what the caller sends; when it is gone, end the notebook that may be running."""
    for line in sys.stdin:
        lines.put(line)
    lines.put(None)
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(PATIENCE)
    os._exit(1)


def _take_stdout() -> Callable[[dict[str, Any]], None]:
    """Keep standard output for events; whatever else is written there goes to standard error."""
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def send(event: dict[str, Any]) -> None:
        channel.write(json.dumps(event) + "\n")
        channel.flush()

    return send


if __name__ == "__main__":
    try:
        code = main()
    except KeyboardInterrupt:
        code = 0  # the caller is gone, and nothing was running
    sys.exit(code)
