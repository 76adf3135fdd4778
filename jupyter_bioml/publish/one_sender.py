"""One sender of a run at a time on this host, whichever folder it sends from.

A publisher's lock and its ledger lie in the project's folder. A copy of the folder has its own, and where the original
was renamed or is gone nobody can tell which one is to send. Both would look for a run, find none, and make it. So
a process that sends a run holds its byte of a file outside all projects; a later one finds the run that was made. The
kernel of the operating system releases it with the process.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import time
from collections.abc import Iterator

from ..errors import Refused
from ..host.lock_folder import lock_folder

FILE = "sending"
#: Seconds between two tries, and those after which a run is left to the next publisher.
_PAUSE, PATIENCE = 0.02, 60.0


class OneSender:
    """The runs that this process sends now."""

    def __init__(self) -> None:
        self._fd = -1
        self._held: set[int] = set()
        with contextlib.suppress(OSError, Refused):  # no such folder: the search by record id has to do
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            self._fd = os.open(lock_folder() / FILE, flags, 0o600)

    def close(self) -> None:
        """Hold nothing any more; it may be called again."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    @contextlib.contextmanager
    def of(self, record_id: str) -> Iterator[None]:
        """Be the one that sends a run; entering it again for the same run changes nothing.

        :raises Refused: another process is at it for a long time.
        """
        place = int(hashlib.sha256(record_id.encode()).hexdigest()[:15], 16)
        if self._fd < 0 or place in self._held:
            yield
            return
        if not self._took(place):
            yield
            return
        self._held.add(place)
        try:
            yield
        finally:
            self._held.discard(place)
            with contextlib.suppress(OSError):
                fcntl.lockf(self._fd, fcntl.LOCK_UN, 1, place)

    def _took(self, place: int) -> bool:
        """Take the byte; False where the file system knows no locks."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                fcntl.lockf(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
            except (BlockingIOError, PermissionError):  # held; which of the two is the system's choice
                if time.monotonic() > until:
                    raise Refused(
                        "A copy of this project's folder is sending it now.",
                        next="Try again when that has ended: bioml publish --wait",
                    ) from None
                time.sleep(_PAUSE)
            except OSError:
                return False
            else:
                return True
