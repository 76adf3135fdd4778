"""Plain-text tables for terminals and logs: aligned, figures right, cut where the terminal ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .present import columns, printable, shorten

GAP = "  "


@dataclass(frozen=True)
class Column:
    """One column: its heading, and how it behaves."""

    title: str
    right: bool = False
    """Figures stand to the right."""
    least: int = 0
    """Columns of text it may be shortened to when the line is too long; 0: never shortened."""


def table(heads: Sequence[Column], rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """Lines of a table with a heading; columns that are empty in every row are left out.

    :param width: columns of the terminal; the widest column that may shrink gives way first.
    """
    cells = [[printable(cell) for cell in row] for row in rows]
    shown = [n for n in range(len(heads)) if any(row[n] for row in cells)]
    heads = [heads[n] for n in shown]
    cells = [[row[n] for n in shown] for row in cells]
    widths = [max([columns(head.title), *(columns(row[n]) for row in cells)]) for n, head in enumerate(heads)]
    _shrink(widths, heads, width)
    lines = [_line([head.title for head in heads], heads, widths)]
    return lines + [_line(row, heads, widths) for row in cells]


def _shrink(widths: list[int], heads: Sequence[Column], width: int) -> None:
    over = sum(widths) + len(GAP) * (len(widths) - 1) - width
    while over > 0:
        spare = [
            (size - head.least if head.least else 0, n)
            for n, (size, head) in enumerate(zip(widths, heads, strict=True))
        ]
        most, at = max(spare, default=(0, 0))
        if most <= 0:
            return
        step = min(over, max(1, most // 2))
        widths[at] -= step
        over -= step


def _line(cells: Sequence[str], heads: Sequence[Column], widths: Sequence[int]) -> str:
    parts = []
    for cell, head, width in zip(cells, heads, widths, strict=True):
        cell = shorten(cell, width)
        pad = " " * (width - columns(cell))
        parts.append(pad + cell if head.right else cell + pad)
    return GAP.join(parts).rstrip()
