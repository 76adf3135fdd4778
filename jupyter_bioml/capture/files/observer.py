"""Which data files a cell opened: stand-ins around Python's open functions, and a look at the descriptor table.

Between :meth:`FileObserver.start` and :meth:`FileObserver.finish` each call of ``open``, ``os.open`` and ``io.FileIO``
costs one ``fstat`` more (and ``getcwd`` for a relative path, which a later ``os.chdir`` would make unreadable).
Databases are seen through ``sqlite3.connect``, parquet and ``torch.save`` through the functions of ``path_functions``.
Libraries that open files in C are seen when the file is still open at the end of the cell; the others are named once
by :meth:`FileObserver.gaps`. Forked children note what they open as the kernel does, and tell it (:mod:`.forked`);
other processes are named (:mod:`.programs`). No audit hook: it slows every audited call and cannot be removed.
"""

from __future__ import annotations

import functools
import io
import os
from contextlib import suppress
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from ...config import Project
from ...records.facts import CaptureGap, DataUse
from ..imports import ImportWatch
from .data_files import DataFiles
from .forked import ForkedChildren
from .hidden_readers import HiddenReaders
from .holders import FILE_IO, OPEN, OS_OPEN, SQLITE, Places, put, take_back
from .openings import Openings
from .path_functions import PATH_FUNCTIONS, PathFunction
from .programs import Programs
from .stand_ins import Watched, nothing, silent, warn_as_caller, watched_file_io, watched_function
from .starters import Starters
from .uses import (
    Descriptors,
    bits_of_flags,
    bits_of_mode,
    database_bits,
    new_descriptors,
    path_of_uri,
    settle,
    settle_folders,
    version_of,
)

if TYPE_CHECKING:
    from ..rerun.confine import Confinement
    from ..rerun.probes import ProbeObserver

_NO_CONTENT = os.O_DIRECTORY | getattr(os, "O_PATH", 0)

