"""A notebook's parameters: find them, check values, and set new ones.

The parameters of a notebook are the assignments in its cell tagged ``parameters``; without one, the names that a
literal is assigned to at the top level, once in the whole notebook. Their types come from annotations, else from the
literals. Only Python is understood: for another language papermill takes what it is given.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import UsageError
from ..text.present import printable, shorten

PARAMETERS_TAG = "parameters"
#: Cell magics whose cell is Python all the same; the cell of any other magic is not looked at.
_PYTHON_MAGICS = ("experiment", "time", "timeit", "capture", "prun")
_MAGIC_LINE = re.compile(r"^([ \t]*)[%!?].*$", re.MULTILINE)
_WORDS = {"true": True, "false": False}
#: Annotation → the type of a parameter.
_ANNOTATED = {"bool": bool, "int": int, "float": float, "str": str, "list": list, "dict": dict, "tuple": tuple}


@dataclass(frozen=True)
class DeclaredParameter:
    """One assignment of a name at the top level of a notebook."""

    name: str
    cell: int
    """The cell's place in the notebook, from 0."""
    literal: bool
    """A literal is assigned to the one name: this is a parameter that can be replaced."""
    kind: type | None = None
    """Allowed types; None: any."""
    nullable: bool = False
    """None is among its values."""
    span: tuple[int, int] = (0, 0)
    """The value's place in the cell's source, in UTF-8 bytes."""


@dataclass(frozen=True)
class Parameters:
    """The parameters of a notebook."""

    python: bool
    tagged: bool
    """Whether it has a cell tagged ``parameters``."""
    found: dict[str, list[DeclaredParameter]] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The names that can be set, in the order of the notebook."""
        return [name for name, places in self.found.items() if self.tagged or _replaceable(places)]


def read_parameters(notebook: Mapping[str, Any]) -> Parameters:
    """The parameters of a notebook document (nbformat 4)."""
    cells = [cell for cell in notebook.get("cells") or () if cell.get("cell_type") == "code"]
    places = list(notebook.get("cells") or ())
    tagged = [cell for cell in cells if PARAMETERS_TAG in tags_of(cell)]
    if _language(notebook) != "python":
        return Parameters(python=False, tagged=bool(tagged))
    found: dict[str, list[DeclaredParameter]] = {}
    for cell in tagged[:1] or cells:
        index = next(number for number, other in enumerate(places) if other is cell)
        for item in _assignments(source_of(cell), index):
            found.setdefault(item.name, []).append(item)
    return Parameters(python=True, tagged=bool(tagged), found=found)


def source_of(cell: Mapping[str, Any]) -> str:
    """A cell's source; in a file it may be a list of lines."""
    source = cell.get("source") or ""
    return source if isinstance(source, str) else "".join(source)


def tags_of(cell: Mapping[str, Any]) -> list[str]:
    """A cell's tags; none where its metadata hold something else than a list."""
    tags = (cell.get("metadata") or {}).get("tags") or []
    return [str(tag) for tag in tags] if isinstance(tags, (list, tuple)) else []


def _language(notebook: Mapping[str, Any]) -> str:
    metadata = notebook.get("metadata") or {}
    named = (metadata.get("language_info") or {}).get("name") or (metadata.get("kernelspec") or {}).get("language")
    return str(named or "python").lower()


def _replaceable(places: Sequence[DeclaredParameter]) -> bool:
    return len(places) == 1 and places[0].literal


# -- reading assignments ---------------------------------------------------------------------------


def _assignments(source: str, cell: int) -> Iterator[DeclaredParameter]:
    tree = parsed(source)
    if tree is None:
        return
    starts = line_starts(source)
    for statement in tree.body:
        yield from _of_statement(statement, cell, starts)


def parsed(source: str) -> ast.Module | None:
    """The cell's code with its magics blanked out (lines keep their place); None if it is not Python."""
    first = source.lstrip().split("\n", 1)[0]
    if first.startswith("%%") and first[2:].split(" ", 1)[0].strip() not in _PYTHON_MAGICS:
        return None
    try:
        return ast.parse(_MAGIC_LINE.sub(r"\1pass", source))
    except (SyntaxError, ValueError, RecursionError):
        return None


def line_starts(source: str) -> list[int]:
    """The start of each line of the blanked source in the *real* source, in bytes."""
    starts = [0]
    for line in source.split("\n"):
        starts.append(starts[-1] + len(line.encode("utf-8", "surrogatepass")) + 1)
    return starts


def _of_statement(statement: ast.stmt, cell: int, starts: list[int]) -> Iterator[DeclaredParameter]:
    """The names that a statement of the top level binds by assignment, those in its branches and loops included."""
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        if statement.value is not None:
            yield _declared(statement.target.id, statement.value, cell, starts, statement.annotation)
        return
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1 and isinstance(statement.targets[0], ast.Name):
        yield _declared(statement.targets[0].id, statement.value, cell, starts, None)
        return
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield DeclaredParameter(node.id, cell, literal=False)


