"""The installers that are called: ``uv`` where it is on the PATH, else ``pip``. They inherit the caller's settings.

Credentials are removed from their output before it is shown or kept.
"""

from __future__ import annotations

import contextlib
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from ..redact import redact
from ..text.present import printable, shorten
from .lock import EnvironmentNotBuildable

Say = Callable[[str], None]
#: Seconds between two progress lines.
PERIOD = 5.0
#: Seconds that building one environment may take.
LIMIT = 3600.0
#: Lines of an installer that are kept, and shown, of a failure.
_KEPT, _SHOWN = 400, 6
_USER = re.compile(r"(?<=://)[^/@\s]+(?=@)")
_TELLING = re.compile(r"\s*(Collecting|Downloading|Building|Installing|Resolved|Prepared|Downloaded|Cloning|Running)\b")
_DECISIVE = re.compile(r"\s*(?:ERROR|error|cause|hint|fatal)\b|\s*[×╰]")
_PACKAGE = (
    re.compile(r"No matching distribution found for ([A-Za-z0-9._-]+)"),
    re.compile(r"satisfies the requirement ([A-Za-z0-9._-]+)"),
    re.compile(
        r"Failed (?:to build|building wheel for|to download and build|to download|to fetch) [`'\"]?([A-Za-z0-9._-]+)"
    ),
    re.compile(r"Because ([A-Za-z0-9._-]+) was not found"),
    re.compile(r"there (?:is|are) no versions? of ([A-Za-z0-9._-]+)"),
)
#: Settings that would send an installation elsewhere, or add to what was asked for.
_MISLEADING = (
    "CONSTRAINT", "DRY_RUN", "EDITABLE", "IGNORE_INSTALLED", "NO_DEPS", "PREFIX", "PYTHON", "QUIET", "REPORT",
    "REQUIRE_VIRTUALENV", "REQUIREMENT", "ROOT", "TARGET", "UPGRADE", "USER", "VERBOSE",
)  # fmt: skip
_INDEX_SETTINGS = ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_NO_INDEX")


@dataclass(frozen=True)
class Installer:
    """One of the two, and how it is called."""

    name: str
    """``uv`` or ``pip``."""
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False, default_factory=dict)

    def install(self, python: str, arguments: Sequence[str]) -> list[str]:
        """The command that installs into the environment of ``python``."""
        # Byte code is made at the first import of what is imported: making all of it takes longer than the rest.
        # Only where imports may not write it, every kernel would pay for it again.
        compiled = bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))
        if self.name == "uv":
            options = [*_MATCH, *(["--compile-bytecode"] if compiled else [])]
            return [*self.command, "pip", "install", "--python", python, *options, *arguments]
        options = ["--progress-bar", "off", *([] if compiled else ["--no-compile"])]
        return [*self.command, "--python", python, "install", *options, *arguments]


#: pip looks at every index for the best version; uv otherwise stops at the first index that has the name.
_MATCH = ("--index-strategy", "unsafe-best-match")


def choose(search: str | None = None) -> Installer:
    """The installer to use.

    :param search: a PATH to look for uv on; None: the caller's.
    :raises EnvironmentNotBuildable: when there is none.
    """
    uv = shutil.which("uv", path=search)
    environment = _inherited()
    if uv is not None:
        return Installer("uv", (uv,), {**environment, **_for_uv(environment)})
    if find_spec("pip") is None:
        raise EnvironmentNotBuildable(
            f"Neither uv nor pip is installed; nothing was built ({sys.executable}).",
            next=f"{sys.executable} -m ensurepip",
        )
    return Installer("pip", (sys.executable, "-P", "-m", "pip"), environment)


def _inherited() -> dict[str, str]:
    """The caller's environment: its indexes, certificates and caches; never a question on a terminal."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    for name in _MISLEADING:
        environment.pop(f"PIP_{name}", None)
    return {
        **environment,
        "GIT_TERMINAL_PROMPT": "0",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
        "PIP_NO_COLOR": "1",
        "NO_COLOR": "1",
        "PYTHONUNBUFFERED": "1",
    }


def _for_uv(environment: Mapping[str, str]) -> dict[str, str]:
    """pip's indexes in uv's words, where uv has none of its own: it does not read pip's settings."""
    if any(environment.get(name) for name in _INDEX_SETTINGS):
        return {}
    settings = pip_settings(environment)
    found = {
        "UV_DEFAULT_INDEX": settings.get("index-url", ""),
        "UV_INDEX": " ".join(settings.get("extra-index-url", "").split()),
        "UV_FIND_LINKS": ",".join(settings.get("find-links", "").split()),
        "UV_NO_INDEX": "1" if settings.get("no-index", "").lower() in ("1", "true", "yes", "on") else "",
        "SSL_CERT_FILE": settings.get("cert", ""),
    }
    return {name: value for name, value in found.items() if value and not environment.get(name)}


