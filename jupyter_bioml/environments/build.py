"""Build the environment of a lock once: cached by the lock's digest, used only if complete.

An environment is built in a folder of its own and stays there, as scripts hold its path; what makes it *the*
environment of a lock is a link by the lock's digest, set when everything was installed and checked. A builder holds a
lock file (flock), so a second one waits and then finds it; leftovers of a crash are never linked, and
are cleared away.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..canonical import digest
from ..host.distributions import canonical_name, installed
from ..text.present import format_duration, printable
from .differences import FILES, PackageDifference, differences, same_version
from .installer import LIMIT, Installer, Say, call, choose, masked
from .interpreters import Interpreter, ask, find
from .local_sources import install_folders, link_editable
from .lock import (
    DIRECT,
    FOLDER,
    INDEX,
    LINKED,
    EnvironmentNotBuildable,
    Lock,
    check_origins,
    refused,
    requirement_lines,
    way_of,
)

#: Written last; everything it lists must be present when the environment is used again.
RECORD = "bioml-environment.json"
#: Bytes that have to be free for a build to begin.
LEAST_SPACE = 256 << 20
#: Seconds between two looks at another builder's lock.
_LOOK = 0.5


@dataclass(frozen=True)
class Built:
    """A complete environment."""

    python: str
    """Its interpreter."""
    folder: Path
    library: Path
    """The folder of its distributions."""
    interpreter: Interpreter
    """Its lock."""
    differences: tuple[PackageDifference, ...]
    """Distributions of the recorded version with different files."""
    reused: bool


def default_cache() -> Path:
    """``bioml/environments`` in the user's cache folder."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base) / "bioml" / "environments"


def build(lock: Lock, cache: Path, say: Say, *, limit: float = LIMIT) -> Built:
    """The environment of a lock: the one in the cache, else a new one.

    :param limit: seconds that building may take.
    :raises EnvironmentNotBuildable: naming the distribution or the Python version; nothing half-built is kept.
    """
    check_origins(lock)
    interpreter = find(lock)
    key = _key(lock, interpreter)
    try:
        cache.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _alone(cache / f"{key}.lock", say, time.monotonic() + limit):
            found = _whole(cache / key, lock, interpreter, say)
            if found is not None:
                return found
            _clear(cache, key)
            _check_space(cache)
            return _make(lock, interpreter, cache, key, say, limit)
    except OSError as error:
        raise EnvironmentNotBuildable(
            f"The environment could not be built in {cache} ({error.strerror or error}); nothing half-built was kept.",
            next="Free space there, fix its permissions, or set XDG_CACHE_HOME to another folder.",
        ) from None


def built_before(lock: Lock, cache: Path) -> Built | None:
    """The environment of a lock from the cache; None if it is missing or no longer complete."""
    try:
        interpreter = find(lock)
        return _whole(cache / _key(lock, interpreter), lock, interpreter, lambda _: None)
    except (EnvironmentNotBuildable, OSError):
        return None


def _key(lock: Lock, interpreter: Interpreter) -> str:
    """The key shared by locks that build alike: an index answers for name and version, whatever files it has."""
    packages = [
        [canonical_name(item["name"]), item["version"], item["origin"]]
        + ([] if way_of(item) == INDEX else [item.get("files_sha256"), item.get("source_sha256")])
        for item in lock.packages
    ]
    return digest([interpreter.executable, interpreter.version, packages])[:32]


@contextlib.contextmanager
def _alone(file: Path, say: Say, until: float) -> Iterator[None]:
    """Hold a lock file; waits for another builder of the same environment."""
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        told = False
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise EnvironmentNotBuildable(
                        "Another process was still building the same environment at the time limit.",
                        next="Wait for it, then retry.",
                    ) from None
                if not told:
                    say("another process is building the same environment: waiting for it")
                    told = True
                time.sleep(_LOOK)
        yield
    finally:
        os.close(handle)


# -- what is in the cache ----------------------------------------------------------------------------


