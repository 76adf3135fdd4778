"""Each model in MLflow's own flavour for it, with a signature that takes the very data it was fitted on."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cloudpickle
import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from jupyter_bioml.capture.model_examples import synthetic
from jupyter_bioml.capture.models import flavor
from jupyter_bioml.promote.load_probe import tried
from jupyter_bioml.publish.model_process import ModelProcess

ROWS = 60
X = pd.DataFrame({"a": np.arange(ROWS) / 7, "b": np.random.default_rng(0).normal(size=ROWS)})
Y = X["a"] * 2 + X["b"]
LABELS = (X["b"] > 0).astype(int)


class Kept:
    """A model that a job kept: ``answer``, and the folder of the MLflow model."""

    def __init__(self, process: ModelProcess, model: Any, data: Any, folder: Path) -> None:
        for name, value in (("model.pkl", model), ("sample.pkl", synthetic(data))):
            (folder / name).write_bytes(cloudpickle.dumps(value))
        self.folder = folder / "model"
        job = {
            "answer": str(folder / "answer.json"), "folder": str(self.folder), "flavor": flavor(model),
            "model": str(folder / "model.pkl"), "sample": str(folder / "sample.pkl"), "versions": {}, "paths": [],
            "seconds": 240,
        }  # fmt: skip
        (folder / "job.json").write_text(json.dumps(job))
        end = process.run(folder / "job.json", 240)
        assert (folder / "answer.json").exists(), end
        self.answer = json.loads((folder / "answer.json").read_text())
        self.notes = "; ".join(self.answer["notes"])

    def pyfunc(self) -> Any:
        import mlflow

        return mlflow.pyfunc.load_model(str(self.folder))

    def loads(self) -> dict[str, Any]:
        """What the gate ``loads`` finds."""
        return tried(str(self.folder))

    def requirements(self) -> str:
        return (self.folder / "requirements.txt").read_text()


@pytest.fixture(scope="module")
def processes() -> Iterator[dict[str, ModelProcess]]:
    """One host for each flavour, as the publisher has them."""
    made: dict[str, ModelProcess] = {}
    yield made
    for process in made.values():
        process.close()


@pytest.fixture
def keep(processes: dict[str, ModelProcess], tmp_path: Path) -> Keep:
    def kept(model: Any, data: Any) -> Kept:
        kind = flavor(model)
        process = processes.setdefault(kind, ModelProcess(sys.executable, kind))
        return Kept(process, model, data, tmp_path)

    return kept


def fitted(name: str) -> tuple[Any, Any, Any]:
    """(model, what it was fitted on, its own predictions for that)."""
    if name == "xgboost":
        import xgboost as xgb

        model = xgb.train({"max_depth": 2}, xgb.DMatrix(X, label=Y), 3)
        return model, X, model.predict(xgb.DMatrix(X))
    if name == "xgboost estimator":
        import xgboost as xgb

        model = xgb.XGBClassifier(n_estimators=3).fit(X, LABELS)
        return model, X, model.predict(X)
    if name == "lightgbm":
        import lightgbm as lgb

        model = lgb.train({"verbose": -1, "num_threads": 1}, lgb.Dataset(X, label=Y), 3)
        return model, X, model.predict(X)
    if name == "lightgbm estimator":
        import lightgbm as lgb

        model = lgb.LGBMClassifier(n_estimators=3, verbose=-1, n_jobs=1).fit(X, LABELS)
        return model, X, model.predict(X)
    if name == "statsmodels":
        import statsmodels.api as sm

        model = sm.OLS(Y + np.sin(X["a"]), X).fit()
        return model, X, model.predict(X)
    if name == "statsmodels formula":
        import statsmodels.formula.api as smf

        data = X.assign(y=Y + np.sin(X["a"]), g=["u", "v"] * 30)
        model = smf.ols("y ~ np.exp(-a) + C(g)", data=data).fit()
        return model, data[["a", "g"]], model.predict(data)
    if name == "lifelines":
        from lifelines import CoxPHFitter

        model = CoxPHFitter().fit(X.assign(t=np.exp(np.sin(Y * 9)), e=LABELS), "t", "e")
        return model, X, model.predict_partial_hazard(X)
    from lifelines import KaplanMeierFitter

    times = np.exp(Y / 9)
    model = KaplanMeierFitter().fit(times, LABELS)
    return model, times, model.predict(times)


@pytest.mark.parametrize(
    ("name", "kept_as", "module"),
    [
        ("xgboost", "ubj", "mlflow.xgboost"),
        ("xgboost estimator", "ubj", "mlflow.xgboost"),
        ("lightgbm", "text", "mlflow.lightgbm"),
        ("lightgbm estimator", "cloudpickle", "mlflow.lightgbm"),
        ("statsmodels", "pickle", "mlflow.statsmodels"),
        ("statsmodels formula", "pickle", "mlflow.statsmodels"),
        ("lifelines", "cloudpickle", "mlflow.pyfunc.model"),
        ("kaplan-meier", "cloudpickle", "mlflow.pyfunc.model"),
    ],
)
def test_a_model_is_kept_in_its_own_flavour(keep: Keep, tmp_path: Path, name: str, kept_as: str, module: str) -> None:
    model, data, expected = fitted(name)
    kept = keep(model, data)
    assert (kept.answer["error"], kept.answer["format"]) == (None, kept_as), kept.answer
    loaded = kept.pyfunc()
    assert loaded.loader_module == module
    # MLflow makes a table of a Series, which a fitter of lifelines takes for many times
    assert (loaded.metadata.signature is None) == (name == "kaplan-meier"), kept.notes
    assert np.allclose(np.asarray(loaded.predict(data)).ravel(), np.asarray(expected).ravel())
    assert kept.loads()["rows"] == 5


Keep = Callable[[Any, Any], Kept]


def column(kind: str) -> Any:
    few = [None if place % 7 == 0 else place for place in range(ROWS)]
    return {
        "Int64": lambda: pd.array(few, dtype="Int64"),
        "Float64": lambda: pd.array(few, dtype="Float64"),
        "boolean": lambda: pd.array([None if place % 9 == 0 else bool(place % 2) for place in range(ROWS)], dtype="boolean"),
        "category": lambda: pd.Categorical(["a" if place % 3 else "b" for place in range(ROWS)]),
        "category of numbers": lambda: pd.Categorical([1, 2] * 30),
        "int8": lambda: np.arange(ROWS, dtype="int8"),
        "uint64": lambda: np.arange(ROWS, dtype="uint64"),
        "float32": lambda: np.arange(ROWS, dtype="float32"),
        "bool": lambda: np.array([True, False] * 30),
        "missing": lambda: [None if place % 5 == 0 else place / 3 for place in range(ROWS)],
    }[kind]()  # fmt: skip


@pytest.mark.parametrize(
    "kind",
    ["Int64", "Float64", "boolean", "category", "category of numbers", "int8", "uint64", "float32", "bool", "missing"],
)
def test_the_generic_flavour_takes_the_frame_that_the_model_was_fitted_on(
    keep: Keep, tmp_path: Path, kind: str
) -> None:
    data = X[["a"]].assign(what=column(kind))
    model = HistGradientBoostingRegressor(max_iter=3).fit(data, Y)
    kept = keep(model, data)
    loaded = kept.pyfunc()
    assert np.array_equal(loaded.predict(data), model.predict(data)), kept.notes
    if kind in ("Int64", "boolean"):
        assert "no signature: MLflow's would refuse or change the data" in kept.notes, "and it has no type for them"
    else:
        assert loaded.metadata.signature is not None, kept.notes
    assert kept.loads()["rows"] == 5


@pytest.mark.parametrize("kind", ["string", "objects with None", "mixed", "dates", "zoned dates"])
def test_texts_and_dates_of_every_kind(keep: Keep, tmp_path: Path, kind: str) -> None:
    values = {
        "string": pd.array(["u", "v"] * 30, dtype="string"),
        "objects with None": ["u", None] * 30,
        "mixed": [1, "w"] * 30,
        "dates": pd.to_datetime(["2001-01-01", "2002-01-01"] * 30),
        "zoned dates": pd.to_datetime(["2001-01-01", "2002-01-01"] * 30, utc=True),
    }
    data = pd.DataFrame({"what": values[kind]})
    encoder = OneHotEncoder(handle_unknown="ignore")
    encoded = data.astype(str) if kind == "mixed" else data
    model = make_pipeline(encoder, Ridge()).fit(encoded, Y)
    kept = keep(model, encoded)
    assert np.array_equal(kept.pyfunc().predict(encoded), model.predict(encoded)), kept.notes
    assert kept.answer["error"] is None


def test_lists_of_texts_have_no_signature_where_it_would_change_them(keep: Keep, tmp_path: Path) -> None:
    texts = ["good day", "bad night"] * 30
    model = make_pipeline(CountVectorizer(), LogisticRegression()).fit(texts, [1, 0] * 30)
    kept = keep(model, texts)
    loaded = kept.pyfunc()
    assert list(loaded.predict(texts)) == list(model.predict(texts)), kept.notes
    assert loaded.metadata.signature is not None or "no signature: MLflow's would refuse or change" in kept.notes


def test_a_model_that_refuses_its_example_is_kept_all_the_same(keep: Keep, tmp_path: Path) -> None:
    data = pd.DataFrame({"site": [f"site {place}" for place in range(ROWS)]})
    model = make_pipeline(OneHotEncoder(), Ridge()).fit(data, Y)
    kept = keep(model, data)
    assert kept.answer["error"] is None and "it refuses the rows of its example" in kept.notes
    loaded = kept.pyfunc()
    assert np.array_equal(loaded.predict(data), model.predict(data))
    assert loaded.metadata.saved_input_example_info is None
    assert loaded.metadata.signature.inputs.input_names() == ["site"], "its inputs are known all the same"


def test_requirements_name_the_distributions(keep: Keep, tmp_path: Path) -> None:
    from importlib.metadata import packages_distributions

    model, data, _ = fitted("xgboost")
    kept = keep(model, data)
    (owner,) = set(packages_distributions()["xgboost"])
    assert f"\n{owner.lower()}==" in kept.requirements()


def test_a_class_of_the_notebook_that_extends_a_librarys_is_kept_by_value(keep: Keep, tmp_path: Path) -> None:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(
        "import xgboost\nclass Plus(xgboost.XGBRegressor):\n    def predict(self, X, **kw): return super().predict(X, **kw) + 100\n",
        namespace,
    )
    model = namespace["Plus"](n_estimators=2).fit(X, Y)
    kept = keep(model, X)
    assert kept.answer["format"] == "cloudpickle", kept.answer
    assert kept.pyfunc().predict(X).min() > 50
