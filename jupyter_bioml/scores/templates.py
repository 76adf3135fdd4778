"""The label that stands before a value in a text: arguments of ``print``, f-strings, ``%`` and ``format``."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from .sites import JOINED, NUMBER, TEXT, NamePart
from .syntax import called, part_of

_PERCENT = re.compile(r"%(?:\((?P<name>[^)]{0,60})\))?[-+ #0]{0,5}(?:\d{1,4})?(?:\.\d{1,4})?[sdifFeEgGrxX]|%%")
_BRACES = re.compile(r"\{\{|\}\}|\{(?P<name>\w{0,60})[^{}]{0,60}\}")


def is_text(node: ast.AST) -> bool:
    """Whether an expression is a text as written: a literal, an f-string, or texts put together."""
    for _ in range(200):
        if isinstance(node, ast.Constant):
            return isinstance(node.value, str)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            node = node.right if is_plain_text(node.right) else node.left
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
            node = node.left
        else:
            return isinstance(node, ast.JoinedStr) or _makes_text(node)
    return False


def is_plain_text(node: ast.AST) -> bool:
    """Whether it is a literal or an f-string."""
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _makes_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and called(node) in ("str", "repr", "format", "join", "ljust", "rjust", "upper")


def parts_of(nodes: Sequence[ast.AST], separator: str = "") -> list[NamePart]:
    """The pieces of what is printed before a value, texts as written; a separator stands behind each node."""
    found: list[NamePart] = []
    for node in nodes:
        found += _pieces(node)
        if separator:
            found.append(NamePart(TEXT, separator))
    return found


def values_of(node: ast.expr) -> list[ast.expr]:
    """The values in what is printed: those of an f-string, a format or a template; else the argument itself."""
    if isinstance(node, ast.JoinedStr):
        return [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and isinstance(node.left, ast.Constant):
        return list(node.right.elts) if isinstance(node.right, ast.Tuple) else [node.right]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and is_text(node):
        return [*values_of(node.left), *values_of(node.right)]
    if isinstance(node, ast.Call) and called(node) in ("format", "str", "repr"):
        return [value for item in (*node.args, *(item.value for item in node.keywords)) for value in values_of(item)]
    return [node]


def _pieces(node: ast.AST) -> list[NamePart]:
    part = part_of(node)
    return list(part.pieces) if part.kind == JOINED else [part]


def of_percent(template: str, values: Sequence[ast.AST], index: int) -> list[NamePart]:
    """The label of the value with that index in ``template % values``."""
    found: list[NamePart] = []
    start = number = 0
    for hole in _PERCENT.finditer(template[:4000]):
        if hole[0] == "%%":
            continue
        found.append(NamePart(TEXT, template[start : hole.start()]))
        start = hole.end()
        if number == index:
            return found
        found += _pieces(values[number]) if number < len(values) else []
        number += 1
    return found


def of_format(template: str, call: ast.Call, value: ast.AST) -> list[NamePart]:
    """The label of an argument of ``template.format(…)``."""
    named: dict[str, ast.AST] = {item.arg: item.value for item in call.keywords if item.arg}
    named |= {str(index): item for index, item in enumerate(call.args)}
    wanted = next((name for name, item in named.items() if item is value), "")
    found: list[NamePart] = []
    start = automatic = 0
    for hole in _BRACES.finditer(template[:4000]):
        if hole["name"] is None:
            continue
        name = hole["name"] or str(automatic)
        automatic += 0 if hole["name"] else 1
        found.append(NamePart(TEXT, template[start : hole.start()]))
        start = hole.end()
        if name == wanted:
            return found
        found += _pieces(named[name]) if name in named else []
    return found


def last_line(parts: Sequence[NamePart]) -> tuple[NamePart, ...]:
    """The pieces of the line that the value stands on; of the line above, where nothing stands before the value."""
    lines: list[list[NamePart]] = [[]]
    for part in parts:
        if part.kind != TEXT:
            lines[-1].append(part)
            continue
        for count, text in enumerate(part.text.split("\n")[-50:]):
            lines += [[]] if count else []
            lines[-1].append(NamePart(TEXT, text))
    written = [line for line in lines if any(part.kind not in (TEXT, NUMBER) or part.text.strip() for part in line)]
    return tuple(written[-1]) if written else ()
