"""Numbers of small dicts, lists, Series and frames with their paths, read without importing pandas."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .words import is_score

#: A part of a path: the name of a row or column; a whole number is the step in a series.
Path = tuple[str | int, ...]
MOST_NUMBERS, MOST_ROWS, MOST_COLUMNS, DEEPEST = 200, 200, 100, 4
_LONGEST_LABEL = 80
#: Libraries whose values of one number are read with ``item()``.
_SCALARS = frozenset(("numpy", "torch", "jax", "jaxlib", "tensorflow", "cupy"))
_NAMES_OF_ROWS = frozenset(
    ("model", "models", "name", "names", "classifier", "regressor", "estimator", "method", "algorithm")
) | frozenset(("algo", "modell", "modele", "modelo", "index", "metric", "dataset")
)  # fmt: skip


def tabulated(value: object, every: bool = False) -> list[tuple[Path, float]]:
    """The numbers of a small result with their paths, in order; [] of anything else, and of more than 200 numbers.

    A cell of a table has the path (column, row). A row's name is that of the index, or the text of its first column of
    texts (``model``, ``name``); rows without a name have their number.

    :param every: also what no name of the path speaks of a score.
    """
    try:
        found = list(_limited(_walk(value, (), 0)))
    except Exception:
        return []
    kept = [
        (path, number)
        for path, number in found
        if every or any(isinstance(part, str) and is_score(part) for part in path)
    ]
    return kept if len(kept) <= MOST_NUMBERS else []


def _limited(found: Iterator[tuple[Path, float]]) -> Iterator[tuple[Path, float]]:
    for count, item in enumerate(found):
        if count >= MOST_ROWS * MOST_COLUMNS // 4:
            return
        yield item


def number_of(value: object) -> float | None:
    """The value as a float where it is one finite number: of Python, numpy or torch, not a truth value."""
    if isinstance(value, bool):
        return None
    if not isinstance(value, (int, float)):
        if type(value).__module__.partition(".")[0] not in _SCALARS or getattr(value, "shape", None) not in ((), (1,)):
            return None
        value = value.item()  # type: ignore[attr-defined]
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _walk(value: Any, path: Path, depth: int) -> Iterator[tuple[Path, float]]:
    number = number_of(value)
    if number is not None:
        yield path, number
    elif depth >= DEEPEST or isinstance(value, (str, bytes)):
        return
    elif _is_a(value, "DataFrame") or type(value).__name__ == "Styler":
        yield from _of_frame(value if _is_a(value, "DataFrame") else value.data, path)
    elif _is_a(value, "Series"):
        yield from _of_series(value, path)
    elif isinstance(value, Mapping):
        yield from _of_mapping(value, path, depth)
    elif type(value) in (list, tuple) or type(value).__name__ == "ndarray":
        yield from _of_sequence(value, path, depth)


def _is_a(value: object, name: str) -> bool:
    kind = getattr(sys.modules.get("pandas"), name, None)
    return isinstance(kind, type) and isinstance(value, kind)


def _of_series(value: Any, path: Path) -> Iterator[tuple[Path, float]]:
    if len(value) > MOST_ROWS:
        return
    name = (_label(value.name),) if isinstance(value.name, str) else ()
    for label, cell in zip(value.index.tolist(), value.tolist(), strict=True):
        number = number_of(cell)
        if number is not None:
            yield (*path, *name, _label(label)), number


def _of_frame(value: Any, path: Path) -> Iterator[tuple[Path, float]]:
    rows, columns = value.shape
    if rows > MOST_ROWS or columns > MOST_COLUMNS:
        return
    names = [_label(name) for name in value.columns.tolist()]
    cells = [value.iloc[:, at].tolist() for at in range(columns)]
    yield from _of_table(names, cells, value.index.tolist(), path)


def _of_table(
    names: list[str | int], cells: list[list[Any]], index: list[Any], path: Path
) -> Iterator[tuple[Path, float]]:
    labels = [_label(label) for label in index]
    if not any(isinstance(label, str) for label in labels):
        labels = _texts(names, cells) or labels
    alone = len(labels) == 1 and not isinstance(labels[0], str)
    for name, column in zip(names, cells, strict=True):
        for label, cell in zip(labels, column, strict=True):
            number = number_of(cell)
            if number is not None:
                yield (*path, name, *(() if alone else (label,))), number


def _texts(names: list[str | int], cells: list[list[Any]]) -> list[str | int] | None:
    """The names of the rows: the first column of texts, better one that is called so."""
    columns = [at for at, column in enumerate(cells) if column and all(isinstance(cell, str) for cell in column)]
    called = [at for at in columns if str(names[at]).lower() in _NAMES_OF_ROWS]
    found = (called or columns)[:1]
    return [_label(cell) for cell in cells[found[0]]] if found else None


def _of_mapping(value: Mapping[Any, Any], path: Path, depth: int) -> Iterator[tuple[Path, float]]:
    if len(value) > MOST_ROWS:
        return
    lists = [item for item in value.values() if type(item) in (list, tuple) or type(item).__name__ == "ndarray"]
    if lists and len(lists) == len(value) and len({len(item) for item in lists}) == 1 and len(lists[0]) <= MOST_ROWS:
        yield from _of_table(
            [_label(key) for key in value], [list(item) for item in lists], [*range(len(lists[0]))], path
        )
        return
    for key, item in value.items():
        yield from _walk(item, (*path, _label(key)), depth + 1)


def _of_sequence(value: Sequence[Any], path: Path, depth: int) -> Iterator[tuple[Path, float]]:
    if not 0 < len(value) <= MOST_ROWS:
        return
    if all(isinstance(item, Mapping) for item in value):
        names = list(dict.fromkeys(key for item in value for key in item))[:MOST_COLUMNS]
        cells = [[item.get(name) for item in value] for name in names]
        yield from _of_table([_label(name) for name in names], cells, [*range(len(value))], path)
        return
    for at, item in enumerate(value):
        pair = isinstance(item, (list, tuple)) and len(item) == 2 and isinstance(item[0], str)
        yield from _walk(item[1] if pair else item, (*path, _label(item[0]) if pair else at), depth + 1)


def _label(value: object) -> str | int:
    """The name of a row, column or entry; a whole number that is not negative stays one."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, tuple):
        return " ".join(str(part) for part in value[:5] if part != "")[:_LONGEST_LABEL]
    return str(value)[:_LONGEST_LABEL] if isinstance(value, (str, float)) else type(value).__name__
