"""A table as CSV that spreadsheets only show: text that they would compute begins with an apostrophe.

The front end's ``model/csv.ts`` follows the same rules.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable

#: What a spreadsheet would take for a formula, and the numbers among it.
_FORMULA = re.compile(r"[\s\0\ufeff]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|[\t\r\n]")
_NUMBER = re.compile(r"[+-]?((\d+\.?\d*|\.\d+)(e[+-]?\d+)?|inf(inity)?|nan)", re.IGNORECASE | re.ASCII)


def csv_table(rows: Iterable[Iterable[object]]) -> str:
    """Rows as CSV (RFC 4180), heads of columns included: numbers with all their digits, None as an empty cell."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return repr(float(value))
    text = str(value)
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text
