"""One run in full, as lines of text: its card, then each part, and last what could not be captured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ..records.card import TIMING, card_lines
from ..records.run import DataUse, RunRecord
from ..text.present import (
    ABSENT,
    format_bytes,
    format_change,
    format_duration,
    format_number,
    format_time,
    format_value,
    printable,
    short_id,
)
from ..text.table import Column, table

if TYPE_CHECKING:
    from ..answers import Shown

_INDENT = "  "
_TRACEBACK_LINES = 30
_OUTPUT_LINES = 20


def run_page(shown: Shown, width: int) -> Iterator[str]:
    """The page of one run for a terminal of ``width`` columns."""
    found, record = shown.found, shown.found.record
    previous = shown.previous.metrics if shown.previous else {}
    yield from card_lines(
        replace(record, name=found.name), run_id=found.run_id, previous=previous, verdict=found.verdict
    )
    yield ""
    yield from _facts(_where(shown))
    yield from _part("Metrics", _metrics(record, previous, width))
    yield from _part("Values that are not metrics", _facts((key, format_number(v)) for key, v in record.values.items()))
    yield from _part("Parameters", _facts((key, format_value(v, width - 30)) for key, v in record.params.items()))
    yield from _part("Data", _data(record, width))
    yield from _part("Model", _facts(_model(shown)))
    yield from _part("Files", [f"{printable(item.path)}  {format_bytes(item.size)}" for item in record.artifacts])
    yield from _part("Tags", _facts(record.tags.items()))
    yield from _part("Cell", [printable(line) for line in record.code.source.splitlines()])
    yield from _part("Output", _outputs(record))
    yield from _part("Traceback", _traceback(record))
    yield from _part("Not captured", [f"{printable(gap.part)}: {printable(gap.reason)}" for gap in record.gaps])
    if found.down:
        yield ""
        yield f"⚠ MLflow does not answer; this is what the journal has: {printable(found.down)}"


def _part(title: str, lines: Iterable[str]) -> Iterator[str]:
    """A part with its title, or nothing when it is empty."""
    indented = [_INDENT + line for line in lines]
    if indented:
        yield from ("", title, *indented)


def _facts(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """``name  value`` lines, the values in one column."""
    known = [(printable(name), value) for name, value in pairs if value]
    widest = max((len(name) for name, _ in known), default=0)
    return [f"{name.ljust(widest)}  {printable(value)}" for name, value in known]


def _where(shown: Shown) -> Iterator[tuple[str, str]]:
    found, record = shown.found, shown.found.record
    yield "run", found.run_id or "not in MLflow yet: bioml publish --wait"
    yield "record", record.record_id
    yield "destination", shown.destination
    notebook = record.code.notebook or (found.local.notebook if found.local else None)
    if notebook:
        cell = f", cell {record.code.cell_id}" if record.code.cell_id else ""
        count = f" [{record.code.execution_count}]" if record.code.execution_count is not None else ""
        yield "notebook", f"{notebook}{cell}{count}"
    yield "started", format_time(record.started) + (f" by {record.user}" if record.user else "")
    yield "git", _git(record)
    yield "environment", short_id(record.environment.digest) if record.environment else ""
    yield "reproduces", record.reproduces or ""
    yield "part of", record.part_of or ""
    row = found.row
    yield "marks", ", ".join([*(["★ starred"] if row.starred else []), *(["archived"] if row.archived else [])])
    yield "note", row.note or ""
    yield "waits", f"MLflow does not have the newest name, note or marks yet: {row.unsaid}" if row.unsaid else ""


def _git(record: RunRecord) -> str:
    git = record.git
    if git is None or git.commit is None:
        return ""
    state = {None: "", True: ", with uncommitted changes", False: ", clean"}[git.dirty]
    branch = f" on {git.branch}" if git.branch else ""
    return f"{git.commit[:12]}{branch}{state}{' (the changes were read late)' if git.late else ''}"


def _metrics(record: RunRecord, previous: Mapping[str, float], width: int) -> list[str]:
    latest = record.latest()
    if not latest:
        return []
    count: dict[str, int] = {}
    for metric in record.metrics:
        count[metric.key] = count.get(metric.key, 0) + 1
    heads = [Column("metric", least=16), Column("value", True), Column("vs previous", True), Column("logged", True)]
    rows = []
    for key, value in latest.items():
        change = format_change(value, previous[key]) if key in previous and not key.startswith(TIMING) else ""
        rows.append([key, metric_value(key, value), change, f"{count[key]} times" if count[key] > 1 else ""])
    return table(heads, rows, width - len(_INDENT))


def metric_value(key: str, value: float) -> str:
    """A metric with its unit, where its name says which."""
    return format_duration(value) if key.startswith(TIMING) else format_number(value)


def _data(record: RunRecord, width: int) -> list[str]:
    if not record.data:
        return []
    heads = [
        Column("name", least=20),
        Column("role"),
        Column("digest"),
        Column("size", True),
        Column("rows × columns", True),
        Column("remarks", least=10),
    ]
    return table(heads, [_data_cells(use) for use in record.data], width - len(_INDENT))


def _data_cells(use: DataUse) -> list[str]:
    shape = ""
    if use.rows is not None:
        shape = format_number(use.rows) + (f" × {format_number(use.columns)}" if use.columns is not None else "")
    remarks = [
        text
        for text, true in (
            ("inherited", use.inherited),
            ("changed since it was read", use.changed_since),
            (f"tracked by {use.pointer}", use.pointer),
            (f"{short_id(use.digest_after)} at the end", use.digest_after and use.digest_after != use.digest),
        )
        if true
    ]
    size = format_bytes(use.size) if use.size is not None else ""
    return [use.name, use.role, short_id(use.digest) if use.digest else ABSENT, size, shape, ", ".join(remarks)]


def _model(shown: Shown) -> Iterator[tuple[str, str]]:
    model = shown.found.record.model
    if model is not None:
        yield model.name, f"{model.class_name}, {model.flavor}, {format_bytes(model.size)}"
    for version in shown.versions:
        alias = "".join(f" @{name}" for name in version.aliases)
        yield "registered", f"{version.name} v{version.version}{alias}"


def _outputs(record: RunRecord) -> Iterator[str]:
    """The beginning of what the cell printed, and one line for each display."""
    lines: list[str] = []
    for output in record.outputs:
        if output.text is not None and output.kind in ("stdout", "stderr"):
            lines += [printable(line) for line in output.text.splitlines()] + (["… (cut)"] if output.cut else [])
        else:
            size = f", {format_bytes(output.size)}" if output.size else ""
            lines.append(f"[{output.kind}: {printable(output.mime or 'text')}{size}]")
    yield from lines[:_OUTPUT_LINES]
    if len(lines) > _OUTPUT_LINES:
        yield f"… {len(lines) - _OUTPUT_LINES} more lines"


def _traceback(record: RunRecord) -> list[str]:
    if record.failure is None:
        return []
    lines = [printable(line) for line in record.failure.traceback.splitlines()]
    lines = lines or [printable(f"{record.failure.kind}: {record.failure.message}")]
    if len(lines) > _TRACEBACK_LINES:
        lines = [f"… {len(lines) - _TRACEBACK_LINES} lines above (all of it: --json)", *lines[-_TRACEBACK_LINES:]]
    return lines
