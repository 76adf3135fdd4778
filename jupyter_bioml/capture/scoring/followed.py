"""Predictions followed from the model to the score: by weak references, and by the owner of a view's memory.

Nothing is kept alive here, neither a prediction nor a model. Copies (``astype``, comparisons, a new frame) are not
followed: they lead to no model.
"""

from __future__ import annotations

import sys
import weakref
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

#: Models of this session whose own arrays (``labels_``, ``fittedvalues``) are known again: the last so many.
MODELS = 50
#: Elements of a list or tuple of predictions that are looked at.
_ELEMENTS = 20
_arrays_known: weakref.WeakKeyDictionary[type, bool] = weakref.WeakKeyDictionary()
"""Class → whether its objects are arrays, tensors or frames."""


@dataclass(eq=False, slots=True)
class FollowedModel:
    """A model that was fitted or asked, for as long as something of it is followed: it may be gone itself."""

    reference: weakref.ref[Any]
    kind: str
    """The name of its class."""
    run: str = ""
    """Record id of the cell run that fitted it last; "" where that was not seen."""

    @property
    def model(self) -> Any | None:
        """The model itself; None: it no longer exists."""
        return self.reference()


class FollowedPredictions:
    """Which model made a value."""

    def __init__(self) -> None:
        self._made: dict[int, tuple[weakref.ref[Any], FollowedModel]] = {}
        """Id of a value → (the value, its model)."""
        self._models: deque[tuple[weakref.ref[Any], FollowedModel]] = deque(maxlen=MODELS)
        """(an object, the model that it is, or that it is the inner part of)"""

    def fitted(self, model: Any, run: str) -> FollowedModel | None:
        """``model`` was fitted by the cell run ``run``; None: it takes no weak reference, so it cannot be followed."""
        model = unwrapped(model)
        followed = self._known(model)
        if followed is None or followed.reference() is not model:
            followed = self._add(model)
        if followed is not None:
            followed.run = run
        return followed

    def follow(self, model: Any) -> FollowedModel | None:
        """``model`` was asked for a prediction or a score. One that only a known model holds stands for that one."""
        model = unwrapped(model)
        followed = self._known(model)
        if followed is None:
            holder = self._holder_of(model)
            followed = self._add(model) if holder is None else holder
            if holder is not None:
                self._models.append((weakref.ref(model), holder))
        return followed

    def _known(self, model: Any) -> FollowedModel | None:
        return next((followed for known, followed in reversed(self._models) if known() is model), None)

    def _add(self, model: Any) -> FollowedModel | None:
        try:
            followed = FollowedModel(weakref.ref(model), type(model).__name__)
        except TypeError:
            return None
        self._models.append((followed.reference, followed))
        return followed

    def made(self, value: Any, model: Any, given: Iterable[weakref.ref[Any]] = ()) -> None:
        """``model`` predicted ``value`` from what was ``given`` (owners of the arguments: a view of them is none)."""
        followed = self.follow(model)
        if followed is None:
            return
        known = [owner for owner in (one() for one in given) if owner is not None]
        for owner in owners(value):
            if not any(owner is other for other in known):
                self._remember(owner, followed)

    def _remember(self, value: Any, model: FollowedModel) -> None:
        key = id(value)
        try:
            self._made[key] = (weakref.ref(value, lambda gone: self._forget(key, gone)), model)
        except TypeError:
            return

    def _forget(self, key: int, gone: weakref.ref[Any]) -> None:
        if self._made.get(key, (None,))[0] is gone:
            del self._made[key]

    def model_of(self, value: Any) -> FollowedModel | None:
        """The model that made ``value``, or whose own array it is; None: not known."""
        if not self._made and not self._models:
            return None
        for owner in owners(value):
            reference, model = self._made.get(id(owner), (None, None))
            if reference is not None and model is not None and reference() is owner:
                return model
            holder = self._holder_of(owner)
            if holder is not None:
                return holder
        return None

    def _holder_of(self, value: Any) -> FollowedModel | None:
        """The model that has ``value`` as a result or as an inner model of its own."""
        has = _has_result if _is_array(value) else _has_part
        return next((followed for known, followed in self._models if has(known(), value)), None)


def unwrapped(model: Any) -> Any:
    """The results inside of statsmodels' wrapper of results: their methods run with them, not with the wrapper."""
    if type(model).__name__.endswith("ResultsWrapper"):
        try:
            return object.__getattribute__(model, "_results")
        except AttributeError:
            return model
    return model


def owner_references(value: Any) -> Iterator[weakref.ref[Any]]:
    """Weak references to what owns the memory of ``value``."""
    for owner in owners(value):
        try:
            yield weakref.ref(owner)
        except TypeError:
            continue


def owners(value: Any) -> Iterator[Any]:
    """``value`` itself, then what it is a view of: arrays, tensors, the arrays of a frame. Nothing is copied."""
    if isinstance(value, (list, tuple)):
        for item in value[:_ELEMENTS]:
            if _is_array(item):
                yield from owners(item)
        return
    if not _is_array(value):
        return
    yield value
    base = getattr(value, "_base" if _of(value, "torch", "Tensor") else "base", None)
    if _of(value, "pandas", "DataFrame", "Series"):
        for array in _arrays(value):
            yield from owners(array)
    elif base is not None and _is_array(base):
        yield from owners(base)


def _arrays(value: Any) -> list[Any]:
    """The arrays behind a frame or series, without making one."""
    arrays = getattr(getattr(value, "_mgr", None), "arrays", ())
    return [getattr(array, "_ndarray", array) for array in list(arrays)[:_ELEMENTS]]


def _is_array(value: Any) -> bool:
    kind = type(value)
    known = _arrays_known.get(kind)
    if known is None:
        known = _arrays_known[kind] = (
            _of(value, "numpy", "ndarray")
            or _of(value, "pandas", "DataFrame", "Series")
            or _of(value, "torch", "Tensor")
        )
    return known


def _of(value: Any, module: str, *classes: str) -> bool:
    loaded = sys.modules.get(module)
    found = tuple(cls for name in classes if isinstance(cls := getattr(loaded, name, None), type))
    return issubclass(type(value), found)


def _attributes(model: Any) -> dict[str, Any]:
    try:
        return dict(vars(model))
    except TypeError:
        return {}


def _has_part(model: Any, value: Any) -> bool:
    return any(part is value for part in _attributes(model).values())


def _has_result(model: Any, value: Any) -> bool:
    """Is it an array that a fit gave the model: ``labels_``, statsmodels' ``fittedvalues``? Not the data it keeps."""
    for name, part in _attributes(model).items():
        if part is value and name.endswith("_") and not name.startswith(("_", "X", "x", "y")):
            return True
        if name == "_cache" and isinstance(part, dict) and any(one is value for one in list(part.values())):
            return True
    return False
