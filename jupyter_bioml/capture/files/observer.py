"""Which data files a cell opened: stand-ins around Python's open functions, and a look at the descriptor table.

Between :meth:`FileObserver.start` and :meth:`FileObserver.finish` each call of ``open``, ``os.open`` and ``io.FileIO``
costs one ``fstat`` more (and ``getcwd`` for a relative path, which a later ``os.chdir`` would make unreadable).
Databases are seen through ``sqlite3.connect``, parquet and ``torch.save`` through the functions of ``path_functions``.
Libraries that open files in C are seen when the file is still open at the end of the cell; the others are named once
by :meth:`FileObserver.gaps`. No audit hook: it slows every audited call and cannot be removed.
"""

from __future__ import annotations

import functools
import io
import os
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from ...config import Project
from ...records.facts import CaptureGap, DataUse
from ..imports import ImportWatch
from .data_files import DEVICES, DataFiles
from .hidden_readers import hidden_readers
from .holders import FILE_IO, OPEN, OS_OPEN, SQLITE, Places, put, take_back
from .path_functions import PATH_FUNCTIONS, PathFunction
from .stand_ins import Watched, nothing, silent, warn_as_caller, watched_file_io, watched_function
from .uses import (
    Descriptors,
    Version,
    bits_of_flags,
    bits_of_mode,
    database_bits,
    merged,
    new_descriptors,
    path_of_uri,
    settle,
    settle_folders,
    version,
    version_of,
)

if TYPE_CHECKING:
    from ..rerun.confine import Confinement
    from ..rerun.probes import ProbeObserver

#: Files kept of one cell; more are a gap.
LIMIT = 20_000

_NO_CONTENT = os.O_DIRECTORY | getattr(os, "O_PATH", 0)

# The originals, whatever the user's code does to the modules later.
_fstat, _getcwd, _fsdecode, _fspath, _readlink = os.fstat, os.getcwd, os.fsdecode, os.fspath, os.readlink

_modes: dict[str, int] = {}
_installed: set[FileObserver] = set()
_fork_is_watched = False


