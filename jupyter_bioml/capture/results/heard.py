"""Scores that a cell only printed: a label of the vocabulary and a number, with the digits that it has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ...records.facts import COMPUTED, PRINTED, WORD
from ...scores.labels import key_of
from ...scores.printed import Figure, figures
from ...scores.words import word_of
from .apart import key_part
from .found import FoundScore, shows

#: Characters of a label that are kept.
LONGEST_LABEL = 80
#: The table that a fitted statistical model prints of itself: what it states is read from the model.
_OF_A_MODEL = re.compile(r"^(?:Dep\. Variable|Model|Dependent Variable):", re.MULTILINE)
_SUMMARY = re.compile(r"^={40,}\n.*^={40,}$", re.MULTILINE | re.DOTALL)
_GENERAL = frozenset({"score of a model", "loss", "error"})
#: Of a series, the best of its values is a score of its own.
_CHOSEN = re.compile(
    r"(?:^|[\W_])(?:best|max|maximum|maximal|highest|min|minimum|minimal|lowest|peak|beste[rns]?|hochste[rns]?|meilleure?|mejor|melhor)(?:$|[\W_])",
    re.IGNORECASE,
)


def scores_heard(text: str, known: Sequence[FoundScore], names: Mapping[str, str]) -> list[FoundScore]:
    """The scores in printed text that are not known otherwise: one for each label, a series where it comes again.

    A score that a name holds at the end of a loop, and that was printed in each of its rounds, becomes that series.

    :param known: scores of this cell, and those that earlier cells told of the same models.
    :param names: the key of a label → the variable that the text prints behind it.
    """
    by_key: dict[str, list[Figure]] = {}
    before: dict[int, bool] = {}
    for figure in figures(_SUMMARY.sub("", text) if _OF_A_MODEL.search(text) else text):
        if not figure.score or _is_count(figure) or (figure.spread and before.get(figure.line)):
            continue
        before[figure.line] = _is_known(figure, known, names)
        by_key.setdefault(_key(figure, names), []).append(figure)
    heard = []
    for key, group in by_key.items():
        told = (
            _ends(known, group[0].label)
            if len(group) == 1 and group[0].step is None and group[0].place is None
            else known
        )
        if all(_is_known(figure, told, names) for figure in group):
            continue
        one = _found(key, group)
        held = next((item for item in known if item.key == key and _is_last(item, one)), None)
        if held is None:
            heard.append(one)
        else:
            held.points, held.digits = one.points, one.digits
    return heard


def _ends(known: Sequence[FoundScore], label: str) -> list[FoundScore]:
    """The scores, and of series their ends, where their word is the label's.

    What is printed once is a mean of folds, not one of them by chance.
    """
    return [
        replace(one, points=[one.points[0], one.points[-1]] if _speaks_of(one, label) else one.points[:0])
        if len(one.points) > 2
        else one
        for one in known
    ]


def _speaks_of(one: FoundScore, label: str) -> bool:
    """May a score be what a label names? A score in general and a loss may be anything."""
    word = word_of(label)
    words = {
        found for part in one.key.split(".") if (found := word_of(part)) is not None and found.name not in _GENERAL
    }
    return word is None or word.name in _GENERAL or not words or word in words


def _is_known(figure: Figure, known: Sequence[FoundScore], names: Mapping[str, str]) -> bool:
    """Whether one of the known scores is printed here.

    Of three hundred losses some have two decimals like any other number: what the text prints of another variable,
    behind a label of its own, is not this one.
    """
    if _CHOSEN.search(figure.label):
        known = [one for one in known if len(one.points) == 1]
    own = names.get(key_of(figure.label))
    if own is not None:
        others = {name for name in names.values() if name != own}
        known = [one for one in known if one.variable not in others]
    return shows(known, figure.value, figure.digits, percent=figure.percent)


def _is_count(figure: Figure) -> bool:
    """A whole number behind a word counts something (``loss 2``), unless it is a share."""
    return figure.digits <= 0 and not figure.percent and figure.value == int(figure.value)


def _is_last(held: FoundScore, heard: FoundScore) -> bool:
    digits = heard.digits or 0
    return (
        held.origin in (WORD, COMPUTED)
        and len(held.points) == 1 < len(heard.points)
        and round(held.value, digits) == heard.value
    )


def _key(figure: Figure, names: Mapping[str, str]) -> str:
    label = key_of(figure.label)
    parts = [names.get(label, label)]
    if figure.spread:
        parts.append("std")
    if figure.group:
        parts.append(key_part(figure.group))
    if figure.place is not None:
        parts.append(str(figure.place))
    return ".".join(parts)


def _found(key: str, group: Sequence[Figure]) -> FoundScore:
    digits = max(0, max(figure.digits for figure in group))
    return FoundScore(key, list(_points(group)), PRINTED, group[0].label[:LONGEST_LABEL], digits)


def _points(group: Sequence[Figure]) -> Iterator[tuple[int, float]]:
    steps = [figure.step for figure in group]
    known = [step for step in steps if step is not None]
    counted = len(known) == len(group) and len(set(known)) == len(group)
    for place, figure in enumerate(group):
        step = figure.step if counted and figure.step is not None else place
        yield step, figure.value
