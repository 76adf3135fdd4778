"""The asker's end of a fork server: a process as :class:`subprocess.Popen` would show it."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from typing import Any

from .request import Request, hear, send_request

#: Seconds in which the server says how a process ended that could not say so itself.
_LAST_WORD = 5.0


class Forked:
    """A process that was asked for. Its parent is the server; :meth:`poll` and :meth:`wait` are told by that one.

    :param channel: a connection to the server, which this object owns.
    :param patience: seconds for which it is worth to wait that it begins.
    :param distrust: marks the server as one that does not answer.
    """

    stdin = stdout = stderr = None

    def __init__(
        self,
        channel: socket.socket,
        request: Request,
        streams: Sequence[int],
        patience: float = 0.0,
        distrust: Callable[[], None] = lambda: None,
    ) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # refused already: the answer says why
            send_request(channel, request, streams)
        channel.setblocking(False)
        self.patience, self.distrust = patience, distrust
        self.given_up = False
        """Nothing was heard in the time that :meth:`wait_begun` was given."""
        self.pid = 0
        self.returncode: int | None = None
        self.refusal = ""
        """Why there is no process, once :attr:`begun` is False."""
        self._channel: socket.socket | None = channel
        self._process = -1
        self._gone_at: float | None = None

    def __del__(self) -> None:
        self.close()

    @property
    def begun(self) -> bool | None:
        """False: there is no process, and nothing was done. None: the server has not said yet."""
        self._listen(0.0)
        return self._begun

    @property
    def _begun(self) -> bool | None:
        if self._process >= 0 or self.returncode is not None:
            return True
        return None if self._channel is not None and not self.refusal else False

    def wait_begun(self, seconds: float) -> bool:
        """Whether it begins within so many seconds; if not, it is given up, and nothing was done.

        One that does not end with its caller may still begin later: what is started in its place has to bear that.
        """
        until = time.monotonic() + seconds
        while self._begun is None and (left := until - time.monotonic()) > 0:
            self._listen(left)
        if self._begun is None and self._channel is not None:
            self._channel.shutdown(socket.SHUT_RDWR)  # from here on it cannot say that it begins, so it does not
            self.refusal = silence = f"no answer in {seconds:.0f} s"
            self._listen(0.0)
            if self._process >= 0:
                self.refusal = ""
            self.given_up = self.refusal == silence
        return bool(self._begun)

    def poll(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs. −9 where nobody is left to say."""
        if self.begun is False:
            self.returncode = -signal.SIGKILL
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end.

        :raises subprocess.TimeoutExpired: after ``timeout`` seconds.
        """
        until = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            left = None if until is None else until - time.monotonic()
            if left is not None and left <= 0:
                raise subprocess.TimeoutExpired("a forked process", timeout or 0.0)
            self._listen(left)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal; nothing happens when it has ended."""
        if self.poll() is None:
            self.pass_on(number)

    def pass_on(self, number: int) -> None:
        """Send a signal from within a signal's handler: nothing is read meanwhile."""
        with contextlib.suppress(OSError):
            signal.pidfd_send_signal(self._process, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def close(self) -> None:
        """Let go of it: one that is held ends, the others go on."""
        channel, self._channel = self._channel, None
        if channel is not None:
            channel.close()
        process, self._process = self._process, -1
        if process >= 0:
            os.close(process)

    def _listen(self, seconds: float | None) -> None:
        """Take what the server or the child has said, waiting at most so long (None: for ever) for the first word."""
        if self._channel is None:
            return self._watch(seconds)
        poll = select.poll()
        poll.register(self._channel, select.POLLIN)
        if self._gone_at is not None:
            left = self._gone_at + _LAST_WORD - time.monotonic()
            seconds = left if seconds is None else min(left, seconds)
        elif self._process >= 0:
            poll.register(self._process, select.POLLIN)
        ready = {fd for fd, _ in poll.poll(None if seconds is None else max(0.0, seconds) * 1000)}
        while self._channel is not None and self.returncode is None:
            try:
                heard = hear(self._channel)
            except BlockingIOError:
                return self._note_end(self._process in ready)
            if heard is not None:
                self._take(*heard)
                continue
            self._channel.close()
            self._channel = None
            self._nobody_answers()
        return None

    def _take(self, answer: dict[str, Any], descriptors: list[int]) -> None:
        if "begun" in answer and descriptors:
            self.pid, self._process = int(answer["begun"]), descriptors[0]
        elif "refused" in answer:
            self.refusal = str(answer["refused"])
        elif "ended" in answer and self.pid:
            self.returncode = int(answer["ended"])

    def _watch(self, seconds: float | None) -> None:
        """The server has gone: only the system knows whether the process runs."""
        if self._process < 0:
            return self._nobody_answers()
        poll = select.poll()
        poll.register(self._process, select.POLLIN)
        if poll.poll(None if seconds is None else max(0.0, seconds) * 1000):
            self.returncode = -signal.SIGKILL
        return None

    def _note_end(self, gone: bool) -> None:
        """The process has ended (``gone``: as was seen now), and nothing was said of it yet: the server may hang."""
        if gone:
            self._gone_at = time.monotonic()
        elif self._gone_at is not None and time.monotonic() >= self._gone_at + _LAST_WORD:
            self.returncode = -signal.SIGKILL

    def _nobody_answers(self) -> None:
        if self._process < 0 and not self.pid:
            self.refusal = self.refusal or "the process that forks has ended"


def connected(address: str) -> socket.socket:
    """A connection to the server that listens at ``address``.

    :raises OSError: there is none, or too many wait for it.
    """
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        channel.setblocking(False)
        channel.connect(address)
        channel.setblocking(True)
    except OSError:
        channel.close()
        raise
    return channel
