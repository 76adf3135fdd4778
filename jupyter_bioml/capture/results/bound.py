"""What a cell's names hold at its end: scores by their words or by what they come from, tables of scores, values."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ...records.facts import COMPUTED, RETURNED, WORD
from ...scores.tables import Path, tabulated
from ...scores.vocabulary import ScoreWord
from ...scores.words import chosen_for_scores, is_score, weighs, word_of, words_of
from ..cellcode import PLAIN, real_scalar
from .found import FoundScore, equal, shows, telling
from .stated import history

#: Columns of the candidates of a search, which are kept as a table of their own.
_SEARCHED = frozenset({"mean_fit_time", "rank_test_score"})
#: What tables of effects have beside a p value: hazard and odds ratios, coefficients, their errors and intervals.
_EFFECTS = frozenset((
    "hr", "or", "rr", "irr", "ahr", "aor", "coef", "coefs", "coefficient", "beta", "estimate", "effect", "exp", "log",
    "hazard", "odds", "risk", "ratio", "ratios", "difference", "lower", "upper", "low", "high", "lcl", "ucl", "ci",
    "conf", "confidence", "interval", "se", "std", "err", "error", "z", "t", "f", "df", "dof", "ddof", "n",
))  # fmt: skip
#: Numbers of a list that are kept as a series; longer ones are data.
LONGEST_SERIES = 1_000


def scores_bound(
    names: Sequence[str],
    namespace: Mapping[str, Any],
    known: Sequence[FoundScore],
    computed: Collection[str],
    held: Collection[str],
    is_sum: Callable[[str], bool] = lambda name: False,
    looped: Collection[str] = (),
) -> tuple[list[FoundScore], dict[str, Any]]:
    """(scores, values) of the numbers that ``names`` hold.

    :param known: scores that were found already: a name that holds one of them is not another one.
    :param computed: names that were computed from a prediction.
    :param held: names that hold what a scoring call returned.
    :param is_sum: does a name hold a running sum or a count, of which the mean is shown?
    :param looped: names that a loop binds: they hold what its last round made.
    """
    scores: list[FoundScore] = []
    values: dict[str, Any] = {}
    for name in names:
        number = None if name in held else real_scalar(namespace.get(name))
        if number is None:
            continue
        if isinstance(number, bool) or not math.isfinite(number):
            values[name] = number
        elif (same := _same(known, float(number))) is not None:
            # the user's own name comes before a label or a function's, and before that of the mean of folds
            own = same.variable is None and not (name in looped and _is_one_of_several(same, known))
            if own or (is_mean(same) and is_score(name) and name not in looped):
                same.key = same.variable = name
        elif (computes := name in computed and isinstance(number, float) and not chosen_for_scores(name)) or (
            is_score(name) and not is_sum(name)
        ):
            origin = COMPUTED if computes else WORD
            scores.append(FoundScore(name, [(0, float(number))], origin, None, variable=name))
        else:
            values[name] = number
    return scores, values


def chosen_scores(
    values: dict[str, Any], looped: Mapping[str, Collection[str]], known: Sequence[FoundScore]
) -> list[FoundScore]:
    """The best of several: numbers that a loop chose among scores, or that a scoring call returned on the way.

    :param values: what names hold that was not taken for a score; such a name is taken out.
    :param looped: name → the names that a loop chose its value from.
    """
    found = []
    for name, value in list(values.items()):
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            continue
        sources = looped.get(name, ())
        of = next((one for one in known if one.variable in sources or _passed(one, value)), None)
        if of is None and not any(map(is_score, sources)):
            continue
        origin, source = (WORD, None) if of is None else (of.origin, of.source)
        found.append(FoundScore(name, [(0, float(value))], origin, source, variable=name))
        del values[name]
    return found


def _passed(one: FoundScore, value: float) -> bool:
    """Is it a value of a series that a scoring call returned, before its end?"""
    return one.origin == RETURNED and telling(value) and any(equal(point, value) for _, point in one.points[:-1])


def _same(known: Sequence[FoundScore], value: float) -> FoundScore | None:
    """The score that is this number; of a series only its end: the best of several is a score of its own.

    What is known in a few digits, as a row of a printed report, is equal to it by chance.
    """
    exact = (one for one in known if one.digits is None and equal(one.value, value))
    return next((one for one in exact if telling(value) and _ends(one)), None)


def _is_one_of_several(one: FoundScore, known: Sequence[FoundScore]) -> bool:
    """Is it told apart from others of its place by the text or model of a loop: ``acc.Ridge`` beside ``acc.Lasso``?"""
    start = one.key.rpartition(".")[0]
    return bool(start) and any(
        other is not one and other.source == one.source and other.key.rpartition(".")[0] == start for other in known
    )


def _ends(one: FoundScore) -> bool:
    return len(one.points) == 1 or one.origin == WORD


def series_bound(
    names: Sequence[str], namespace: Mapping[str, Any], held: Collection[str], filled: Collection[str] = ()
) -> Iterator[FoundScore]:
    """Lists of numbers whose name is a score's: ``train_losses``; what predicts is not one (``y_score``).

    :param filled: names whose items a loop sets: of these an array counts too.
    """
    for name in names:
        value: Any = namespace.get(name)
        if name in filled and type(value).__name__ == "ndarray" and value.ndim == 1 and value.size <= LONGEST_SERIES:
            value = value.tolist()
        if name in held or type(value) is not list or not 1 < len(value) <= LONGEST_SERIES or not is_score(name):
            continue
        numbers = [real_scalar(item) for item in value]
        if all(isinstance(number, float) for number in numbers):
            yield FoundScore(
                name,
                [(step, float(item)) for step, item in enumerate(numbers) if item is not None],
                WORD,
                variable=name,
            )


def is_mean(one: FoundScore) -> bool:
    """Is it the mean of the folds that a name holds, under the name of the folds?"""
    return one.origin == RETURNED and one.key.endswith(".mean")


def without_means(series: Iterable[FoundScore], known: Sequence[FoundScore]) -> Iterator[FoundScore]:
    """The series but those of means that are known: these get the user's own name."""
    for one in series:
        same = next((item for item in known if is_mean(item) and _alike(item, one)), None)
        if same is None:
            yield one
        else:
            same.key, same.variable, same.points = one.key, one.variable, one.points


