"""Journal segments: append-only files of checksummed lines, one writer each.

A line is ``crc32 (8 hex) SPACE json NEWLINE``. The checksum covers the JSON bytes. One ``os.write`` per
line on a descriptor opened with ``O_APPEND``: what was acknowledged is in the page cache, so ``kill -9``
of the writer loses nothing; the helper process syncs it to the disk (power loss: at most 100 ms).

A segment's writer holds an exclusive ``flock`` on it for life. Readers never lock: a line that has no
newline yet is *in flight*, a line whose checksum fails is *corrupt* and skipped.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..canonical import jsonable
from ..errors import JournalError

Entry = dict[str, Any]
_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode
#: Entries kept in memory while the disk refuses them (full, read-only). Older ones go first.
PENDING_LIMIT = 2000
#: Attempts to take a lock, a millisecond apart.
LOCK_TRIES = 20


def frame(entry: Entry) -> bytes:
    """``entry`` as one line.

    Lone surrogates (hostile names) become ``\\udXXX`` escapes; special floats and what JSON has no word for
    take the form of :func:`~jupyter_bioml.canonical.jsonable`, so that no entry is ever refused.
    """
    try:
        text = _encode(entry)
    except (ValueError, TypeError):
        text = _encode(jsonable(entry))
    try:
        payload = text.encode()
    except UnicodeEncodeError:
        payload = json.dumps(json.loads(text), separators=(",", ":"), allow_nan=False).encode()
    return b"%08x %s\n" % (zlib.crc32(payload), payload)


class Segment:
    """The writing end of one segment.

    :meth:`append` never raises: what the disk refuses is kept in memory (up to
    :data:`PENDING_LIMIT` entries), sent with the next append, and counted in :attr:`refused`
    with :attr:`refused_reason` until it got through.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.refused = 0
        self.lost = 0
        self.refused_reason = ""
        self._pending: list[bytes] = []
        self._torn = False
        self._fd = -1
        self._identity = (0, 0)
        self._open()

    def _open(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_CREAT | os.O_APPEND | os.O_RDWR | os.O_CLOEXEC
        fd = os.open(self.path, flags, 0o600)
        try:
            _lock(fd)
        except BlockingIOError:
            os.close(fd)
            raise JournalError(
                f"Another process already writes {self.path}.",
                next="Use one kernel per segment; nothing was written.",
            ) from None
        except OSError:
            pass  # a file system without locks: readers fall back to host, boot and start time
        mine = os.fstat(fd)
        self._fd, self._identity = fd, (mine.st_ino, mine.st_dev)

    def append(self, entry: Entry) -> bool:
        """Write ``entry``; True when it is in the file (kill -9 cannot lose it)."""
        return self.append_line(frame(entry))

    def append_line(self, line: bytes) -> bool:
        """Write one line made by :func:`frame` (the fast path of ``log()``)."""
        if self._pending or self._torn:
            return self._append_late(line)
        try:
            written = os.write(self._fd, line)
        except OSError as error:
            return self._refuse(line, error)
        if written != len(line):
            self._torn = True
            return self._refuse(line, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
        return True

    def _refuse(self, line: bytes, error: OSError) -> bool:
        self._pending.append(line)
        if len(self._pending) > PENDING_LIMIT:
            # the first entries are the session header and the starts of runs: keep those
            del self._pending[PENDING_LIMIT // 2]
            self.lost += 1
        self.refused = len(self._pending)
        self.refused_reason = error.strerror or type(error).__name__
        return False

    def flush(self) -> bool:
        """Retry the entries that the disk refused; True when none is left."""
        return self._send(self._pending) if self._pending else True

    def _append_late(self, line: bytes) -> bool:
        return self._send([*self._pending, line])

    def _send(self, lines: list[bytes]) -> bool:
        """Write the waiting lines in their order; those from the first refused one on wait further."""
        self._pending = []
        for number, waiting in enumerate(lines):
            if not self._retry(waiting):
                self._pending += lines[number + 1 :]
                self.refused = len(self._pending)
                return False
        self.refused = 0
        return True

    def _retry(self, line: bytes) -> bool:
        """One waiting line, behind a newline if the last write was cut in the middle."""
        data = b"\n" + line if self._torn else line
        try:
            written = os.write(self._fd, data)
        except OSError as error:
            return self._refuse(line, error)
        self._torn = written != len(data)
        if self._torn:
            return self._refuse(line, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
        return True

    @property
    def in_place(self) -> bool:
        """Whether the file is still the one that has its name: False once it was deleted or replaced."""
        try:
            there = os.stat(self.path)
        except OSError:
            return False
        return (there.st_ino, there.st_dev) == self._identity

    def heal(self) -> bool:
        """Rewrite the segment if its file was deleted or replaced; True if it was.

        The open descriptor still holds every entry, so nothing is lost. The new file is complete and
        locked before it takes the name, so that no reader sees the kernel as dead in between.
        """
        if self.in_place:
            return False
        old, identity, name = self._fd, self._identity, self.path
        # a name of its own: the kernel's and the helper's segment differ in their suffix only
        self.path = name.with_name(f"{name.name}.healing")
        try:
            self._open()
            os.ftruncate(self._fd, 0)
            _copy(old, self._fd)
            os.rename(self.path, name)
        except (OSError, JournalError):
            if self._fd != old:
                os.close(self._fd)
                self._fd, self._identity = old, identity
                with contextlib.suppress(OSError):
                    os.unlink(self.path)
            return False
        finally:
            self.path = name
        os.close(old)
        return True

    def close(self) -> None:
        """Release the lock. What is still pending is lost and was counted."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def abandon_in_child(self) -> None:
        """Close the inherited descriptor in a forked child, so that the lock stays the parent's."""
        self.close()


def _copy(source: int, target: int) -> None:
    """All bytes of one descriptor's file to the end of another's.

    :raises OSError: when the disk refuses, or takes only a part.
    """
    offset = 0
    while chunk := os.pread(source, 2**20, offset):
        if os.write(target, chunk) != len(chunk):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        offset += len(chunk)


@dataclass(frozen=True)
class Line:
    """One readable line: its entry and the offset just behind it."""

    entry: Entry
    end: int


class SegmentReader:
    """Reads a segment from an offset; call :meth:`read` again to go on.

    :ivar offset: behind the last complete line read.
    :ivar corrupt: how many complete lines failed their checksum and were skipped.
    """

    def __init__(self, path: Path, offset: int = 0) -> None:
        self.path = path
        self.offset = offset
        self.corrupt = 0

    def read(self) -> Iterator[Line]:
        """Complete lines since :attr:`offset`. A cut-off tail is left for the next call."""
        try:
            with open(self.path, "rb") as file:
                file.seek(self.offset)
                for line in file:
                    if not line.endswith(b"\n"):
                        return
                    self.offset += len(line)
                    entry = parse(line)
                    if entry is None:
                        self.corrupt += line != b"\n"
                        continue
                    yield Line(entry, self.offset)
        except FileNotFoundError:
            return


def parse(line: bytes) -> Entry | None:
    """The entry of one line, or None when it is not what its checksum says."""
    try:
        if int(line[:8], 16) != zlib.crc32(line[9:-1]):
            return None
        entry = json.loads(line[9:-1])
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None


def _lock(fd: int) -> None:
    """Take the lock. One who asks whether it is taken (:func:`is_locked`) holds it for microseconds: wait that out.

    :raises BlockingIOError: another writer holds it.
    """
    for _ in range(LOCK_TRIES):
        try:
            return fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.001)
    return fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)


def is_locked(path: Path) -> bool | None:
    """Whether a writer holds the segment; None when locks do not work on this file system."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except OSError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return False
    except BlockingIOError:
        return True
    except OSError:
        return None
    finally:
        os.close(fd)
