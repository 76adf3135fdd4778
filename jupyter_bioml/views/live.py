"""Live state of tracked kernels, from their journals alone."""

from __future__ import annotations

import time
from collections.abc import Iterable

from ..journal.renames import Renames
from ..journal.sessions import SessionLog
from ..records.fold import Brief
from ..records.run import Session
from ..store.naming import run_name
from . import shapes
from .detail import point

#: Seconds of readings that the live view keeps.
WINDOW = 600.0


def live_of(logs: Iterable[SessionLog], notebook: str | None, renames: Renames) -> shapes.Live:
    """The kernels of one notebook (None: of every one), as far as they run now."""
    now = time.time()
    runs: list[shapes.LiveRun] = []
    points: list[shapes.Point] = []
    started: list[float] = []
    for log in logs:
        session = log.fold.session
        if session is None:
            continue
        name = renames.now(session.notebook, session.started) if session.notebook else None
        if notebook not in (None, name):
            continue
        points += [point(reading) for reading in log.fold.readings(now - WINDOW)]
        for brief in log.running():
            started.append(brief.started)
            if brief.mark != "cell":
                runs.append(_live_run(log, brief, session))
    points.sort(key=lambda one: one.t)
    runs.sort(key=lambda one: one.started)
    return shapes.Live(tuple(runs), tuple(points), max(started, default=None))


def _live_run(log: SessionLog, brief: Brief, session: Session) -> shapes.LiveRun:
    record = log.fold.record(brief.record_id, alone=True)
    code, duration = record.code, max(0.0, time.time() - record.started)
    return shapes.LiveRun(
        brief.record_id, run_name(record, session), code.execution_count, code.cell_id, record.started, duration
    )
