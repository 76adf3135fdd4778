"""Two or more runs side by side: parameters, metrics, data and environment, what differs first; the code as a diff."""

from __future__ import annotations

import dataclasses
import difflib
import io
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from ..records.compare import RecordComparison, compare_records, environment_entries, place_of
from ..records.run import FINISHED, DataUse, RunRecord
from ..runs.best import best_of
from ..runs.row import RunRow, Scalar
from ..runs.values import finite, scalar
from . import shapes

Section = Literal["parameters", "metrics", "data", "environment"]
Values = Sequence[Mapping[str, Scalar]]
#: A record, and the document behind its environment.
Described = tuple[RunRecord, Mapping[str, Any] | None]


def compare(
    rows: Sequence[RunRow], records: Sequence[RunRecord], documents: Sequence[Mapping[str, Any] | None]
) -> shapes.Comparison:
    """Everything that a page of these runs shows: the first run against each other one.

    :param documents: the documents behind their environments; None where one is not kept here.
    """
    first, *others = zip(records, documents, strict=True)
    pairs = [_compared(first, other) for other in others]
    metrics = {pair.key for found in pairs for pair in found.metrics if not pair.agrees}
    return shapes.Comparison(
        runs=tuple(rows),
        sections=(
            _section("parameters", [_scalars(one.params) for one in records], _differing(pairs, "params")),
            _with_best(_section("metrics", [finite(one.latest()) for one in records], metrics), rows),
            _section("data", [_data(one.data) for one in records], _differing(pairs, "data")),
            _section("environment", [_environment(*one) for one in (first, *others)], _differing(pairs, "environment")),
        ),
        code=tuple(
            shapes.CodeDiff(0, number, tuple(diff(records[0].code.source, other.code.source)))
            for number, other in enumerate(records[1:], 1)
        ),
    )


def _compared(left: Described, right: Described) -> RecordComparison:
    documents = None if left[1] is None or right[1] is None else (left[1], right[1])
    return compare_records(left[0], right[0], environments=documents)


def _differing(pairs: Iterable[RecordComparison], part: str) -> set[str]:
    """What the comparer calls different in any pair, by its name."""
    return {item.name for pair in pairs for item in pair.of(part)}


def _scalars(values: Mapping[str, Any]) -> dict[str, Scalar]:
    return {key: scalar(value) for key, value in values.items()}


def _section(section: Section, values: Values, differing: Collection[str]) -> shapes.ComparisonSection:
    keys = dict.fromkeys(key for one in values for key in one)
    rows = [
        shapes.ComparisonRow(key, tuple(one.get(key) for one in values), _named(section, key) in differing, None)
        for key in keys
    ]
    rows.sort(key=lambda row: not row.differs)
    return shapes.ComparisonSection(section, tuple(rows))


def _named(section: Section, key: str) -> str:
    """The comparer's name of a row."""
    return key.rpartition(" (")[0] if section == "data" else key


def _with_best(section: shapes.ComparisonSection, runs: Sequence[RunRow]) -> shapes.ComparisonSection:
    ended = [run.state == FINISHED for run in runs]
    marked = (dataclasses.replace(row, best=_best(row.key, row.values, ended)) for row in section.rows)
    return dataclasses.replace(section, rows=tuple(marked))


def _best(key: str, values: Sequence[Scalar], ended: Sequence[bool]) -> int | None:
    """The index of the best value of a finished run; None where all have the same or only one has any."""
    known = [(index, value) for index, value in enumerate(values) if ended[index] and isinstance(value, (int, float))]
    if len({value for _, value in known}) < 2:
        return None
    best = best_of(key, known)
    return None if best is None else best[0]


def _data(uses: Iterable[DataUse]) -> dict[str, Scalar]:
    """Name and role → digest; what has none says what is known of it."""
    found: dict[str, Scalar] = {}
    for use in uses:
        size = "size not known" if use.size is None else f"{use.size} bytes"
        digest = use.digest or f"not hashed ({size})"
        found[f"{place_of(use.name)} ({use.role})"] = f"{digest}, changed since" if use.changed_since else digest
    return found


def _environment(record: RunRecord, document: Mapping[str, Any] | None) -> dict[str, Scalar]:
    if record.environment is None:
        return {}
    if document is None:
        return {"environment": record.environment.digest}
    return _scalars({**environment_entries(document), **record.environment.variables})


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
