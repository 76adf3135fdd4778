"""The key of a score among the others of its run: two places that give one name are told apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .apart import allowed, key_part
from .found import FoundScore

#: MLflow's limit.
LONGEST_KEY = 250


def own_keys(found: Iterable[FoundScore], kept: Iterable[FoundScore]) -> Iterator[FoundScore]:
    """``found`` with keys that the run does not have yet; what it has with the same value is left out.

    The later of two gets its argument's name behind it, else a number.
    """
    taken = {one.key: one for one in kept}
    for one in found:
        one.key = clean_key(one.key)
        if (known := taken.get(one.key)) is not None:
            if known.points == one.points:
                continue
            one.key = _another(one, taken)
        taken[one.key] = one
        yield one


def _another(one: FoundScore, taken: dict[str, FoundScore]) -> str:
    tried = f"{one.key}.{key_part(one.again)}" if one.again else one.key
    number = 2
    key = tried
    while key in taken:
        key = f"{one.key}.{number}"
        number += 1
    return key


def clean_key(key: str) -> str:
    """A key that MLflow takes."""
    return allowed(key).strip("/. ")[:LONGEST_KEY] or "score"