def _whole(link: Path, lock: Lock, interpreter: Interpreter, say: Say) -> Built | None:
    """The environment that the link names, if it is still as it was when it was finished."""
    try:
        folder = link.resolve(strict=True)
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        library, python = Path(record["library"]), str(record["python"])
        recorded = list(record["installed"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    present = _installed(library)
    if ask(python) is None or _stamps(present) != _stamps(recorded):
        say("the cached environment was changed after it was built: rebuilding it")
        return None
    return Built(python, folder, library, interpreter, _other_files(lock, present), True)


def _stamps(items: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    return [[item["name"], item["version"], item.get("record_sha256")] for item in items]


def _installed(library: Path) -> list[dict[str, Any]]:
    return installed([str(library)])


def _clear(cache: Path, key: str) -> None:
    """Take away what is there for a key: a changed environment, or what a crash left. Its lock is held."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(cache / key)
    for left in cache.glob(f"{key}-*"):
        if not _in_use(left):
            shutil.rmtree(left, ignore_errors=True)


def _in_use(folder: Path) -> bool:
    """Whether a process was started by the environment's interpreter: a kernel imports modules as it goes."""
    beginning = os.fsencode(folder) + b"/"
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if process.read_bytes().startswith(beginning):
                return True
    return False


def _check_space(cache: Path) -> None:
    free = shutil.disk_usage(cache).free
    if free < LEAST_SPACE:
        raise EnvironmentNotBuildable(
            f"Only {free >> 20} MiB are free in {cache}; nothing was built.",
            next="Free space there, or set XDG_CACHE_HOME to another folder.",
        )


# -- making one --------------------------------------------------------------------------------------


def _make(lock: Lock, interpreter: Interpreter, cache: Path, key: str, say: Say, limit: float) -> Built:
    folder = cache / f"{key}-{os.urandom(4).hex()}"
    started = time.monotonic()
    installer = choose()
    count = len(lock.packages)
    say(f"building an environment of {interpreter.name} and {count} distributions with {installer.name}")
    try:
        python, library = _empty(interpreter, folder)
        _install(lock, installer, folder, python, library, say, started + limit)
        present = _installed(library)
        _check_installed(lock, present)
        _finish(folder, lock, interpreter, installer, python, library, present)
        temporary = cache / f"{key}-{os.urandom(4).hex()}.link"
        temporary.symlink_to(folder.name, target_is_directory=True)
        os.replace(temporary, cache / key)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    say(f"built in {format_duration(time.monotonic() - started)}")
    return Built(python, folder, library, interpreter, _other_files(lock, present), False)


def _empty(interpreter: Interpreter, folder: Path) -> tuple[str, Path]:
    """A virtual environment with nothing in it: its interpreter, and where distributions go."""
    command = [interpreter.executable, "-I", "-m", "venv", "--without-pip", str(folder)]
    made = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, cwd="/")
    python = str(folder / "bin" / "python")
    found = ask(python) if made.returncode == 0 else None
    if found is None:
        said = masked((made.stderr or made.stdout).strip()[-300:])
        raise EnvironmentNotBuildable(
            f"{interpreter.executable} cannot make a virtual environment: {printable(said)}",
            package=interpreter.name,
            next="Install its venv module (Debian: apt install python3-venv).",
        )
    return python, Path(found.libraries[0])


def _install(
    lock: Lock, installer: Installer, folder: Path, python: str, library: Path, say: Say, until: float
) -> None:
    """Install everything in the lock and nothing else; no dependency is resolved."""
    lines = requirement_lines(lock.packages)
    if lines:
        file = folder / "requirements.lock"
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        command = installer.install(python, ["--no-deps", "-r", str(file)])
        call(command, installer.environment, say, until)
    install_folders(
        [item for item in lock.packages if way_of(item) == FOLDER], installer, python, folder / "sources", say, until
    )
    for item in lock.packages:
        if way_of(item) == LINKED:
            link_editable(item, lock.executable, library)


def _check_installed(lock: Lock, present: Sequence[Mapping[str, Any]]) -> None:
    """Check that the installed distributions match the lock: name and version, and the files if they came from here.

    :raises EnvironmentNotBuildable: naming the first that is not.
    """
    there = {canonical_name(str(item["name"])): item for item in present}
    for item in lock.packages:
        found = there.get(canonical_name(item["name"]))
        if found is None:
            raise refused(item, "the installer succeeded, but it is not installed")
        if not same_version(str(found["version"]), str(item["version"])):
            raise refused(item, f"version {found['version']} was installed instead")
        recorded, now = item.get("files_sha256"), found.get("files_sha256")
        from_place = way_of(item) == FOLDER or (way_of(item) == DIRECT and not item["origin"].get("vcs_info"))
        if from_place and recorded and now != recorded:
            raise refused(item, "the files from its recorded source have changed")


def _other_files(lock: Lock, present: Sequence[Mapping[str, Any]]) -> tuple[PackageDifference, ...]:
    return tuple(item for item in differences(lock.packages, present) if item.kind == FILES)


def _finish(
    folder: Path,
    lock: Lock,
    interpreter: Interpreter,
    installer: Installer,
    python: str,
    library: Path,
    present: Sequence[Mapping[str, Any]],
) -> None:
    """The record of what was installed: written last, and safely on the disk before the link is set."""
    document = {
        "digest": lock.digest,
        "made_at": time.time(),
        "made_from": {"executable": interpreter.executable, "version": interpreter.version},
        "installer": installer.name,
        "python": python,
        "library": str(library),
        "installed": list(present),
    }
    with open(folder / RECORD, "w", encoding="utf-8") as file:
        json.dump(document, file)
        file.flush()
        os.fsync(file.fileno())
