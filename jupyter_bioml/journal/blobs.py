"""Content-addressed files beside the journal: module sources, figures, models, generator states."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from ..errors import JournalError, NotFound
from .disk import REFUSALS
from .shelter import BlobShelter


class TooLarge(JournalError):
    """A blob grew over its limit while it was written; nothing of it was kept."""

    code = "too-large"


#: Beside a folder of blobs: the path of another one, in which those are that it lacks.
ALSO = "blobs.also"


class Blobs:
    """Files under ``root`` named by the SHA-256 of their content (``ab/cdef…``).

    :param shelter: memory for what a full disk refuses, which the process beside a kernel takes to the disk later.
    """

    def __init__(self, root: Path, shelter: BlobShelter | None = None) -> None:
        self.root = root
        self._shelter = shelter

    def path(self, digest: str) -> Path:
        """The path of the blob of ``digest``, existing or not."""
        path = self._own(digest)
        if not path.exists() and (also := self._also()) is not None and (other := also.path(digest)).exists():
            return other
        return path

    def _own(self, digest: str) -> Path:
        return self.root / digest[:2] / digest[2:]

    def _also(self) -> Blobs | None:
        try:
            return Blobs(Path((self.root.parent / ALSO).read_text(encoding="utf-8").strip()))
        except OSError:
            return None

    def put(self, data: bytes) -> str:
        """Store ``data`` and return its digest; a second time only says that it is in use (its file's time).

        :raises OSError: when the disk refuses, and the memory for that case is full; nothing is left behind.
        """
        digest = hashlib.sha256(data).hexdigest()
        target = self._own(digest)
        try:
            os.utime(target)
        except OSError:  # it is not there; or it is somebody else's, or on a disk that cannot be written
            if not target.exists():
                try:
                    self._write(target, data)
                except OSError as error:
                    if error.errno not in REFUSALS or not self._keep(digest, data):
                        raise
        return digest

    def _keep(self, digest: str, data: bytes | memoryview) -> bool:
        return self._shelter is not None and self._shelter.add(digest, data)

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

        :param write: called a second time, from the beginning, if the disk has no room.
        :param limit: bytes; one more raises :class:`TooLarge` out of ``file.write``.
        :raises OSError: as :meth:`put`.
        """
        try:
            return self._stream(write, limit)
        except OSError as error:
            room = 0 if self._shelter is None else self._shelter.room
            if error.errno not in REFUSALS or not room:
                raise
            kept = io.BytesIO()
            sink = _HashingSink(kept, min(limit, room))
            try:
                write(sink)
            except TooLarge:
                raise error from None
            if not self._keep(sink.hash.hexdigest(), kept.getbuffer()):
                raise
            return sink.hash.hexdigest(), sink.size

    def _stream(self, write: Callable[[Any], Any], limit: int) -> tuple[str, int]:
        self.root.mkdir(parents=True, exist_ok=True)
        temporary = self.root / f"stream.{os.getpid()}.{os.urandom(4).hex()}.tmp"
        try:
            with open(temporary, "xb") as file:
                sink = _HashingSink(file, limit)
                write(sink)
            digest = sink.hash.hexdigest()
            self._land(temporary, self._own(digest), sink.size)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise
        return digest, sink.size

    def _land(self, temporary: Path, target: Path, size: int) -> None:
        """Give a whole file its name. One that is there already is only marked as in use, as by :meth:`put`: to replace
        it would make the file system write the new one to the disk first."""
        try:
            if os.stat(target).st_size == size:
                os.utime(target)
                os.unlink(temporary)
                return
        except OSError:
            target.parent.mkdir(parents=True, exist_ok=True)
        os.rename(temporary, target)

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
