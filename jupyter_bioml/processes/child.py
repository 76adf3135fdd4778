"""What a forked process does to be as one that was started: environment, folder, streams, generators, threads."""

from __future__ import annotations

import contextlib
import io
import os
import runpy
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .request import Request, hear, interpreter, say


def take_on(request: Request, streams: Sequence[int], set_by_imports: Mapping[str, str]) -> None:
    """Take the request's environment, folder and streams, with generators freshly seeded from the system.

    :param streams: the descriptors that become 0, 1 and 2; every other one is closed, but what :func:`spare` keeps.
    :param set_by_imports: variables that the imported modules set, as they would have in a fresh process.
    :raises OSError: it cannot have what the request asks for.
    """
    request.inherited.take()
    os.environ.clear()
    os.environ.update({**set_by_imports, **request.environment})
    time.tzset()
    os.chdir(request.folder)
    for number, fd in enumerate(streams):
        os.dup2(fd, number)
    sys.executable = request.executable or sys.executable
    tempfile = sys.modules.get("tempfile")
    if tempfile is not None:
        known: Any = tempfile
        known.tempdir = known._name_sequence = None  # the environment says where, and no name is used twice
    reseed()
    restore_threads()
    sys.modules.pop("__mp_main__", None)  # multiprocessing's second name for the module that this process ran


def close_all_but(*kept: int) -> None:
    """Close every descriptor but the standard streams and those named."""
    for name in os.listdir("/proc/self/fd"):
        if int(name) > 2 and int(name) not in kept:
            with contextlib.suppress(OSError):
                os.close(int(name))


def reseed() -> None:
    """Reseed every library's generator from the system, as in a fresh process."""
    import random

    random.seed()
    seeds: dict[str, Callable[[Any], Any]] = {
        "numpy.random": lambda module: module.seed(),
        "torch": lambda module: module.manual_seed(int.from_bytes(os.urandom(8), "little") >> 1),
    }
    for name, seed in seeds.items():
        if (module := sys.modules.get(name)) is not None:
            seed(module)


def restore_threads() -> None:
    """As many threads for linear algebra as a fresh process would have."""
    if "numpy" not in sys.modules:
        return
    from threadpoolctl import ThreadpoolController

    wanted = os.environ.get("OPENBLAS_NUM_THREADS") or os.environ.get("OMP_NUM_THREADS") or ""
    count = int(wanted) if wanted.isdecimal() and int(wanted) else len(os.sched_getaffinity(0))
    ThreadpoolController().select(internal_api="openblas").limit(limits=count)


def run_module(
    channel: socket.socket, request: Request, streams: Sequence[int], set_by_imports: Mapping[str, str]
) -> None:
    """Run the module that ``request`` names as ``python -P -m`` would, say how it ended, and end this process."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        os.setsid()
        if request.interpreter is not None and request.interpreter != interpreter():
            raise OSError("the caller runs with other options or looks for modules elsewhere")
        take_on(request, streams, set_by_imports)
        close_all_but(channel.fileno())
        for number, name in enumerate(("stdin", "stdout", "stderr")):
            _reopen(number, name)
        sys.argv = [request.module, *request.arguments]
    except Exception as error:
        say(channel, {"refused": f"{type(error).__name__}: {error}"})
        os._exit(1)
    if not _begun(channel, request.held):
        os._exit(1)
    code = _run(request.module)
    say(channel, {"ended": code})
    os._exit(code)


def say_begun(channel: socket.socket) -> bool:
    """Say that this process begins, and give a descriptor of it; False when nobody hears it."""
    itself = os.pidfd_open(os.getpid())
    try:
        return say(channel, {"begun": os.getpid()}, [itself])
    finally:
        os.close(itself)


def _begun(channel: socket.socket, held: bool) -> bool:
    """False when it must not begin, because the caller does not wait for it any more."""
    heard = say_begun(channel)
    if not held:
        return True  # it ignores SIGHUP, as the server does
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    channel.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        heard = heard and hear(channel) is not None  # the end that came before it could be a signal
    channel.setblocking(True)
    return heard


def _run(module: str) -> int:
    """Run it to its end, with what Python does at the end of a process; its exit code."""
    code: Any = 0
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        code = end.code
    except KeyboardInterrupt:
        code = 128 + signal.SIGINT
    except BaseException:
        traceback.print_exc()
        code = 1
    if code is not None and not isinstance(code, int):
        sys.stderr.write(f"{code}\n")
        code = 1
    with contextlib.suppress(Exception):
        _wait_for_threads()
    with contextlib.suppress(Exception):
        _at_exit()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    return (code or 0) & 0xFF


def _wait_for_threads() -> None:
    """For those that keep a process alive, as Python does at its end: by a function without a public name."""
    ends: Any = threading
    ends._shutdown()


def _at_exit() -> None:
    import atexit

    atexit._run_exitfuncs()


def _reopen(number: int, name: str) -> None:
    """A stream object as Python makes it at the start, now that another file has the number."""
    before = getattr(sys, name)
    mode = "r" if name == "stdin" else "w"
    at_once = before.write_through  # PYTHONUNBUFFERED
    binary: Any = open(number, f"{mode}b", buffering=0 if at_once else -1, closefd=False)  # noqa: SIM115 (stays open)
    (binary if at_once else binary.raw).name = f"<{name}>"
    stream = io.TextIOWrapper(
        binary,
        encoding=before.encoding,
        errors=before.errors,
        newline=None if name == "stdin" else "\n",
        line_buffering=not at_once and (name == "stderr" or os.isatty(number)),
        write_through=at_once,
    )
    setattr(sys, name, stream)
    setattr(sys, f"__{name}__", stream)
