"""One publisher per destination: an flock, and what its file says to those who would start another one.

The text of the file: line 1, when the last full scan of the journals began (epoch seconds; what was written
before it is taken care of); line 2, only while the destination does not answer: ``retry-after <epoch seconds>``.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from ..errors import JournalError


class PublisherLock:
    """The lock of one destination; released by :meth:`release` or by the process's end, however it ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd = -1

    def acquire(self) -> bool:
        """Take the lock without waiting; False when another publisher has it.

        :raises JournalError: when the file cannot be made.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            fd = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise JournalError(
                f"{self._path} cannot be written ({error.strerror or error}); nothing was sent.",
                next="Nothing is lost. Fix the folder's permissions, then run: jupyter bioml publish --wait",
            ) from None
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            return False
        except OSError:
            pass  # a file system without locks: the ledger's search by record id still finds what is there
        self._fd = fd
        return True

    def release(self) -> None:
        """Let another process publish; it may be called again."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def read(self) -> tuple[float, float]:
        """(start of the last full scan, when to try again); 0 where nothing is said."""
        try:
            lines = self._path.read_text(encoding="utf-8").splitlines()
            scanned = float(lines[0]) if lines and lines[0].strip() else 0.0
            retry = next((float(line.split()[1]) for line in lines[1:] if line.startswith("retry-after ")), 0.0)
        except (OSError, ValueError, IndexError):
            return 0.0, 0.0
        return scanned, retry

    def scanned(self, began: float) -> None:
        """A full scan that began then was brought to its end."""
        self._write(f"{began!r}\n")

    def retry_after(self, at: float) -> None:
        """The destination does not answer; nobody needs to try before ``at``."""
        self._write(f"{self.read()[0]!r}\nretry-after {at!r}\n")

    def _write(self, text: str) -> None:
        """In place: another inode would be another lock. For a moment the old text's end stands behind the new."""
        data = text.encode()
        try:
            os.pwrite(self._fd, data, 0)
            os.ftruncate(self._fd, len(data))
        except OSError:
            return  # a full disk: the next publisher scans once more than needed
