"""Hold-out predictions: stored with the run, one row per key, so that any two runs can be compared later."""

from __future__ import annotations

import io
from typing import Any

from ..journal.blobs import Blobs


def keep_frame(name: str, frame: Any, blobs: Blobs) -> dict[str, Any]:
    """Store a frame (or what pandas makes one of) as parquet; returns the fields of ``Predictions``.

    :raises OSError: when the disk refuses; TypeError, ValueError when it is not a table.
    """
    import pandas

    table = frame if isinstance(frame, pandas.DataFrame) else pandas.DataFrame(frame)
    if table.columns.duplicated().any() or not all(isinstance(column, str) for column in table.columns):
        table = table.set_axis([f"{column}" for column in table.columns], axis=1)
    sink = io.BytesIO()
    table.to_parquet(sink)
    return {
        "name": name,
        "blob": blobs.put(sink.getvalue()),
        "rows": len(table),
        "columns": [str(column) for column in table.columns],
        "format": "parquet",
    }


def table_of(y_true: Any, y_pred: Any, key: Any = None, columns: dict[str, Any] | None = None) -> Any:
    """The predictions table: ``key``, ``y_true``, ``y_pred`` (``y_pred_0`` … for several outputs) and more.

    :param y_true: (n,) labels or measured values.
    :param y_pred: (n,) or (n, k) predictions, probabilities or values.
    :param key: (n,) row keys; default: the index of ``y_true``, else 0 … n−1.
    :param columns: further (n,) columns: interval bounds, split, round, group.
    :raises ValueError: when the lengths differ or a key is not unique.
    """
    import numpy
    import pandas

    truth = numpy.asarray(y_true)
    predicted = numpy.asarray(y_pred)
    if key is None:
        key = getattr(y_true, "index", range(len(truth)))
        key = range(len(truth)) if callable(key) else key
    if len(truth) != len(predicted):
        raise ValueError(f"y_true has {len(truth)} rows, y_pred {len(predicted)}")
    table = pandas.DataFrame({"key": list(key), "y_true": truth})
    if len(table) != len(truth):
        raise ValueError(f"key has {len(table)} rows, y_true {len(truth)}")
    if table["key"].duplicated().any():
        raise ValueError(f"key is not unique: {table.loc[table['key'].duplicated(), 'key'].iloc[0]!r} stands twice")
    if predicted.ndim == 1:
        table["y_pred"] = predicted
    else:
        for number in range(predicted.shape[1]):
            table[f"y_pred_{number}"] = predicted[:, number]
    for name, values in (columns or {}).items():
        table[name] = numpy.asarray(values)
    return table
