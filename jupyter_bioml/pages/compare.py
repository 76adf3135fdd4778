"""Two runs beside each other, as lines of text: what differs first, what is the same as a count."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..records.card import WORDS
from ..records.compare import CLOSE, Difference, MetricPair, RecordComparison
from ..text.present import ABSENT, format_ago, format_change, format_number, format_value, printable, short_id
from ..text.table import Column, table

_INDENT = "  "
#: Lines of a code diff that are shown.
DIFF_LINES = 60
_CELL_WIDTH = 44
_PARTS = {"status": "state", "params": "parameters", "values": "other values", "modules": "project modules"}


def compare_page(found: RecordComparison, width: int) -> Iterator[str]:
    """The comparison for a terminal of ``width`` columns."""
    yield _sentence(found)
    yield ""
    yield from table(_heads(found), [*_head_rows(found), *_rows(found)], width)
    if same := _same(found):
        yield ""
        yield f"same ({sum(found.same.values())})  {same}"
    for reason in found.unknown:
        yield f"not known  {printable(reason)}"
    yield from _diff("Cell", found.code)
    yield from _diff("Earlier cells", found.earlier)


def _sentence(found: RecordComparison) -> str:
    if found.equal:
        return "● Nothing that was compared differs."
    differing = [printable(pair.key) for pair in found.metrics if not pair.agrees]
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
        yield ["state", *(WORDS.get(side.status, side.status.lower()) for side in sides), ""]


def _rows(found: RecordComparison) -> Iterator[list[str]]:
    for pair in sorted(found.metrics, key=lambda pair: pair.agrees):
        yield _metric_row(pair)
    for item in found.differences:
        yield [_label(item), _shown(item, item.left), _shown(item, item.right), item.note]


def _metric_row(pair: MetricPair) -> list[str]:
    remark = "=" if pair.agrees and pair.left == pair.right else ""
    if pair.left is not None and pair.right is not None and pair.left != pair.right:
        remark = format_change(pair.right, pair.left) + (" (within rounding)" if pair.relation == CLOSE else "")
    if pair.first_step is not None:
        remark += f" from step {pair.first_step}"
    return [pair.key, format_number(pair.left), format_number(pair.right), remark]


def _label(item: Difference) -> str:
    return item.name if item.part in ("params", "data", "status") else f"{item.part} {item.name}"


def _shown(item: Difference, value: Any) -> str:
    if value is None:
        return ABSENT
    if item.part in ("data", "modules") or item.name in ("commit", "patch_blob"):
        return short_id(str(value))
    if item.name == "status":
        return WORDS.get(str(value), str(value))
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
