"""The taint of a run at its cell's end: what the session's own cells show, as a report of the run."""

from __future__ import annotations

import time
from typing import Any

from ..records.facts import CaptureGap
from ..records.signs import TAINT, TAINT_TAG, CellRuns, Taint, taint_at_end
from .active import OpenCell
from .recorder import Recorder

#: Signs that the report lists; it counts all.
_SHOWN = 20


def note_cell(recorder: Recorder, cell: OpenCell, execution_count: int | None) -> list[dict[str, Any]]:
    """A cell ended: remember that it ran.

    :returns: if it is a run, the entry with the signs of taint in its session so far.

    What fails is a gap of the run. No file is read: the notebook on the disk may be older than what was sent.
    """
    try:
        runs = recorder.cells = recorder.cells or CellRuns()
        for count in recorder.untracked.take_counts():
            runs.add(None, count, "")
        runs.deleted(cell.request.deleted)
        runs.add(cell.request.cell_id, execution_count, cell.source, cell.request.tags)
        if cell.run.mark != "cell":
            return [_report(cell.run.record_id, taint_at_end(runs, cell.request.cells))]
    except Exception as error:
        cell.gaps.append(CaptureGap(TAINT, f"{type(error).__name__}: {error}"))
    return []


def _report(record_id: str, taint: Taint) -> dict[str, Any]:
    signs = [
        {"level": sign.level, "cell": sign.cell_id, "execution": sign.execution_count, "text": sign.text}
        for sign in taint.signs[:_SHOWN]
    ]
    return {
        "t": "report",
        "run": record_id,
        "at": time.time(),
        "kind": TAINT,
        "state": taint.level,
        "summary": {"signs": signs, "count": len(taint.signs), "unknown": list(taint.unknown)},
        "tags": {TAINT_TAG: taint.level},
        "blobs": {},
    }
