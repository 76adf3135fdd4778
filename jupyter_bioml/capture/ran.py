"""What of a cell's code ran: of a cell that raised, and of the code in its magics, not all counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..records.facts import CaptureGap
from . import cellcode
from .active import OpenCell
from .outcome import Outcome, failure_of, raising_line
from .recorder import Recorder

if TYPE_CHECKING:
    from .inner_code import InnerCode

_GOES_ON = "its magic goes on, so the cell did not fail"


def what_ran(recorder: Recorder, cell: OpenCell, outcome: Outcome) -> bool:
    """Leave in ``cell.code`` what ran, and name the rest; True when all of it did.

    A name that the cell did not bind may still hold the value of an earlier cell: that is none of this run's.
    """
    completed = outcome.error is None and not outcome.interrupted
    if cell.inner is None:
        if not completed:
            _keep_before(recorder, cell, raising_line(outcome.error, recorder.shell.user_ns))
        return completed
    try:
        _settle(recorder, cell, cell.inner)
        line = _reached(cell, cell.inner, outcome)
    except Exception as error:
        cell.gaps.append(CaptureGap("code", f"{type(error).__name__}: {error}"))
        line = 0
    if line is not None:
        _keep_before(recorder, cell, line)
    return line is None


def _keep_before(recorder: Recorder, cell: OpenCell, line: int) -> None:
    """Only the statements before a line count."""
    done = [statement for statement in cell.body if (statement.end_lineno or 0) < line]
    cell.code = cellcode.analyse(done, recorder.shell.user_ns, recorder.memory.clocks)


def _settle(recorder: Recorder, cell: OpenCell, inner: InnerCode) -> None:
    """Now it is known which magics ran their text: what the others were given is not the cell's code."""
    changed, gaps = inner.settle(recorder.shell)
    cell.gaps += gaps
    if changed:
        tree = cellcode.parse_cell(inner.flat.text)
        cell.body = [] if tree is None else tree.body
        cell.code = cellcode.analyse(cell.body, recorder.shell.user_ns, recorder.memory.clocks)
        cell.given = {name: value for name, value in cell.given.items() if name in recorder.memory.declared}


def _reached(cell: OpenCell, inner: InnerCode, outcome: Outcome) -> int | None:
    """The line of the flat text that was not left any more; None: all of it ran."""
    if outcome.error is not None or outcome.interrupted:
        return inner.raising_line(None if outcome.error is None else outcome.error.__traceback__)
    if inner.stopped is not None:
        around, swallowed = inner.stopped
        error = failure_of(swallowed)
        said = f"code in a magic of this cell ended with {error['kind']}: {error['message'][:200]}"
        cell.gaps.append(CaptureGap("code", f"{said}; {_GOES_ON}"))
        return inner.raising_line(swallowed.__traceback__, around)
    missed = inner.not_reached(cell.body)
    if missed is None:
        return None
    said = f"code in a magic of this cell ended before line {missed.lineno} of it"
    cell.gaps.append(CaptureGap("code", f"{said}; {_GOES_ON}"))
    return missed.lineno
