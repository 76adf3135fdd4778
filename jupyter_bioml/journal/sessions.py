"""The sessions of a project: their segments, whether their kernel lives, their folded records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..records.fold import Brief, SessionFold
from .liveness import HELPER_SUFFIX, KERNEL_SUFFIX, is_alive
from .log import SegmentReader, is_locked


@dataclass
class SessionLog:
    """One session's two segments, read as they grow."""

    path: Path
    fold: SessionFold = field(default_factory=SessionFold)

    def __post_init__(self) -> None:
        self._kernel = SegmentReader(self.path)
        self._helper = SegmentReader(self.path.with_suffix(HELPER_SUFFIX))

    def refresh(self) -> int:
        """Feed what was appended since the last call; returns how many entries that were."""
        count = 0
        for reader in (self._kernel, self._helper):
            for line in reader.read():
                self.fold.feed(line.entry)
                count += 1
        return count

    @property
    def corrupt(self) -> int:
        """Lines that were skipped because their checksum failed."""
        return self._kernel.corrupt + self._helper.corrupt

    def running(self) -> Iterator[Brief]:
        """The cells that have begun and not ended, the newest first; children of a run count as its own."""
        for record_id in reversed(self.fold.order):
            brief = self.fold.brief(record_id, dead=False)
            if brief.ended is None:
                yield brief
            elif brief.parent is None:
                return

    def dead(self) -> bool:
        """True when the kernel of this session is gone, or has unloaded the extension."""
        if self.fold.closed:
            return True
        session = self.fold.session
        return not is_alive(self.path, session) if session else is_locked(self.path) is not True


def sessions(journal: Path) -> Iterator[SessionLog]:
    """Every session of a journal folder, oldest first, read up to now."""
    try:
        paths = [path for path in journal.iterdir() if path.suffix == KERNEL_SUFFIX]
    except OSError:
        return
    for path in sorted(paths):
        log = SessionLog(path)
        log.refresh()
        if log.fold.session is not None:
            yield log
