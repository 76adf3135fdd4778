"""What a fitted model says of itself: settings, coefficients, the candidates of a search.

Asked by duck typing and of modules that are already loaded; values are made plain: numbers, booleans, None or text.
"""

from __future__ import annotations

import inspect
import json
import math
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from . import models

#: Characters kept of a long value.
LONGEST = 500
#: Lists within lists are shown to this depth.
DEEPEST = 5
#: A model with more coefficients has none of them recorded.
MOST_COEFFICIENTS = 50

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


class ModelSettings(NamedTuple):
    """``<name>.<param>`` → setting, in two parts; both empty for what has none."""

    chosen: dict[str, Any]
    others: dict[str, Any]
    """Those that stand behind: at the constructor's defaults, or not known to be chosen."""
    are_defaults: bool = True
    """The others are known to be at the constructor's defaults."""


def fitted_params(name: str, value: Any) -> ModelSettings:
    """The settings of a model or a torch optimizer.

    Values are numbers, booleans, None or text; long text is cut and says so. Never raises an :class:`Exception`.
    """
    found = ModelSettings({}, {})
    with suppress(Exception):
        found = _settings(value)
    return ModelSettings(
        {f"{name}.{key}": _shown(item) for key, item in found.chosen.items()},
        {f"{name}.{key}": _shown(item) for key, item in found.others.items()},
        found.are_defaults,
    )


def _settings(value: Any) -> ModelSettings:
    if models.is_module(value):
        return ModelSettings(_of_module(value), {})
    if models.is_optimizer(value):
        return ModelSettings(_of_optimizer(value), {})
    if models.is_result(value):
        return ModelSettings(_of_result(value), {})
    if models.is_of(value, "xgboost", "Booster"):
        return ModelSettings(*_of_xgboost(value), are_defaults=False)
    if models.is_of(value, "lightgbm", "Booster"):
        return ModelSettings({key: item for key, item in value.params.items() if item is not None}, {})
    if models.is_estimator(value):
        return _parted(value, value.get_params(deep=True))
    if models.is_fitted(value) or models.can_fit(value):
        return _parted(value, _by_constructor(value))
    return ModelSettings({}, {})


def coefficients(name: str, value: Any) -> dict[str, Any]:
    """``<name>.params.<term>`` → coefficient, of a result of statsmodels or a fitter of lifelines.

    Empty for anything else, and for a model with more than :data:`MOST_COEFFICIENTS`. Never raises an
    :class:`Exception`.
    """
    with suppress(Exception):
        if models.is_result(value):
            found = value.params
            names = getattr(value.model, "exog_names", None)
        elif models.is_lifelines(value):
            found, names = value.params_, None
        else:
            return {}
        return {f"{name}.params.{term}": number for term, number in _terms(found, names)}
    return {}


def _terms(found: Any, names: Any) -> Iterator[tuple[str, float]]:
    """(term, coefficient) of a Series, a dictionary, or an array whose terms are ``names``."""
    if models.is_of(found, "numpy", "ndarray") and found.ndim == 1 and names is not None and len(names) == len(found):
        found = dict(zip(names, found.tolist(), strict=True))
    if models.is_of(found, "pandas", "Series"):
        found = dict(zip(found.index.tolist(), found.tolist(), strict=True))
    if not isinstance(found, dict) or len(found) > MOST_COEFFICIENTS:
        return
    for term, number in found.items():
        plain = _plain(number)
        if isinstance(plain, (int, float)) and not isinstance(plain, bool):
            yield ".".join(map(str, term)) if isinstance(term, tuple) else str(term), plain


def _of_result(result: Any) -> dict[str, Any]:
    """The settings of a fitted result of statsmodels: which model, and how it was fitted."""
    model = result.model
    family = getattr(model, "family", None)
    found = {
        "class": type(model).__name__,
        "formula": getattr(model, "formula", None),
        "family": None if family is None else type(family).__name__,
        "link": None if family is None else type(family.link).__name__,
        "cov_type": getattr(result, "cov_type", None),
        "method": (getattr(result, "mle_settings", None) or {}).get("optimizer") or getattr(result, "method", None),
        "order": getattr(model, "order", None),
        "seasonal_order": getattr(model, "seasonal_order", None),
        "missing": getattr(model, "missing", None),
    }
    return {key: item for key, item in found.items() if item is not None and not callable(item)}