def _declared(
    name: str, value: ast.expr, cell: int, starts: list[int], annotation: ast.expr | None
) -> DeclaredParameter:
    try:
        literal = ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return DeclaredParameter(name, cell, literal=False)
    kind, nullable = (type(literal), False) if annotation is None else _annotated(annotation)
    if literal is None:
        kind, nullable = (None if annotation is None else kind), True
    start = starts[value.lineno - 1] + value.col_offset
    end = starts[(value.end_lineno or value.lineno) - 1] + (value.end_col_offset or 0)
    return DeclaredParameter(name, cell, True, kind, nullable, (start, end))


def _annotated(annotation: ast.expr) -> tuple[type | None, bool]:
    """(type, whether None is allowed) of an annotation; (None, True) for one that says nothing we understand."""
    text = ast.unparse(annotation).strip("'\"")
    parts = [part.strip() for part in re.sub(r"^(typing\.)?Optional\[(.*)\]$", r"\2 | None", text).split("|")]
    nullable = "None" in parts
    named = [part.split("[", 1)[0].removeprefix("typing.").lower() for part in parts if part != "None"]
    if len(named) != 1 or named[0] not in _ANNOTATED:
        return None, True
    return _ANNOTATED[named[0]], nullable


# -- does a value fit ------------------------------------------------------------------------------


def checked(known: Parameters, given: Mapping[str, Any], where: str) -> dict[str, Any]:
    """``given`` as the types that the notebook declares.

    :param where: how the notebook is called.
    :raises UsageError: a name that cannot be set, or a value of another type, naming both.
    """
    if not known.python:
        if not known.tagged and given:
            raise UsageError(f"{where} is not in Python and has no cell tagged 'parameters', so it has no parameters.")
        return {name: guessed(value) for name, value in given.items()}
    return {name: converted(value, declaration(known, name, where), where) for name, value in given.items()}


def declaration(known: Parameters, name: str, where: str) -> DeclaredParameter:
    """The one place where a name can be set.

    :raises UsageError: none, or several.
    """
    shown, places = printable(shorten(name, 80)), known.found.get(name, [])
    if known.tagged and places:
        return places[-1]
    if not places:
        others = ", ".join(printable(shorten(other, 40)) for other in known.names[:20]) or "none"
        kind = "its parameters cell does not assign it" if known.tagged else "no literal is assigned to it"
        raise UsageError(f"{where} has no parameter {shown!r}: {kind}.", next=f"Its parameters: {others}.")
    if not _replaceable(places):
        cells = ", ".join(str(item.cell + 1) for item in places)
        what = "the assigned value is not a literal" if len(places) == 1 else f"it is assigned {len(places)} times"
        raise UsageError(
            f"{where}: {shown!r} cannot be set, {what} (cell {cells}).",
            next="Tag the cell that holds the notebook's parameters with 'parameters'.",
        )
    return places[0]


def converted(value: Any, declared: DeclaredParameter, where: str) -> Any:
    """A value, or the text of one, as the type of a parameter.

    :raises UsageError: it is of another type.
    """
    kind = declared.kind
    if value is None or (value == "None" and kind is not str):
        if declared.nullable or kind is None:
            return None
        raise _wrong(value, declared, where)
    if kind is None:
        return guessed(value)
    if isinstance(value, str) and kind is not str:
        value = _read(value, kind, lambda: _wrong(value, declared, where))
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if kind is tuple and isinstance(value, list):
        return tuple(value)
    if type(value) is not kind:
        raise _wrong(value, declared, where)
    return value


def _read(text: str, kind: type, wrong: Any) -> Any:
    """The text of a value as a value of that kind."""
    word = text.strip()
    if kind is bool and word.lower() in _WORDS:
        return _WORDS[word.lower()]
    if kind in (int, float):
        for number in (int, float) if kind is float else (int,):
            try:
                return number(word)
            except ValueError:
                continue
    elif kind in (list, dict, tuple):
        for read in (json.loads, ast.literal_eval):
            try:
                return read(word)
            except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
                continue
    raise wrong()


def _wrong(value: Any, declared: DeclaredParameter, where: str) -> UsageError:
    wanted = declared.kind.__name__ if declared.kind else "value"
    return UsageError(
        f"{where}: {printable(shorten(declared.name, 80))!r} is a {wanted} there, and "
        f"{printable(shorten(repr(value), 80))} is a {type(value).__name__ if not isinstance(value, str) else 'text'}."
    )


def guessed(value: Any) -> Any:
    """The value that papermill's ``-p`` makes of a word: None, a boolean, a number, else the text itself."""
    if not isinstance(value, str):
        return value
    words = {"None": None, "True": True, "False": False}
    if value in words:
        return words[value]
    for kind in (int, float):
        try:
            return kind(value)
        except ValueError:
            continue
    return value
