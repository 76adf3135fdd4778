"""Records to JSON and back, and upgrades of old ones (their JSON Schema: :mod:`.schema`).

The wire form of a record is the dictionary of its fields; absent means the field's default. Special
floats are written as :func:`jupyter_bioml.canonical.jsonable` writes them.
"""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from typing import Any, TypeVar

from ..canonical import jsonable, restore
from ..errors import JournalError, SchemaTooNew
from .facts import SCHEMA

if typing.TYPE_CHECKING:
    from .run import RunRecord

T = TypeVar("T")
Load = typing.Callable[[Any], Any]

#: From schema n to n+1: functions on the dictionary form. Empty while there is one schema.
UPGRADES: dict[int, typing.Callable[[dict[str, Any]], dict[str, Any]]] = {}


def to_dict(record: Any) -> dict[str, Any]:
    """The wire form of a record (any dataclass of :mod:`.run`), without fields at their default."""
    document: dict[str, Any] = {}
    for item in dataclasses.fields(record):
        value = getattr(record, item.name)
        if item.name != "schema" and _is_default(item, value):
            continue
        document[item.name] = _dump(value)
    return document


def _is_default(item: dataclasses.Field[Any], value: Any) -> bool:
    if item.default is not dataclasses.MISSING:
        return bool(value == item.default and type(value) is type(item.default))
    if item.default_factory is not dataclasses.MISSING:
        return bool(value == item.default_factory())
    return False


def _dump(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return to_dict(value)
    if isinstance(value, tuple):
        return [_dump(item) for item in value]
    if isinstance(value, dict) and any(dataclasses.is_dataclass(item) for item in value.values()):
        return {key: _dump(item) for key, item in value.items()}
    return jsonable(value)


def from_dict(kind: type[T], document: dict[str, Any]) -> T:
    """A dataclass of :mod:`.run` from its wire form; unknown fields are ignored.

    :raises JournalError: when a field has the wrong shape.
    """
    values = {name: load(document[name]) for name, load in _loaders(typing.cast(Any, kind)) if name in document}
    try:
        return kind(**values)
    except TypeError as error:
        raise JournalError(f"This is not a {kind.__name__}: {error}.") from None


@functools.cache
def _loaders(kind: Any) -> list[tuple[str, Load]]:
    """How each field of a dataclass is read."""
    hints = typing.get_type_hints(kind)
    return [(item.name, _loader(hints[item.name])) for item in dataclasses.fields(kind)]


@functools.cache
def _loader(hint: Any) -> Load:
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        return _loader(next(a for a in typing.get_args(hint) if a is not type(None)))
    if origin is tuple:
        item = _loader(typing.get_args(hint)[0])
        return lambda value: None if value is None else tuple(map(item, _list(value)))
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return lambda value: None if value is None else from_dict(hint, _object(value))
    if origin is dict and dataclasses.is_dataclass(typing.get_args(hint)[1]):
        held = _loader(typing.get_args(hint)[1])
        return lambda value: None if value is None else {key: held(one) for key, one in _object(value).items()}
    return restore


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise JournalError(f"A list was expected, not {type(value).__name__}.")
    return value


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise JournalError(f"An object was expected, not {type(value).__name__}.")
    return value


def load_record(document: dict[str, Any]) -> RunRecord:
    """A :class:`RunRecord` from ``record.json``, upgraded from older schemas.

    :raises SchemaTooNew: when it was written by a newer version of this package.
    """
    from .run import RunRecord

    version = document.get("schema")
    if not isinstance(version, int):
        raise JournalError("This record has no schema number.")
    if version > SCHEMA:
        raise SchemaTooNew(
            f"This record has schema {version}; this version reads up to {SCHEMA}. It was left unchanged.",
            next="Update with: pip install -U jupyter-bioml",
        )
    while version < SCHEMA:
        document = UPGRADES[version](document)
        version += 1
    return from_dict(RunRecord, document)
