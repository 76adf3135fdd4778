"""Journal segments: append-only files of checksummed lines, one writer each.

A line is ``crc32 (8 hex) SPACE json NEWLINE``. The checksum covers the JSON bytes. One ``os.write`` per
line on a descriptor opened with ``O_APPEND``: what was acknowledged is in the page cache, so ``kill -9``
of the writer loses nothing; the helper process syncs it to the disk (power loss: at most 100 ms).

A segment's writer holds an exclusive ``flock`` on it for life. Readers never lock (:mod:`.lines`): a line that has no
newline yet is *in flight*, a line whose checksum fails is *corrupt* and skipped.
"""

from __future__ import annotations

import _thread
import contextlib
import errno
import fcntl
import json
import os
import re
import threading
import time
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..canonical import jsonable
from ..config import HOME_NAME
from ..errors import JournalError
from ..redact import is_plain_json, redact_written
from .disk import REFUSALS, in_words
from .shelter import Shelter

if TYPE_CHECKING:
    from .lines import Entry

_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode
#: Seconds between two attempts to write what the disk refused.
RETRY = 1.0
#: Lines that come by the thousand: memory for them ends first.
_BULK = re.compile(rb'.{8} \{"t":"(?:log|output|reading)"')
#: Bytes of several entries that are written in one call.
MOST_AT_ONCE = 1 << 16
#: Attempts to take a lock, a millisecond apart.
LOCK_TRIES = 20


def frame(entry: Entry) -> bytes:
    """``entry`` as one line, without secrets: every file of lines is written through here."""
    return framed(entry)[0]


def framed(entry: Entry) -> tuple[bytes, Entry]:
    """``entry`` as one line, and as it is in that line: without secrets.

    Lone surrogates (hostile names) become ``\\udXXX`` escapes; special floats and what JSON has no word for
    take the form of :func:`~jupyter_bioml.canonical.jsonable`, so that no entry is ever refused.
    """
    try:
        text = _encode(entry)
    except (ValueError, TypeError):
        entry = jsonable(entry)
        text = _encode(entry)
    if not is_plain_json(text):
        masked = redact_written(entry)
        if masked is not entry:
            entry, text = masked, _encode(masked)
    return _line(text), entry


def frames(entries: Sequence[Entry]) -> bytes:
    """Several entries as lines: one search for secrets for all of them costs hardly more than for one."""
    try:
        texts = [_encode(entry) for entry in entries]
    except (ValueError, TypeError):
        texts = []
    if not texts or not is_plain_json("\n".join(texts)):
        return b"".join(map(frame, entries))
    return b"".join(map(_line, texts))


def _line(text: str) -> bytes:
    try:
        payload = text.encode()
    except UnicodeEncodeError:
        payload = json.dumps(json.loads(text), separators=(",", ":"), allow_nan=False).encode()
    return b"%08x %s\n" % (zlib.crc32(payload), payload)


