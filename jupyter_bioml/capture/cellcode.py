"""Read the text of a cell: literals, computed names, clock readings, fits, seeds.

Only the cell's top level counts (no loop, ``with`` or comprehension targets): there a name is bound once
and its value at the end of the cell is the value the reader sees.
"""

from __future__ import annotations

import ast
import functools
import re
import types
from dataclasses import dataclass, field
from typing import Any

CLOCKS = frozenset(
    {"time", "perf_counter", "monotonic", "process_time", "thread_time", "time_ns", "perf_counter_ns", "monotonic_ns"}
)
#: Functions that set a generator's seed, by the module they come from → the library's name.
SEEDERS = {"random.seed": "random", "numpy.random.seed": "numpy", "torch.manual_seed": "torch"}
_TELLING = re.compile(r"fit|step|backward|seed")
PLAIN = (int, float, str, bool, type(None))
_NONE = object()
#: Expressions beside constants that can be a plain literal.
_LITERAL = (ast.UnaryOp, ast.List, ast.Tuple, ast.Dict)


@dataclass(eq=False, repr=False)
class Fit:
    """One ``receiver.fit(x, …)`` call: plain names only, None where it is an expression."""

    receiver: str | None
    data: str | None
    target: str | None
    in_loop: bool
    repeats: int | None = None
    """Passes of the enclosing loops where their length can be read off the text."""


@dataclass(eq=False, repr=False)
class CellCode:
    """The findings for one block of statements."""

    literals: dict[str, Any] = field(default_factory=dict)
    constants: list[str] = field(default_factory=list)
    """Names bound to expressions of literals only (``60 * 60``); their value is read at the end."""
    computed: list[str] = field(default_factory=list)
    clocks: list[str] = field(default_factory=list)
    bound: list[str] = field(default_factory=list)
    """All names bound at top level, in order."""
    body: list[ast.stmt] = field(default_factory=list)
    fits: list[Fit] = field(default_factory=list)
    seeds: list[tuple[str, Any]] = field(default_factory=list)
    trains: bool = False
    """A ``.step()`` or ``.backward()`` call: a training loop written by hand."""

    first_bound: dict[str, int] = field(default_factory=dict)
    """Name → the place in ``body`` of the first statement that binds it."""

    @functools.cached_property
    def _loads(self) -> list[set[str] | None]:
        return [None] * len(self.body)

    def _loaded_by(self, place: int) -> set[str]:
        found = self._loads[place]
        if found is None:
            found = self._loads[place] = set()
            _add_loads(self.body[place], found)
        return found

    @functools.cached_property
    def reads(self) -> frozenset[str]:
        """All names that the block loads, at any depth."""
        return frozenset().union(*map(self._loaded_by, range(len(self.body))))

    def reads_given(self, name: str) -> bool:
        """Does the block read the value that ``name`` has when it starts, that is before it binds the name itself?"""
        bound = self.first_bound.get(name)
        if bound is None:
            return name in self.reads
        return any(name in self._loaded_by(place) for place in range(bound + 1))


def parse_cell(source: str) -> ast.Module | None:
    """The syntax tree of a (transformed) cell; None when it is not valid Python."""
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _add_loads(node: ast.AST, found: set[str]) -> None:
    """Add the names that ``node`` loads, as :func:`ast.walk` would find them in four times the time."""
    left = [node]
    while left:
        node = left.pop()
        if node.__class__ is ast.Name:
            if node.ctx.__class__ is ast.Load:
                found.add(node.id)
            continue
        for name in node._fields:
            value = getattr(node, name, None)
            if value.__class__ is list:
                left += [item for item in value if isinstance(item, ast.AST)]
            elif isinstance(value, ast.AST) and value.__class__ is not ast.Constant:
                left.append(value)


def analyse(
    body: list[ast.stmt], namespace: dict[str, Any], clock_names: frozenset[str] | set[str], source: str | None = None
) -> CellCode:
    """Findings of ``body``.

    :param clock_names: names that earlier cells bound to clock readings.
    :param source: its text, where it is at hand: without a telling word in it no call needs to be looked at.
    """
    found = CellCode(body=body)
    clocks = set(clock_names)
    for place, statement in enumerate(body):
        for target, value in _assignments(statement):
            if isinstance(target, ast.Name):
                found.first_bound.setdefault(target.id, place)
                _classify(found, target.id, value, namespace, clocks)
    if source is None or _TELLING.search(source):
        _Calls(found, namespace).run(body)
    return found


def _assignments(statement: ast.stmt) -> list[tuple[ast.expr, ast.expr | None]]:
    """(target, value) pairs; a value of None means: part of something computed."""
    if isinstance(statement, ast.AnnAssign) and statement.value is not None:
        return [(statement.target, statement.value)]
    if not isinstance(statement, ast.Assign):
        return []
    pairs: list[tuple[ast.expr, ast.expr | None]] = []
    for target in statement.targets:
        pairs += _unpack(target, statement.value)
    return pairs


