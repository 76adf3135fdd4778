"""The later cells that showed a run's scores: which ones they are, from the session's journal."""

from __future__ import annotations

from dataclasses import dataclass

from .catalog import Found


@dataclass(frozen=True)
class LaterCell:
    """A later cell run of the session, which showed a score of the run."""

    record_id: str
    cell_id: str | None
    execution_count: int | None
    line: str
    """Its first line that says something."""


def later_cells(found: Found) -> tuple[LaterCell, ...]:
    """Those that the journal here has, in the order in which the run's scores name them."""
    if found.local is None:
        return ()
    fold = found.local.log.fold
    known = set(fold.order)
    shown_by = dict.fromkeys(score.cell for score in found.record.scores if score.cell is not None)
    codes = {cell: fold.record(cell, alone=True).code for cell in shown_by if cell in known}
    return tuple(
        LaterCell(cell, code.cell_id, code.execution_count, _first_line(code.source)) for cell, code in codes.items()
    )


def _first_line(source: str) -> str:
    """The first line that is neither blank nor a comment; of a cell of comments the first one."""
    lines = [line.strip() for line in source.splitlines() if line.strip()]
    return next((line for line in lines if not line.startswith("#")), lines[0] if lines else "")
