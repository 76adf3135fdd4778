"""The name of a score that is an expression of its own: ``np.mean((y - p) ** 2)`` is the mean squared error.

A formula that stands for a known score is called as its function; any other expression by the functions in it.
"""

from __future__ import annotations

import ast

from .carried import PREDICTED, PREDICTORS
from .sites import short
from .syntax import base_name, called

#: Functions and methods that only give a number another form.
_FORMS = frozenset(("float", "round", "item", "str", "format", "int", "around", "detach", "cpu", "numpy", "tolist"))
_MEANS = frozenset(("mean", "average", "nanmean"))
#: What is told of a series of scores.
_STATISTICS = _MEANS | frozenset(("median", "nanmedian", "std", "nanstd", "stdev", "max", "min", "amax", "amin"))
_SHORT = {"amax": "max", "amin": "min", "average": "mean"}
_SIZES = frozenset(("len", "shape", "size"))
_OTHER_SHARE = {"accuracy": "error_rate", "error_rate": "accuracy"}
#: Of an array, without computing anything.
_SAME_NUMBERS = PREDICTORS | frozenset("values to_numpy ravel flatten reshape squeeze array asarray astype".split())  # noqa: SIM905  # a word list
_DEEPEST = 20


def name_of_expression(node: ast.expr) -> str | None:
    """The name of what an expression computes, by its functions and their first argument; None: it calls nothing
    that computes, as ``y[0] - p[0]``.
    """
    whole = _without_form(node)
    about = _about(whole)
    known = _formula(whole)
    names = [known] if known else _functions(whole)
    return ".".join([*names, *([about] if about else [])]) if names else None


def statistic_of(node: ast.expr) -> tuple[str, str] | None:
    """(variable, function) of a statistic of several numbers: ``np.mean(accs)``, ``mse.mean(axis=1)``."""
    whole = _without_form(node)
    if not isinstance(whole, ast.Call) or called(whole) not in _STATISTICS:
        inner, function = _mean_of(whole), "mean"
    else:
        owner = _owner(whole)
        of_function = owner is None or (isinstance(owner, ast.Name) and bool(whole.args) and not _is_axis(whole))
        inner, function = next(iter(whole.args), None) if of_function else owner, called(whole)
    name = _variable(inner) if inner is not None else None
    return None if name is None else (name, _SHORT.get(function, function.removeprefix("nan")))


def _is_axis(call: ast.Call) -> bool:
    """``values.mean(0)``"""
    return isinstance(call.args[0], (ast.Constant, ast.UnaryOp))


def _variable(node: ast.expr) -> str | None:
    """The variable whose numbers these are."""
    while isinstance(node, (ast.Subscript, ast.Call)):
        if isinstance(node, ast.Subscript):
            node = node.value
            continue
        owner = _owner(node)
        if called(node) not in _SAME_NUMBERS or (owner is None and not node.args):
            return None
        node = node.args[0] if node.args else owner or node.func
    return node.id if isinstance(node, ast.Name) else None


def _without_form(node: ast.expr) -> ast.expr:
    """The expression without rounding and a factor of 100."""
    for _ in range(_DEEPEST):
        if isinstance(node, ast.Call) and called(node) in _FORMS:
            inner = _formed(node)
        else:
            inner = _share(node)
        if inner is None:
            break
        node = inner
    return node


def _formed(call: ast.Call) -> ast.expr | None:
    """``value`` of ``round(value, 2)``, ``np.round(value, 2)`` and ``value.round(2)``."""
    owner = _owner(call)
    of_module = owner is None or (isinstance(owner, ast.Name) and bool(call.args))
    return next(iter(call.args), None) if of_module else owner


