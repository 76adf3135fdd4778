"""The report of a batch as one HTML page that needs nothing else: no script, no picture, no network."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from ..headless.results import BROKEN, FAILED, INTERRUPTED, KILLED, NOT_RUN, PASSED, UNCHANGED, NotebookResult
from ..html.page import Mark, lines_of, render
from ..text.present import format_duration, format_time
from .batch import BatchReport
from .sweep_table import SweepTable, sweep_table

_MARKS = {
    PASSED: Mark("✓", "good", PASSED),
    UNCHANGED: Mark("=", "good", UNCHANGED),
    FAILED: Mark("✗", "bad", FAILED),
    KILLED: Mark("⊘", "bad", KILLED),
    INTERRUPTED: Mark("⊘", "fair", INTERRUPTED),
    BROKEN: Mark("✗", "bad", BROKEN),
    NOT_RUN: Mark("○", "none", NOT_RUN),
}


@dataclass(frozen=True)
class SweepSection:
    """The sweep of a batch: its run, and the table of its tasks."""

    record_id: str
    table: SweepTable


@dataclass(frozen=True)
class NotebookRow:
    """The result of one notebook."""

    state: Mark
    name: str
    took: str
    attempt: str
    runs: tuple[str, ...]
    """The beginnings of its records' ids."""


@dataclass(frozen=True)
class Trouble:
    """Why a notebook did not pass."""

    name: str
    reason: str
    cell: str
    """Which cell failed; empty if none did."""
    source: tuple[str, ...]
    traceback: tuple[str, ...]


@dataclass(frozen=True)
class BatchView:
    """The whole report."""

    title: str
    ended: str
    took: str
    output_dir: str
    warnings: tuple[str, ...]
    sweep: SweepSection | None
    notebooks: tuple[NotebookRow, ...]
    troubles: tuple[Trouble, ...]


def html_report(report: BatchReport, at: float) -> str:
    """The page.

    :param at: when the batch ended (seconds since the epoch).
    """
    return render("batch/report.html.j2", _view(report, at))


def _view(report: BatchReport, at: float) -> BatchView:
    counts = Counter(result.status for result in report.results)
    sweep = report.sweep
    return BatchView(
        f"Notebooks: {', '.join(f'{count} {status}' for status, count in counts.items())}",
        format_time(at),
        format_duration(report.duration),
        str(report.output_dir),
        (*report.notes, *report.waiting),
        None if sweep is None else SweepSection(sweep["record_id"], sweep_table(sweep["rows"], sweep["columns"])),
        tuple(_row(result) for result in report.results),
        tuple(_trouble(result) for result in report.results if not result.passed and _is_explained(result)),
    )


def _row(result: NotebookResult) -> NotebookRow:
    return NotebookRow(
        _MARKS.get(result.status, Mark("?", "none", result.status)),
        _name_of(result),
        "" if result.status == NOT_RUN else format_duration(result.duration),
        str(result.attempt or ""),
        tuple(record[:8] for record in result.records),
    )


def _name_of(result: NotebookResult) -> str:
    """The notebook and what was set."""
    values = " ".join(f"{name}={value!r}" for name, value in result.parameters.items())
    return f"{result.task or result.notebook} {values}".strip()


def _is_explained(result: NotebookResult) -> bool:
    return result.failure is not None or bool(result.reason)


def _trouble(result: NotebookResult) -> Trouble:
    name, reason, failure = _name_of(result), result.reason or result.status, result.failure
    if failure is None:
        return Trouble(name, reason, "", (), ())
    return Trouble(name, reason, f"Cell {failure.index + 1}:", lines_of(failure.source), lines_of(failure.traceback))
