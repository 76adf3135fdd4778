"""Numbers that are printed without a label, and which expression of the cell each of them is.

The text alone says nothing of them; the order of the ``print`` calls does, as long as it leaves one answer only.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .printed import number_of
from .sites import Position
from .syntax import FUNCTIONS, called, position
from .templates import values_of
from .terminal import plain_line

#: Limits for a long output.
_MOST_LINES, _MOST_PRINTS = 2_000, 500
_ONE = re.compile(r"(?<![/\w.])[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?")
#: What may stand between the numbers of a line.
_BETWEEN = frozenset(" \t,;|%±+/-()")
_HOLES = re.compile(r"\{[^{}]*\}|%[-+ #0-9.]*[sdifFeEgGr]")
_LOOPS = (ast.For, ast.AsyncFor, ast.While)


@dataclass(frozen=True)
class BarePrint:
    """One ``print`` without a word of text."""

    values: tuple[Position, ...]
    """Its expressions, in the order of the line"""
    looped: bool
    """It may print any number of lines"""


@dataclass(frozen=True)
class BareNumber:
    """One number of a line that has nothing but numbers."""

    value: float
    digits: int


def bare_prints(body: Sequence[ast.stmt]) -> list[BarePrint]:
    """The prints without text of a cell, in order; those of functions are left out."""
    return list(_prints(body, looped=False))[:_MOST_PRINTS]


def _prints(body: Iterable[ast.AST], looped: bool) -> Iterator[BarePrint]:
    for node in body:
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            continue
        if isinstance(node, ast.Expr):
            yield from _print(node.value, looped)
        elif isinstance(node, (ast.stmt, ast.ExceptHandler, ast.match_case)):
            inner = (part for part in ast.iter_child_nodes(node) if not isinstance(part, ast.expr))
            yield from _prints(inner, looped or isinstance(node, _LOOPS))


def _print(node: ast.expr, looped: bool) -> Iterator[BarePrint]:
    is_print = isinstance(node, ast.Call) and called(node) == "print" and bool(node.args) and not node.keywords
    if isinstance(node, ast.Call) and is_print and not any(map(_says, node.args)):
        values = [value for argument in node.args for value in values_of(argument)]
        yield BarePrint(tuple(map(position, values)), looped)


def _says(node: ast.expr) -> bool:
    """Is there a word in what an argument prints beside its values?"""
    texts: list[object] = []
    if isinstance(node, ast.JoinedStr):
        texts = [part.value for part in node.values if isinstance(part, ast.Constant)]
    elif isinstance(node, ast.Constant):
        texts = [node.value]
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _says(node.left) or _says(node.right)
    elif isinstance(node, ast.BinOp) and isinstance(node.left, ast.Constant):
        texts = [_HOLES.sub("", str(node.left.value))] if isinstance(node.left.value, str) else []
    elif isinstance(node, ast.Call) and called(node) == "format" and isinstance(node.func, ast.Attribute):
        template = node.func.value
        texts = [_HOLES.sub("", str(template.value))] if isinstance(template, ast.Constant) else [template]
    return any(not isinstance(text, str) or not _BETWEEN.issuperset(text.strip()) for text in texts)


def bare_lines(text: str) -> list[list[BareNumber]]:
    """The lines of an output that have nothing but numbers."""
    found = []
    for raw in text.split("\n"):
        line = plain_line(raw)
        numbers = _ONE.findall(line)
        if numbers and not line.startswith("(") and _BETWEEN.issuperset(_ONE.sub("", line)):
            found.append([BareNumber(*number_of(one)) for one in numbers])
            if len(found) > _MOST_LINES:
                break
    return found


def numbers_printed(
    prints: Sequence[BarePrint], lines: Sequence[Sequence[BareNumber]]
) -> dict[Position, list[BareNumber]]:
    """Expression → the numbers that it printed; without those of which the text does not say which they are."""
    if len(lines) > _MOST_LINES:
        return {}
    if any(one.looped for one in prints):
        if len(prints) > 1 or any(len(line) != len(prints[0].values) for line in lines):
            return {}
        return {place: [line[at] for line in lines] for at, place in enumerate(prints[0].values)}
    first = _placed(prints, lines)
    last = [len(prints) - 1 - at for at in reversed(_placed(prints[::-1], lines[::-1]))]
    return {
        place: [number]
        for early, late, line in zip(first, last, lines, strict=False)
        if early == late
        for place, number in zip(prints[early].values, line, strict=True)
    }


def _placed(prints: Sequence[BarePrint], lines: Sequence[Sequence[BareNumber]]) -> list[int]:
    """For each line the earliest print that it can be of; [] where one is of none."""
    found: list[int] = []
    for line in lines:
        start = found[-1] + 1 if found else 0
        at = next((at for at in range(start, len(prints)) if len(prints[at].values) == len(line)), None)
        if at is None:
            return []
        found.append(at)
    return found
