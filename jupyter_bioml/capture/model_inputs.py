"""Where a model's input example comes from: what it was fitted on, as the cell's text or the model itself says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from . import model_examples, models
from .calls import Fit
from .drawing import ENOUGH, ROWS

#: Columns that lifelines fits on beside the covariates, by the attribute that names them.
_SURVIVAL = ("duration_col", "event_col", "weights_col", "entry_col", "lower_bound_col", "upper_bound_col")


@dataclass(frozen=True, eq=False)
class Example:
    """``rows``: None where there are none. ``source``: where they come from, or why there are none."""

    rows: Any
    source: str


def named_example(name: str, namespace: Mapping[str, Any]) -> Example:
    """The first rows of what the user names, as they are."""
    if name not in namespace:
        return Example(None, f"{name}, named by --example, is not bound at the end of the cell")
    rows = model_examples.first_rows(namespace[name])
    if rows is None:
        return Example(None, f"{name}, named by --example, has no rows")
    return Example(rows, f"the first {model_examples.rows_of(rows)} rows of {name}, named by --example")


def synthetic_example(
    model: Any, name: str, fit: Fit | None, inputs: Mapping[str, tuple[str, ...]], namespace: Mapping[str, Any]
) -> Example:
    """Rows in the form of what ``model`` was fitted on, none of them a real one.

    :param fit: the call that fitted it.
    :param inputs: what else the cell called, and with which names (see :class:`~.calls.Calls`).
    """
    why = "no name of a table was passed to .fit(…) in the cell"
    for words, data in _fitted_on(model, name, fit, inputs, namespace):
        rows = model_examples.synthetic(data)
        if rows is not None:
            return Example(rows, _source(words, model_examples.rows_of(data)))
        why = f"{words} ({type(data).__name__}) is not of a form whose rows are known"
    return _of_its_features(model) or Example(None, why)


def _source(words: str, rows: int) -> str:
    if rows < ENOUGH:
        return f"synthetic: {ROWS} neutral rows with the columns of {words} ({rows} rows are too few for ranges)"
    return f"synthetic: {ROWS} rows within the ranges of {words} ({rows:,} rows)"


def _fitted_on(
    model: Any, name: str, fit: Fit | None, inputs: Mapping[str, tuple[str, ...]], namespace: Mapping[str, Any]
) -> Iterator[tuple[str, Any]]:
    """(words, data) of what the model may have been fitted on, the likeliest first."""
    if fit is not None and fit.data in namespace and fit.data is not None:
        yield fit.data, _covariates(model, namespace[fit.data])
        return
    if models.is_result(model):
        yield from _own_data(model)
        return
    uses = list(fit.uses if fit is not None else inputs.get(name, ()))
    uses = [inner for use in uses for inner in (use, *inputs.get(use, ()))]
    for use in uses:
        data = _fitting(model, namespace.get(use), exact=fit is None)
        if data is not None:
            yield use, data


def _covariates(model: Any, data: Any) -> Any:
    """Without the columns that survival models are fitted on and do not predict from."""
    if models.is_lifelines(model) and models.is_of(data, "pandas", "DataFrame"):
        named = [getattr(model, attribute, None) for attribute in _SURVIVAL]
        return data.drop(columns=[column for column in named if isinstance(column, str) and column in data.columns])
    return data


def _own_data(result: Any) -> Iterator[tuple[str, Any]]:
    """A result of statsmodels knows its data; of a formula only the columns count that stand on its right side."""
    data = result.model.data
    frame, formula = getattr(data, "frame", None), getattr(result.model, "formula", None)
    if frame is not None and isinstance(formula, str):
        right = formula.partition("~")[2]
        yield "its data", frame[[column for column in frame.columns if str(column) in right]]
    elif getattr(data, "orig_exog", None) is not None:
        yield "its data", data.orig_exog


def _fitting(model: Any, data: Any, *, exact: bool) -> Any:
    """What of ``data`` has the model's features (``df`` of ``df.drop("y", axis=1)``); None where it has them not."""
    names, count = _features(model)
    if models.is_of(data, "pandas", "DataFrame"):
        if names is not None and all(name in data.columns for name in names):
            return data[names]
        return data.to_numpy() if count == data.shape[1] and not exact else None
    tabular = models.is_of(data, "numpy", "ndarray") or models.is_of(data, "scipy.sparse", "spmatrix", "sparray")
    if tabular and data.ndim == 2:
        return data if names is None and data.shape[1] == count else None
    return data if models.is_of(data, "torch", "Tensor") and exact else None


def _features(model: Any) -> tuple[list[str] | None, int | None]:
    """(names of the features, how many there are), each None where the model does not say."""
    with suppress(Exception):
        if models.is_of(model, "lightgbm", "Booster"):
            names = model.feature_name()
            numbered = names == [f"Column_{place}" for place in range(len(names))]
            return None if numbered else names, len(names)
        if models.is_of(model, "xgboost", "Booster"):
            return model.feature_names, model.num_features()
        names = getattr(model, "feature_names_in_", None)
        count = getattr(model, "n_features_in_", None)
        return None if names is None else [str(item) for item in names], None if count is None else int(count)
    return None, None


def _of_its_features(model: Any) -> Example | None:
    names, count = _features(model)
    if count is None or models.is_module(model):
        return None
    with suppress(Exception):
        rows = model_examples.neutral(names, count)
        return Example(rows, f"synthetic: {ROWS} rows of zeros for the {count} features that the model knows")
    return None
