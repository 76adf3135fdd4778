"""The text of a search: its words, and how well a run's name fits them."""

from __future__ import annotations

import re
from collections.abc import Callable

from .summary import Summary

_WORD = re.compile(r'"([^"]*)"?|(\S+)')


def words_of(text: str | None) -> tuple[str, ...]:
    """What a run's text must hold, in lower case: words, and what stands in quotes as a whole."""
    found = (quoted or plain for quoted, plain in _WORD.findall((text or "").lower()))
    return tuple(word for word in found if word.strip())


def nearness(words: tuple[str, ...]) -> Callable[[Summary], int]:
    """A key that sorts runs by how well their names fit, the best first.

    0: the name is what was typed. 1: each word stands in it as a word. 2: the name begins with what was typed.
    3: each word is somewhere in the name. 4: some were found elsewhere. ``model 7`` thus comes before ``model
    36``, whose id has a 7.
    """
    typed = " ".join(words)
    alone = [re.compile(rf"(?<!\w){re.escape(word)}(?!\w)") for word in words]

    def rank(one: Summary) -> int:
        name = one.row.name.lower()
        if name == typed:
            return 0
        if all(word.search(name) for word in alone):
            return 1
        if name.startswith(typed):
            return 2
        return 3 if all(word in name for word in words) else 4

    return rank
