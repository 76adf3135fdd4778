"""Rows in the form of a model's training data, none of which is a real one (see :mod:`.drawing`).

A model's input example is stored and shown wherever the model goes. The rows of the training data are patients'; so
the example has their columns, types and missing values, and numbers from their ranges.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from .drawing import (
    ENOUGH,
    LOOKED_AT,
    ROWS,
    TEXT,
    days_between,
    drawn,
    frequent,
    generator,
    in_range,
    numbers,
    with_missing,
)
from .models import is_of

#: Numbers of an array that are looked at, and different numbers that are drawn for one.
MOST_NUMBERS, DIFFERENT = 20_000_000, 4096
#: Values of a frame that are looked at one by one, and columns beyond which numbers are looked at as an array.
MOST_VALUES, WIDE = 2_000_000, 200


def first_rows(data: Any) -> Any:
    """A copy of the first rows, for data that the user names as the example; None where it has no rows to take."""
    with suppress(Exception):
        if is_of(data, "torch", "Tensor"):
            return data[:ROWS].detach().cpu().clone()
        if is_of(data, "pandas", "DataFrame", "Series"):
            return data.iloc[:ROWS].copy()
        if isinstance(data, list):
            return data[:ROWS]
        if is_of(data, "scipy.sparse", "spmatrix", "sparray"):
            return data.tocsr()[:ROWS].copy()
        if is_of(data, "numpy", "ndarray"):
            return data[:ROWS].copy() if data.ndim else None
        if is_of(data, "polars", "DataFrame") or is_of(data, "pyarrow", "Table"):
            return data.slice(0, ROWS)
    return None


def synthetic(data: Any) -> Any:
    """:data:`~.drawing.ROWS` rows in the form of ``data``; None where that is not known.

    Never raises an :class:`Exception`, and touches no random generator of the user's.
    """
    with suppress(Exception):
        for module, classes, make in _FORMS:
            if is_of(data, module, *classes):
                return make(data)
        if isinstance(data, (list, tuple)):
            return _list(list(data[:LOOKED_AT]))
    return None


def neutral(names: list[str] | None, features: int) -> Any:
    """Rows of zeros for a model of which only the features are known: a frame where they have names."""
    import numpy

    zeros = numpy.zeros((ROWS, features))
    pandas = sys.modules.get("pandas")
    return zeros if names is None or pandas is None else pandas.DataFrame(zeros, columns=names)


def rows_of(data: Any) -> int:
    """How many rows it has."""
    return int(data.shape[0]) if hasattr(data, "shape") else len(data)


# ---- pandas


def _frame(data: Any) -> Any:
    import pandas

    kinds = {str(dtype) for dtype in data.dtypes}
    if data.shape[1] > WIDE and len(kinds) == 1 and data.dtypes.iloc[0].kind in "iuf":
        made = pandas.DataFrame(_numeric(data.to_numpy()))
    else:
        draw, looked_at = generator(), data.iloc[: min(LOOKED_AT, max(1000, MOST_VALUES // max(1, data.shape[1])))]
        columns = [_column(looked_at.iloc[:, place], draw) for place in range(data.shape[1])]
        made = pandas.concat(columns, axis=1) if columns else pandas.DataFrame(index=range(ROWS))
    made.columns = data.columns
    return made


def _series(data: Any) -> Any:
    return _column(data.iloc[:LOOKED_AT], generator()).rename(data.name)


def _column(column: Any, draw: random.Random) -> Any:
    """A Series of the column's dtype; of a category only the frequent values are left in it."""
    import pandas

    kind, dtype = pandas.api.types, column.dtype
    missing, present = int(column.isna().sum()), column.dropna()
    if isinstance(dtype, pandas.CategoricalDtype):
        common = frequent(present.tolist())
        values = drawn(present.tolist(), draw) if common else [TEXT] * ROWS
        dtype = pandas.CategoricalDtype([c for c in dtype.categories if c in common] or [TEXT], ordered=dtype.ordered)
    elif kind.is_datetime64_any_dtype(dtype):
        first, last = (present.min().year, present.max().year) if len(present) >= ENOUGH else (2000, 2000)
        days = days_between(first, last, draw)
        values = [pandas.Timestamp(day, tz=getattr(dtype, "tz", None)) for day in days]
    elif kind.is_timedelta64_dtype(dtype):
        low, high = (present.min().value, present.max().value) if len(present) >= ENOUGH else (0, 0)
        values = [pandas.Timedelta(number) for number in in_range(low, high, draw, whole=True)]
    elif kind.is_bool_dtype(dtype) or not kind.is_numeric_dtype(dtype):
        values = drawn(present.tolist(), draw)
    else:
        whole = bool(kind.is_integer_dtype(dtype))
        values = numbers(present.to_numpy(dtype="int64" if whole else "float64").tolist(), draw, whole=whole)
    absent = next(iter(column[column.isna()].tolist()), None)
    return pandas.Series(with_missing(values, missing, len(column), absent, draw), dtype=dtype)


# ---- arrays


def _array(data: Any) -> Any:
    """Of a table each column has a range of its own, of anything with more dimensions all numbers have one."""
    import numpy

    data = numpy.asarray(data)
    if data.ndim == 0:
        return None
    kind, rest = data.dtype.kind, data.shape[1:]
    if kind in "iuf":
        return _numeric(data)
    if kind in "OUSbM" and data.ndim <= 2:
        draw = generator()
        table = data[:LOOKED_AT].reshape(len(data[:LOOKED_AT]), -1)
        columns = [_like(table[:, place], draw) for place in range(table.shape[1])]
        return numpy.stack(columns, axis=1).reshape(ROWS, *rest)
    return numpy.zeros((ROWS, *rest), data.dtype)


