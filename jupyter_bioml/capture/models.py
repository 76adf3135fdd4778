"""What a value is: a fitted estimator, a torch module, a fitted result of a statistics library, or none of these.

Everything is asked by duck typing and of modules that are already loaded: nothing is imported. Only types are asked
which methods they have, so no ``__getattr__`` of the user's runs.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Iterator
from contextlib import suppress
from types import FunctionType, ModuleType
from typing import Any

#: Flavour of MLflow → (the module that has to be loaded, its classes): results, boosters and networks by their class.
_NATIVE = (
    ("xgboost", "xgboost", ("Booster", "XGBModel")),
    ("lightgbm", "lightgbm", ("Booster", "LGBMModel")),
    ("catboost", "catboost", ("CatBoost",)),
    ("statsmodels", "statsmodels.base.wrapper", ("ResultsWrapper",)),
    ("statsmodels", "statsmodels.base.model", ("Results",)),
    ("keras", "keras", ("Model",)),
    ("prophet", "prophet", ("Prophet",)),
)
#: Kind → (the module that has to be loaded, its classes).
_KINDS = (
    ("module", "torch.nn", ("Module",)),
    ("optimizer", "torch.optim", ("Optimizer",)),
    ("result", "statsmodels.base.wrapper", ("ResultsWrapper",)),
    ("result", "statsmodels.base.model", ("Results",)),
    ("booster", "xgboost", ("Booster",)),
    ("booster", "lightgbm", ("Booster",)),
    ("lifelines", "lifelines.fitters", ("BaseFitter",)),
)
#: What most names hold: looked up much quicker than in a dictionary of weak references.
_NO_MODELS = frozenset(
    (int, float, str, bool, type(None), list, dict, tuple, set, bytes, ModuleType, FunctionType, type)
)
_kinds: weakref.WeakKeyDictionary[type, str] = weakref.WeakKeyDictionary()
#: Attributes under which a model keeps the models that it is made of.
_PARTS = ("best_estimator_", "estimator", "estimator_", "base_estimator", "final_estimator_", "regressor_")
#: What a fitted lifelines fitter has and one that was not fitted has not; beside attributes that end with ``_``.
LIFELINES = frozenset({"_model", "event_observed", "durations"})


def kind_of(value: Any) -> str:
    """``module``, ``optimizer``, ``result``, ``booster``, ``lifelines``, ``estimator``, ``fits`` (anything else with a
    method ``fit``) or nothing; asked once of each class."""
    kind = type(value)
    if kind in _NO_MODELS:
        return ""
    found = _kinds.get(kind)
    if found is None:
        found = _kinds[kind] = _kind_of(value)
    return found


def _kind_of(value: Any) -> str:
    if issubclass(type(value), type):
        return ""
    for name, module, classes in _KINDS:
        if is_of(value, module, *classes):
            return name
    if _has(value, "fit", "get_params"):
        return "estimator"
    return "fits" if _has(value, "fit") else ""


def is_fitted(value: Any) -> bool:
    """True for what was fitted and says so itself.

    That is an estimator of scikit-learn and what looks like one (XGBoost, LightGBM, …), a result of statsmodels, a
    fitter of lifelines, a booster with trees. An estimator that needs no fit (``FunctionTransformer``) is fitted only
    when ``fit`` was called and left a trace.
    """
    with suppress(Exception):
        if is_result(value):
            return True
        if is_booster(value):
            return rounds(value) > 0
        if is_lifelines(value):
            return bool(LIFELINES & vars(value).keys() or any(name.endswith("_") for name in vars(value)))
        if is_estimator(value):
            return _estimator_is_fitted(value)
    return False


def _estimator_is_fitted(value: Any) -> bool:
    traces = [name for name in vars(value) if name.endswith("_") and not name.startswith("_")]
    if _has(value, "__sklearn_is_fitted__"):
        return bool(value.__sklearn_is_fitted__()) and (bool(traces) or _was_needed(value))
    if _has(value, "is_fitted"):  # CatBoost
        return bool(value.is_fitted())
    return bool(set(traces) - set(value.get_params(deep=False)))


def _was_needed(value: Any) -> bool:
    """True unless the estimator, or every step of the pipeline, can do without ``fit``."""
    steps = vars(value).get("steps")
    if isinstance(steps, list):
        return any(is_fitted(step[1]) for step in steps)
    return bool(value.__sklearn_tags__().requires_fit) if _has(value, "__sklearn_tags__") else True


def is_model(value: Any) -> bool:
    """True for what is fitted, and for a torch module that can be trained: a loss without parameters is none."""
    return is_fitted(value) or (is_module(value) and has_parameters(value) and not is_loss(value))


def is_lifelines(value: Any) -> bool:
    """True for a fitter of lifelines, fitted or not."""
    return kind_of(value) == "lifelines"


def is_module(value: Any) -> bool:
    """True for a torch module."""
    return kind_of(value) == "module"


def is_optimizer(value: Any) -> bool:
    """True for a torch optimizer."""
    return kind_of(value) == "optimizer"


def is_estimator(value: Any) -> bool:
    """True for what has the methods of an estimator, fitted or not."""
    return kind_of(value) == "estimator"


def is_result(value: Any) -> bool:
    """True for a fitted result of statsmodels, which the model's ``fit`` returns."""
    return kind_of(value) == "result"


