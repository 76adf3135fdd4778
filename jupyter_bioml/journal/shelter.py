"""Memory in which what the disk refused waits, shared by a kernel and the process beside it.

A kernel that is killed leaves everything in it: it lives for as long as one of the two does. Nothing is sent, no
buffer fills, nobody waits. It takes no memory until the disk refuses for the first time.

* :class:`Shelter`: the bytes that belong into one file from an offset on. As their place is known, each of them is
  written once and in order, also if a process was killed while it did that.
* :class:`BlobShelter`: whole blobs, which are named by their content.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import mmap

#: Most bytes of a segment, and of its blobs, that wait in memory. What does not fit is a named gap.
LINES_LIMIT, BLOBS_LIMIT = 64 << 20, 128 << 20
#: Of the lines' bytes, those kept free for what is not a logged value or an output: the ends of runs.
RESERVE = 8 << 20
_HEAD = 64
_SLOT = struct.Struct("<Q")


class SharedMemory:
    """A block of memory: some numbers, and bytes behind them.

    :param size: bytes, of which none is used until it is written.
    :param fd: the descriptor of a block that another process made.
    """

    def __init__(self, size: int, fd: int | None = None) -> None:
        self.size = size
        self._map: mmap.mmap | None = None
        self._real = _HEAD
        if fd is not None:
            self.fd = fd
            return
        self.fd = _anonymous_file(_HEAD + size)

    @property
    def shared(self) -> bool:
        """Whether another process can be given it."""
        return self.fd >= 0

    def number(self, slot: int) -> int:
        """One of the numbers."""
        return int(_SLOT.unpack(self._read(slot * 8, 8))[0])

    def set(self, slot: int, value: int) -> None:
        """Change one of the numbers."""
        _SLOT.pack_into(self._mapped(), slot * 8, value)

    def read(self, start: int, end: int) -> bytes:
        """Some of the bytes."""
        return self._read(_HEAD + start, max(0, end - start))

    def view(self, start: int, end: int) -> memoryview:
        """Some of the bytes, not copied."""
        return memoryview(self._mapped())[_HEAD + start : _HEAD + end]

    def write(self, start: int, data: bytes | memoryview) -> None:
        """Put bytes in.

        :raises OSError: the system has no memory for them.
        """
        end = _HEAD + start + len(data)
        if end > _HEAD + self.size:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if self.fd >= 0 and end > self._real and hasattr(os, "posix_fallocate"):
            # asked for first: where memory is short this is an error, and writing would be the end of the process
            target = min(_HEAD + self.size, (end + 0xFFFF) & ~0xFFFF)
            os.posix_fallocate(self.fd, self._real, target - self._real)
            self._real = target
        self._mapped()[_HEAD + start : end] = data

    def give_back(self) -> None:
        """Nothing in it is needed any more."""
        if self._map is not None:
            import mmap

            page = mmap.PAGESIZE
            with contextlib.suppress(OSError, ValueError, AttributeError):
                self._map.madvise(mmap.MADV_REMOVE, page, self.size + _HEAD - page)
                self._real = min(self._real, page)

    def _read(self, start: int, count: int) -> bytes:
        if self.fd >= 0:
            return os.pread(self.fd, count, start)
        return self._mapped()[start : start + count]

    def _mapped(self) -> mmap.mmap:
        if self._map is None:
            import mmap  # a disk has refused something: until then nothing of it is needed

            if self.fd >= 0:
                os.posix_fallocate(self.fd, 0, _HEAD)
            self._map = mmap.mmap(self.fd, _HEAD + self.size)
        return self._map


def _anonymous_file(size: int) -> int:
    """A file in memory; -1 where there is none (not Linux, not allowed): then the memory is this process's own."""
    try:
        fd = os.memfd_create("bioml", os.MFD_CLOEXEC)
    except (AttributeError, OSError):
        return -1
    try:
        os.ftruncate(fd, size)
    except OSError:
        os.close(fd)
        return -1
    return fd


class Shelter:
    """Bytes that belong into one file from :attr:`base` on.

    :param spill: a file on another disk that gets a copy, so that a machine's death loses nothing; None: none.
    """

    _BASE, _LENGTH, _LOST = 0, 1, 2

    def __init__(self, memory: SharedMemory | None = None, spill: Spill | None = None) -> None:
        self.memory = memory or SharedMemory(LINES_LIMIT)
        self.spill = spill

    @property
    def base(self) -> int:
        """The offset in the file at which the bytes belong."""
        return self.memory.number(self._BASE)

    @property
    def length(self) -> int:
        """How many bytes there are; some of them may be in the file by now."""
        return self.memory.number(self._LENGTH)

    @property
    def lost(self) -> int:
        """Lines that found no room here."""
        return self.memory.number(self._LOST)

    def add(self, line: bytes, base: int, *, important: bool = True) -> bool:
        """Take a line in, behind the others; False when there is no room.

        :param base: where it belongs if it is the first one.
        :param important: it may use the part that is kept free.
        """
        length = self.length
        room = self.memory.size - length - (0 if important else RESERVE)
        try:
            if len(line) > room:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self.memory.write(length, line)
            if not length:
                self.memory.set(self._BASE, base)
            self.memory.set(self._LENGTH, length + len(line))
        except OSError:
            with contextlib.suppress(OSError):
                self.memory.set(self._LOST, self.lost + 1)
            return False
        self.copy()
        return True

    def move(self, base: int) -> None:
        """They belong elsewhere: something else is in the file by now."""
        self.memory.set(self._BASE, base)
        if self.spill is not None:
            self.spill.forget()
            self.copy()

    def clear(self) -> int:
        """All of them are in the file; returns how many lines were lost."""
        lost = self.lost
        self.memory.set(self._LENGTH, 0)
        self.memory.set(self._LOST, 0)
        if self.spill is not None:
            self.spill.forget()
        self.memory.give_back()
        return lost

    def copy(self) -> None:
        """Bring the copy on the other disk up to date."""
        if self.spill is not None:
            self.spill.bring(self.memory, self.base, self.length)

    @property
    def copied(self) -> bool:
        """Whether all of it is on another disk too."""
        return self.spill is not None and self.spill.size >= self.length > 0


