"""Reports that libraries print: scikit-learn's classification report, and the lines of boosting while it trains."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from .terminal import plain_line

_LONGEST_TEXT, _MOST_ROWS = 1_000_000, 500
#: Heads of the columns of a report, and the name each gets; support is not a score.
_COLUMNS = {
    "precision": "precision", "recall": "recall", "f1-score": "f1-score", "support": "",
    "pre": "precision", "rec": "recall", "spe": "specificity", "f1": "f1-score", "geo": "geometric mean", "iba": "iba",
    "sup": "",
}  # fmt: skip
_HEAD = re.compile(r"^\s*(?:precision|pre)\s+(?:recall|rec)\s[\w\s-]{2,60}$")
_NUMBERS = re.compile(r"(?:(?<=\s)\d{1,9}(?:\.\d{1,12})?\s*){1,8}$")
_STEP = re.compile(r"^\s{0,3}\[(\d{1,9})\]\s+(?=\S)|^(\d{1,9}):\s+(?=learn:)")
#: ``train-rmse:0.3``, ``valid_0's l2: 0.1``, ``learn: 0.68``; what follows a ``+`` is a standard deviation.
_POINT = re.compile(
    r"(?:[\w .-]{1,60}?'s\s[\w@ .-]{1,40}?|[\w .]{1,60}?-[\w@.-]{1,40}?|learn|test\d{0,3})\s?:\s?"
    r"[-+]?\d{1,15}(?:\.\d{0,17})?(?:[eE][-+]?\d{1,3})?(?![\w.])"
)


@dataclass(frozen=True)
class ReportScore:
    """One number of a classification report."""

    row: str
    """A class, or ``accuracy``, ``macro avg`` …"""
    column: str
    """``precision``, ``recall``, ``f1-score``; empty in the row ``accuracy``"""
    value: float
    digits: int
    """Decimals as printed"""
    line: int = 0
    """Of the text, from 0"""
    report: int = 0
    """Which report of the text it belongs to, from 0"""

    @property
    def parts(self) -> tuple[str, ...]:
        """What follows the report's own name in the name of the metric."""
        return (self.row, self.column) if self.column else (self.row,)


@lru_cache(maxsize=8)
def classification_reports(text: str) -> tuple[ReportScore, ...]:
    """The scores of all classification reports in a text; support is left out."""
    found: list[ReportScore] = []
    columns: list[str] = []
    report = -1
    for number, raw in enumerate(text[:_LONGEST_TEXT].split("\n")):
        if not columns and "rec" not in raw:
            continue
        line = plain_line(raw)
        if _HEAD.match(line) and all(word in _COLUMNS for word in line.split()):
            columns, report = [_COLUMNS[word] for word in line.split()], report + 1
        elif columns and line.strip():
            row = list(_of_row(line, columns, number, report))
            found += row
            columns = columns if row else []
        if len(found) > _MOST_ROWS:
            break
    return tuple(found)


def _of_row(line: str, columns: list[str], number: int, report: int) -> Iterator[ReportScore]:
    """The scores of a row: as many numbers at its end as there are columns, of ``accuracy`` only the last two."""
    match = _NUMBERS.search(line)
    if match is None:
        return
    values = match[0].split()
    few = len(values) < len(columns)
    name = line[: match.start()].strip()
    if len(values) > len(columns):  # a class that is a number, or ends with one
        name = " ".join([name, *values[: -len(columns)]]).strip()
        values = values[-len(columns) :]
    if not name or len(name) > 100 or (few and name != "accuracy"):
        return
    heads = [""] if few else columns
    for head, value in zip(heads, values, strict=False):
        if (head or few) and "." in value:
            yield ReportScore(name, head, float(value), len(value.partition(".")[2]), number, report)


def lines_of_reports(text: str) -> frozenset[int]:
    """The lines that these reports take up, which hold no other figures."""
    printed = {number for number, raw in enumerate(text[:_LONGEST_TEXT].split("\n")) if _is_training(raw)}
    return frozenset(printed.union(score.line for score in classification_reports(text)))


def _is_training(raw: str) -> bool:
    start = _STEP.match(raw)
    return start is not None and _POINT.search(raw, start.end()) is not None
