"""The caller's end of :mod:`.template`: kernels that are forked instead of started."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

from .template import AT_IMPORT

#: Seconds that the template's imports may take, and that one fork may take.
READY_LIMIT, FORK_LIMIT = 120.0, 10.0


class NotForked(Exception):
    """The template cannot or will not fork; the message says why. A kernel started in the usual way always can."""


class ForkedKernel:
    """A kernel's process as :class:`subprocess.Popen` would show it; its real parent is the template."""

    stdin = stdout = stderr = None

    def __init__(self, owner: TemplateProcess, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._owner = owner

    def poll(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        if self.returncode is None:
            self.returncode = self._owner.exit_code(self.pid)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end.

        :raises subprocess.TimeoutExpired: after ``timeout`` seconds.
        """
        end = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if end is not None and time.monotonic() > end:
                raise subprocess.TimeoutExpired("kernel", timeout or 0.0)
            time.sleep(0.02)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal; nothing happens when it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


class TemplateProcess:
    """One template process, started with its modules. Use as a context manager.

    :param python: its interpreter, and with it that of its kernels.
    :param modules: what it imports.
    """

    def __init__(self, python: str, modules: Sequence[str]) -> None:
        self.python, self.modules = python, tuple(modules)
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                # without -P: its kernels would inherit the flag, and IPython then leaves out the notebook's folder
                [python, "-m", "jupyter_bioml.headless.template", str(theirs.fileno()), *modules],
                pass_fds=[theirs.fileno()],
                cwd="/",
                env={**os.environ, **AT_IMPORT},
                stdin=subprocess.DEVNULL,
                stdout=sys.stderr,
                start_new_session=True,
            )
        self._channel = ours
        self._rest = b""
        self._answers: deque[dict[str, Any]] = deque()
        self._ended: dict[int, int] = {}
        self._ready = False
        self._refusal: str | None = None

    def __enter__(self) -> TemplateProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def fork(self, argv: Sequence[str], env: Mapping[str, str], cwd: str) -> ForkedKernel:
        """A kernel with the arguments ``argv``, exactly the environment ``env``, in the folder ``cwd``.

        :raises NotForked: when the template cannot; nothing was started then.
        """
        if self._refusal is not None:
            raise NotForked(self._refusal)
        if not self._ready:
            self._expect("ready", READY_LIMIT)
            self._ready = True
        request = json.dumps({"argv": list(argv), "env": dict(env), "cwd": cwd})
        try:
            self._channel.sendall(request.encode() + b"\n")
        except OSError as error:
            raise NotForked(f"the template has ended ({error.strerror})") from None
        return ForkedKernel(self, int(self._expect("forked", FORK_LIMIT)))

    def exit_code(self, pid: int) -> int | None:
        """The exit code of a kernel of this template; None while it runs. −9 when the template itself died with it."""
        if pid not in self._ended:
            self._read(0.0)
        if pid not in self._ended and self._process.poll() is not None and not _runs(pid):
            self._ended[pid] = -int(signal.SIGKILL)
        return self._ended.get(pid)

    def _expect(self, word: str, seconds: float) -> Any:
        end = time.monotonic() + seconds
        while not self._answers:
            left = end - time.monotonic()
            if left <= 0:
                self.close()
                raise NotForked(f"the template gave no answer in {seconds:.0f} s")
            if not self._read(left):
                raise NotForked(f"the template ended (exit code {self._process.wait()})")
        answer = self._answers.popleft()
        if word not in answer:
            self._refusal = str(answer.get("refused", answer))
            raise NotForked(self._refusal)
        return answer[word]

    def _read(self, seconds: float) -> bool:
        """Take what the template has said, waiting at most so long; False when it has ended."""
        with selectors.DefaultSelector() as selector:
            try:
                selector.register(self._channel, selectors.EVENT_READ)
            except ValueError:
                return False
            if not selector.select(seconds):
                return True
        try:
            chunk = self._channel.recv(2**16)
        except OSError:
            return False
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            answer = json.loads(line)
            if "ended" in answer:
                self._ended[answer["ended"]] = answer["status"]
            else:
                self._answers.append(answer)
        return bool(chunk)

    def close(self) -> None:
        """End the template; kernels of it that still run end themselves when they miss it."""
        with contextlib.suppress(OSError):
            self._channel.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _runs(pid: int) -> bool:
    """False for a process that has ended, even if nobody has waited for it yet."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
