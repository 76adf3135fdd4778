"""What a cell shows and binds, in order: the last expression, arguments of ``print`` and ``display``, bound names."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .sites import Position
from .syntax import FUNCTIONS, PRINTERS, bound_names, called, expression_of, position
from .templates import values_of

BOUND, DISPLAYED, PRINTED = "bound", "displayed", "printed"
_MOST_ITEMS = 2_000
#: Statements that have no others in them: most of them all.
_SIMPLE = (ast.Assign, ast.Expr, ast.AugAssign, ast.AnnAssign)


@dataclass(frozen=True)
class ShownItem:
    """One name that a cell binds, or one expression that it shows."""

    how: str
    """``bound``, ``displayed`` or ``printed``"""
    name: str | None
    """The variable, where it is one"""
    text: str | None
    """The expression as written; None for a long one"""
    place: Position
    """Of the expression, of a bound name that of its value; for ``Sites.of_expression``"""


def shown_in(tree: ast.Module | str, *, walrus: bool = True) -> tuple[ShownItem, ...]:
    """What a cell binds and shows, in the order of the text; () of what is not Python.

    Names bound within ``with``, ``if``, ``for``, ``while`` and ``try`` count, those within functions and classes
    do not.

    :param walrus: may its expressions bind names? To look into them takes longer than all else.
    """
    try:
        parsed = ast.parse(tree) if isinstance(tree, str) else tree
        found: list[ShownItem] = []
        for statement, last in _statements(parsed.body):
            if not walrus and isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                found += _bound_to_name(statement)
            else:
                found += _of_statement(statement, last, walrus)
            if len(found) > _MOST_ITEMS:
                break
        return tuple(found[:_MOST_ITEMS])
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()


def _statements(body: list[ast.stmt]) -> Iterator[tuple[ast.stmt, bool]]:
    """Every statement of the cell's own scope, and whether it is the last one of the cell."""
    last = body[-1] if body else None
    waiting = list(body)
    while waiting:
        statement = waiting.pop(0)
        yield statement, statement is last
        if isinstance(statement, (*_SIMPLE, *FUNCTIONS, ast.ClassDef)):
            continue
        inner: list[ast.stmt] = []
        for block in ("body", "orelse", "handlers", "finalbody", "cases"):
            for item in getattr(statement, block, []):
                inner += item.body if isinstance(item, (ast.ExceptHandler, ast.match_case)) else [item]
        waiting[:0] = inner


def _bound_to_name(node: ast.Assign) -> list[ShownItem]:
    """The quick way for what most statements are: ``name = value``."""
    target = node.targets[0]
    if len(node.targets) == 1 and isinstance(target, ast.Name) and target.id != "_":
        return [ShownItem(BOUND, target.id, target.id, position(node.value))]
    return [item for target in node.targets for item in _bound(target, node.value)]


def _of_statement(node: ast.stmt, last: bool, walrus: bool) -> Iterator[ShownItem]:
    if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
        return
    if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)) and node.value is not None:
        if walrus:
            yield from _walrus(node.value)
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            yield from _bound(target, node.value)
    elif isinstance(node, (ast.With, ast.AsyncWith)):
        for item in node.items:
            if item.optional_vars is not None:
                yield from _bound(item.optional_vars, item.context_expr)
    elif isinstance(node, ast.Expr):
        if walrus:
            yield from _walrus(node.value)
        yield from _shown(node.value, last)


def _bound(target: ast.AST, value: ast.expr) -> Iterator[ShownItem]:
    """The names of a target; of a tuple bound to a tuple each name has the place of its own value."""
    pairs = isinstance(target, (ast.Tuple, ast.List)) and isinstance(value, (ast.Tuple, ast.List))
    if pairs and len(target.elts) == len(value.elts):  # type: ignore[attr-defined]
        for inner, item in zip(target.elts, value.elts, strict=True):  # type: ignore[attr-defined]
            yield from _bound(inner, item)
        return
    for name in bound_names(target):
        if name != "_":
            yield ShownItem(BOUND, name, name, position(value))


def _walrus(value: ast.expr) -> Iterator[ShownItem]:
    for node in ast.walk(value):
        if isinstance(node, ast.NamedExpr):
            yield from _bound(node.target, node.value)


def _shown(value: ast.expr, last: bool) -> Iterator[ShownItem]:
    if isinstance(value, ast.Call) and called(value) in PRINTERS:
        how = DISPLAYED if called(value) == "display" else PRINTED
        arguments = [item for argument in value.args for item in values_of(argument)]
        yield from _items(how, arguments)
    elif last:
        yield from _items(DISPLAYED, value.elts if isinstance(value, ast.Tuple) else [value])


def _items(how: str, values: Iterable[ast.expr]) -> Iterator[ShownItem]:
    for value in values:
        item = value.value if isinstance(value, ast.Starred) else value
        if not isinstance(item, ast.Constant):
            yield ShownItem(how, item.id if isinstance(item, ast.Name) else None, expression_of(item), position(item))