class Spill:
    """A copy of what waits for a file, on another disk: a line of JSON (segment, base), and the bytes.

    :param folder: where to; made when needed.
    :param segment: the file that the bytes belong into.
    """

    def __init__(self, folder: Path, segment: Path) -> None:
        self.path = folder / segment.name
        self.size = 0
        self._segment = segment
        self._fd = -1
        self._useful: bool | None = None

    def bring(self, memory: SharedMemory, base: int, length: int) -> None:
        """Copy what was added since the last call, as far as that disk takes it."""
        if self.size >= length or not self.elsewhere:
            return
        try:
            if self._fd < 0:
                self._begin(base)
            while self.size < length:
                self.size += os.write(self._fd, memory.view(self.size, min(length, self.size + (1 << 20))))
        except OSError:
            return

    @property
    def elsewhere(self) -> bool:
        """Is it on another disk than the segment? On the same one there is no room either."""
        if self._useful is None:
            try:
                self._useful = _device(self.path.parent) != _device(self._segment.parent)
            except OSError:
                self._useful = False
        return self._useful

    def _begin(self, base: int) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        flags = os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC
        fd = os.open(self.path, flags, 0o600)
        head = json.dumps({"segment": str(self._segment), "base": base}).encode() + b"\n"
        if os.write(fd, head) != len(head):
            os.close(fd)
            os.unlink(self.path)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._fd, self.size = fd, 0

    def forget(self) -> None:
        """Delete the copy."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
        self.size = 0
        with contextlib.suppress(OSError):
            os.unlink(self.path)


def read_spill(path: Path) -> tuple[Path, int, bytes] | None:
    """(segment, base, bytes) of a copy; None when it is not one."""
    try:
        head, _, data = path.read_bytes().partition(b"\n")
        said = json.loads(head)
        return Path(said["segment"]), int(said["base"]), data
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _device(folder: Path) -> int:
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    return existing.stat().st_dev


class BlobShelter:
    """Whole blobs. One process adds, the other takes them to the disk; each changes a number of its own."""

    _LENGTH, _LANDED = 0, 1
    _ENTRY = struct.Struct("<32sQ")

    def __init__(self, memory: SharedMemory | None = None) -> None:
        self.memory = memory or SharedMemory(BLOBS_LIMIT)
        self._known: set[str] = set()

    @property
    def waiting(self) -> bool:
        """Is there a blob that is not on the disk?"""
        return self.memory.number(self._LANDED) < self.memory.number(self._LENGTH)

    @property
    def room(self) -> int:
        """Bytes that a blob may have."""
        if not self.memory.shared:
            return 0  # nobody could take it to the disk
        used = self.memory.number(self._LENGTH) if self.waiting else 0
        return max(0, self.memory.size - used - self._ENTRY.size)

    def add(self, digest: str, data: bytes | memoryview) -> bool:
        """Take a blob in; False when there is no room."""
        waiting = self.waiting
        if waiting and digest in self._known:
            return True
        if len(data) > self.room:
            return False
        try:
            if not waiting:
                self._known.clear()
                self.memory.set(self._LENGTH, 0)
                self.memory.set(self._LANDED, 0)
            start = self.memory.number(self._LENGTH)
            self.memory.write(start, self._ENTRY.pack(bytes.fromhex(digest), len(data)))
            self.memory.write(start + self._ENTRY.size, data)
            self.memory.set(self._LENGTH, start + self._ENTRY.size + len(data))
        except OSError:
            return False
        self._known.add(digest)
        return True

    def held(self) -> Iterator[tuple[int, bytes]]:
        """The blobs that wait, each with the number that :meth:`landed` is told of it."""
        start = self.memory.number(self._LANDED)
        while start < self.memory.number(self._LENGTH):
            _, size = self._ENTRY.unpack(self.memory.read(start, start + self._ENTRY.size))
            start += self._ENTRY.size
            data = self.memory.read(start, start + size)
            start += size
            yield start, data

    def landed(self, end: int) -> None:
        """The blobs up to that one are on the disk."""
        self.memory.set(self._LANDED, end)


class Shelters:
    """The memory of one session: for its kernel's segment, and for the blobs.

    :param kept: the folder for copies on another disk; None: no copies.
    :param descriptors: of the memory that the kernel made; empty: make it.
    """

    def __init__(self, segment: Path, kept: Path | None, descriptors: Sequence[int] = ()) -> None:
        lines, blobs = descriptors or (None, None)
        self.lines = Shelter(SharedMemory(LINES_LIMIT, lines), None if kept is None else Spill(kept, segment))
        self.blobs = BlobShelter(SharedMemory(BLOBS_LIMIT, blobs))

    @property
    def descriptors(self) -> tuple[int, ...]:
        """What another process needs to share it; empty where that is not possible."""
        memories = (self.lines.memory, self.blobs.memory)
        return tuple(memory.fd for memory in memories) if all(memory.shared for memory in memories) else ()
