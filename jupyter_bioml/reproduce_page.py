"""What came of a reproduction, as lines of text: the verdict as a sentence, then what differs."""

from __future__ import annotations

from collections.abc import Iterator

from .batch_page import failing_cell
from .compare_page import compare_page
from .records.present import format_duration, printable, short_id
from .reproduce.reproduce import COULD_NOT_RUN, REPRODUCED, Reproduction

_SIGNS = {REPRODUCED: "✓", COULD_NOT_RUN: "⊘"}


def reproduce_page(report: Reproduction, width: int) -> Iterator[str]:
    """The report for a terminal of ``width`` columns."""
    yield f"{_SIGNS.get(report.verdict, '✗')} {report.verdict}: {printable(report.sentence)}"
    new = report.new_run_id or report.new_record_id
    made = f"run {short_id(new)}" if new else "no run"
    yield f"  {made} from {short_id(report.run_id or report.record_id)}, {format_duration(report.result.duration)}"
    yield f"  in {printable(report.work)}"
    for note in report.notes:
        yield f"⚠ {printable(note)}"
    if report.result.failure is not None:
        yield ""
        yield from failing_cell(report.result, report.result.failure)
    if report.comparison is not None:
        yield ""
        yield from compare_page(report.comparison, width)
    for line in report.waiting:
        yield f"⚠ {printable(line)}"
