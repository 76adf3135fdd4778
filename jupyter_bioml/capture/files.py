"""Which data files a cell opened: stand-ins around Python's open functions, and a look at the descriptor table.

Between :meth:`FileObserver.start` and :meth:`FileObserver.finish` each call of ``open``, ``os.open`` and ``io.FileIO``
costs one ``fstat`` more (and ``getcwd`` for a relative path, which a later ``os.chdir`` would make unreadable).
Libraries that open files in C are seen when the file is still open at the end of the cell; the others are named once
by :meth:`FileObserver.gaps`. No audit hook: it slows every audited call and cannot be removed.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import unquote

from ..config import Project
from ..records.run import CaptureGap, DataUse
from .data_files import DEVICES, Rules
from .hidden_readers import hidden_readers
from .holders import put, take_back
from .stand_ins import Watched, silent, warn_as_caller, watched_file_io

#: What a call does with a file. FRESH: the first thing done with it was to write it anew.
READ, WRITE, FRESH = 1, 2, 4

#: Files kept of one cell; more are a gap.
LIMIT = 20_000
#: Entries of a folder looked at to find a file that was renamed after it was written.
_FOLDER_LIMIT = 10_000

_REGULAR, _TYPE = 0o100000, 0o170000
_DESCRIPTORS = "/proc/self/fd"
_NO_CONTENT = os.O_DIRECTORY | getattr(os, "O_PATH", 0)

# The originals, whatever the user's code does to the modules later.
_fstat, _stat, _getcwd, _fsdecode, _readlink = os.fstat, os.stat, os.getcwd, os.fsdecode, os.readlink

_modes: dict[str, int] = {}
_installed: set[FileObserver] = set()
_at_fork = False


class FileObserver:
    """The files that the cells of one kernel open. One thread calls it; the opens it sees may come from any."""

    def __init__(self, project: Project) -> None:
        self._rules = Rules(project)
        self._on = False
        self._stand_ins: dict[str, tuple[Any, Any]] = {}
        self._seen: dict[str, int] = {}
        self._stats: dict[str, os.stat_result] = {}
        self._databases: dict[str, os.stat_result | None] = {}
        self._descriptors: dict[str, str] | None = None
        self._named: set[str] = set()
        self._missed = 0

    def install(self) -> None:
        """Put the stand-ins in place. A second time does nothing."""
        global _at_fork
        if self._stand_ins:
            return
        self._replace("open", io.open, Watched(io.open, "io:open", self._note_file, warn_as_caller))
        self._replace("os.open", os.open, Watched(os.open, "os:open", self._note_descriptor))
        self._replace("io.FileIO", io.FileIO, watched_file_io(io.FileIO, self._note_file))
        _installed.add(self)
        if not _at_fork:
            os.register_at_fork(after_in_child=_off_in_child)
            _at_fork = True

    def uninstall(self) -> None:
        """Put the originals back, also where modules took a stand-in while we were here."""
        self._on = False
        for original, stand_in in self._stand_ins.values():
            take_back(stand_in, original)
        self._stand_ins.clear()
        self._descriptors = None
        _installed.discard(self)

    def _replace(self, kind: str, original: Any, stand_in: Any) -> None:
        self._stand_ins[kind] = (original, stand_in)
        put(kind, original, stand_in)

    def start(self) -> None:
        """A cell starts: forget what was seen. Does nothing before ``install`` and in forked children."""
        self._seen, self._stats, self._databases, self._missed = {}, {}, {}, 0
        if self not in _installed:
            return
        connect = getattr(sys.modules.get("sqlite3"), "connect", None)
        if connect is not None and "sqlite3.connect" not in self._stand_ins:
            self._replace("sqlite3.connect", connect, Watched(connect, "sqlite3:connect", self._note_database))
        if self._descriptors is None:
            self._descriptors = _open_descriptors()
        self._on = True

    def finish(self) -> list[DataUse]:
        """The cell has ended: what it read and wrote, in the order of the first opening.

        Sizes, times and inodes are those at the first opening of files only read, and those of now of files written.
        """
        if not self._on:
            return []
        self._on = False
        self._note_databases()
        self._look_at_descriptors()
        return [use for path, bits in self._settled().items() if (use := self._use(path, bits)) is not None]

    def gaps(self) -> list[CaptureGap]:
        """What cannot be seen: of this cell, and, once a session, by which libraries."""
        gaps = []
        if self._missed:
            gaps.append(CaptureGap("data", f"{self._missed:,} opened files not kept (limit {LIMIT:,} a cell)"))
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
                return  # whoever made the descriptor was seen
            mode = args[1] if len(args) > 1 else kwargs.get("mode", "r")
            self._note(name, _modes.get(mode) or _bits_of_mode(mode), file.fileno())
        except Exception:
            self._missed += 1
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
                name = _readlink(f"{_DESCRIPTORS}/{descriptor}")
            self._note(name, _bits_of_flags(flags), descriptor)
        except Exception:
            self._missed += 1
        except BaseException as interrupt:
            silent(interrupt)
            raise

    def _note_database(self, args: tuple[Any, ...], kwargs: dict[str, Any], connection: Any) -> None:
        if not self._on:
            return
        try:
            name = os.fspath(args[0] if args else kwargs["database"])
            path = _fsdecode(name)
            if kwargs.get("uri") or (len(args) > 7 and args[7]):
                path = _path_of_uri(path)
            if path and path != ":memory:":
                path = path if path[0] == "/" else f"{_getcwd()}/{path}"
                self._databases.setdefault(path, _stat_or_none(path))
        except Exception:
            self._missed += 1
        except BaseException as interrupt:
            silent(interrupt)
            raise

    def _note(self, name: Any, bits: int, descriptor: int) -> None:
        path = name if name.__class__ is str else _fsdecode(name)
        if path[:1] != "/":
            path = f"{_getcwd()}/{path}"
        before = self._seen.get(path)
        if before is not None:
            self._seen[path] = before | bits & (READ | WRITE)
            return
        if path.startswith(DEVICES):
            return
        stat = _fstat(descriptor)
        if stat.st_mode & _TYPE != _REGULAR:
            return
        if len(self._seen) >= LIMIT:
            self._missed += 1
            return
        self._stats[path] = stat
        self._seen[path] = bits

    # ---- at the end of the cell

    def _note_databases(self) -> None:
        """A database was written when its file is new or has changed since the connection was made."""
        for path, before in self._databases.items():
            now = _stat_or_none(path)
            if now is None:
                continue
            log = _stat_or_none(f"{path}-wal")
            changed = before is None or _version(before) != _version(now) or (log is not None and log.st_size > 0)
            fresh = before is None or before.st_size == 0
            bits = READ if not changed else WRITE | FRESH if fresh else READ | WRITE
            self._stats.setdefault(path, before or now)
            self._seen[path] = self._seen.get(path, 0) | bits

    def _look_at_descriptors(self) -> None:
        """Regular files that are open now and were not when the cell started: opened in C."""
        known, now = self._descriptors or {}, _open_descriptors()
        self._descriptors = now
        inodes = {(stat.st_dev, stat.st_ino) for stat in self._stats.values()}
        for descriptor, path in now.items():
            if known.get(descriptor) == path or path in self._seen or not self._rules.keeps(path):
                continue
            if path.endswith(("-wal", "-shm", "-journal")):
                continue
            with suppress(OSError, ValueError):
                stat = _fstat(int(descriptor))
                if stat.st_mode & _TYPE == _REGULAR and (stat.st_dev, stat.st_ino) not in inodes:
                    self._stats[path] = stat
                    self._seen[path] = _bits_of_flags(_flags_of(descriptor)) & (READ | WRITE)

    def _settled(self) -> dict[str, int]:
        """Files that are data, one entry each: spelled one way, under the name they have now."""
        settled: dict[str, int] = {}
        stats: dict[str, os.stat_result] = {}
        for spelled, bits in self._seen.items():
            path = os.path.realpath(spelled) if "/../" in spelled else os.path.normpath(spelled)
            path = self._rules.original(path)
            if not self._rules.keeps(path):
                continue
            stat = self._stats[spelled]
            if bits & WRITE and not os.path.exists(path):
                path = _renamed(path, stat) or path
                if not self._rules.keeps(path):
                    continue
            settled[path] = settled[path] | bits & (READ | WRITE) if path in settled else bits
            stats.setdefault(path, stat)
        self._stats = stats
        return settled

    def _use(self, path: str, bits: int) -> DataUse | None:
        stat: os.stat_result | None = self._stats[path]
        role = "written" if bits & FRESH or not bits & READ else "read-written" if bits & WRITE else "read"
        now = _stat_or_none(path)
        if role != "read":
            if now is not None:
                stat = now
            elif role == "written":
                return None
            else:
                role = "read"  # written and deleted again: what is left is that it was read
        elif now is None and self._rules.temporary(path):
            return None
        if stat is None or stat.st_mode & _TYPE != _REGULAR:
            return None
        name = self._rules.name(path)
        return DataUse(name, role, path=path, size=stat.st_size, mtime_ns=stat.st_mtime_ns, inode=stat.st_ino)


def _off_in_child() -> None:
    for observer in _installed:
        observer._on = False
    _installed.clear()


def _bits_of_mode(mode: str) -> int:
    """``w+`` and ``x+`` read only what they wrote; ``a`` keeps what is there and reads nothing of it."""
    bits = WRITE | FRESH if "w" in mode or "x" in mode else WRITE if "a" in mode else READ
    if "+" in mode and not bits & FRESH:
        bits = READ | WRITE
    _modes[mode] = bits
    return bits


def _bits_of_flags(flags: int) -> int:
    access = flags & os.O_ACCMODE
    if access == os.O_RDONLY:
        return READ
    fresh = flags & os.O_TRUNC or (flags & os.O_CREAT and flags & os.O_EXCL)
    return WRITE | FRESH if fresh else WRITE if access == os.O_WRONLY else READ | WRITE


def _path_of_uri(text: str) -> str:
    """The path of sqlite's ``file:`` URI; empty when the database is in memory."""
    if not text.startswith("file:"):
        return text
    path, _, query = text.removeprefix("file:").partition("#")[0].partition("?")
    if "mode=memory" in query:
        return ""
    if path.startswith("//"):
        path = "/" + path[2:].partition("/")[2]
    return unquote(path)


