"""Two or more runs side by side: metrics, parameters, data and environment, what differs first; the code as a diff."""

from __future__ import annotations

import dataclasses
import difflib
import io
import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from ..records.compare import RecordComparison, compare_records, environment_entries, place_of
from ..records.facts import Score
from ..records.metric_pairs import AS_PRINTED, relation, unit_of
from ..records.origins import by_importance, origin_text
from ..records.run import FINISHED, DataUse, RunRecord
from ..runs.best import best_of
from ..runs.row import RunRow, Scalar
from ..runs.values import finite, scalar
from ..text.present import format_number
from . import shapes

Section = Literal["parameters", "defaults", "metrics", "values", "data", "environment"]
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
    parameters = _section("parameters", [_scalars(one.params) for one in records], _differing(pairs, "params"))
    return shapes.Comparison(
        runs=tuple(rows),
        sections=(
            _with_scores(_section("metrics", [finite(one.latest()) for one in records], metrics), rows, records),
            *_parted(parameters, records),
            _section("values", [_values(one.values) for one in records], _differing(pairs, "values")),
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


def _values(values: Mapping[str, Any]) -> dict[str, Scalar]:
    """Values that are not scores; NaN and infinities in the words of every page."""
    special = {key: value for key, value in values.items() if isinstance(value, float) and not math.isfinite(value)}
    return {**_scalars(values), **{key: format_number(value) for key, value in special.items()}}


def _section(section: Section, values: Values, differing: Collection[str]) -> shapes.ComparisonSection:
    rows = [_row(key, values, differs=_named(section, key) in differing) for key in _in_order(values)]
    rows.sort(key=lambda row: not row.differs)
    return shapes.ComparisonSection(section, tuple(rows))


def _parted(
    section: shapes.ComparisonSection, records: Sequence[RunRecord]
) -> tuple[shapes.ComparisonSection, shapes.ComparisonSection]:
    """The parameters that somebody set, and those at their defaults in every run that has them."""
    untouched = [frozenset(record.defaults) for record in records]

    def is_default(key: str) -> bool:
        return all(key in left for left, record in zip(untouched, records, strict=True) if key in record.params)

    chosen = tuple(row for row in section.rows if not is_default(row.key))
    defaults = tuple(row for row in section.rows if is_default(row.key))
    return dataclasses.replace(section, rows=chosen), shapes.ComparisonSection("defaults", defaults)


def _row(key: str, values: Values, *, differs: bool) -> shapes.ComparisonRow:
    absent = tuple(index for index, one in enumerate(values) if key not in one)
    return shapes.ComparisonRow(key, tuple(one.get(key) for one in values), absent, differs, None, ())


def _in_order(values: Values) -> list[str]:
    """Each key once. In every run what the user set stands before what was left at its default: a key stands as far
    to the front as in the run that has it foremost, so that what one run sets is not behind the defaults of another."""
    places: dict[str, int] = {}
    for one in values:
        for place, key in enumerate(one):
            places[key] = min(place, places.get(key, place))
    return sorted(places, key=places.__getitem__)


def _named(section: Section, key: str) -> str:
    """The comparer's name of a row."""
    return key.rpartition(" (")[0] if section == "data" else key


def _with_scores(
    section: shapes.ComparisonSection, runs: Sequence[RunRow], records: Sequence[RunRecord]
) -> shapes.ComparisonSection:
    """With the best value of each metric, and where its values come from."""
    ended = [run.state == FINISHED for run in runs]
    known = [{score.key: score for score in record.scores} for record in records]
    keys = by_importance((row.key for row in section.rows), {key: score for one in known for key, score in one.items()})
    by_key, rows = {row.key: row for row in section.rows}, []
    for row in sorted((by_key[key] for key in keys), key=lambda row: not row.differs):
        scores = tuple(one.get(row.key) for one in known)
        best = _best(row.key, row.values, ended, scores) if row.differs else None
        rows.append(dataclasses.replace(row, best=best, scores=scores if _worth_telling(scores) else ()))
    return dataclasses.replace(section, rows=tuple(rows))


def _worth_telling(scores: Sequence[Score | None]) -> bool:
    """Their origins are not the same, or one is only known as it was printed."""
    return unit_of(scores) is not None or len({origin_text(score) for score in scores} - {""}) > 1


def _best(key: str, values: Sequence[Scalar], ended: Sequence[bool], scores: Sequence[Score | None]) -> int | None:
    """The index of the best value of a finished run; None where all have the same, only one has any, or where one of
    two that agree is only known as it was printed: the other may be as good."""
    known = [(index, value) for index, value in enumerate(values) if ended[index] and isinstance(value, (int, float))]
    if len({value for _, value in known}) < 2 or (best := best_of(key, known)) is None:
        return None
    rivals = (
        relation(value, best[1], unit=unit_of((scores[index], scores[best[0]])))
        for index, value in known
        if index != best[0]
    )
    return None if AS_PRINTED in rivals else best[0]


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
