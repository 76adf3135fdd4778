"""The options of a gate: a dataclass, filled from the policy file, each value checked against its type."""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from dataclasses import dataclass
from typing import Any, TypeVar

from .yaml_text import Document, Place, quoted

T = TypeVar("T")
_WORDS = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


@dataclass(frozen=True)
class Threshold:
    """Bounds of a metric, both allowed; at least one is given."""

    min: float | None = None
    max: float | None = None

    def check(self) -> str | None:
        """What is wrong with the bounds; None: nothing."""
        if self.min is None and self.max is None:
            return "it needs min or max"
        if self.min is not None and self.max is not None and self.min > self.max:
            return f"min {self.min:g} is above max {self.max:g}"
        return None


def filled(kind: type[T], document: Document, value: Any, place: Place) -> T:
    """``kind`` made from a mapping of the document.

    :raises UsageError: naming the line, the error and the valid values. A dataclass may have a method
        ``check() -> str | None`` that says what is wrong with its values together.
    """
    value = {} if value is None else value
    if not isinstance(value, dict):
        raise document.wrong(place, f"{place[-1]} must hold options, not {quoted(value)}")
    fields = {item.name: item for item in dataclasses.fields(kind)}  # type: ignore[arg-type]
    hints = typing.get_type_hints(kind)
    for key in value:
        if key not in fields:
            where = f"{place[-1]} has no option {quoted(key)}"
            raise document.wrong((*place, key), where, tuple(fields) or ("none",))
    given = {key: _value(document, hints[key], item, (*place, key)) for key, item in value.items()}
    made = kind(**given)
    problem = made.check() if hasattr(made, "check") else None
    if problem:
        raise document.wrong(place, f"{place[-1]}: {problem}")
    return made


def _value(document: Document, hint: Any, value: Any, place: Place) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is types.UnionType:
        if value is None:
            return None
        return _value(document, next(item for item in arguments if item is not type(None)), value, place)
    if origin is typing.Literal:
        if value not in arguments or isinstance(value, bool):
            raise document.wrong(place, f"{place[-1]} cannot be {quoted(value)}", [str(item) for item in arguments])
        return value
    if origin is tuple:
        if not isinstance(value, list):
            raise document.wrong(place, f"{place[-1]} must be a list, not {quoted(value)}")
        return tuple(_value(document, arguments[0], item, (*place, str(index))) for index, item in enumerate(value))
    if origin is dict:
        if not isinstance(value, dict):
            raise document.wrong(place, f"{place[-1]} must hold names and values, not {quoted(value)}")
        return {key: _value(document, arguments[1], item, (*place, key)) for key, item in value.items()}
    if dataclasses.is_dataclass(hint):
        return filled(typing.cast("type[Any]", hint), document, value, place)
    return _plain(document, hint, value, place)


def _plain(document: Document, kind: Any, value: Any, place: Place) -> Any:
    fits = isinstance(value, bool) == (kind is bool) and isinstance(value, (int, float) if kind is float else kind)
    if not fits or (isinstance(value, float) and not math.isfinite(value)):
        raise document.wrong(place, f"{place[-1]} must be {_WORDS[kind]}, not {quoted(value)}")
    return float(value) if kind is float else value
