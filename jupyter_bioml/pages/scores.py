"""The metrics of one run as a table: each with where it comes from, the model it is of, and the cell that showed it."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING

from ..records.card import TIMING
from ..records.facts import Score
from ..records.origins import by_importance, decimals_of, origin_text
from ..text.present import (
    columns,
    format_change,
    format_duration,
    format_number,
    format_printed,
    format_value,
    short_id,
)
from ..text.table import Column, table

if TYPE_CHECKING:
    from ..runs.project import Shown

#: The heading of what was computed and is neither compared as a metric nor charted.
OTHER_VALUES = "Other values (not scores, or not numbers)"
_LONGEST_VALUE = 44
_HEADS = (
    Column("metric", least=16),
    Column("value", True),
    Column("vs previous", True),
    Column("steps", True),
    Column("where from", least=28),
    Column("model", least=8),
    Column("shown by", least=10),
)


def scores_table(shown: Shown, width: int) -> list[str]:
    """The last value of every metric, what is read first at the top; nothing where there is none.

    :param width: columns of the terminal that the table may take.
    """
    if not shown.found.record.metrics:
        return []
    whole = table(_HEADS, _rows(shown, short=False), sys.maxsize)
    fits = all(columns(line) <= width for line in whole)
    return whole if fits else table(_HEADS, _rows(shown, short=True), width)


def _rows(shown: Shown, *, short: bool) -> list[list[str]]:
    record, previous = shown.found.record, shown.previous
    counts, scores = Counter(metric.key for metric in record.metrics), {score.key: score for score in record.scores}
    before = previous.metrics if previous is not None else {}
    latest, rows = record.latest(), []
    for key in by_importance(latest, scores):
        value = latest[key]
        score, compared = scores.get(key), key in before and not key.startswith(TIMING)
        rows.append(
            [
                key,
                _value(key, value, score),
                format_change(value, before[key], decimals_of(score)) if compared else "",
                f"{counts[key]:,}" if counts[key] > 1 else "",
                origin_text(score, short=short),
                _model(shown, score),
                _shown_by(shown, score),
            ]
        )
    return rows


def _value(key: str, value: float, score: Score | None) -> str:
    """A metric with its unit, where its name says which; of one that was only printed the decimals that it had."""
    return format_duration(value) if key.startswith(TIMING) else format_printed(value, decimals_of(score))


def value_text(value: object) -> str:
    """A value that is not a score: figures with four digits, anything else on one line; ``–`` where there is none."""
    is_figure = value is None or isinstance(value, (int, float))
    return format_number(value) if is_figure else format_value(value, _LONGEST_VALUE)


def _model(shown: Shown, score: Score | None) -> str:
    """The model that was scored, and the run that made it where that is another."""
    if score is None:
        return ""
    if score.of is None:
        return score.model or ""
    run = shown.scored_runs.get(score.of)
    return f"{score.model or 'model'} of {f'{run} ({short_id(score.of)})' if run else short_id(score.of)}"


def _shown_by(shown: Shown, score: Score | None) -> str:
    """The later cell that showed it: its number and its first line, as far as the journal is here."""
    if score is None or score.cell is None:
        return ""
    cell = next((cell for cell in shown.later_cells if cell.record_id == score.cell), None)
    if cell is None:
        return "a later cell"
    return f"[{'' if cell.execution_count is None else cell.execution_count}] {cell.line}"
