"""The OpenAPI 3.1 document, written from the routes and the dataclasses of :mod:`jupyter_bioml.views.shapes`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from ..records.schema import Schema, Schemas
from ..views.encoding import encode
from ..views.shapes import ErrorBody
from .base import BiomlHandler, Operation, endpoint

VERBS = ("get", "post", "put", "patch", "delete")
_TEXT: Schema = {"type": "string"}
_TEXTS: Schema = {"type": "array", "items": _TEXT}
Route = tuple[str, type[BiomlHandler]]


def document(routes: Iterable[Route], prefix: str) -> dict[str, Any]:
    """The whole document.

    :param routes: (path with ``{name}`` for its parts, handler).
    """
    schemas = Schemas("#/components/schemas/", prefix="Record")
    paths = {path: _path(path, handler, schemas) for path, handler in routes}
    return {
        "openapi": "3.1.0",
        "info": {"title": "jupyter-bioml", "version": version("jupyter-bioml")},
        "servers": [{"url": prefix}],
        "paths": paths,
        "components": {"schemas": {name: schemas.known[name] for name in sorted(schemas.known)}},
    }


def types_of(document: dict[str, Any]) -> str:
    """The part of a document that the front end's types are written from: its schemas, without the paths."""
    kept = {"info": {"title": "jupyter-bioml", "version": "1"}, "paths": {}, "components": document["components"]}
    return json.dumps({"openapi": document["openapi"], **kept}, indent=1, ensure_ascii=False) + "\n"


def _path(path: str, handler: type[BiomlHandler], schemas: Schemas) -> dict[str, Any]:
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


def _operation(operation: Operation, schemas: Schemas) -> dict[str, Any]:
    schema = {"type": "string", "format": "binary"} if operation.gives is None else schemas.of(operation.gives)
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
                "content": {"application/json": {"schema": schemas.of(ErrorBody)}},
            },
        },
    }
    if operation.takes is not None:
        content = {"application/json": {"schema": schemas.of(operation.takes)}}
        found["requestBody"] = {"required": True, "content": content}
    return found


class OpenApiHandler(BiomlHandler):
    """``/openapi.json``."""

    @endpoint(dict[str, Any])
    async def get(self) -> None:
        """This document."""
        self.give(encode(self.settings["bioml_openapi"]))
