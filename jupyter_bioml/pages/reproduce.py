"""The result of a reproduction, as lines of text: the verdict in a sentence, its cause, the fix, the differences."""

from __future__ import annotations

from collections.abc import Iterator

from ..reproduce.verdict import COULD_NOT_RUN, DIFFERENT, NOT_COMPARED, REPRODUCED, WITHIN_NOISE, Evidence, Reproduction
from ..text.present import format_duration, printable, short_id
from .batch import failing_cell
from .compare import compare_page

_SIGNS = {REPRODUCED: "✓", WITHIN_NOISE: "✓", DIFFERENT: "✗", COULD_NOT_RUN: "⊘", NOT_COMPARED: "?"}
#: Lines of evidence that are shown.
_EVIDENCE = 12


def reproduce_page(report: Reproduction, width: int) -> Iterator[str]:
    """The report for a terminal of ``width`` columns."""
    yield f"{_SIGNS[report.verdict]} {report.verdict}: {printable(report.sentence)}"
    if report.cause:
        yield f"  cause   {report.cause}"
    if report.repair:
        yield f"  repair  {printable(report.repair)}"
    if report.outputs:
        yield f"  based on  {report.based_on.text}"
    new = report.new_record_id or report.new_run_id
    made = f"run {short_id(new)}" if new else "no run"
    where = "" if report.environment.kind == "current" else f", {report.environment.kind} environment"
    took = format_duration(report.result.duration)
    yield f"  {made} from {short_id(report.record_id)}, {took}{where}"
    if report.work:
        yield f"  in {printable(report.work)}"
    yield from _evidence(report.evidence)
    for proof in report.proofs:
        yield f"  proof of {proof.factor}: {printable(proof.what)}: {printable(proof.outcome)}"
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


def _evidence(evidence: tuple[Evidence, ...]) -> Iterator[str]:
    words = {True: " (proved)", False: " (not the reason)", None: ""}
    for item in evidence[:_EVIDENCE]:
        yield f"  - {item.cause}{words[item.proved]}: {printable(item.message)}"
    if len(evidence) > _EVIDENCE:
        yield f"  - and {len(evidence) - _EVIDENCE} more (all of it: --json)"
