"""Whether declared versions have wheels for a Python, and which Python would do: asked before anything is built.

An old version without a wheel would be compiled, which takes minutes, runs its setup and then mostly fails with words
that do not say why.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ...host.distributions import canonical_name
from ..installer import Installer, Say, call
from ..interpreters import NEWEST_MINOR, OLDEST_MINOR, Interpreter, find_allowed
from ..lock import EnvironmentNotBuildable, Lock
from .statement import Declaration


def check_wheels(
    chosen: Sequence[Declaration],
    lock: Lock,
    interpreter: Interpreter,
    installer: Installer,
    folder: Path,
    say: Say,
    until: float,
) -> None:
    """Refuse what has wheels, but none for this Python; what has none at all is left to the installer to build.

    :param folder: a folder to write in.
    :raises EnvironmentNotBuildable: naming the distribution, where it is declared, and the Python that would do.
    """
    asked = _Wheels(interpreter, installer, folder, until)
    left = [one for one in chosen if not one.address]
    while left and (name := asked.missing(left, interpreter.line)):
        found = next((one for one in left if one.name == name), None)
        if found is None:
            return
        say(f"looking for a Python that has wheels of {found.text}")
        for some in (left, [found])[: len(left)]:
            line = next((line for line in _lines(interpreter) if asked.missing(some, line) == ""), None)
            if line is not None:
                raise _refusal(found, lock, interpreter, line, alone=some is not left)
        left.remove(found)


def _refusal(
    found: Declaration, lock: Lock, interpreter: Interpreter, line: str, *, alone: bool
) -> EnvironmentNotBuildable:
    here = find_allowed(lock, lambda version: version.startswith(f"{line}."))
    get = (
        f"Python {line} is on this machine: declare it"
        if here
        else (f"Install Python {line} (as python{line} on the PATH, by pyenv or by uv) and declare it")
    )
    would = f"Python {line} would do for it, but not for everything declared" if alone else f"Python {line} would do"
    return EnvironmentNotBuildable(
        f"{found.text} ({found.place}) has no wheel for Python {interpreter.line} on this platform. {would}: it has"
        " wheels on the index. Nothing was built.",
        package=found.name,
        next=f"{get} beside the notebook (a file .python-version with the line {line}), or a later {found.name}.",
    )


def _lines(interpreter: Interpreter) -> Iterator[str]:
    """Other lines of Python, the nearest earlier one first: what is dated was made with an earlier one."""
    minor = int(interpreter.line.partition(".")[2])
    yield from (f"3.{number}" for number in range(minor - 1, OLDEST_MINOR - 1, -1))
    yield "2.7"
    yield from (f"3.{number}" for number in range(minor + 1, NEWEST_MINOR + 1))


class _Wheels:
    """Asks an installer for wheels, without installing anything."""

    def __init__(self, interpreter: Interpreter, installer: Installer, folder: Path, until: float) -> None:
        self._interpreter = interpreter
        self._installer = installer
        self._folder = folder
        self._until = until

    def missing(self, chosen: Sequence[Declaration], line: str) -> str | None:
        """The canonical name of a requirement without a wheel for that Python; empty: each has one; None: not known."""
        file = self._folder / "tried.txt"
        file.write_text("\n".join(one.requirement for one in chosen) + "\n", encoding="utf-8")
        options = ["--no-deps", "--only-binary", ":all:", "--python-version", line]
        if self._installer.name == "uv":
            command = [*self._installer.command, "pip", "compile", "--quiet", *options, str(file)]
        else:
            # older releases of pip accept another Python only with a target, which a dry run leaves empty
            options += ["--dry-run", "--ignore-installed", "--target", str(self._folder / "target")]
            command = self._installer.install(self._interpreter.executable, [*options, "--quiet", "-r", str(file)])
        try:
            call(command, self._installer.environment, lambda _: None, self._until)
        except EnvironmentNotBuildable as refusal:
            return canonical_name(refusal.package) or None
        return ""
