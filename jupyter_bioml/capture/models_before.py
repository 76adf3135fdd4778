"""The models that a cell finds when it starts, so that at its end those it fitted can be told from the others."""

from __future__ import annotations

import weakref
from collections import OrderedDict, defaultdict
from collections.abc import Hashable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from . import models
from .callees import Callees
from .cellcode import PLAIN, SIMPLE, CellCode

#: Containers with more items are not looked into.
MOST_ITEMS = 50
#: Containers within containers, and models within models, are looked into to this depth.
DEEPEST = 3

_CONTAINERS = (dict, list, tuple, OrderedDict, defaultdict)


class Before:
    """What each model was like when the cell started. Nothing is kept alive here."""

    def __init__(self) -> None:
        self._states: dict[int, tuple[weakref.ref[Any], Hashable]] = {}

    def note(self, value: Any, depth: int = 0) -> None:
        """Remember a model and its parts."""
        if id(value) in self._states or depth > DEEPEST:
            return
        with suppress(Exception):  # what takes no weak reference is new at the end
            self._states[id(value)] = (weakref.ref(value), _state(value))
            for part in _parts(value):
                self.note(part, depth + 1)

    def note_again(self, value: Any) -> None:
        """What has become of a model in the meantime is another run's doing."""
        self._states.pop(id(value), None)
        self.note(value)

    def had(self, value: Any) -> bool:
        """Was it there when the cell started?"""
        reference, _ = self._states.get(id(value), (None, None))
        return reference is not None and reference() is value

    def changed(self, value: Any, depth: int = 0) -> bool:
        """Has it, or what it is made of, been fitted since? True for what was not there."""
        if not self.had(value):
            return True
        with suppress(Exception):
            if self._states[id(value)][1] != _state(value):
                return True
            return depth < DEEPEST and any(self.changed(part, depth + 1) for part in _parts(value))
        return False


def models_before(code: CellCode, called: Callees, namespace: Mapping[str, Any]) -> Before:
    """The models under the names that the block reads, those in small containers included."""
    found = Before()
    if not called.names and code.names_only(SIMPLE, namespace):
        return found
    for name in code.reads | called.names:
        for _, value in held(name, namespace.get(name)):
            found.note(value)
    return found


def _parts(value: Any) -> Iterator[Any]:
    """The parts of a model that can be remembered."""
    return (part for part in models.parts_of(value) if could_be_model(part) and type(part).__weakrefoffset__)


def could_be_model(value: Any) -> bool:
    """True for what is a model or what a fit makes one; asked of its type only."""
    return models.kind_of(value) not in ("", "optimizer")


def held(name: str, value: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """(name, model) of what a name holds: itself, or under ``name.key`` the items of a small container.

    A pair of a text and a model (``[("rf", RandomForestClassifier())]``) is named by its text.
    """
    if could_be_model(value):
        yield name, value
        return
    if depth >= DEEPEST or type(value) not in _CONTAINERS or not 0 < len(value) <= MOST_ITEMS or _is_row(value):
        return
    items = value.items() if issubclass(type(value), dict) else enumerate(value)
    for key, item in list(items):
        if type(item) is tuple and len(item) > 1 and type(item[0]) is str:
            for part in item[1:]:
                yield from held(f"{name}.{item[0]}", part, depth + 1)
        else:
            yield from held(f"{name}.{key}", item, depth + 1)


def _is_row(value: Any) -> bool:
    """A list that begins with a number or text and is longer than a pair: of many there is no time to look at each."""
    return type(value) in (list, tuple) and len(value) > 3 and type(value[0]) in PLAIN


def model_named(name: str, namespace: Mapping[str, Any]) -> Any:
    """The value of a name that :func:`held` gave, at the end of a cell (``models.rf``); None if there is none."""
    if name in namespace:
        return namespace[name]
    container = name.partition(".")[0]
    return next((value for known, value in held(container, namespace.get(container)) if known == name), None)


def _state(value: Any) -> Hashable:
    """Differs after a fit: the identities of what a fit sets; a module's parameters count their changes."""
    kind = models.kind_of(value)
    if kind == "module":
        return tuple((id(item), item._version) for item in value.parameters())
    if kind == "booster":
        return models.rounds(value)
    if kind == "result":
        return None
    if kind == "fits":
        return frozenset((key, id(item)) for key, item in vars(value).items())
    own = vars(value).items()
    return frozenset((k, id(item)) for k, item in own if k[:1] == "_" or k[-1:] == "_" or k in models.LIFELINES)
