"""Comparing text: as it is, then without what changes from run to run, then number by number.

Whole numbers are counts or names and are compared exactly; numbers with a point or an exponent within the
tolerance. Blanks between words never count: a column of a printed table is wider where its numbers are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from ...text.present import format_number, printable, shorten
from .agreement import (
    BIT_EQUAL,
    DIFFERENT,
    NUMERICALLY_EQUAL,
    UNKNOWN,
    Match,
    number_level,
    relative,
    worst,
)
from .masking import Masked, differing, mask

#: Characters compared; capture keeps less of a run's own prints.
MOST_TEXT = 1_000_000
#: Columns shown of a line that differs.
EXCERPT = 200
NUMBER = re.compile(r"(?<![\w.⟨])[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
#: Digits of a number that is read as one; Python reads no longer whole numbers.
_DIGITS = 4000
_CUT = re.compile(r"\n… cut at [^\n]*\n?\Z")
_WHOLE = re.compile(r"[-+]?\d+\Z")


@dataclass(frozen=True)
class PlainText:
    """What a run printed, showed or wrote as text. Its distance: the largest relative difference of a number."""

    name: str
    text: str
    cut: bool = False
    """Only its beginning was kept."""
    kind: str = "text"

    @cached_property
    def masked(self) -> Masked:
        """The text without what changes from run to run without being a result (:mod:`.masking`)."""
        return mask(self.text)

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
            left, right = (PlainText(part.name, part.text[:MOST_TEXT]) for part in (left, right))
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
        return _first_difference(ours.text, theirs.text, masked, note)
    levels = [_level(*pair, rtol) for pair in zip(numbers, other_numbers, strict=True)]
    level = worst([NUMERICALLY_EQUAL, *levels])
    if level == DIFFERENT:
        most = max(relative(float(a), float(b)) for a, b in zip(numbers, other_numbers, strict=True))
        match = _first_difference(ours.text, theirs.text, masked, note, rtol)
        count = f"{levels.count(DIFFERENT):,} of {len(levels):,} numbers differ, by up to {format_number(100 * most)} %"
        return Match(level, "; ".join(filter(None, (count, match.note))), match.left, match.right, masked, (most,))
    said = "apart from what is masked" if masked else "blanks or colours differ"
    return Match(level, "; ".join(filter(None, (said, note))), left.summary(), right.summary(), masked)


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
    return PlainText(left.name, ours), PlainText(right.name, theirs), f"compared up to the cut, {kept:,} lines"


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
