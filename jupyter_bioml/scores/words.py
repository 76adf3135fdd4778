"""Whether a name or a printed label speaks of a score, and which direction of it is better.

A name is cut into words (``testRMSE`` → test, rmse; ``R²`` → r2), the longest forms of the vocabulary are looked
for, and what stands around them decides: ``auc_threshold`` is a threshold, ``blood_loss`` a symptom.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from .qualifiers import (
    AGGREGATES,
    ARTICLES,
    CHOSEN,
    COSTS,
    EVALUATION,
    FALSE_FRIENDS,
    MODELS,
    NEW_PHRASE,
    NO_EVALUATION,
    PARTS,
    PREPOSITIONS,
    QUALIFIERS,
    TESTS,
    VETOES,
    WEIGHTS,
)
from .vocabulary import LESS, WORDS, ScoreWord

_LONGEST = 160
_MOST_WORDS = 16

_GLUED = (
    "train",
    "test",
    "valid",
    "val",
    "mean",
    "avg",
    "best",
    "final",
    "cv",
    "tr",
    "te",
    "ts",
    "tst",
    "trn",
    "v",
    "m",
    "t",
)
_ENDS = ("train", "test", "valid", "val", "mean", "avg", "max", "min", "std", "s")
_GREEK = str.maketrans({"ß": "ss", "^": "", "χ": "chi", "ρ": "rho", "τ": "tau", "κ": "kappa"})
_PIECE = re.compile(r"[A-Z]+(?![a-z])\d*|[A-Z]?[a-z]+\d*|\d+|[(\[{@+%:]")
_ACRONYM = re.compile(r"[A-Z]{2,}\d*|[A-Z]?[a-z]+\d*|\d+|[(\[{@+%:]")
_SPELLINGS = (
    (re.compile(r"\bm?IoU"), lambda m: " miou " if m[0][0] == "m" else " iou "),
    (re.compile(r"(?<![A-Za-z])(?:mAP|MAP(?=\s?[@\d])|map(?=\s?@))(?![a-z])"), lambda m: " mean average precision "),
    (re.compile(r"(?<=[A-Z])s\b"), lambda m: " "),
    (re.compile(r"(?<=\w)['’`]s\b|'’`"), lambda m: ""),
    (re.compile(r"-\s*2\s*log"), lambda m: " minus log"),
)


@dataclass(frozen=True)
class _Match:
    word: ScoreWord | None  # None: a false friend
    start: int
    end: int


def _forms() -> dict[str, list[tuple[tuple[str, ...], ScoreWord | None]]]:
    """First word → the forms that begin with it, the longest first."""
    found: dict[str, list[tuple[tuple[str, ...], ScoreWord | None]]] = {}
    rows: list[tuple[str, ScoreWord | None]] = [(form, word) for word in WORDS for form in word.forms]
    for form, word in rows + [(form, None) for form in FALSE_FRIENDS]:
        parts = tuple(form.split())
        found.setdefault(parts[0], []).append((parts, word))
    for forms in found.values():
        forms.sort(key=lambda item: -len(item[0]))
    return found


_FORMS = _forms()
_SINGLE = {parts[0] for forms in _FORMS.values() for parts, word in forms if len(parts) == 1 and word is not None}


@lru_cache(maxsize=8192)
def is_score(text: str) -> bool:
    """Whether the name of a variable, a column or a printed label speaks of a score of the vocabulary.

    :param text: an identifier (``val_acc``, ``testRMSE``) or a label as printed (``ROC AUC (5-fold)``).
    """
    return word_of(text) is not None


@lru_cache(maxsize=8192)
def lower_is_better(name: str) -> bool:
    """Whether less of what the name speaks of is better: a loss, an error, a misfit, a cost in time."""
    tokens = words_of(name)
    matches = _matches(tokens)
    outside = [token for at, token in enumerate(tokens) if not any(m.start <= at < m.end for m in matches)]
    if {"neg", "negative", "minus"} & set(outside):
        return False
    scored = [match.word for match in matches if match.word is not None]
    if scored:
        return _head_word(tokens, matches, scored).better == LESS
    return bool(COSTS & set(tokens))


def _head_word(tokens: Sequence[str], matches: Sequence[_Match], scored: Sequence[ScoreWord]) -> ScoreWord:
    """The word that a name is about: the last one before the first preposition, else the first one."""
    cut = _preposition(tokens, matches)
    head = [match.word for match in matches if match.word is not None and match.start < cut]
    return head[-1] if head else scored[0]


@lru_cache(maxsize=8192)
def word_of(text: str) -> ScoreWord | None:
    """The vocabulary's word that a name or a label speaks of; None: it is not the name of a score."""
    if not 0 < len(text) <= _LONGEST:
        return None
    for pattern in (_PIECE, _ACRONYM):
        tokens = words_of(text, pattern)
        if len(tokens) <= _MOST_WORDS:
            found = _word_of(tokens)
            if found is not None:
                return found
    return None


