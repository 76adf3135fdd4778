"""The gates of other packages, asked in a process of their own: any end other than an answer is not decidable."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType

from ..config import Destination
from ..host.readings import Descendants
from ..text.present import printable
from .facts import Facts
from .gate import GateResult, undecided
from .gate_request import (
    END,
    GateRequest,
    GateSubject,
    answer_file,
    hand_over,
    read_answer,
    ready_file,
    request_file,
    subject_file,
)
from .policy import GateRule

HOST = "jupyter_bioml.promote.gate_host"
#: Seconds between two looks for an answer, and those that the process has to start and to end in order.
_PAUSE, _START, _FAREWELL = 0.02, 60.0, 2.0
#: Bytes of its output that are kept: the last ones.
_LAST_WORDS = 300
#: Seconds that a killed process has to end.
_GONE = 10.0
_FIX = "Fix the gate, or the data it reads."


class GatesApart:
    """The process of one promotion's own gates: made when the first is asked, made again after one was lost.

    A context manager: at its end the process is gone, with everything it started in its session.
    """

    def __init__(self, facts: Facts, target: Destination) -> None:
        self._facts = facts
        self._target = target
        self._process: subprocess.Popen[bytes] | None = None
        self._words = b""
        self._asked = 0
        self._temporary = contextlib.ExitStack()
        self._folder: Path | None = None

    def __enter__(self) -> GatesApart:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with self._temporary:
            self._end(in_order=error is None)

    def ask(self, rule: GateRule) -> GateResult:
        """The answer of a gate, within its time limit."""
        folder, process = self._started()
        self._asked += 1
        place = str(rule.gate.place)
        request = GateRequest(rule.gate.name, place, rule.options, rule.seconds, self._facts.known())
        hand_over(request_file(folder, self._asked), request)
        answer = answer_file(folder, self._asked)
        lost = (
            self._waited(process, ready_file(folder), _START)
            or self._said(process, str(self._asked))
            or self._waited(process, answer, rule.seconds)
        )
        found = read_answer(answer) if lost is None else None
        if found is not None:
            return found
        self._end(in_order=False)
        words = f" Its last words: {printable(self._words.decode('utf-8', 'replace').strip())}" if self._words else ""
        return undecided(f"The gate {lost or 'gave an answer that cannot be read.'}{words}", _FIX)

    def _started(self) -> tuple[Path, subprocess.Popen[bytes]]:
        if self._folder is None:
            self._folder = Path(self._temporary.enter_context(tempfile.TemporaryDirectory(prefix="bioml-gates-")))
            facts = self._facts
            hand_over(
                subject_file(self._folder),
                GateSubject(
                    facts.project, self._target, facts.version, facts.alias, facts.holder, facts.actor, facts.now,
                    tuple(sys.path),
                ),
            )  # fmt: skip
        if self._process is None:
            self._words = b""
            ready_file(self._folder).unlink(missing_ok=True)
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", HOST, str(self._folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        return self._folder, self._process

    def _said(self, process: subprocess.Popen[bytes], line: str) -> str | None:
        """Tell the process something: less than a pipe holds, so this never waits. Returns why it was lost."""
        assert process.stdin is not None
        try:
            process.stdin.write(f"{line}\n".encode())
            process.stdin.flush()
        except OSError:  # it ended, or the gate before closed what it reads from and it may run on
            _kill(process)
            return "could not be asked: the gate before ended its process, or closed its input."
        return None

    def _waited(self, process: subprocess.Popen[bytes], file: Path, seconds: float) -> str | None:
        """Wait for a file of the process and keep its last words meanwhile; returns why it was lost.

        Nothing here waits for a stream to end: a child that the gate left behind may hold it open for ever.
        """
        until = time.monotonic() + seconds
        while not file.exists():
            self._listen(process, _PAUSE)
            if process.poll() is not None:
                self._listen(process, 0)
                return None if file.exists() else _ended(process.returncode)
            if time.monotonic() > until:
                return f"took longer than {seconds:g} s and was stopped (time_limit)."
        return None

    def _listen(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        assert process.stdout is not None
        if select.select([process.stdout], [], [], seconds)[0]:
            words = os.read(process.stdout.fileno(), 2**16)
            self._words = (self._words + words)[-_LAST_WORDS:]
            if not words:  # it closed its output
                time.sleep(seconds)

    def _end(self, *, in_order: bool) -> None:
        """End the process: in order, so that what it registered for its end is done; by force in any case."""
        process, self._process = self._process, None
        if process is None:
            return
        family = Descendants(process.pid)
        if in_order and self._said(process, END) is None:
            until = time.monotonic() + _FAREWELL
            while process.poll() is None and time.monotonic() < until:
                self._listen(process, _PAUSE)
        _kill(process)
        family.kill()
        for stream in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                assert stream is not None
                stream.close()


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):  # what waits for a dead mount may not end even so
        process.wait(_GONE)


def _ended(code: int) -> str:
    if code >= 0:
        return f"ended its process with exit code {code} and gave no answer."
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
    memory = " (there may have been too little memory)" if -code == signal.SIGKILL else ""
    return f"was ended by {name}{memory} and gave no answer."