def _unpack(target: ast.expr, value: ast.expr | None) -> list[tuple[ast.expr, ast.expr | None]]:
    if not isinstance(target, (ast.Tuple, ast.List)):
        return [(target, value)]
    values: list[ast.expr | None] = [None] * len(target.elts)
    if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(target.elts):
        values = list(value.elts)
    pairs: list[tuple[ast.expr, ast.expr | None]] = []
    for one, part in zip(target.elts, values, strict=True):
        pairs += _unpack(one, part)
    return pairs


def _classify(found: CellCode, name: str, value: ast.expr | None, namespace: dict[str, Any], clocks: set[str]) -> None:
    if name in found.bound:  # bound once more: the last time counts
        for names in (found.constants, found.computed, found.clocks, found.bound):
            if name in names:
                names.remove(name)
        found.literals.pop(name, None)
    clocks.discard(name)
    found.bound.append(name)
    literal = _literal(value)
    if literal is not _NONE:
        found.literals[name] = literal
    elif value is not None and _is_constant(value):
        found.constants.append(name)
    elif value is not None and _is_clock(value, namespace, clocks):
        found.clocks.append(name)
        clocks.add(name)
    else:
        found.computed.append(name)


def _literal(value: ast.expr | None) -> Any:
    kind = type(value)
    if kind is ast.Constant:
        return value.value if isinstance(value.value, PLAIN) else _NONE  # type: ignore[union-attr]
    if value is None or kind not in _LITERAL:
        return _NONE  # literal_eval would say so too, by raising, which takes its time
    try:
        literal = ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return _NONE
    return literal if is_plain(literal) else _NONE


def is_plain(value: Any, depth: int = 0) -> bool:
    """A number, text, boolean or None, or a small list, tuple or dict of those."""
    if isinstance(value, PLAIN):
        return True
    if depth > 2 or not isinstance(value, (list, tuple, dict)) or len(value) > 50:
        return False
    if isinstance(value, dict):
        return all(isinstance(key, PLAIN) and is_plain(item, depth + 1) for key, item in value.items())
    return all(is_plain(item, depth + 1) for item in value)


def _is_constant(value: ast.expr) -> bool:
    left: list[ast.expr] = [value]
    while left:
        node = left.pop()
        if isinstance(node, ast.BinOp):
            left += (node.left, node.right)
        elif isinstance(node, ast.UnaryOp):
            left.append(node.operand)
        elif not isinstance(node, ast.Constant):
            return False
    return True


def _is_clock(value: ast.expr, namespace: dict[str, Any], clocks: set[str]) -> bool:
    """A clock reading, or a difference of two, perhaps rounded or scaled."""
    if isinstance(value, ast.Call):
        if isinstance(value.func, ast.Name) and value.func.id in ("round", "float", "int", "abs") and value.args:
            return _is_clock(value.args[0], namespace, clocks)
        return _clock_reading(value, namespace)
    if isinstance(value, ast.BinOp):
        if isinstance(value.op, ast.Sub):
            sides = (value.left, value.right)
            return all(_clock_side(side, namespace, clocks) for side in sides)
        if isinstance(value.op, (ast.Div, ast.Mult)) and _is_constant(value.right):
            return _is_clock(value.left, namespace, clocks)
    return False


def _clock_side(value: ast.expr, namespace: dict[str, Any], clocks: set[str]) -> bool:
    if isinstance(value, ast.Name):
        return value.id in clocks
    return isinstance(value, ast.Call) and _clock_reading(value, namespace)


def _clock_reading(call: ast.Call, namespace: dict[str, Any]) -> bool:
    function = resolve(call.func, namespace)
    if function is not None:
        return getattr(function, "__module__", None) == "time" and getattr(function, "__name__", "") in CLOCKS
    return dotted(call.func) in {f"time.{name}" for name in CLOCKS}


