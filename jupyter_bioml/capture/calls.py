"""The calls that a cell's text makes itself: fits, training steps, seeds; and what the functions it defines would do.

What stands in the body of a function, a class or a lambda does not run when the cell does: those fits and steps are
the function's, and count where it is called.
"""

from __future__ import annotations

import ast
import sys
import types
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: Functions that set the seed of generators, by the module they come from → the names of their libraries.
SEEDERS = {
    "random.seed": ("random",),
    "numpy.random.seed": ("numpy",),
    "torch.manual_seed": ("torch",),
    "torch.random.manual_seed": ("torch",),
    "torch.cuda.manual_seed": ("torch",),
    "torch.cuda.manual_seed_all": ("torch",),
    "tensorflow.random.set_seed": ("tensorflow",),
    "tensorflow.set_random_seed": ("tensorflow",),
    "tensorflow.compat.v1.set_random_seed": ("tensorflow",),
    "tensorflow.keras.utils.set_random_seed": ("random", "numpy", "tensorflow"),
    "keras.utils.set_random_seed": ("random", "numpy", "tensorflow"),
    "pytorch_lightning.seed_everything": ("random", "numpy", "torch"),
    "lightning.seed_everything": ("random", "numpy", "torch"),
    "lightning.pytorch.seed_everything": ("random", "numpy", "torch"),
    "transformers.set_seed": ("random", "numpy", "torch"),
}
#: Names of their argument.
SEED_ARGUMENTS = ("seed", "a", "worker_seed")
#: Methods that fit what they belong to, and those of a training loop written by hand.
FITTING = frozenset({"fit", "fit_transform", "fit_predict", "partial_fit"})
TRAINING = frozenset({"step", "backward"})
#: Functions that return what they trained (``lgb.train``).
_TRAINERS = frozenset({"train"})
_BODIES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


@dataclass(eq=False, repr=False)
class Fit:
    """One ``receiver.fit(x, …)`` call: plain names only, None where it is an expression."""

    receiver: str | None
    data: str | None
    target: str | None
    in_loop: bool
    repeats: int | None = None
    """Passes of the enclosing loops where their length can be read off the text."""
    over: str | None = None
    """The container that the innermost loop goes through (``for m in models.values()``), where it has a name."""
    text: str = ""
    """The call as it is written, without its arguments."""
    method: str = "fit"
    uses: tuple[str, ...] = ()
    """All names in the expression of the data, in the order in which they are written."""


@dataclass(eq=False, repr=False)
class Calls:
    """The calls of one block."""

    fits: list[Fit] = field(default_factory=list)
    seeds: list[tuple[str, Any]] = field(default_factory=list)
    trains: bool = False
    """A ``.step()`` or ``.backward()`` call: a training loop written by hand."""
    fitting: set[str] = field(default_factory=set)
    """Functions and classes that the block defines and whose body fits something."""
    training: set[str] = field(default_factory=set)
    """Those whose body has a training step."""
    inputs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Name → the names in the first argument of what was called by it (``net(x)``), or of the constructor whose result
    is bound to it (``d = Dataset(X, y)``)."""


def calls_of(body: list[ast.stmt], namespace: Mapping[str, Any]) -> Calls:
    """The calls of the statements ``body``."""
    walk = _Walk(namespace)
    for statement in body:
        walk.visit(statement, _Loops())
    return walk.found


def dotted(node: ast.expr) -> str | None:
    """``a.b.c`` of a chain of names, else None."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = dotted(node.value)
        return f"{base}.{node.attr}" if base else None
    return None


def resolve(node: ast.expr, namespace: Mapping[str, Any]) -> Any:
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


@dataclass(eq=False, repr=False)
class _Loops:
    """The loops around a call."""

    any: bool = False
    repeats: int | None = 1
    over: str | None = None


