"""Names that loops bind again: ``best = 0.0`` before a loop that raises it is where something begins, not a setting."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_ASSIGNING = (ast.Assign, ast.AnnAssign, ast.AugAssign)
#: Where statements stand in others; handlers and cases have bodies themselves.
_BLOCKS = ("body", "orelse", "handlers", "finalbody", "cases")
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
#: Functions that choose one of their arguments, and those that give it in another form.
_CHOOSING = frozenset(("max", "min", "maximum", "minimum", "fmax", "fmin", "float", "round", "item", "abs"))


def rebound_in_loops(body: Sequence[ast.stmt], *, walrus: bool = True) -> Mapping[str, frozenset[str]]:
    """Name that a loop of the block assigns → the names whose value it is given, where it only chooses among such.

    The targets of the loops themselves do not count, nor do loops in the bodies of functions.

    :param walrus: may its expressions bind names? To look into them takes twenty times as long.
    """
    found: dict[str, frozenset[str]] = {}
    unsure: set[str] = set()
    for name, value in _bound(body, inside=False) if walrus else _bound_by_statements(body):
        sources = None if value is None else _chosen(value)
        if sources is None:
            unsure.add(name)
        found[name] = found.get(name, frozenset()) | (sources or frozenset())
    return {name: frozenset() if name in unsure else sources - {name} for name, sources in found.items()}


def running_sums(body: Sequence[ast.stmt]) -> frozenset[str]:
    """The names that a loop was the last to bind, and added to: ``running_loss += loss.item()``."""
    sums: set[str] = set()
    for node, inside in _in_order(body, inside=False):
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            if inside and isinstance(node.op, ast.Add):
                sums.add(node.target.id)
            else:
                sums.discard(node.target.id)
        elif sums:
            sums.difference_update(name for name, _ in _of_statement(node))
    return frozenset(sums)


def _in_order(body: Sequence[Any], *, inside: bool) -> Iterator[tuple[ast.AST, bool]]:
    """The statements of a block and of those in it, as they stand in the text, and whether each is in a loop."""
    for node in body:
        if isinstance(node, _SCOPES):
            continue
        yield node, inside
        if isinstance(node, (*_ASSIGNING, ast.Expr)):
            continue
        deeper = inside or isinstance(node, _LOOPS)
        for block in _BLOCKS:
            yield from _in_order(getattr(node, block, ()), inside=deeper)


def _bound(nodes: Sequence[ast.AST], *, inside: bool) -> Iterator[tuple[str, ast.expr | None]]:
    """(name, value) of each assignment in a loop; None: part of something, or added to what was there."""
    for node in nodes:
        if isinstance(node, _SCOPES):
            continue
        if inside:
            yield from _of_statement(node)
        deeper = inside or isinstance(node, (*_LOOPS, *_COMPREHENSIONS))
        yield from _bound(list(ast.iter_child_nodes(node)), inside=deeper)


def _bound_by_statements(body: Sequence[ast.stmt]) -> Iterator[tuple[str, ast.expr | None]]:
    waiting: list[tuple[Any, bool]] = [(statement, False) for statement in body]
    while waiting:
        node, inside = waiting.pop()
        kind = node.__class__
        if kind in _ASSIGNING:
            if inside:
                yield from _of_statement(node)
        elif kind is not ast.Expr and kind not in _SCOPES:
            inside = inside or kind in _LOOPS
            for block in _BLOCKS:
                waiting += [(one, inside) for one in getattr(node, block, ())]


def _of_statement(node: ast.AST) -> Iterator[tuple[str, ast.expr | None]]:
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield from _pairs(target, node.value)
    elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
        yield from _pairs(node.target, node.value)
    elif isinstance(node, ast.AugAssign):
        yield from _pairs(node.target, None)


def _pairs(target: ast.expr, value: ast.expr | None) -> Iterator[tuple[str, ast.expr | None]]:
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, (ast.Tuple, ast.List)):
        values: Sequence[ast.expr | None] = [None] * len(target.elts)
        if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(target.elts):
            values = value.elts
        for one, part in zip(target.elts, values, strict=True):
            yield from _pairs(one, part)


def _chosen(value: ast.expr) -> frozenset[str] | None:
    """The names that an expression takes one of: ``acc``, ``max(best, acc)``, ``a if a > b else b``; None: another."""
    if isinstance(value, ast.Name):
        return frozenset((value.id,))
    if isinstance(value, ast.IfExp):
        return _all((value.body, value.orelse))
    if isinstance(value, ast.NamedExpr):
        return frozenset((value.target.id,))
    if isinstance(value, ast.Call) and not value.keywords:
        function = value.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        if name == "item" and isinstance(function, ast.Attribute):
            return _chosen(function.value)
        arguments = [item for item in value.args if not isinstance(item, ast.Constant)]
        return _all(arguments) if name in _CHOOSING and arguments else None
    return None


def _all(values: Sequence[ast.expr]) -> frozenset[str] | None:
    found = [_chosen(item) for item in values]
    return None if any(item is None for item in found) else frozenset().union(*(item for item in found if item))
