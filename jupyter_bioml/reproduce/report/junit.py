"""A verdict as JUnit XML: one test case, which passes where the run was reproduced, or differs only as repeats do."""

from __future__ import annotations

from ...batch.junit import JUnitCase, junit_document
from ..verdict import COULD_NOT_RUN, EXIT_CODES, Reproduction


def verdict_junit(report: Reproduction) -> str:
    """The document: *different* and *not compared* are failures, *could not run* is an error."""
    kind = None if EXIT_CODES[report.verdict] == 0 else "error" if report.verdict == COULD_NOT_RUN else "failure"
    notebook = str(report.source.get("notebook") or report.result.notebook or "notebook.ipynb")
    lines = [report.sentence, *(f"{item.cause}: {item.message}" for item in report.evidence)]
    case = JUnitCase(
        notebook,
        notebook,
        report.result.duration,
        kind,
        f"{report.verdict}: {report.sentence}",
        report.verdict,
        "\n".join([*lines, *([f"repair: {report.repair}"] if report.repair else [])]),
        f"run: {report.record_id}\nreproduction: {report.new_record_id}",
        f"[{report.record_id[:8]}]",
    )
    return junit_document("bioml reproduce", [case], report.result.duration)
