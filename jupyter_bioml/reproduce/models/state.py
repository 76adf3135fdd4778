"""What a fitted model learned, as named arrays: by its kind where it has one of its own, else by its attributes.

Settings, counts, durations and text are left out. Of scikit-learn's estimators those attributes count that ``fit`` sets
(``coef_``, ``estimators_``, a pipeline's steps); of boosters the trees that they dump; of torch's modules the
``state_dict``; of statsmodels' results the parameters and what is told of them.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

#: Arrays and numbers in all of them beyond which a model is not compared.
MOST_ARRAYS, MOST_NUMBERS = 20_000, 200_000_000
_DEEPEST = 12
_TOLD = ("params", "bse", "tvalues", "pvalues", "llf", "scale", "cov_params_default")
_PARTS = ("steps", "transformer_list")
#: Methods that predict, the most telling first.
_PREDICTING = ("predict_proba", "decision_function", "predict", "predict_partial_hazard", "transform")
Named = Iterator[tuple[str, Any]]


class TooMuch(Exception):
    """The model holds more than is compared."""


def learned(model: Any) -> dict[str, Any]:
    """Name → array of numbers.

    :raises TooMuch: when there are too many.
    """
    import numpy

    found: dict[str, Any] = {}
    numbers = 0
    for name, value in _walk("", model, frozenset()):
        array = numpy.asarray(value)
        if array.dtype.kind not in "biufc":
            continue
        numbers += array.size
        if len(found) >= MOST_ARRAYS or numbers > MOST_NUMBERS:
            raise TooMuch(f"it holds more than {MOST_ARRAYS:,} arrays or {MOST_NUMBERS:,} numbers")
        found[name.lstrip(".")] = array
    return found


def predicted(model: Any, sample: Any) -> tuple[str, Any]:
    """(the method, what it gives for the rows of ``sample``).

    :raises Exception: whatever the model's own code raises.
    """
    import numpy

    if _is(model, "torch.nn", "Module"):
        import torch

        model.eval()
        with torch.no_grad():
            return "forward", numpy.asarray(model(sample).detach().cpu())
    for method in _PREDICTING:
        call = getattr(model, method, None)
        if callable(call):
            found = numpy.asarray(call(sample))
            return method, found if found.dtype.kind in "biufc" else found.astype(str)
    raise TypeError(f"{type(model).__name__} has no method that predicts")


def _walk(name: str, value: Any, above: frozenset[int]) -> Named:
    """Every array in a value. ``above``: ids of the objects that hold it."""
    if (
        value is None
        or isinstance(value, (bool, str, bytes, int, type))
        or callable(getattr(value, "__wrapped__", None))
    ):
        return
    if isinstance(value, float):
        yield name, value
        return
    if id(value) in above or len(above) >= _DEEPEST:
        return
    inside = above | {id(value)}
    for is_kind, taken in _KINDS:
        if is_kind(value):
            yield from taken(name, value, inside)
            return


# -- kinds, the first that fits ----------------------------------------------------------------------


def _of_array(name: str, value: Any, above: frozenset[int]) -> Named:
    if value.dtype.names:
        for field in value.dtype.names:
            yield f"{name}.{field}", value[field]
    elif value.dtype.kind == "O":
        yield from _of_sequence(name, value.ravel().tolist(), above)
    elif value.ndim or value.dtype.kind == "f":
        yield name, value


def _of_sequence(name: str, value: Any, above: frozenset[int]) -> Named:
    items = list(value)
    if items and all(isinstance(item, (int, float)) and not isinstance(item, bool) for item in items):
        yield name, items
        return
    for place, item in enumerate(items):
        # a pipeline's step is (its name, its estimator)
        named = isinstance(item, tuple) and len(item) > 1 and isinstance(item[0], str)
        yield from _walk(f"{name}.{item[0]}" if named else f"{name}[{place}]", item[1] if named else item, above)


def _of_mapping(name: str, value: Mapping[Any, Any], above: frozenset[int]) -> Named:
    for key, item in value.items():
        if not _is_told(str(key)):
            yield from _walk(f"{name}.{key}", item, above)


def _of_tree(name: str, value: Any, above: frozenset[int]) -> Named:
    """scikit-learn's compiled tree. What a leaf says of missing values is never set."""
    state = value.__getstate__()
    nodes = state["nodes"].copy()
    if "missing_go_to_left" in (nodes.dtype.names or ()):
        nodes["missing_go_to_left"][nodes["left_child"] == -1] = 0
    yield from _of_array(f"{name}.nodes", nodes, above)
    yield f"{name}.values", state["values"]


