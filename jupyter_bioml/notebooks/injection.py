"""Setting parameters in a notebook that is about to run, so that its output notebook shows them."""

from __future__ import annotations

import ast
import json
import math
from collections.abc import Mapping
from typing import Any

from ..errors import UsageError
from ..records.taint import SET
from .parameters import DeclaredParameter, Parameters, declaration, line_starts, parsed, read_parameters, source_of


def environment_expression(variable: str) -> str:
    """Python that reads a secret parameter from the kernel's environment: the text that stands in the notebook."""
    return f'__import__("os").environ[{json.dumps(variable)}]'


def injected(notebook: Any, parameters: Mapping[str, Any], secrets: Mapping[str, str]) -> tuple[Any, dict[str, Any]]:
    """Set parameters by replacing the one literal that is assigned to each.

    :param notebook: the document; its cells are changed.
    :param secrets: name → environment variable: the expression that reads it takes the literal's place.
    :returns: the notebook, and the parameters that are left for papermill, which puts a cell behind the one tagged
        ``parameters``.
    :raises UsageError: a name that is assigned never, several times, or no literal.
    """
    known = read_parameters(notebook)
    parameters = {name: _as_declared(known, name, value) for name, value in parameters.items()}
    left = parameters if known.tagged or not known.python else {}
    if not known.python and secrets:
        raise UsageError("Secret parameters are for notebooks in Python only.")
    texts = {} if left else {name: python_text(value) for name, value in parameters.items()}
    texts |= {name: environment_expression(variable) for name, variable in secrets.items()}
    for place, text in _last_first(known, texts):
        cell = notebook["cells"][place.cell]
        note = f"{place.name} is secret" if place.name in secrets else None
        cell["source"] = replaced(source_of(cell), place, text, note)
    return notebook, left


def _as_declared(known: Parameters, name: str, value: Any) -> Any:
    """Tuples travel as lists."""
    places = known.found.get(name, [])
    return tuple(value) if places and places[-1].kind is tuple and isinstance(value, list) else value


def _last_first(known: Parameters, texts: Mapping[str, str]) -> list[tuple[DeclaredParameter, str]]:
    """The replacements, later places first, so that earlier places do not move."""
    found = [(declaration(known, name, "The notebook"), text) for name, text in texts.items()]
    return sorted(found, key=lambda item: (item[0].cell, item[0].span), reverse=True)


def replaced(source: str, place: DeclaredParameter, text: str, note: str | None = None) -> str:
    """``source`` with ``text`` as the value of one assignment, and a comment behind its line that says so.

    :param note: the comment; None: what stood there before.
    :raises UsageError: the value cannot be replaced in place.
    """
    raw = source.encode("utf-8", "surrogatepass")
    start, end = place.span
    said = note or f"{place.name} was {_short(raw[start:end].decode('utf-8', 'surrogatepass'))}"
    rest, newline, after = raw[end:].partition(b"\n")
    comment = f"{SET}{said}".encode("utf-8", "surrogatepass")
    made = (raw[:start] + text.encode() + rest.rstrip(b"\r") + comment + newline + after).decode(
        "utf-8", "surrogatepass"
    )
    if not place.literal or not _only_that_changed(source, made, place, text):
        raise UsageError(f"{place.name!r} cannot be set in its place: tag a cell 'parameters' that assigns it.")
    return made


def _only_that_changed(before: str, after: str, place: DeclaredParameter, text: str) -> bool:
    """Whether the new cell is the old one but for the one value: a comment may not swallow a continued line."""
    first, second = parsed(before), parsed(after)
    if first is None or second is None:
        return False
    for statement in first.body:
        if isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value is not None:
            value = statement.value
            starts = line_starts(before)
            if starts[value.lineno - 1] + value.col_offset == place.span[0]:
                statement.value = ast.parse(text, mode="eval").body
    return ast.dump(first) == ast.dump(second)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:59]}…"


def python_text(value: Any) -> str:
    """A value as Python source.

    :raises UsageError: it is nothing that can be written so.
    """
    text = repr(value)
    if isinstance(value, float):
        return text if math.isfinite(value) else f'float("{value}")'
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError):
        raise UsageError(f"{text[:80]} cannot be written into a notebook.") from None
    return text
