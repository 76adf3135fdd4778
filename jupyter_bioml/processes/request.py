"""What a fork server is asked for, and how that is sent: a file in memory, and descriptors.

The socket keeps the boundaries of messages. The request is one byte with the descriptors of a file in memory and of the
three standard streams; the child that becomes it reads the file, so that the server itself never holds the environment
of the caller. Answers are JSON: ``begun`` (with a descriptor of the process), ``refused`` (a reason; nothing was
done), ``ended`` (an exit code, negative for a signal).
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import socket
import struct
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

#: Seconds in which a request is there, as it is sent right after the connection is made.
PATIENCE = 10.0
#: Bytes of the longest answer.
_ANSWER = 65_536
_LIMITS = [name for name in dir(resource) if name.startswith("RLIMIT_")]
_IGNORABLE = (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT)


@dataclass(frozen=True)
class Inherited:
    """What a started process would have from its parent, besides environment, folder and streams."""

    umask: int
    niceness: int
    cores: list[int]
    limits: dict[str, list[int]]
    out_of_memory: int
    """How readily the system ends it when memory is short."""
    ignored: list[int]
    """Signals that are ignored."""

    @classmethod
    def here(cls) -> Inherited:
        """That of this process."""
        with open("/proc/self/status", encoding="utf-8") as file:
            umask = next(line.split()[1] for line in file if line.startswith("Umask:"))
        with open("/proc/self/oom_score_adj", encoding="utf-8") as file:
            out_of_memory = int(file.read())
        return cls(
            int(umask, 8),
            os.getpriority(os.PRIO_PROCESS, 0),
            sorted(os.sched_getaffinity(0)),
            {name: list(resource.getrlimit(getattr(resource, name))) for name in _LIMITS},
            out_of_memory,
            [int(number) for number in _IGNORABLE if signal.getsignal(number) == signal.SIG_IGN],
        )

    def take(self) -> None:
        """Make them this process's.

        :raises OSError: one of them cannot be raised again by an ordinary process.
        """
        os.umask(self.umask)
        os.sched_setaffinity(0, self.cores)
        for name, (soft, hard) in self.limits.items():
            with contextlib.suppress(ValueError):  # a limit of another system, or one that is not to be raised
                resource.setrlimit(getattr(resource, name), (soft, hard))
            if list(resource.getrlimit(getattr(resource, name))) != [soft, hard]:
                raise PermissionError(1, f"{name} cannot be raised")
        if os.getpriority(os.PRIO_PROCESS, 0) != self.niceness:
            os.setpriority(os.PRIO_PROCESS, 0, self.niceness)
        with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="utf-8") as file:
            file.write(str(self.out_of_memory))
        for number in self.ignored:
            signal.signal(number, signal.SIG_IGN)


@dataclass(frozen=True)
class Request:
    """One process."""

    arguments: Sequence[str]
    """Those of the program."""
    environment: Mapping[str, str]
    """All of it."""
    folder: str
    module: str = ""
    """It is run as ``python -P -m`` would; empty where the server knows what it forks."""
    held: bool = False
    """It ends with the caller: then it gets the signal that a closed terminal would send."""
    interpreter: list[Any] | None = None
    """What :func:`interpreter` says of the caller, where it must be the same."""
    executable: str = ""
    """The name by which the caller knows the interpreter."""
    inherited: Inherited = field(default_factory=Inherited.here)


def interpreter() -> list[Any]:
    """What the started interpreter is told on its command line, and where it looks for modules.

    The program's own folder is not counted, which ``-P`` leaves out.
    """
    path = sys.path if sys.flags.safe_path else sys.path[1:]
    flags = [getattr(sys.flags, name) for name in dir(sys.flags) if name in _FLAGS]
    return [flags, list(sys.warnoptions), sorted(sys._xoptions.items()), [os.path.abspath(name) for name in path]]


_FLAGS = {
    "debug", "inspect", "interactive", "optimize", "dont_write_bytecode", "no_user_site", "no_site",
    "ignore_environment", "verbose", "bytes_warning", "quiet", "hash_randomization", "isolated", "dev_mode",
    "utf8_mode", "warn_default_encoding", "int_max_str_digits", "gil", "context_aware_warnings",
}  # fmt: skip


def send_request(channel: socket.socket, request: Request, streams: Sequence[int]) -> None:
    """Send it, with standard input, output and error."""
    memory = os.memfd_create("bioml-request", os.MFD_CLOEXEC)
    try:
        with os.fdopen(os.dup(memory), "wb") as file:
            file.write(json.dumps(asdict(request)).encode())
        socket.send_fds(channel, [b"1"], [memory, *streams])
    finally:
        os.close(memory)


def receive_request(channel: socket.socket, seconds: float) -> tuple[Request, list[int]] | None:
    """The request and its three streams; None when the caller has gone.

    :raises OSError: none came in so many seconds.
    """
    channel.settimeout(seconds)
    message, descriptors, _, _ = socket.recv_fds(channel, 1, 4, socket.MSG_CMSG_CLOEXEC)
    channel.settimeout(None)
    if not message or len(descriptors) != 4:
        return None
    memory, *streams = descriptors
    with os.fdopen(memory, "rb") as file:
        file.seek(0)
        document = json.load(file)
    return Request(**{**document, "inherited": Inherited(**document["inherited"])}), streams


def say(channel: socket.socket, answer: Mapping[str, Any], descriptors: Sequence[int] = ()) -> bool:
    """Send an answer; False when the other end is closed."""
    try:
        socket.send_fds(channel, [json.dumps(answer).encode()], list(descriptors), socket.MSG_NOSIGNAL)
    except OSError:
        return False
    return True


def hear(channel: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """The next answer and its descriptors; None at the end.

    :raises BlockingIOError: there is none yet, on a channel that does not wait.
    """
    for _ in range(2):
        try:
            message, descriptors, _, _ = socket.recv_fds(channel, _ANSWER, 1, socket.MSG_CMSG_CLOEXEC)
            break
        except BlockingIOError:
            raise
        except ConnectionResetError:
            continue  # it was closed before it read the request; its answer, if any, comes after this error
        except OSError:
            return None
    else:
        return None
    return (json.loads(message), descriptors) if message else None


def same_user(channel: socket.socket) -> bool:
    """Whether the process at the other end is this user's."""
    size = struct.calcsize("3i")
    _, user, _ = struct.unpack("3i", channel.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    return bool(user == os.geteuid())
