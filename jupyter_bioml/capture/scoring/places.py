"""Where in the user's code a call stands, and the names around it: read at the call, kept as plain values."""

from __future__ import annotations

import sys
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any

from ...scores.sites import ModelClass
from .calls import FLAT, CallPlace, PlainValue, Position, UserFrame
from .frames import FUNCTION, TIMED, USER, may_look, whose
from .returned import Unread, number

if TYPE_CHECKING:
    from ..inner_code import InnerCode

#: (code, position of the call in it) → names to look up.
Asked = Callable[[CodeType, Position], tuple[str, ...]]

#: Most levels of the user's functions that are kept, and most frames that are climbed.
DEEPEST, HIGHEST = 20, 2_000
#: Most names of one level where no plan says which.
MOST_NAMES = 20
#: Characters kept of a text.
LONGEST_TEXT = 80
_NEVER_MODELS = frozenset({"builtins", "numpy", "pandas", "types"})
#: Methods that tell a model from what only has a ``fit`` (scipy's distributions).
_ASKED_OF_MODELS = ("predict", "score", "get_params", "transform", "print_summary")
_models: weakref.WeakKeyDictionary[type, bool] = weakref.WeakKeyDictionary()
"""Class → whether its objects are models: a class has hundreds of names to look at."""
_NO_POSITION: Position = (None, None, None, None)


def simple_names(code: CodeType, _: Position) -> tuple[str, ...]:
    """Without a plan: all names of a function, and those that the text of a cell mentions."""
    if code.co_flags & FUNCTION:
        return (*code.co_varnames, *code.co_cellvars, *code.co_freevars)
    return code.co_names


class KnownPlace:
    """A place that was called from, and what is to be looked up there."""

    def __init__(self, frame: FrameType, wanted: Asked, models: Asked, inner: InnerCode | None = None) -> None:
        self.code = frame.f_code
        """Kept, so that its id stands for it."""
        position = next(islice(self.code.co_positions(), frame.f_lasti // 2, None), _NO_POSITION)
        code, moved = self.code, None if inner is None else inner.place(frame, position)
        if moved is not None:
            position, code = moved, code.replace(co_filename=FLAT)
        self.place = CallPlace(code.co_filename, code.co_qualname, code.co_firstlineno, position)
        self.calls = 0
        self._readable = may_look(self.code)
        self._wanted = wanted(code, position)
        self._models = models(code, position)
        self._last: dict[str, PlainValue] = {}

    def names(self, frame: FrameType) -> Mapping[str, PlainValue]:
        """The plain values of the names asked for; equal ones are kept once."""
        found: dict[str, PlainValue] = {}
        for name, value in self._look(frame, self._wanted):
            plain = plain_value(value)
            if plain is not None:
                found[name] = plain
                if len(found) == MOST_NAMES:
                    break
        if found != self._last or [*map(type, found.values())] != [*map(type, self._last.values())]:
            self._last = found
        return self._last

    def telling(self, frame: FrameType) -> tuple[str, ...]:
        """Of the names asked for those that hold a text or a model now."""
        found = ((name, plain_value(value)) for name, value in self._look(frame, self._wanted))
        return tuple(name for name, plain in found if isinstance(plain, str))[:MOST_NAMES]

    def look(self, frame: FrameType, names: tuple[str, ...]) -> list[Any]:
        """The values of names; None for what cannot be looked up."""
        local = frame.f_locals if self._readable else frame.f_globals
        return [local.get(name) for name in names]

    def models(self, frame: FrameType) -> Iterator[Any]:
        """The values of the names that the models of this call may have."""
        for _, value in self._look(frame, self._models):
            yield value

    def _look(self, frame: FrameType, names: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
        if not names:
            return
        local = frame.f_locals if self._readable else {}
        outer = frame.f_globals
        for name in names:
            if name in local:
                yield name, local[name]
            elif name in outer and not (self.code.co_flags & FUNCTION and not self._readable):
                yield name, outer[name]


class Places:
    """The places of the cell that runs."""

    def __init__(self, wanted: Asked, models: Asked) -> None:
        self._ask = (wanted, models)
        self._known: dict[tuple[int, int], KnownPlace] = {}
        self._inner: InnerCode | None = None

    def clear(self, inner: InnerCode | None = None) -> None:
        """The cell ended, or one with such code in its magics starts."""
        self._known.clear()
        self._inner = inner

    def of(self, frame: FrameType) -> KnownPlace:
        """The place where ``frame`` stands now."""
        key = (id(frame.f_code), frame.f_lasti)
        place = self._known.get(key)
        if place is None:
            place = self._known[key] = KnownPlace(frame, *self._ask, self._inner)
        return place


def user_frames(
    caller: FrameType, top: Mapping[str, Any] | None, containers: Mapping[int, Any]
) -> list[FrameType] | None:
    """The user's frames from ``caller`` up to the cell; None: a call of ``containers`` is among those above, or what
    ``%timeit`` repeats.

    :param top: the namespace that cells run in: its frame is the last one.
    :param containers: ids of code objects.
    """
    found: list[FrameType] = []
    frame: FrameType | None = caller
    climbed = 0
    while frame is not None and climbed < HIGHEST:
        code = frame.f_code
        if id(code) in containers:
            return None
        if code.co_filename == TIMED:
            return None
        if whose(frame, top) is USER and len(found) < DEEPEST:
            found.append(frame)
            if frame.f_globals is top and not code.co_flags & FUNCTION:
                break
        frame = frame.f_back
        climbed += 1
    return found


def in_another_thread(thread: int, containers: Mapping[int, Any]) -> bool:
    """Is a call of ``containers`` running in the cell's thread, while this is another one (a worker of it)?"""
    if threading.get_ident() == thread:
        return False
    frame = sys._current_frames().get(thread)
    while frame is not None:
        if id(frame.f_code) in containers:
            return True
        frame = frame.f_back
    return False


def frames_of(frames: list[FrameType], places: Places) -> tuple[UserFrame, ...]:
    """Their places and names as plain data."""
    return tuple(UserFrame((known := places.of(frame)).place, known.names(frame)) for frame in frames)


def plain_value(value: Any) -> PlainValue | None:
    """A number, a boolean, a short text, or the class of an estimator or of a torch module; None: something else."""
    kind = type(value)
    if kind is str:
        return str(value)[:LONGEST_TEXT]
    if kind is int:
        return int(value) if abs(value) < 1 << 63 else None
    if kind is float or kind is bool:
        return value  # type: ignore[no-any-return]  # its type was compared
    if is_model(value):
        return ModelClass(kind.__name__)
    root = kind.__module__.partition(".")[0]
    if root != "numpy":
        return None
    if kind.__name__ == "str_":
        return str(value)[:LONGEST_TEXT]
    try:
        return number(value)
    except Unread:
        return None


def is_model(value: Any) -> bool:
    """An object that can be fitted and asked, or a torch module: its type alone is looked at, so no code of it runs."""
    kind = type(value)
    known = _models.get(kind)
    if known is None:
        known = _models[kind] = _makes_models(kind)
    return known


def _makes_models(kind: type) -> bool:
    if issubclass(kind, type) or kind.__module__.partition(".")[0] in _NEVER_MODELS:
        return False
    names = {name for cls in kind.__mro__[:-1] for name in vars(cls)}
    asked = any(name.startswith(_ASKED_OF_MODELS) for name in names)
    return ("fit" in names and asked) or not names.isdisjoint(("predict", "forward"))
