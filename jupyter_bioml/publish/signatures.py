"""Signatures that take the data a model was fitted on, and examples that come back with their types.

MLflow infers a signature and then refuses, or changes, columns of pandas' nullable types, categories and dates with a
time zone. So there is a looser one to try; the caller tries each on rows of the right types. What neither takes
(nullable whole numbers with missing ones: MLflow casts them) can have no signature.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

#: In the metadata of an MLflow model: the types of the example's columns, which its JSON loses.
EXAMPLE_TYPES = "bioml_example_types"
#: Of wider tables the columns are not looked at one by one, which takes MLflow milliseconds each.
MOST_COLUMNS = 2000


def signatures(mlflow: Any, rows: Any, expected: Any) -> Iterator[Any]:
    """Signatures for a model that answers ``rows`` with ``expected`` (None: it is not known), the strictest first."""
    infer = mlflow.models.infer_signature
    with suppress(Exception):
        yield infer(rows, expected)
    if not hasattr(rows, "iloc") or not hasattr(rows, "columns"):
        return
    if not rows.columns.is_unique or rows.shape[1] > MOST_COLUMNS:
        return
    outputs = None
    with suppress(Exception):
        outputs = infer(model_output=expected).outputs if expected is not None else None
    with suppress(Exception):
        inputs = mlflow.types.Schema([_column(mlflow, rows, place) for place in range(rows.shape[1])])
        yield mlflow.models.ModelSignature(inputs=inputs, outputs=outputs)


def _column(mlflow: Any, rows: Any, place: int) -> Any:
    """The column with its own type where MLflow has it; else with any type."""
    name, column = rows.columns[place], rows.iloc[:, place]
    if not _is_of_pandas(column.dtype):
        with suppress(Exception):
            found = mlflow.models.infer_signature(rows.iloc[:, [place]]).inputs.inputs[0]
            if found.name == name:  # what MLflow has no type for has no name
                return found
    return mlflow.types.ColSpec(mlflow.types.schema.AnyType(), name, required=False)


def _is_of_pandas(dtype: Any) -> bool:
    """Nullable numbers, categories, zoned dates: what numpy has no type for. MLflow has one for texts."""
    return not hasattr(dtype, "char") and getattr(dtype, "name", "") not in ("string", "str")


def types_of(rows: Any) -> dict[str, str]:
    """Column → dtype of the columns whose type JSON loses; empty where there are none."""
    if not hasattr(rows, "iloc") or not hasattr(rows, "columns"):
        return {}
    return {str(name): str(dtype) for name, dtype in rows.dtypes.items() if dtype.kind != "O" or dtype.name != "object"}


def with_types(rows: Any, types: dict[str, str] | None) -> Any:
    """``rows``, which were read from JSON, with the types that they had."""
    if not types or not hasattr(rows, "columns"):
        return rows
    known = {name: types[str(name)] for name in rows.columns if str(name) in types}
    return rows.astype({name: dtype for name, dtype in known.items() if str(rows[name].dtype) != dtype})
