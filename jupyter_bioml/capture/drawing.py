"""Values that look like those of a column and are none of them: drawn from its kind, range and frequent categories.

What few rows have is never used: a range needs :data:`ENOUGH` values, a category as many rows. Dates are drawn within
whole years. The generator is our own and starts at the same place every time, so equal data gives equal rows.
"""

from __future__ import annotations

import datetime
import random
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

#: Rows that are drawn.
ROWS = 5
#: Values that a range needs, and rows that a category needs.
ENOUGH = 20
#: Categories; a column with more of them is text.
MOST_CATEGORIES = 50
#: What stands for a text that only few rows have.
TEXT = "text"
#: Values of a column that are looked at.
LOOKED_AT = 100_000


def generator() -> random.Random:
    """A generator of our own, always at its beginning."""
    return random.Random(0)


def drawn(values: Sequence[Any], draw: random.Random) -> list[Any]:
    """:data:`ROWS` values of the kind of ``values``, as many of them missing as there are in proportion."""
    looked_at = [_plain(value) for value in values[:LOOKED_AT]]
    present = [value for value in looked_at if not is_missing(value)]
    missing = next((value for value in looked_at if is_missing(value)), None)
    made = _made(present, draw)
    return with_missing(made, len(looked_at) - len(present), len(looked_at), missing, draw)


def with_missing(made: list[Any], missing: int, rows: int, what: Any, draw: random.Random) -> list[Any]:
    """``made`` with ``what`` in as many places as there are in proportion; one at least where any are missing."""
    if not missing:
        return made
    count = len(made) if missing == rows else min(len(made) - 1, max(1, round(len(made) * missing / rows)))
    places = set(draw.sample(range(len(made)), count))
    return [what if place in places else value for place, value in enumerate(made)]


def frequent(values: Sequence[Any]) -> list[Any]:
    """The values that :data:`ENOUGH` rows have, in a fixed order; none where they are too many to be categories."""
    try:
        counts = Counter(values)
    except TypeError:  # a list in a cell
        return []
    found = [value for value, count in counts.items() if count >= ENOUGH]
    return sorted(found, key=lambda value: (str(type(value)), str(value))) if len(found) <= MOST_CATEGORIES else []


def in_range(low: float, high: float, draw: random.Random, *, whole: bool) -> list[Any]:
    """Numbers between ``low`` and ``high``; whole ones are not the ends, which one row may have alone."""
    if whole:
        inside = int(high) - int(low) > 1
        return [draw.randint(int(low) + inside, int(high) - inside) for _ in range(ROWS)]
    return [low + draw.random() * (high - low) for _ in range(ROWS)]


def days_between(first: int, last: int, draw: random.Random) -> list[datetime.datetime]:
    """Days from the beginning of the year ``first`` to the end of the year ``last``."""
    start, end = datetime.date(first, 1, 1).toordinal(), datetime.date(last, 12, 31).toordinal()
    days = [datetime.date.fromordinal(draw.randint(start, end)) for _ in range(ROWS)]
    return [datetime.datetime(day.year, day.month, day.day) for day in days]


def is_missing(value: Any) -> bool:
    """None, NaN, NaT and pandas' NA."""
    if value is None:
        return True
    try:
        return bool(value != value)
    except (TypeError, ValueError, ArithmeticError):
        return type(value).__name__ == "NAType"


def _plain(value: Any) -> Any:
    """numpy's single values as Python's."""
    return value.item() if type(value).__module__ == "numpy" and getattr(value, "ndim", None) == 0 else value


def _made(present: list[Any], draw: random.Random) -> list[Any]:
    """Values for a column that has ``present``."""
    kinds = [kind for kind in _KINDS if any(_is(value, kind) for value in present)]
    if not present or not kinds:
        return [None] * ROWS
    if len(kinds) > 1 and not set(kinds) <= {int, float}:  # mixed: what is frequent, else one of each kind
        common = frequent(present)
        return [draw.choice(common) if common else _NEUTRAL[kinds[place % len(kinds)]] for place in range(ROWS)]
    kind = kinds[-1]
    if len(present) >= ENOUGH:
        return _BY_KIND[kind](present, draw)
    neutral = _NEUTRAL[kind]
    return [neutral.date() if type(present[0]) is datetime.date else neutral] * ROWS


def _texts(present: list[Any], draw: random.Random) -> list[Any]:
    common = frequent(present)
    return [draw.choice(common) if common else TEXT for _ in range(ROWS)]


def _booleans(present: list[Any], draw: random.Random) -> list[Any]:
    common = frequent(present) or [False]
    return [draw.choice(common) for _ in range(ROWS)]


def numbers(present: list[Any], draw: random.Random, *, whole: bool) -> list[Any]:
    """Numbers like those of ``present``: of few different ones (codes) frequent ones, else numbers in their range."""
    finite = [value for value in present if abs(value) != float("inf")]
    if len(finite) < ENOUGH:
        return [0 if whole else 0.0] * ROWS
    if len(set(finite)) <= MOST_CATEGORIES and (common := frequent(finite)):
        return [draw.choice(common) for _ in range(ROWS)]
    return in_range(min(finite), max(finite), draw, whole=whole)


def _whole(present: list[Any], draw: random.Random) -> list[Any]:
    return numbers(present, draw, whole=True)


def _real(present: list[Any], draw: random.Random) -> list[Any]:
    return numbers([float(value) for value in present], draw, whole=False)


def _days(present: list[Any], draw: random.Random) -> list[Any]:
    kind = type(present[0])
    days = days_between(min(present).year, max(present).year, draw)
    if kind is datetime.date:
        return [day.date() for day in days]
    with suppress(Exception):
        return [kind(day.year, day.month, day.day, tzinfo=present[0].tzinfo) for day in days]
    return days


#: Kinds of values, a narrower one before the wider.
_KINDS: tuple[type, ...] = (bool, int, float, str, datetime.date)
_NEUTRAL: dict[type, Any] = {bool: False, int: 0, float: 0.0, str: "", datetime.date: datetime.datetime(2000, 1, 1)}
_BY_KIND: dict[type, Callable[[list[Any], random.Random], list[Any]]] = {
    bool: _booleans,
    int: _whole,
    float: _real,
    str: _texts,
    datetime.date: _days,
}


def _is(value: Any, kind: type) -> bool:
    return isinstance(value, kind) and not (kind is int and isinstance(value, bool))
