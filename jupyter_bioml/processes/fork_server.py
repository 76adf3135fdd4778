"""A process with one thread that has imported a lot, and forks a child for each connection to its socket.

The child reads the request and becomes it; the server knows only which child belongs to which connection. It tells the
asker how the child ended, and the child when the asker has gone.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import time
from collections.abc import Callable

from .forking import unfit
from .request import same_user, say


class ForkServer:
    """Serves the connections to ``listener``.

    :param lifeline: a descriptor that ends with the process that started the server; the server ends then.
    :param over: asked between two events and at least every ``look`` seconds, with the seconds since the last child
        ended (None: one runs); True ends the server.
    :param refusal: why nothing is forked; by default that is found out for each.
    """

    def __init__(
        self,
        listener: socket.socket,
        *,
        lifeline: int | None = None,
        over: Callable[[float | None], bool] = lambda idle: False,
        look: float | None = None,
        refusal: str | None = None,
    ) -> None:
        listener.setblocking(False)
        self._listener = listener
        self._lifeline = lifeline
        self._over = over
        self._look = look
        self._refusal = refusal
        self._askers: dict[int, socket.socket] = {}
        self._idle_since = time.monotonic()

    def serve(self) -> socket.socket | None:
        """Until it is over (None), or in a child: its connection."""
        wakeup, ring = socket.socketpair()
        wakeup.setblocking(False)
        ring.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        before = signal.set_wakeup_fd(ring.fileno(), warn_on_full_buffer=False)
        try:
            while True:
                ready = self._wait(wakeup)
                with contextlib.suppress(BlockingIOError):
                    wakeup.recv(4096)
                self._bury()
                if self._lifeline in ready:
                    return None
                if self._listener.fileno() in ready and (asker := self._fork()) is not None:
                    return asker
                self._hang_up(ready)
                idle = None if self._askers else time.monotonic() - self._idle_since
                if self._over(idle):
                    return None
        finally:
            signal.set_wakeup_fd(before)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            wakeup.close()
            ring.close()

    def _wait(self, wakeup: socket.socket) -> set[int]:
        """The descriptors on which something happened."""
        poll = select.poll()
        for watched in (
            self._listener.fileno(),
            wakeup.fileno(),
            *([] if self._lifeline is None else [self._lifeline]),
        ):
            poll.register(watched, select.POLLIN)
        for asker in self._askers.values():
            if asker.fileno() >= 0:
                poll.register(asker, select.POLLRDHUP)
        return {fd for fd, _ in poll.poll(None if self._look is None else self._look * 1000)}

    def _fork(self) -> socket.socket | None:
        """Accept one connection and fork for it. In the child: the connection."""
        try:
            asker, _ = self._listener.accept()
        except OSError:
            return None
        reason = (self._refusal or unfit()) if same_user(asker) else "another user asks"
        if reason is None:
            try:
                pid = os.fork()
            except OSError as error:
                reason = f"it cannot be forked ({error.strerror})"
        if reason is not None:
            say(asker, {"refused": reason})
            asker.close()
            return None
        if pid == 0:
            return asker
        self._askers[pid] = asker
        return None

    def _hang_up(self, ready: set[int]) -> None:
        """Whose asker has gone gets the signal of a closed terminal. A child that is to live on ignores it."""
        for pid, asker in self._askers.items():
            if asker.fileno() in ready:
                asker.close()
                os.kill(pid, signal.SIGHUP)

    def _bury(self) -> None:
        """Wait for those that have ended, and say how."""
        for pid in list(self._askers):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                asker = self._askers.pop(pid)
                if asker.fileno() >= 0:
                    say(asker, {"ended": os.waitstatus_to_exitcode(status)})
                    asker.close()
                self._idle_since = time.monotonic()
