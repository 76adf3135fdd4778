"""Check a request before using it: the path, the query, the body."""

from __future__ import annotations

import dataclasses
import json
import math
import types
import typing
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from ..errors import BiomlError, NotFound, UsageError

T = TypeVar("T")
#: Bytes of a request's body, and characters of one text in it.
BODY_LIMIT, TEXT_LIMIT = 2**20, 100_000


class BodyTooLarge(BiomlError):
    """The request's body is larger than anything this server takes."""

    code = "too-large"


def path_parts(path: str) -> list[str]:
    """The parts of a contents path.

    :raises UsageError: for what is none: absolute, with ``..``, with a NUL.
    """
    if "\x00" in path or "\\" in path:
        raise UsageError("The path contains an invalid character.")
    parts = path.split("/")
    if path.startswith("/") or ".." in parts:
        raise UsageError("The path is not below the server's root.", next="Give a path like those of the file browser.")
    return [part for part in parts if part not in ("", ".")]


def confined(root: Path, path: str) -> Path:
    """The place that a contents path means, below the server's root, links followed.

    :raises UsageError: see :func:`path_parts`; also for what no file can be called, and where nobody may look.
    :raises NotFound: when a link leads out of the root.
    """
    parts = path_parts(path)
    root = root.resolve()
    try:
        target = root.joinpath(*parts).resolve()
        with suppress(FileNotFoundError, NotADirectoryError):
            target.stat()
    except OSError as error:
        raise UsageError(f"The path cannot be followed: {error.strerror or 'unknown error'}.") from None
    except (RuntimeError, ValueError):
        raise UsageError("The path cannot be followed.") from None
    if not target.is_relative_to(root):
        raise NotFound("The path leads out of the server's root.")
    return target


def body_of(kind: type[T], body: bytes) -> T:
    """The request's JSON object as a dataclass.

    :raises BodyTooLarge: over :data:`BODY_LIMIT`.
    :raises UsageError: naming what is missing, unknown or of the wrong kind.
    """
    if len(body) > BODY_LIMIT:
        raise BodyTooLarge(f"The request has {len(body):,} bytes; at most {BODY_LIMIT:,} are accepted.")
    try:
        document = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise UsageError("The request's body is not valid JSON.") from None
    if not isinstance(document, dict):
        raise UsageError("The request's body is not a JSON object.")
    hints = typing.get_type_hints(kind, include_extras=True)
    shape: Any = kind  # the type of dataclasses cannot be written as a bound of T
    fields = dataclasses.fields(shape)
    if unknown := sorted(set(document) - {item.name for item in fields}):
        raise UsageError(f"The request has an unknown field: {unknown[0][:80]!r}.")
    required = [item.name for item in fields if item.default is dataclasses.MISSING]
    if missing := [name for name in required if name not in document]:
        raise UsageError(f"The request lacks {missing[0]!r}.")
    for name, value in document.items():
        if not _is(hints[name], value):
            raise UsageError(f"{name!r} is not valid.", next="See openapi.json.")
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in document.items()})


def _is(hint: Any, value: Any) -> bool:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return any(_is(item, value) for item in arguments)
    if origin is typing.Literal:
        return value in arguments
    if origin is typing.Annotated:
        return isinstance(value, str) and value in arguments[1].words
    if origin is tuple:
        return isinstance(value, list) and len(value) <= 1000 and all(_is(arguments[0], item) for item in value)
    if origin is dict:
        return (
            isinstance(value, dict)
            and len(value) <= 1000
            and all(_is(arguments[0], key) and _is(arguments[1], item) for key, item in value.items())
        )
    if hint is type(None):
        return value is None
    if hint is str:
        return isinstance(value, str) and len(value) <= TEXT_LIMIT and "\x00" not in value
    return isinstance(value, hint) and (hint is bool or not isinstance(value, bool))


def number(name: str, text: str) -> float:
    """A finite number of the query."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UsageError(f"{name}={text[:80]!r} is not a number.")
    return value


def whole(name: str, text: str, least: int, most: int) -> int:
    """A whole number of the query, within bounds."""
    if not text.isascii() or not text.isdecimal() or not least <= (value := int(text[:12])) <= most:
        raise UsageError(f"{name}={text[:80]!r} is not a whole number from {least} to {most}.")
    return value


def flag(name: str, text: str) -> bool:
    """``1`` or ``0``."""
    if text not in ("0", "1"):
        raise UsageError(f"{name}={text[:80]!r} is neither 0 nor 1.")
    return text == "1"


def choice(name: str, text: str, known: tuple[str, ...]) -> str:
    """One of some words."""
    if text not in known:
        raise UsageError(f"{name}={text[:80]!r} is unknown.", next=f"Known: {', '.join(known)}.")
    return text
