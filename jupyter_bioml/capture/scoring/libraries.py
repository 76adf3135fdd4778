"""What is observed of each library, once the user's code has imported it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import FunctionType, ModuleType
from typing import Any

from .functions import FUNCTIONS, PATTERNS, ScoringFunction, Shape, scoring_functions
from .hooks import inner_code
from .observed import FIT, PREDICTION, SCORE, ObservedCode, ObservedFunction

#: Module → its classes of models; none named: all that it defines. Estimators of scikit-learn, and of libraries whose
#: classes derive from them, are met when they are fitted or loaded (``BaseEstimator``).
CLASSES: dict[str, tuple[str, ...]] = {
    "sklearn.base": ("ClassifierMixin", "RegressorMixin"),
    "xgboost.sklearn": (),
    "xgboost.core": ("Booster",),
    "lightgbm.sklearn": (),
    "lightgbm.basic": ("Booster",),
    "catboost.core": ("CatBoost", "CatBoostClassifier", "CatBoostRegressor", "CatBoostRanker"),
    "lifelines": (),
    "lifelines.fitters.coxph_fitter": (),
    "keras.src.backend.torch.trainer": ("TorchTrainer",),
    "keras.src.backend.tensorflow.trainer": ("TensorFlowTrainer",),
    "keras.src.backend.jax.trainer": ("JAXTrainer",),
    "statsmodels.base.model": ("Results", "LikelihoodModelResults"),
    "statsmodels.tsa.statespace.mlemodel": ("MLEResults",),
    "statsmodels.tsa.holtwinters.results": ("HoltWintersResults",),
}
#: Modules with classes that are fitted to results, an object of another class.
FITTED_TO_RESULTS = (
    "statsmodels.regression.linear_model",
    "statsmodels.regression.mixed_linear_model",
    "statsmodels.regression.quantile_regression",
    "statsmodels.robust.robust_linear_model",
    "statsmodels.discrete.discrete_model",
    "statsmodels.genmod.generalized_linear_model",
    "statsmodels.genmod.generalized_estimating_equations",
    "statsmodels.duration.hazard_regression",
    "statsmodels.miscmodels.ordinal_model",
    "statsmodels.tsa.arima.model",
    "statsmodels.tsa.statespace.sarimax",
    "statsmodels.tsa.holtwinters.model",
)
#: Module → its functions that fit a model and return it; a scoring call below one is a part of the fit.
TRAINING: dict[str, tuple[str, ...]] = {
    "xgboost.training": ("train",),
    "lightgbm.engine": ("train",),
    "catboost": ("train",),
}
_SCORER_CLASSES = ("_BaseScorer", "_MultimetricScorer", "_PassthroughScorer")
#: Keras' ``evaluate``: the loss, then the metrics that the model was compiled with.
_EVALUATION = Shape(parts=("loss",))
_METRIC = ScoringFunction("torchmetrics.Metric")


def watched_modules() -> set[str]:
    """The modules whose import is waited for."""
    return {*FUNCTIONS, *PATTERNS, *CLASSES, *FITTED_TO_RESULTS, *TRAINING, *_SPECIAL}


def observe(module: ModuleType, observed: ObservedCode) -> None:
    """Observe what the imported ``module`` holds."""
    name = module.__name__
    for scoring, function in scoring_functions(module):
        observed.add(function, ObservedFunction(SCORE, scoring), scoring.name)
    if name in CLASSES:
        for cls in _classes(module, CLASSES[name]):
            observe_class(cls, observed, with_fit=True)
    for own in TRAINING.get(name, ()):
        observed.add(vars(module).get(own), ObservedFunction(FIT), f"{name}.{own}")
    if name in FITTED_TO_RESULTS:
        for cls in _classes(module, ()):
            fit = vars(cls).get("fit")
            if isinstance(fit, FunctionType):
                observed.add(fit, ObservedFunction(FIT, method=True), f"{cls.__qualname__}.fit")
    special = _SPECIAL.get(name)
    if special is not None:
        special(module, observed)


def _classes(module: ModuleType, names: tuple[str, ...]) -> Iterator[type]:
    for name in names or vars(module):
        value = vars(module).get(name)
        if isinstance(value, type) and (names or value.__module__.startswith(module.__name__.partition(".")[0])):
            yield value


def observe_class(cls: type, observed: ObservedCode, *, with_fit: bool = False) -> None:
    """Observe the methods of a model's class, its own and those of the classes it derives from."""
    for owner in cls.__mro__[:-1]:
        for name, raw in list(vars(owner).items()):
            role = role_of(name)
            if role is None or (role == FIT and not with_fit):
                continue
            # scikit-learn keeps a method that not every object has in the ``fn`` of a descriptor
            function = raw if isinstance(raw, FunctionType) else getattr(raw, "__dict__", {}).get("fn")
            if isinstance(function, FunctionType):
                shape = _EVALUATION if name == "evaluate" else Shape()
                scoring = ScoringFunction(f"{owner.__qualname__}.{name}", shape) if role == SCORE else None
                observed.add(function, ObservedFunction(role, scoring, method=True), f"{owner.__qualname__}.{name}")


