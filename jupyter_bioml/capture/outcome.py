"""The end of a cell: its status, and the stored part of its exception."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from types import CodeType, TracebackType
from typing import Any

from ..records.facts import FAILED, FINISHED, INTERRUPTED, KILLED
from ..redact import redact

#: Characters of a traceback that are kept.
TRACEBACK_LIMIT = 20000


@dataclass(eq=False, repr=False)
class Outcome:
    """The end of the cell: its exception (None: it did not raise), or an interruption."""

    error: BaseException | None = None
    interrupted: bool = False
    execution_count: int | None = None


def status_of(outcome: Outcome) -> tuple[str, str | None]:
    """(status, cause)."""
    if outcome.interrupted or isinstance(outcome.error, KeyboardInterrupt):
        return KILLED, INTERRUPTED
    if isinstance(outcome.error, SystemExit):
        if outcome.error.code in (None, 0):
            return FINISHED, "sys.exit"
        return FAILED, f"sys.exit({str(outcome.error.code)[:100]})"
    return (FAILED, None) if outcome.error is not None else (FINISHED, None)


def failure_of(error: BaseException) -> dict[str, str]:
    """The fields of ``records.run.Failure``: bounded, secrets masked."""
    try:
        text = "".join(traceback.format_exception(type(error), error, _user_part(error.__traceback__)))
    except Exception:
        text = type(error).__name__
    if len(text) > TRACEBACK_LIMIT:
        half = TRACEBACK_LIMIT // 2
        text = f"{text[:half]}\n… cut at {TRACEBACK_LIMIT} characters …\n{text[-half:]}"
    try:
        message = str(error)
    except Exception:
        message = ""
    return {"kind": type(error).__name__, "message": redact(message)[:2000], "traceback": redact(text)}


def _user_part(trace: TracebackType | None) -> TracebackType | None:
    """The traceback from the cell's own frame on: IPython's frames tell the reader nothing."""
    while trace is not None and "IPython" in trace.tb_frame.f_code.co_filename and trace.tb_next is not None:
        trace = trace.tb_next
    return trace


def is_cell(code: CodeType) -> bool:
    """Is it the code of a cell, or of a text that a magic compiled as one? IPython 8 named it by its line."""
    return code.co_name == "<module>" or code.co_name.startswith("<cell line")


def raising_line(error: BaseException | None, namespace: dict[str, Any]) -> int:
    """The line of the cell that was running; 0 when none was (a syntax error) or it cannot be told."""
    trace = error.__traceback__ if error is not None else None
    while trace is not None:
        if trace.tb_frame.f_globals is namespace:
            return trace.tb_lineno
        trace = trace.tb_next
    return 0
