"""Two or more runs side by side: parameters, metrics, data and environment, what differs first; the code as a diff."""

from __future__ import annotations

import dataclasses
import difflib
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from ..records.run import FINISHED, DataUse, RunRecord
from . import shapes
from .query import less_is_better
from .summary import finite, scalar

Section = Literal["parameters", "metrics", "data", "environment"]
Values = Sequence[Mapping[str, shapes.Scalar]]


def compare(
    rows: Sequence[shapes.RunRow], records: Sequence[RunRecord], documents: Sequence[Mapping[str, Any] | None]
) -> shapes.Comparison:
    """Everything that a page of these runs shows.

    :param documents: the documents behind their environments; None where one is not kept here.
    """
    return shapes.Comparison(
        runs=tuple(rows),
        sections=(
            _section("parameters", [{key: scalar(value) for key, value in one.params.items()} for one in records]),
            _with_best(_section("metrics", [finite(one.latest()) for one in records]), rows),
            _section("data", [_data(one.data) for one in records]),
            _section("environment", [_environment(*pair) for pair in zip(records, documents, strict=True)]),
        ),
        code=tuple(
            shapes.CodeDiff(0, number, tuple(diff(records[0].code.source, other.code.source)))
            for number, other in enumerate(records[1:], 1)
        ),
    )


def _section(section: Section, values: Values) -> shapes.ComparisonSection:
    keys = dict.fromkeys(key for one in values for key in one)
    rows = [_row(key, [one.get(key) for one in values]) for key in keys]
    rows.sort(key=lambda row: not row.differs)
    return shapes.ComparisonSection(section, tuple(rows))


def _row(key: str, values: list[shapes.Scalar]) -> shapes.ComparisonRow:
    differs = len({(type(value) is bool, value) for value in values}) > 1
    return shapes.ComparisonRow(key, tuple(values), differs, None)


def _with_best(section: shapes.ComparisonSection, runs: Sequence[shapes.RunRow]) -> shapes.ComparisonSection:
    ended = [run.state == FINISHED for run in runs]
    marked = (dataclasses.replace(row, best=_best(row.key, row.values, ended)) for row in section.rows)
    return dataclasses.replace(section, rows=tuple(marked))


def _best(key: str, values: Sequence[shapes.Scalar], ended: Sequence[bool]) -> int | None:
    """The index of the best value of a finished run; None where all have the same or only one has any."""
    known = [(value, index) for index, value in enumerate(values) if ended[index] and isinstance(value, (int, float))]
    if len({value for value, _ in known}) < 2:
        return None
    choose = min if less_is_better(key) else max
    best = choose(value for value, _ in known)
    return next(index for value, index in known if value == best)


def _data(uses: Iterable[DataUse]) -> dict[str, shapes.Scalar]:
    """Name → digest; what has none says what is known of it."""
    found: dict[str, shapes.Scalar] = {}
    for use in uses:
        size = "size not known" if use.size is None else f"{use.size} bytes"
        digest = use.digest or f"not hashed ({size})"
        found[f"{use.name} ({use.role})"] = f"{digest}, changed since" if use.changed_since else digest
    return found


def _environment(record: RunRecord, document: Mapping[str, Any] | None) -> dict[str, shapes.Scalar]:
    if record.environment is None:
        return {}
    if document is None:
        return {"digest": record.environment.digest}
    found: dict[str, shapes.Scalar] = {}
    for part in ("python", "os", "cpu", "blas", "threads"):
        entry = document.get(part)
        if isinstance(entry, Mapping):
            found.update({f"{part}.{key}": scalar(value) for key, value in entry.items() if key != "executable"})
    for item in document.get("distributions") or ():
        found[item["name"]] = str(item["version"])
    return found


def _lines(source: str) -> list[str]:
    """Lines as Python's parser and editors count them: a form feed or U+2028 ends none."""
    return [line.rstrip("\n") for line in io.StringIO(source, newline=None)]


def diff(left: str, right: str) -> Iterator[shapes.DiffLine]:
    """The two texts as one list of lines: kept, taken away, added. Whole: a cell is short."""
    ours, theirs = _lines(left), _lines(right)
    for kind, a, b, c, d in difflib.SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if kind == "equal":
            for step in range(b - a):
                yield shapes.DiffLine(" ", a + step + 1, c + step + 1, ours[a + step])
            continue
        for number in range(a, b):
            yield shapes.DiffLine("-", number + 1, None, ours[number])
        for number in range(c, d):
            yield shapes.DiffLine("+", None, number + 1, theirs[number])
