"""Where a score comes from, in plain words: one way for the card, the pages of a run and of two runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..text.present import printable, shorten
from .facts import COMPUTED, LOGGED, LOSS, NAMED, PRINTED, RETURNED, STATED, WORD, Score

#: Characters of a function, an attribute, a label or a model's name.
_LONGEST = 80
#: Decimals that a person counts: a figure that was printed with more of them is shown as any other.
_MOST_DECIMALS = 6


def origin_text(score: Score | None, *, short: bool = False) -> str:
    """Where it comes from; empty where that is not known (records of earlier versions do not say it).

    ``returned by sklearn.metrics.roc_auc_score``, ``stated by gs (best_score_)``, ``as printed: “Accuracy”``.

    :param short: a function without its modules, for narrow columns.
    """
    if score is None:
        return ""
    source, model = (shorten(printable(text or ""), _LONGEST) for text in (score.source, score.model))
    if short and score.origin == RETURNED:
        source = source.rpartition(".")[2]
    if score.origin == STATED:
        return f"stated by {model or 'the model'}" + (f" ({source})" if source else "")
    if score.origin == LOSS:
        return "loss of training steps" + (f" ({source})" if source else "")
    return _WORDS.get(score.origin, "").format(
        by=f" by {source}" if source else " by a scoring call",
        label=f": “{source}”" if source else "",
        of=f" of {model}" if model else " of a model",
    )


_WORDS: Mapping[str, str] = {
    LOGGED: "logged",
    NAMED: "named by --metrics",
    RETURNED: "returned{by}",
    COMPUTED: "computed from predictions{of}",
    WORD: "has the name of a score",
    PRINTED: "as printed{label}",
}


def decimals_of(score: Score | None) -> int | None:
    """The decimals of a score that is only known as it was printed, so far as they limit what is shown; else None."""
    digits = None if score is None else score.digits
    return digits if digits is not None and 0 <= digits <= _MOST_DECIMALS else None


def is_folds(key: str, keys: Mapping[str, object]) -> bool:
    """Whether it is the series of the folds whose mean is a score of its own."""
    return f"{key}.mean" in keys


def by_importance(keys: Iterable[str], scores: Mapping[str, Score]) -> list[str]:
    """Metrics in the order in which they are read: what the user chose, wholes before their parts, losses and folds,
    then metrics of unknown origin.

    :param scores: those of the run by key.
    """
    return sorted(keys, key=lambda key: _rank(key, scores))


def _rank(key: str, scores: Mapping[str, Score]) -> tuple[int, int]:
    score = scores.get(key)
    if score is None:
        return 3, 0
    if score.origin in (LOGGED, NAMED):
        return 0, 0
    if score.origin == LOSS or is_folds(key, scores):
        return 2, 0
    return 1, key.count(".")