def chosen_for_scores(name: str) -> bool:
    """Whether a name speaks of what is set by scores and is none: the best threshold, the weights of an ensemble."""
    return bool(CHOSEN & set(words_of(name)))


def weighs(name: str) -> bool:
    """Whether a name speaks of weights or importances: its numbers belong to columns or models."""
    return bool(WEIGHTS & set(words_of(name)))


def words_of(text: str, pattern: re.Pattern[str] = _PIECE) -> list[str]:
    """The lower-case words of a name or a label, without accents and articles: ``R² (testSet)`` → r2 ( test set."""
    for spelling, instead in _SPELLINGS:
        text = spelling.sub(instead, text)
    text = unicodedata.normalize("NFKD", text.translate(_GREEK))
    text = "".join(sign for sign in text if not unicodedata.combining(sign))
    pieces = (piece.lower() for piece in pattern.findall(text))
    return [word for piece in pieces if piece not in ARTICLES for word in _unglued(piece)]


def _unglued(piece: str) -> list[str]:
    """``trainacc`` → train, acc; ``acc2`` → acc, 2; any other word as it is."""
    if piece == "@":
        return ["at"]
    if piece in _FORMS or piece in QUALIFIERS or piece in VETOES or not piece[-1].isalnum():
        return [piece]
    letters = piece.rstrip("0123456789")
    if letters != piece and letters:
        return [*_unglued(letters), piece[len(letters) :]]
    for start in _GLUED:
        if piece.startswith(start) and piece[len(start) :] in _SINGLE:
            return [start, piece[len(start) :]]
    for end in _ENDS:
        if piece.endswith(end) and piece[: -len(end)] in _SINGLE:
            return [piece[: -len(end)], *([end] if end != "s" else [])]
    return [piece]


def _matches(tokens: Sequence[str]) -> list[_Match]:
    found, at = [], 0
    while at < len(tokens):
        for form, word in _FORMS.get(tokens[at], ()):
            if tuple(tokens[at : at + len(form)]) == form:
                found.append(_Match(word, at, at + len(form)))
                at += len(form)
                break
        else:
            at += 1
    return found


def _preposition(tokens: Sequence[str], matches: Iterable[_Match]) -> int:
    covered = {at for match in matches for at in range(match.start, match.end)}
    return next((at for at, token in enumerate(tokens) if at not in covered and token in PREPOSITIONS), len(tokens))


def _word_of(tokens: list[str]) -> ScoreWord | None:
    matches = _matches(tokens)
    if not matches:
        return None
    cut = _preposition(tokens, matches)
    head, tail = tokens[:cut], tokens[cut + 1 :]
    found = _phrase(head, tail)
    if found is not None or not tail:
        return found
    if _vetoed(head):
        return None
    # "Mean of the accuracies", "RandomForest with accuracy", "We reached an AUC"
    speaks = tokens[cut] in ("of", "de", "von", "der", "des", "di", "with", "mit", "avec", "con")
    return _word_of(tail) if speaks and not any(match.start < cut for match in matches) else None


def _vetoed(tokens: Sequence[str]) -> bool:
    covered = {at for match in _matches(tokens) for at in range(match.start, match.end)}
    return any(token in VETOES for at, token in enumerate(tokens) if at not in covered)


def _phrase(head: list[str], tail: list[str]) -> ScoreWord | None:
    """The word of a phrase without prepositions; ``tail`` is what came after the first preposition."""
    while head and head[-1] in NEW_PHRASE:
        head = head[:-1]
    for at in range(len(head) - 1, 0, -1):
        if head[at] in NEW_PHRASE and not _vetoed(head[:at]):
            head = head[at + 1 :]
            break
    matches = _matches(head)
    if not matches or any(match.word is None for match in matches):
        return None
    word = matches[-1].word
    assert word is not None
    covered = {at for match in matches for at in range(match.start, match.end)}
    rest = [token for at, token in enumerate(head) if at not in covered]
    if any(token in VETOES for token in rest):
        return None
    if word.narrow and not all(map(_BESIDE.get(word.family, _neutral), rest)):
        return None
    if word.narrow and not _narrow_tail(tail):
        return None
    if word.forms[0] == "score" and len(matches) == 1 and not EVALUATION & {*rest, *tail, *_inside(head, matches)}:
        return None
    return word


def _inside(head: Sequence[str], matches: Sequence[_Match]) -> set[str]:
    return {token for match in matches for token in head[match.start : match.end]} - {"score", "scores"}


def _narrow_tail(tail: Sequence[str]) -> bool:
    """Whether what follows a word of several meanings speaks of an evaluation: the first word after it decides."""
    return not tail or tail[0] not in NO_EVALUATION


def _neutral(token: str) -> bool:
    return token in QUALIFIERS or token in MODELS or token in AGGREGATES or len(token) == 1 or token.isdigit()


def _part(token: str) -> bool:
    return _neutral(token) or token in PARTS


def _of_test(token: str) -> bool:
    return _neutral(token) or token in TESTS


#: Family of a word of several meanings → what may stand beside it.
_BESIDE = {"Losses": _part, "Scores in general": _part, "Statistics": _of_test}
