"""Scoring calls, predictions and training losses of the user's code, seen while a cell runs."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Mapping
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from ...records.facts import CaptureGap
from ..imports import ImportWatch
from .calls import Position, ScoreCall
from .followed import FollowedModel, FollowedPredictions, owner_references, unwrapped
from .frames import USER, arguments_of, caller_of, whose
from .hooks import Hook, NoWatcher, Watcher
from .libraries import observe, observe_class, watched_modules
from .losses import BACKWARD, TrainingLosses
from .observed import FIT, SCORE, ObservedCode, ObservedFunction
from .places import Asked, Places, is_model, simple_names
from .scored import OpenCall, Owner, ScoreCalls
from .watching import new_watcher

if TYPE_CHECKING:
    from ..inner_code import InnerCode

#: Calls that started and did not return (they raised): more are forgotten.
MOST_OPEN = 1_000
#: Fitted models of one cell that are named.
MOST_FITTED = 1_000
#: Gaps of one cell.
MOST_GAPS = 50
#: Frames of libraries between a fit and the user's call: the wrapper, and a ``fit`` that calls the one it overrides.
_FIT_DEPTH = 2


def no_names(_: CodeType, __: Position) -> tuple[str, ...]:
    """Without a plan no name is taken for a model's."""
    return ()


