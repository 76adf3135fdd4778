"""Everything a notebook's run depended on: files, folder listings, absent paths, variables, modules, outputs.

Taken right after the run, from its session's journal. What changed meanwhile, or could not be seen, makes the set
incomplete: :class:`Incomplete` says what. :func:`first_change` compares a set with the world as it is now.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import stat
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..capture.rerun.probes import ALL, at_start
from ..data.hash_cache import FileState, HashCache
from ..journal.sessions import SessionLog
from ..records.facts import DATA, DIGEST, NAMED_DATA
from ..records.run import DataUse

#: Names in a folder that do not concern the notebook.
_OURS = frozenset((".bioml", ".ipynb_checkpoints", "__pycache__", ".DS_Store"))
#: Parts of a record whose gaps say that something was read or written unseen.
_PARTS = (DATA, DIGEST, NAMED_DATA, "modules")


class Incomplete(Exception):
    """The read set is incomplete; the message says why, as the end of a sentence about the notebook."""


@dataclass(frozen=True)
class ReadSet:
    """Path → what was there. Files: [size, mtime_ns, inode, md5]; the others: digest or kind."""

    files: dict[str, list[Any]] = field(default_factory=dict)
    outputs: dict[str, list[Any]] = field(default_factory=dict)
    folders: dict[str, str] = field(default_factory=dict)
    """Folder → digest of the names in it."""
    asked: dict[str, str] = field(default_factory=dict)
    """Path → ``absent``, ``file`` or ``folder``."""
    variables: dict[str, str | None] = field(default_factory=dict)
    """Environment variable → its value's HMAC; None: it was not set."""


class World:
    """The files and variables as they are now.

    :param key: for the HMAC of the variables' values: they may be secrets, and short ones.
    """

    def __init__(self, environment: Mapping[str, str], key: bytes, cache: HashCache) -> None:
        self._environment = environment
        self._key = key
        self._cache = cache

    def file(self, path: str) -> list[Any]:
        """:raises OSError: when it is not there, or is none."""
        found = os.stat(path)
        if not stat.S_ISREG(found.st_mode):
            raise FileNotFoundError(path)
        state = FileState(path, found.st_size, found.st_mtime_ns, found.st_ino)
        return [*state[1:], self._md5(state)]

    def _md5(self, state: FileState) -> str:
        known = self._cache.get(state)
        if known is not None:
            return known
        began = time.time()
        with open(state.path, "rb") as file:
            digest = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
        self._cache.put([(state, digest)], began)
        return digest

    def same_file(self, path: str, known: list[Any]) -> bool:
        """By size, time and inode; where those differ, by content."""
        try:
            found = os.stat(path)
            return [found.st_size, found.st_mtime_ns, found.st_ino] == known[:3] or self.file(path)[3] == known[3]
        except OSError:
            return False

    def folder(self, path: str) -> str:
        """Digest of the names in a folder and of what they are; ``absent`` when there is none."""
        try:
            with os.scandir(path) as entries:
                names = sorted(f"{entry.name}\0{entry.is_dir()}" for entry in entries if entry.name not in _OURS)
        except OSError:
            return "absent"
        return hashlib.sha256("\0\0".join(names).encode("utf-8", "surrogateescape")).hexdigest()

    def kind(self, path: str) -> str:
        """``folder``, ``file`` or ``absent``."""
        if os.path.isdir(path):
            return "folder"
        return "file" if os.path.exists(path) else "absent"

    def variable(self, name: str) -> str | None:
        """A variable's value as its HMAC; None: it is not set."""
        value = self._environment.get(name)
        return None if value is None else self.seal(value)

    def seal(self, value: str) -> str:
        """The HMAC of a value that must not be written."""
        return hmac.new(self._key, value.encode("utf-8", "surrogateescape"), "sha256").hexdigest()

    def variables(self, names: Iterable[str]) -> dict[str, str | None]:
        """The sealed values of some variables; :data:`ALL` stands for all but those of the start."""
        wanted = dict.fromkeys(names)
        if ALL in wanted:
            del wanted[ALL]
            wanted.update(dict.fromkeys(name for name in sorted(self._environment) if not at_start(name)))
        return {name: self.variable(name) for name in wanted}


