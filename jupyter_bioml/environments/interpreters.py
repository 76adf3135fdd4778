"""Finding an interpreter of a recorded Python version on this machine; none is ever downloaded."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ..host.distributions import installed
from .lock import EnvironmentNotBuildable, Lock

#: Seconds an interpreter gets to describe itself.
PATIENCE = 30.0
#: Lines of Python 3 that are looked for, where any of several would do.
OLDEST_MINOR, NEWEST_MINOR = 5, 15
_ASK = (
    "import json, platform, sys, sysconfig\n"
    "print(json.dumps([platform.python_implementation(), platform.python_version(), sys.executable,"
    " [path for path in sys.path if path], sysconfig.get_path('purelib'), sysconfig.get_path('platlib')]))"
)


@dataclass(frozen=True)
class Interpreter:
    """An interpreter that answered."""

    executable: str
    implementation: str
    version: str
    paths: tuple[str, ...]
    """Its ``sys.path``."""
    libraries: tuple[str, ...]
    """The folder for installed distributions."""

    @property
    def line(self) -> str:
        """``3.11``."""
        return ".".join(self.version.split(".")[:2])

    @property
    def name(self) -> str:
        """For people: ``Python 3.11.7``, ``PyPy 3.10.14``."""
        return f"{self.implementation} {self.version}" if self.implementation != "CPython" else f"Python {self.version}"

    def distributions(self) -> list[dict[str, object]]:
        """The distributions installed there now, in the form of ``environment.json``."""
        return installed(self.paths)


def ask(executable: str | Path) -> Interpreter | None:
    """An interpreter's description of itself; None if it is not one, or does not answer."""
    environment = {
        name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "__PYVENV_LAUNCHER__")
    }
    try:
        said = subprocess.run(
            [str(executable), "-c", _ASK], capture_output=True, text=True, timeout=PATIENCE, cwd="/", env=environment
        )
        implementation, version, real, paths, *libraries = json.loads(said.stdout.splitlines()[-1])
    except (OSError, ValueError, IndexError, subprocess.SubprocessError):
        return None
    return Interpreter(real or str(executable), implementation, version, tuple(paths), tuple(dict.fromkeys(libraries)))


def running() -> Interpreter:
    """This process's own interpreter.

    :raises EnvironmentNotBuildable: when it does not answer.
    """
    found = ask(sys.executable)
    if found is None:
        raise EnvironmentNotBuildable(f"{sys.executable} does not start.", package="Python", next="bioml doctor")
    return found


def find(lock: Lock) -> Interpreter:
    """An interpreter of the lock's implementation and ``major.minor``; of exactly its version, where there is one.

    Looked at: this process's own, the recorded one, ``pythonX.Y`` on the PATH, and what pyenv and uv installed.

    :raises EnvironmentNotBuildable: naming the version.
    """
    if not re.fullmatch(r"\d+\.\d+", lock.line):
        raise EnvironmentNotBuildable(
            f"The recorded Python version {lock.version[:40]!r} is not valid.", package="Python"
        )
    fitting = None
    for candidate in dict.fromkeys(_candidates(lock)):
        found = _ask_once(candidate)
        if found is None or (found.implementation, found.line) != (lock.implementation, lock.line):
            continue
        if found.version == lock.version:
            return found
        fitting = fitting or found
    if fitting is not None:
        return fitting
    kind = "Python" if lock.implementation == "CPython" else lock.implementation
    raise EnvironmentNotBuildable(
        f"The run was made on {kind} {lock.version}, and no {kind} {lock.line} was found on this machine.",
        package=f"{kind} {lock.version}",
        next=f"Install {kind} {lock.line} (as python{lock.line} on the PATH, by pyenv or by uv), or use --env current",
    )


def find_allowed(lock: Lock, allowed: Callable[[str], bool]) -> Interpreter | None:
    """An interpreter whose version is allowed: of the lock's line, else of the newest line; None where none is here."""
    lines = [lock.line, *(f"3.{minor}" for minor in range(NEWEST_MINOR, OLDEST_MINOR - 1, -1))]
    for line in dict.fromkeys(lines):
        one = Lock(lock.implementation, lock.version if line == lock.line else line, (), lock.executable)
        for candidate in dict.fromkeys(_candidates(one)):
            found = _ask_once(candidate)
            if found is not None and found.implementation == lock.implementation and allowed(found.version):
                return found
    return None


@lru_cache(maxsize=64)
def _ask_once(executable: str) -> Interpreter | None:
    return ask(executable)


def _candidates(lock: Lock) -> Iterator[str]:
    yield sys.executable
    if lock.executable and os.path.isabs(lock.executable) and os.access(lock.executable, os.X_OK):
        yield lock.executable
    name = f"pypy{lock.line}" if lock.implementation == "PyPy" else f"python{lock.line}"
    for folder in os.get_exec_path():
        if found := shutil.which(name, path=folder):
            yield found
    home = Path.home()
    data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    places = (
        Path(os.environ.get("PYENV_ROOT") or home / ".pyenv") / "versions",
        Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or data / "uv" / "python"),
    )
    for place in places:
        for found_at in sorted(place.glob(f"*{lock.line}.*/bin/{name}")):
            yield str(found_at)
