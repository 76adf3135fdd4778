"""The description and bytes of a fitted estimator or a torch module.

Everything is asked by duck typing and of modules that are already loaded: nothing is imported but cloudpickle, and that
when a model is serialised. Only types are asked which methods they have, so no ``__getattr__`` of the user's runs.
"""

from __future__ import annotations

import csv
import inspect
import io
import math
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from types import ModuleType
from typing import Any

from ..journal.blobs import Blobs

#: Characters kept of a long value.
LONGEST = 500
#: Lists within lists are shown to this depth.
DEEPEST = 5
#: Rows of an input example.
EXAMPLE_ROWS = 5

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


def is_fitted(value: Any) -> bool:
    """True for an estimator that was fitted: scikit-learn's, and those that look like one (XGBoost, LightGBM, …).

    One that needs no fit (``FunctionTransformer``) is fitted only when ``fit`` was called and left a trace.
    """
    if not _is_estimator(value):
        return False
    with suppress(Exception):
        traces = [name for name in vars(value) if name.endswith("_") and not name.startswith("_")]
        if _has(value, "__sklearn_is_fitted__"):
            return bool(value.__sklearn_is_fitted__()) and (bool(traces) or _was_needed(value))
        if _has(value, "is_fitted"):  # CatBoost
            return bool(value.is_fitted())
        return bool(set(traces) - set(value.get_params(deep=False)))
    return False


def _was_needed(value: Any) -> bool:
    """True unless the estimator, or every step of the pipeline, can do without ``fit``."""
    steps = vars(value).get("steps")
    if isinstance(steps, list):
        return any(is_fitted(step[1]) for step in steps)
    return bool(value.__sklearn_tags__().requires_fit) if _has(value, "__sklearn_tags__") else True


def is_model(value: Any) -> bool:
    """True for a fitted estimator and for a torch module."""
    return _is_module(value) or is_fitted(value)


def is_optimizer(value: Any) -> bool:
    """True for a torch optimizer."""
    return _is_optimizer(value)


def predicts(value: Any) -> bool:
    """True for what predicts: a module, or an estimator with ``predict`` (a scaler only transforms)."""
    return _is_module(value) or _has(value, "predict")


def contains(outer: Any, inner: Any) -> bool:
    """True when ``inner`` is a part of ``outer``: a pipeline's step, a search's best estimator, a submodule."""
    if outer is inner:
        return False
    with suppress(Exception):
        if _is_module(outer):
            return any(part is inner for part in outer.modules())
        parts = [step[1] for step in vars(outer).get("steps") or []]
        names = ("best_estimator_", "estimator", "estimator_", "base_estimator")
        parts += [vars(outer)[name] for name in names if name in vars(outer)]
        parts += [part for part in vars(outer).get("estimators_") or [] if not isinstance(part, tuple)]
        return any(part is inner or (_is_estimator(part) and contains(part, inner)) for part in parts)
    return False


def flavor(value: Any) -> str:
    """MLflow's flavour for the model: ``sklearn``, ``pytorch`` or ``pyfunc``."""
    if _is_module(value):
        return "pytorch"
    base = getattr(sys.modules.get("sklearn.base"), "BaseEstimator", None)
    return "sklearn" if isinstance(base, type) and issubclass(type(value), base) else "pyfunc"


