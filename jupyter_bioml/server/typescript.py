"""Writes ``labextension/src/api/wire.ts``: every wire type as a TypeScript interface, from the dataclasses.

``python -m jupyter_bioml.server.typescript FILE``. The parts of a run's record are named ``Record…``: the record is the
document ``record.json``, where a field at its default is left out and a float may be ``{"$float": "NaN"}``.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import sys
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..records import facts, run
from ..views import shapes

HEAD = """\
/*
 * Generated from the Python dataclasses by: python -m jupyter_bioml.server.typescript labextension/src/api/wire.ts
 * Do not edit. Times are seconds since the epoch, durations seconds, sizes bytes; null means not known or not there.
 */

/** A float of a record: JSON has no words for NaN and the infinities. */
export type RecordNumber = number | { $float: 'NaN' | 'Infinity' | '-Infinity' };
"""
_PLAIN = {str: "string", int: "number", float: "number", bool: "boolean", type(None): "null", Any: "unknown"}
_RECORD_MODULES = (run.__name__, facts.__name__)


def typescript() -> str:
    """The text of ``wire.ts``."""
    known: dict[str, str] = {}
    for shape in shapes.SHAPES:
        _declare(shape, known)
    return "\n".join([HEAD, *known.values()])


def name_of(kind: type[Any]) -> str:
    """The name of a type on the wire."""
    if kind.__module__ in _RECORD_MODULES and kind is not run.RunRecord:
        return f"Record{kind.__name__}"
    return kind.__name__


def field_texts(kind: type[Any]) -> dict[str, str]:
    """Field → the text that stands below it in the source."""
    body = ast.parse(inspect.getsource(kind)).body[0]
    assert isinstance(body, ast.ClassDef)
    pairs = zip(body.body, body.body[1:], strict=False)
    return {
        first.target.id: inspect.cleandoc(second.value.value)
        for first, second in pairs
        if isinstance(first, ast.AnnAssign)
        and isinstance(first.target, ast.Name)
        and isinstance(second, ast.Expr)
        and isinstance(second.value, ast.Constant)
        and isinstance(second.value.value, str)
    }


def _declare(kind: type[Any], known: dict[str, str]) -> str:
    name = name_of(kind)
    if name not in known:
        known[name] = ""  # its place: before the types of its fields
        known[name] = "\n".join(_interface(kind, name, known))
    return name


def _interface(kind: type[Any], name: str, known: dict[str, str]) -> Iterator[str]:
    record = kind.__module__ in _RECORD_MODULES
    hints, texts = typing.get_type_hints(kind), field_texts(kind)
    yield f"/** {_comment((kind.__doc__ or kind.__name__).strip().splitlines()[0])} */"
    yield f"export interface {name} {{"
    for item in dataclasses.fields(kind):
        if item.name in texts:
            yield f"  /** {_comment(texts[item.name])} */"
        optional = (record or _is_request(kind)) and _has_default(item) and item.name != "schema"
        yield f"  {item.name}{'?' if optional else ''}: {_type(hints[item.name], record, known)};"
    yield "}\n"


def _is_request(kind: type[Any]) -> bool:
    return kind.__name__.endswith(("Request", "Patch"))


def _has_default(item: dataclasses.Field[Any]) -> bool:
    return item.default is not dataclasses.MISSING or item.default_factory is not dataclasses.MISSING


def _comment(text: str) -> str:
    return " ".join(text.replace("``", "`").replace("*/", "* /").split())


def _type(hint: Any, record: bool, known: dict[str, str]) -> str:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if record and hint is float:
        return "RecordNumber"
    if hint in _PLAIN:
        return _PLAIN[hint]
    if origin in (types.UnionType, typing.Union):
        return " | ".join(dict.fromkeys(_type(item, record, known) for item in arguments))
    if origin is typing.Literal:
        return " | ".join(str(item).lower() if isinstance(item, bool) else f"'{item}'" for item in arguments)
    if origin is tuple:
        inner = _type(arguments[0], record, known)
        return f"({inner})[]" if "|" in inner else f"{inner}[]"
    if origin is dict:
        return f"Record<string, {_type(arguments[1], record, known)}>"
    assert dataclasses.is_dataclass(hint), hint
    return _declare(typing.cast("type[Any]", hint), known)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(typescript(), encoding="utf-8")
