"""Labelled numbers in printed text, with the digits they have.

Whatever has a label is a figure; ``Figure.score`` says which of them are scores. Dates, times, versions,
shares (``3/10``), bounds of intervals, progress bars and the lines of ``reports`` do not count.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice

from .labels import clean_label, label_and_group, says_something
from .reports import lines_of_reports
from .terminal import is_progress, plain_line, step_of
from .words import is_score

#: Limits for hostile or very long output: what lies beyond them is not read.
LONGEST_TEXT, MOST_FIGURES, MOST_IN_A_LINE = 1_000_000, 4_000, 60

_NUMBER = re.compile(
    r"(?<![\w.@#/\\^])(?<!\d[-:,–])(?<![A-Za-z]-)[-+]?(?:\d{1,3}(?:,\d{3})+(?![\d,])(?:\.\d+)?|\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,3})?(?P<percent>\s?%)?"
    r"(?![\w/]|[-–:.]\d|-[A-Za-z]|,\d)"
)
_NOT_FINITE = re.compile(r"(?<![\w.])[-+]?(?:nan|inf|infinity|none|null|n/a)(?!\w)", re.IGNORECASE)
_INTERVAL = re.compile(r"\b(?:CI|KI|IC|HDI|IQR|interval|intervall|intervalle|intervalo|range|bounds?)\b", re.IGNORECASE)
_LEAD = re.compile(r"^(?:and|und|et|y|with|mit|avec|con|an|a|also|then)\s+", re.IGNORECASE)
#: A number that stands between a label and its number: "accuracy at threshold 0.5: 0.91".
_VALUE_FOLLOWS = re.compile(r"(?:,\s?\d{1,9})?[)\]]?\s{0,3}(?::|=|->|→)\s{0,3}[-+]?\.?\d")
_SPREAD = re.compile(r"^[\s%(\[]{0,4}(?:±|\+/-|\+-|\\pm)\s{0,3}$")
_SPLITS = frozenset(("train", "training", "val", "valid", "validation", "test", "testing", "dev", "holdout", "cv"))
#: What tests print beside a p value.
_OF_A_TEST = frozenset(
    ("p", "P", "t", "T", "F", "U", "W", "H", "Q", "z", "Z", "r", "R", "rho", "ρ", "tau", "τ", "χ2", "χ²", "X2", "D")
)
_SPREAD_WORDS = frozenset(
    ("std", "sd", "std dev", "stdev", "standard deviation", "std.", "s.d", "ecart type", "±", "+/-")
)
#: A number after one of these belongs to the label: "accuracy on 100 samples: 0.93".
_BOUND = re.compile(
    r"\b(?:on|for|at|after|over|with|using|in|from|top|than|first|last|the|per|by|fold|class|model|auf|nach|mit|für|bei|"
    r"über|sur|pour|après|avec|para|con|en|tras)\s+$",
    re.IGNORECASE,
)
#: What gradient descent makes small is a cost too: "Cost after iteration 100". Money has no iterations.
_COST = re.compile(r"^(?:(?:train|test|val|valid|mean|avg|average|training|validation)[\s_])?cost$", re.IGNORECASE)
_ITERATES = re.compile(r"\b(?:iter|iteration|epoch)s?\b", re.IGNORECASE)
#: ``Dropout(p=0.5, inplace=False)``: a probability that was set.
_SET, _AND_SET = re.compile(r"[A-Za-z_]\w{0,40}\(p=$"), re.compile(r",\s?\w{1,40}=(?:True|False|None)\b")
_PREFIX_AFTER = re.compile(r"\s{0,3}(?::|→|->|=>|\||–|-(?=\s))\s{0,3}(?=[^\W\d])")
#: A sign between a label and its number, and the blanks of a column: a whole number there is a count.
_SIGN = re.compile(r"[:=→>]\s*[(\[{'\"]{0,3}\s*$")
_COLUMN = re.compile(r"(?:\s{2}|\t)[(\[]?$")
_OF_A_BAR = re.compile(r"\d(?:s|ms|us)\b")
_AFTER = re.compile(r"\s{1,2}([^\W\d][\w \-]{1,40}?)(?=\s(?:with|on|for|in|at|over|and|using)\b|[.,;:(!]|\s*$)")


@dataclass(frozen=True)
class Figure:
    """One labelled number of printed text."""

    label: str
    """Without the signs around it"""
    value: float
    """As printed: of ``93.2 %`` it is 93.2"""
    digits: int
    """Its last digit stands for ``10 ** -digits``; below 0 for ``1.2e5``"""
    percent: bool
    line: int
    """Of the text, from 0"""
    step: int | None = None
    """Of the epoch, step, fold … that the line or the heading above it names"""
    group: str = ""
    """What stands before the label: ``RandomForest`` in ``RandomForest: acc=0.93, f1=0.91``"""
    place: int | None = None
    """In a list of several numbers behind one label, from 0"""
    spread: bool = False
    """It is the standard deviation of the figure before it: ``0.93 ± 0.02``"""
    score: bool = False
    """The label speaks of a score; of single letters (``t = 2.31, p = 0.02``) where a p value is among them"""


@dataclass
class _Reading:
    """Where the reading of a line stands."""

    line: int
    text: str
    step: int | None
    start: int = 0  # of the label that comes next
    group: str = ""
    last: Figure | None = None
    in_list: bool = False
    iterates: bool = False  # it tells of an iteration


@lru_cache(maxsize=8)
def figures(text: str) -> tuple[Figure, ...]:
    """The labelled numbers of a printed text, in order; at most ``MOST_FIGURES``."""
    found: list[Figure] = []
    heading: int | None = None
    reports = lines_of_reports(text)
    for number, raw in enumerate(text[:LONGEST_TEXT].split("\n")):
        line = plain_line(raw)
        if not line.strip():
            heading = None
            continue
        if number in reports or not any(map(str.isdigit, line)) or is_progress(line):
            continue
        step, line = step_of(line)
        if step is not None and not clean_label(line):
            heading = step
            continue
        iterates = step is not None and _ITERATES.search(raw) is not None
        found += _of_line(_Reading(number, line, heading if step is None else step, iterates=iterates))
        if len(found) >= MOST_FIGURES:
            break
    return tuple(found[:MOST_FIGURES])


def _of_line(reading: _Reading) -> list[Figure]:
    """The figures of one line."""
    found = []
    for match in islice(_NUMBER.finditer(reading.text), MOST_IN_A_LINE):
        figure = _figure(reading, match)
        if figure is not None:
            reading.last = _completed(figure, reading.last)
            found.append(reading.last)
    test = any(figure.label in ("p", "P") and 0 <= figure.value <= 1 for figure in found)
    return [
        replace(
            figure,
            score=is_score(figure.label)
            or (test and figure.label.partition("(")[0] in _OF_A_TEST)
            or (reading.iterates and _COST.match(figure.label) is not None),
        )
        for figure in found
    ]


def _completed(figure: Figure, last: Figure | None) -> Figure:
    """``test: 0.42`` after ``MSE train: 0.31`` is the MSE too."""
    part = figure.label.lower()
    if last is None or part not in _SPLITS or not is_score(last.label) or figure.place:
        return figure
    words = last.label.split()
    at = next((at for at, word in enumerate(words) if word.lower() in _SPLITS), None)
    if at is not None:
        return replace(figure, label=" ".join([*words[:at], figure.label, *words[at + 1 :]]), group=last.group)
    return replace(figure, label=last.label, group=figure.label) if last.group.lower() in _SPLITS else figure


def _figure(reading: _Reading, match: re.Match[str]) -> Figure | None:
    before = reading.text[reading.start : match.start()]
    if _SET.search(before) and _AND_SET.match(reading.text, match.end()):
        reading.start = match.end()
        return None
    missing = list(_NOT_FINITE.finditer(before))
    if missing:
        before = before[missing[-1].end() :]
    value, digits = number_of(match[0])
    figure = Figure("", value, digits, match["percent"] is not None, reading.line, reading.step, reading.group)
    if not math.isfinite(value):
        return None
    if reading.last is not None and not missing and (_SPREAD.match(before) or _is_spread(before)):
        reading.start = match.end()
        return replace(figure, label=reading.last.label, group=reading.last.group, spread=True)
    if _is_part_of_label(reading, before, match):
        return None
    reading.start = match.end()
    label = clean_label(before)
    if not says_something(label):
        return _without_label(reading, figure, before, match)
    if _INTERVAL.search(label):
        reading.in_list = False
        return None
    if figure.digits == 0 and not figure.percent and _COLUMN.search(before) and not _SIGN.search(before):
        return None
    if "}" in before:
        reading.group = ""
    group, label = _grouped(before, label)
    label = _last_part(label, reading.last is not None)
    reading.group = (group if not _OF_A_BAR.search(group) else "") or reading.group
    prefix = _PREFIX_AFTER.match(reading.text, match.end())
    if prefix and not is_score(label) and not (prefix[0].strip() in ("-", "–", "|") and _SIGN.search(before)):
        reading.group, reading.start = f"{label} {match[0].strip()}", prefix.end()
        return None
    reading.in_list = before.rstrip().endswith(("[", "("))
    figure = replace(figure, label=label, group=reading.group, place=0 if _opens_list(reading, match) else None)
    if not is_score(label):
        return _labelled_behind(reading, figure, match)
    return figure


def number_of(written: str) -> tuple[float, int]:
    """(value, decimals) of a number as it is printed."""
    text = written.rstrip("% \t").replace(",", "")
    mantissa, _, exponent = text.lower().partition("e")
    return float(text), len(mantissa.partition(".")[2]) - int(exponent or 0)


def _is_spread(before: str) -> bool:
    return len(before) < 40 and _last_part(clean_label(before), goes_on=True).lower() in _SPREAD_WORDS


def _is_part_of_label(reading: _Reading, before: str, match: re.Match[str]) -> bool:
    """Whether a number is one of the words of a label: ``accuracy on 100 samples: 0.93``."""
    if _VALUE_FOLLOWS.match(reading.text, match.end()):
        return True
    return bool(_BOUND.search(before)) and _NUMBER.search(reading.text, match.end()) is not None


def _opens_list(reading: _Reading, match: re.Match[str]) -> bool:
    return reading.in_list and re.match(r"[,\s]+[-+.\d]", reading.text[match.end() : match.end() + 40]) is not None


def _without_label(reading: _Reading, figure: Figure, before: str, match: re.Match[str]) -> Figure | None:
    """A further number of a list, or one whose label stands behind it: ``93.2% accuracy``."""
    if reading.in_list and reading.last is not None and reading.last.place is not None and not before.strip(" ,\t"):
        return replace(figure, label=reading.last.label, group=reading.last.group, place=reading.last.place + 1)
    reading.in_list = False
    return _labelled_behind(reading, figure, match) if not reading.last else None


def _labelled_behind(reading: _Reading, figure: Figure, match: re.Match[str]) -> Figure | None:
    """The figure with the label that follows its number, where that one is a score and has no number of its own."""
    after = _AFTER.match(reading.text, match.end()) if figure.digits > 0 or figure.percent else None
    if after is not None and is_score(after[1]) and not re.match(r"\s*[:=(]", reading.text[after.end() :]):
        reading.start = after.end()
        return replace(figure, label=clean_label(after[1]), place=None)
    return figure if figure.label else None


def _last_part(label: str, goes_on: bool) -> str:
    """A label without the end of the sentence before it: ``s; accuracy``, ``and an F1``."""
    end = re.split(r"[,;]\s", label)[-1]
    if end != label and is_score(end):
        label, goes_on = end, True
    while goes_on and _LEAD.match(label):
        label = _LEAD.sub("", label)
    return label


def _grouped(before: str, label: str) -> tuple[str, str]:
    """(group, label) of a text before a number: ``RandomForest: acc=`` → RandomForest, acc."""
    quoted = re.search(r"['\"]([^'\"]{1,80})['\"]\s*[:,=]\s*(?:\[|\()?\s*$", before)
    if quoted:
        outer = re.findall(r"['\"]([^'\"]{1,80})['\"]\s*:\s*\{", before)
        return (outer[-1] if outer else ""), quoted[1]
    return label_and_group(before) if label else ("", label)