def _of_xgboost(booster: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """(the objective and what it is made of, the settings of its trees, chosen and default alike)."""
    learner = json.loads(booster.save_config())["learner"]
    chosen = {
        "booster": learner["learner_train_param"]["booster"],
        "objective": learner["learner_train_param"]["objective"],
        "rounds": booster.num_boosted_rounds(),
    }
    trees = learner["gradient_booster"].get("tree_train_param", {})
    return chosen, {key: _number(item) for key, item in trees.items() if item != ""}


def _number(text: str) -> Any:
    with suppress(ValueError):
        return json.loads(text)
    return text


def _by_constructor(value: Any) -> dict[str, Any]:
    """The constructor's arguments that the object keeps under their own name; only plain ones are settings."""
    own, found = vars(value), {}
    for key in inspect.signature(type(value).__init__).parameters:
        if key in own and (own[key] is None or isinstance(_plain(own[key]), (str, int, float, list, tuple))):
            found[key] = own[key]
    return found


def _parted(estimator: Any, settings: dict[str, Any]) -> ModelSettings:
    """The settings that differ from their constructor's defaults, and the others. Those of an estimator within this one
    (``clf__max_depth``) have the defaults of its own constructor."""

    def is_default(key: str) -> bool:
        within, _, name = key.rpartition("__")
        kind: type = type(settings.get(within) if within else estimator)
        default = _defaults_of(kind).get(name, inspect.Parameter.empty)
        try:
            return settings[key] is default or bool(settings[key] == default)
        except (TypeError, ValueError):
            return False

    defaults = {key: item for key, item in settings.items() if is_default(key)}
    return ModelSettings({key: item for key, item in settings.items() if key not in defaults}, defaults)


@lru_cache(maxsize=64)
def _defaults_of(kind: type) -> dict[str, Any]:
    """Argument of a class's constructor → its default, also of those that it hands on to the classes it is made of."""
    found: dict[str, Any] = {}
    for one in reversed(kind.__mro__):
        if "__init__" in vars(one):
            with suppress(TypeError, ValueError):
                found |= {
                    key: item.default for key, item in inspect.signature(vars(one)["__init__"]).parameters.items()
                }
    return found


def candidates_table(value: Any) -> bytes | None:
    """The candidates of a fitted search (``cv_results_`` of GridSearchCV and its like) as CSV, best first.

    None if the value is not a search. Never raises an :class:`Exception`.
    """
    with suppress(Exception):
        from ..text.csv_table import csv_table

        results = vars(value).get("cv_results_")
        if not isinstance(results, dict) or not results:
            return None
        columns = {key: _plain_list(column) for key, column in results.items()}
        rows = range(max(len(column) for column in columns.values()))
        rank = next((column for key, column in columns.items() if key.startswith("rank_test_")), None)
        order = sorted(rows, key=lambda row: rank[row]) if rank else rows
        table = ([_shown(column[row]) for column in columns.values()] for row in order)
        return csv_table([columns, *table]).encode("utf-8", "backslashreplace")
    return None


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
    if models.is_of(value, "numpy", "generic") or (models.is_of(value, "torch", "Tensor") and value.ndim == 0):
        return value.item()
    return value


def _text(value: Any, depth: int = 0) -> str:
    """Text without memory addresses; estimators by the name of their class, arrays by type and shape."""
    value = _plain(value)
    kind = type(value)
    if issubclass(kind, type) or models.is_estimator(value) or models.is_module(value):
        return str((value if issubclass(kind, type) else kind).__qualname__)
    if (
        models.is_of(value, "pandas", "DataFrame", "Series")
        or models.is_of(value, "numpy", "ndarray")
        or models.is_of(value, "torch", "Tensor")
    ):
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