def fitted_params(name: str, value: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """``<name>.<param>`` → setting, of an estimator, a torch module or a torch optimizer; empty for anything else.

    Two parts: those that were chosen, and those that are at the constructor's defaults. Values are numbers, booleans,
    None or text; long text is cut and says so. Never raises an :class:`Exception`.
    """
    chosen: dict[str, Any] = {}
    defaults: dict[str, Any] = {}
    with suppress(Exception):
        if _is_module(value):
            chosen = _of_module(value)
        elif _is_optimizer(value):
            chosen = _of_optimizer(value)
        elif _is_estimator(value):
            chosen, defaults = _parted(value, value.get_params(deep=True))
    return (
        {f"{name}.{key}": _shown(item) for key, item in chosen.items()},
        {f"{name}.{key}": _shown(item) for key, item in defaults.items()},
    )


def _parted(estimator: Any, settings: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The settings that differ from the constructor's defaults, and the others."""
    known = {}
    with suppress(TypeError, ValueError):
        known = {key: item.default for key, item in inspect.signature(type(estimator).__init__).parameters.items()}

    def is_default(key: str) -> bool:
        if key not in known:
            return True
        try:
            return bool(settings[key] == known[key]) or settings[key] is known[key]
        except (TypeError, ValueError):
            return False

    defaults = {key: item for key, item in settings.items() if is_default(key)}
    return {key: item for key, item in settings.items() if key not in defaults}, defaults


def candidates_table(value: Any) -> bytes | None:
    """The candidates of a fitted search (``cv_results_`` of GridSearchCV and its like) as CSV, best first.

    None if the value is not a search. Never raises an :class:`Exception`.
    """
    with suppress(Exception):
        results = vars(value).get("cv_results_")
        if not isinstance(results, dict) or not results:
            return None
        columns = {key: _plain_list(column) for key, column in results.items()}
        rows = range(max(len(column) for column in columns.values()))
        rank = next((column for key, column in columns.items() if key.startswith("rank_test_")), None)
        order = sorted(rows, key=lambda row: rank[row]) if rank else rows
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(columns)
        for row in order:
            writer.writerow(["" if column[row] is None else _shown(column[row]) for column in columns.values()])
        return text.getvalue().encode("utf-8", "backslashreplace")
    return None


def input_example(X: Any) -> Any:
    """A copy of the first rows of what was passed to ``fit``; None where it has no rows to take."""
    with suppress(Exception):
        if _of(X, "torch", "Tensor"):
            return X[:EXAMPLE_ROWS].detach().cpu().clone()
        if _of(X, "pandas", "DataFrame") or _of(X, "pandas", "Series"):
            return X.iloc[:EXAMPLE_ROWS].copy()
        if isinstance(X, list):
            return X[:EXAMPLE_ROWS]
        if _of(X, "scipy.sparse", "spmatrix", "sparray"):
            return X.tocsr()[:EXAMPLE_ROWS].copy()
        if _of(X, "numpy", "ndarray"):
            return X[:EXAMPLE_ROWS].copy() if X.ndim else None
        if _of(X, "polars", "DataFrame") or _of(X, "pyarrow", "Table"):
            return X.slice(0, EXAMPLE_ROWS)
    return None


def serialise(value: Any, blobs: Blobs, limit: int, project_modules: Iterable[ModuleType] = ()) -> tuple[str, int]:
    """Pickle ``value`` into a blob, with its own code: classes of the notebook and of ``project_modules`` by value.

    Any interrupt or error leaves nothing behind. The user's random generators are not touched.

    :param limit: bytes.
    :returns: the blob's digest and its size in bytes.
    :raises TooLarge: while writing, as soon as it grows over ``limit``.
    :raises OSError: when the disk refuses.
    :raises Exception: whatever pickling the value raises.
    """
    import cloudpickle

    with _by_value(project_modules):
        return blobs.put_stream(lambda sink: cloudpickle.dump(value, sink), limit)


@contextmanager
def _by_value(modules: Iterable[ModuleType]) -> Iterator[None]:
    import cloudpickle

    known = cloudpickle.list_registry_pickle_by_value()
    ours = []
    try:
        for module in modules:
            if module.__name__ not in known and sys.modules.get(module.__name__) is module:
                ours.append(module)
                cloudpickle.register_pickle_by_value(module)
        yield
    finally:
        for module in ours:
            with suppress(ValueError):
                cloudpickle.unregister_pickle_by_value(module)


# ---- what a value is


def _has(value: Any, *names: str) -> bool:
    """True when the type of ``value`` has all methods ``names``."""
    return all(any(name in vars(cls) for cls in type(value).__mro__) for name in names)


def _is_estimator(value: Any) -> bool:
    return not issubclass(type(value), type) and _has(value, "fit", "get_params")


def _of(value: Any, module: str, *classes: str) -> bool:
    """True when ``value`` is of one of the classes of a module that is loaded.

    ``isinstance`` would ask ``value.__class__``, which wakes lazy proxies.
    """
    loaded = sys.modules.get(module)
    found = tuple(cls for name in classes if isinstance(cls := getattr(loaded, name, None), type))
    return issubclass(type(value), found)


def _is_module(value: Any) -> bool:
    return _of(value, "torch.nn", "Module")


def _is_optimizer(value: Any) -> bool:
    return _of(value, "torch.optim", "Optimizer")


# ---- what it tells


def _of_module(value: Any) -> dict[str, Any]:
    """Layers are modules without parts of their own. Counts are left out while lazy layers have no shape yet."""
    found = {
        "class": type(value).__qualname__,
        "layers": sum(1 for module in value.modules() if not any(True for _ in module.children())),
    }
    parameters = list(value.parameters())
    with suppress(RuntimeError, ValueError):
        found["parameters"] = sum(math.prod(item.shape) for item in parameters)
        found["trainable"] = sum(math.prod(item.shape) for item in parameters if item.requires_grad)
    return found


def _of_optimizer(value: Any) -> dict[str, Any]:
    """The settings of each parameter group; of several groups those that differ are numbered."""
    found: dict[str, Any] = {"class": type(value).__qualname__}
    groups = [
        {key: item for key, item in group.items() if key not in ("params", "param_names")}
        for group in value.param_groups
    ]
    for key in dict.fromkeys(key for group in groups for key in group):
        settings = [group.get(key) for group in groups]
        if all(_shown(item) == _shown(settings[0]) for item in settings):
            found[key] = settings[0]
        else:
            found.update({f"{index}.{key}": item for index, item in enumerate(settings)})
    return found


def _shown(value: Any) -> Any:
    """A number, a boolean, None or text: what a parameter can be. Never raises an :class:`Exception`."""
    try:
        plain = _plain(value)
        if plain is None or isinstance(plain, (bool, int, float)):
            return plain
        text = plain if isinstance(plain, str) else _text(plain)
    except Exception:
        text = f"<{type(value).__qualname__} that cannot be shown>"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text):,} characters)"


