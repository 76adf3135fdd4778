"""The digest of a value's whole content: every row, every column's name and type, order and index included.

Two values of the same kind with the same content have the same digest, whatever their layout in memory: C or Fortran
order, slices, pandas blocks, Arrow chunks, byte order, NaN bit patterns, string storage. MLflow's own dataset digest
reads the first 10,000 rows only. ``FORMAT`` grows when the definition changes.
"""

from __future__ import annotations

import hashlib
import sys
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from .arrays import feed_array, put
from .arrow import feed_arrow, feed_table
from .bytes import Undigestible, encode
from .frames import feed_frame, feed_index, feed_series, feed_values
from .tensors import feed_sparse, feed_tensor

FORMAT = "bioml-value-1"


@dataclass(frozen=True)
class ValueDigest:
    """``digest`` is ``sha256:`` and 64 hex characters; ``rows`` and ``columns`` are None where it has none."""

    digest: str
    rows: int | None
    columns: int | None
    kind: str


def value_digest(value: Any) -> ValueDigest | None:
    """The digest of a frame, array, tensor, table, sparse array, or of plain lists, dicts, texts and bytes.

    Reads only; imports nothing that the value's own library has not loaded (polars frames are read through Arrow).
    None when the value has no content that could be digested. Never raises an :class:`Exception`.
    """
    numpy = sys.modules.get("numpy")
    try:
        with numpy.errstate(all="ignore") if numpy is not None else nullcontext():
            return _digest(value)
    except Exception:
        return None


def _nested(value: Any) -> str | None:
    found = _of_library(value)
    return found.digest if found is not None else None


def _digest(value: Any) -> ValueDigest | None:
    found = _of_library(value)
    if found is not None:
        return found
    if not isinstance(value, (list, tuple, dict, set, frozenset, str, bytes, bytearray)):
        return None
    hash = hashlib.sha256()
    put(hash, FORMAT, "plain", encode(value, _nested, by_pickle=False))
    rows = None if isinstance(value, (str, bytes, bytearray)) else len(value)
    return ValueDigest(f"sha256:{hash.hexdigest()}", rows, None, type(value).__name__)


def _of_library(value: Any) -> ValueDigest | None:
    """The digest of a value of a known library that is loaded, else None."""
    for cls in type(value).__mro__:
        package = cls.__module__.partition(".")[0]
        feeder = _FEEDERS.get(package)
        if feeder is not None and package in sys.modules:
            hash = hashlib.sha256()
            put(hash, FORMAT)
            shape = feeder(hash, value)
            if shape is not None:
                return ValueDigest(f"sha256:{hash.hexdigest()}", *shape)
    return None


Shape = tuple[int | None, int | None, str]


def _pandas(hash: Any, value: Any) -> Shape | None:
    pandas = sys.modules["pandas"]
    if isinstance(value, pandas.DataFrame):
        feed_frame(hash, value, _nested)
        return value.shape[0], value.shape[1], "dataframe"
    if isinstance(value, pandas.Series):
        feed_series(hash, value, _nested)
        return len(value), 1, "series"
    if isinstance(value, pandas.Index):
        feed_index(hash, value, _nested)
        return len(value), value.nlevels, "index"
    if isinstance(value, pandas.api.extensions.ExtensionArray):
        put(hash, "extension")
        feed_values(hash, pandas.Series(value, copy=False), _nested)
        return len(value), 1, "array"
    return None


def _numpy(hash: Any, value: Any) -> Shape | None:
    np = sys.modules["numpy"]
    if not isinstance(value, np.ndarray):
        return None
    put(hash, "array")
    if isinstance(value, np.ma.MaskedArray):
        put(hash, "masked")
        feed_array(hash, np.ma.getmaskarray(value), _nested)
        value = value.filled(np.zeros(1, value.dtype)[0])
    feed_array(hash, np.asarray(value), _nested)
    return *_rows_and_columns(value.shape), "array"


def _torch(hash: Any, value: Any) -> Shape | None:
    if not isinstance(value, sys.modules["torch"].Tensor):
        return None
    feed_tensor(hash, value, _nested)
    return *_rows_and_columns(tuple(value.shape)), "tensor"


def _scipy(hash: Any, value: Any) -> Shape | None:
    sparse = sys.modules.get("scipy.sparse")
    if sparse is None or not sparse.issparse(value):
        return None
    feed_sparse(hash, value, _nested)
    return *_rows_and_columns(tuple(value.shape)), "sparse"


def _pyarrow(hash: Any, value: Any) -> Shape | None:
    pa = sys.modules["pyarrow"]
    if isinstance(value, pa.RecordBatch):
        value = pa.Table.from_batches([value])
    if isinstance(value, pa.Table):
        feed_table(hash, value, _nested)
        return value.num_rows, value.num_columns, "table"
    if isinstance(value, (pa.Array, pa.ChunkedArray)):
        feed_arrow(hash, value, _nested)
        return len(value), 1, "column"
    return None


def _polars(hash: Any, value: Any) -> Shape | None:
    polars = sys.modules["polars"]
    if isinstance(value, polars.DataFrame):
        return _pyarrow(hash, value.to_arrow())
    if isinstance(value, polars.Series):
        put(hash, value.name)
        return _pyarrow(hash, value.to_arrow())
    return None


_FEEDERS = {
    "numpy": _numpy,
    "pandas": _pandas,
    "polars": _polars,
    "pyarrow": _pyarrow,
    "scipy": _scipy,
    "torch": _torch,
}


def _rows_and_columns(shape: tuple[int, ...]) -> tuple[int | None, int | None]:
    if not shape:
        return None, None
    return shape[0], shape[1] if len(shape) == 2 else None if len(shape) > 2 else 1


__all__ = ["FORMAT", "Undigestible", "ValueDigest", "value_digest"]
