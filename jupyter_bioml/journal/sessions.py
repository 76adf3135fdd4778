"""The sessions of a project: their segments, whether their kernel lives, their folded records, and their damage."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..records.fold import Brief, SessionFold
from ..records.run import Session
from .lines import SegmentReader
from .liveness import HELPER_SUFFIX, KERNEL_SUFFIX, is_alive
from .log import is_locked

#: Runs that are named where their start is lost.
_NAMED = 3


@dataclass
class SessionLog:
    """One session's two segments, read as they grow."""

    path: Path
    fold: SessionFold = field(default_factory=SessionFold)

    def __post_init__(self) -> None:
        self._kernel = SegmentReader(self.path)
        self._helper = SegmentReader(self.path.with_suffix(HELPER_SUFFIX))

    def refresh(self) -> int:
        """Feed what was appended since the last call; returns how many entries that were.

        :raises SchemaTooNew: a newer version wrote the session.
        """
        count = 0
        for reader in (self._kernel, self._helper):
            for line in reader.read():
                self.fold.feed(line.entry)
                count += 1
        intake = self.fold.intake
        intake.cut_lines, intake.open_lines = self.corrupt, bool(self._kernel.cut) + bool(self._helper.cut)
        intake.check_version()
        self._know_the_session()
        return count

    def _know_the_session(self) -> None:
        """Where the first line is lost, the segment's name says which session it is."""
        session = self.fold.session
        if session is None and (self.fold.order or self.fold.intake.startless):
            self.fold.assume(self.path.stem)
        elif session is not None and not session.session:
            self.fold.session = dataclasses.replace(session, session=self.path.stem)

    @property
    def corrupt(self) -> int:
        """Lines that are not what their checksum says."""
        return self._kernel.corrupt + self._helper.corrupt

    def damage(self) -> str | None:
        """What of the segments cannot be read, and what is shown all the same; None: everything can."""
        intake, name = self.fold.intake, self.path.name
        if refused := self._kernel.refused or self._helper.refused:
            return f"The journal {name} cannot be read ({refused}); what it holds is not shown."
        dead = bool(intake.open_lines or intake.startless) and self.dead()
        lines, shown = intake.damage(dead=dead), self._shown()
        lost = intake.startless if dead or lines else []
        told = []
        if lines:
            are = "line of the journal {} is" if lines == 1 else "lines of the journal {} are"
            told.append(f"{lines:,} {are.format(name)} damaged; {shown:,} of its runs {_are(shown)} shown")
        if lost:
            listed = ", ".join(record_id[:8] for record_id in lost[:_NAMED]) + (", …" if len(lost) > _NAMED else "")
            where = "" if lines else f" of the journal {name}"
            told.append(f"{len(lost):,}{where} {_are(len(lost))} not, as the start is lost ({listed})")
        if intake.assumed is not None:
            told.append(f"what is known of the session is not whole, as {intake.assumed}")
        if count := sum(intake.unknown.values()):
            kinds = ", ".join(sorted(intake.unknown)[:_NAMED])
            told.append(f"{count:,} of the lines of {name} are of kinds that this version does not know ({kinds})")
        return "; ".join(told) + "." if told else None

    def _shown(self) -> int:
        return sum(self.fold.mark(record_id) != "cell" for record_id in self.fold.order)

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
        return is_over(self.path, self.fold.session, closed=self.fold.closed)


def is_over(path: Path, session: Session | None, *, closed: bool) -> bool:
    """Whether the kernel of a session is gone, or has unloaded the extension.

    :param closed: its last line says so.
    """
    if closed:
        return True
    if session is None or not session.host:  # the lock alone can tell
        return is_locked(path) is not True
    return not is_alive(path, session)


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


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
