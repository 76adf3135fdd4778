"""Comparing tables cell by cell, whatever they were kept as.

Numbers with a point within the tolerance, relative to the larger of the two; whole numbers, words and dates
exactly, apart from what :mod:`.masking` masks. Two missing values are the same. A column that is called a time
of fitting or scoring (``mean_fit_time``) is masked as a whole, as the times in a text are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...text.present import format_number, printable, shorten
from .agreement import BIT_EQUAL, DIFFERENT, NUMERICALLY_EQUAL, UNKNOWN, Match
from .masking import LISTED
from .texts import PlainText

if TYPE_CHECKING:
    import numpy

    Array = numpy.ndarray[Any, Any]

#: Cells read of one table; the rows beyond are said not to have been compared.
MOST_CELLS = 5_000_000
#: Cells without a number whose texts are compared closely; beyond, they differ if they are not identical.
MOST_TEXTS = 20_000
_TIMING = re.compile(
    r"(?i)(?:(?:mean|std|rank|min|max)_)?(?:fit|refit|score|scoring|train|training|predict|inference|wall|cpu|run|exec"
    r"|execution|elapsed)[ _]?time(?:[ _(]{1,2}m?s\)?|_seconds|_mean|_std|_min|_max)?\Z"
)
#: Characters of a cell that is read as a number, and of one that is read as a whole one (64 bits).
_LONGEST, _WHOLE_DIGITS = 400, 19


@dataclass(frozen=True)
class Frame:
    """A table: its columns in order, each a one-dimensional array of ``rows`` cells."""

    columns: dict[str, Array]
    rows: int
    rest: int = 0
    """Rows that were not read."""

    @property
    def size(self) -> str:
        """Rows × columns, those that were not read included."""
        return f"{self.rows + self.rest:,} × {len(self.columns):,}"


@dataclass(frozen=True)
class ComparedColumn:
    """The result of comparing two columns, row by row."""

    name: str
    exact: Array
    """Where both are the same to the last bit."""
    close: Array
    """Where they are numerically equal or the same apart from what is masked."""
    difference: Array | None
    """Absolute differences of numbers; None for words."""
    scale: float = 0.0
    """Size of the largest number."""
    masked: tuple[str, ...] = ()
    """Parts left out of the comparison."""


def compare_frames(left: Frame, right: Frame, rtol: float) -> tuple[Match, Array | None]:
    """(what it says, the rows that differ); no rows where the tables have another shape.

    The distance has two figures: the largest difference of a number relative to the largest number of its
    column, and the share of the other cells that differ.
    """
    import numpy

    if list(left.columns) != list(right.columns):
        return _other_columns(left, right), None
    if left.rows != right.rows or left.rest != right.rest:
        return Match(DIFFERENT, f"{left.size} cells, then {right.size}", left.size, right.size), None
    found = [compare_columns(name, left.columns[name], right.columns[name], rtol) for name in left.columns]
    differing = numpy.zeros(left.rows, dtype=bool)
    for column in found:
        differing |= ~column.close
    masked = tuple(dict.fromkeys(line for column in found for line in column.masked))[:LISTED]
    if differing.any():
        return _differ(left, right, found, masked), differing
    if left.rest:
        note = f"the first {left.rows:,} rows agree; {left.rest:,} more were not compared"
        return Match(UNKNOWN, note, left.size, right.size, masked), differing
    level = BIT_EQUAL if all(column.exact.all() for column in found) else NUMERICALLY_EQUAL
    return Match(level, _close_note(found), left.size, right.size, masked), differing


def _close_note(found: Sequence[ComparedColumn]) -> str:
    off = [float(c.difference[~c.exact].max()) for c in found if c.difference is not None and not c.exact.all()]
    return f"differs by up to {format_number(max(off))}" if off else ""


def _other_columns(left: Frame, right: Frame) -> Match:
    gone = [name for name in left.columns if name not in right.columns]
    new = [name for name in right.columns if name not in left.columns]
    said = [f"without {_names(gone)}"] * bool(gone) + [f"with {_names(new)}"] * bool(new)
    note = f"other columns: {', '.join(said)}" if said else "columns in another order"
    return Match(DIFFERENT, note, _names(list(left.columns)), _names(list(right.columns)))


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - 5:,} more" if len(names) > 5 else ""
    return ", ".join(shorten(printable(name), 40) for name in names[:5]) + more


def _differ(left: Frame, right: Frame, found: Sequence[ComparedColumn], masked: tuple[str, ...]) -> Match:
    numbers = [column for column in found if column.difference is not None and not column.close.all()]
    words = [column for column in found if column.difference is None]
    cells = sum(int((~column.close).sum()) for column in found)
    far = max((_far(column) for column in numbers), default=0.0)
    count = sum(len(column.close) for column in words)
    share = sum(int((~column.close).sum()) for column in words) / count if count else 0.0
    worst = max(numbers, key=_far, default=None) or next(column for column in found if not column.close.all())
    row = _worst_row(worst)
    note = f"{cells:,} of {left.rows * len(found):,} cells differ"
    name = shorten(printable(worst.name), 60)
    if worst.difference is not None:
        note += f", most in {name}, row {row + 1:,}: by {format_number(float(worst.difference[row]))}"
        if any(part.columns[worst.name].dtype.name == "float32" for part in (left, right)):
            note += " (32-bit numbers hold 7 digits)"
    else:
        note += f", first in {name}, row {row + 1:,}"
    shown = [_cell(part.columns[worst.name][row]) for part in (left, right)]
    return Match(DIFFERENT, note, shown[0], shown[1], masked, (far, share))


def _far(column: ComparedColumn) -> float:
    assert column.difference is not None
    most = float(column.difference[~column.close].max())
    return most / column.scale if column.scale else most


def _worst_row(column: ComparedColumn) -> int:
    import numpy

    if column.difference is None:
        return int(numpy.flatnonzero(~column.close)[0])
    return int(numpy.where(column.close, -1.0, column.difference).argmax())


def _cell(value: Any) -> Any:
    """A cell as JSON can hold it."""
    plain = value.item() if hasattr(value, "item") else value
    if isinstance(plain, (bool, int)) or (isinstance(plain, float) and abs(plain) < float("inf")):
        return plain
    return shorten(printable(str(plain)), 80)


def compare_columns(name: str, left: Array, right: Array, rtol: float) -> ComparedColumn:
    """Compare two columns of the same length."""
    import numpy

    if left.dtype.kind in "biufc" and right.dtype.kind in "biufc":
        column = _numbers(name, left, right, rtol)
    else:
        column = _words(name, left, right, rtol)
    if _TIMING.match(name) and not column.exact.all():
        said = f"timing column {shorten(printable(name), 60)}"
        return ComparedColumn(name, column.exact, numpy.ones(len(left), dtype=bool), None, masked=(said,))
    return column


def _numbers(name: str, left: Array, right: Array, rtol: float) -> ComparedColumn:
    import numpy

    exact = left == right
    if left.dtype.kind in "fc" and right.dtype.kind in "fc":
        exact |= numpy.isnan(left) & numpy.isnan(right)
    wide = complex if "c" in (left.dtype.kind, right.dtype.kind) else float
    ours, theirs = left.astype(wide), right.astype(wide)
    with numpy.errstate(all="ignore"):
        difference = numpy.where(exact, 0.0, numpy.abs(ours - theirs))
        sizes = numpy.maximum(numpy.abs(ours), numpy.abs(theirs))
        close = exact | (difference <= rtol * numpy.where(numpy.isfinite(sizes), sizes, 0.0))
    if left.dtype.kind in "biu" and right.dtype.kind in "biu":
        close = exact
    difference = numpy.where(numpy.isnan(difference), numpy.inf, difference)
    finite = sizes[numpy.isfinite(sizes)]
    return ComparedColumn(name, exact, close, difference, float(finite.max()) if len(finite) else 0.0)


def _words(name: str, left: Array, right: Array, rtol: float) -> ComparedColumn:
    import numpy

    exact = numpy.fromiter(
        (_same(one, other) for one, other in zip(left, right, strict=True)), dtype=bool, count=len(left)
    )
    close = exact.copy()
    masked: list[str] = []
    for row in numpy.flatnonzero(~exact)[:MOST_TEXTS]:
        if isinstance(left[row], str) and isinstance(right[row], str):
            match = PlainText(name, left[row]).compare(PlainText(name, right[row]), rtol)
            close[row] = match.level in (BIT_EQUAL, NUMERICALLY_EQUAL)
            masked += match.masked
    return ComparedColumn(name, exact, close, None, masked=tuple(masked))


def _same(left: Any, right: Any) -> bool:
    if left is right:
        return True
    try:
        return bool(left == right) or bool(left != left and right != right)
    except (TypeError, ValueError):
        return repr(left) == repr(right)


def column_of(cells: Sequence[str]) -> Array:
    """A column of texts as numbers where all of them are numbers."""
    import numpy

    if any(cells) and (found := _numbers_of(cells)) is not None:
        return found
    column = numpy.empty(len(cells), dtype=object)
    column[:] = list(cells)
    return column


def _numbers_of(cells: Sequence[str]) -> Array | None:
    """Whole numbers as such, others as doubles (an empty cell is a missing one); None where they stay text.

    Whole numbers stay text, and so exact, where one is missing or too long for 64 bits.
    """
    import numpy

    longest = max(map(len, cells))
    if longest > _LONGEST or any("_" in cell for cell in cells):
        return None
    whole = [cell.lstrip("+-").isdecimal() for cell in cells if cell]
    try:
        if all(whole):
            exact = longest < _WHOLE_DIGITS and len(whole) == len(cells)
            return numpy.array([int(cell) for cell in cells], dtype=numpy.int64) if exact else None
        return numpy.array([float(cell) if cell else numpy.nan for cell in cells])
    except ValueError:
        return None


def is_number(cell: str) -> bool:
    """Whether the text of a cell is read as a number."""
    return bool(cell) and _numbers_of([cell]) is not None


def frame_of_rows(rows: Sequence[Sequence[str]], rest: int = 0, *, headed: bool | None = None) -> Frame:
    """A table of texts.

    :param headed: whether its first row names the columns; None: where it holds anything but numbers.
    """
    width = max((len(row) for row in rows), default=0)
    cells = [[cell.strip() for cell in row] + [""] * (width - len(row)) for row in rows]
    if headed is None:
        headed = bool(cells) and not all(map(is_number, cells[0]))
    names: dict[str, int] = {}
    for n in range(width):
        name = base = (cells[0][n] if headed else "") or f"column {n + 1}"
        while name in names:
            names[base] += 1
            name = f"{base} #{names[base]}"
        names[name] = 1
    body = cells[1:] if headed else cells
    columns = {name: column_of([row[n] for row in body]) for n, name in enumerate(names)}
    return Frame(columns, len(body), rest)
