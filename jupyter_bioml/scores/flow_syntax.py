"""Questions that the flow of predictions asks of nodes."""

from __future__ import annotations

import ast

from .carried import NOT_VALUES
from .syntax import called

_CONSTANTS = frozenset(("float32", "float64", "int64", "nan", "pi", "e", "inf"))


def sources(node: ast.expr) -> list[ast.expr | None]:
    """The iterables of a ``zip``, and of an ``enumerate`` nothing and its iterable."""
    if isinstance(node, ast.Call) and called(node) == "zip":
        return list(node.args)
    if isinstance(node, ast.Call) and called(node) == "enumerate" and node.args:
        return [None, node.args[0]]
    return []


def key_of_target(node: ast.Subscript | ast.Attribute) -> str | None:
    """The column or entry that is meant, where it is written as a text."""
    if isinstance(node, ast.Attribute):
        return node.attr
    index = node.slice.elts[-1] if isinstance(node.slice, ast.Tuple) and node.slice.elts else node.slice
    return index.value if isinstance(index, ast.Constant) and isinstance(index.value, str) else None


def is_constant(node: ast.AST) -> bool:
    """Whether an expression holds no data: literals, and what is asked of sizes."""
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.UnaryOp):
        return is_constant(node.operand)
    if isinstance(node, ast.BinOp):
        return is_constant(node.left) and is_constant(node.right)
    if isinstance(node, (ast.Tuple, ast.List)):
        return all(map(is_constant, node.elts))
    if isinstance(node, ast.Call):
        return called(node) in NOT_VALUES
    if isinstance(node, ast.Subscript):
        return is_constant(node.value)
    return isinstance(node, ast.Attribute) and node.attr in NOT_VALUES | _CONSTANTS
