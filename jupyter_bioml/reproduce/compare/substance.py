"""What of a text is of substance: what was computed, and could have come out otherwise.

A number with a point, an exponent or a percent sign is a result. Whole numbers by themselves are shapes, counts and
names (``(150, 4)``, ``Class: 2``) unless many stand in one bracket (a confusion matrix, predicted classes). Settings
of an object that is shown (``SVC(C=0.1)``), axes and lines of a plot, and what the code says by itself prove nothing.
Words are results where they are listed or answer a label of the user's, and do not stand in the code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .source import Source

_NUMBER = re.compile(
    r"(?<![\w.⟨])[-+]?(?:\d*\.\d+(?:[eE][-+]?\d+)?|\d+\.?[eE][-+]?\d+|\d+(?=\s?%(?!⟨))|\d+\.(?=[\s,]{0,9}[\d\]]))(?![\w.]*⟩)"
)
_WHOLE = re.compile(r"(?<![\w.])[-+]?\d+(?![\w.])")
#: Brackets with nothing but numbers in them, and how many whole numbers make a list and a matrix.
_LISTED = re.compile(r"(?<!Size\()(?<![\[\]\s\d,+\-.…])[\[\]\s\d,+\-.…]{3,}")
_FLAT, _NESTED = 5, 4
_TAGGED = re.compile(r"<[^<>\n]{0,1000}>")
_ARTIST = re.compile(r"\bText\((?:[^()\n]|\([^()\n]*\)){0,400}\)|\bAxes(?:Subplot)?\([^()\n]{0,200}\)")
_NAMED = re.compile(r"\b([A-Z]\w{1,80})\(")
#: How torch shows a module.
_MODULE = re.compile(r"\A\s*\w+\(\s*\n\s+\(\w+\): ")
_LONGEST_OBJECT = 20_000
_WORD = re.compile(r"[^\W\d]\w+")
_QUOTED = re.compile(r"'([^'\n]{1,200})'|\"([^\"\n]{1,200})\"")
_LABELLED = re.compile(r"(?m)^\s*([^\W\d][^:=\n]{0,80}?)\s*[:=]\s*(\S[^\n]*)$")
#: Words of how Python's libraries write their objects.
_WRITTEN = frozenset((
    "array", "dtype", "object", "int8", "int32", "int64", "uint8", "float32", "float64", "bool", "str", "Name",
    "Length", "Index", "RangeIndex", "Freq", "None", "True", "False", "nan", "NaN", "tensor", "category", "string",
    "class", "type", "columns", "rows", "Categories", "list", "dict", "tuple", "set", "start", "stop", "step", "null",
    "datetime64", "ns", "non", "Null", "Dtype", "Column", "Count", "dtypes", "memory", "usage", "Data", "total",
    "entries", "pandas", "core",
))  # fmt: skip


def weight_of_text(text: str, source: Source) -> int:
    """How many numbers of substance a masked text has; 1 where it has words of substance instead."""
    shown, text = text, without_objects(text, source)
    kept = "\n".join(line for line in text.split("\n") if line.strip() not in source.lines)
    numbers = sum(not _is_setting(kept, match, source) for match in _NUMBER.finditer(kept))
    return numbers + sum(_listed(kept)) or int("<matplotlib" not in shown and _has_words(kept, source))


def without_objects(text: str, source: Source) -> str:
    """The text without axes, lines, addresses and the settings of objects that the code made."""
    if _MODULE.match(text):
        text = ""
    return _TAGGED.sub("", _ARTIST.sub("", _without_settings(text, source)))


def _without_settings(text: str, source: Source) -> str:
    kept, end = [], 0
    for match in _NAMED.finditer(text):
        if match.start() < end or match[1] not in source.objects:
            continue
        close = _close(text, match.end())
        if close is not None:
            kept.append(text[end : match.start()])
            end = close
    return "".join([*kept, text[end:]])


def _close(text: str, start: int) -> int | None:
    """The place behind the bracket that closes the one before ``start``; None where it is not near."""
    depth = 1
    for place in range(start, min(len(text), start + _LONGEST_OBJECT)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if not depth:
            return place + 1
    return None


def _is_setting(text: str, match: re.Match[str], source: Source) -> bool:
    """Whether a number stands behind the name of a parameter of the run, and has its value."""
    label = re.search(r"([^\W\d]\w*)\W{0,6}\Z", text[max(0, match.start() - 80) : match.start()])
    known = source.settings.get(label[1].lower()) if label is not None else None
    try:
        return isinstance(known, (int, float)) and float(match[0]) == float(known)
    except ValueError:
        return False


def _listed(text: str) -> Iterator[int]:
    """How many whole numbers each long bracket of them has."""
    for match in _LISTED.finditer(text):
        first, last = match[0].find("["), match[0].rfind("]")
        inside = match[0][first + 1 : last] if 0 <= first < last else ""
        count = len(_WHOLE.findall(inside))
        if count >= (_NESTED if "[" in inside else _FLAT):
            yield count


def _has_words(text: str, source: Source) -> bool:
    """Whether it lists words, or answers a label of the user's with words, that do not stand in the code."""
    quoted = " ".join(one or other for one, other in _QUOTED.findall(text))
    found = set(_WORD.findall(quoted))
    for label, answer in _LABELLED.findall(text):
        if set(_WORD.findall(label)) & source.labels:
            found |= set(_WORD.findall(answer))
    return bool(found - source.words - _WRITTEN)
