"""From the openings noted during a cell to what the cell read and wrote."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import unquote

from ...records.facts import DataUse
from .data_files import DEVICES, DataFiles

#: The effect of an opening on a file. FRESH: the first thing done with it was to overwrite it.
READ, WRITE, FRESH = 1, 2, 4

#: Entries of a folder looked at to find a file that was renamed after it was written.
_FOLDER_LIMIT = 10_000
_DESCRIPTORS = "/proc/self/fd"
_REGULAR, _TYPE = 0o100000, 0o170000


class Version(NamedTuple):
    """One state of a file's content, as far as its directory entry tells."""

    size: int
    mtime_ns: int
    inode: int
    device: int


def version(stat: os.stat_result) -> Version | None:
    """The version, or None if it is not a regular file."""
    if stat.st_mode & _TYPE != _REGULAR:
        return None
    return Version(stat.st_size, stat.st_mtime_ns, stat.st_ino, stat.st_dev)


def version_of(path: str) -> Version | None:
    """The version of the file at ``path`` now; None when there is no regular file."""
    try:
        return version(os.stat(path))
    except (OSError, ValueError):
        return None


def bits_of_mode(mode: str) -> int:
    """The effect of ``open`` in ``mode``: ``w+`` and ``x+`` read only what they wrote, ``a`` reads nothing."""
    if "w" in mode or "x" in mode:
        return WRITE | FRESH
    if "+" in mode:
        return READ | WRITE
    return WRITE if "a" in mode else READ


def bits_of_flags(flags: int) -> int:
    """The effect of ``os.open`` with ``flags``."""
    access = flags & os.O_ACCMODE
    if access == os.O_RDONLY:
        return READ
    if flags & os.O_TRUNC or (flags & os.O_CREAT and flags & os.O_EXCL):
        return WRITE | FRESH
    return WRITE if access == os.O_WRONLY else READ | WRITE


def merged(before: int, bits: int) -> int:
    """One more opening of a file: a file that was first overwritten stays so."""
    return before | bits & (READ | WRITE)


def settle(seen: dict[str, int], versions: dict[str, Version], rules: DataFiles) -> list[DataUse]:
    """Files that are data, one entry each: spelled one way, under the name they have now."""
    bits_of: dict[str, int] = {}
    first: dict[str, Version] = {}
    now: dict[str, Version | None] = {}
    for spelled, bits in seen.items():
        path = rules.original(_clean(spelled))
        if not rules.keeps(path):
            continue
        if bits & WRITE:
            now[path] = version_of(path)
            if now[path] is None and (place := _renamed(path, versions[spelled])) is not None:
                path, now[place] = place, version_of(place)
                if not rules.keeps(path):
                    continue
        elif rules.temporary(path):
            now.setdefault(path, version_of(path))
        bits_of[path] = merged(bits_of[path], bits) if path in bits_of else bits
        first.setdefault(path, versions[spelled])
    uses = (_use(path, bits, first[path], now.get(path), rules) for path, bits in bits_of.items())
    return [use for use in uses if use is not None]


def _use(path: str, bits: int, first: Version, now: Version | None, rules: DataFiles) -> DataUse | None:
    role = "written" if bits & FRESH or not bits & READ else "read-written" if bits & WRITE else "read"
    if role == "read":
        if now is None and rules.temporary(path):
            return None
        found = first
    elif now is not None:
        found = now
    elif role == "written":
        return None
    else:
        role, found = "read", first  # written and deleted: what is left is that it was read
    if found.size == 0 and path.endswith((".lock", ".dirlock")):
        return None
    return DataUse(rules.name(path), role, path=path, size=found.size, mtime_ns=found.mtime_ns, inode=found.inode)


def settle_folders(seen: dict[str, int], rules: DataFiles) -> list[DataUse]:
    """Folders that were given whole to a reader or writer (partitioned parquet)."""
    uses = []
    for path, bits in seen.items():
        path = _clean(path)
        with suppress(OSError):
            stat = os.stat(path)
            role = "read" if not bits & WRITE else "read-written" if bits & READ else "written"
            name = rules.name(path)
            if rules.keeps(f"{path}/"):
                uses.append(DataUse(name, role, "directory", path, mtime_ns=stat.st_mtime_ns, inode=stat.st_ino))
    return uses


def _clean(path: str) -> str:
    if "/../" in path:
        return os.path.realpath(path)  # ``..`` after a link leads elsewhere than the text says
    return os.path.normpath(path) if "//" in path or "/./" in path else path


