"""Two runs beside each other, as lines of text: what differs first, what is the same as a count."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..records.card import state_word
from ..records.compare import AS_PRINTED, CLOSE, Difference, RecordComparison
from ..records.metric_pairs import MetricPair
from ..records.origins import decimals_of, origin_text
from ..records.run import INTERRUPTED
from ..text.present import (
    ABSENT,
    format_ago,
    format_change,
    format_printed,
    format_value,
    printable,
    short_id,
)
from ..text.table import Column, table
from .scores import OTHER_VALUES, value_text

_INDENT = "  "
#: Lines of a code diff that are shown.
DIFF_LINES = 60
_CELL_WIDTH = 44
_PARTS = {"status": "state", "params": "parameters", "modules": "project modules"}


def compare_page(found: RecordComparison, width: int) -> Iterator[str]:
    """The comparison for a terminal of ``width`` columns."""
    yield _sentence(found)
    yield ""
    yield from table(_heads(found), [*_head_rows(found), *_rows(found)], width)
    if values := found.of("values"):
        yield from ("", OTHER_VALUES)
        yield from table(
            _heads(found)[:3],
            [[item.name, *_both(item, _value)] for item in values],
            width,
        )
    if same := _same(found):
        yield ""
        yield f"same ({sum(found.same.values())})  {same}"
    for reason in found.unknown:
        yield f"not known  {printable(reason)}"
    yield from _diff("Cell", found.code)
    yield from _diff("Earlier cells", found.earlier)


def _sentence(found: RecordComparison) -> str:
    if found.equal:
        return "● Everything listed below is the same."
    differing = [printable(pair.key) for pair in found.metrics if not pair.agrees]
    differing += [f"{printable(item.name)} (a value)" for item in found.of("values")]
    if found.results_agree:
        count = len(found.differences) + bool(found.code) + bool(found.earlier)
        return f"● The results agree; {count} other thing{'' if count == 1 else 's'} differ{'s' * (count == 1)}."
    if differing:
        return f"✗ The results differ: {', '.join(differing[:5])}{' …' if len(differing) > 5 else ''}."
    return "✗ The results differ."


def _heads(found: RecordComparison) -> list[Column]:
    names = [printable(side.name or short_id(side.record_id)) for side in (found.left, found.right)]
    return [
        Column("", least=12),
        Column(names[0], True, least=10),
        Column(names[1], True, least=10),
        Column("", least=8),
    ]


def _head_rows(found: RecordComparison) -> Iterator[list[str]]:
    sides = (found.left, found.right)
    yield ["run", *(side.record_id[:8] for side in sides), ""]
    yield ["started", *(format_ago(side.started) for side in sides), ""]
    if found.left.status == found.right.status:
        yield ["state", *(state_word(side.status, interrupted=side.cause == INTERRUPTED) for side in sides), ""]


def _rows(found: RecordComparison) -> Iterator[list[str]]:
    for pair in sorted(found.metrics, key=lambda pair: pair.agrees):
        yield from _metric_rows(pair)
    for item in found.differences:
        if item.part == "values":
            continue
        yield [_label(item), *_both(item, _shown), item.note]


def _metric_rows(pair: MetricPair) -> Iterator[list[str]]:
    """The values; where they come from in a line below, where that is not the same."""
    figures = [
        format_printed(pair.left, decimals_of(pair.left_score)) if pair.left is not None else ABSENT,
        format_printed(pair.right, decimals_of(pair.right_score)) if pair.right is not None else ABSENT,
    ]
    yield [pair.key, *figures, _remark(pair)]
    if pair.origins is not None:
        short = [origin_text(score, short=True) for score in (pair.left_score, pair.right_score)]
        yield [f"{_INDENT}comes from", *(pair.origins if short[0] == short[1] else short), ""]


def _remark(pair: MetricPair) -> str:
    remark = ""
    if pair.left is not None and pair.right is not None:
        decimals = [decimals_of(score) for score in (pair.left_score, pair.right_score)]
        coarsest = min((count for count in decimals if count is not None), default=None)
        remark = format_change(pair.right, pair.left, coarsest)
        if pair.relation == AS_PRINTED:
            remark += " (as printed)"
        elif pair.relation == CLOSE:
            remark += " (within rounding)"
    if pair.first_step is not None:
        remark = remark.removeprefix("=") + f" from step {pair.first_step}"
    return remark.strip()


def _label(item: Difference) -> str:
    return item.name if item.part in ("params", "data", "status") else f"{item.part} {item.name}"


def _both(item: Difference, text: Callable[[Difference, Any], str]) -> list[str]:
    """The two values as text. A parameter or value that a run does not have is not one that is ``None``."""
    if item.part not in ("params", "values"):
        return [ABSENT if value is None else text(item, value) for value in (item.left, item.right)]
    sides = (("left", item.left), ("right", item.right))
    return [ABSENT if item.absent == side else "None" if value is None else text(item, value) for side, value in sides]


def _value(_item: Difference, value: Any) -> str:
    return value_text(value)


def _shown(item: Difference, value: Any) -> str:
    if item.part in ("data", "modules") or item.name in ("commit", "patch_blob"):
        return short_id(str(value))
    if item.name == "status":
        return state_word(str(value), interrupted=False)
    if isinstance(value, (list, dict)):
        return f"{len(value)} entries"
    return format_value(value, _CELL_WIDTH)


def _same(found: RecordComparison) -> str:
    counts = {part: count for part, count in found.same.items() if count}
    return " · ".join(f"{_PARTS.get(part, part)} {count}" for part, count in counts.items())


def _diff(title: str, text: str) -> Iterator[str]:
    if not text:
        return
    lines = text.splitlines()[2:]
    yield from ("", f"{title}: what differs (− left, + right)")
    yield from (_INDENT + printable(line) for line in lines[:DIFF_LINES])
    if len(lines) > DIFF_LINES:
        yield f"{_INDENT}… {len(lines) - DIFF_LINES} more lines (all of it: --json)"
