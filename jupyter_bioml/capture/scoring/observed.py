"""The code that is observed: which function a frame runs, and what the observer makes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType, FrameType, FunctionType
from typing import Any

from .frames import USER, kind_of
from .functions import ScoringFunction
from .hooks import Hook, Watcher, inner_code

SCORE, PREDICTION, FIT = "score", "prediction", "fit"


@dataclass(frozen=True)
class ObservedFunction:
    """What a function is to the observer."""

    role: str
    scoring: ScoringFunction | None = None
    """For scores: its name and the shape of its result."""
    method: bool = False
    """Its object is the model (or, of a scorer or a metric, the one that scores)."""


class ObservedCode:
    """The functions watched, by the code that their frames run.

    Functions that one decorator made share their code: its frame tells which one by the variable that holds the wrapped
    function.
    """

    def __init__(self, watcher: Watcher, hook: Hook, failed: Callable[[str, str], None]) -> None:
        self._watcher = watcher
        self._hook = hook
        self._failed = failed
        self._functions: dict[int, ObservedFunction] = {}
        """Id of a wrapped function, or of the code of one that is not wrapped."""
        self._wrapped_in: dict[int, str | None] = {}
        """Id of a code → the variable of its frames that holds the wrapped function; None: it wraps none."""
        self.containers: dict[int, CodeType] = {}
        """Ids of codes: a scoring call below one of their frames is a part of that call."""
        self._added: dict[int, FunctionType] = {}
        """Kept, so that ids of functions, of what they wrap and of their codes stand for them only."""

    def add(self, function: Any, observed: ObservedFunction, name: str) -> None:
        """Observe the calls of a library's function; what cannot be observed is named as a gap.

        None: this version of the library does not have it.
        """
        if function is None or id(function) in self._added:
            return
        if not isinstance(function, FunctionType):
            self._failed(name, f"{type(function).__name__} is not a Python function: its calls cannot be seen")
            return
        if kind_of(function.__code__.co_filename) is USER:
            return
        wrapped = getattr(function, "__wrapped__", None)
        variable = _variable_of(function, wrapped)
        if wrapped is not None and variable is None:
            self._failed(name, "its decorator does not tell which function it calls")
            return
        if not self._watcher.watch(function, self._hook):
            self._failed(name, "its code cannot be watched")
            return
        self._added[id(function)] = function
        self._known(function.__code__, variable, observed)
        if wrapped is not None:
            self._functions[id(wrapped)] = observed

    def add_made(self, maker: Any, name: str, observed: ObservedFunction) -> None:
        """Observe the functions called ``name`` that ``maker`` makes in its body."""
        code = inner_code(maker.__code__, name) if isinstance(maker, FunctionType) else None
        if code is None or not self._watcher.watch_made(maker, name, self._hook):
            self._failed(f"{getattr(maker, '__qualname__', maker)}", f"no function {name} in it")
            return
        self._known(code, None, observed)

    def _known(self, code: CodeType, variable: str | None, observed: ObservedFunction) -> None:
        for one in self._watcher.same(code):
            self._wrapped_in[id(one)] = variable
            if variable is None:
                self._functions[id(one)] = observed
            if observed.role != PREDICTION:
                self.containers[id(one)] = one

    def contain(self, code: CodeType | None) -> None:
        """Scoring calls below frames of this code count as a part of it (a fit, with its own evaluation)."""
        if code is not None:
            for one in self._watcher.same(code):
                self.containers[id(one)] = one

    def of(self, frame: FrameType) -> ObservedFunction | None:
        """What the function that ``frame`` runs is; None: it only shares its code with one that is observed."""
        key = id(frame.f_code)
        variable = self._wrapped_in.get(key)
        return self._functions.get(key if variable is None else id(frame.f_locals.get(variable)))


def _variable_of(function: FunctionType, wrapped: Any) -> str | None:
    """The variable of a decorator that holds the wrapped function."""
    if wrapped is None or function.__closure__ is None:
        return None
    for name, cell in zip(function.__code__.co_freevars, function.__closure__, strict=True):
        try:
            if cell.cell_contents is wrapped:
                return name
        except ValueError:  # not yet bound
            continue
    return None
