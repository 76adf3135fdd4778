"""The flavours of MLflow that models are stored in, each at work on one model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from .model_formats import CLOUDPICKLE, SKOPS, Flavor, NotTheSame, array

#: Flavours that are called like their library, with the word for how they store a model.
OF_LIBRARIES = {
    "xgboost": "ubj",
    "lightgbm": "text",
    "catboost": "cbm",
    "statsmodels": "pickle",
    "keras": "keras",
    "prophet": "json",
}
#: Methods that answer rows, the first that there is: lifelines has no ``predict`` for its regressions.
_METHODS = (
    "predict",
    "predict_partial_hazard",
    "predict_median",
    "predict_survival_function",
    "predict_cumulative_hazard",
    "__call__",
)


def flavors_of(mlflow: Any, kind: str, model: Any, sample: Any) -> Iterator[Flavor]:
    """The flavour ``kind`` at work on ``model``, then the one that stands in where that fails."""
    if kind == "sklearn":
        yield _sklearn(mlflow, model, sample)
    elif kind == "pytorch":
        yield _pytorch(mlflow, model, sample)
    else:
        if kind in OF_LIBRARIES:
            yield _native(mlflow, kind, model, sample)
        yield _pyfunc(mlflow, model, sample)


def _native(mlflow: Any, kind: str, model: Any, sample: Any) -> Flavor:
    """A library's own format, by MLflow's flavour of the same name."""
    flavor = getattr(mlflow, kind)
    is_booster = type(model).__name__ == "Booster"
    given = {} if kind != "lightgbm" or is_booster else {"serialization_format": CLOUDPICKLE}

    def save(kept_as: str, folder: str, arguments: dict[str, Any]) -> None:
        flavor.save_model(model, folder, **arguments, **given)

    return Flavor(
        mlflow,
        model,
        sample,
        _predict_of(kind, model),
        save,
        flavor.load_model,
        (CLOUDPICKLE,) if given else (OF_LIBRARIES[kind],),
        (kind,),
        _state_of(kind, is_booster),
    )


def _predict_of(kind: str, model: Any) -> Callable[[Any, Any], Any]:
    if kind == "xgboost" and type(model).__name__ == "Booster":
        import xgboost

        return lambda which, rows: which.predict(xgboost.DMatrix(rows))
    return lambda which, rows: which.predict(rows)


def _state_of(kind: str, is_booster: bool) -> Callable[[Any], Any]:
    """What must be equal where there are no rows to predict."""
    if kind == "statsmodels":
        return lambda model: array(model.params)
    if kind == "xgboost" and is_booster:
        return lambda model: bytes(model.save_raw("ubj"))
    if kind == "lightgbm" and is_booster:
        return lambda model: (model.num_trees(), model.feature_name())
    return lambda model: None


def _sklearn(mlflow: Any, model: Any, sample: Any) -> Flavor:
    def save(kept_as: str, folder: str, given: dict[str, Any]) -> None:
        mlflow.sklearn.save_model(model, folder, serialization_format=kept_as, **given)

    method = next((name for name in ("predict", "transform") if hasattr(model, name)), None)
    return Flavor(
        mlflow,
        model,
        sample if method else None,
        lambda which, rows: getattr(which, str(method))(rows),
        save,
        mlflow.sklearn.load_model,
        (SKOPS, CLOUDPICKLE),
        ("sklearn",),
    )


def _pytorch(mlflow: Any, model: Any, sample: Any) -> Flavor:
    import torch

    model = model.to("cpu")  # so that it loads where there is no GPU; the weights stay as they are

    def predict(which: Any, rows: Any) -> Any:
        was_training = which.training
        which.eval()
        try:
            with torch.no_grad():
                found = which(torch.from_numpy(rows))
        finally:
            which.train(was_training)
        return found.numpy() if isinstance(found, torch.Tensor) else found

    def save(kept_as: str, folder: str, given: dict[str, Any]) -> None:
        mlflow.pytorch.save_model(model, folder, serialization_format="pickle", **given)

    if isinstance(sample, torch.Tensor):
        sample = sample.detach().cpu().numpy()
    elif sample is not None:
        sample = array(sample).astype("float32")
    return Flavor(
        mlflow,
        model,
        sample,
        predict,
        save,
        mlflow.pytorch.load_model,
        (CLOUDPICKLE,),
        ("torch",),
        lambda which: {key: value.cpu() for key, value in which.state_dict().items()},
    )


def _pyfunc(mlflow: Any, model: Any, sample: Any) -> Flavor:
    method = next((name for name in _METHODS if callable(getattr(model, name, None))), None)
    if method is None:
        raise NotTheSame("It has no predict method and cannot be called, so it is not an MLflow model.")

    class Wrapped(mlflow.pyfunc.PythonModel):  # type: ignore[misc]
        """Pickled by value, because it is local: the model loads without this package."""

        def __init__(self, inner: Any, name: str) -> None:
            self.inner = inner
            self.name = name

        def predict(self, context, model_input, params=None):  # type: ignore[no-untyped-def]
            return getattr(self.inner, self.name)(model_input)

    Wrapped.__module__ = "__main__"

    def save(kept_as: str, folder: str, given: dict[str, Any]) -> None:
        mlflow.pyfunc.save_model(folder, python_model=Wrapped(model, method), **given)

    return Flavor(
        mlflow,
        model,
        sample,
        lambda which, rows: getattr(which, method)(rows),
        save,
        lambda folder: mlflow.pyfunc.load_model(folder).unwrap_python_model().inner,
        (CLOUDPICKLE,),
        (),
        notes=[] if method in ("predict", "__call__") else [f"its pyfunc flavour answers with {method}"],
    )
