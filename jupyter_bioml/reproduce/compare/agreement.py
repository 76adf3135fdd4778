"""How well two outputs agree: the levels, the result of one comparison, and the band given by repeats.

The levels, best first: *bit-equal*, *numerically-equal* (every number within the stated relative tolerance, all
else the same), *within-noise*, *different*. What cannot be compared is *not known*, and never passes for equal.

**Within noise** is a fact about repeats, not a model of them: two outputs differ by no more than repeats of one
side differ among themselves. The distance of two outputs is their largest difference (see each part's
``compare``); the band is the largest distance between any two runs of the sample. The sample is the larger of
two groups, at least :data:`MIN_REPEATS` runs: the recorded run with its recorded repeats, or the reproduction with its
repeats. Runs made to prove a cause change something on purpose: callers leave them out. The rule
assumes nothing about the shape of the noise and errs to *different*: of runs of the same kind with normal noise it
calls 30 % different with 3 runs in the sample, 14 % with 5, 4 % with 10 and 1 % with 20 (simulated), so more repeats
make a surer statement.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from ...records.compare import CLOSE, IDENTICAL, relation
from ...text.present import format_number

BIT_EQUAL, NUMERICALLY_EQUAL, WITHIN_NOISE, DIFFERENT = "bit-equal", "numerically-equal", "within-noise", "different"
#: For outputs that could not be compared: not a level, neither equal nor different.
UNKNOWN = "not known"
#: Worst last.
LEVELS = (BIT_EQUAL, NUMERICALLY_EQUAL, WITHIN_NOISE, UNKNOWN, DIFFERENT)
#: Kinds of outputs in the order in which they are told: logged numbers first, text last. ``model``: what a model
#: learned; ``example``: what it predicts for its input example.
KINDS = ("status", "metric", "value", "model", "example", "predictions", "table", "file", "figure", "text")
#: How texts of equal numbers may be apart: in words, or in the order of what they say.
WORDS, ORDER = "words", "order"
#: Runs in a sample (the run itself and its repeats) below which nothing is said about noise.
MIN_REPEATS = 3
#: Runs of a sample that are looked at; the pairs grow with the square of it.
MOST_REPEATS = 20


@dataclass(frozen=True)
class Compared:
    """One output on both sides. ``left`` and ``right`` are what JSON can hold; None where a side has none."""

    kind: str
    """One of :data:`KINDS`."""
    name: str
    level: str
    left: Any
    right: Any
    note: str = ""
    """What differs, by how much, or why it is unknown."""
    masked: tuple[str, ...] = ()
    """Parts left out of the comparison (times, addresses, paths, …), as it stood on both sides."""
    decides: bool = True
    """False: a difference of it is told, and does not make the run a different one."""
    proves: int = 0
    """How many things of substance were compared in it: numbers of a text, arrays of a model, else 1; 0: that it is
    the same proves nothing (a shape, a count, the settings of an object)."""


@dataclass(frozen=True)
class Match:
    """The result of comparing two parts. ``left`` and ``right``: excerpts that show the difference best."""

    level: str
    note: str = ""
    left: Any = None
    right: Any = None
    masked: tuple[str, ...] = ()
    distance: tuple[float, ...] | None = None
    """How far apart they are, one figure per way of differing; None: not a matter of degree."""
    count: int | None = None
    """How many things were compared, where that shows only then (the arrays of a model)."""
    apart: str = ""
    """:data:`WORDS` or :data:`ORDER` where two texts differ in nothing else."""


class Part(Protocol):
    """One output of one run, ready to be compared with its counterpart."""

    @property
    def kind(self) -> str:
        """What it is, in a word: ``metric``, ``table``, ``text`` …."""

    @property
    def name(self) -> str:
        """What pairs it with its counterpart."""

    @property
    def weight(self) -> int:
        """How many things of substance it holds; 0: that it comes again proves nothing."""

    def summary(self) -> Any:
        """Shown for it if there is no counterpart."""

    def compare(self, other: Any, rtol: float) -> Match:
        """Compare it with a part of the same class."""


def worst(levels: Iterable[str]) -> str:
    """The worst level; *not known* where there is none."""
    return max(levels, key=LEVELS.index, default=UNKNOWN)


def number_level(left: float, right: float, rtol: float) -> str:
    """The level of two numbers; NaN equals NaN."""
    found = relation(left, right, rtol)
    if found == IDENTICAL or (math.isnan(left) and math.isnan(right)):
        return BIT_EQUAL
    return NUMERICALLY_EQUAL if found == CLOSE else DIFFERENT


def apart(left: float, right: float) -> float:
    """The absolute difference; infinite where only one is finite, 0 where they are the same."""
    if left == right or (math.isnan(left) and math.isnan(right)):
        return 0.0
    difference = abs(left - right)
    return math.inf if math.isnan(difference) else difference


def relative(left: float, right: float) -> float:
    """The difference relative to the larger of the two sizes (0 to 2; infinite where only one is finite)."""
    difference = apart(left, right)
    return difference if difference in (0.0, math.inf) else difference / max(abs(left), abs(right))


def with_noise(match: Match, sample: Sequence[Part], rtol: float) -> Match:
    """``match``, or *within-noise* where the two differ no more than the runs of ``sample`` among themselves.

    :param match: what comparing the two outputs said.
    :param sample: the same output of a run and its repeats.
    """
    if match.level != DIFFERENT or match.distance is None or len(sample) < 2:
        return match
    if len(sample) < MIN_REPEATS:
        return replace(match, note=_joined(match.note, f"{len(sample)} runs are too few for a band ({MIN_REPEATS})"))
    sample = sample[:MOST_REPEATS]
    band = [0.0] * len(match.distance)
    for one, other in itertools.combinations(sample, 2):
        distance = (0.0,) * len(band)
        if type(one) is type(other) and (found := one.compare(other, rtol)).level == DIFFERENT:
            if found.distance is None or len(found.distance) != len(band):
                return replace(match, note=_joined(match.note, "repeats differ in more than numbers: there is no band"))
            distance = found.distance
        band = [max(pair) for pair in zip(band, distance, strict=True)]
    inside = all(mine <= most < math.inf or mine == 0 for mine, most in zip(match.distance, band, strict=True))
    widest = max(band)
    said = f"{len(sample)} equal runs differ by up to {format_number(widest)}" if widest else "equal runs do not differ"
    return replace(match, level=WITHIN_NOISE if inside else DIFFERENT, note=_joined(match.note, said))


def _joined(*notes: str) -> str:
    return "; ".join(note for note in notes if note)
