"""Comparing text: as it is, then without what changes from run to run, then number by number.

Whole numbers are counts or names and are compared exactly; numbers with a point or an exponent within the
tolerance, and a number that prints a metric of its run within one unit of its last digit. Blanks between words never
count: a column of a printed table is wider where its numbers are. Where the numbers agree and the words do not, it
is said so; and where only their order is another one (that of a set).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from ...text.present import format_number, printable, shorten
from .agreement import (
    BIT_EQUAL,
    DIFFERENT,
    NUMERICALLY_EQUAL,
    ORDER,
    UNKNOWN,
    WORDS,
    Match,
    number_level,
    relative,
    worst,
)
from .masking import Masked, differing, mask
from .source import NO_SOURCE, Source
from .substance import weight_of_text, without_objects

#: Characters compared; capture keeps less of a run's own prints.
MOST_TEXT = 1_000_000
#: Columns shown of a line that differs.
EXCERPT = 200
NUMBER = re.compile(r"(?<![\w.⟨])[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
#: Digits of a number that is read as one; Python reads no longer whole numbers.
_DIGITS = 4000
_CUT = re.compile(r"\n… cut at [^\n]*\n?\Z")
#: What stands around words and says nothing by itself.
_BRACKETS = "[](){},;:'\""
_WHOLE = re.compile(r"[-+]?\d+\Z")


@dataclass(frozen=True)
class PlainText:
    """What a run printed, showed or wrote as text. Its distance: the largest relative difference of a number."""

    name: str
    text: str
    cut: bool = False
    """Only its beginning was kept."""
    kind: str = "text"
    source: Source = field(default=NO_SOURCE, compare=False)
    """What the run's code says by itself."""

    @cached_property
    def masked(self) -> Masked:
        """The text without what changes from run to run without being a result (:mod:`.masking`)."""
        return mask(self.text, self.source.timed)

    @cached_property
    def weight(self) -> int:
        """How many numbers of substance it has (:mod:`.substance`)."""
        return weight_of_text(self.masked.text[:MOST_TEXT], self.source)

    @property
    def without_objects(self) -> PlainText:
        """The text without the settings of objects that it shows: how they are written is the library's matter."""
        return replace(self, text=without_objects(self.masked.text, self.source))

    def summary(self) -> str:
        """The beginning of it."""
        return excerpt(self.text)

    def compare(self, other: PlainText, rtol: float) -> Match:
        """As it is, then masked, then its numbers within ``rtol``; up to the cut where one side was cut off."""
        left, right, note = _up_to_the_cut(self, other)
        if left.text == right.text:
            return Match(BIT_EQUAL, note, left.summary(), right.summary())
        long = max(len(left.text), len(right.text)) > MOST_TEXT
        if long:
            left, right = (replace(part, text=part.text[:MOST_TEXT], cut=False) for part in (left, right))
        match = _by_numbers(left, right, rtol, note)
        if long and match.level != DIFFERENT:
            said = f"the first {MOST_TEXT:,} characters agree; the rest was not compared"
            return Match(UNKNOWN, said, match.left, match.right, match.masked)
        return match


def _by_numbers(left: PlainText, right: PlainText, rtol: float, note: str) -> Match:
    ours, theirs = left.masked, right.masked
    masked = differing(ours, theirs)
    words, numbers = _words_and_numbers(ours.text)
    other_words, other_numbers = _words_and_numbers(theirs.text)
    if words != other_words or len(numbers) != len(other_numbers):
        apart = _apart(ours.text, theirs.text, rtol)
        said = {WORDS: "only words differ", ORDER: "only the order differs"}.get(apart, "")
        match = _first_difference(ours.text, theirs.text, masked, note)
        return replace(match, apart=apart, note="; ".join(filter(None, (said, match.note))))
    levels = [
        _printed(one, other, left.source.numbers, right.source.numbers, rtol)
        for one, other in zip(numbers, other_numbers, strict=True)
    ]
    level = worst([NUMERICALLY_EQUAL, *levels])
    if level == DIFFERENT:
        most = max(relative(float(a), float(b)) for a, b in zip(numbers, other_numbers, strict=True))
        match = _first_difference(ours.text, theirs.text, masked, note, rtol)
        count = f"{levels.count(DIFFERENT):,} of {len(levels):,} numbers differ, by up to {format_number(100 * most)} %"
        return Match(level, "; ".join(filter(None, (count, match.note))), match.left, match.right, masked, (most,))
    said = "apart from what is masked" if masked else "blanks or colours differ"
    return Match(level, "; ".join(filter(None, (said, note))), left.summary(), right.summary(), masked)


