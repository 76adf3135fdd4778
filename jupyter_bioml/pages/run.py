"""One run in full, as lines of text: its card, then each part, and last what could not be captured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..records.card import SIGNS, TIMING, card_lines, state_word
from ..records.run import DataUse, RunRecord
from ..text.present import (
    ABSENT,
    format_bytes,
    format_number,
    format_time,
    format_value,
    printable,
    short_id,
)
from ..text.table import Column, table
from .scores import OTHER_VALUES, scores_table, value_text

if TYPE_CHECKING:
    from ..runs.project import Shown
    from ..runs.row import RunRow

_INDENT = "  "
_TRACEBACK_LINES = 30
_OUTPUT_LINES = 20
#: Of the list of child runs: lines, and columns of parameters and of metrics.
_CHILDREN_SHOWN, _PARAMS_SHOWN, _METRICS_SHOWN = 50, 4, 4


def _verdict(row: RunRow) -> str | None:
    """What a reproduction said, and what that is based on."""
    basis = f" (based on {printable(row.verdict_basis)})" if row.verdict_basis else ""
    return f"{row.verdict}{basis}" if row.verdict else None


def run_page(shown: Shown, width: int) -> Iterator[str]:
    """The page of one run for a terminal of ``width`` columns."""
    found, record = shown.found, shown.found.record
    previous = shown.previous.metrics if shown.previous else {}
    yield from card_lines(replace(record, name=found.name), previous=previous, verdict=_verdict(found.row))
    yield ""
    yield from _facts(_where(shown))
    yield from _part("Metrics", scores_table(shown, width - len(_INDENT)))
    yield from _part(OTHER_VALUES, _facts((key, value_text(value)) for key, value in record.values.items()))
    yield from _part("Parameters", _facts((key, format_value(v, width - 30)) for key, v in record.params.items()))
    yield from _part("Data", _data(record, width))
    yield from _part("Child runs", _children(shown.children, width))
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
    elif shown.down:
        yield ""
        yield f"⚠ Of the runs around it only those in the journal are known: {printable(shown.down)}"


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
    yield "run", record.record_id
    yield "in MLflow", found.run_id or "not yet: bioml publish --wait"
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
    row = shown.row
    yield "child of", row.parent or ""
    yield "marks", ", ".join([*(["★ starred"] if row.starred else []), *(["archived"] if row.archived else [])])
    yield "note", row.note or ""
    yield "waits", f"MLflow does not have the newest name, note or marks yet: {row.unsaid}" if row.unsaid else ""


def _children(children: Sequence[RunRow], width: int) -> list[str]:
    """A line for each child run: the parameters that are not the same in all of them, and its metrics."""
    if not children:
        return []
    keys = dict.fromkeys(key for row in children for key in row.params)
    varied = [key for key in keys if len({str(row.params.get(key)) for row in children}) > 1][:_PARAMS_SHOWN]
    metrics = dict.fromkeys(key for row in children for key in row.metrics if not key.startswith(TIMING))
    shown = list(metrics)[:_METRICS_SHOWN]
    heads = [Column("state"), Column("run"), Column("name", least=12)]
    heads += [Column(printable(key), True, least=8) for key in (*varied, *shown)]
    rows = [
        [
            f"{SIGNS[row.state]} {state_word(row.state, interrupted=row.interrupted)}",
            row.record_id[:8],
            row.name,
            *(format_value(row.params[key], 20) if key in row.params else "" for key in varied),
            *(format_number(row.metrics[key]) if key in row.metrics else "" for key in shown),
        ]
        for row in children[:_CHILDREN_SHOWN]
    ]
    lines = table(heads, rows, width - len(_INDENT))
    left = len(children) - _CHILDREN_SHOWN
    return [*lines, f"… {left:,} more: --json lists all"] if left > 0 else lines


def _git(record: RunRecord) -> str:
    git = record.git
    if git is None or git.commit is None:
        return ""
    state = {None: "", True: ", with uncommitted changes", False: ", clean"}[git.dirty]
    branch = f" on {git.branch}" if git.branch else ""
    return f"{git.commit[:12]}{branch}{state}{' (the changes were read late)' if git.late else ''}"


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
