"""The section "What was compared": every output of the two runs, the worst first."""

from __future__ import annotations

from dataclasses import dataclass

from ...html.page import Mark
from ...text.present import format_number
from ..compare.agreement import BIT_EQUAL, DIFFERENT, LEVELS
from .fields import MESSAGE, Document, Listed, figure, items_of, level_mark, part, parts_of, shown

#: Bit-equal outputs shown without being asked for.
MOST_EQUAL = 12


@dataclass(frozen=True)
class OutputRow:
    """One output on both sides."""

    level: Mark
    kind: str
    name: str
    left: str
    right: str
    note: str
    masked: tuple[str, ...]
    """Parts left out of the comparison."""


@dataclass(frozen=True)
class Outputs:
    """All outputs of two runs."""

    counts: tuple[tuple[Mark, str], ...]
    """How many outputs are at each level that occurs."""
    told: str
    """What the verdict is based on, up to what numbers count as equal, and what is known about noise."""
    open: Listed[OutputRow]
    folded: Listed[OutputRow]
    """Bit-equal ones, where they are many."""


def outputs_of(found: Document) -> Outputs | None:
    """The section of a document; None where nothing was compared."""
    outputs = parts_of(found.get("compared"))
    if not outputs:
        return None
    counted = {level: sum(item.get("level") == level for item in outputs) for level in LEVELS}
    ordered = sorted(outputs, key=_rank, reverse=True)
    equal = [item for item in ordered if item.get("level") == BIT_EQUAL]
    many = len(equal) > MOST_EQUAL
    return Outputs(
        tuple((level_mark(level), f"{count:,}") for level, count in counted.items() if count),
        f"{_based_on(found)} {_how(found)}".strip(),
        Listed.of(ordered[: -len(equal)] if many else ordered, _row),
        Listed.of(equal if many else (), _row),
    )


def _rank(item: Document) -> int:
    """Its place among the levels, worst last."""
    level = item.get("level")
    return LEVELS.index(level) if level in LEVELS else len(LEVELS)


def _based_on(found: Document) -> str:
    text = shown(part(found, "based_on").get("text"), MESSAGE)
    return f"The verdict is based on {text}." if text else ""


def _how(found: Document) -> str:
    tolerance = found.get("tolerance")
    said = "" if tolerance is None else f"Numbers count as equal up to {shown(format_number(tolerance))} relative. "
    count = len(items_of(part(found, "repeats").get("runs")))
    if count:
        return f"{said}Noise was measured by {count:,} further run{'s' if count > 1 else ''}."
    return f"{said}No repeats were made, so nothing is said about noise." if found.get("level") == DIFFERENT else said


def _row(item: Document) -> OutputRow:
    return OutputRow(
        level_mark(item.get("level")),
        "" if item.get("kind") == item.get("name") else shown(item.get("kind")),
        shown(item.get("name")),
        figure(item.get("left")),
        figure(item.get("right")),
        shown(item.get("note"), MESSAGE),
        tuple(shown(masked) for masked in items_of(item.get("masked"))),
    )