# The originals, whatever the user's code does to the modules later.
_fsdecode, _fspath, _readlink = os.fsdecode, os.fspath, os.readlink

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
        programs = Programs(self._rules.name_in_project)
        self.openings = Openings(ForkedChildren(), programs)
        """What the cell that runs now has opened."""
        self._programs, self._starters = programs, Starters(programs, self.openings)
        self._stand_ins: list[tuple[Any, Any]] = []
        """(original, stand-in), in the order they were put in place."""
        self._changed: list[dict[str, Any]] = []
        self._imports: ImportWatch | None = None
        self._look = Descriptors().look
        self._descriptors: dict[str, str] | None = None
        self._hidden = HiddenReaders(f"{root}{os.sep}" for root in project.roots)
        self._named: set[str] = set()

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
        for places, original, stand_in in self._starters.stand_ins():
            self._replace(places, original, stand_in)
        modules = dict.fromkeys([*(function.module for function in PATH_FUNCTIONS), "sqlite3.dbapi2"])
        self._imports = ImportWatch(dict.fromkeys(modules, self._imported))
        self._imports.install()
        _installed.add(self)
        if not _fork_is_watched:
            os.register_at_fork(before=_before_fork, after_in_child=_after_fork_in_child)
            _fork_is_watched = True

    def uninstall(self) -> None:
        """Put the originals back, also where modules took a stand-in while we were here."""
        self.openings.on = False
        if self._imports is not None:
            self._imports.uninstall()
        take_back(self._stand_ins, self._changed)
        self._stand_ins.clear()
        self._changed.clear()
        self._descriptors = None
        _installed.discard(self)
        self.openings.children.close()

    def _imported(self, module: ModuleType) -> None:
        """A library's module was loaded, by the user: put the stand-ins of its functions in place."""
        if module.__name__ == "sqlite3.dbapi2":
            connect = module.connect
            guard = None if self._confinement is None else self._confinement.connecting
            self._replace(SQLITE, connect, Watched(connect, "sqlite3:connect", self._note_database, guard=guard))
        for function in PATH_FUNCTIONS:
            original = getattr(module, function.name, None)
            if function.module == module.__name__ and original is not None and not isinstance(original, type):
                note = functools.partial(self._note_path, function)
                python = isinstance(original, FunctionType)
                reference = f"{function.module}:{function.name}"
                stand_in = watched_function(original, note) if python else Watched(original, reference, note)
                self._replace(function.places, original, stand_in)
                if function.opens_all:
                    self._named.add(function.library)

    def _replace(self, places: Places, original: Any, stand_in: Any) -> None:
        self._stand_ins.append((original, stand_in))
        self._changed += put(places, original, stand_in)

    def start(self) -> None:
        """A cell starts: forget what was seen. Does nothing before ``install`` and in forked children."""
        if self.openings.children.in_child:
            return
        self.openings.forget()
        if self not in _installed:
            return
        self.openings.children.cell_started()
        self._programs.cell_started()
        if self._descriptors is None:
            self._descriptors = self._look()
        self.openings.on = True

    def finish(self) -> list[DataUse]:
        """The cell has ended: what it read and wrote, in the order of the first opening.

        Sizes, times and inodes are those at the first opening of files only read, and those of now of files written.
        What forked children did counts; also what they did since the cell before, as only now it can be of use.
        """
        openings = self.openings
        if not openings.on or openings.children.in_child:
            return []
        if openings.children.forked:
            openings.catch_up()
        openings.on = False
        seen, versions = dict(openings.seen), dict(openings.versions)
        for path, before in openings.databases.items():
            if (now := version_of(path)) is not None:
                versions.setdefault(path, before or now)
                seen[path] = database_bits(path, before)
        known, self._descriptors = self._descriptors or {}, self._look()
        for path, bits, found in list(new_descriptors(known, self._descriptors, versions, self._rules)):
            seen[path], versions[path] = bits, found
        return [*settle(seen, versions, self._rules), *settle_folders(openings.folders, self._rules)]

    def gaps(self) -> list[CaptureGap]:
        """Unseen accesses: of the cell that ended last and, once per session, by which libraries."""
        reasons = [*self.openings.gaps(), *self.openings.children.gaps(), *self._programs.gaps()]
        for name, reason in self._hidden.unseen(self._named):
            self._named.add(name)
            reasons.append(f"{reason}: name them with --data")
        return [CaptureGap("data", reason) for reason in reasons]

    # ---- called after each opening: short, and silent whatever happens

    def _note_file(self, args: tuple[Any, ...], kwargs: dict[str, Any], file: Any) -> None:
        if not self.openings.on:
            return
        try:
            name = file.name  # as the file took it: asking a path object again would run its code twice
            if name.__class__ is int or kwargs.get("opener") is not None:
                return  # the call that made the descriptor was seen
            mode = args[1] if len(args) > 1 else kwargs.get("mode", "r")
            bits = _modes.get(mode)
            if bits is None:
                bits = _modes[mode] = bits_of_mode(mode)
            self.openings.note(name, bits, file.fileno())
        except Exception:
            self.openings.failed()
        except BaseException as interrupt:
            silent(interrupt)
            raise

    def _note_descriptor(self, args: tuple[Any, ...], kwargs: dict[str, Any], descriptor: int) -> None:
        if not self.openings.on:
            return
        try:
            flags = args[1] if len(args) > 1 else kwargs["flags"]
            if flags & _NO_CONTENT:
                return
            name = args[0] if args else kwargs["path"]
            if (name.__class__ is not str and name.__class__ is not bytes) or kwargs.get("dir_fd") is not None:
                name = _readlink(f"/proc/self/fd/{descriptor}")
            self.openings.note(name, bits_of_flags(flags), descriptor)
        except Exception:
            self.openings.failed()
        except BaseException as interrupt:
            silent(interrupt)
            raise

    def _note_database(self, args: tuple[Any, ...], kwargs: dict[str, Any], connection: Any) -> None:
        if not self.openings.on:
            return
        try:
            path = _fsdecode(_fspath(args[0] if args else kwargs["database"]))
            if kwargs.get("uri") or (len(args) > 7 and args[7]):
                path = path_of_uri(path)
            if path and path != ":memory:":
                self.openings.note_database(path)
        except Exception:
            self.openings.failed()
        except BaseException as interrupt:
            silent(interrupt)
            raise

    def _note_path(self, function: PathFunction, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
        if not self.openings.on:
            return
        try:
            path = function.path(args, kwargs)
            if path is not None and function.database:
                self.openings.note_database(os.path.expanduser(path))
            elif path is not None:
                self.openings.note_path(path, function.bits_of(args, kwargs))
        except Exception:
            self.openings.failed()
        except BaseException as interrupt:
            silent(interrupt)
            raise


def _before_fork() -> None:
    for observer in _installed:
        with suppress(Exception):
            observer.openings.children.before_fork()


def _after_fork_in_child() -> None:
    """A forked child notes what it opens; cells start and end only in the kernel."""
    for observer in _installed:
        observer.openings.after_fork()
    _installed.clear()