def dotted(node: ast.expr) -> str | None:
    """``a.b.c`` of a chain of names, else None."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = dotted(node.value)
        return f"{base}.{node.attr}" if base else None
    return None


def resolve(node: ast.expr, namespace: dict[str, Any]) -> Any:
    """The object that a name, or an attribute chain of modules, stands for; None when unknown.

    Only module attributes are followed, so no user code runs.
    """
    if isinstance(node, ast.Name):
        return namespace.get(node.id)
    if isinstance(node, ast.Attribute):
        base = resolve(node.value, namespace)
        if isinstance(base, types.ModuleType):
            return base.__dict__.get(node.attr)
    return None


class _Calls:
    """Walks statements for fits, training steps and seeds, knowing the loops around them."""

    def __init__(self, found: CellCode, namespace: dict[str, Any]) -> None:
        self.found = found
        self.namespace = namespace

    def run(self, body: list[ast.stmt]) -> None:
        for statement in body:
            self._visit(statement, False, 1)

    def _visit(self, node: ast.AST, in_loop: bool, repeats: int | None) -> None:
        if isinstance(node, (ast.With, ast.AsyncWith)) and any(self._opens_run(item) for item in node.items):
            return  # what it fits belongs to the child run
        if isinstance(node, (ast.For, ast.AsyncFor, ast.While)):
            in_loop = True
            length = self._length(node) if isinstance(node, ast.For) else None
            repeats = None if repeats is None or length is None else repeats * length
        if isinstance(node, ast.Assign):
            self._fitted_assignment(node, in_loop, repeats)
        elif isinstance(node, ast.Call):
            self._call(node, in_loop, repeats)
        for child in ast.iter_child_nodes(node):
            self._visit(child, in_loop, repeats)

    def _opens_run(self, item: ast.withitem) -> bool:
        """``with bioml.run(…):``; our module may be imported by the same cell, so its usual names count too."""
        function = item.context_expr.func if isinstance(item.context_expr, ast.Call) else None
        if isinstance(function, ast.Attribute) and function.attr == "run":
            module = resolve(function.value, self.namespace)
            name = dotted(function.value) if module is None else getattr(module, "__name__", None)
            return name in ("jupyter_bioml", "bioml")
        value = resolve(function, self.namespace) if isinstance(function, ast.Name) else None
        return getattr(value, "__module__", None) == "jupyter_bioml.capture.logging"

    def _length(self, loop: ast.For) -> int | None:
        if any(isinstance(node, (ast.Break, ast.Return)) for node in ast.walk(loop)):
            return None
        if isinstance(loop.iter, (ast.List, ast.Tuple)):
            return len(loop.iter.elts)
        if isinstance(loop.iter, ast.Call) and dotted(loop.iter.func) == "range":
            try:
                return len(range(*(ast.literal_eval(argument) for argument in loop.iter.args)))
            except (ValueError, TypeError):
                return None
        value = self.namespace.get(loop.iter.id) if isinstance(loop.iter, ast.Name) else None
        return len(value) if isinstance(value, (list, tuple, dict, range)) else None

    def _fitted_assignment(self, node: ast.Assign, in_loop: bool, repeats: int | None) -> None:
        """``clf = Estimator(…).fit(X, y)``: the target is what was fitted."""
        call = node.value
        if not (isinstance(call, ast.Call) and _is_fit(call) and isinstance(node.targets[0], ast.Name)):
            return
        assert isinstance(call.func, ast.Attribute)
        if not isinstance(call.func.value, ast.Name):
            self.found.fits.append(_fit(call, node.targets[0].id, in_loop, repeats))

    def _call(self, call: ast.Call, in_loop: bool, repeats: int | None) -> None:
        if isinstance(call.func, ast.Attribute):
            if call.func.attr in ("step", "backward"):
                self.found.trains = True
            if _is_fit(call) and isinstance(call.func.value, ast.Name):
                self.found.fits.append(_fit(call, call.func.value.id, in_loop, repeats))
        self._seed(call)

    def _seed(self, call: ast.Call) -> None:
        name = dotted(call.func)
        if name is None or not call.args:
            return
        head, _, rest = name.partition(".")
        module = self.namespace.get(head)
        full = f"{module.__name__}.{rest}" if isinstance(module, types.ModuleType) and rest else name
        library = SEEDERS.get(full)
        if library is None:
            return
        argument = call.args[0]
        if isinstance(argument, ast.Constant):
            self.found.seeds.append((library, argument.value))
        elif isinstance(argument, ast.Name):
            self.found.seeds.append((library, argument))


def _is_fit(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr in ("fit", "fit_transform", "fit_predict")


def _fit(call: ast.Call, receiver: str, in_loop: bool, repeats: int | None) -> Fit:
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    data = call.args[0] if call.args else named.get("X")
    target = call.args[1] if len(call.args) > 1 else named.get("y")
    return Fit(receiver, _plain_name(data), _plain_name(target), in_loop, repeats if in_loop else None)


def _plain_name(node: ast.expr | None) -> str | None:
    return node.id if isinstance(node, ast.Name) else None


def real_scalar(value: Any) -> int | float | bool | None:
    """``value`` as a Python number when it is a real scalar (numpy's and torch's 0-d ones too), else None.

    A tensor on a GPU is left alone: reading it would wait for the device.
    """
    if isinstance(value, (bool, int, float)):
        return value
    kind = type(value)
    root = kind.__module__.partition(".")[0]
    if root == "numpy" and getattr(value, "ndim", None) == 0 and getattr(value.dtype, "kind", "") in "biuf":
        return _item(value)
    if root == "torch" and kind.__name__ == "Tensor" and value.ndim == 0 and value.device.type == "cpu":
        return _item(value)
    if root in ("fractions", "decimal"):
        return float(value)
    return None


def _item(value: Any) -> int | float | bool | None:
    item = value.item()
    return item if isinstance(item, (bool, int, float)) else None


def metrics_of(
    names: list[str], namespace: dict[str, Any], prefix: str = ""
) -> tuple[dict[str, float], dict[str, Any]]:
    """(metrics, values) of ``names``: finite numbers, and beside them booleans, NaN and infinities."""
    metrics: dict[str, float] = {}
    values: dict[str, Any] = {}
    for name in names:
        number = real_scalar(namespace[name]) if name in namespace else None
        if number is None:
            continue
        if isinstance(number, bool) or number != number or number in (float("inf"), float("-inf")):
            values[prefix + name] = number
            continue
        try:
            metrics[prefix + name] = float(number)
        except OverflowError:
            values[prefix + name] = number
    return metrics, values
