"""Content-addressed files beside the journal: module sources, figures, models, generator states."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from ..errors import JournalError, NotFound


class TooLarge(JournalError):
    """A blob grew over its limit while it was written; nothing of it was kept."""

    code = "too-large"


class Blobs:
    """Files under ``root`` named by the SHA-256 of their content (``ab/cdef…``)."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, digest: str) -> Path:
        """The path of the blob of ``digest``, existing or not."""
        return self.root / digest[:2] / digest[2:]

    def put(self, data: bytes) -> str:
        """Store ``data`` and return its digest; a second time only says that it is in use (its file's time).

        :raises OSError: when the disk refuses; nothing is left behind.
        """
        digest = hashlib.sha256(data).hexdigest()
        target = self.path(digest)
        try:
            os.utime(target)
        except OSError:  # it is not there; or it is somebody else's, or on a disk that cannot be written
            if not target.exists():
                self._write(target, data)
        return digest

    def _write(self, target: Path, data: bytes) -> None:
        temporary = f"{target}.{os.getpid()}.tmp"
        try:
            fd = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        except FileNotFoundError:
            target.parent.mkdir(parents=True, exist_ok=True)
            fd = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(fd, view) :]
        except OSError:
            os.close(fd)
            os.unlink(temporary)
            raise
        os.close(fd)
        os.rename(temporary, target)

    def put_stream(self, write: Callable[[Any], Any], limit: int) -> tuple[str, int]:
        """Store what ``write(file)`` writes; returns (digest, bytes).

        :param limit: bytes; one more raises :class:`TooLarge` out of ``file.write``.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        temporary = self.root / f"stream.{os.getpid()}.{os.urandom(4).hex()}.tmp"
        try:
            with open(temporary, "xb") as file:
                sink = _HashingSink(file, limit)
                write(sink)
            digest = sink.hash.hexdigest()
            target = self.path(digest)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.rename(temporary, target)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise
        return digest, sink.size

    def get(self, digest: str) -> bytes:
        """The content.

        :raises NotFound: when it is not here.
        :raises JournalError: when its content is not what its name says.
        """
        try:
            data = self.path(digest).read_bytes()
        except OSError:
            raise NotFound(
                f"The stored content {digest[:12]} is not in {self.root}.",
                next="It may have been deleted; everything else of the run is kept.",
            ) from None
        if hashlib.sha256(data).hexdigest() != digest:
            raise JournalError(f"The stored content {digest[:12]} in {self.root} was altered.")
        return data


class _HashingSink:
    """A writable that hashes and counts, and refuses to grow over a limit."""

    def __init__(self, file: IO[bytes], limit: int) -> None:
        self.hash = hashlib.sha256()
        self.size = 0
        self._file = file
        self._limit = limit

    def write(self, data: Any) -> int:
        view = memoryview(data)
        self.size += view.nbytes
        if self.size > self._limit:
            raise TooLarge(f"more than {self._limit:,} bytes")
        self.hash.update(view)
        self._file.write(view)
        return view.nbytes

    def flush(self) -> None:
        self._file.flush()
