"""Read the text of a cell: literals, computed names, clock readings; its calls are read in :mod:`.calls`.

Only the cell's top level counts (no loop, ``with`` or comprehension targets): there a name is bound once
and its value at the end of the cell is the value the reader sees.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .calls import Calls, Fit, calls_of, dotted, resolve
from .loads import Loads, bound_to, loads_of

if TYPE_CHECKING:
    from ..scores.shown import ShownItem

CLOCKS = frozenset(
    {"time", "perf_counter", "monotonic", "process_time", "thread_time", "time_ns", "perf_counter_ns", "monotonic_ns"}
)
_TELLING = re.compile(r"fit|step|backward|seed|train")
PLAIN = (int, float, str, bool, type(None))
#: Types of values that hold neither code nor a model.
SIMPLE: frozenset[type] = frozenset((*PLAIN, bytes))
_NONE = object()
#: Of a text in ASCII, whose names are written as Python has them.
_WORD = re.compile(r"[A-Za-z_]\w*", re.ASCII)
#: Expressions beside constants that can be a plain literal.
_LITERAL = (ast.UnaryOp, ast.List, ast.Tuple, ast.Dict)


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
    calls: Calls = field(default_factory=Calls)
    first_bound: dict[str, int] = field(default_factory=dict)
    """Name → the place in ``body`` of the first statement that binds it."""
    walrus: bool = True
    """Its expressions may bind names."""
    words: frozenset[str] | None = None
    """All words of its text, its names and attributes among them; None: not known."""

    @property
    def fits(self) -> list[Fit]:
        """The fits that the block's own statements make."""
        return self.calls.fits

    @property
    def seeds(self) -> list[tuple[str, Any]]:
        """(library, value) of each generator that the block seeds."""
        return self.calls.seeds

    @property
    def trains(self) -> bool:
        """A ``.step()`` or ``.backward()`` call of its own: a training loop written by hand."""
        return self.calls.trains

    @functools.cached_property
    def _loads(self) -> list[Loads | None]:
        return [None] * len(self.body)

    def _loaded_by(self, place: int) -> Loads:
        found = self._loads[place]
        if found is None:
            found = self._loads[place] = loads_of(self.body[place])
        return found

    @functools.cached_property
    def _all_loads(self) -> list[Loads]:
        return [self._loaded_by(place) for place in range(len(self.body))]

    @functools.cached_property
    def reads(self) -> frozenset[str]:
        """All names that the block loads, at any depth."""
        return frozenset().union(*(one.names for one in self._all_loads))

    @functools.cached_property
    def runs(self) -> frozenset[str]:
        """Names that the block's own statements load: what only the bodies load that it defines does not run yet."""
        return frozenset().union(*(one.now for one in self._all_loads))

    @functools.cached_property
    def attributes(self) -> frozenset[str]:
        """All attributes that the block names, at any depth."""
        return frozenset().union(*(one.attributes for one in self._all_loads))

    @functools.cached_property
    def looped(self) -> Mapping[str, frozenset[str]]:
        """Names that loops of the block bind again, see :func:`~..scores.loops.rebound_in_loops`."""
        from ..scores.loops import rebound_in_loops  # after loading: it is needed when a cell runs

        return rebound_in_loops(self.body, walrus=self.walrus)

    @functools.cached_property
    def shown(self) -> tuple[ShownItem, ...]:
        """What the block binds and shows, see :func:`~..scores.shown.shown_in`."""
        from ..scores.shown import shown_in

        return shown_in(ast.Module(self.body, []), walrus=self.walrus)

    @functools.cached_property
    def running_sums(self) -> frozenset[str]:
        """Names that hold a running sum at the end, see :func:`~..scores.loops.running_sums`."""
        from ..scores.loops import running_sums

        return running_sums(self.body)

    @functools.cached_property
    def filled_in_loops(self) -> frozenset[str]:
        """Names of arrays that a loop fills, see :func:`~..scores.loops.filled_in_loops`."""
        from ..scores.loops import filled_in_loops

        return filled_in_loops(self.body)

    @functools.cached_property
    def bound_to(self) -> Mapping[str, set[str]]:
        """Name → the names in the expressions that assignments bind to it, at any depth."""
        return bound_to(self.body)

    def names_only(self, kinds: Collection[type], namespace: Mapping[str, Any]) -> bool:
        """Do all its names that have a value have one of these types? True is certain, and costs a word a look."""
        if self.words is None:
            return False
        return all(type(namespace.get(word)) in kinds for word in self.words & namespace.keys())

    def may_name(self, words: Collection[str]) -> bool:
        """May a name or attribute of the block be one of ``words``? False is certain."""
        return self.words is None or not self.words.isdisjoint(words)

    def reads_given(self, name: str) -> bool:
        """Does the block read the value that ``name`` has when it starts, that is before it binds the name itself?"""
        bound = self.first_bound.get(name)
        if bound is None:
            return name in self.reads
        return any(name in self._loaded_by(place).names for place in range(bound + 1))


def parse_cell(source: str) -> ast.Module | None:
    """The syntax tree of a (transformed) cell; None when it is not valid Python."""
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def analyse(
    body: list[ast.stmt], namespace: dict[str, Any], clock_names: frozenset[str] | set[str], source: str | None = None
) -> CellCode:
    """Findings of ``body``.

    :param clock_names: names that earlier cells bound to clock readings.
    :param source: its text, where it is at hand: without a telling word in it no call needs to be looked at.
    """
    words = None if source is None or not source.isascii() else frozenset(_WORD.findall(source))
    found = CellCode(body=body, walrus=source is None or ":=" in source, words=words)
    clocks = set(clock_names)
    for place, statement in enumerate(body):
        for target, value in _assignments(statement):
            if isinstance(target, ast.Name):
                found.first_bound.setdefault(target.id, place)
                _classify(found, target.id, value, namespace, clocks)
    if source is None or _TELLING.search(source):
        found.calls = calls_of(body, namespace)
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
