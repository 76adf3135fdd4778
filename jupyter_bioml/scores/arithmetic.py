"""What a call's value goes through before it is bound or shown: ``round(100 * f(…), 2)``, applied again to a number."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

_BINARY: dict[str, Callable[[float, float], float]] = {
    "Add": operator.add, "Sub": operator.sub, "Mult": operator.mul, "Div": operator.truediv,
    "FloorDiv": operator.floordiv, "Pow": lambda a, b: math.pow(a, b),
}  # fmt: skip
_TREES: dict[type[ast.operator], str] = {
    ast.Add: "Add", ast.Sub: "Sub", ast.Mult: "Mult", ast.Div: "Div", ast.FloorDiv: "FloorDiv", ast.Pow: "Pow",
}  # fmt: skip
#: Functions and methods of one number.
OF_A_NUMBER = frozenset(
    ("round", "float", "int", "abs", "sqrt", "around", "absolute", "item", "exp", "log", "float64", "float32")
) | frozenset(("detach", "cpu", "numpy", "squeeze", "tolist"))
#: Functions and methods of several numbers that give one.
OF_SEVERAL = frozenset(("mean", "average", "nanmean", "median", "std", "max", "min", "amax", "amin", "sum"))
_LONGEST_SEQUENCE = 100_000


@dataclass(frozen=True)
class Applied:
    """One operation on the value of a call."""

    name: str
    """``Mult``, ``round``, ``mean``, ``item`` (a subscript or an attribute), or ``unknown``"""
    operand: float | str | None = None
    """The constant beside it: digits of ``round``, the other side of ``100 *``, the key or index of a subscript"""
    left: bool = False
    """The operand stands left of the value: ``1 - f(…)``"""


UNKNOWN = Applied("unknown")


def constant(node: ast.AST) -> float | None:
    """The value of a number as literals give it (``100``, ``-1``, ``1 / 2``), or None."""
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return _finite(node.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        inner = constant(node.operand)
        return None if inner is None else -inner
    if isinstance(node, ast.BinOp) and isinstance(node.left, ast.Constant) and isinstance(node.right, ast.Constant):
        left, right, name = constant(node.left), constant(node.right), _TREES.get(type(node.op))
        return None if left is None or right is None or name is None else _apply(name, left, right)
    return None


def binary(node: ast.BinOp, inner: ast.AST) -> Applied:
    """The operation of ``100 * inner`` or ``inner ** 0.5``."""
    left = node.right is inner
    operand, name = constant(node.left if left else node.right), _TREES.get(type(node.op))
    return UNKNOWN if operand is None or name is None else Applied(name, operand, left)


def applied(name: str, arguments: Iterable[ast.AST]) -> Applied:
    """The operation of a call of a function or method by its name, with the arguments beside the value."""
    rest = list(arguments)
    if name in ("round", "around"):
        digits = constant(rest[0]) if len(rest) == 1 else 0.0
        return Applied("round", digits if rest else 0.0) if digits is not None and len(rest) <= 1 else UNKNOWN
    if (name in OF_A_NUMBER or name in OF_SEVERAL) and not rest:
        return Applied(name)
    return UNKNOWN


def evaluate(expression: Iterable[Applied], value: Any) -> float | None:
    """The value of the expression around a call, from the value of the call.

    :param value: a number, or what holds numbers (a list, an array, a result with ``statistic``).
    :returns: None, where an operation is not known or does not give a finite number.
    """
    try:
        for operation in expression:
            value = _step(operation, value)
            if value is None:
                return None
        return _finite(value) if type(value) is not bool else None
    except Exception:
        return None


def _step(operation: Applied, value: Any) -> Any:
    name, operand = operation.name, operation.operand
    if name == "item" and operand is not None:
        return _part(value, operand)
    if name in OF_SEVERAL:
        return _reduced(name, value)
    number = _finite(value)
    if number is None:
        return value if name in ("numpy", "tolist", "detach", "cpu", "squeeze") else None
    if name == "round":
        return round(number, int(operand)) if isinstance(operand, (int, float)) and abs(operand) < 300 else None
    if name in _BINARY and isinstance(operand, (int, float)):
        return _apply(name, *((operand, number) if operation.left else (number, operand)))
    return _of_a_number(name, number)


def _of_a_number(name: str, number: float) -> float | None:
    if name in ("abs", "absolute"):
        return abs(number)
    if name == "int":
        return float(int(number))
    if name in ("sqrt", "exp", "log"):
        return float(getattr(math, name)(number))
    return number if name in OF_A_NUMBER else -number if name == "USub" else None


def _apply(name: str, left: float, right: float) -> float | None:
    try:
        return _finite(_BINARY[name](left, right))
    except (ArithmeticError, ValueError):
        return None


def _part(value: Any, key: float | str) -> Any:
    """An element of a sequence or dict, or an attribute of a result object."""
    if isinstance(value, dict):
        return value.get(key)
    if isinstance(key, str):
        return getattr(value, key) if type(value).__module__.partition(".")[0] in ("scipy", "collections") else None
    return value[int(key)]


def _reduced(name: str, value: Any) -> float | None:
    numbers = _numbers(value)
    if not numbers:
        return None
    mean = math.fsum(numbers) / len(numbers)
    if name in ("mean", "average", "nanmean"):
        return mean
    if name == "std":
        return math.sqrt(math.fsum((number - mean) ** 2 for number in numbers) / len(numbers))
    if name == "median":
        ordered, half = sorted(numbers), len(numbers) // 2
        return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
    return math.fsum(numbers) if name == "sum" else max(numbers) if "max" in name else min(numbers)


def _numbers(value: Any) -> list[float] | None:
    """The numbers of a flat sequence or array; of one number itself."""
    single = _finite(value)
    if single is not None:
        return [single]
    if len(value) > _LONGEST_SEQUENCE:
        return None
    found = [_finite(item) for item in value]
    return [item for item in found if item is not None] if None not in found else None


def _finite(value: Any) -> float | None:
    """The value as a float where it is one finite number."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and not isinstance(value, (str, bytes)) else None
