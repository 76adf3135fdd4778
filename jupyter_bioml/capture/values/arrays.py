"""Feeding numpy arrays to a hash: in blocks, in one order and byte order, whatever their layout in memory."""

from __future__ import annotations

import hashlib
import sys
import threading
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from .bytes import Nested, Undigestible, encode, joined

#: Bytes copied, checked for NaN and hashed at a time: small enough to stay in the processor's cache.
BLOCK = 1 << 19
#: Rows hashed column by column before the next rows: part of the digest's definition.
ROWS = 1 << 14

#: Bytes and rows put together where columns do not lie in one piece.
_GATHERED, _STRIP = 1 << 23, 1 << 10

_PLAIN = frozenset("biufcmM")
_BIG_ENDIAN = sys.byteorder == "big"
_scratch = threading.local()


def numpy() -> Any:
    """The numpy that the user's code has imported; never imported for them.

    :raises KeyError: when the user's code has not imported it.
    """
    return sys.modules["numpy"]


def put(hash: Any, *parts: str | bytes | int) -> None:
    """Feed names and sizes, each with its length."""
    hash.update(
        joined(part if isinstance(part, bytes) else str(part).encode("utf-8", "surrogatepass") for part in parts)
    )


def is_plain(dtype: Any) -> bool:
    """True for numpy's own numbers, booleans and times, which are hashed as they lie in memory."""
    return isinstance(dtype, numpy().dtype) and dtype.kind in _PLAIN and not _is_extended(dtype)


def type_name(dtype: Any) -> str:
    """The name of a numpy type, the same for both byte orders."""
    return str(dtype.newbyteorder("<").str)


def feed_array(hash: Any, values: Any, nested: Nested) -> None:
    """Feed type, shape and every element in C order."""
    dtype = values.dtype
    if dtype.names:
        put(hash, "struct", repr(values.shape), len(dtype.names))
        for name in dtype.names:
            put(hash, name)
            feed_array(hash, values[name], nested)
        return
    put(hash, "object" if dtype.kind in "OT" else type_name(dtype), repr(values.shape))
    if dtype.kind in "OT":
        feed_objects(hash, lambda: [values.astype(object).ravel()], nested)
    elif _is_extended(dtype):
        for part in _blocks(values):
            update(hash, _without_padding(part))
    else:
        for part in _blocks(values):
            update(hash, part)


def feed_matrices(hash: Any, matrices: Sequence[Any], rows: int) -> None:
    """Feed two-dimensional arrays of plain types that lie side by side: of each :data:`ROWS` rows, column by column."""
    for start in range(0, rows, ROWS):
        for matrix in matrices:
            _feed_columns(hash, matrix[start : start + ROWS].T)