def _stat_or_none(path: str) -> os.stat_result | None:
    try:
        return _stat(path)
    except (OSError, ValueError):
        return None


def _version(stat: os.stat_result) -> tuple[int, int, int]:
    return stat.st_size, stat.st_mtime_ns, stat.st_ino


def _renamed(path: str, stat: os.stat_result) -> str | None:
    """Where in its folder a file lies that was written under another name and then put into place."""
    with suppress(OSError), os.scandir(os.path.dirname(path)) as entries:
        for _, entry in zip(range(_FOLDER_LIMIT), entries, strict=False):
            if entry.inode() == stat.st_ino and entry.is_file(follow_symlinks=False):
                return entry.path
    return None


def _open_descriptors() -> dict[str, str]:
    """Descriptor → path of what is open in this process; empty where the system does not tell."""
    return dict(_links())


def _links() -> Iterator[tuple[str, str]]:
    try:
        names = os.listdir(_DESCRIPTORS)
    except OSError:
        return
    for name in names:
        with suppress(OSError):
            path = _readlink(f"{_DESCRIPTORS}/{name}")
            if path[:1] == "/" and not path.startswith(DEVICES):
                yield name, path


def _flags_of(descriptor: str) -> int:
    """The flags a descriptor was opened with (Linux)."""
    fd = os.open(f"/proc/self/fdinfo/{descriptor}", os.O_RDONLY | os.O_CLOEXEC)
    try:
        text = os.read(fd, 4096).decode("ascii", "replace")
    finally:
        os.close(fd)
    for line in text.splitlines():
        if line.startswith("flags:"):
            return int(line.split()[1], 8)
    raise ValueError("no flags")