def _renamed(path: str, version: Version) -> str | None:
    """The final place of a file that was written under another name and then moved."""
    with suppress(OSError), os.scandir(os.path.dirname(path)) as entries:
        for _, entry in zip(range(_FOLDER_LIMIT), entries, strict=False):
            if entry.inode() == version.inode and entry.is_file(follow_symlinks=False):
                return entry.path
    return None


def database_bits(path: str, before: Version | None) -> int:
    """The use of a database: written if its file is new or has changed since the connection was made."""
    logs = (version_of(f"{path}{end}") for end in ("-wal", ".wal"))
    if version_of(path) == before and all(log is None or log.size == 0 for log in logs):
        return READ
    return WRITE | FRESH if before is None or before.size == 0 else READ | WRITE


def path_of_uri(text: str) -> str:
    """The path of sqlite's ``file:`` URI; empty when the database is in memory."""
    if not text.startswith("file:"):
        return text
    path, _, query = text.removeprefix("file:").partition("#")[0].partition("?")
    if "mode=memory" in query.split("&"):
        return ""
    if path.startswith("//"):
        path = "/" + path[2:].partition("/")[2]
    return unquote(path)


class Descriptors:
    """A look at what is open in this process. Sockets and pipes are asked once: a kernel has sixty of them."""

    def __init__(self) -> None:
        self._no_files: set[str] = set()
        self._taken: tuple[int, int] | None = None
        self._found: dict[str, str] = {}
        self._files: dict[int, tuple[int, int] | None] = {}
        """Descriptor of each → the file that it was (device, inode)."""

    def look(self) -> dict[str, str]:
        """Descriptor → path of the files that are open now; empty where the system does not tell.

        Listing them all costs 0.1 to 0.6 ms: the last answer is given again while their number, the lowest free
        one and the known files are what they were. What that cannot tell: a socket closed, and its number taken
        by a file, since the last look.
        """
        taken = _taken()
        if taken is None or taken != self._taken or any(_file(one) != file for one, file in self._files.items()):
            self._found, self._taken = self._list(), taken
            self._files = {int(name): _file(int(name)) for name in self._found}
        return self._found

    def _list(self) -> dict[str, str]:
        try:
            names = os.listdir(_DESCRIPTORS)
        except OSError:
            return {}
        self._no_files.intersection_update(names)
        found = {}
        for name in names:
            if name in self._no_files:
                continue
            path = _target(name)
            if path is None:
                continue
            if path[:1] == "/" and not path.startswith((*DEVICES, "/memfd:")):
                found[name] = path
            else:
                self._no_files.add(name)
        return found


def _target(descriptor: str) -> str | None:
    try:
        return os.readlink(f"{_DESCRIPTORS}/{descriptor}")
    except OSError:
        return None


def _file(descriptor: int) -> tuple[int, int] | None:
    """Which file is open: to ask for its name would take longer."""
    try:
        stat = os.fstat(descriptor)
    except OSError:
        return None
    return stat.st_dev, stat.st_ino


def _taken() -> tuple[int, int] | None:
    """The number of open descriptors (Linux 6.2 or newer) and the lowest free one; None if unknown."""
    try:
        count = os.stat(_DESCRIPTORS).st_size
        if not count:
            return None
        lowest = os.dup(0)
    except OSError:
        return None
    os.close(lowest)
    return count, lowest


def new_descriptors(
    known: dict[str, str], now: dict[str, str], versions: dict[str, Version], rules: DataFiles
) -> Iterator[tuple[str, int, Version]]:
    """(path, bits, version) of data files that are open now, were not before, and were not seen opening."""
    seen = {(found.device, found.inode) for found in versions.values()}
    for descriptor, path in now.items():
        if known.get(descriptor) == path or path in versions or not rules.keeps(path):
            continue
        if path.endswith(("-wal", "-shm", "-journal")):
            continue
        with suppress(OSError, ValueError):
            found = version(os.fstat(int(descriptor)))
            if found is not None and (found.device, found.inode) not in seen:
                yield path, bits_of_flags(_flags_of(descriptor)) & (READ | WRITE), found


def _flags_of(descriptor: str) -> int:
    """The flags a descriptor was opened with (Linux)."""
    with open(f"/proc/self/fdinfo/{descriptor}", encoding="ascii", errors="replace") as file:
        for line in file:
            if line.startswith("flags:"):
                return int(line.split()[1], 8)
    raise ValueError(f"descriptor {descriptor} has no flags")
