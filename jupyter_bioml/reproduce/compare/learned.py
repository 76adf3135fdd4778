"""Comparing models: equal bytes are the same model; of other bytes, what both learned and what both predict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from ...records.run import Model
from ...text.present import counted, format_bytes, format_number, printable, shorten
from .agreement import BIT_EQUAL, DIFFERENT, NUMERICALLY_EQUAL, UNKNOWN, Match, worst

#: Arrays that are named.
_NAMED = 3
_NOT_OPENED = "its bytes are other ones, and it was not opened"


@dataclass(frozen=True)
class Learned:
    """What a fitted model learned (name → array), and what it predicts for its example (method → array)."""

    arrays: Mapping[str, Any] = field(default_factory=dict)
    example: Mapping[str, Any] = field(default_factory=dict)
    no_example: str | None = None
    """Why there are no predictions although there are rows."""


class Reads(Protocol):
    """Reads models: :class:`jupyter_bioml.reproduce.models.reader.ModelReader`."""

    def learned(self, *models: Model) -> tuple[Learned | str, ...]:
        """For each model what it learned, else why that is not known."""


@dataclass(frozen=True)
class FittedModel:
    """The model of a run. Its distance: the largest difference of a number relative to the largest of its array."""

    model: Model
    reader: Reads | None
    """None: models are only compared by their bytes."""
    kind: str = "model"
    weight: int = 1

    @property
    def name(self) -> str:
        """The variable that held it."""
        return self.model.name

    def summary(self) -> str:
        """Its class and size."""
        return f"{self.model.class_name.rpartition('.')[2]}, {format_bytes(self.model.size)}"

    def read(self, other: FittedModel) -> tuple[Learned | str, Learned | str]:
        """What both learned."""
        if self.reader is None:
            return _NOT_OPENED, _NOT_OPENED
        ours, theirs = self.reader.learned(self.model, other.model)
        return ours, theirs

    def compare(self, other: FittedModel, rtol: float) -> Match:
        """By bytes, then array by array."""
        left, right = self.summary(), other.summary()
        if self.model.blob is not None and self.model.blob == other.model.blob:
            return Match(BIT_EQUAL, "byte for byte", left, right)
        if self.model.class_name != other.model.class_name:
            return Match(DIFFERENT, "of another class", left, right)
        ours, theirs = self.read(other)
        for found, whose in ((ours, "recorded"), (theirs, "new")):
            if isinstance(found, str):
                return Match(UNKNOWN, f"the {whose} model was not compared: {printable(found)}", left, right)
        assert isinstance(ours, Learned) and isinstance(theirs, Learned)
        if not ours.arrays and not theirs.arrays:
            return Match(UNKNOWN, "it holds no arrays that could be compared", left, right)
        return replace(compare_arrays(ours.arrays, theirs.arrays, rtol, left, right), count=len(ours.arrays))


@dataclass(frozen=True)
class ExamplePredictions:
    """What the model of a run predicts for the recorded input example."""

    fitted: FittedModel
    kind: str = "example"
    weight: int = 1

    @property
    def name(self) -> str:
        """The model's variable."""
        return f"{self.fitted.name} on its example"

    def summary(self) -> str:
        """The model's class and size."""
        return self.fitted.summary()

    def compare(self, other: ExamplePredictions, rtol: float) -> Match:
        """By the models' bytes, then number by number."""
        left, right = self.summary(), other.summary()
        mine, others = self.fitted.model, other.fitted.model
        if mine.blob is not None and mine.blob == others.blob:
            return Match(BIT_EQUAL, "the models are the same, byte for byte", left, right)
        for found in self.fitted.read(other.fitted):
            if isinstance(found, str) or not found.example:
                why = found if isinstance(found, str) else found.no_example or "there is no example"
                return Match(UNKNOWN, printable(why), left, right)
        ours, theirs = self.fitted.read(other.fitted)
        assert isinstance(ours, Learned) and isinstance(theirs, Learned)
        return compare_arrays(ours.example, theirs.example, rtol, left, right)


def compare_arrays(ours: Mapping[str, Any], theirs: Mapping[str, Any], rtol: float, left: Any, right: Any) -> Match:
    """Array by array: the worst level of all, and those that differ most."""
    levels: dict[str, str] = {}
    far: dict[str, float] = {}
    for name in dict.fromkeys([*ours, *theirs]):
        if name not in ours or name not in theirs or ours[name].shape != theirs[name].shape:
            levels[name], far[name] = DIFFERENT, float("inf")
        else:
            levels[name], far[name] = _compare(ours[name], theirs[name], rtol)
    level = worst(levels.values())
    count = counted(len(levels), "array")
    if level == BIT_EQUAL:
        return Match(level, f"{count}, the bytes of the model differ elsewhere", left, right, distance=(0.0,))
    off = sorted((name for name in levels if levels[name] == level), key=lambda name: -far[name])
    named = ", ".join(f"{shorten(printable(name), 60)} by {_size(far[name])}" for name in off[:_NAMED])
    more = f" and {len(off) - _NAMED:,} more" if len(off) > _NAMED else ""
    verb = "differ" if level == DIFFERENT else "differ within the tolerance"
    most = max(far.values())
    note = f"{len(off):,} of {count} {verb}: {named}{more}"
    return Match(level, note, left, right, distance=(most,) if most < float("inf") else None)


def _compare(ours: Any, theirs: Any, rtol: float) -> tuple[str, float]:
    """(level, largest difference relative to the largest number)."""
    import numpy

    if ours.dtype.kind not in "biufc" or theirs.dtype.kind not in "biufc":
        same = ours.dtype.kind == theirs.dtype.kind and bool((ours == theirs).all())
        return (BIT_EQUAL, 0.0) if same else (DIFFERENT, float("inf"))
    if numpy.array_equal(ours, theirs, equal_nan=ours.dtype.kind in "fc" and theirs.dtype.kind in "fc"):
        return BIT_EQUAL, 0.0
    wide = complex if "c" in (ours.dtype.kind, theirs.dtype.kind) else float
    one, other = numpy.atleast_1d(ours.astype(wide)), numpy.atleast_1d(theirs.astype(wide))
    with numpy.errstate(all="ignore"):
        apart = numpy.abs(one - other)
        apart[(one == other) | (numpy.isnan(one) & numpy.isnan(other))] = 0
        sizes = numpy.maximum(numpy.abs(one), numpy.abs(other))
        most = float(numpy.nan_to_num(apart, nan=numpy.inf).max(initial=0.0))
        finite = sizes[numpy.isfinite(sizes)]
    scale = float(finite.max()) if finite.size else 0.0
    relative = most / scale if scale else most
    whole = ours.dtype.kind in "biu" and theirs.dtype.kind in "biu"
    return (NUMERICALLY_EQUAL if relative <= rtol and not whole else DIFFERENT), relative


def _size(relative: float) -> str:
    return f"{format_number(100 * relative)} %" if relative < float("inf") else "shape or kind"
