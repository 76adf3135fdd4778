"""Scoring calls between their start and their return: whose they are, of which model, and what they returned."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import FrameType
from typing import Any

from .calls import ScoreCall, UserFrame
from .followed import FollowedModel, FollowedPredictions
from .frames import arguments_of
from .functions import NO_SCORE_CLASS, ScoringFunction, short_name
from .observed import ObservedCode, ObservedFunction
from .places import Places, frames_of, in_another_thread, is_model, user_frames
from .returned import Unread, class_names, numbers_of

#: Most calls of one place of a cell, and of all its places, that are kept.
MOST_OF_A_PLACE, MOST = 10_000, 50_000
Gap = Callable[[str, str], None]
#: Record id of the run that the running code belongs to.
Owner = Callable[[], "str | None"]


@dataclass(eq=False, repr=False, slots=True)
class OpenCall:
    """A scoring call that has started."""

    scoring: ScoringFunction
    function: str
    short: str
    frames: tuple[UserFrame, ...]
    models: tuple[FollowedModel, ...]
    found_by: str


class ScoreCalls:
    """The scoring calls of the cell that runs."""

    def __init__(
        self, places: Places, followed: FollowedPredictions, observed: ObservedCode, gap: Gap, owner: Owner
    ) -> None:
        self._owner = owner
        self._places = places
        self._followed = followed
        self._observed = observed
        self._gap = gap
        self._calls: list[ScoreCall] = []
        self._left_out: Counter[str] = Counter()
        self._top: Mapping[str, Any] | None = None
        self._thread = 0

    def start(self, top: Mapping[str, Any] | None, thread: int) -> None:
        """A cell begins, whose names are in ``top``, in that thread."""
        self._calls, self._left_out = [], Counter()
        self._top, self._thread = top, thread

    def finish(self) -> list[ScoreCall]:
        """Those of the cell in the order of their ends."""
        for name, count in self._left_out.items():
            self._gap(f"scores of {name}", f"{count:,} calls more than are kept")
        calls, self._calls, self._top = self._calls, [], None
        return calls

    def take(self, run: str) -> list[ScoreCall]:
        """Those made so far by the code of that run; they are not told again."""
        taken = [call for call in self._calls if call.run == run]
        self._calls = [call for call in self._calls if call.run != run]
        return taken

    def begin(self, frame: FrameType, caller: FrameType, observed: ObservedFunction) -> OpenCall | None:
        """A scoring function starts; None: its result does not count."""
        frames = user_frames(caller, self._top, self._observed.containers)
        if observed.scoring is None or frames is None:
            return None
        if in_another_thread(self._thread, self._observed.containers):
            return None
        arguments = arguments_of(frame)
        subject = _subject(frame, arguments) if observed.method else None
        function, short = _names(observed.scoring, subject)
        if subject is not None and NO_SCORE_CLASS.search(type(subject).__name__) and "torchmetrics" in function:
            return None
        place = self._places.of(caller)
        place.calls += 1
        if place.calls > MOST_OF_A_PLACE or len(self._calls) >= MOST:
            self._left_out[short] += 1
            return None
        models, found_by = self._models(subject, arguments, frames)
        return OpenCall(observed.scoring, function, short, frames_of(frames, self._places), models, found_by)

    def end(self, call: OpenCall, frame: FrameType, value: Any) -> None:
        """It returned ``value``."""
        try:
            numbers = numbers_of(value, call.scoring.shape, lambda count: class_names(arguments_of(frame), count))
        except Unread as unread:
            self._gap(call.function, f"its result is {unread}: it is not read, as that would wait for the device")
            return
        if numbers:
            self._calls.append(
                ScoreCall(
                    call.function,
                    call.short,
                    tuple(numbers),
                    call.frames,
                    call.models,
                    call.found_by,
                    time.time(),
                    self._owner(),
                )
            )

    # ---- of which model

    def _models(
        self, subject: Any, arguments: list[tuple[str, Any]], frames: list[FrameType]
    ) -> tuple[tuple[FollowedModel, ...], str]:
        if subject is not None and is_model(subject) and not _of_torchmetrics(subject):
            return _once([self._followed.follow(subject)]), "self"
        values = [value for _, value in arguments if value is not subject]
        predicted = _once(map(self._followed.model_of, values))
        if predicted:
            return predicted, "prediction"
        given = _once(self._followed.follow(value) for value in values if is_model(value))
        if given:
            return given, "argument"
        named = self.named_models(frames)
        return named, "name" if named else ""

    def named_models(self, frames: Iterable[FrameType]) -> tuple[FollowedModel, ...]:
        """The models that the plan's names hold, in the innermost frame where they hold any."""
        for frame in frames:
            named = _once(map(self._named, self._places.of(frame).models(frame)))
            if named:
                return named
        return ()

    def _named(self, value: Any) -> FollowedModel | None:
        """The model that a name's value is, or that predicted it."""
        followed = self._followed.model_of(value)
        return self._followed.follow(value) if followed is None and may_be_model(value) else followed


def _once(models: Iterable[FollowedModel | None]) -> tuple[FollowedModel, ...]:
    return tuple(dict.fromkeys(model for model in models if model is not None))


def may_be_model(value: Any) -> bool:
    """For what the user's text says is a model; statsmodels' wrapper of results has no methods of its own."""
    return is_model(value) or type(value).__name__.endswith("ResultsWrapper")


def _of_torchmetrics(subject: Any) -> bool:
    """A metric of torchmetrics is a module, but the model is another one."""
    return any(cls.__module__.startswith("torchmetrics.") for cls in type(subject).__mro__)


def _subject(frame: FrameType, arguments: list[tuple[str, Any]]) -> Any:
    """The object whose method runs."""
    names = frame.f_locals
    if "self" in names:
        return names["self"]
    return arguments[0][1] if arguments else None


def _names(scoring: ScoringFunction, subject: Any) -> tuple[str, str]:
    """(full name, short name) of a score."""
    if subject is None:
        return scoring.name, scoring.short
    kind = type(subject)
    scored = getattr(subject, "_score_func", None) if "Scorer" in scoring.name else None
    if scored is not None:
        sign = "neg_" if getattr(subject, "_sign", 1) < 0 else ""
        own = getattr(scored, "__name__", "score")
        return f"sklearn.metrics.{own}", sign + short_name(own)
    if "torchmetrics" in scoring.name:
        return f"{scoring.name.rpartition('.')[0]}.{kind.__name__}", _snake(kind.__name__)
    if "Scorer" in scoring.name:
        return scoring.name, "score"
    return f"{kind.__module__}.{kind.__qualname__}.{scoring.name.rpartition('.')[2]}", scoring.short


def _snake(name: str) -> str:
    """``MulticlassF1Score`` → ``multiclass_f1``, ``AUROC`` → ``auroc``."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return words.removesuffix("_score") or words
