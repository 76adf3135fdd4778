"""A quick look at a whole text: which tell-tale words (*needles*) occur in it at all.

Nearly every text has none, and then nothing else is done. What is left of a text without its commonest characters is
short, and as telling: a needle is looked for in full only where the rest of it occurs in the rest of the text.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

from . import tables

_HEX = b"0123456789abcdef"
#: Rows of characters that are looked at one by one.
MOST_ROWS = 1000


class _Screen:
    """Needles by what is left of them of the ``telling`` characters, and the other characters."""

    def __init__(self, telling: bytes, folded: bool, long: bool) -> None:
        self.folded = folded
        forms = [form for form in (*tables.FORMATS, *tables.NEAR) if (form.folded, form.long) == (folded, long)]
        needles = {needle for form in forms for needle in form.needles} | (set(tables.STEMS) if folded else set())
        self.common = bytes(code for code in range(256) if code not in telling + telling.upper() * folded)
        self.thinned: dict[str, list[str]] = {}
        for needle in sorted(needles):
            self.thinned.setdefault(needle.encode().translate(None, self.common).decode(), []).append(needle)


@functools.cache
def _screens() -> tuple[_Screen, _Screen, _Screen, bytes, bytes]:
    """The three screens; a table that makes every letter, digit, ``_`` and ``-`` an ``x``; the row of these that
    calls for the third."""
    alike = bytes(120 if chr(code).isalnum() or code in b"_-" else 32 for code in range(128)) + b" " * 128
    return (
        _Screen(tables.TELLING, False, False),
        _Screen(tables.TELLING_FOLDED, True, False),
        _Screen(tables.TELLING_LONG, False, True),
        alike,
        b"x" * tables.ROW,
    )


def present(text: str) -> set[str]:
    """The needles that occur in ``text``."""
    raw = text.encode("utf-8", "surrogatepass")
    plain, folded, long, alike, row = _screens()
    found: set[str] = set()
    _met(text, raw.translate(None, plain.common), plain, found)
    _met(text, raw.translate(None, folded.common).lower(), folded, found)
    near = _around(raw, raw.translate(alike), row)
    if near:
        _met(near.decode("utf-8", "replace"), near.translate(None, long.common), long, found)
    if "key" in found and not any(is_owned(low, at) for low in (text.lower(),) for at in places(low, "key")):
        found.discard("key")  # it is everywhere, and says something only behind its owner's name
    return found


def _around(raw: bytes, marked: bytes, least: bytes) -> bytes:
    """What stands in and before each row (``least``, or longer) of ``marked``; of very many of them, all the rest.

    A digest in quotes, as each entry of a journal has one, is left out: what makes it a secret would be within them.
    """
    at = marked.find(least)
    parts: list[bytes] = []
    end = 0
    while at >= 0:
        start = max(end, at - tables.AHEAD)
        end = marked.find(b" ", at) if len(parts) < MOST_ROWS else len(raw)
        row = raw[at:end] if end >= 0 else raw[at:]
        if row.strip(_HEX) or raw[at - 1 : at] != b'"' or raw[end : end + 1] != b'"':
            parts.append(raw[start:at] + row)
        at = marked.find(least, end) if end >= 0 else -1
    return b"\n".join(parts)


def _met(text: str, left: bytes, screen: _Screen, found: set[str]) -> None:
    thin = left.decode("ascii")  # as the quicker search in str needs it
    near = [needle for rest, needles in screen.thinned.items() if rest in thin for needle in needles]
    if near:
        where = text.lower() if screen.folded else text
        found.update(needle for needle in near if needle in where)


def places(where: str, needle: str) -> Iterator[int]:
    """Where ``needle`` begins, from left to right."""
    at = where.find(needle)
    while at >= 0:
        yield at
        at = where.find(needle, at + len(needle))


def is_owned(low: str, at: int) -> bool:
    """Whether the "key" there is an API's, an account's, …: one that opens something."""
    return low[max(0, at - 16) : at].rstrip("_- ").endswith(tables.KEY_OWNERS)
