"""Small questions about nodes of a syntax tree: names, targets, keys."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from .sites import JOINED, NAME, NUMBER, TEXT, UNKNOWN, NamePart, Position

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)
#: Functions that show or log their arguments as text.
PRINTERS = frozenset(
    (
        "print",
        "display",
        "pprint",
        "info",
        "debug",
        "warning",
        "write",
        "echo",
        "secho",
        "log",
        "tqdm_write",
        "Markdown",
        "HTML",
    )
)
#: Functions whose result holds their arguments.
CONTAINERS = frozenset(
    (
        "dict",
        "list",
        "tuple",
        "set",
        "DataFrame",
        "Series",
        "OrderedDict",
        "array",
        "asarray",
        "zip",
        "sorted",
        "from_dict",
        "stack",
    )
)
#: What an array, a frame or a tensor is asked for without becoming other data.
_OF_AN_ARRAY = frozenset(
    """values array T index data loc iloc at iat to_numpy numpy cpu detach astype ravel reshape flatten squeeze copy
    tolist float long int to item view size shape columns str dt cat""".split()  # noqa: SIM905
)
_OF_A_TEXT = frozenset(("upper", "lower", "title", "capitalize", "strip", "ljust", "rjust", "center", "replace"))
_LONGEST = 80
_MOST_NODES = 60


def position(node: ast.AST) -> Position:
    """Where a node of an expression or a statement stands."""
    line, column = getattr(node, "lineno", 0), getattr(node, "col_offset", 0)
    return line, column, getattr(node, "end_lineno", None) or line, getattr(node, "end_col_offset", None) or column


def called(call: ast.Call) -> str:
    """The last name of what is called: ``score`` of ``models[name].score(…)``; empty for a call of a call."""
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def base_name(node: ast.AST) -> str | None:
    """The variable an argument is about: ``y_test`` of ``y_test.values[:5]``, ``y`` of ``df["y"]``; None: none."""
    for _ in range(_MOST_NODES):
        if isinstance(node, ast.Name):
            return node.id
        if isinstance(node, ast.Attribute):
            if node.attr not in _OF_AN_ARRAY:
                return node.attr
            node = node.value
        elif isinstance(node, ast.Subscript):
            if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
                return node.slice.value[:_LONGEST]
            node = node.value
        elif isinstance(node, ast.Call):
            inner = node.func.value if isinstance(node.func, ast.Attribute) else None
            method = inner is not None and called(node) in _OF_AN_ARRAY
            if not method and not node.args:
                return None
            node = inner if method and inner is not None else node.args[0]
        elif isinstance(node, (ast.Starred, ast.Await)):
            node = node.value
        elif isinstance(node, ast.Compare):
            node = node.left
        elif isinstance(node, ast.UnaryOp):
            node = node.operand
        elif isinstance(node, ast.BinOp):
            node = node.left if not isinstance(node.left, ast.Constant) else node.right
        else:
            return None
    return None


def roots_of(node: ast.AST) -> tuple[str, ...]:
    """The variables in an expression, in order."""
    return tuple(dict.fromkeys(item.id for item in ast.walk(node) if isinstance(item, ast.Name)))


def expression_of(node: ast.AST) -> str | None:
    """The text of a short expression: ``models[name]``; None for a long one."""
    if isinstance(node, ast.Name):
        return node.id
    for count, _ in enumerate(ast.walk(node)):
        if count > _MOST_NODES:
            return None
    text = ast.unparse(node)
    return text if len(text) <= _LONGEST else None


def _joins_texts(node: ast.BinOp) -> bool:
    """``"k" + name`` joins texts; ``epoch + 1`` is a sum."""
    return isinstance(node.op, ast.Add) and not any(
        isinstance(item, ast.Constant) and not isinstance(item.value, str) for item in (node.left, node.right)
    )


def part_of(node: ast.AST) -> NamePart:
    """A key or a piece of a label."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            return NamePart(TEXT, node.value)
        if type(node.value) is int and node.value >= 0:
            return NamePart(NUMBER, str(node.value))
        return NamePart(UNKNOWN, "")
    if isinstance(node, ast.FormattedValue):
        return part_of(node.value)
    if isinstance(node, ast.Call):
        return _part_of_call(node)
    if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.BinOp) and _joins_texts(node)):
        pieces = tuple(map(part_of, _joined(node)))
        known = all(piece.kind in (TEXT, NUMBER, NAME) for piece in pieces)
        return NamePart(JOINED, "", roots_of(node), pieces) if known else NamePart(UNKNOWN, "")
    if isinstance(node, (ast.BinOp, ast.Compare, ast.BoolOp, ast.UnaryOp)):
        return NamePart(UNKNOWN, "")
    text = expression_of(node)
    return NamePart(NAME, text, roots_of(node)) if text is not None else NamePart(UNKNOWN, "")


