"""A printed label: what is left of it without signs around it, and the name of a metric made from it."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from .words import is_score

_LONGEST = 120
_SIGNS_BEFORE = " \t'\"`*#=~_.,;:|>@)]}/\\<!?&+•·-–—→»«✓✔█▓░━─"
_SIGNS_AFTER = " \t'\"`*#=~_.,;:|<>([{/\\!?&-–—→»«≈$€£"
#: What a label ends with before its number: "the accuracy of the model is 0.93".
_LINKS = re.compile(
    r"(?:\s+(?:is|was|are|were|be|equals|equal to|of|for|at|on|in|after|to|approx|about|only|ist|war|beträgt|liegt bei|"
    r"von|für|est|de|pour|es|del|para|with|and|=|:))+$",
    re.IGNORECASE,
)
_GROUP_END = re.compile(r":(?!=)|\s[-–|]\s|\s?->\s?|\s?→\s?|\t|\s{3,}")
_OPEN, _CLOSED = "([{", ")]}"


@lru_cache(maxsize=4096)
def clean_label(text: str) -> str:
    """A label without what surrounds it: ``"** Test accuracy is :"`` → ``Test accuracy``, ``"{'acc'"`` → ``acc``.

    :param text: the text up to the number; of a very long one the end counts.
    """
    text = text[-_LONGEST:]
    before = None
    while before != text:
        before = text
        text = _LINKS.sub("", _without_open_bracket(text).lstrip(_SIGNS_BEFORE).rstrip(_SIGNS_AFTER))
    return " ".join(text.split())


def _without_open_bracket(text: str) -> str:
    """The text after the last bracket that is opened and not closed, so that ``Metrics(acc`` gives ``acc``."""
    depth = 0
    for at in range(len(text) - 1, -1, -1):
        if text[at] in _CLOSED:
            depth += 1
        elif text[at] in _OPEN:
            depth -= 1
            if depth < 0:
                return text[at + 1 :] if text[at + 1 :].strip(_SIGNS_AFTER) else text[:at]
    return text


@lru_cache(maxsize=4096)
def label_and_group(text: str) -> tuple[str, str]:
    """(group, label) of the text before a number: ``RandomForest: acc=`` → RandomForest, acc.

    Of two parts the last one is the label, unless only the first one speaks of a score (``Accuracy - SVM: 0.9``).
    """
    body = text[-_LONGEST:].rstrip(" \t:=>→-|([{~≈")
    cuts = [
        at
        for at in _GROUP_END.finditer(body)
        if says_something(body[at.end() :]) and says_something(body[: at.start()])
    ]
    if not cuts:
        return "", clean_label(text)
    group, inner = clean_label(body[: cuts[-1].start()]), clean_label(body[cuts[-1].end() :])
    if not cuts[-1][0].strip() or ":" in group:
        group = ""
    return (group, inner) if is_score(inner) or not is_score(group) else (inner, group)


def says_something(label: str) -> bool:
    """Whether there is a letter in it."""
    return any(map(str.isalpha, label))


@lru_cache(maxsize=4096)
def key_of(label: str) -> str:
    """The name of a metric from a printed label, as ``test_accuracy`` from ``Test accuracy:``.

    Lower case, ``_`` for blanks and signs; ``%`` is ``percent``, ``²`` is ``2``; accents stay.
    Empty where nothing is left.
    """
    text = unicodedata.normalize("NFC", clean_label(label)).replace("²", "2").replace("^", "").replace("%", " percent ")
    return "_".join(re.findall(r"[^\W_]+(?:[.@][^\W_]+)*", text.lower()))[:100]