def taken(log: SessionLog, world: World) -> ReadSet:
    """The read set of a session that has just ended.

    :raises Incomplete: naming the first obstacle.
    """
    session, probes = log.fold.session, log.fold.probes
    if session is None or probes is None:
        raise Incomplete("its kernel was not tracked")
    if log.damage() is not None:
        raise Incomplete("its journal is damaged")
    for reason in [*probes["hidden"], *_gaps(log)]:
        raise Incomplete(str(reason))
    inputs, outputs = _uses(log)
    files = {path: _unaltered(world, path, use) for path, use in inputs.items()}
    for path in probes["modules"]:
        files[path] = _older(world, path, session.started)
    for path in probes["listed"]:
        if _mtime(path) > session.started:
            raise Incomplete(f"the folder {path} changed while it ran")
    known = {*files, *outputs}
    return ReadSet(
        files,
        {path: world.file(path) for path in outputs if os.path.isfile(path)},
        {path: world.folder(path) for path in probes["listed"]},
        {path: world.kind(path) for path in probes["asked"] if path not in known},
        world.variables(probes["variables"]),
    )


def _gaps(log: SessionLog) -> Iterator[str]:
    for identity in log.fold.order:
        record = log.fold.record(identity, dead=True, alone=True)
        yield from (gap.reason for gap in record.gaps if gap.part in _PARTS)


def _uses(log: SessionLog) -> tuple[dict[str, DataUse], set[str]]:
    """(files that were there before the notebook ran, files that it made)."""
    inputs: dict[str, DataUse] = {}
    outputs: set[str] = set()
    for identity in log.fold.order:
        for use in log.fold.record(identity, dead=True, alone=True).data:
            if use.inherited or use.path is None or use.path in outputs:
                continue
            if use.kind == "directory":
                raise Incomplete(f"it hands the whole folder {use.name} to a library")
            if use.role == "written" and use.path not in inputs:
                outputs.add(use.path)
            elif use.role == "read":
                inputs.setdefault(use.path, use)
            else:
                raise Incomplete(f"it changes its own input {use.name}")
    return inputs, outputs


def _unaltered(world: World, path: str, use: DataUse) -> list[Any]:
    try:
        found = world.file(path)
    except OSError:
        found = []
    if found[:3] != [use.size, use.mtime_ns, use.inode]:
        raise Incomplete(f"{use.name} changed while it ran")
    return found


def _older(world: World, path: str, started: float) -> list[Any]:
    if _mtime(path) > started:
        raise Incomplete(f"the module {path} changed while it ran")
    try:
        return world.file(path)
    except OSError:
        raise Incomplete(f"the module {path} no longer exists") from None


def _mtime(path: str) -> float:
    try:
        return os.stat(path).st_mtime
    except OSError:
        return 0.0


def first_change(known: ReadSet, world: World, root: Path) -> str | None:
    """The first change, as a clause; None if nothing changed. Paths below ``root`` are shown relative to it."""
    for path, state in known.files.items():
        if not world.same_file(path, state):
            return f"{_shown(path, root)} changed"
    for path, kind in known.asked.items():
        if (now := world.kind(path)) != kind:
            return f"{_shown(path, root)} is now {_a(now)}, and was {_a(kind)}"
    for path, digest in known.folders.items():
        if world.folder(path) != digest:
            return f"files were added to {_shown(path, root)}/ or removed"
    for name, sealed in world.variables(known.variables).items():
        if known.variables[name] != sealed:
            return f"the environment variable {name} changed"
    for path, state in known.outputs.items():
        if not world.same_file(path, state):
            return f"{_shown(path, root)}, which it wrote, was changed or removed"
    return None


def _a(kind: str) -> str:
    return kind if kind == "absent" else f"a {kind}"


def _shown(path: str, root: Path) -> str:
    return os.path.relpath(path, root) if Path(path).is_relative_to(root) else path