def pip_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Index settings in pip's configuration files and variables, as pip reads them (later ones win)."""
    import configparser

    home = Path(environment.get("HOME") or Path.home())
    config = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
    named = environment.get("PIP_CONFIG_FILE")
    files = [
        Path("/etc/pip.conf"),
        home / ".pip" / "pip.conf",
        config / "pip" / "pip.conf",
        Path(sys.prefix) / "pip.conf",
    ]
    files = [] if named == os.devnull else [*files, *([Path(named)] if named else [])]
    found: dict[str, str] = {}
    for file in files:
        parser = configparser.RawConfigParser()
        with contextlib.suppress(OSError, configparser.Error, UnicodeDecodeError):
            parser.read(file, encoding="utf-8")
            for section in ("global", "install"):
                if parser.has_section(section):
                    found.update({key.replace("_", "-"): value for key, value in parser.items(section)})
    for key in ("index-url", "extra-index-url", "find-links", "no-index", "cert"):
        if value := environment.get(f"PIP_{key.upper().replace('-', '_')}"):
            found[key] = value
    return found


# -- calling one -------------------------------------------------------------------------------------


def call(command: Sequence[str], environment: Mapping[str, str], say: Say, until: float) -> list[str]:
    """Run an installer to its end; returns what it printed, without credentials.

    :param until: the time (``time.monotonic()``) at which it is ended.
    :raises EnvironmentNotBuildable: with the lines that say why.
    """
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=dict(environment),
        text=True,
        encoding="utf-8",
        errors="replace",
        cwd="/",
        start_new_session=True,
    )
    try:
        lines, late = _read(process, say, until)
        code = process.wait()
    except BaseException:
        _end(process)
        raise
    if late:
        raise EnvironmentNotBuildable(
            f"The installation exceeded its time limit. Its last line: {lines[-1] if lines else 'none'}",
            package=_named(lines),
            next="Retry: downloads are kept. Check that the index answers.",
        )
    if code:
        raise _failed(list(lines))
    return list(lines)


def _read(process: subprocess.Popen[str], say: Say, until: float) -> tuple[deque[str], bool]:
    """The last lines that it printed, and whether it was ended because of the time."""
    came: queue.Queue[str | None] = queue.Queue()

    def listen() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            came.put(line)
        came.put(None)

    threading.Thread(target=listen, daemon=True).start()
    kept: deque[str] = deque(maxlen=_KEPT)
    told = time.monotonic()
    while True:
        try:
            line = came.get(timeout=max(0.0, min(1.0, until - time.monotonic())))
        except queue.Empty:
            if time.monotonic() < until:
                continue
            _end(process)
            return kept, True
        if line is None:
            return kept, False
        if not line.strip():
            continue
        kept.append(masked(line.rstrip()))
        if time.monotonic() - told >= PERIOD and _TELLING.match(line):
            told = time.monotonic()
            say(f"  {shorten(printable(kept[-1].partition(' (from ')[0].strip()), 120)}")


def _end(process: subprocess.Popen[str]) -> None:
    """End it with everything that it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def masked(text: str) -> str:
    """``text`` without the credentials of an address, and without other secrets."""
    return redact(_USER.sub("****", text))


def _failed(lines: list[str]) -> EnvironmentNotBuildable:
    telling = [line for line in lines if _DECISIVE.match(line)] or lines
    shown = "\n".join(f"  {shorten(printable(line.strip()), 300)}" for line in telling[-_SHOWN:])
    package = _named(lines)
    about = f" at {package}" if package else ""
    return EnvironmentNotBuildable(
        f"The installer failed{about}; no environment was made, and nothing half-built was kept. Its output:\n{shown}",
        package=package,
        next="Check that its index is set (PIP_INDEX_URL, PIP_EXTRA_INDEX_URL, PIP_FIND_LINKS) and answers, "
        "or use --env current",
    )


def _named(lines: Sequence[str]) -> str:
    for line in reversed(lines):
        for pattern in _PACKAGE:
            if found := pattern.search(line):
                return found[1].rstrip(".")
    return ""
