"""Whether what was read has the shape that its type says, and what is left of it where a part has not.

A journal's line may be whole and still hold what nobody wrote: an editor, a merge or another program changed it. What
does not fit is left out by the smallest part that can be missing (an item, a field with a default) and named.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import re
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any

from ..canonical import SPECIAL
from .facts import UNKNOWN

#: The last second of the year 9999: what calendars and databases can hold.
LAST_TIME = 253_402_300_799.0
#: How deep lists and objects may lie in each other.
DEPTH = 40
_ID = re.compile(r"[\w-][\w.-]{0,63}")
_DIGEST = re.compile(r"[0-9A-Za-z]{1,128}")
_TIMES = ("at", "started", "ended", "duration", "delay", "cpu")
Fits = Callable[[Any], bool]


class Unfit(ValueError):
    """A value is not what its type says; the message is its place."""


@dataclasses.dataclass(frozen=True)
class LineShape:
    """The fields of one kind of entry: their types by name, and which must be there."""

    fields: Mapping[str, Any]
    required: frozenset[str]

    @classmethod
    def of(cls, *required: type, more: Mapping[str, Any] | None = None, **fields: Any) -> LineShape:
        """The fields of these dataclasses, and ``fields``; ``more``: those that may be missing."""
        known: dict[str, Any] = {}
        must: set[str] = set(fields)
        for kind in required:
            hints = typing.get_type_hints(kind)
            for item in dataclasses.fields(kind):
                known[item.name] = hints[item.name]
                if not _has_default(item):
                    must.add(item.name)
        return cls({**known, **fields, **(more or {})}, frozenset(must - set(more or ())))

    def checked(self, entry: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
        """The entry with what fits of it, and the places of what does not.

        :raises Unfit: something without which it says nothing is missing or is not what it should be.
        """
        checks = self._checks
        for name, value in entry.items():
            if name in checks and not checks[name](value):
                break
        else:
            if self.required <= entry.keys():
                return entry, []
        return _reduced(self.fields, self.required, entry, "")

    @functools.cached_property
    def _checks(self) -> dict[str, Fits]:
        return {name: _fits(hint, name) for name, hint in self.fields.items()}


def _has_default(item: dataclasses.Field[Any]) -> bool:
    return item.default is not dataclasses.MISSING or item.default_factory is not dataclasses.MISSING


def _reduced(
    fields: Mapping[str, Any], required: frozenset[str], entry: dict[str, Any], within: str
) -> tuple[dict[str, Any], list[str]]:
    """What fits of an object, and the places of what does not."""
    kept, places = dict(entry), list[str]()
    for name, hint in fields.items():
        if name not in entry:
            continue
        if entry[name] is None and name not in required:
            if not _fits(hint, name)(None):
                del kept[name]  # as if it were not said
            continue
        try:
            kept[name], more = _fitting(hint, name, entry[name], f"{within}{name}")
        except Unfit:
            if name in required:
                raise
            del kept[name]
            more = [f"{within}{name}"]
        places += more
    for name in required:
        if name not in kept:
            raise Unfit(f"{within}{name}")
    return kept, places


def _fitting(hint: Any, name: str, value: Any, place: str) -> tuple[Any, list[str]]:
    """What fits of a value, and the places of what does not.

    :raises Unfit: nothing does.
    """
    if _fits(hint, name)(value):
        return value, []
    hint, origin = _without_none(hint), typing.get_origin(_without_none(hint))
    places: list[str] = []
    if origin is tuple and isinstance(value, list):
        found = []
        for number, item in enumerate(value):
            try:
                one, more = _fitting(typing.get_args(hint)[0], name, item, f"{place}[{number}]")
            except Unfit:
                places.append(f"{place}[{number}]")
                continue
            found.append(one)
            places += more
        return found, places
    if origin is dict and isinstance(value, dict):
        kept = {}
        for key, item in value.items():
            try:
                kept[key], more = _fitting(typing.get_args(hint)[1], "", item, f"{place}[{key[:40]!r}]")
            except Unfit:
                more = [f"{place}[{key[:40]!r}]"]
            places += more
        return kept, places
    if dataclasses.is_dataclass(hint) and isinstance(value, dict):
        fields, required = _fields_of(typing.cast(Any, hint))
        return _reduced(fields, required, value, f"{place}.")
    raise Unfit(place)


@functools.cache
def _fields_of(kind: Any) -> tuple[dict[str, Any], frozenset[str]]:
    shape = LineShape.of(kind)
    return dict(shape.fields), shape.required


def _without_none(hint: Any) -> Any:
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        return next(one for one in typing.get_args(hint) if one is not type(None))
    return hint


@functools.cache
def _fits(hint: Any, name: str) -> Fits:
    """Whether a value of a field of that name is what its type says. The name tells times, digests and ids."""
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        inner = _fits(_without_none(hint), name)
        return lambda value: value is None or inner(value)
    if origin is tuple:
        item = _fits(typing.get_args(hint)[0], name)
        return lambda value: isinstance(value, list) and all(map(item, value))
    if origin is dict:
        held = _fits(typing.get_args(hint)[1], "")
        return lambda value: isinstance(value, dict) and all(map(held, value.values()))
    if dataclasses.is_dataclass(hint):
        return _object_of(hint)
    return _leaf(hint, name)


def _object_of(kind: Any) -> Fits:
    fields, required = _fields_of(kind)
    checks = {name: _fits(hint, name) for name, hint in fields.items()}

    def fits(value: Any) -> bool:
        return (
            isinstance(value, dict)
            and all(name in value for name in required)
            and all(checks[name](item) for name, item in value.items() if name in checks)
        )

    return fits


def _leaf(hint: Any, name: str) -> Fits:
    if hint is bool:
        return lambda value: value is True or value is False
    if hint is int:
        return lambda value: type(value) is int and -(2**63) <= value < 2**63
    if hint is float:
        if name in _TIMES:
            return lambda value: _is_finite(value) and 0 <= value <= LAST_TIME
        return is_number
    if hint is str:
        return _text(name)
    return is_plain


def _text(name: str) -> Fits:
    if name in ("run", "record_id"):
        return lambda value: isinstance(value, str) and _ID.fullmatch(value) is not None
    if name == "blob" or name.endswith("_blob"):
        return lambda value: isinstance(value, str) and _DIGEST.fullmatch(value) is not None
    if name == "status":
        return lambda value: value in ("FINISHED", "FAILED", "KILLED", UNKNOWN)
    return lambda value: isinstance(value, str)


def is_fit(hint: Any, name: str, value: Any) -> bool:
    """Whether a value of a field of that name is what its type says."""
    return _fits(hint, name)(value)


def _is_finite(value: Any) -> bool:
    return (type(value) is float and math.isfinite(value)) or (type(value) is int and abs(value) < 2**63)


def is_number(value: Any) -> bool:
    """A number that a float can hold, also one that JSON has no word for."""
    if isinstance(value, dict):
        return len(value) == 1 and value.get("$float") in SPECIAL
    return type(value) is float or (type(value) is int and abs(value) < 10**300)


def is_plain(value: Any, depth: int = 0) -> bool:
    """Anything that JSON can hold, not too deep to be walked through."""
    if isinstance(value, dict):
        return depth < DEPTH and all(is_plain(item, depth + 1) for item in value.values())
    if isinstance(value, list):
        return depth < DEPTH and all(is_plain(item, depth + 1) for item in value)
    return True
