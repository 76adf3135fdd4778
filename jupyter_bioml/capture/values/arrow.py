"""Feeding Arrow columns and tables to a hash: independent of chunks, offsets and what lies under missing values."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from typing import Any

from .arrays import feed_masked, feed_objects, put
from .bytes import Nested

_CHUNK = 1 << 16


def feed_table(hash: Any, table: Any, nested: Nested) -> None:
    """Feed a Table: shape, names and every column. The schema's metadata does not count."""
    put(hash, "table", table.num_rows, table.num_columns, *table.column_names)
    for column in table.columns:
        part = hashlib.sha256()
        feed_arrow(part, column, nested)
        put(hash, part.digest())


def feed_arrow(hash: Any, column: Any, nested: Nested) -> None:
    """Feed an Array or ChunkedArray: the type, then every value."""
    pa = sys.modules["pyarrow"]
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    kind = column.type
    if pa.types.is_dictionary(kind):
        put(hash, "dictionary", str(kind.ordered))
        chunks = [chunk.dictionary_decode() for chunk in chunks]
        kind = kind.value_type
    if _is_string(kind):
        feed_objects(hash, lambda: (part.to_pylist() for part in _slices(chunks)), nested)
        return
    put(hash, "arrow", str(kind), len(column))
    if _is_plain(kind):
        feed_masked(hash, (_plain(part) for part in _slices(chunks)))
    else:
        feed_objects(hash, lambda: (part.to_pylist() for part in _slices(chunks)), nested)


def _slices(chunks: list[Any]) -> Iterator[Any]:
    for chunk in chunks:
        for first in range(0, len(chunk), _CHUNK):
            yield chunk.slice(first, _CHUNK)


def _is_string(kind: Any) -> bool:
    types = sys.modules["pyarrow"].types
    named = ("is_string", "is_large_string", "is_string_view")
    return any(getattr(types, name)(kind) for name in named if hasattr(types, name))


def _is_plain(kind: Any) -> bool:
    types = sys.modules["pyarrow"].types
    return bool(types.is_primitive(kind))


def _plain(part: Any) -> tuple[Any, Any]:
    """(values, mask of missing ones or None) of a slice of numbers, booleans or times."""
    pa = sys.modules["pyarrow"]
    kind = part.type
    mask = part.is_null().to_numpy(zero_copy_only=False) if part.null_count else None
    if pa.types.is_boolean(kind):
        return part.cast(pa.uint8()).fill_null(0).to_numpy(zero_copy_only=False), mask
    whole = {8: pa.int8(), 16: pa.int16(), 32: pa.int32(), 64: pa.int64()}[kind.bit_width]
    values = part.view(whole)
    if mask is not None:
        values = values.fill_null(0)
    plain = values.to_numpy(zero_copy_only=False)
    if pa.types.is_floating(kind):
        plain = plain.view(f"<f{kind.bit_width // 8}")
    return plain, mask