def _alike(one: FoundScore, other: FoundScore) -> bool:
    pairs = zip(one.points, other.points, strict=False)
    return len(one.points) == len(other.points) and all(equal(a, b) for (_, a), (_, b) in pairs)


def scores_tabulated(name: str, value: Any, known: Sequence[FoundScore]) -> list[FoundScore]:
    """Scores of a small table of results: a dict, a list of dicts, a Series or a frame.

    A frame of measurements may have a column called *score*: a table is one of results if scores make up most of its
    numbers, or if it holds scores that are known. Effects and their intervals beside p values do not count.
    """
    if value is None or type(value) in PLAIN:
        return []
    rounds = list(_rounds(name, value))
    if rounds:
        return rounds
    if type(value).__name__ == "ndarray" or (type(value) in (list, tuple) and not any(map(_is_row, value[:1]))):
        return []
    cells = tabulated(value, every=True)
    if any(part in _SEARCHED for path, _ in cells for part in path):
        return []
    if weighs(name):
        return []
    of_table = is_score(name) and all(len(path) == 1 for path, _ in cells)
    named = [cell for cell in cells if of_table or any(isinstance(part, str) and is_score(part) for part in cell[0])]
    if not named or not (
        2 * len(named) >= len(cells) - _effects(cells, named) or any(shows(known, number) for _, number in named)
    ):
        return []
    again = any(shows(known, number) for _, number in named)
    by_key: dict[str, list[tuple[int, float]]] = {}
    new: set[str] = set()
    for path, number in named:
        step = next((part for part in reversed(path) if isinstance(part, int)), 0)
        key = ".".join((name, *(part for part in path if isinstance(part, str))))
        by_key.setdefault(key, []).append((step, number))
        if not (shows(known, number) or (again and _is_alike(known, path, number))):
            new.add(key)
    return [FoundScore(key, points, WORD, None, variable=name) for key, points in by_key.items() if key in new]


def _effects(cells: Sequence[tuple[Path, float]], named: Sequence[tuple[Path, float]]) -> int:
    """How many cells are effects or their intervals; 0 in a table without p values."""
    words = {word.name for path, _ in named for part in path if isinstance(part, str) and (word := word_of(part))}
    if "p value" not in words:
        return 0
    parts = {part for path, _ in cells for part in path if isinstance(part, str) and not is_score(part)}
    effects = {part for part in parts if _is_effect(part)}
    return sum(not effects.isdisjoint(path) for path, _ in cells)


def _is_effect(name: str) -> bool:
    tokens = [token for token in words_of(name) if token.isalpha()]
    return bool(tokens) and _EFFECTS.issuperset(tokens)


def _is_alike(known: Sequence[FoundScore], path: Sequence[str | int], number: float) -> bool:
    """Is a number without a fraction (a recall of 1.0) that of a known score with the same word in its name?"""
    words = _words_in(part for part in path if isinstance(part, str))
    return not telling(number) and any(one.value == number and words & _words_in(one.key.split(".")) for one in known)


def _words_in(texts: Iterable[str]) -> set[ScoreWord]:
    return {word for text in texts if (word := word_of(text)) is not None}


def _is_row(value: Any) -> bool:
    return isinstance(value, (dict, list, tuple))


def _rounds(name: str, value: Any) -> Iterator[FoundScore]:
    """A training history: a dict of lists, or an object with one (Keras' ``History``)."""
    if type(value) is not dict:
        value = vars(value).get("history") if type(value).__name__ == "History" else None
    if not isinstance(value, dict) or not value:
        return
    series = list(history(value))
    if series and all(is_score(what.rpartition(".")[2]) or is_score(what) for what, _ in series):
        for what, points in series:
            yield FoundScore(what, list(enumerate(points)), WORD, name, variable=name)
