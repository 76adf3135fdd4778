"""One command in a process of its own: its progress line by line, its answer, its end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from ..host.readings import Descendants
from ..text.present import printable, shorten
from ..views.shapes import ErrorBody
from .job_shapes import Job, JobRequest

#: Lines of progress that are kept, and columns of one.
LINES, COLUMNS = 50, 500
#: Bytes of an answer that is read; a longer one is not accepted.
ANSWER_LIMIT = 64 * 2**20
#: Seconds between asking a job to stop, telling it, and killing it.
GRACE = 5.0
_CANCELLED = ErrorBody("cancelled", "The job was stopped; everything done so far is kept.", "")


class JobProcess:
    """A job; made by the event loop's thread, which is also the only one that changes it.

    :param arguments: of ``python -P -m jupyter_bioml.cli``; ``--json`` is added.
    :param cwd: the project's root.
    """

    def __init__(self, request: JobRequest, arguments: Sequence[str], cwd: Path) -> None:
        self.id = os.urandom(8).hex()
        self.request = request
        self.cwd = cwd
        self.started = time.time()
        self.ended: float | None = None
        # -P: no module in the project's folder may stand in for one of this package
        self._command = [sys.executable, "-P", "-m", "jupyter_bioml.cli", *arguments, "--json"]
        self._lines: deque[str] = deque(maxlen=LINES)
        self._state: Literal["running", "done", "failed", "cancelled"] = "running"
        self._result: dict[str, Any] | None = None
        self._error: ErrorBody | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._cancelled = False

    @property
    def running(self) -> bool:
        """It has not ended; also while it is being stopped."""
        return self._state == "running"

    def shown(self) -> Job:
        """The job as it is now."""
        return Job(
            self.id, self.request.kind, self.request.run, self._state, tuple(self._lines), self._result, self._error,
            self.started, self.ended,
        )  # fmt: skip

    async def run(self, env: Mapping[str, str]) -> None:
        """From its start to its end. Never raises."""
        try:
            answer, code = await self._communicate(env)
        except (OSError, ValueError) as error:
            self._end("failed", error=ErrorBody("job", f"The job could not be run: {error}.", "Try again."))
            return
        if not self.running:
            return
        if self._cancelled:
            self._end("cancelled", error=_CANCELLED)
            return
        document = _document(answer)
        if document is None or set(document) == {"code", "message", "next"}:
            self._end("failed", error=ErrorBody(**document) if document else self._broken(code))
        else:
            self._end("done", result=document)

    async def _communicate(self, env: Mapping[str, str]) -> tuple[bytes, int]:
        self._process = process = await asyncio.create_subprocess_exec(
            *self._command, cwd=self.cwd, env=dict(env), start_new_session=True, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        if self._cancelled:
            self._signal(signal.SIGKILL)
        assert process.stdout is not None and process.stderr is not None
        answer, _ = await asyncio.gather(_read(process.stdout), self._follow(process.stderr))
        return answer, await process.wait()

    async def _follow(self, stream: asyncio.StreamReader) -> None:
        rest = b""
        while chunk := await stream.read(2**16):
            *whole, rest = (rest + chunk).split(b"\n")
            rest = rest[-(2**16) :]
            for line in whole:
                self._say(line)
        self._say(rest)

    def _say(self, line: bytes) -> None:
        text = printable(line.decode("utf-8", "replace").rstrip())
        if text:
            self._lines.append(shorten(text, COLUMNS))

    def _broken(self, code: int) -> ErrorBody:
        last = f" Its last line: {self._lines[-1]}" if self._lines else ""
        return ErrorBody("job", f"The job ended with exit code {code} and without an answer.{last}", "Try again.")

    def _end(
        self, state: Literal["done", "failed", "cancelled"], *, result: Any = None, error: ErrorBody | None = None
    ) -> None:
        self._state, self._result, self._error, self.ended = state, result, error, time.time()

    # -- stopping --------------------------------------------------------------------------------

    async def cancel(self) -> None:
        """Stop it and every process it started: first like ``Ctrl-C``, finally by force."""
        self._cancelled = self._cancelled or self.running
        family = Descendants(self._process.pid) if self._process is not None else None
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            if not self.running:
                break
            self._signal(number)
            await self._wait(GRACE)
        if family is not None:
            family.kill()  # kernels have sessions of their own
        await self._wait(GRACE)  # its streams end with the last process that holds them
        if self.running:
            self._end("cancelled", error=_CANCELLED)

    async def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while self.running and time.monotonic() < end:
            await asyncio.sleep(0.05)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(OSError):
                os.killpg(self._process.pid, number)


async def _read(stream: asyncio.StreamReader) -> bytes:
    parts, size = [], 0
    while chunk := await stream.read(2**16):
        size += len(chunk)
        if size <= ANSWER_LIMIT:
            parts.append(chunk)
    return b"".join(parts) if size <= ANSWER_LIMIT else b""


def _document(answer: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(answer)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
