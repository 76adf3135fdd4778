"""The text of a classification report, as scikit-learn and imbalanced-learn write it."""

from __future__ import annotations

import re
from collections.abc import Iterator

#: Columns that count samples.
COUNTS = frozenset({"support", "sup"})
_NUMERAL = re.compile(r"-?\d+(\.\d+)?$|nan$")


def rows_of_report(text: str) -> Iterator[tuple[str, float, int]]:
    """(row and column, number, decimals it has) of each number but the counts: ``("class 1.recall", 0.5, 2)``.

    A row is a label, which may have blanks in it, and one numeral for each column.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    columns = lines[0].split() if lines else []
    for line in lines[1:]:
        label, numerals = _row(line, len(columns))
        if len(numerals) == len(columns):
            for column, numeral in zip(columns, numerals, strict=True):
                if column not in COUNTS:
                    yield f"{label}.{column}", *_read(numeral)
        elif label == "accuracy" and len(numerals) == 2:  # it stands beside the count of samples
            yield label, *_read(numerals[0])


def _row(line: str, columns: int) -> tuple[str, list[str]]:
    """The label and the numerals behind it, at most as many as there are columns."""
    words = line.split()
    count = 0
    while count < min(columns, len(words) - 1) and _NUMERAL.match(words[-1 - count]):
        count += 1
    if count == 0:
        return line.strip(), []
    return line.rsplit(None, count)[0].strip(), words[len(words) - count :]


def _read(numeral: str) -> tuple[float, int]:
    return float(numeral), len(numeral.partition(".")[2])
