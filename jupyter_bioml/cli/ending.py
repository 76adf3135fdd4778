"""SIGTERM and a closed terminal end a command as Ctrl-C does: what was done is kept and reported, and nothing lives on.

A scheduler, ``docker stop`` and ``systemctl stop`` send SIGTERM; a terminal that is closed sends SIGHUP, once or more.
"""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType, TracebackType
from typing import Any

#: After so many signals the process ends without another word: the first one asks, the second one kills what runs.
PATIENCE = 3


class Ending:
    """While it is entered, SIGTERM and SIGHUP do what SIGINT does at that moment. Signals that are ignored stay so."""

    def __init__(self) -> None:
        self._number: int | None = None
        self._count = 0
        self._before: dict[signal.Signals, Any] = {}
        self._terminals: list[int] = []

    def __enter__(self) -> Ending:
        if threading.current_thread() is threading.main_thread():
            self._terminals = [fd for fd in (1, 2) if os.isatty(fd)]
            for number in (signal.SIGTERM, signal.SIGHUP):
                if signal.getsignal(number) == signal.SIG_DFL:
                    self._before[number] = signal.signal(number, self._end)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def code(self, code: int) -> int:
        """The exit code: that of a process that a signal ended (143, 129) where one did."""
        return code if self._number is None else 128 + self._number

    def _end(self, number: int, frame: FrameType | None) -> None:
        if number == signal.SIGHUP:
            if self._number is not None:
                return  # the terminal and the shell tell of one and the same end
            self._leave_the_terminal()
        self._number = number
        self._count += 1
        if self._count >= PATIENCE:
            os._exit(self.code(0))
        as_interrupt = signal.getsignal(signal.SIGINT)
        if not callable(as_interrupt):  # ignored, as in a background job: this signal is not
            raise KeyboardInterrupt
        as_interrupt(number, frame)

    def _leave_the_terminal(self) -> None:
        """Nobody reads it any more, and writing to it would fail."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for fd in self._terminals:
            os.dup2(nowhere, fd)
        os.close(nowhere)