def _share(node: ast.expr) -> ast.expr | None:
    """``share`` of ``100 * share``."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        sides = (node.left, node.right), (node.right, node.left)
        return next((value for factor, value in sides if _value(factor) == 100), None)
    return None


def _owner(call: ast.Call) -> ast.expr | None:
    return call.func.value if isinstance(call.func, ast.Attribute) else None


def _operand(call: ast.Call) -> ast.expr | None:
    """What a function or a method is called on: its only argument, or the object of a method without any."""
    if call.keywords:
        return None
    if len(call.args) == 1:
        owner = _owner(call)
        return call.args[0] if owner is None or isinstance(owner, (ast.Name, ast.Attribute)) else None
    return _owner(call) if not call.args else None


# ---- formulas of known scores


def _formula(node: ast.expr) -> str | None:
    """The function of scikit-learn that computes the same; None: it is another formula."""
    if (inner := _root_of(node)) is not None:
        return "root_mean_squared_error" if _formula(inner) == "mean_squared_error" else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub) and _value(node.left) == 1:
        rest = node.right
        return "r2" if _is_share_of_squares(rest) else _OTHER_SHARE.get(_formula(rest) or "")
    mean = _mean_of(node)
    if isinstance(mean, ast.Compare) and len(mean.ops) == 1 and all(map(_classes, (mean.left, *mean.comparators))):
        return {"Eq": "accuracy", "NotEq": "error_rate"}.get(type(mean.ops[0]).__name__)
    if mean is not None and _is_difference(_power(mean, 2)):
        return "mean_squared_error"
    if isinstance(mean, ast.Call) and called(mean) in ("abs", "absolute") and _is_difference(_operand(mean)):
        return "mean_absolute_error"
    return None


def _classes(node: ast.expr) -> bool:
    """Are these classes: those of a variable, or what lies above a limit (``p > 0.5``)?"""
    limited = isinstance(node, ast.Compare) and isinstance(node.comparators[0], ast.Constant)
    return _plain(node.left if limited and isinstance(node, ast.Compare) else node)


def _is_share_of_squares(node: ast.expr) -> bool:
    """``((y - p) ** 2).sum() / ((y - y.mean()) ** 2).sum()``"""
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)):
        return False
    above, below = (_squares(side) for side in (node.left, node.right))
    return _is_difference(above) and isinstance(below, ast.BinOp) and isinstance(below.op, ast.Sub)


def _squares(node: ast.expr) -> ast.expr | None:
    """What is squared and summed."""
    inner = _operand(node) if isinstance(node, ast.Call) and called(node) in ("sum", "nansum") else None
    return None if inner is None else _power(inner, 2)


def _mean_of(node: ast.expr) -> ast.expr | None:
    """What the mean is taken of: ``np.mean(a)``, ``a.mean()``, ``sum(a) / len(b)``."""
    inner: ast.expr | None = None
    if isinstance(node, ast.Call) and called(node) in _MEANS:
        inner = _operand(node)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and _is_size(node.right):
        summed = node.left
        inner = _operand(summed) if isinstance(summed, ast.Call) and called(summed) in ("sum", "nansum") else None
    if isinstance(inner, ast.Call) and called(inner) in ("astype", "float", "double"):  # (y == p).astype(int).mean()
        return _owner(inner)
    return inner


def _is_size(node: ast.expr) -> bool:
    while isinstance(node, ast.Subscript):
        node = node.value
    name = called(node) if isinstance(node, ast.Call) else getattr(node, "attr", "")
    return name in _SIZES


def _root_of(node: ast.expr) -> ast.expr | None:
    if isinstance(node, ast.Call) and called(node) == "sqrt":
        return node.args[0] if len(node.args) == 1 else None
    return _power(node, 0.5)


def _power(node: ast.expr, exponent: float) -> ast.expr | None:
    """The base of ``base ** exponent``, of ``np.square(base)`` and ``np.power(base, 2)``."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        return node.left if _value(node.right) == exponent else None
    if isinstance(node, ast.Call) and called(node) == "square" and exponent == 2:
        return _operand(node)
    if isinstance(node, ast.Call) and called(node) in ("power", "pow") and len(node.args) == 2:
        return node.args[0] if _value(node.args[1]) == exponent else None
    return None


def _value(node: ast.expr) -> object:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):  # ** (1 / 2)
        left, right = _value(node.left), _value(node.right)
        return left / right if isinstance(left, (int, float)) and isinstance(right, (int, float)) and right else None
    return node.value if isinstance(node, ast.Constant) else None


def _is_difference(node: ast.expr | None) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub) and _plain(node.left) and _plain(node.right)


def _plain(node: ast.expr) -> bool:
    """Are these the numbers of a variable, or a prediction, and not their logarithms?"""
    for _ in range(_DEEPEST):
        if isinstance(node, ast.Name):
            return True
        if isinstance(node, (ast.Attribute, ast.Subscript)):
            node = node.value
        elif isinstance(node, ast.Call) and called(node) in _SAME_NUMBERS:
            owner = _owner(node)
            node = node.args[0] if owner is None and node.args else owner or node.func
        else:
            return False
    return False


# ---- any other expression


def _functions(node: ast.expr) -> list[str]:
    """The functions that a value goes through, from outside to inside: ``np.sqrt(np.mean(a))`` → sqrt, mean."""
    found: list[str] = []
    waiting: list[ast.AST] = [node]
    for _ in range(_DEEPEST * _DEEPEST):
        if not waiting:
            break
        item = waiting.pop(0)
        if isinstance(item, ast.Call) and (name := called(item)) and name not in _FORMS | PREDICTORS | PREDICTED:
            if name not in _SAME_NUMBERS | _SIZES:
                found.append(short(name))
            operand = _operand(item) or next(iter(item.args), None)
            waiting = [operand] if operand is not None else []
            continue
        if found and not isinstance(item, ast.expr):
            break
        if not found:
            waiting += [child for child in ast.iter_child_nodes(item) if isinstance(child, ast.expr)]
    return found[:4]


def _about(node: ast.expr) -> str | None:
    """The variable that it is about, as the first argument of a function is."""
    for _ in range(_DEEPEST):
        if isinstance(node, ast.Call) and not node.args and (owner := _owner(node)) is not None:
            node = owner
        elif isinstance(node, ast.Call) and node.args and isinstance(_owner(node), (ast.BinOp, ast.Compare)):
            node = _owner(node) or node
        elif isinstance(node, ast.BinOp):
            node = node.left if not isinstance(node.left, ast.Constant) else node.right
        elif isinstance(node, ast.Compare):
            node = node.left
        elif isinstance(node, ast.Call) and node.args:
            node = node.args[0]
        elif isinstance(node, ast.UnaryOp):
            node = node.operand
        else:
            return base_name(node)
    return None
