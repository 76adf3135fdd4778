"""What an expression carries of predictions, given what the names carry."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import replace

from .carried import (
    APPENDERS,
    CARRIERS,
    CHAINED,
    NOT_VALUES,
    PREDICTED,
    PREDICTING_FUNCTIONS,
    PREDICTORS,
    TABLES,
    Carried,
    combined,
    compared,
    derived,
    merged,
    through,
)
from .flow_syntax import is_constant, key_of_target, sources
from .sites import Position
from .syntax import COMPREHENSIONS, bound_names, called, expression_of, position

_MOST_QUESTIONS = 50_000
#: Keyword arguments that ask for a result for each row, column or class.
_AXES = frozenset(("axis", "dim", "keepdims"))


#: Name or expression → whether it is a fitted model, or a module that is called, while the cell runs.
Test = Callable[[str], bool]


class Values:
    """The names of a scope with what they carry, and the calls seen so far."""

    def __init__(self, names: dict[str, Carried], is_model: Test, is_module: Test) -> None:
        self.names = names
        self.is_model, self.is_module = is_model, is_module
        self.parameters: frozenset[str] = frozenset()
        self.calls: dict[Position, set[str]] = {}
        self._asked = 0

    # -- names ---------------------------------------------------------------------------------

    def forget(self, *names: str) -> None:
        """The names carry nothing any more, nor do their keys."""
        for name in names:
            for known in [known for known in self.names if known == name or known.startswith(f"{name}[")]:
                del self.names[known]

    def join(self, other: Mapping[str, Carried]) -> None:
        """A name carries what it carries here or there."""
        for name, value in other.items():
            joined = merged((self.names.get(name), value))
            if joined is not None:
                self.names[name] = joined

    def store(self, target: ast.AST, carried: Carried | None, value: ast.expr | None = None) -> None:
        """Bind a target to what a value carries; a subscript or an attribute makes its owner carry it too."""
        if isinstance(target, (ast.Subscript, ast.Attribute)):
            self._into(target, carried)
            return
        entries = self._entries(value) if carried is not None and carried.keyed else {}
        for name in bound_names(target):
            self.forget(name)
            if carried is not None:
                self.names[name] = carried
            if value is not None and isinstance(target, ast.Name):
                self.names.update({f"{name}{key}": entry for key, entry in entries.items()})
                self._keys(name, value)

    def _entries(self, value: ast.expr | None) -> dict[str, Carried]:
        """The columns of the frame that a value is a part or a copy of: ``test[test.age > 60].copy()``."""
        node: ast.AST | None = value
        while isinstance(node, (ast.Subscript, ast.Attribute, ast.Call)):
            node = node.func if isinstance(node, ast.Call) else node.value
        if not isinstance(node, ast.Name):
            return {}
        start = f"{node.id}["
        return {known[len(node.id) :]: carried for known, carried in self.names.items() if known.startswith(start)}

    def _keys(self, name: str, value: ast.expr) -> None:
        """The columns or entries of a dict, or of a frame made of one."""
        inner = value.args[0] if isinstance(value, ast.Call) and called(value) in CARRIERS and value.args else value
        if isinstance(inner, ast.Dict):
            for key, item in zip(inner.keys, inner.values, strict=True):
                carried = self.of(item) if isinstance(key, ast.Constant) else None
                if carried is not None and isinstance(key, ast.Constant):
                    self.names[f"{name}[{key.value!r}]"] = carried
                    self.names[name] = replace(self.names.get(name, carried), keyed=True)

    def _into(self, target: ast.Subscript | ast.Attribute, carried: Carried | None) -> None:
        owner = target.value
        for _ in range(20):
            if isinstance(owner, ast.Name):
                break
            owner = getattr(owner, "value", owner)
        if not isinstance(owner, ast.Name) or carried is None:
            return
        key = key_of_target(target)
        if key is not None:
            self.names[f"{owner.id}[{key!r}]"] = carried
        whole = merged((self.names.get(owner.id), replace(carried, keyed=key is not None)))
        if whole is not None:
            self.names[owner.id] = whole

    def augmented(self, node: ast.AugAssign) -> Carried | None:
        """``total += …``: the name carries both, and is a running sum."""
        before, right = self.of(node.target), self.of(node.value)
        both = merged((before, right))
        if both is None:
            return None
        kind = type(node.op).__name__
        value = replace(both, accumulated=True) if kind == "Add" else combined(before, right, kind, right is None)
        if isinstance(node.target, ast.Name) and value is not None:
            self.names[node.target.id] = value
        else:
            self.store(node.target, value)
        return value

    def bind_loop(self, target: ast.AST, iterated: ast.expr) -> None:
        """The targets of a loop; of ``zip`` and ``enumerate`` each has its own part."""
        found = sources(iterated)
        elements = target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]
        if len(found) == len(elements):
            for element, source in zip(elements, found, strict=True):
                if source is not None and isinstance(element, (ast.Tuple, ast.List)):
                    self.bind_loop(element, source)
                else:
                    self.store(element, self.of(source) if source is not None else None)
        else:
            self.store(target, self.of(iterated))

    # -- expressions ---------------------------------------------------------------------------

    def of(self, node: ast.expr) -> Carried | None:
        """What an expression carries; None: nothing, or it is not known.

        :raises ValueError: there is too much to look at, which only a text made for it asks for.
        """
        self._asked += 1
        if self._asked > _MOST_QUESTIONS:
            raise ValueError("too many expressions")
        if isinstance(node, ast.Name):
            return self.names.get(node.id)
        if isinstance(node, ast.Call):
            return self._call(node)
        if isinstance(node, ast.BinOp):
            left, right = self.of(node.left), self.of(node.right)
            other = (left is None and not is_constant(node.left)) or (right is None and not is_constant(node.right))
            return combined(left, right, type(node.op).__name__, other)
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            carried = [self.of(side) for side in sides]
            other = any(value is None and not is_constant(side) for side, value in zip(sides, carried, strict=True))
            return (
                compared(carried, other)
                if not isinstance(node.ops[0], (ast.In, ast.NotIn, ast.Is, ast.IsNot))
                else None
            )
        if isinstance(node, ast.Attribute):
            return self._attribute(node)
        if isinstance(node, ast.Subscript):
            return self._subscript(node)
        if isinstance(node, COMPREHENSIONS):
            return self._comprehension(node)
        return self._other(node)

    def _other(self, node: ast.expr) -> Carried | None:
        if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
            return merged([self.of(item) for item in node.elts])
        if isinstance(node, ast.Dict):
            return merged([self.of(item) for item in node.values])
        if isinstance(node, ast.UnaryOp):
            return self.of(node.operand)
        if isinstance(node, ast.IfExp):
            self.of(node.test)
            return merged((self.of(node.body), self.of(node.orelse)))
        if isinstance(node, ast.BoolOp):
            return merged([self.of(item) for item in node.values])
        if isinstance(node, (ast.Starred, ast.Await)):
            return self.of(node.value)
        if isinstance(node, ast.NamedExpr):
            carried = self.of(node.value)
            self.store(node.target, carried, node.value)
            return carried
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr) and not isinstance(node, ast.Lambda):
                self.of(child)
        return None

    def _attribute(self, node: ast.Attribute) -> Carried | None:
        carried = self.of(node.value)
        if node.attr in PREDICTED:
            model = self.model(node.value)
            if model is not None:
                return Carried(frozenset((model,)))
        if carried is None or node.attr in NOT_VALUES:
            return None
        known = self.names.get(f"{node.value.id}[{node.attr!r}]") if isinstance(node.value, ast.Name) else None
        return known or (None if carried.keyed and node.attr not in CARRIERS else carried)

    def _subscript(self, node: ast.Subscript) -> Carried | None:
        carried = self.of(node.value)
        self.of(node.slice)
        if carried is None or not carried.keyed:
            return carried
        key, owner = key_of_target(node), node.value
        while isinstance(owner, ast.Attribute) and owner.attr in ("loc", "iloc", "at"):
            owner = owner.value
        if not isinstance(owner, ast.Name):
            return None
        if key is not None:
            return self.names.get(f"{owner.id}[{key!r}]")
        return None if isinstance(node.slice, ast.Constant) else carried

    def _comprehension(self, node: ast.expr) -> Carried | None:
        outside, conditions = dict(self.names), []
        for part in node.generators:  # type: ignore[attr-defined]
            self.bind_loop(part.target, part.iter)
            conditions += [self.of(condition) for condition in part.ifs]
        if isinstance(node, ast.DictComp):
            self.of(node.key)
            found = self.of(node.value)
        else:
            element = node.elt  # type: ignore[attr-defined]
            found = self.of(element)
            if found is None and is_constant(element):  # sum(1 for a, b in zip(y, p) if a == b)
                found = merged(conditions)
        self.names = outside
        return found

    # -- calls ---------------------------------------------------------------------------------

    def _call(self, node: ast.Call) -> Carried | None:
        name = called(node)
        owner = node.func.value if isinstance(node.func, ast.Attribute) else None
        receiver = self.of(owner) if owner is not None else None
        arguments = [*node.args, *(item.value for item in node.keywords if item.arg not in _AXES)]
        carried = [self.of(argument) for argument in arguments]
        self._remember(node, [receiver, *carried], arguments)
        predicted = self._predicted(node, name, owner)
        if predicted is not None:
            return predicted
        if name in APPENDERS and (receiver is None or name in ("append", "extend")):
            self._append(owner, name, carried, arguments)
        other = any(value is None and not is_constant(item) for item, value in zip(arguments, carried, strict=True))
        axis = any(item.arg in _AXES for item in node.keywords)
        if receiver is not None:
            axis = axis or (bool(node.args) and all(map(is_constant, node.args)))
            whole = merged((receiver, *carried)) if name not in CARRIERS else receiver
            return through(name, whole, axis, other) if whole is not None else None
        whole = merged(carried)
        if whole is None:
            # a function that was predicted: the survival functions of sksurv
            return self.of(node.func) if isinstance(node.func, (ast.Name, ast.Subscript)) else None
        axis = axis or (len(node.args) > 1 and all(map(is_constant, node.args[1:])) and name not in ("round",))
        if whole.keyed and name not in CARRIERS:
            return None
        return through(name, whole, axis, other and name not in TABLES)

    def _remember(self, node: ast.Call, carried: list[Carried | None], arguments: list[ast.expr]) -> None:
        """The models that flow into a call: by predictions, as arguments, and as the owner of the method."""
        models = self.calls.setdefault(position(node), set())
        for value in carried:
            models |= value.models if value is not None else frozenset()
        owner = [node.func.value] if isinstance(node.func, ast.Attribute) else []
        for item in [*arguments, *owner]:
            text = expression_of(item) if isinstance(item, (ast.Name, ast.Attribute, ast.Subscript)) else None
            if text is not None and self.is_model(text):
                models.add(text)

    def _predicted(self, node: ast.Call, name: str, owner: ast.expr | None) -> Carried | None:
        if owner is not None and name in PREDICTORS:
            model = self.model(owner)
            return Carried(frozenset((model,))) if model is not None else None
        if name in PREDICTING_FUNCTIONS and node.args:
            model = self.model(node.args[0])
            return Carried(frozenset((model,))) if model is not None else None
        text = expression_of(node.func) if isinstance(node.func, (ast.Name, ast.Attribute, ast.Subscript)) else None
        return Carried(frozenset((text,))) if text is not None and node.args and self.is_module(text) else None

    def model(self, node: ast.AST) -> str | None:
        """The name or expression of the model that a method is called on; None: not a model as far as is known."""
        while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHAINED:
            node = node.func.value
        text = expression_of(node)
        if text is None or self.is_model(text) or self.is_module(text):
            return text
        if isinstance(node, ast.Name):
            return text if node.id in self.parameters else None
        root: ast.AST = node
        while isinstance(root, (ast.Attribute, ast.Subscript, ast.Call)):
            root = root.func if isinstance(root, ast.Call) else root.value
        return root.id if isinstance(root, ast.Name) and self.is_model(root.id) else text

    def _append(self, owner: ast.AST | None, name: str, carried: list[Carried | None], items: list[ast.expr]) -> None:
        """``preds.append(p)`` and ``metric.update(p, y)``: the owner carries it from now on."""
        value = merged(carried)
        if value is None or owner is None:
            return
        if name not in ("append", "extend", "insert", "appendleft") and len(items) > 1:
            value = derived(value, against=True)
        if isinstance(owner, ast.Name):
            self.names[owner.id] = merged((self.names.get(owner.id), value)) or value
        elif isinstance(owner, (ast.Subscript, ast.Attribute)):
            self._into(owner, value)
