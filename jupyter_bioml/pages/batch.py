"""The result of a batch of notebooks, as lines of text: a table, then each failing cell with its traceback."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

from ..batch.batch import BatchReport
from ..batch.sweep_table import cell
from ..headless.results import (
    BROKEN,
    FAILED,
    INTERRUPTED,
    KILLED,
    NOT_RUN,
    PASSED,
    UNCHANGED,
    CellFailure,
    NotebookResult,
)
from ..text.present import format_duration, format_number, printable, short_id
from ..text.table import Column, table

_SIGNS = {PASSED: "✓", UNCHANGED: "=", FAILED: "✗", KILLED: "⊘", INTERRUPTED: "⊘", BROKEN: "✗", NOT_RUN: "○"}
_INDENT = "  "
SOURCE_LINES, TRACEBACK_LINES = 20, 30


def batch_page(report: BatchReport, width: int) -> Iterator[str]:
    """The summary for a terminal of ``width`` columns."""
    heads = [
        Column("  state"),
        Column("notebook", least=16),
        Column("took", right=True),
        Column("runs", right=True),
        Column("output", least=16),
    ]
    yield from table(heads, [_cells(result) for result in report.results], width)
    if report.sweep is not None:
        yield ""
        yield from _sweep(report.sweep, width)
    for result in report.results:
        yield from _trouble(result)
    yield ""
    counts = Counter(result.status for result in report.results)
    said = ", ".join(f"{count} {status}" for status, count in counts.items())
    yield f"{said} in {format_duration(report.duration)}; output notebooks in {printable(_near(report.output_dir))}"
    for line in (*report.notes, *report.waiting):
        yield f"⚠ {printable(line)}"


def _sweep(sweep: dict[str, Any], width: int) -> Iterator[str]:
    """The sweep's table: the varied parameters and the runs' metrics."""
    shown = [(kind, name) for kind, name in sweep["columns"] if name not in ("task", "notebook", "duration")]
    heads = [Column(name, right=kind != "field") for kind, name in shown]
    rows = [[_figure(cell(row, column)) for column in shown] for row in sweep["rows"]]
    yield f"sweep {short_id(sweep['record_id'])}"
    yield from table(heads, rows, width)


def _figure(value: Any) -> str:
    return printable(str(value)) if isinstance(value, str) else format_number(value)


def _cells(result: NotebookResult) -> list[str]:
    return [
        f"{_SIGNS.get(result.status, '?')} {result.status}",
        _name(result),
        "" if result.status == NOT_RUN else format_duration(result.duration),
        str(len(result.records)) if result.records else "",
        _near(result.output) if result.output else "",
    ]


def _name(result: NotebookResult) -> str:
    """The notebook and the parameters that were set."""
    return " ".join([_near(result.notebook), *(f"{name}={value!r}" for name, value in result.parameters.items())])


def _near(path: str) -> str:
    """``path`` relative to the current folder, if that is shorter."""
    try:
        relative = os.path.relpath(path)
    except OSError:
        return path
    return min(relative, path, key=len)


def _trouble(result: NotebookResult) -> Iterator[str]:
    if result.reason and not result.passed:
        yield ""
        yield f"✗ {printable(_near(result.notebook))}: {printable(result.reason)}"
    if result.failure is not None:
        yield ""
        yield from failing_cell(result, result.failure)


def failing_cell(result: NotebookResult, failure: CellFailure) -> Iterator[str]:
    """The cell that stopped a notebook, and its traceback."""
    identity = f", id {printable(failure.cell_id)}" if failure.cell_id else ""
    yield f"✗ {printable(_near(result.notebook))}, cell {failure.index + 1}{identity}:"
    source = failure.source.splitlines()
    yield from (f"{_INDENT}│ {printable(line)}" for line in source[:SOURCE_LINES])
    if len(source) > SOURCE_LINES:
        yield f"{_INDENT}│ … {len(source) - SOURCE_LINES} more lines"
    if result.status == INTERRUPTED and failure.kind == "KeyboardInterrupt":
        yield f"{_INDENT}It was running when it was interrupted."
        return
    lines = failure.traceback.splitlines() or [f"{failure.kind}: {failure.message}"]
    if len(lines) > TRACEBACK_LINES:
        yield f"{_INDENT}… {len(lines) - TRACEBACK_LINES} lines above"
    yield from (f"{_INDENT}{printable(line)}" for line in lines[-TRACEBACK_LINES:])