class FileObserver:
    """The files that the cells of one kernel open. One thread calls it; the openings it sees may come from any."""

    def __init__(self, project: Project, confinement: Confinement | ProbeObserver | None = None) -> None:
        """
        :param confinement: asked before each call: what may be written, in the kernel of a reproduction, or what
            notes the probes of a batch's.
        """
        self._rules = DataFiles(project)
        self._confinement = confinement
        self._on = False
        self._stand_ins: list[tuple[Any, Any]] = []
        """(original, stand-in), in the order they were put in place."""
        self._changed: list[dict[str, Any]] = []
        self._imports: ImportWatch | None = None
        self._seen: dict[str, int] = {}
        self._versions: dict[str, Version] = {}
        self._databases: dict[str, Version | None] = {}
        self._folders: dict[str, int] = {}
        self._look = Descriptors().look
        self._descriptors: dict[str, str] | None = None
        self._named: set[str] = set()
        self._over_limit = 0
        self._failed = 0

    def install(self) -> None:
        """Put the stand-ins in place. A second time does nothing."""
        global _fork_is_watched
        if self._stand_ins:
            return
        held = self._confinement
        opening = None if held is None else held.opening
        self._replace(OPEN, io.open, Watched(io.open, "io:open", self._note_file, warn_as_caller, opening))
        descriptor = None if held is None else held.opening_descriptor
        self._replace(OS_OPEN, os.open, Watched(os.open, "os:open", self._note_descriptor, guard=descriptor))
        self._replace(FILE_IO, io.FileIO, watched_file_io(io.FileIO, self._note_file, opening))
        for name, guard in () if held is None else held.changes():
            original = getattr(os, name)
            self._replace((("os", name),), original, Watched(original, f"os:{name}", nothing, guard=guard))
        modules = dict.fromkeys([*(function.module for function in PATH_FUNCTIONS), "sqlite3.dbapi2"])
        self._imports = ImportWatch(dict.fromkeys(modules, self._imported))
        self._imports.install()
        _installed.add(self)
        if not _fork_is_watched:
            os.register_at_fork(after_in_child=_off_in_child)
            _fork_is_watched = True

    def uninstall(self) -> None:
        """Put the originals back, also where modules took a stand-in while we were here."""
        self._on = False
        if self._imports is not None:
            self._imports.uninstall()
        take_back(self._stand_ins, self._changed)
        self._stand_ins.clear()
        self._changed.clear()
        self._descriptors = None
        _installed.discard(self)

    def _imported(self, module: ModuleType) -> None:
        """A library's module was loaded, by the user: put the stand-ins of its functions in place."""
        if module.__name__ == "sqlite3.dbapi2":
            connect = module.connect
            guard = None if self._confinement is None else self._confinement.connecting
            self._replace(SQLITE, connect, Watched(connect, "sqlite3:connect", self._note_database, guard=guard))
        for function in PATH_FUNCTIONS:
            original = getattr(module, function.name, None)
            if function.module == module.__name__ and isinstance(original, FunctionType):
                note = functools.partial(self._note_path, function)
                self._replace(function.places, original, watched_function(original, note))

    def _replace(self, places: Places, original: Any, stand_in: Any) -> None:
        self._stand_ins.append((original, stand_in))
        self._changed += put(places, original, stand_in)

    def start(self) -> None:
        """A cell starts: forget what was seen. Does nothing before ``install`` and in forked children."""
        self._forget()
        self._over_limit = self._failed = 0
        if self not in _installed:
            return
        if self._descriptors is None:
            self._descriptors = self._look()
        self._on = True

    def finish(self) -> list[DataUse]:
        """The cell has ended: what it read and wrote, in the order of the first opening.

        Sizes, times and inodes are those at the first opening of files only read, and those of now of files written.
        """
        if not self._on:
            return []
        self._on = False
        seen, versions = dict(self._seen), dict(self._versions)
        for path, before in self._databases.items():
            if (now := version_of(path)) is not None:
                versions.setdefault(path, before or now)
                seen[path] = database_bits(path, before)
        known, self._descriptors = self._descriptors or {}, self._look()
        for path, bits, found in list(new_descriptors(known, self._descriptors, versions, self._rules)):
            seen[path], versions[path] = bits, found
        folders = dict(self._folders)
        self._forget()
        return [*settle(seen, versions, self._rules), *settle_folders(folders, self._rules)]

    def _forget(self) -> None:
        self._seen, self._versions, self._databases, self._folders = {}, {}, {}, {}

    def gaps(self) -> list[CaptureGap]:
        """Unseen accesses: of the cell that ended last and, once per session, by which libraries."""
        gaps = []
        if self._over_limit:
            gaps.append(CaptureGap("data", f"{self._over_limit:,} more openings not kept (limit {LIMIT:,} files)"))
        if self._failed:
            gaps.append(CaptureGap("data", f"{self._failed:,} openings could not be noted"))
        for name, reason in hidden_readers(self._named):
            self._named.add(name)
            gaps.append(CaptureGap("data", f"{reason}: name them with --data"))
        return gaps

    # ---- called after each opening: short, and silent whatever happens

    def _note_file(self, args: tuple[Any, ...], kwargs: dict[str, Any], file: Any) -> None:
        if not self._on:
            return
        try:
            name = file.name  # as the file took it: asking a path object again would run its code twice
            if name.__class__ is int or kwargs.get("opener") is not None:
                return  # the call that made the descriptor was seen
            mode = args[1] if len(args) > 1 else kwargs.get("mode", "r")
            bits = _modes.get(mode)
            if bits is None:
                bits = _modes[mode] = bits_of_mode(mode)
            self._note(name, bits, file.fileno())
        except Exception:
            self._failed += 1
        except BaseException as interrupt:
            silent(interrupt)
            raise

    def _note_descriptor(self, args: tuple[Any, ...], kwargs: dict[str, Any], descriptor: int) -> None:
        if not self._on:
            return
        try:
            flags = args[1] if len(args) > 1 else kwargs["flags"]
            if flags & _NO_CONTENT:
                return
            name = args[0] if args else kwargs["path"]
            if (name.__class__ is not str and name.__class__ is not bytes) or kwargs.get("dir_fd") is not None:
                name = _readlink(f"/proc/self/fd/{descriptor}")
            self._note(name, bits_of_flags(flags), descriptor)
        except Exception:
            self._failed += 1
        except BaseException as interrupt:
            silent(interrupt)
            raise

    def _note_database(self, args: tuple[Any, ...], kwargs: dict[str, Any], connection: Any) -> None:
        if not self._on:
            return
        try:
            path = _fsdecode(_fspath(args[0] if args else kwargs["database"]))
            if kwargs.get("uri") or (len(args) > 7 and args[7]):
                path = path_of_uri(path)
            if path and path != ":memory:":
                path = path if path[0] == "/" else f"{_getcwd()}/{path}"
                self._databases.setdefault(path, version_of(path))
        except Exception:
            self._failed += 1
        except BaseException as interrupt:
            silent(interrupt)
            raise

    def _note_path(self, function: PathFunction, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
        if not self._on:
            return
        try:
            path = function.path(args, kwargs)
            if path is None:
                return
            path = os.path.join(_getcwd(), os.path.expanduser(path))
            found = version_of(path)
            if found is not None:
                self._versions.setdefault(path, found)
                self._seen[path] = merged(self._seen[path], function.bits) if path in self._seen else function.bits
            elif os.path.isdir(path):
                self._folders[path] = self._folders.get(path, 0) | function.bits
        except Exception:
            self._failed += 1
        except BaseException as interrupt:
            silent(interrupt)
            raise

    def _note(self, name: Any, bits: int, descriptor: int) -> None:
        path = name if name.__class__ is str else _fsdecode(name)
        if path[:1] != "/":
            path = f"{_getcwd()}/{path}"
        before = self._seen.get(path)
        if before is not None:
            self._seen[path] = merged(before, bits)
            return
        if path.startswith(DEVICES):
            return
        found = version(_fstat(descriptor))
        if found is None:
            return
        if len(self._seen) >= LIMIT:
            self._over_limit += 1
            return
        self._versions[path] = found  # first: another thread may be ending the cell
        self._seen[path] = bits


def _off_in_child() -> None:
    """A forked child notes nothing; its stand-ins only pass calls on."""
    for observer in _installed:
        observer._on = False
    _installed.clear()
