"""Reading ``verdict.json`` for people: a document of another version, or of a wrong shape, is shown as far as it goes.

Every text comes out on one line and cut to a width, every figure with all its digits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ...html.page import Mark
from ...text.present import ABSENT, format_number, printable, shorten
from ..compare.agreement import BIT_EQUAL, DIFFERENT, NUMERICALLY_EQUAL, UNKNOWN, WITHIN_NOISE

#: Rows shown of a table; all of them are in verdict.json.
MOST_ROWS = 200
#: Columns shown of a name or value, and of a message.
NAME, MESSAGE = 160, 1200
Document = Mapping[str, Any]
Row = TypeVar("Row")
_LEVELS = {
    BIT_EQUAL: Mark("✓", "good", "bit-equal"),
    NUMERICALLY_EQUAL: Mark("✓", "good", "numerically equal"),
    WITHIN_NOISE: Mark("≈", "fair", "within noise"),
    UNKNOWN: Mark("?", "none", "not known"),
    DIFFERENT: Mark("✗", "bad", "different"),
}


@dataclass(frozen=True)
class Listed(Generic[Row]):
    """The rows of a table, at most :data:`MOST_ROWS`, and a line about those left out."""

    rows: tuple[Row, ...]
    count: str
    more: str

    @classmethod
    def of(cls, items: Iterable[Document], make: Callable[[Document], Row]) -> Listed[Row]:
        """The first rows of ``items``, each made by ``make``."""
        every = list(items)
        left = len(every) - MOST_ROWS
        more = f"… and {left:,} more, all in verdict.json" if left > 0 else ""
        return cls(tuple(make(item) for item in every[:MOST_ROWS]), f"{len(every):,}", more)


def part(found: Any, *names: str) -> Document:
    """The mapping at the end of a path of names; empty where there is none."""
    for name in names:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def items_of(value: Any) -> list[Any]:
    """The items of a list; none where it is not a list."""
    return list(value) if isinstance(value, (list, tuple)) else []


def parts_of(value: Any) -> list[Document]:
    """The items of a list of mappings."""
    return [part(item) for item in items_of(value)]


def shown(value: Any, width: int = NAME) -> str:
    """A text on one line and in ``width`` columns; empty where there is none."""
    return "" if value is None else shorten(printable(str(value)[: 2 * width]), width)


def messages(value: Any) -> tuple[str, ...]:
    """The items of a list of messages, at most :data:`MOST_ROWS`."""
    return tuple(shown(item, MESSAGE) for item in items_of(value)[:MOST_ROWS])


def figure(value: Any) -> str:
    """A figure with all its digits, a text as it is; a dash where there is nothing."""
    if isinstance(value, float):
        return shown(repr(value) if math.isfinite(value) else format_number(value))
    return ABSENT if value is None else shown(value)


def digest(value: Any) -> str:
    """A digest as a whole, or that it is not known."""
    return shown(value, 80) if value else "not known"


def level_mark(level: Any) -> Mark:
    """How much an output agrees, as one sees it."""
    return _LEVELS.get(str(level), Mark("?", "none", shown(level)))