def is_unfitted_result(value: Any) -> bool:
    """True for a model of statsmodels: its ``fit`` returns the result and leaves the model as it is."""
    return is_of(value, "statsmodels.base.model", "Model")


def can_fit(value: Any) -> bool:
    """True for what a call of ``fit`` on it makes a model, whatever class it is of; it may not say whether it was."""
    if issubclass(type(value), type) or is_unfitted_result(value):
        return False
    return _has(value, "fit") and (_has(value, "predict") or is_of(value, "keras", "Model"))


def has_parameters(module: Any) -> bool:
    """True for a torch module with parameters."""
    with suppress(Exception):
        return any(True for _ in module.parameters())
    return False


def is_loss(value: Any) -> bool:
    """True for a torch module that is a loss, by its class or by its class's name."""
    name = type(value).__name__.lower()
    return is_of(value, "torch.nn.modules.loss", "_Loss") or name.endswith(("loss", "criterion"))


def predicts(value: Any) -> bool:
    """True for what predicts: a module, a result, or what has ``predict`` (a scaler only transforms)."""
    return is_module(value) or is_result(value) or is_lifelines(value) or _has(value, "predict")


def contains(outer: Any, inner: Any) -> bool:
    """True when ``inner`` is a part of ``outer``: a pipeline's step, a search's best estimator, a submodule."""
    if outer is inner:
        return False
    with suppress(Exception):
        if is_module(outer):
            return any(part is inner for part in outer.modules())
        members = [part for part in _listed(vars(outer).get("estimators_")) if not isinstance(part, tuple)]
        return any(part is inner or contains(part, inner) for part in (*parts_of(outer), *members))
    return False


def parts_of(value: Any) -> Iterator[Any]:
    """The models and models to be that a value is made of, without the members of an ensemble."""
    own = vars(value)
    yield from (step[1] for step in own.get("steps") or [] if isinstance(step, tuple) and len(step) > 1)
    yield from (own[name] for name in _PARTS if name in own)
    if kind_of(value) == "fits":  # a class of the user's own: whatever it keeps
        yield from (part for part in own.values() if is_module(part) or is_estimator(part) or is_fitted(part))


def _listed(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return list(value.ravel()) if is_of(value, "numpy", "ndarray") else list(value or [])


def flavor(value: Any) -> str:
    """MLflow's flavour for the model: ``sklearn``, ``pytorch``, one that is called like its library, or ``pyfunc``.

    A class of the user's that extends a library's class is kept by value, as the library would load its own.
    """
    if is_module(value):
        return "pytorch"
    root = type(value).__module__.partition(".")[0]
    for name, module, classes in _NATIVE:
        if root == name and is_of(value, module, *classes):
            return name
    return "sklearn" if is_of(value, "sklearn.base", "BaseEstimator") else "pyfunc"


def is_of(value: Any, module: str, *classes: str) -> bool:
    """True when ``value`` is of one of the classes of a module that is loaded.

    ``isinstance`` would ask ``value.__class__``, which wakes lazy proxies.
    """
    loaded = sys.modules.get(module)
    found = tuple(cls for name in classes if isinstance(cls := getattr(loaded, name, None), type))
    return issubclass(type(value), found)


def _has(value: Any, *names: str) -> bool:
    """True when the type of ``value`` has all methods ``names``."""
    return all(any(name in vars(cls) for cls in type(value).__mro__) for name in names)


def is_booster(value: Any) -> bool:
    """True for a booster of xgboost or lightgbm, which ``train`` returns."""
    return kind_of(value) == "booster"


def rounds(booster: Any) -> int:
    """How many rounds a booster was trained."""
    return int(booster.num_boosted_rounds() if _has(booster, "num_boosted_rounds") else booster.num_trees())
