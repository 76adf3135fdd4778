"""The ``%%experiment`` line in a cell's text: where it stands, and the cell without it. Pure functions of text."""

from __future__ import annotations

import re
from collections.abc import Sequence

MAGIC = "%%experiment"
#: Cell magics that run the rest of the cell as it is: the line may stand below them too.
RUNNING = frozenset({"time", "capture", "prun", "timeit", "memit"})
_CELL_MAGIC = re.compile(r"%%(\S+)")


def is_magic(line: str) -> bool:
    """True when ``line`` is a ``%%experiment`` line."""
    return line.startswith(MAGIC) and (len(line) == len(MAGIC) or line[len(MAGIC)].isspace())


def name_of(line: str) -> str | None:
    """The name of the cell magic on a line."""
    found = _CELL_MAGIC.match(line)
    return None if found is None else found[1]


def place_of(lines: Sequence[str]) -> int | None:
    """The place of the line: the first one, or below others that run the rest of the cell as it is."""
    for number, line in enumerate(lines):
        if is_magic(line):
            return number
        if line.strip() and name_of(line) not in RUNNING:
            return None
    return None


def split(source: str) -> tuple[str | None, str]:
    """``source`` as (magic line or None, body). Empty lines before the magic are dropped.

    Of ``%%time`` above it the body begins with ``%%time``: the run is the same one as with the two lines exchanged.
    """
    if MAGIC not in source:
        return None, source
    lines = source.split("\n")
    place = place_of(lines)
    if place is None:
        return None, source
    above = [line for line in lines[:place] if line.strip()]
    return lines[place].rstrip(), "\n".join([*above, *lines[place + 1 :]])