def _apart(left: str, right: str, rtol: float) -> str:
    """How two texts whose words differ are apart: in words only, in the order only, or in more."""
    numbers, other_numbers = NUMBER.findall(left), NUMBER.findall(right)
    if Counter(_labelled(left)) == Counter(_labelled(right)):
        return ORDER
    words, other_words = (
        Counter(word.strip(_BRACKETS) for word in _words_and_numbers(text)[0]) for text in (left, right)
    )
    if len(numbers) != len(other_numbers) or words == other_words:
        return ""
    return WORDS if all(_level(*pair, rtol) != DIFFERENT for pair in zip(numbers, other_numbers, strict=True)) else ""


def _labelled(text: str) -> list[tuple[str, ...]]:
    """The words of a text, each with the numbers that follow it in its line."""
    found: list[tuple[str, ...]] = []
    for line in text.splitlines():
        ends, label = NUMBER.split(line), ""
        numbers = NUMBER.findall(line)
        for place, words in enumerate(ends):
            plain = [word.strip(_BRACKETS) for word in words.split()]
            named = [word for word in plain if word]
            found += [(word,) for word in named[:-1]]
            label = named[-1] if named else label
            if place < len(numbers):
                found.append((label, numbers[place]))
            elif named:
                found.append((label,))
    return found


def _printed(left: str, right: str, ours: Sequence[float], theirs: Sequence[float], rtol: float) -> str:
    """The level of two printed numbers; what prints a number of its run is only known to its last digit."""
    level = _level(left, right, rtol)
    if level != DIFFERENT or "." not in left or "." not in right or max(len(left), len(right)) > _DIGITS:
        return level
    unit = 10.0 ** -min(_decimals(left), _decimals(right))
    if abs(float(left) - float(right)) > 1.000001 * unit:
        return level
    return NUMERICALLY_EQUAL if _prints(left, ours) and _prints(right, theirs) else level


def _prints(number: str, known: Sequence[float]) -> bool:
    """Whether a printed number is one of ``known``, as it is or as a percentage, to its digits."""
    value, half = float(number), 0.500001 * 10.0 ** -_decimals(number)
    return any(abs(value - factor * item) <= half for item in known for factor in (1, 100))


def _decimals(number: str) -> int:
    digits, _, exponent = number.lower().partition("e")
    return len(digits.partition(".")[2]) - int(exponent or 0)


def _level(left: str, right: str, rtol: float) -> str:
    if left == right:
        return BIT_EQUAL
    if max(len(left), len(right)) > _DIGITS:
        return DIFFERENT
    if _WHOLE.match(left) and _WHOLE.match(right):
        return BIT_EQUAL if int(left) == int(right) else DIFFERENT
    return number_level(float(left), float(right), rtol)


def _words_and_numbers(text: str) -> tuple[list[str], list[str]]:
    """The words between the numbers, each run of blanks as one, and the numbers."""
    numbers = NUMBER.findall(text)
    return NUMBER.sub(" \0 ", text).split(), numbers


def _up_to_the_cut(left: PlainText, right: PlainText) -> tuple[PlainText, PlainText, str]:
    """Both up to where the shorter kept text ends, by whole lines, where one of them was cut."""
    if not (left.cut or right.cut):
        return left, right, ""
    lines = [_CUT.sub("", part.text).split("\n")[: -1 if part.cut else None] for part in (left, right)]
    kept = min(len(part) for part, side in zip(lines, (left, right), strict=True) if side.cut)
    ours, theirs = ("\n".join(part[:kept]) for part in lines)
    left, right = replace(left, text=ours, cut=False), replace(right, text=theirs, cut=False)
    return left, right, f"compared up to the cut, {kept:,} lines"


def _first_difference(left: str, right: str, masked: tuple[str, ...], note: str, rtol: float | None = None) -> Match:
    """The first line that differs (with ``rtol``: in more than the rounding of a number)."""
    ours, theirs = left.splitlines(), right.splitlines()
    at = 0
    for at, (one, other) in enumerate(zip(ours, theirs, strict=False)):  # noqa: B007
        if one.split() != other.split() and (rtol is None or not _lines_agree(one, other, rtol)):
            break
    else:
        at = min(len(ours), len(theirs))
    shown = [excerpt(lines[at]) if at < len(lines) else None for lines in (ours, theirs)]
    count = "" if len(ours) == len(theirs) else f"{len(ours):,} lines, then {len(theirs):,}"
    said = "; ".join(filter(None, (f"first at line {at + 1:,}", count, note)))
    return Match(DIFFERENT, said, shown[0], shown[1], masked)


def _lines_agree(left: str, right: str, rtol: float) -> bool:
    words, numbers = _words_and_numbers(left)
    other_words, other_numbers = _words_and_numbers(right)
    if words != other_words or len(numbers) != len(other_numbers):
        return False
    return all(_level(*pair, rtol) != DIFFERENT for pair in zip(numbers, other_numbers, strict=True))


def excerpt(text: str) -> str:
    """The beginning of a text on one line."""
    return shorten(printable(text[: 2 * EXCERPT].strip()), EXCERPT)