class ScoreObserver:
    """Observes the scoring functions of the libraries that the user's code imports.

    :param wanted: for each place that is called from, the names whose values tell its calls apart.
    :param models: for each such place, the names that the scored model or its predictions may have.
    :param owner: the record id of the run that the calling code belongs to.
    """

    def __init__(self, wanted: Asked = simple_names, models: Asked = no_names, owner: Owner = lambda: None) -> None:
        self._owner = owner
        self.followed = FollowedPredictions()
        self.fitted: list[FollowedModel] = []
        """Models that the cell's own code fitted, in order."""
        self._places = Places(wanted, models)
        self._watcher: Watcher | None = None
        self._observed: ObservedCode | None = None
        self._calls: ScoreCalls | None = None
        self._losses: TrainingLosses | None = None
        self._imports: ImportWatch | None = None
        self._hooks: list[Hook] = []
        self._types: dict[int, weakref.ref[type]] = {}
        self._open: dict[int, _Open] = {}
        """Id of a running frame → its call. When the id is used again, the new frame's start replaces the entry."""
        self._gaps: dict[tuple[str, str], None] = {}
        self._run = ""
        self._top: Mapping[str, Any] | None = None
        """The names that the cell runs in."""
        self._active = False
        _observers.add(self)

    # ---- life

    def install(self) -> None:
        """Observe from now on; libraries that are imported already, at once."""
        try:
            self._watcher = new_watcher()
        except NoWatcher as reason:
            self._gap("scores", str(reason))
            return
        hook = Hook("scores", self._started, self._returned, self._gap)
        estimators = Hook("estimators", self._estimator_seen, None, self._gap)
        self._hooks = [hook, estimators]
        self._observed = ObservedCode(self._watcher, hook, self._gap)
        self._calls = ScoreCalls(self._places, self.followed, self._observed, self._gap, self._owner)
        self._losses = TrainingLosses(self._places, self._observed, self._calls.named_models, self._gap)
        self._imports = ImportWatch(dict.fromkeys({*watched_modules(), *BACKWARD}, self._imported))
        self._imports.install()

    def uninstall(self) -> None:
        """Take everything off again."""
        self._active = False
        if self._imports is not None:
            self._imports.uninstall()
        for hook in self._hooks:
            hook.started = hook.returned = None
        if self._watcher is not None:
            self._watcher.uninstall()
        self._watcher = self._observed = self._calls = self._losses = self._imports = None
        self._hooks, self._types = [], {}
        self._open.clear()
        self._places.clear()

    def start(self, namespace: Mapping[str, Any] | None, run: str = "", inner: InnerCode | None = None) -> None:
        """A cell's code is about to run, in this thread, with ``namespace`` as its globals.

        :param run: its record id.
        :param inner: the code of its magics.
        """
        self.fitted, self._run, self._top = [], run, namespace
        self._open.clear()
        self._places.clear(inner)
        if self._calls is not None and self._losses is not None:
            self._calls.start(namespace, threading.get_ident())
            self._losses.start(namespace)
            self._active = True

    def take(self, run: str) -> list[ScoreCall]:
        """The scoring calls so far of the code of one run; they are not told again."""
        return [] if self._calls is None else self._calls.take(run)

    def finish(self) -> list[ScoreCall]:
        """The cell's code ended: its scoring calls in the order of their ends."""
        self._active = False
        calls = [] if self._calls is None else self._calls.finish()
        if self._losses is not None:
            calls = sorted([*calls, *self._losses.finish()], key=lambda call: call.at)
        self._open.clear()
        self._places.clear()
        return calls

    def gaps(self) -> list[CaptureGap]:
        """What could not be observed since the last call of this method."""
        found, self._gaps = self._gaps, {}
        return [CaptureGap(part, reason) for part, reason in found]

    def _gap(self, part: str, reason: str) -> None:
        if len(self._gaps) < MOST_GAPS:
            self._gaps[part, reason] = None

    # ---- libraries

    def _imported(self, module: ModuleType) -> None:
        if self._observed is None or self._watcher is None:
            return
        try:
            observe(module, self._observed)
            if module.__name__ == "sklearn.base":
                self._watch_estimators(module, self._watcher)
            if module.__name__ in BACKWARD:
                self._watch_backward(module, self._watcher)
        except Exception as error:
            self._gap(f"scores of {module.__name__}", f"{type(error).__name__}: {error}")

    def _watch_estimators(self, module: ModuleType, watcher: Watcher) -> None:
        """The class of an estimator is met when it is fitted (its settings are checked) or loaded."""
        base = vars(module).get("BaseEstimator")
        for name in ("_validate_params", "__setstate__"):
            function = vars(base).get(name)
            if isinstance(function, FunctionType):
                watcher.watch(function, self._hooks[1])

    def _estimator_seen(self, frame: FrameType) -> None:
        """``_validate_params`` or ``__setstate__`` of an estimator starts."""
        code = frame.f_code
        estimator = frame.f_locals[code.co_varnames[0]]
        cls = type(estimator)
        known = self._types.get(id(cls))
        if (known is None or known() is not cls) and self._observed is not None:
            self._types[id(cls)] = weakref.ref(cls)
            observe_class(cls, self._observed)
        if self._active and code.co_name == "_validate_params" and _fitted_by_user(frame, self._top):
            self._fitted(estimator)

    def _fitted(self, model: Any) -> None:
        followed = self.followed.fitted(model, self._run)
        if followed is None:
            return
        if followed not in self.fitted and len(self.fitted) < MOST_FITTED:
            self.fitted.append(followed)

    def _watch_backward(self, module: ModuleType, watcher: Watcher) -> None:
        cls, method, argument = BACKWARD[module.__name__]

        def seen(frame: FrameType) -> None:
            if self._active and self._losses is not None:
                self._losses.seen(frame, argument)

        hook = Hook("losses", seen, None, self._gap)
        self._hooks.append(hook)
        watcher.watch(vars(vars(module)[cls])[method], hook)

    # ---- calls

    def _started(self, frame: FrameType) -> None:
        if self._open:
            self._open.pop(id(frame), None)
        if not self._active or self._observed is None or self._calls is None:
            return
        caller = caller_of(frame, self._top)
        if caller is None:
            return
        observed = self._observed.of(frame)
        if observed is None:
            return
        opened: _Open | None
        if observed.role == SCORE:
            opened = self._calls.begin(frame, caller, observed)
        else:
            opened = _OpenMethod(observed, frame)
        if opened is not None:
            if len(self._open) >= MOST_OPEN:
                self._open.clear()
            self._open[id(frame)] = opened

    def _returned(self, frame: FrameType, value: Any) -> None:
        if not self._open:
            return
        opened = self._open.pop(id(frame), None)
        if isinstance(opened, OpenCall):
            if self._calls is not None:
                self._calls.end(opened, frame, value)
        elif opened is not None:
            self._method_returned(opened, value)

    def _method_returned(self, opened: _OpenMethod, value: Any) -> None:
        model = opened.model()
        if opened.observed.role == FIT:
            own = is_model(unwrapped(value)) or not opened.observed.method
            self._fitted(value if own else model)
        elif model is not None:
            self.followed.made(value, model, opened.given)

    def forked(self) -> None:
        """In a forked child: it belongs to no cell, and observes nothing."""
        self.uninstall()
        self._gaps.clear()


class _OpenMethod:
    """A prediction or a fit that has started."""

    def __init__(self, observed: ObservedFunction, frame: FrameType) -> None:
        self.observed = observed
        arguments = [value for _, value in arguments_of(frame)]
        model = arguments[0] if arguments else None
        self.model = _reference(model)
        self.given = [one for value in arguments[1:] for one in owner_references(value)]


_Open = OpenCall | _OpenMethod


def _reference(model: Any) -> Any:
    try:
        return weakref.ref(model)
    except TypeError:
        return lambda: None


def _fitted_by_user(frame: FrameType, top: Mapping[str, Any] | None) -> bool:
    """Did the user's code call the ``fit`` that checks its settings here?"""
    caller = frame.f_back
    for _ in range(_FIT_DEPTH + 1):
        if caller is None:
            return False
        if whose(caller, top) is USER:
            return True
        caller = caller.f_back
    return False


_observers: weakref.WeakSet[ScoreObserver] = weakref.WeakSet()


def _in_child() -> None:
    for observer in list(_observers):
        observer.forked()


os.register_at_fork(after_in_child=_in_child)
