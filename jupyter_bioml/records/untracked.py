"""Cells that ran while tracking was off: what a run after them can say of what they read.

Their text is known from IPython's history, their reads are not. A run that comes after them has a gap, until a
reproduction has run the same cells and seen what they read.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

from .facts import BEFORE_TRACKING, BEGUN, UNKNOWN, CaptureGap, DataUse
from .run import PriorCell, Report, RunRecord
from .wire import from_dict, to_dict

#: Kind of the report with a verdict, and where its summary has what the reproduction saw.
VERDICT, SUMMARY = "verdict", "before_tracking"
#: Reads that a verdict names; where there are more, it answers nothing.
MOST_READS = 2_000


@dataclasses.dataclass(frozen=True)
class UntrackedCell:
    """A cell of an ``untracked`` entry."""

    source: str
    execution_count: int | None = None
    status: str = UNKNOWN
    unseen: bool = False
    """It may have read something."""


class UntrackedCells:
    """The ``untracked`` entries of one session."""

    def __init__(self) -> None:
        self._cells: dict[int, list[PriorCell]] = {}
        self._reasons: dict[int, str] = {}

    def feed(self, entry: dict[str, Any]) -> None:
        """Take one entry; long histories come in several with the same number."""
        seq = int(entry["seq"])
        if entry.get("reason"):
            self._reasons[seq] = str(entry["reason"])
        for item in entry["cells"]:
            cell = from_dict(UntrackedCell, item)
            prior = PriorCell("", 0, cell.source, None, cell.execution_count, cell.status, unseen=cell.unseen)
            self._cells.setdefault(seq, []).append(prior)

    def before(self, seq: int) -> Sequence[PriorCell]:
        """The cells that ran just before the cell run of this number."""
        return self._cells.get(seq, ())

    def gaps(self, before: Sequence[PriorCell], start: dict[str, Any]) -> Iterator[CaptureGap]:
        """What they leave unknown of a run.

        :param before: the cells before the run.
        :param start: its ``started`` entry.
        """
        if (found := gap_of(before)) is not None:
            yield found
        if not (start.get("parent") or start.get("alone")):
            known = [reason for seq, reason in self._reasons.items() if seq <= int(start["seq"])]
            yield from (CaptureGap(BEFORE_TRACKING, reason) for reason in known)


def gap_of(before: Sequence[PriorCell]) -> CaptureGap | None:
    """The gap of a run after these cells; None: what each of them read is known."""
    places = [place for place, cell in enumerate(before) if cell.unseen]
    if not places:
        return None
    later = any(cell.record_id for cell in before[: places[0]])
    when = "while tracking was off" if later else "before tracking started"
    if len(places) == 1:
        return CaptureGap(BEFORE_TRACKING, f"uses 1 cell that ran {when}; what it read is unknown")
    return CaptureGap(BEFORE_TRACKING, f"uses {len(places):,} cells that ran {when}; what they read is unknown")


def unknown_reads(record: RunRecord) -> str | None:
    """Why not all that a run read is known, as a sentence without its end; None: there is no such reason."""
    return next((gap.reason for gap in record.gaps if gap.part == BEFORE_TRACKING), None)


def lost_cells(record: RunRecord) -> str | None:
    """Why cells that ran before it are not known, so that no reproduction can run them; None: all are."""
    return next(
        (gap.reason for gap in record.gaps if gap.part == BEFORE_TRACKING and not _is_seen_again(gap, record)), None
    )


def _is_seen_again(gap: CaptureGap, record: RunRecord) -> bool:
    """Whether a gap is about cells that a reproduction runs, and sees."""
    return gap.part == BEFORE_TRACKING and (gap.reason == BEGUN or gap == gap_of(record.before))


def summary_of(cells: int, reads: Sequence[DataUse]) -> dict[str, Any]:
    """What a verdict says of the cells that ran while tracking was off, and of what they read when they ran again."""
    left_out = max(0, len(reads) - MOST_READS)
    return {"cells": cells, "reads": [to_dict(use) for use in reads[:MOST_READS]], "left_out": left_out}


def reads_seen(report: Report | None) -> tuple[DataUse, ...] | None:
    """What a reproduction saw those cells read, from its verdict; None: it did not see it."""
    found = report.summary.get(SUMMARY) if report is not None else None
    if not isinstance(found, dict) or found.get("left_out"):
        return None
    return tuple(from_dict(DataUse, use) for use in found.get("reads") or ())


def settled(record: RunRecord) -> RunRecord:
    """The record without the gap where its verdict has what those cells read."""
    if unknown_reads(record) is None or reads_seen(record.report(VERDICT)) is None:
        return record
    return dataclasses.replace(record, gaps=tuple(gap for gap in record.gaps if not _is_seen_again(gap, record)))