def _part_of_call(node: ast.Call) -> NamePart:
    """Of ``str(name)`` and ``name.upper()`` the name; of another call: unknown."""
    if called(node) in ("str", "repr") and len(node.args) == 1 and not isinstance(node.args[0], ast.Call):
        return part_of(node.args[0])
    if (
        called(node) in _OF_A_TEXT
        and isinstance(node.func, ast.Attribute)
        and not isinstance(node.func.value, ast.Call)
    ):
        return part_of(node.func.value)
    return NamePart(UNKNOWN, "")


def _joined(node: ast.AST) -> list[ast.AST]:
    """The pieces of an f-string or of texts that are added."""
    waiting: list[ast.AST] = [node]
    found: list[ast.AST] = []
    while waiting and len(found) < _MOST_NODES:
        item = waiting.pop(0)
        if isinstance(item, ast.JoinedStr):
            waiting[:0] = item.values
        elif isinstance(item, ast.FormattedValue):
            waiting.insert(0, item.value)
        elif isinstance(item, ast.BinOp) and isinstance(item.op, ast.Add):
            waiting[:0] = [item.left, item.right]
        else:
            found.append(item)
    return [item if not isinstance(item, ast.JoinedStr) else ast.Constant(None) for item in found]


def target_of(node: ast.AST) -> tuple[str | None, list[NamePart]]:
    """The variable of a target and its keys from outside to inside: ``res[name]["acc"]`` → res, [name, acc]."""
    keys: list[NamePart] = []
    for _ in range(_MOST_NODES):
        if isinstance(node, ast.Name):
            return (None if node.id == "_" else node.id), keys
        if isinstance(node, ast.Subscript):
            found = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            keys[:0] = [part_of(item) for item in found if not isinstance(item, ast.Slice)]
            node = node.value
        elif isinstance(node, ast.Attribute):
            if node.attr in ("loc", "iloc", "at", "iat"):
                node = node.value
            elif isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"):
                return node.attr, keys
            else:
                keys.insert(0, NamePart(TEXT, node.attr))
                node = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and called(node) == "setdefault":
            keys[:0] = [part_of(item) for item in node.args[:1]]
            node = node.func.value
        else:
            return None, keys
    return None, keys


def loop_targets(targets: Iterable[ast.AST]) -> tuple[str, ...]:
    """The names that the targets of a loop bind, from left to right."""
    return tuple(name for target in targets for name in bound_names(target))


def bound_names(target: ast.AST) -> list[str]:
    """The variables that a target binds, in order; a subscript or attribute binds none."""
    found: list[str] = []
    waiting: list[ast.AST] = [target]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.Name):
            found.append(node.id)
        elif isinstance(node, (ast.Tuple, ast.List)):
            waiting[:0] = node.elts
        elif isinstance(node, ast.Starred):
            waiting.insert(0, node.value)
    return found


def parameters_of(function: ast.AST | None) -> tuple[str, ...]:
    """The names of a function's parameters without ``self``; () of what is not a function."""
    if not isinstance(function, FUNCTIONS):
        return ()
    found = function.args
    return tuple(item.arg for item in (*found.posonlyargs, *found.args, *found.kwonlyargs) if item.arg != "self")
