"""One question that has a process of its own, with a time limit: its answer is JSON in a file, or there is none.

The process is a fork of the resident process where one is there, which has the libraries loaded.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..host.readings import Descendants
from ..processes.forked import Forked
from ..processes.programs import held
from ..text.present import printable

#: Characters of its output that are told: the last ones.
LAST_WORDS = 300
#: Seconds that a killed process has to end: one that waits for a dead mount may not end at all.
_GONE = 10.0


def probed(
    module: str,
    arguments: Sequence[str],
    answer: Path,
    seconds: float,
    *,
    environment: Mapping[str, str] | None = None,
    fork: bool = True,
) -> tuple[dict[str, Any] | None, str, str]:
    """Run ``python -P -m module arguments`` beside ``answer``.

    :param answer: the file that it writes.
    :param environment: its variables; None: those of this process.
    :param fork: whether a fork looks for modules where the process should.
    :returns: (its answer, why there is none, its last words).
    """
    with tempfile.TemporaryFile() as said:
        reads, ours = os.pipe()
        try:
            streams = [reads, said.fileno(), said.fileno()]
            given = os.environ if environment is None else environment
            child = held(module, arguments, given, str(answer.parent), streams, fork=fork)
        except BaseException:
            os.close(ours)
            raise
        finally:
            os.close(reads)
        late = False
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            late = True
        finally:
            end(child)
            os.close(ours)
        said.seek(0)
        words = printable(said.read().decode("utf-8", "replace").strip()[-LAST_WORDS:])
    if late:
        return None, f"took longer than {seconds:g} s", words
    with contextlib.suppress(OSError, ValueError, RecursionError):
        document = json.loads(answer.read_text(encoding="utf-8"))
        return (document, "", words) if isinstance(document, dict) else (None, "gave no answer", words)
    return None, _ended(child.returncode), words


def end(child: Forked | subprocess.Popen[bytes]) -> None:
    """Kill a process with all that it started in its session, and whatever else descends from it."""
    family = Descendants(child.pid) if child.poll() is None else None
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    if family is not None:
        family.kill()
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(_GONE)
    if isinstance(child, Forked):
        child.close()


def leads() -> bool:
    """Whether this process has a group of its own: one that was started by hand must never end its neighbours."""
    return os.getpgrp() == os.getpid()


def own_input() -> int:
    """Of a process that was started here: what its caller holds open. Whatever it loads has nothing to read, and
    programs that it starts do not inherit it."""
    reading = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return reading


def end_with_caller() -> None:
    """Of such a process: it ends with its caller, and so does what it started."""
    if not leads():
        return
    reading = own_input()

    def wait() -> None:
        while os.read(reading, 4096):
            pass
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=wait, daemon=True).start()


def _ended(code: int | None) -> str:
    if code is None or code >= 0:
        return f"ended with code {code}"
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
    return f"was ended by {name}"
