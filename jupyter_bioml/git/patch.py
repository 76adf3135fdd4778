"""The git patch of a run: what the working tree had beyond the recorded commit.

Taken by the sampler as soon as it sees the run's start. Notebooks (``*.ipynb``) and ``.bioml`` are left out:
a notebook's outputs would bloat the patch and leak into it, and the cells themselves are recorded one by
one. So ``dirty`` is about the other tracked files. Untracked files are not part of a patch: imported modules
of the project are recorded with their contents by the kernel. Secrets are masked before anything is stored.
"""

from __future__ import annotations

import itertools
import os
import re
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..redact import redact
from ..redact_rules.search import find

#: Seconds one git command may take.
TIME_LIMIT = 20.0
#: Bytes of a patch that is kept.
SIZE_LIMIT = 5 * 2**20
_MESSAGE_LIMIT = 4096
_CONFIG = ("core.fsmonitor=false", "core.hooksPath=/dev/null", "core.safecrlf=false", "core.quotePath=true")
_PATHS = (".", ":(exclude,top,icase,glob)**/*.ipynb", ":(exclude,top,glob)**/.bioml/**")
#: The mode of a submodule.
_SUBMODULE = b"160000"
_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")


class PatchRefused(Exception):
    """Why there is no patch; ``dirty`` is True when there are changes all the same, None when unknown."""

    def __init__(self, reason: str, dirty: bool | None = None) -> None:
        super().__init__(reason)
        self.dirty = dirty


@dataclass(frozen=True)
class Patch:
    """Changes of tracked files against a commit. ``changed``: modification times (epoch seconds) of those files."""

    data: bytes
    changed: Mapping[str, float]
    submodules: tuple[str, ...] = ()
    """Submodules with changes, or at another commit than the recorded one; their changes are not in ``data``."""

    @property
    def dirty(self) -> bool:
        """There are uncommitted changes."""
        return bool(self.data or self.submodules)

    def late(self, started: float) -> bool:
        """True when a changed file was written after ``started``: the run may have used an older content."""
        return any(at > started for at in self.changed.values())


def take_patch(root: Path, commit: str | None) -> Patch:
    """The patch of the repository at ``root`` against ``commit``, secrets masked.

    No hook, pager, external diff or text conversion runs, nothing is locked or fetched. Changes in submodules are
    named, not taken.

    :raises PatchRefused: with the reason, and what to do where there is something to do.
    """
    if commit is None or not _COMMIT.fullmatch(commit):
        raise PatchRefused("the repository has no commit to compare with")
    options = ("--no-ext-diff", "--no-textconv", "--no-color", "--ignore-submodules=all", "--src-prefix=a/")
    diff = ("diff", *options, "--dst-prefix=b/", commit)
    submodules = _changed_submodules(root, commit)
    data = _git(root, [*diff, "--binary", "--", *_PATHS], SIZE_LIMIT)
    if not data:
        return Patch(b"", {}, submodules)
    try:
        names = _git(root, [*diff, "--name-only", "-z", "--", *_PATHS], SIZE_LIMIT)
    except PatchRefused as refusal:
        raise PatchRefused(str(refusal), dirty=True) from None
    text = data.decode("utf-8", "surrogateescape")
    return Patch(_masked(text).encode("utf-8", "surrogateescape"), _modified(root, names), submodules)


def _changed_submodules(root: Path, commit: str) -> tuple[str, ...]:
    """Submodules with changes of tracked files, or at another commit than ``commit`` says."""
    if not (root / ".gitmodules").exists():
        return ()
    options = ("--no-ext-diff", "--ignore-submodules=untracked", "--raw", "-z", "--no-abbrev")
    parts = _git(root, ["diff", *options, commit, "--"], SIZE_LIMIT).split(b"\0")
    found = []
    for head, name in itertools.pairwise(parts):
        if head.startswith(b":") and _SUBMODULE in head.removeprefix(b":").split()[:2]:
            found.append(os.fsdecode(name))
    return tuple(found)


def _masked(text: str) -> str:
    """``text`` without secrets, with as many lines as before: the rest of the patch can still be applied."""
    for item in reversed(find(text)):
        mask = f"[secret:{item.rule}]"
        further = text[item.start : item.end].split("\n")[1:]
        text = text[: item.start] + "\n".join([mask, *(line[:1] + mask for line in further)]) + text[item.end :]
    return redact(text)


def _modified(root: Path, names: bytes) -> dict[str, float]:
    found = {}
    for name in filter(None, names.split(b"\0")):
        path = os.path.join(root, os.fsdecode(name))
        try:
            found[path] = os.lstat(path).st_mtime
        except OSError:
            continue  # deleted: the file that could say when is gone
    return found


def _git(root: Path, arguments: list[str], limit: int) -> bytes:
    """Output of a git command in ``root``, within :data:`TIME_LIMIT` and ``limit`` bytes."""
    command = ["git", "--no-pager", "-C", str(root)]
    for setting in _CONFIG:
        command += ["-c", setting]
    try:
        process = subprocess.Popen(
            [*command, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(root),
            start_new_session=True,
        )
    except FileNotFoundError:
        raise PatchRefused("git is not installed where the kernel runs") from None
    except OSError as error:
        raise PatchRefused(f"git could not be started: {error.strerror or error}") from None
    try:
        output, message = _collect(process, limit)
    except PatchRefused:
        _kill(process)
        raise
    if process.wait() != 0:
        raise PatchRefused(_explain(root, message))
    return output


def _environment(root: Path) -> dict[str, str]:
    """This process's variables without git's own, which may point it to another repository."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith("GIT_CONFIG")
    }
    return {
        **kept,
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_CEILING_DIRECTORIES": str(root.parent),
        "LC_ALL": "C",
    }


def _collect(process: subprocess.Popen[bytes], limit: int) -> tuple[bytes, bytes]:
    """Standard output and (the beginning of) standard error."""
    assert process.stdout is not None and process.stderr is not None
    output, message = bytearray(), bytearray()
    deadline = time.monotonic() + TIME_LIMIT
    with process.stdout, process.stderr, selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ, output)
        selector.register(process.stderr, selectors.EVENT_READ, message)
        while selector.get_map():
            ready = selector.select(max(0.0, deadline - time.monotonic()))
            if not ready:
                raise PatchRefused(f"git took longer than {TIME_LIMIT:g} s")
            for key, _ in ready:
                chunk = os.read(key.fd, 65536)
                if not chunk:
                    selector.unregister(key.fileobj)
                elif key.data is output:
                    output += chunk
                elif len(message) < _MESSAGE_LIMIT:
                    message += chunk
            if len(output) > limit:
                raise PatchRefused(f"the changes are larger than {limit // 2**20} MiB", dirty=True)
    return bytes(output), bytes(message)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End git and whatever filters it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except OSError:
        process.kill()
    process.wait()


def _explain(root: Path, message: bytes) -> str:
    text = message.decode("utf-8", "replace").strip()
    if "dubious ownership" in text:
        return (
            f"git refuses {root} because the folder belongs to another user; "
            f"if you trust it: git config --global --add safe.directory {root}"
        )
    return redact(f"git failed: {text.splitlines()[0] if text else 'without a message'}")
