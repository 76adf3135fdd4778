"""The names and attributes that a statement reads, found in one walk, many times as fast as :func:`ast.walk`."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

#: Bodies that do not run with the statement that defines them; their decorators do.
BODIES: frozenset[type] = frozenset({ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda})
#: Fields that hold texts, flags and operators: no expression is in them.
_PLAIN = frozenset(
    ("arg", "attr", "conversion", "ctx", "id", "is_async", "kind", "level", "module", "name", "names", "op", "ops",
     "simple", "type_comment", "type_ignores")
)  # fmt: skip
#: Where statements stand in others; handlers and cases have bodies themselves.
_BLOCKS = ("body", "orelse", "handlers", "finalbody", "cases")
_FIELDS: dict[type, tuple[str, ...]] = {ast.Constant: ()}
"""Kind of node → its other fields."""


@dataclass(eq=False, repr=False, slots=True)
class Loads:
    """What one statement reads."""

    names: set[str] = field(default_factory=set)
    """At any depth."""
    now: set[str] = field(default_factory=set)
    """The statement itself: what only bodies read that it defines does not run yet."""
    attributes: set[str] = field(default_factory=set)
    """All attributes that it names, at any depth."""


_NOTHING = Loads()


def loads_of(statement: ast.stmt) -> Loads:
    """The names and attributes that a statement reads; not to be changed."""
    if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
        target = statement.targets[0]
        if isinstance(target, ast.Name) and len(statement.targets) == 1:
            return _NOTHING
    found = Loads()
    bodies: list[ast.AST] = []
    _walk([statement], found.now, found.attributes, bodies)
    found.names = set(found.now) if bodies else found.now
    for body in bodies:
        _walk(_children(body), found.names, found.attributes, None)
    return found


def bound_to(body: Sequence[ast.stmt]) -> dict[str, set[str]]:
    """Name → the names in the expressions that assignments bind to it: ``loss, acc = net.evaluate(X, y)``."""
    found: dict[str, set[str]] = {}
    left: list[Any] = list(body)
    while left:
        node = left.pop()
        if node.__class__ is ast.Assign:
            sources = _names([node.value])
            for target in node.targets:
                for name in _stored(target):
                    found.setdefault(name, set()).update(sources)
        elif node.__class__ is not ast.Expr:
            for block in _BLOCKS:
                left += getattr(node, block, ())
    return found


def _names(nodes: list[Any]) -> set[str]:
    """All names in expressions, those that they bind too."""
    found: set[str] = set()
    _walk(nodes, found, set(), None, bound=True)
    return found


def _stored(target: ast.expr) -> set[str]:
    if isinstance(target, ast.Name):
        return {target.id}
    return {node.id for node in ast.walk(target) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def _walk(
    left: list[Any], names: set[str], attributes: set[str], bodies: list[ast.AST] | None, *, bound: bool = False
) -> None:
    """Add what the nodes in ``left`` read.

    :param bodies: takes the nodes whose bodies are left out; None: none is.
    :param bound: names that are bound count too.
    """
    while left:
        node = left.pop()
        kind = node.__class__
        if kind is ast.Name:
            if bound or node.ctx.__class__ is ast.Load:
                names.add(node.id)
            continue
        if bodies is not None and kind in BODIES:
            bodies.append(node)
            left += getattr(node, "decorator_list", ())
            continue
        if kind is ast.Attribute:
            attributes.add(node.attr)
        left += _children(node)


def _children(node: Any) -> list[Any]:
    kind = node.__class__
    fields = _FIELDS.get(kind)
    if fields is None:
        fields = _FIELDS[kind] = tuple(name for name in getattr(kind, "_fields", ()) if name not in _PLAIN)
    found: list[Any] = []
    for name in fields:
        value = getattr(node, name, None)
        if value.__class__ is list:
            found += value
        elif value is not None:
            found.append(value)
    return found
