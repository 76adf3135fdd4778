"""The figures of the shelf as text, and as a table of the documentation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from .judge import Judgement

HEAD = (
    "family",
    "notebooks",
    "scores",
    "found",
    "right run",
    "false",
    "value under any name",
    "autolog: value found",
    "autolog: other values",
)


@dataclass
class Row:
    """One family, or all."""

    family: str
    notebooks: int = 0
    ours: Judgement = field(default_factory=Judgement)
    theirs: Judgement | None = None

    def add(self, other: Row) -> None:
        """Count another one in."""
        self.notebooks += other.notebooks
        self.ours.add(other.ours)
        if other.theirs is not None:
            self.theirs = self.theirs or Judgement()
            self.theirs.add(other.theirs)

    def cells(self) -> tuple[str, ...]:
        """Its figures as texts, in the order of ``HEAD``."""
        ours, theirs = self.ours, self.theirs
        beside = ("", "") if theirs is None else (_share(theirs.found, theirs.asked), str(theirs.false))
        return (
            self.family,
            str(self.notebooks),
            str(ours.asked),
            _share(ours.found, ours.asked),
            _share(ours.placed, ours.found),
            str(ours.false),
            _share(ours.any_name, ours.asked),
            *beside,
        )


def with_total(rows: Iterable[Row]) -> list[Row]:
    """The rows, and one that counts them all."""
    listed, total = list(rows), Row("all")
    for row in listed:
        total.add(row)
    return [*listed, total]


def table(rows: Iterable[Row]) -> str:
    """A Markdown table, aligned for a terminal too."""
    lines = [HEAD, *(row.cells() for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(HEAD))]
    texts = [
        "| " + " | ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) + " |" for line in lines
    ]
    return "\n".join([texts[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *texts[1:]])


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({part / whole:.0%})" if whole else "–"
