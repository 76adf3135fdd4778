"""Which resident process is ours: its name, and the folder of its socket.

A process that was forked instead of started must be what a fresh one would have been. So the name is a digest of all
that a fresh ``python -P -m …`` would depend on: interpreter, environment, installed packages, our own files. The caller
computes it; after an upgrade it is another name.
"""

from __future__ import annotations

import hashlib
import json
import os
import site
import socket
import stat
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib.machinery import PathFinder
from pathlib import Path

from ..config import state_folder

#: Nanoseconds since the epoch: this process, or the one that it was forked from, read its libraries after that.
BEGAN = time.time_ns()
PACKAGE = Path(__file__).parent.parent
#: Variables that the interpreter, or a library while it is imported, obeys; and the beginnings of the names of others.
#: The resident process has these and no others. A child gets the environment of the caller.
_AT_START = {
    "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "GLIBC_TUNABLES", "DO_NOT_TRACK",
    "MLFLOW_CONFIGURE_LOGGING", "MLFLOW_LOGGING_CONFIGURE_LOGGING", "MLFLOW_LOGGING_LEVEL", "MLFLOW_DISABLE_TELEMETRY",
}  # fmt: skip
_BEGINNINGS = (
    "PYTHON", "LD_", "DYLD_", "LC_", "MALLOC_", "NPY_", "NUMPY_", "PANDAS_", "SCIPY_", "PROTOCOL_BUFFERS_", "PYDANTIC_",
)  # fmt: skip
#: Parts of a name that may be a secret's: never one of those, whatever it begins with.
_SECRET = ("KEY", "TOKEN", "SECRET", "PASS", "CREDENTIAL", "AUTH")
#: Namespaces that a child would share with the resident process instead of with the caller.
_NAMESPACES = ("cgroup", "ipc", "mnt", "net", "pid", "user", "uts")
#: A memory limit of cgroups version 1 from here on is none, in bytes.
_UNLIMITED = 2**60


def clean_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The part of an environment that a resident process is started with."""
    obeyed = {
        name: value
        for name, value in environment.items()
        if name in _AT_START or (name.startswith(_BEGINNINGS) and not any(part in name.upper() for part in _SECRET))
    }
    return {"MLFLOW_DISABLE_TELEMETRY": "true", **obeyed}


class _Own:
    """In a fork of a resident process: that one's name. Its environment and limits are no longer those of a start."""

    name: str | None = None


def call_ours(name: str) -> None:
    """This process is a fork of the resident process of that name, and asks no other one."""
    _Own.name = name


def name_of_ours(environment: Mapping[str, str]) -> str | None:
    """The name of the resident process to ask for a process with ``environment``; None where there can be none.

    :raises OSError: files vanish meanwhile.
    """
    if _Own.name is not None:
        return _Own.name
    return computed(clean_environment(environment))


def is_fork() -> bool:
    """Whether this process was forked from a resident process."""
    return _Own.name is not None


def computed(environment: Mapping[str, str]) -> str | None:
    """The name of the resident process that has ``environment``; None where there can be none."""
    mlflow = PathFinder.find_spec("mlflow")  # in a kernel, others watch what is looked for in order to be imported
    if mlflow is None or mlflow.origin is None or not hasattr(os, "pidfd_open") or os.getuid() != os.geteuid():
        return None
    facts = [
        [os.path.realpath(sys.executable), sys.prefix, sys.exec_prefix, sys.base_prefix, sys.version],
        sorted(environment.items()),
        own_code(),
        [_stamp(path) for path in (mlflow.origin, os.path.join(os.path.dirname(mlflow.origin), "version.py"))],
        [_stamp(path) for path in (*site.getsitepackages(), site.getusersitepackages())],
        [socket.gethostname(), Path("/proc/sys/kernel/random/boot_id").read_text()],
        [os.readlink(f"/proc/self/ns/{name}") for name in _NAMESPACES],
        list(_limits()),
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:24]


def own_code() -> list[tuple[str, int, int, int]]:
    """A stamp for each module of this package."""
    return list(_stamps(PACKAGE))


def _stamps(folder: Path | str) -> Iterator[tuple[str, int, int, int]]:
    """A stamp for each module of a package, in an order of their own."""
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        if entry.name.endswith(".py"):
            yield _stamp(entry.path)
        elif entry.is_dir() and entry.name not in ("__pycache__", "labextension"):
            yield from _stamps(entry.path)


def _stamp(path: str) -> tuple[str, int, int, int]:
    """What changes with a file, or with what is installed in a folder."""
    try:
        there = os.stat(path)
    except OSError:
        return path, 0, 0, 0
    return path, there.st_mtime_ns, there.st_size if stat.S_ISREG(there.st_mode) else 0, there.st_ino


def _limits() -> Iterator[str]:
    """The control groups that limit this process's memory or processors: a job of a cluster lends nothing to others."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, group = line.split(":", 2)
        root = Path("/sys/fs/cgroup") / (controllers and controllers.split(",")[0])
        here = root / group.lstrip("/")
        while here.is_relative_to(root):
            if any(_limited(here / name) for name in ("memory.max", "cpu.max", "memory.limit_in_bytes")):
                yield str(here)
                break
            here = here.parent


def _limited(file: Path) -> bool:
    with suppress(OSError, ValueError):
        word = file.read_text().split()[0]
        return word != "max" and not (file.name == "memory.limit_in_bytes" and int(word) >= _UNLIMITED)
    return False


def folder() -> Path | None:
    """The folder of sockets, which only this user can enter; None where there is none.

    ``XDG_RUNTIME_DIR`` is ours where the system made it for us, else the user's state folder.
    """
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    places = [Path(runtime) / "bioml"] if runtime and _own(Path(runtime)) else []
    for place in (*places, state_folder() / "processes"):
        with suppress(OSError):
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            if _own(place) and os.access(place, os.W_OK | os.X_OK):
                return place
    return None


def _own(place: Path) -> bool:
    """Whether it is a folder of this user's that nobody else can enter."""
    try:
        there = place.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(there.st_mode) and there.st_uid == os.geteuid() and not there.st_mode & 0o077
