"""Whose predictions the names of a session carry: from cell to cell by names, where copies lose their identity."""

from __future__ import annotations

import ast
import dataclasses
import weakref
from collections.abc import Iterable, Mapping
from typing import Any

from ...scores.carried import COUNT, PREDICTED, PREDICTING_FUNCTIONS, PREDICTORS, Carried
from ...scores.flow import Computed, Flow, flow_of
from ...scores.sites import Position
from .. import models as model_kinds
from ..active import ModelRuns
from ..cellcode import SIMPLE, CellCode
from ..models_before import could_be_model, held, model_named
from .cell import CellEnd

#: Begins the token of a model; no name in a text does.
_TOKEN = "\N{SECTION SIGN}"
#: Words of a cell that makes predictions.
_PREDICTING = PREDICTORS | PREDICTED | PREDICTING_FUNCTIONS
#: Attributes of an object of the user's that are looked at.
_MOST_ATTRIBUTES = 50
#: Names that are remembered.
MOST_NAMES = 2_000


class Lineage:
    """What the names of a session carry. A model stays the one it was when its name gets another one."""

    def __init__(self, models: ModelRuns) -> None:
        self._models = models
        self._left: dict[str, Carried] = {}
        self._tokens: dict[str, weakref.ref[Any]] = {}

    def through(self, end: CellEnd) -> CellFlow:
        """The flow of predictions through a cell that has ended."""
        namespace = end.namespace

        def is_model(name: str) -> bool:
            return could_be_model(_value(name, namespace))

        def is_module(name: str) -> bool:
            return model_kinds.is_module(_value(name, namespace))

        if self._untouched(end.code, namespace):
            return CellFlow(Flow(self._left), namespace, self._tokens, end.code, untouched=True)
        flow = flow_of(ast.Module(end.code.body, []), is_model, self._left, is_module)
        return CellFlow(flow, namespace, self._tokens, end.code)

    def _untouched(self, code: CellCode, namespace: Mapping[str, Any]) -> bool:
        """Does a cell neither predict nor name a model or what carries predictions, as most do?"""
        if code.words is None or code.may_name(_PREDICTING):
            return False
        if any(name.partition("[")[0] in code.words for name in self._left):
            return False
        values = ((word, namespace.get(word)) for word in code.words & namespace.keys())
        others = ((word, value) for word, value in values if type(value) not in SIMPLE)
        return not any(_is_own(value) or any(True for _ in held(word, value)) for word, value in others)

    def learn(self, flow: CellFlow) -> None:
        """Remember what the names carry after the cell."""
        if flow.untouched:
            return
        left = list(flow.flow.left.items())[-MOST_NAMES:]
        used: dict[str, weakref.ref[Any]] = {}
        self._left = {}
        for name, carried in left:
            tokens = frozenset(filter(None, (self._token(one, flow.namespace, used) for one in carried.models)))
            if tokens:
                self._left[name] = dataclasses.replace(carried, models=tokens)
        self._tokens = used

    def _token(self, name: str, namespace: Mapping[str, Any], used: dict[str, weakref.ref[Any]]) -> str | None:
        if name.startswith(_TOKEN):
            reference = self._tokens.get(name)
            if reference is not None and reference() is not None:
                used[name] = reference
                return name
            return None
        model = _value(name, namespace)
        try:
            reference = weakref.ref(model)
        except TypeError:
            return None
        token = f"{_TOKEN}{id(model)}"
        used[token] = reference
        return token


@dataclasses.dataclass(eq=False, repr=False)
class CellFlow:
    """What flowed through one cell."""

    flow: Flow
    namespace: Mapping[str, Any]
    tokens: Mapping[str, weakref.ref[Any]]
    code: CellCode
    untouched: bool = False
    """The cell has nothing to do with a model."""

    @property
    def computed(self) -> tuple[Computed, ...]:
        """What was computed from predictions."""
        return self.flow.computed

    def models_at(self, place: Position) -> list[Any]:
        """The models whose predictions, or which themselves, go into the call at a place."""
        return self.models(self.flow.calls.get(place, frozenset()))

    def models_of(self, name: str) -> list[Any]:
        """The models that a name has to do with at the cell's end."""
        if self.untouched:
            return []
        computed = next((item.models for item in self.flow.computed if item.name == name), frozenset())
        return self.models(computed | self.flow.models_of(name)) or self.models(self.code.bound_to.get(name, ()))

    def is_count(self, name: str) -> bool:
        """Does a name hold how many predictions are right, or wrong, at the cell's end?"""
        carried = self.flow.left.get(name)
        return carried is not None and carried.kind == COUNT

    def everything(self) -> list[Any]:
        """All models that the cell uses."""
        names: set[str] = set().union(*self.flow.calls.values(), *(item.models for item in self.flow.computed))
        return self.models(names)

    def models(self, names: Iterable[str]) -> list[Any]:
        """The models that names (or tokens) stand for, each once."""
        found: list[Any] = []
        for name in sorted(names):
            reference = self.tokens.get(name)
            value = reference() if reference is not None else _value(name, self.namespace)
            for model in _in_object(value):
                if not any(model is one for one in found):
                    found.append(model)
        return found


def _value(name: str, namespace: Mapping[str, Any]) -> Any:
    """The value of a name, or of an item of a small container (``models['rf']``); None where that is not known."""
    if name in namespace:
        return namespace[name]
    head, bracket, rest = name.partition("[")
    if bracket and rest.endswith("]"):
        return model_named(f"{head}.{rest[:-1].strip(chr(39) + chr(34))}", namespace)
    return model_named(name, namespace) if "." in name else None


def _in_object(value: Any) -> list[Any]:
    """The model that a value is, or those that an object of the notebook's own classes has (a trainer)."""
    if value is None:
        return []
    inner = [value]
    if _is_own(value):
        inner += list(getattr(value, "__dict__", {}).values())[:_MOST_ATTRIBUTES]
    return [one for one in inner if could_be_model(one) and not is_measure(one)]


def _is_own(value: Any) -> bool:
    """Is it an object of one of the notebook's own classes?"""
    return type(value).__module__ == "__main__"


def is_measure(model: Any) -> bool:
    """Is it a loss or a metric? It is a module as a network is, but what is measured is another one."""
    return model_kinds.is_loss(model) or type(model).__module__.startswith("torchmetrics.")


def named_model(model: Any, namespace: Mapping[str, Any]) -> str:
    """How the text calls a model: its variable (or item of a container), else its class."""
    for name, value in namespace.items():
        if value is model and not name.startswith("_"):
            return name
    for name, value in list(namespace.items()):
        if not name.startswith("_") and type(value) in (dict, list, tuple):
            for known, item in held(name, value):
                if item is model:
                    return known
    return type(model).__name__
