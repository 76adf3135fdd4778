"""Feeding pandas frames, series and indexes to a hash.

The type of every column is part of the digest, with one exception: strings are strings, whether pandas holds them as
``object``, ``str`` or ``string``, in Python or in Arrow, because the same file read by two versions of pandas differs
in that and in nothing else. A column of objects that are all strings or missing counts as strings.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from typing import Any

from .arrays import (
    feed_array,
    feed_masked,
    feed_matrices,
    feed_objects,
    is_plain,
    numpy,
    put,
    type_name,
)  # fmt: skip
from .arrow import feed_arrow
from .bytes import Nested

_CHUNK = 1 << 16


def feed_frame(hash: Any, frame: Any, nested: Nested) -> None:
    """Feed a DataFrame: shape, column labels, index, and every column in order."""
    rows, count = frame.shape
    put(hash, "frame", rows, count)
    feed_index(hash, frame.columns, nested)
    feed_index(hash, frame.index, nested)
    types = list(frame.dtypes)
    matrices: list[Any] = []
    others = []
    first = 0
    while first < count:
        last = first + 1
        if is_plain(types[first]):
            while last < count and _same_type(types[first], types[last]):
                last += 1
            put(hash, type_name(types[first]), last - first)
            matrices.extend(_matrices(frame.iloc[:, first:last]))
        else:
            put(hash, "column")
            column = hashlib.sha256()
            feed_values(column, frame.iloc[:, first], nested)
            others.append(column.digest())
        first = last
    feed_matrices(hash, matrices, rows)
    put(hash, *others)


def _same_type(one: Any, other: Any) -> bool:
    return one is other or (is_plain(other) and type_name(one) == type_name(other))


def _matrices(part: Any) -> Iterator[Any]:
    """The columns of one plain type: as one matrix where pandas holds them so, else one by one; never a copy of all."""
    probe = part.iloc[:1]
    if part.shape[1] == 1 or not numpy().shares_memory(probe.to_numpy(), probe.iloc[:, 0].to_numpy()):
        for position in range(part.shape[1]):
            yield part.iloc[:, position].to_numpy().reshape(-1, 1)
    else:
        yield part.to_numpy()


def feed_series(hash: Any, series: Any, nested: Nested) -> None:
    """Feed a Series: name, index and values."""
    put(hash, "series", len(series))
    _feed_names(hash, [series.name], nested)
    feed_index(hash, series.index, nested)
    feed_values(hash, series, nested)


def feed_index(hash: Any, index: Any, nested: Nested) -> None:
    """Feed an Index: names, and the labels; whole numbers in even steps as start and step, as RangeIndex holds them."""
    pandas = sys.modules["pandas"]
    put(hash, "index", len(index))
    _feed_names(hash, list(index.names), nested)
    if isinstance(index, pandas.MultiIndex):
        put(hash, "levels", index.nlevels)
        for level in range(index.nlevels):
            feed_values(hash, index.get_level_values(level), nested)
        return
    steps = _even_steps(index)
    if steps is not None:
        put(hash, "range", *steps)
    else:
        feed_values(hash, index, nested)


def _feed_names(hash: Any, names: list[Any], nested: Nested) -> None:
    labels = numpy().empty(len(names), dtype=object)
    labels[:] = names
    feed_array(hash, labels, nested)


def _even_steps(index: Any) -> tuple[int, int] | None:
    np = numpy()
    pandas = sys.modules["pandas"]
    if isinstance(index, pandas.RangeIndex):
        start, step = index.start, index.step
    elif isinstance(index.dtype, np.dtype) and index.dtype == np.int64:
        values = index.to_numpy()
        start = int(values[0]) if len(values) else 0
        step = int(values[1]) - start if len(values) > 1 else 1
        for first in range(0, len(values), _CHUNK):
            part = values[first : first + _CHUNK]
            if int(part[-1]) != start + step * (first + len(part) - 1) or (
                len(part) > 1 and (np.diff(part) != step).any()
            ):
                return None
    else:
        return None
    return (start if len(index) else 0, step if len(index) > 1 else 1)


def feed_values(hash: Any, column: Any, nested: Nested) -> None:
    """Feed the values of one Series or Index: the type's name, then every value."""
    pandas = sys.modules["pandas"]
    np = numpy()
    dtype = column.dtype
    if isinstance(dtype, np.dtype):
        if dtype.kind == "O":
            feed_objects(hash, lambda: _chunks(column.to_numpy()), nested)
        else:
            feed_array(hash, column.to_numpy(), nested)
        return
    array = column.array
    if isinstance(dtype, pandas.StringDtype):
        feed_objects(hash, lambda: (np.asarray(part, dtype=object) for part in _chunks(array)), nested)
    elif isinstance(dtype, pandas.CategoricalDtype):
        put(hash, "category", str(dtype.ordered))
        feed_values(hash, dtype.categories, nested)
        feed_array(hash, array.codes.astype("<i4"), nested)
    elif isinstance(dtype, pandas.IntervalDtype):
        put(hash, "interval", array.closed)
        feed_values(hash, array.left, nested)
        feed_values(hash, array.right, nested)
    elif isinstance(dtype, (pandas.DatetimeTZDtype, pandas.PeriodDtype)):
        put(hash, str(dtype))
        feed_array(hash, array.asi8, nested)
    else:
        _feed_extension(hash, array, nested)


def _feed_extension(hash: Any, array: Any, nested: Nested) -> None:
    pandas = sys.modules["pandas"]
    np = numpy()
    dtype = array.dtype
    arrow_type = getattr(pandas, "ArrowDtype", None)
    if arrow_type is not None and isinstance(dtype, arrow_type):
        feed_arrow(hash, array.__arrow_array__(), nested)
    elif isinstance(dtype, pandas.SparseDtype):
        put(hash, str(dtype))
        feed_array(hash, np.asarray(array), nested)
    elif isinstance(getattr(dtype, "numpy_dtype", None), np.dtype):
        put(hash, str(dtype))
        masked = ((part, part.isna()) for part in _chunks(array))
        plain = dtype.numpy_dtype
        feed_masked(hash, ((part.to_numpy(dtype=plain, na_value=plain.type(0)), mask) for part, mask in masked))
    else:
        put(hash, str(dtype))
        feed_objects(hash, lambda: (np.asarray(part, dtype=object) for part in _chunks(array)), nested)


def _chunks(array: Any) -> Iterator[Any]:
    for first in range(0, len(array), _CHUNK):
        yield array[first : first + _CHUNK]