def _feed_columns(hash: Any, columns: Any) -> None:
    """Feed the rows of ``columns``: where they lie, if they are contiguous and long, else some put together."""
    count, rows = columns.shape
    width = rows * columns.itemsize
    if columns.flags.c_contiguous:
        for part in _blocks(columns):
            update(hash, part)
    elif columns.strides[1] == columns.itemsize and width >= BLOCK // 64:
        for column in columns:
            update(hash, column)
    else:
        step = max(1, _GATHERED // max(1, width))
        for first in range(0, count, step):
            for part in _blocks(_gathered(columns[first : first + step])):
                update(hash, part)


def _gathered(columns: Any) -> Any:
    """A contiguous copy, made strip by strip: in one go every element would be fetched from memory again."""
    copy = numpy().empty(columns.shape, columns.dtype)
    for start in range(0, columns.shape[1], _STRIP):
        copy[:, start : start + _STRIP] = columns[:, start : start + _STRIP]
    return copy


def update(hash: Any, part: Any) -> None:
    """Feed a contiguous one-dimensional array: little-endian, with one bit pattern for all NaNs."""
    dtype = part.dtype
    if not dtype.isnative or _BIG_ENDIAN:
        part = part.astype(dtype.newbyteorder("<"))
    if dtype.kind in "fc" and part.size:
        floats = part if dtype.kind == "f" else part.view(f"<f{dtype.itemsize // 2}")
        least = numpy().minimum.reduce(floats)
        if least != least:
            part = _with_one_nan(floats)
    hash.update(part if dtype.kind in "fiu" else part.view("u1"))


def _with_one_nan(floats: Any) -> Any:
    np = numpy()
    scratch = getattr(_scratch, "bytes", None)
    if scratch is None or scratch.nbytes < floats.nbytes:
        scratch = _scratch.bytes = np.empty(max(BLOCK, floats.nbytes), "u1")
    copy = scratch[: floats.nbytes].view(floats.dtype)
    np.copyto(copy, floats)
    np.copyto(copy, np.nan, where=copy != copy)
    return copy


def feed_masked(hash: Any, parts: Iterable[tuple[Any, Any]]) -> None:
    """Feed (values with anything under the missing ones, mask of missing ones or None) parts of one column."""
    values, missing, any_missing, clean = hashlib.sha256(), hashlib.sha256(), False, 0
    np = numpy()
    for part, mask in parts:
        if mask is None or not mask.any():
            clean += len(part)
        else:
            any_missing = True
            missing.update(bytes(clean))
            missing.update(np.ascontiguousarray(mask).view("u1"))
            clean = 0
            part = np.where(mask, np.zeros(1, part.dtype), part)
        update(values, np.ascontiguousarray(part))
    missing.update(bytes(clean if any_missing else 0))
    put(hash, values.digest(), missing.digest() if any_missing else b"")


def feed_objects(hash: Any, chunks: Callable[[], Iterable[Any]], nested: Nested) -> None:
    """Feed a column of Python objects: as strings when all that is not missing is a string, else one by one.

    :param chunks: gives the column in pieces, a second time if asked.
    """
    if _feed_strings(hash, chunks()):
        return
    put(hash, "objects")
    total = hashlib.sha256()
    for chunk in chunks():
        for item in chunk:
            total.update(joined((b"n" if is_missing(item) else encode(item, nested, by_pickle=True),)))
    put(hash, total.digest())


def _feed_strings(hash: Any, chunks: Iterable[Any]) -> bool:
    """Feed lengths and text apart, so that chunks leave no trace; False (nothing fed) when there is something else."""
    lengths, texts = hashlib.sha256(), hashlib.sha256()
    for chunk in chunks:
        found: list[str] = []
        sizes = array("q")
        for item in chunk:
            if isinstance(item, str):
                found.append(item)
                sizes.append(len(item))
            elif is_missing(item):
                sizes.append(-1)
            else:
                return False
        if sys.byteorder == "big":
            sizes.byteswap()
        lengths.update(sizes)
        texts.update("".join(found).encode("utf-8", "surrogatepass"))
    put(hash, "strings", lengths.digest(), texts.digest())
    return True


def is_missing(item: Any) -> bool:
    """None, NaN, NaT and pandas.NA: one missing value, as files keep it."""
    if item is None or (isinstance(item, float) and item != item):
        return True
    pandas = sys.modules.get("pandas")
    return pandas is not None and (item is getattr(pandas, "NA", None) or item is getattr(pandas, "NaT", None))


def _blocks(values: Any) -> Iterator[Any]:
    """Contiguous one-dimensional pieces of ``values`` in C order, of about :data:`BLOCK` bytes."""
    if values.size == 0:
        return
    if values.flags.c_contiguous:
        flat = values.reshape(-1)
        step = max(1, BLOCK // max(1, values.itemsize))
        for start in range(0, flat.size, step):
            yield flat[start : start + step]
        return
    width = values.nbytes // len(values)
    if width > BLOCK and values.ndim > 1:
        for row in values:
            yield from _blocks(row)
        return
    step = max(1, BLOCK // max(1, width))
    for start in range(0, len(values), step):
        yield numpy().ascontiguousarray(values[start : start + step]).reshape(-1)


def _is_extended(dtype: Any) -> bool:
    """``longdouble`` and its complex: their bytes hold padding."""
    return dtype.kind in "fc" and dtype.itemsize > (8 if dtype.kind == "f" else 16)


def _without_padding(part: Any) -> Any:
    np = numpy()
    if np.finfo(np.longdouble).nmant != 63:
        raise Undigestible(str(part.dtype))
    floats = part.reshape(-1).view(np.longdouble)
    floats = np.where(floats != floats, np.longdouble("nan"), floats)
    return np.ascontiguousarray(floats.view("u1").reshape(-1, np.dtype(np.longdouble).itemsize)[:, :10])
