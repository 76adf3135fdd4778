"""Live state of tracked kernels, from their journals alone."""

from __future__ import annotations

import time
from collections.abc import Iterable

from ..journal.renames import Renames
from ..journal.sessions import SessionLog
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
        running = list(_running(log))
        runs += [one for one, mark in running if mark != "cell"]
        started += [one.started for one, _ in running]
    points.sort(key=lambda one: one.t)
    runs.sort(key=lambda one: one.started)
    return shapes.Live(tuple(runs), tuple(points), max(started, default=None))


def _running(log: SessionLog) -> Iterable[tuple[shapes.LiveRun, str]]:
    """The cells that have begun and not ended, with their marks; children of a run count as its own."""
    fold = log.fold
    assert fold.session is not None
    for record_id in reversed(fold.order):
        brief = fold.brief(record_id, dead=False)
        if brief.ended is not None:
            if brief.parent is None:
                return
            continue
        record = fold.record(record_id, alone=True)
        code = record.code
        duration = max(0.0, time.time() - record.started)
        name = run_name(record, fold.session)
        yield (
            shapes.LiveRun(record_id, name, code.execution_count, code.cell_id, record.started, duration),
            record.mark,
        )


def sessions_of(logs: Iterable[SessionLog]) -> tuple[shapes.LiveSession, ...]:
    """Tracked kernels, and the run that runs in each."""
    found = []
    for log in logs:
        if (session := log.fold.session) is not None:
            running = next((one.record_id for one, mark in _running(log) if mark != "cell"), None)
            found.append(shapes.LiveSession(session.session, session.notebook, running))
    return tuple(found)