def _like(column: Any, draw: random.Random) -> Any:
    import numpy

    made = numpy.empty(ROWS, object)
    made[:] = drawn(column.tolist(), draw)
    return made if column.dtype.kind == "O" else made.astype("U" if column.dtype.kind == "U" else column.dtype)


def _numeric(data: Any) -> Any:
    import numpy

    width = max(1, int(numpy.prod(data.shape[1:])))
    looked_at = data[: max(ENOUGH, MOST_NUMBERS // width)]
    if len(looked_at) < ENOUGH:
        return numpy.zeros((ROWS, *data.shape[1:]), data.dtype)
    draw, real = generator(), data.dtype.kind == "f"
    axis = 0 if data.ndim <= 2 else None
    known = numpy.isfinite(looked_at)
    with numpy.errstate(all="ignore"):
        low = numpy.where(known, looked_at, numpy.inf).min(axis) if real else looked_at.min(axis)
        high = numpy.where(known, looked_at, -numpy.inf).max(axis) if real else looked_at.max(axis)
        enough = known.sum(axis) >= ENOUGH
        low, high = numpy.where(enough, low, 0).astype(float), numpy.where(enough, high, 0).astype(float)
        shares = numpy.array([draw.random() for _ in range(min(ROWS * width, DIFFERENT))])
        made = low + numpy.resize(shares, (ROWS, *data.shape[1:])) * (high - low)
        if not real:
            inside = numpy.where(high - low > 1, 1, 0)  # one row may have the ends alone
            made = numpy.clip(numpy.rint(made), low + inside, high - inside)
        else:
            made = _with_nan(made, ~known if axis == 0 and data.ndim == 2 else None, draw)
        return made.astype(data.dtype)


def _with_nan(made: Any, unknown: Any, draw: random.Random) -> Any:
    """NaN in each column of a table in proportion to what is not known there."""
    import numpy

    for place in range(made.shape[1]) if unknown is not None else ():
        count = int(unknown[:, place].sum())
        if count:
            made[:, place] = with_missing(made[:, place].tolist(), count, len(unknown), numpy.nan, draw)
    return made


def _tensor(data: Any) -> Any:
    import torch

    looked_at = data.detach()[: max(ENOUGH, MOST_NUMBERS // max(1, data[:1].numel()))].cpu()
    plain = looked_at.float() if looked_at.dtype in (torch.bfloat16, torch.float16) else looked_at
    made = _array(plain.numpy())
    return None if made is None else torch.tensor(made.tolist(), dtype=data.dtype)


def _sparse(data: Any) -> Any:
    """As many entries in a row as there are on average, with numbers from their range."""
    import numpy

    rows = data.tocsr()[:LOOKED_AT]
    width = rows.shape[1]
    draw, filled = generator(), min(width, max(1, round(rows.nnz / max(1, rows.shape[0]))))
    enough = rows.shape[0] >= ENOUGH and rows.nnz >= ENOUGH
    low, high = (rows.data.min().item(), rows.data.max().item()) if enough else (0, 0)
    made = numpy.zeros((ROWS, width), data.dtype) if width * ROWS <= MOST_NUMBERS else None
    if made is None:
        return None
    for row in range(ROWS):
        places = sorted(draw.sample(range(width), min(filled, DIFFERENT)))
        whole = data.dtype.kind in "iub"
        made[row, places] = [in_range(low, high, draw, whole=whole)[0] for _ in places]
    return type(data)(made)


# ---- lists and other tables


def _list(rows: list[Any]) -> Any:
    draw, kinds = generator(), {type(row) for row in rows}
    if kinds <= {str, int, float, bool, type(None)}:
        return drawn(rows, draw) if rows else None
    kind = next(iter(kinds))
    if len(kinds) > 1:
        return None
    if kind is dict:
        counts = {key: sum(key in row for row in rows) for row in rows for key in row}
        keys = [key for key, count in counts.items() if count >= min(ENOUGH, len(rows))]
        columns = {key: drawn([row.get(key) for row in rows], draw) for key in sorted(keys, key=str)}
        return [{key: column[place] for key, column in columns.items()} for place in range(ROWS)]
    if kind in (list, tuple) and len({len(row) for row in rows}) == 1:
        lists = [drawn([row[place] for row in rows], draw) for place in range(len(rows[0]))]
        return [kind(column[place] for column in lists) for place in range(ROWS)]
    if is_of(rows[0], "numpy", "ndarray") and len({row.shape for row in rows}) == 1:
        import numpy

        return list(_array(numpy.stack(rows)))
    return None


def _polars(data: Any) -> Any:
    draw = generator()
    columns = {name: drawn(data[name][:LOOKED_AT].to_list(), draw) for name in data.columns}
    return type(data)(columns, schema=data.schema)


def _arrow(data: Any) -> Any:
    draw = generator()
    columns = [drawn(column.slice(0, LOOKED_AT).to_pylist(), draw) for column in data.columns]
    return type(data).from_pydict(dict(zip(data.column_names, columns, strict=True)), schema=data.schema)


#: (module, classes) → how rows in that form are made.
_FORMS: tuple[tuple[str, tuple[str, ...], Callable[[Any], Any]], ...] = (
    ("pandas", ("DataFrame",), _frame),
    ("pandas", ("Series",), _series),
    ("torch", ("Tensor",), _tensor),
    ("scipy.sparse", ("spmatrix", "sparray"), _sparse),
    ("numpy", ("ndarray",), _array),
    ("polars", ("DataFrame",), _polars),
    ("pyarrow", ("Table",), _arrow),
)
