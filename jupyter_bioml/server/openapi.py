"""The OpenAPI 3.1 document, written from the routes and the dataclasses of :mod:`jupyter_bioml.views.shapes`."""

from __future__ import annotations

import dataclasses
import re
import types
import typing
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from ..records.run import RunRecord
from ..records.wire import json_schema
from ..views.encoding import encode
from ..views.shapes import ErrorBody
from .base import BiomlHandler, Operation, endpoint
from .typescript import field_texts

VERBS = ("get", "post", "put", "patch", "delete")
_PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}
_TEXT: dict[str, Any] = {"type": "string"}
_TEXTS: dict[str, Any] = {"type": "array", "items": _TEXT}
Route = tuple[str, type[BiomlHandler]]


def document(routes: Iterable[Route], prefix: str) -> dict[str, Any]:
    """The whole document.

    :param routes: (path with ``{name}`` for its parts, handler).
    """
    schemas: dict[str, Any] = {}
    paths = {path: _path(path, handler, schemas) for path, handler in routes}
    return {
        "openapi": "3.1.0",
        "info": {"title": "jupyter-bioml", "version": version("jupyter-bioml")},
        "servers": [{"url": prefix}],
        "paths": paths,
        "components": {"schemas": {name: schemas[name] for name in sorted(schemas)}},
    }


def _path(path: str, handler: type[BiomlHandler], schemas: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in re.findall(r"{(\w+)}", path)
        ]
    }
    for verb in VERBS:
        operation = getattr(getattr(handler, verb), "operation", None)
        if operation is not None:
            found[verb] = _operation(operation, schemas)
    return found


def _operation(operation: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    schema = {"type": "string", "format": "binary"} if operation.gives is None else _schema(operation.gives, schemas)
    if operation.many:
        schema = {"type": "array", "items": schema}
    media = "application/octet-stream" if operation.gives is None else "application/json"
    found: dict[str, Any] = {
        "summary": operation.summary,
        "parameters": [
            {"name": name, "in": "query", "required": False, "schema": kind}
            for names, kind in ((("path", *operation.query), _TEXT), (operation.repeated, _TEXTS))
            for name in names
        ],
        "responses": {
            str(operation.status): {"description": "Done.", "content": {media: {"schema": schema}}},
            "default": {
                "description": "The request was refused or failed.",
                "content": {"application/json": {"schema": _schema(ErrorBody, schemas)}},
            },
        },
    }
    if operation.takes is not None:
        content = {"application/json": {"schema": _schema(operation.takes, schemas)}}
        found["requestBody"] = {"required": True, "content": content}
    return found


def _schema(hint: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint is Any:
        return {}
    if hint is RunRecord:
        return _record(schemas)
    if hint in _PLAIN:
        return {"type": _PLAIN[hint]}
    if origin in (types.UnionType, typing.Union):
        return {"anyOf": [_schema(item, schemas) for item in arguments]}
    if origin is typing.Literal:
        return {"enum": list(arguments)}
    if origin is tuple:
        return {"type": "array", "items": _schema(arguments[0], schemas)}
    if origin is dict:
        return {"type": "object", "additionalProperties": _schema(arguments[1], schemas)}
    return _reference(hint, schemas)


def _reference(kind: type[Any], schemas: dict[str, Any]) -> dict[str, Any]:
    if kind.__name__ not in schemas:
        schemas[kind.__name__] = {}
        hints, texts = typing.get_type_hints(kind), field_texts(kind)
        properties, required = {}, []
        for item in dataclasses.fields(kind):
            schema = _schema(hints[item.name], schemas)
            properties[item.name] = {**schema, "description": texts[item.name]} if item.name in texts else schema
            if item.default is dataclasses.MISSING:
                required.append(item.name)
        schemas[kind.__name__] = {
            "type": "object",
            "description": (kind.__doc__ or "").strip().splitlines()[0],
            "properties": properties,
            "required": required,
        }
    return {"$ref": f"#/components/schemas/{kind.__name__}"}


def _record(schemas: dict[str, Any]) -> dict[str, Any]:
    """The record's own published schema, its parts named ``Record…``."""
    if "RunRecord" not in schemas:
        parts = json_schema()["$defs"]
        names = {name: name if name == "RunRecord" else f"Record{name}" for name in parts}
        schemas.update({names[name]: _renamed(part, names) for name, part in parts.items()})
    return {"$ref": "#/components/schemas/RunRecord"}


def _renamed(part: Any, names: dict[str, str]) -> Any:
    if isinstance(part, list):
        return [_renamed(item, names) for item in part]
    if not isinstance(part, dict):
        return part
    found = {key: _renamed(value, names) for key, value in part.items()}
    if isinstance(found.get("$ref"), str):
        found["$ref"] = f"#/components/schemas/{names[found['$ref'].rpartition('/')[2]]}"
    return found


class OpenApiHandler(BiomlHandler):
    """``/openapi.json``."""

    @endpoint("This document.", dict[str, Any])
    async def get(self) -> None:
        self.give(encode(self.settings["bioml_openapi"]))
