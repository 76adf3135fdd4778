"""Several scores of one name and place: what tells them apart goes into the name, else they are one series."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Hashable, Iterator, Sequence

#: Characters of a text that becomes a part of a name.
LONGEST = 60
#: What MLflow does not take in a name; letters of any alphabet are taken.
_REFUSED = re.compile(r"[^\w\-. /:]+")
#: A gap where a sign was left out: none is needed beside a point or at an end.
_GAP = re.compile(r"^\0+\s*|\s*\0+\s*(?=\.|$)|(?<=\.)\s*\0+\s*")

#: (what it is, its value), nearest first: texts of loops and parameters, models, arguments.
Labels = Sequence[tuple[str, Hashable]]


def told_apart(name: str, labels: Sequence[Labels]) -> Iterator[tuple[str, list[int]]]:
    """(name, which of them have it): each is in exactly one; those that only numbers tell apart stay together.

    :param labels: of each value.
    """
    yield from _split(name, list(range(len(labels))), [dict(one) for one in labels], frozenset())


def _split(
    name: str, members: list[int], labels: Sequence[dict[str, Hashable]], used: frozenset[str]
) -> Iterator[tuple[str, list[int]]]:
    label = _telling(members, labels, used)
    if label is None:
        yield name, members
        return
    parts: dict[Hashable, list[int]] = {}
    for place in members:
        parts.setdefault(labels[place][label], []).append(place)
    for value, part in parts.items():
        yield from _split(f"{name}.{key_part(value)}", part, labels, used | {label})


def _telling(members: Sequence[int], labels: Sequence[dict[str, Hashable]], used: frozenset[str]) -> str | None:
    """The nearest label with texts that differ; None: nothing but numbers tells them apart."""
    for label in labels[members[0]]:
        values = {labels[place].get(label) for place in members}
        if label not in used and len(values) > 1 and all(isinstance(value, str) for value in values):
            return label
    return None


def key_part(value: object) -> str:
    """A text as a part of a name that MLflow takes."""
    text = allowed(str(value))
    return text[:LONGEST].strip(" ./") or "_"


def allowed(text: str) -> str:
    """A text without the signs that MLflow refuses in a name: ``res.SVM (RBF).f1`` → ``res.SVM RBF.f1``."""
    text = unicodedata.normalize("NFC", text)
    return " ".join(_GAP.sub("", _REFUSED.sub("\0", text)).replace("\0", " ").split())