class _Walk:
    """Walks statements, knowing the loops around them."""

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        self.found = Calls()
        self.namespace = namespace
        self._imported: dict[str, str] = {}
        """Name → what the block's own imports so far bind to it: it need not be in the namespace yet."""
        self._held: set[ast.expr] = set()
        """Calls whose result has a name."""

    def visit(self, node: ast.AST, loops: _Loops) -> None:
        if isinstance(node, (ast.With, ast.AsyncWith)) and any(self._opens_run(item) for item in node.items):
            return  # what it fits belongs to the child run
        if isinstance(node, _BODIES):
            self._defined(node)
            return
        if isinstance(node, (ast.For, ast.AsyncFor, ast.While)):
            loops = self._inside(node, loops)
        elif isinstance(node, ast.Assign):
            self._assigned(node, loops)
        elif isinstance(node, ast.Call):
            self._call(node, loops)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            self._imports(node)
        for child in ast.iter_child_nodes(node):
            self.visit(child, loops)

    def _defined(self, node: ast.AST) -> None:
        """A body that does not run now; the seeds that it sets are named all the same, as the text says them."""
        name = getattr(node, "name", None)
        for inner in ast.walk(node):
            if isinstance(inner, (ast.Import, ast.ImportFrom)):
                self._imports(inner)
            if not isinstance(inner, ast.Call):
                continue
            self._seed(inner)
            if name is not None and isinstance(inner.func, ast.Attribute):
                if inner.func.attr in FITTING:
                    self.found.fitting.add(name)
                elif inner.func.attr in TRAINING:
                    self.found.training.add(name)

    def _opens_run(self, item: ast.withitem) -> bool:
        """``with bioml.run(…):``; our module may be imported by the same cell, so its usual names count too."""
        function = item.context_expr.func if isinstance(item.context_expr, ast.Call) else None
        if isinstance(function, ast.Attribute) and function.attr == "run":
            module = resolve(function.value, self.namespace)
            name = dotted(function.value) if module is None else getattr(module, "__name__", None)
            return name in ("jupyter_bioml", "bioml")
        value = resolve(function, self.namespace) if isinstance(function, ast.Name) else None
        return getattr(value, "__module__", None) == "jupyter_bioml.capture.logging"

    def _inside(self, loop: ast.For | ast.AsyncFor | ast.While, loops: _Loops) -> _Loops:
        if not isinstance(loop, ast.For):
            return _Loops(True, None, None)
        length = (
            None
            if any(isinstance(node, (ast.Break, ast.Return)) for node in ast.walk(loop))
            else self._length(loop.iter)
        )
        repeats = None if loops.repeats is None or length is None else loops.repeats * length
        return _Loops(True, repeats, _base(loop.iter))

    def _length(self, iterated: ast.expr) -> int | None:
        if isinstance(iterated, (ast.List, ast.Tuple)):
            return len(iterated.elts)
        if isinstance(iterated, ast.Dict):
            return len(iterated.keys)
        if isinstance(iterated, ast.Call) and dotted(iterated.func) == "range":
            try:
                return len(range(*(ast.literal_eval(argument) for argument in iterated.args)))
            except (ValueError, TypeError):
                return None
        if isinstance(iterated, ast.Call) and isinstance(iterated.func, ast.Attribute):
            return self._length(iterated.func.value) if iterated.func.attr in ("items", "values", "keys") else None
        if isinstance(iterated, ast.Call) and dotted(iterated.func) == "enumerate" and iterated.args:
            return self._length(iterated.args[0])
        value = self.namespace.get(iterated.id) if isinstance(iterated, ast.Name) else None
        return len(value) if isinstance(value, (list, tuple, dict, range)) else None

    def _assigned(self, node: ast.Assign, loops: _Loops) -> None:
        """``clf = Estimator(…).fit(X, y)``: the target is what was fitted; so it is of ``lgb.train(…)``."""
        call, target = node.value, node.targets[0]
        if not isinstance(call, ast.Call) or not isinstance(target, ast.Name):
            return
        function = call.func
        if isinstance(function, ast.Attribute) and function.attr in FITTING:
            if not isinstance(function.value, ast.Name):
                self._held.add(call)
                self.found.fits.append(_fit(call, target.id, loops, function))
        elif _last(function) in _TRAINERS and len(call.args) > 1:
            text, uses = _shortened(function), _names(call.args[1])
            repeats = loops.repeats if loops.any else None
            found = Fit(target.id, None, None, loops.any, repeats, loops.over, text, "train", uses)
            self.found.fits.append(found)
        elif call.args and _last(function)[:1].isupper():
            self.found.inputs[target.id] = _names(call.args[0])

    def _call(self, call: ast.Call, loops: _Loops) -> None:
        function = call.func
        if isinstance(function, ast.Attribute):
            if function.attr in TRAINING:
                self.found.trains = True
            if function.attr in FITTING:
                receiver = function.value
                if isinstance(receiver, ast.Name):
                    self.found.fits.append(_fit(call, receiver.id, loops, function))
                elif isinstance(receiver, ast.Call) and call not in self._held:
                    self.found.fits.append(_fit(call, None, loops, function))
        elif isinstance(function, ast.Name) and call.args:
            self.found.inputs[function.id] = _names(call.args[0])
        self._seed(call)

    def _seed(self, call: ast.Call) -> None:
        name = dotted(call.func)
        named = [keyword.value for keyword in call.keywords if keyword.arg in SEED_ARGUMENTS]
        argument = next(iter((*call.args, *named)), None)
        if name is None or not isinstance(argument, (ast.Constant, ast.Name)):
            return
        value = argument.value if isinstance(argument, ast.Constant) else argument
        self.found.seeds += [(library, value) for library in SEEDERS.get(self._full(name), ())]

    def _imports(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            if isinstance(node, ast.ImportFrom):
                self._imported[alias.asname or alias.name] = f"{node.module}.{alias.name}"
            elif alias.asname:
                self._imported[alias.asname] = alias.name
            else:
                top = alias.name.partition(".")[0]
                self._imported[top] = top

    def _full(self, name: str) -> str:
        """The dotted name with what its first part stands for."""
        head, dot, rest = name.partition(".")
        if head in self._imported:
            return f"{self._imported[head]}{dot}{rest}"
        value = self.namespace.get(head)
        if isinstance(value, types.ModuleType):
            return f"{value.__name__}{dot}{rest}"
        return name if rest or value is None else _seeder(value)


def _fit(call: ast.Call, receiver: str | None, loops: _Loops, function: ast.Attribute) -> Fit:
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    data = call.args[0] if call.args else next((named[key] for key in ("X", "x", "df") if key in named), None)
    target = call.args[1] if len(call.args) > 1 else named.get("y")
    return Fit(
        receiver,
        data.id if isinstance(data, ast.Name) else None,
        target.id if isinstance(target, ast.Name) else None,
        loops.any,
        loops.repeats if loops.any else None,
        loops.over,
        f"{_shortened(function.value)}.{function.attr}",
        function.attr,
        _names(data),
    )


def _seeder(value: Any) -> str:
    """The name of a function that was imported by itself (``from numpy.random import seed``)."""
    for full in SEEDERS:
        module, _, name = full.rpartition(".")
        if getattr(sys.modules.get(module), "__dict__", {}).get(name) is value:
            return full
    return ""


def _shortened(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        return f"{_shortened(node.func)}(…)"
    return dotted(node) or "…"


def _last(function: ast.expr) -> str:
    """The last part of the name of a called function."""
    return (dotted(function) or "").rpartition(".")[2]


def _base(node: ast.expr) -> str | None:
    """The name that a loop goes through: ``models`` of ``models.items()`` and ``enumerate(models)``."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        node = node.func.value
    elif isinstance(node, ast.Call) and node.args:
        node = node.args[0]
    return node.id if isinstance(node, ast.Name) else None


def _names(node: ast.expr | None) -> tuple[str, ...]:
    found = [inner for inner in ast.walk(node or ast.Tuple([], ast.Load())) if isinstance(inner, ast.Name)]
    return tuple(dict.fromkeys(name.id for name in sorted(found, key=lambda name: (name.lineno, name.col_offset))))
