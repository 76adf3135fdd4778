"""The process that runs notebooks for ``run`` and ``reproduce``: ``python -m jupyter_bioml.reproduce.worker``.

papermill and zmq are kept out of the caller's process: mixing them with threads, forks or a running event loop
has stalled. Jobs come as JSON lines on standard input and are run one after another; events go out as JSON lines
on what was standard output: ``cell`` (index, of) and ``done`` (result). Everything that libraries print goes
to standard error.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import warnings
from collections.abc import Callable
from typing import Any

from ..records.wire import from_dict
from .results import NotebookJob
from .runner import run_notebook


def main() -> int:
    """Run jobs until standard input ends."""
    send = _take_stdout()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    warnings.filterwarnings("ignore", message="Cell is missing an id field")
    for line in sys.stdin:
        job = from_dict(NotebookJob, json.loads(line))
        result = run_notebook(job, on_cell=lambda index, count: send({"event": "cell", "index": index, "of": count}))
        send({"event": "done", "result": result.as_json()})
    return 0


def _take_stdout() -> Callable[[dict[str, Any]], None]:
    """Keep standard output for events; whatever else is written there goes to standard error."""
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def send(event: dict[str, Any]) -> None:
        channel.write(json.dumps(event) + "\n")
        channel.flush()

    return send


if __name__ == "__main__":
    sys.exit(main())