def role_of(method: str) -> str | None:
    """What a model's method is, by its name."""
    if method in ("score", "evaluate"):
        return SCORE
    if method.startswith("predict") or method in ("decision_function", "fit_predict", "score_samples", "forecast"):
        return PREDICTION
    return FIT if method == "fit" else None


# ---- libraries with ways of their own


def _sklearn_base(module: ModuleType, observed: ObservedCode) -> None:
    """Every ``fit`` runs in one wrapper; scoring calls of scorers and callbacks below it are parts of the fit."""
    maker = vars(module).get("_fit_context")
    if isinstance(maker, FunctionType):
        observed.contain(inner_code(maker.__code__, "wrapper"))


def _sklearn_scorers(module: ModuleType, observed: ObservedCode) -> None:
    for name in _SCORER_CLASSES:
        cls = vars(module).get(name)
        call = vars(cls).get("__call__") if isinstance(cls, type) else None
        if call is not None:
            scoring = ScoringFunction(f"sklearn.metrics.{name.removeprefix('_')}")
            observed.add(call, ObservedFunction(SCORE, scoring, method=True), scoring.name)


def _cross_val_predict(module: ModuleType, observed: ObservedCode) -> None:
    function = vars(module).get("cross_val_predict")
    if function is not None:
        observed.add(function, ObservedFunction(PREDICTION, method=True), "sklearn.model_selection.cross_val_predict")


def _torchmetrics(module: ModuleType, observed: ObservedCode) -> None:
    """``metric(…)`` and ``metric.compute()``: each instance makes its own ``compute``."""
    metric = vars(module).get("Metric")
    if isinstance(metric, type):
        known = ObservedFunction(SCORE, _METRIC, method=True)
        observed.add(vars(metric).get("forward"), known, "torchmetrics.Metric.forward")
        observed.add_made(vars(metric).get("_wrap_compute"), "wrapped_func", known)


def _torchmetrics_collections(module: ModuleType, observed: ObservedCode) -> None:
    collection = vars(module).get("MetricCollection")
    if isinstance(collection, type):
        for name in ("forward", "compute"):
            known = ObservedFunction(SCORE, ScoringFunction("torchmetrics.MetricCollection"), method=True)
            observed.add(vars(collection).get(name), known, f"torchmetrics.MetricCollection.{name}")


_SPECIAL: dict[str, Callable[[ModuleType, ObservedCode], Any]] = {
    "sklearn.base": _sklearn_base,
    "sklearn.metrics._scorer": _sklearn_scorers,
    "sklearn.model_selection": _cross_val_predict,
    "torchmetrics.metric": _torchmetrics,
    "torchmetrics.collections": _torchmetrics_collections,
}
