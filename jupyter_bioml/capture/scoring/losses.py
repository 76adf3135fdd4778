"""The losses of a training written by hand: what ``backward()`` is called on, step by step.

A step costs a few microseconds, also one of 100,000. A loss on a GPU is read once the cell has ended.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from .calls import ScoreCall, UserFrame
from .followed import FollowedModel
from .frames import FUNCTION as FUNCTION_CODE
from .frames import USER, whose
from .observed import ObservedCode
from .places import Places, user_frames
from .returned import ReturnedNumber

FUNCTION, SHORT = "torch.Tensor.backward", "loss"
#: Module → (class, method, its argument that is the loss). Those of other libraries call torch's with another tensor.
BACKWARD = {
    "torch._tensor": ("Tensor", "backward", "self"),
    "accelerate.accelerator": ("Accelerator", "backward", "loss"),
}
#: Most points of one series; of a longer training every second, fourth, eighth … step is kept, and the last one.
MOST_POINTS = 10_000
#: Most texts around one ``backward()`` that get a series of their own: more (a file's name) are one series.
MOST_SERIES = 50
#: Most places and ways to them of one cell.
MOST_TRAILS = 100
Gap = Callable[[str, str], None]
#: (step, epoch seconds, value or the tensor on its device, the tensor's version)
_Point = tuple[int, float, Any, int]


@dataclass(eq=False, repr=False)
class _Series:
    """The losses of one place, as long as the texts and models around it stay the same."""

    frames: tuple[UserFrame, ...]
    models: tuple[FollowedModel, ...]
    points: list[_Point] = field(default_factory=list)
    last: _Point | None = None
    steps: int = 0
    stride: int = 1

    def add(self, value: Any, version: int) -> None:
        """One more step."""
        point = (self.steps, time.time(), value, version)
        if self.steps % self.stride == 0:
            self.points.append(point)
            if len(self.points) >= MOST_POINTS:
                del self.points[1::2]
                self.stride *= 2
        self.last = point
        self.steps += 1

    def kept(self) -> list[_Point]:
        """The points that are kept, in order."""
        last = self.last
        return self.points if last is None or self.points[-1] is last else [*self.points, last]


class _Trail:
    """The calls that lead to one ``backward()``: its series, by the texts and the classes of models around it."""

    def __init__(self, frames: Sequence[FrameType], places: Places) -> None:
        self.places = [places.of(frame) for frame in frames]
        self.series: dict[tuple[Any, ...], _Series] = {}
        self._asked = [
            (number, place, names)
            for number, (place, frame) in enumerate(zip(self.places, frames, strict=True))
            if (names := place.telling(frame))
        ]
        self._held: list[Any] = []
        self.current: _Series | None = None

    def of_the_cell(self) -> list[_Series]:
        """Its series; one that follows the others where there were too many texts to tell them apart."""
        rest = self.series.pop((), None) if len(self.series) > MOST_SERIES else None
        if rest is None:
            return list(self.series.values())
        first = sorted((point for one in self.series.values() for point in one.kept()), key=lambda point: point[1])
        count = sum(one.steps for one in self.series.values())
        later = [(step + count, *point) for step, *point in rest.kept()]
        rest.points = [*((step, *point) for step, (_, *point) in enumerate(first)), *later]
        rest.last, rest.steps = None, rest.steps + count
        return [rest]

    def told(self, frames: Sequence[FrameType]) -> tuple[Any, ...] | None:
        """What is around it now; None: the same as at the step before."""
        told: list[Any] = []
        for number, place, names in self._asked:
            for value in place.look(frames[number], names):
                told.append(value if type(value) is str else type(value))
        if told == self._held and self.current is not None:
            return None
        self._held = told
        return tuple(told)


class TrainingLosses:
    """The losses of the cell that runs."""

    def __init__(
        self,
        places: Places,
        observed: ObservedCode,
        models: Callable[[Iterable[FrameType]], tuple[FollowedModel, ...]],
        gap: Gap,
    ) -> None:
        self._places = places
        self._observed = observed
        self._models = models
        self._gap = gap
        self._trails: dict[tuple[int, ...], _Trail] = {}
        self._top: Mapping[str, Any] | None = None
        self._tensor: Any = None

    def start(self, top: Mapping[str, Any] | None) -> None:
        """A cell begins, whose names are in ``top``."""
        self._trails, self._top = {}, top
        self._tensor = getattr(sys.modules.get("torch"), "Tensor", None)

    def seen(self, frame: FrameType, argument: str = "self") -> None:
        """``Tensor.backward`` (or a method of another library with the loss in ``argument``) starts."""
        caller = frame.f_back
        if caller is None or whose(caller, self._top) is not USER:
            return
        loss = frame.f_locals[argument]
        if type(loss) is not self._tensor and not self._is_plain(loss):
            return
        if loss.numel() != 1:
            return
        series = self._series_of(caller)
        if series is not None:
            if loss.is_cpu:
                series.add(loss.item(), 0)
            else:
                series.add(loss.detach(), loss._version)

    def _is_plain(self, loss: Any) -> bool:
        self._tensor = sys.modules["torch"].Tensor
        if type(loss) is not self._tensor:
            self._gap("losses", f"{type(loss).__qualname__} is not a plain tensor: it is not read")
        return type(loss) is self._tensor

    def _series_of(self, caller: FrameType) -> _Series | None:
        frames: Sequence[FrameType] | None
        key: tuple[int, ...]
        code = caller.f_code
        if caller.f_globals is self._top and not code.co_flags & FUNCTION_CODE:
            frames, key = (caller,), (id(code), caller.f_lasti)
        else:
            frames = user_frames(caller, self._top, self._observed.containers)
            if frames is None:
                return None
            key = tuple([number for one in frames for number in (id(one.f_code), one.f_lasti)])
        trail = self._trails.get(key)
        if trail is None:
            if len(self._trails) >= MOST_TRAILS:
                self._gap(
                    "losses", f"backward() is called in more than {MOST_TRAILS} ways: the later ones are left out"
                )
                return None
            trail = self._trails[key] = _Trail(frames, self._places)
        told = trail.told(frames)
        if told is not None:
            trail.current = trail.series.get(told) or self._new_series(trail, told, frames)
        return trail.current

    def _new_series(self, trail: _Trail, told: tuple[Any, ...], frames: Sequence[FrameType]) -> _Series:
        if len(trail.series) >= MOST_SERIES:
            told = ()
            if told in trail.series:
                return trail.series[told]
        levels = tuple(
            UserFrame(place.place, place.names(one)) for place, one in zip(trail.places, frames, strict=True)
        )
        series = trail.series[told] = _Series(levels, self._models(frames))
        return series

    def finish(self) -> list[ScoreCall]:
        """The series of the cell; tensors on a device are read now, all of a kind together."""
        trails, self._trails, self._top = self._trails, {}, None
        found = [self._call(series) for trail in trails.values() for series in trail.of_the_cell()]
        return [call for call in found if call is not None]

    def _call(self, series: _Series) -> ScoreCall | None:
        points = series.kept()
        if series.stride > 1:
            self._gap("losses", f"of {series.steps:,} steps {len(points):,} are kept")
        try:
            values = list(_values(points))
        except Exception as error:
            self._gap("losses", f"they could not be read from their device: {type(error).__name__}: {error}")
            return None
        numbers = [
            ReturnedNumber("", value, step=step, at=at)
            for (step, at, _, _), value in zip(points, values, strict=True)
            if value is not None
        ]
        if len(numbers) < len(points):
            self._gap("losses", f"{len(points) - len(numbers):,} of them were changed after backward()")
        if not numbers:
            return None
        found_by = "name" if series.models else ""
        return ScoreCall(FUNCTION, SHORT, tuple(numbers), series.frames, series.models, found_by, points[-1][1])


def _values(points: list[_Point]) -> Iterator[float | None]:
    """Numbers of the points; None for a tensor that was changed in place after it was seen."""
    waiting: dict[tuple[Any, Any], list[Any]] = {}
    for _, _, value, version in points:
        if not isinstance(value, (int, float)) and value._version == version:
            waiting.setdefault((value.device, value.dtype), []).append(value)
    torch = sys.modules.get("torch")
    read: dict[int, float] = {}
    for tensors in waiting.values():
        if torch is not None:
            with torch.no_grad():
                numbers = torch.stack([tensor.reshape(()) for tensor in tensors]).cpu().tolist()
            read.update(zip(map(id, tensors), numbers, strict=True))
    for _, _, value, _ in points:
        yield value if isinstance(value, (int, float)) else read.get(id(value))