def _plain(value: Any) -> Any:
    """numpy's and torch's single numbers as Python's."""
    if _of(value, "numpy", "generic") or (_of(value, "torch", "Tensor") and value.ndim == 0):
        return value.item()
    return value


def _text(value: Any, depth: int = 0) -> str:
    """Text without memory addresses; estimators by the name of their class, arrays by type and shape."""
    value = _plain(value)
    kind = type(value)
    if issubclass(kind, type) or _is_estimator(value) or _is_module(value):
        return str((value if issubclass(kind, type) else kind).__qualname__)
    if _of(value, "pandas", "DataFrame", "Series") or _of(value, "numpy", "ndarray") or _of(value, "torch", "Tensor"):
        return f"{kind.__name__} of shape {tuple(value.shape)}"
    if depth < DEEPEST and kind in (list, tuple):
        inner = ", ".join(_text(item, depth + 1) for item in value[:LONGEST])
        return f"[{inner}]" if kind is list else f"({inner}{',' if len(value) == 1 else ''})"
    if depth < DEEPEST and kind is dict:
        items = islice(value.items(), LONGEST)
        return "{" + ", ".join(f"{key!r}: {_text(item, depth + 1)}" for key, item in items) + "}"
    if callable(value) and hasattr(value, "__qualname__"):
        return f"{value.__module__}.{value.__qualname__}"
    return _ADDRESS.sub("", repr(value))


def _plain_list(column: Any) -> list[Any]:
    """A column of ``cv_results_``; what a masked array hides becomes None."""
    return list(column) if isinstance(column, list) else list(column.tolist())