def _of_xgboost(name: str, value: Any, above: frozenset[int]) -> Named:
    yield from _of_mapping(name, json.loads(bytes(value.save_raw(raw_format="json"))), above)


def _of_lightgbm(name: str, value: Any, above: frozenset[int]) -> Named:
    yield from _walk(f"{name}.trees", value.dump_model()["tree_info"], frozenset())


def _of_catboost(name: str, value: Any, above: frozenset[int]) -> Named:
    yield f"{name}.leaf_values", value.get_leaf_values()
    yield f"{name}.borders", [border for borders in value.get_borders().values() for border in borders]


def _of_statsmodels(name: str, value: Any, above: frozenset[int]) -> Named:
    for told in _TOLD:
        with contextlib.suppress(Exception):  # not every result has each of them
            yield from _walk(f"{name}.{told}", getattr(value, told), above)


def _of_module(name: str, value: Any, above: frozenset[int]) -> Named:
    for key, tensor in value.state_dict().items():
        yield from _walk(f"{name}.{key}", tensor, above)


def _of_tensor(name: str, value: Any, above: frozenset[int]) -> Named:
    yield name, value.detach().cpu().float().numpy() if value.is_floating_point() else value.detach().cpu().numpy()


def _of_frame(name: str, value: Any, above: frozenset[int]) -> Named:
    columns = value.items() if value.ndim == 2 else [("", value)]
    for key, column in columns:
        if column.dtype.kind in "biuf":
            yield f"{name}.{key}".rstrip("."), column.to_numpy()


def _of_sparse(name: str, value: Any, above: frozenset[int]) -> Named:
    plain = value.tocoo()
    yield f"{name}.data", plain.data
    yield f"{name}.row", plain.row
    yield f"{name}.col", plain.col


def _of_weights(name: str, value: Any, above: frozenset[int]) -> Named:
    yield from _of_sequence(f"{name}.weights", value.get_weights(), above)


def _of_object(name: str, value: Any, above: frozenset[int]) -> Named:
    try:
        attributes = vars(value)
    except TypeError:
        return
    is_estimator = _is(value, "sklearn.base", "BaseEstimator") or hasattr(type(value), "get_params")
    for key, item in attributes.items():
        fitted = key.endswith("_") or key.startswith("_") or key in _PARTS
        if (fitted or not is_estimator) and not _is_told(key):
            yield from _walk(f"{name}.{key}", item, above)


def _is_told(key: str) -> bool:
    """Whether an attribute says how long something took, or holds a generator's state."""
    return "time" in key.lower().split("_") or key.endswith("random_state") or key in ("random_state_", "_rng", "rng")


def _is(value: Any, module: str, *classes: str) -> bool:
    """Whether a value is of one of the classes of a module that is loaded."""
    import sys

    loaded = sys.modules.get(module)
    found = tuple(cls for name in classes if isinstance(cls := getattr(loaded, name, None), type))
    return isinstance(value, found)


def _from(value: Any, package: str) -> bool:
    return any(cls.__module__.partition(".")[0] == package for cls in type(value).__mro__)


_KINDS: tuple[tuple[Callable[[Any], bool], Callable[[str, Any, frozenset[int]], Named]], ...] = (
    (lambda value: _is(value, "numpy", "ndarray", "generic"), _of_array),
    (lambda value: _is(value, "torch", "Tensor"), _of_tensor),
    (lambda value: _is(value, "torch.nn", "Module"), _of_module),
    (lambda value: _is(value, "pandas", "DataFrame", "Series"), _of_frame),
    (lambda value: _is(value, "scipy.sparse", "spmatrix", "sparray"), _of_sparse),
    (lambda value: _is(value, "sklearn.tree._tree", "Tree"), _of_tree),
    (lambda value: _is(value, "xgboost.core", "Booster"), _of_xgboost),
    (lambda value: _is(value, "lightgbm.basic", "Booster"), _of_lightgbm),
    (lambda value: _is(value, "catboost.core", "CatBoost"), _of_catboost),
    (lambda value: _from(value, "statsmodels") and hasattr(value, "params"), _of_statsmodels),
    (lambda value: callable(getattr(type(value), "get_weights", None)), _of_weights),
    (lambda value: isinstance(value, Mapping), _of_mapping),
    (lambda value: isinstance(value, (list, tuple, set, frozenset)), _of_sequence),
    (lambda value: hasattr(value, "__dict__"), _of_object),
)