class Segment:
    """The writing end of one segment.

    :meth:`append` never raises: what the disk refuses waits in memory (:mod:`.shelter`), goes with the next append,
    and is counted in :attr:`refused` until it got through. A write that was cut off in the middle goes on where it
    stopped.

    :param shelter: memory that another process holds too; what waits in it already is taken over. Without it the
        segment has memory of its own, and a file that cannot be made is an error.
    :param retries: a thread of its own tries again while something waits, also when nothing is appended.
    """

    def __init__(self, path: Path, shelter: Shelter | None = None, *, retries: bool = False) -> None:
        self.path = path
        self.refused = 0
        self.lost = 0
        self.errno = 0
        self._retries = retries
        self._retrying = False
        self._shelter = shelter
        self._landed = 0
        self._waits = False
        self._closed = False
        self._turn = threading.RLock()
        self._fd = -1
        self._identity = (0, 0)
        try:
            self._open()
        except OSError as error:
            if shelter is None or error.errno not in REFUSALS:
                raise
            self.errno, self._waits = error.errno or 0, True
            self._try_again()
        if shelter is not None and shelter.length:
            self.refused, self._waits = 1, True

    @property
    def refused_reason(self) -> str:
        """Why the disk took nothing last time."""
        return os.strerror(self.errno) if self.errno else ""

    @property
    def trouble(self) -> str | None:
        """A sentence when something waits: why, and where it is meanwhile."""
        if not self.refused:
            return None
        shelter = self._memory()
        home = self.path.parent.parent
        where = "in memory only; free some space before the kernel ends"
        if shelter.copied and shelter.spill is not None:
            where = f"in {shelter.spill.path.parent} until there is room"
        place = home.parent if home.name == HOME_NAME else home
        return f"{in_words(place, self.errno)}: this run is kept {where}."

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

    def append_all(self, entries: Sequence[Entry]) -> bool:
        """Write ``entries``, in one call to the operating system; True when they are in the file."""
        lines = frames(entries) if entries else b""
        if len(lines) <= MOST_AT_ONCE:
            return not lines or self.append_line(lines)
        kept = True
        for line in lines.splitlines(keepends=True):  # what a full disk refuses of so much is not one thing
            kept = self.append_line(line) and kept
        return kept

    def append_line(self, line: bytes) -> bool:
        """Write what :func:`frame` or :func:`frames` made (the fast path of ``log()``)."""
        if self._waits:
            return self._append_late(line)
        try:
            written = os.write(self._fd, line)
        except OSError as error:
            return self._refuse(line, error.errno or errno.EIO)
        if written != len(line):
            return self._refuse(line, errno.ENOSPC, written)
        return True

    def flush(self) -> bool:
        """Bring what waits to the disk; True when nothing is left."""
        if not self._waits or self._closed:
            return not self.refused
        with self._turn:
            return self._land()

    # -- what waits ------------------------------------------------------------------------------

    def _memory(self) -> Shelter:
        if self._shelter is None:
            self._shelter = Shelter()
        return self._shelter

    def _refuse(self, line: bytes, number: int, written: int = 0) -> bool:
        """The line, behind what the file has of it, waits."""
        if self._closed:
            return False
        with self._turn:
            self.errno = number
            if not self._wait(line[written:]) and written:
                self._wait(b"\n")  # what the file has of it is not to spoil the next line
        self._try_again()
        return False

    def _append_late(self, line: bytes) -> bool:
        if self._closed:
            return False
        with self._turn:
            self._wait(line)
            return self._land()

    def _wait(self, data: bytes) -> bool:
        """Put a line behind those that wait; False when there is no memory for it."""
        self._waits = True
        try:
            shelter = self._memory()
            if not shelter.length:
                self._landed = 0
            important = not (len(data) > 1 << 20 or _BULK.match(data))
            kept = shelter.add(data, self._size(), important=important)
        except (OSError, ValueError):  # not even memory of its own
            kept = False
        self.refused += kept
        self.lost += not kept
        return kept

    def _land(self) -> bool:
        """Write what waits, from the place on up to which the file has it."""
        shelter = self._memory()
        try:
            if self._fd < 0:
                self._open()
            length = shelter.length
            self._agree(shelter, length)
            while self._landed < length:
                with shelter.memory.view(self._landed, length) as rest:
                    self._landed += os.write(self._fd, rest)
        except JournalError:
            return False
        except OSError as error:
            self.errno = error.errno or errno.EIO
            return False
        lost = shelter.clear()
        self._waits, self.refused, self._landed, self.errno = False, 0, 0, 0
        return self.append(_gap(lost)) if lost else True

    def _try_again(self) -> None:
        if self._retries and not self._retrying:
            self._retrying = True
            _thread.start_new_thread(self._until_it_lands, ())

    def _until_it_lands(self) -> None:
        while self._waits and not self._closed:
            time.sleep(RETRY)
            self.flush()
        self._retrying = False

    def _agree(self, shelter: Shelter, length: int) -> None:
        """Find out how much of it the file has: an earlier writer may have been killed before it could say so."""
        size = self._size()
        there = size - shelter.base
        if there == self._landed:
            return
        known = min(there, length)
        if known >= 0 and os.pread(self._fd, known, shelter.base) == shelter.memory.read(0, known):
            self._landed = known
        else:
            shelter.move(size - self._landed)

    def _size(self) -> int:
        try:
            return os.fstat(self._fd).st_size
        except OSError:
            return 0

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
        if self._fd < 0 or self.in_place:
            return False
        with self._turn:
            return self._rewrite()

    def _rewrite(self) -> bool:
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
        """Release the lock. What still waits stays in the shared memory, for the process beside this one."""
        self.flush()
        self._let_go()

    def abandon_in_child(self) -> None:
        """Close the inherited descriptor in a forked child, so that lock and memory stay the parent's."""
        self._let_go()

    def _let_go(self) -> None:
        self._closed = self._waits = True
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def _gap(lost: int) -> Entry:
    reason = f"{lost} entries were lost: they did not fit into memory while the disk refused them"
    return {"t": "gap", "at": time.time(), "run": None, "part": "journal", "reason": reason}


def _copy(source: int, target: int) -> None:
    """All bytes of one descriptor's file to the end of another's.

    :raises OSError: when the disk refuses, or takes only a part.
    """
    offset = 0
    while chunk := os.pread(source, 2**20, offset):
        if os.write(target, chunk) != len(chunk):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        offset += len(chunk)


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
