"""The run above a run: of the same session, or the sweep that its session belongs to."""

from __future__ import annotations

import re
from pathlib import Path

from ..journal.liveness import kernel_segment
from ..journal.sessions import SessionLog
from ..records.fold import SessionFold
from ..records.run import RunRecord, Session

#: A session's id, as it may be part of a file's name.
_SESSION = re.compile(r"\d{8}T\d{6}-[0-9a-f]{8}")


def sweep_record(session: Session) -> str | None:
    """The record of the sweep that a session belongs to; None: it belongs to none."""
    name, _, record_id = (session.sweep or "").partition("/")
    return record_id if record_id and _SESSION.fullmatch(name) else None


def sweep_fold(journal: Path, session: Session) -> SessionFold | None:
    """The session of that sweep; None where the journal does not have it."""
    record_id = sweep_record(session)
    if record_id is None:
        return None
    log = SessionLog(kernel_segment(journal, str(session.sweep).partition("/")[0]))
    log.refresh()
    return log.fold if log.fold.session is not None and record_id in log.fold.order else None


def run_above(journal: Path, fold: SessionFold, record: RunRecord, session: Session) -> tuple[SessionFold, str]:
    """The run at the top, which a child of a child has above it too: its session and its record id.

    :param fold: the record's own session.
    :returns: the record's own id where nothing is above it.
    """
    sweep = sweep_fold(journal, session)
    if sweep is not None:
        return sweep, str(sweep_record(session))
    top = record.record_id
    while (above := fold.brief(top, dead=True).parent) in fold.order:
        top = str(above)
    return fold, top
