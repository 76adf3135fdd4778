"""The table of a sweep: one line a task, as CSV and as a page of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..html.page import render
from ..text.csv_table import csv_table
from ..text.present import ABSENT, format_number

#: One task: its notebook, parameters, result, and the metrics and values of its runs by name.
Row = Mapping[str, Any]


def columns(rows: Sequence[Row], varied: Sequence[str]) -> list[tuple[str, str]]:
    """The columns of the table: (kind, name); kind ``parameter`` or ``metric``, else a field of its row."""
    metrics = dict.fromkeys(name for row in rows for name in row["metrics"])
    several = len({row["notebook"] for row in rows}) > 1
    return [
        ("field", "task"),
        *([("field", "notebook")] if several else []),
        *(("parameter", name) for name in varied),
        *(("metric", name) for name in metrics),
        ("field", "status"),
        ("field", "duration"),
    ]


def cell(row: Row, column: tuple[str, str]) -> Any:
    """The value of a column; None where the row has none."""
    kind, name = column
    if kind == "field":
        return row[name]
    return row["parameters" if kind == "parameter" else "metrics"].get(name)


def table_csv(rows: Sequence[Row], names: Sequence[tuple[str, str]]) -> str:
    """The table as CSV: figures with all their digits, empty where there is none."""
    return csv_table([[name for _, name in names], *([cell(row, name) for name in names] for row in rows)])


# -- as HTML ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    """One value as it is shown, and with all its digits where that is a number."""

    text: str
    exact: str = ""


@dataclass(frozen=True)
class SweepColumn:
    """The head of a column; numbers stand flush right, and so does their head."""

    title: str
    numeric: bool


@dataclass(frozen=True)
class SweepTable:
    """The table, ready to be laid out."""

    columns: tuple[SweepColumn, ...]
    rows: tuple[tuple[Cell, ...], ...]
    title: str = "Sweep"


def table_html(rows: Sequence[Row], names: Sequence[tuple[str, str]]) -> str:
    """The table as a page of its own."""
    return render("batch/sweep.html.j2", sweep_table(rows, names))


def sweep_table(rows: Sequence[Row], names: Sequence[tuple[str, str]]) -> SweepTable:
    """The table of the columns ``names``, for a page."""
    cells = tuple(tuple(_shown(cell(row, name)) for name in names) for row in rows)
    heads = (
        SweepColumn(
            "duration (s)" if name == ("field", "duration") else name[1], _numeric(cell(row, name) for row in rows)
        )
        for name in names
    )
    return SweepTable(tuple(heads), cells)


def _shown(value: Any) -> Cell:
    if _is_number(value):
        return Cell(format_number(value), repr(value))
    return Cell(ABSENT if value is None else str(value))


def _numeric(values: Iterable[Any]) -> bool:
    """Whether a column has a number, and nothing else but gaps."""
    there = [value for value in values if value is not None]
    return bool(there) and all(_is_number(value) for value in there)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
