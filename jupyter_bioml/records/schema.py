"""Dataclasses as JSON Schema (draft 2020-12), for ``record.json`` and for the server's OpenAPI document."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from . import facts, run

Schema = dict[str, Any]
_PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}
_RECORD_MODULES = (run.__name__, facts.__name__)
#: A float of a record, see :func:`jupyter_bioml.canonical.jsonable`.
_NUMBER: Schema = {
    "description": "A float of a record: JSON cannot write NaN and infinities.",
    "anyOf": [
        {"type": "number"},
        {
            "type": "object",
            "properties": {"$float": {"type": "string", "enum": ["NaN", "Infinity", "-Infinity"]}},
            "required": ["$float"],
        },
    ],
}


@dataclasses.dataclass(frozen=True, eq=False)
class OneOf:
    """In ``Annotated[str, OneOf(…)]``: the text is one of these words, which may come from a registry."""

    words: Mapping[str, Any]
    meaning: Callable[[str], str]
    """What one of them stands for."""

    def schema(self) -> Schema:
        """The words as they are known now, each with its meaning in the description."""
        said = "; ".join(f"`{word}`: {self.meaning(word)}" for word in self.words)
        return {"type": "string", "enum": list(self.words), "description": said}


class Schemas:
    """Schemas of dataclasses, each by its name; a part of a record is named ``prefix`` + its class.

    :param place: what a reference to one begins with.
    """

    def __init__(self, place: str, prefix: str = "") -> None:
        self.known: dict[str, Schema] = {}
        self._place, self._prefix = place, prefix

    def of(self, hint: Any, *, in_record: bool = False) -> Schema:
        """The schema of a type hint; dataclasses are described in :attr:`known` and referred to.

        :param in_record: it belongs to a record, where a float may be ``{"$float": "NaN"}``.
        """
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if hint is Any:
            return {}
        if hint is float and in_record:
            self.known[f"{self._prefix}Number"] = _NUMBER
            return {"$ref": f"{self._place}{self._prefix}Number"}
        if hint in _PLAIN:
            return {"type": _PLAIN[hint]}
        if origin is typing.Annotated:
            return dict(arguments[1].schema())
        if origin is typing.Literal:
            return {"type": _PLAIN[type(arguments[0])], "enum": list(arguments)}
        if origin in (types.UnionType, typing.Union):
            return {"anyOf": [self.of(item, in_record=in_record) for item in arguments]}
        if origin is tuple:
            return {"type": "array", "items": self.of(arguments[0], in_record=in_record)}
        if origin is dict:
            return {"type": "object", "additionalProperties": self.of(arguments[1], in_record=in_record)}
        return self._reference(hint)

    def _reference(self, kind: type[Any]) -> Schema:
        in_record = kind.__module__ in _RECORD_MODULES
        name = f"{self._prefix}{kind.__name__}" if in_record and kind is not run.RunRecord else kind.__name__
        if name not in self.known:
            self.known[name] = {}  # it may refer to itself
            self.known[name] = self._described(kind, in_record)
        return {"$ref": f"{self._place}{name}"}

    def _described(self, kind: type[Any], in_record: bool) -> Schema:
        hints, texts = typing.get_type_hints(kind, include_extras=True), dict(field_texts(kind))
        fields = dataclasses.fields(kind)
        described = {item.name: self.of(hints[item.name], in_record=in_record) for item in fields}
        return {
            "type": "object",
            "description": _markdown((kind.__doc__ or kind.__name__).strip().splitlines()[0]),
            "properties": {
                name: {**schema, "description": texts[name]} if name in texts else schema
                for name, schema in described.items()
            },
            "required": [item.name for item in fields if item.name == "schema" or not _has_default(item)],
        }


def json_schema() -> Schema:
    """The published JSON Schema of ``record.json``."""
    schemas = Schemas("#/$defs/")
    reference = schemas.of(run.RunRecord)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "RunRecord",
        "description": _markdown(run.RunRecord.__doc__ or ""),
        **reference,
        "$defs": schemas.known,
    }


def field_texts(kind: type[Any]) -> Iterator[tuple[str, str]]:
    """(field, the text that stands below it in the source) of a dataclass; of fields that have one."""
    body = ast.parse(inspect.getsource(kind)).body[0]
    assert isinstance(body, ast.ClassDef)
    for first, second in zip(body.body, body.body[1:], strict=False):
        if (
            isinstance(first, ast.AnnAssign)
            and isinstance(first.target, ast.Name)
            and isinstance(second, ast.Expr)
            and isinstance(second.value, ast.Constant)
            and isinstance(second.value.value, str)
        ):
            yield first.target.id, _markdown(second.value.value)


def _markdown(text: str) -> str:
    return " ".join(text.replace("``", "`").split())


def _has_default(item: dataclasses.Field[Any]) -> bool:
    return item.default is not dataclasses.MISSING or item.default_factory is not dataclasses.MISSING
