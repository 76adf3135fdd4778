"""What a full disk refused: taken to it as soon as there is room, also long after the kernel has ended."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path

from ..config import kept_folder
from ..errors import JournalError
from ..journal.blobs import Blobs
from ..journal.log import Segment
from ..journal.shelter import Shelters
from ..records.run import Session

#: Seconds that this process lives on after its kernel for what the disk refused: a week.
KEEP = 7 * 86_400.0
#: Seconds between two attempts; those with blobs, which may be large, grow from the first to the last.
AGAIN, LAST_AGAIN = 1.0, 10.0


class Rescue:
    """The memory that is shared with the kernel, and the way from there to the disk.

    :param path: the kernel's segment.
    """

    def __init__(self, path: Path, session: Session, shelters: Shelters) -> None:
        self._path = path
        self._root = Path(session.project)
        self._shelters = shelters
        self._blobs = Blobs(Path(session.home) / "blobs")
        self._spare = Blobs(kept_folder(self._root) / "blobs")
        self._copied = 0
        self._patience = AGAIN
        self._try_at = 0.0

    @property
    def blobs_wait(self) -> bool:
        """Is there a blob that is not on the disk yet?"""
        return self._shelters.blobs.waiting

    def land_blobs(self) -> None:
        """Bring the blobs to the disk, as far as there is room; to another disk meanwhile."""
        if time.monotonic() < self._try_at:
            return
        try:
            for end, data in self._shelters.blobs.held():
                self._blobs.put(data)
                self._shelters.blobs.landed(end)
                self._patience = AGAIN
        except OSError:
            self._copy_blobs()
            self._try_at = time.monotonic() + self._patience
            self._patience = min(2 * self._patience, LAST_AGAIN)

    def _copy_blobs(self) -> None:
        spill = self._shelters.lines.spill
        if spill is None or not spill.elsewhere:
            return
        with contextlib.suppress(OSError):
            for end, data in self._shelters.blobs.held():
                if end > self._copied:
                    self._spare.put(data)
                    self._copied = end

    def land_lines(self) -> bool:
        """Once the kernel has ended: write what waits of its segment; True when nothing is left."""
        if not self._shelters.lines.length:
            return True
        try:
            segment = Segment(self._path, self._shelters.lines)
        except (JournalError, OSError):
            return False  # the kernel still holds it, or another process brings it there
        try:
            return segment.flush()
        finally:
            segment.close()

    def after_the_end(self, own: Callable[[], bool], landed: Callable[[], None]) -> None:
        """Go on until everything is on the disk, the project is gone, or :data:`KEEP` is over.

        :param own: writes what waits of our own segment; True when nothing is left.
        :param landed: called when the kernel's lines are there.
        """
        until = time.monotonic() + KEEP
        waited = self._shelters.lines.length > 0
        while True:
            self.land_blobs()
            lines = self.land_lines()
            if waited and lines:
                waited = False
                landed()
            if (own() and lines and not self.blobs_wait) or not self._root.exists() or time.monotonic() > until:
                return
            time.sleep(AGAIN)
