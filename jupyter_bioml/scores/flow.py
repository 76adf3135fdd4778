"""Which models' predictions flow where in a cell, by names, statement by statement.

An array loses its identity with ``astype``, a frame or a copy; the names in the text still say where it came from.
What cannot be followed carries nothing: nothing is guessed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .carried import DERIVED, Carried
from .flow_values import Test, Values
from .sites import Position
from .syntax import PRINTERS, bound_names, called, parameters_of, position
from .templates import values_of

_MOST_STATEMENTS = 20_000


@dataclass(frozen=True)
class Computed:
    """A bound name or a shown expression whose value was computed from predictions."""

    name: str | None
    """The name bound; None for an expression that is shown"""
    place: Position
    """Of the expression"""
    models: frozenset[str]
    against: bool
    """Other data went in, as the truth does"""
    accumulated: bool = False
    """A running sum"""


@dataclass
class Flow:
    """The result for one cell or function."""

    left: dict[str, Carried] = field(default_factory=dict)
    """Name → what it carries after the cell; give it to the next cell as ``before``"""
    computed: tuple[Computed, ...] = ()
    """Names and shown expressions that may be scores, in order; of a name its last value"""
    calls: dict[Position, frozenset[str]] = field(default_factory=dict)
    """Position of a call → the models whose predictions, or which themselves, are among its arguments"""

    def models_of(self, name: str) -> frozenset[str]:
        """The models whose predictions a name carries after the cell."""
        found = self.left.get(name)
        return found.models if found is not None else frozenset()


def flow_of(
    tree: ast.Module | str,
    is_model: Test,
    before: Mapping[str, Carried | frozenset[str]] | None = None,
    is_module: Test = lambda name: False,
) -> Flow:
    """The flow of predictions through a cell.

    :param tree: the cell's syntax tree or its text.
    :param is_model: whether a name or an expression such as ``self.model`` is a model when the cell runs.
    :param before: what the names of earlier cells carry: ``Flow.left``, or the models' names.
    :param is_module: whether a name is a network, whose call is a prediction.
    :returns: an empty flow for what is not Python or is nested too deeply.
    """
    try:
        parsed = ast.parse(tree) if isinstance(tree, str) else tree
        start = {name: _as_carried(value) for name, value in (before or {}).items()}
        walk = _Walk(Values(start, is_model, is_module))
        walk.statements(parsed.body, top=True)
        walk.functions()
        return walk.result()
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Flow()


def _as_carried(value: Carried | frozenset[str]) -> Carried:
    return value if isinstance(value, Carried) else Carried(value)


class _Walk:
    """Goes through the statements of a scope in order."""

    def __init__(self, values: Values) -> None:
        self.values = values
        self.found: dict[str | Position, Computed] = {}
        self.waiting: list[ast.FunctionDef | ast.AsyncFunctionDef] = []
        self.count = 0

    def result(self) -> Flow:
        calls = {where: frozenset(models) for where, models in self.values.calls.items() if models}
        return Flow(self.values.names, tuple(self.found.values()), calls)

    def functions(self) -> None:
        """The bodies of the functions that the cell defines, each with the cell's names and its own parameters."""
        outside, found = self.values.names, self.found
        while self.waiting and self.count < _MOST_STATEMENTS:
            function = self.waiting.pop(0)
            own = parameters_of(function)
            self.values.names = {name: value for name, value in outside.items() if name.partition("[")[0] not in own}
            self.values.parameters, self.found = frozenset(own) | {"self"}, {}
            self.statements(function.body)
        self.values.names, self.found, self.values.parameters = outside, found, frozenset()

    def statements(self, body: Iterable[ast.stmt], top: bool = False) -> None:
        body = list(body)
        for statement in body:
            self.count += 1
            if self.count > _MOST_STATEMENTS:
                return
            self._statement(statement, top and statement is body[-1])

    def _statement(self, node: ast.stmt, last: bool) -> None:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            self.waiting.append(node)
        elif isinstance(node, ast.ClassDef):
            self.waiting += [item for item in node.body if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef))]
        elif isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                self.bind(target, node.value)
        elif isinstance(node, ast.AugAssign):
            self._augmented(node)
        elif isinstance(node, ast.Expr):
            self._shown(node.value, last)
        elif isinstance(node, (ast.If, ast.While)):
            self.values.of(node.test)
            self._branches(node.body, node.orelse, repeated=isinstance(node, ast.While))
        elif isinstance(node, (ast.For, ast.AsyncFor)):
            self.values.bind_loop(node.target, node.iter)
            self._branches(node.body, node.orelse, repeated=True)
        else:
            self._other(node)

    def _other(self, node: ast.stmt) -> None:
        if isinstance(node, (ast.With, ast.AsyncWith)):
            for item in node.items:
                self.values.of(item.context_expr)
            self.statements(node.body)
        elif isinstance(node, (ast.Try, ast.TryStar)):
            self._branches([*node.body, *node.orelse], [one for handler in node.handlers for one in handler.body])
            self.statements(node.finalbody)
        elif isinstance(node, ast.Match):
            self.values.of(node.subject)
            for case in node.cases:
                self._branches(case.body, [])
        elif isinstance(node, ast.Delete):
            for target in node.targets:
                self.values.forget(*bound_names(target))
        else:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    self.values.of(child)

    def _branches(self, body: list[ast.stmt], otherwise: list[ast.stmt], repeated: bool = False) -> None:
        """Both branches; a name carries what either leaves. A loop's body goes twice: its end feeds its start."""
        before = dict(self.values.names)
        self.statements(body)
        if repeated:
            self.statements(body)
        after, self.values.names = self.values.names, dict(before)
        self.statements(otherwise)
        self.values.join(after)

    def bind(self, target: ast.AST, value: ast.expr) -> None:
        """Bind a target to an expression: names, tuples in parallel, subscripts and attributes."""
        pairs = isinstance(value, (ast.Tuple, ast.List)) and isinstance(target, (ast.Tuple, ast.List))
        if pairs and len(value.elts) == len(target.elts) and not any(isinstance(e, ast.Starred) for e in target.elts):  # type: ignore[attr-defined]
            for inner, item in zip(target.elts, value.elts, strict=True):  # type: ignore[attr-defined]
                self.bind(inner, item)
            return
        carried = self.values.of(value)
        self.values.store(target, carried, value)
        for name in bound_names(target):
            self._note(name, value, carried)

    def _augmented(self, node: ast.AugAssign) -> None:
        carried = self.values.augmented(node)
        for name in bound_names(node.target):
            self._note(name, node.value, carried)

    def _note(self, name: str, value: ast.expr, carried: Carried | None) -> None:
        self.found.pop(name, None)
        if carried is not None and carried.kind == DERIVED and name != "_":
            where = position(value)
            self.found[name] = Computed(name, where, carried.models, carried.against, carried.accumulated)

    def _shown(self, value: ast.expr, last: bool) -> None:
        """An expression statement: what it shows, or what its call prints."""
        carried = self.values.of(value)
        shown: list[ast.expr] = []
        if isinstance(value, ast.Call) and called(value) in PRINTERS:
            shown = [part for argument in value.args for part in values_of(argument)]
        elif last:
            shown = list(value.elts) if isinstance(value, (ast.Tuple, ast.List)) else [value]
        for item in shown:
            if isinstance(item, (ast.Name, ast.Constant)):
                continue
            found = carried if item is value else self.values.of(item)
            if found is not None and found.kind == DERIVED:
                where = position(item)
                self.found[where] = Computed(None, where, found.models, found.against, found.accumulated)
