"""Our programs, each of them a fork of the resident process where that is possible, else a process of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import BinaryIO

from .asking import BEGIN_LIMIT, READY_LIMIT, ask
from .forked import Forked
from .identity import is_fork
from .launch import start_detached
from .request import Request, interpreter

#: Signals that a terminal or a scheduler sends to the process it started.
_PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Background:
    """``python -P -m module arguments``, detached from this process, which may end before it has begun.

    :raises OSError: when no process can be started.
    """

    def __init__(self, module: str, arguments: Sequence[str]) -> None:
        self._module, self._arguments = module, list(arguments)
        self._until = time.monotonic() + READY_LIMIT
        with _nowhere() as streams:
            self._forked = ask(Request(self._arguments, dict(os.environ), "/", module), streams, start=True)
        if self._forked is None:
            start_detached(module, self._arguments)

    def settled(self) -> bool:
        """False while the resident process imports. Where it will not fork, the program is started instead.

        :raises OSError: when no process can be started.
        """
        forked = self._forked
        if forked is None:
            return True
        if forked.begun is None and time.monotonic() < self._until:
            return False
        if not forked.wait_begun(0.0):
            start_detached(self._module, self._arguments)
        forked.close()
        self._forked = None
        return True


def start(module: str, arguments: Sequence[str]) -> None:
    """``python -P -m module arguments``, detached from this process.

    :raises OSError: when no process can be started.
    """
    Background(module, arguments).settled()


def run(
    module: str, arguments: Sequence[str], environment: Mapping[str, str], timeout: float | None = None
) -> int | None:
    """The exit code of ``python -P -m module arguments``, without streams; None: it takes longer, and goes on."""
    until = None if timeout is None else time.monotonic() + timeout
    with _nowhere() as streams:
        forked = ask(Request(list(arguments), dict(environment), os.getcwd(), module), streams, start=True)
    if forked is not None:
        with contextlib.closing(forked):
            try:
                code = forked.wait(timeout)
            except subprocess.TimeoutExpired:
                return None
            if forked.pid:
                return code
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", module, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env=dict(environment),
    )
    try:
        return child.wait(None if until is None else max(0.0, until - time.monotonic()))
    except subprocess.TimeoutExpired:
        child.returncode = 0  # it goes on by itself; nobody waits for it any more
        return None


@dataclass(frozen=True)
class Piped:
    """A program with pipes; it ends with this process."""

    process: Forked | subprocess.Popen[bytes]
    stdin: BinaryIO
    stdout: BinaryIO


def piped(
    module: str, arguments: Sequence[str], environment: Mapping[str, str], folder: str, *, python: str = sys.executable
) -> Piped:
    """``python -P -m module arguments`` with its standard input and output held by this process, errors nowhere.

    It is forked if a resident process of that interpreter is there; none is started for it.
    """
    reads, requests = os.pipe()
    answers, writes = os.pipe()
    with os.fdopen(reads, "rb") as stdin, os.fdopen(writes, "wb") as stdout, open(os.devnull, "wb") as errors:
        ours = os.fdopen(requests, "wb", buffering=0), os.fdopen(answers, "rb", buffering=0)
        streams = [stdin.fileno(), stdout.fileno(), errors.fileno()]
        return Piped(held(module, arguments, environment, folder, streams, python=python), *ours)


def held(
    module: str,
    arguments: Sequence[str],
    environment: Mapping[str, str],
    folder: str,
    streams: Sequence[int],
    *,
    python: str = sys.executable,
    fork: bool = True,
) -> Forked | subprocess.Popen[bytes]:
    """``python -P -m module arguments`` with these descriptors as its standard streams, in a session of its own.

    It is forked if a resident process of that interpreter is there, and then ends with this one; none is started for
    it.

    :param fork: False: it looks for modules elsewhere than this process, which a fork would not.
    """
    request = Request(list(arguments), dict(environment), folder, module, held=True)
    forked = ask(request, streams, start=False) if fork and _is_this(python) else None
    if forked is not None and forked.wait_begun(BEGIN_LIMIT):
        return forked
    stdin, stdout, errors = streams
    command = [python, "-P", "-m", module, *arguments]
    return subprocess.Popen(
        command, stdin=stdin, stdout=stdout, stderr=errors, env=dict(environment), cwd=folder, start_new_session=True
    )


def _is_this(python: str) -> bool:
    """Whether it is this process's interpreter: environments link to the same file, each from a folder of its own."""
    with contextlib.suppress(OSError):
        folders = os.path.dirname(python), os.path.dirname(sys.executable)
        return os.path.samefile(*folders) and os.path.samefile(python, sys.executable)
    return False


def hand_over(module: str, arguments: Sequence[str]) -> int | None:
    """Have a command run by a fork of a resident process that is ready, with this process's terminal and signals.

    It returns the exit code, or None when nothing was done and this process is to run it itself.
    """
    if is_fork():
        return None
    try:
        for number in range(3):
            os.fstat(number)
        request = Request(
            list(arguments),
            dict(os.environ),
            os.getcwd(),
            module,
            held=True,
            interpreter=interpreter(),
            executable=sys.executable,
        )
    except (OSError, StopIteration, ValueError):
        return None
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _PASSED_ON)  # until there is somebody to pass them on to
    try:
        forked = ask(request, (0, 1, 2), start=False)
        if forked is None or not forked.wait_begun(BEGIN_LIMIT):
            return None
        with contextlib.closing(forked), _passing_on(forked):
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            code = forked.wait()
            return code if code >= 0 else 128 - code
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def _passing_on(forked: Forked) -> Iterator[None]:
    def pass_on(number: int, frame: FrameType | None) -> None:
        forked.pass_on(number)

    handlers = {number: signal.signal(number, pass_on) for number in _PASSED_ON if _is_heard(number)}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _is_heard(number: signal.Signals) -> bool:
    return signal.getsignal(number) != signal.SIG_IGN


@contextlib.contextmanager
def _nowhere() -> Iterator[list[int]]:
    fd = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    try:
        yield [fd, fd, fd]
    finally:
        os.close(fd)
