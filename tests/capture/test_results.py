"""What a cell leaves beside its calls: names and tables that hold scores, printed lines, keys, what a model states."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter, KaplanMeierFitter
from lightgbm import LGBMClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from statsmodels.api import OLS, Logit, add_constant

from jupyter_bioml.capture.results.apart import told_apart
from jupyter_bioml.capture.results.bound import scores_bound, scores_tabulated, series_bound
from jupyter_bioml.capture.results.found import FoundScore, shows
from jupyter_bioml.capture.results.heard import scores_heard
from jupyter_bioml.capture.results.keys import clean_key, own_keys
from jupyter_bioml.capture.results.session import LIBRARIES
from jupyter_bioml.capture.results.stated import statements
from jupyter_bioml.capture.scoring.libraries import watched_modules
from jupyter_bioml.capture.scoring.losses import BACKWARD


def found(key: str, *values: float, **fields: Any) -> FoundScore:
    return FoundScore(key, list(enumerate(values)), fields.pop("origin", "returned"), **fields)


# ---- names


def test_a_name_of_the_vocabulary_is_a_score_and_any_other_number_a_value() -> None:
    names = {"test_auc": 0.9, "n_columns": 4, "scale": 0.5, "ok": True, "rmse": float("nan")}
    scores, values = scores_bound(list(names), names, [], (), ())
    assert [(one.key, one.value, one.origin) for one in scores] == [("test_auc", 0.9, "word")]
    assert set(values) == {"n_columns", "scale", "ok", "rmse"}


def test_what_was_computed_from_a_prediction_is_a_score_whatever_its_name() -> None:
    scores, values = scores_bound(["off_by", "other"], {"off_by": 3.25, "other": 1.5}, [], {"off_by"}, ())
    assert [(one.key, one.origin) for one in scores] == [("off_by", "computed")]
    assert values == {"other": 1.5}


def test_one_number_under_two_names_is_one_score() -> None:
    scores, values = scores_bound(["best_acc"], {"best_acc": 0.9125}, [found("acc", 0.9125)], (), ())
    assert scores == [] and values == {}
    scores, _ = scores_bound(["test_acc"], {"test_acc": 1.0}, [found("train_acc", 1.0)], (), ())
    assert [one.key for one in scores] == ["test_acc"], "two perfect scores are two"


def test_a_list_is_a_series_where_its_name_is_a_scores() -> None:
    names = {"losses": [0.5, 0.25], "ages": [40.5, 50.5], "val_accs": [0.5, "?"], "aucs": [1]}
    assert [(one.key, one.points) for one in series_bound(list(names), names, ())] == [
        ("losses", [(0, 0.5), (1, 0.25)])
    ]


@pytest.mark.parametrize(
    ("value", "keys"),
    [
        ({"acc": 0.91, "f1": 0.82, "n": 30}, {"results.acc", "results.f1"}),
        ({"rf": {"auc": 0.91}, "lr": {"auc": 0.85}}, {"results.rf.auc", "results.lr.auc"}),
        (pd.DataFrame({"model": ["rf", "lr"], "auc": [0.91, 0.85]}), {"results.auc.rf", "results.auc.lr"}),
        (pd.DataFrame({"age": [40.0, 50.0], "bmi": [20.0, 25.0], "sex": [0, 1], "risk_score": [0.1, 0.2]}), set()),
        (pd.DataFrame({"mean_test_score": [0.9], "mean_fit_time": [0.1], "rank_test_score": [1]}), set()),
        ({"learning_rate": 0.1, "dropout": 0.5}, set()),
        ([1.5, 2.5], set()),
    ],
)
def test_tables_of_results_are_told_from_other_tables(value: object, keys: set[str]) -> None:
    assert {one.key for one in scores_tabulated("results", value, [])} == keys


def test_a_training_history_becomes_its_series() -> None:
    class History:
        def __init__(self) -> None:
            self.history = {"loss": [0.5, 0.25], "val_loss": [0.75, 0.5]}

    assert [(one.key, len(one.points)) for one in scores_tabulated("h", History(), [])] == [
        ("loss", 2),
        ("val_loss", 2),
    ]
    evals = {"valid": {"auc": [0.5, 0.75]}}
    assert [one.key for one in scores_tabulated("evals", evals, [])] == ["valid.auc"]


# ---- printed


def test_a_printed_score_has_its_label_and_its_digits() -> None:
    (one,) = scores_heard("rows: 120\nTest accuracy: 0.93\n", [], {})
    assert (one.key, one.value, one.digits, one.origin, one.source) == (
        "test_accuracy",
        0.93,
        2,
        "printed",
        "Test accuracy",
    )


@pytest.mark.parametrize("text", ["Accuracy: 0.935\n", "accuracy = 93.5%\n", "Accuracy in percent: 93.5\n"])
def test_a_known_score_that_is_printed_is_not_another_one(text: str) -> None:
    assert scores_heard(text, [found("acc", 0.93456)], {}) == []


def test_a_score_printed_in_each_round_is_that_series() -> None:
    held = found("val_loss", 0.31249, origin="word")
    heard = scores_heard("Epoch 1: loss 0.500\nEpoch 2: loss 0.312\n", [held], {"loss": "val_loss"})
    assert heard == []
    assert (held.points, held.digits) == ([(1, 0.5), (2, 0.312)], 3)


def test_the_summary_of_a_statistical_model_is_not_read_line_by_line() -> None:
    X = add_constant(np.arange(20.0) ** 0.5)
    text = str(OLS(np.arange(20.0), X).fit().summary())
    assert scores_heard(text, [], {}) == []
    assert [one.key for one in scores_heard(f"AUC: 0.91\n{text}\n", [], {})] == ["auc"]


def test_counts_are_not_scores() -> None:
    assert scores_heard("loss 2\nerrors: 3\n", [], {}) == []


# ---- keys


def test_two_places_that_give_one_key_are_told_apart() -> None:
    scores = [found("r2", 0.5), found("r2", 0.25, again="y_test"), found("r2", 0.125), found("r2", 0.5)]
    assert [one.key for one in own_keys(scores, [])] == ["r2", "r2.y_test", "r2.2"]
    assert [one.key for one in own_keys([found("r2", 0.5)], [found("r2", 0.5)])] == []


def test_keys_are_such_that_mlflow_takes_them() -> None:
    assert clean_key("macro avg.f1-score") == "macro avg.f1-score"
    assert clean_key("größe [ng]/ml") == "größe ng /ml" and clean_key("准确率") == "准确率"
    assert clean_key("res.SVM (RBF).f1") == "res.SVM RBF.f1" and clean_key("{rf}.auc (%).x") == "rf.auc.x"
    assert len(clean_key("x" * 1000)) == 250 and clean_key("§§") == "score"


def test_values_of_one_place_are_told_apart_by_texts_or_are_a_series() -> None:
    loops = [(("name", "rf"), ("k", 1)), (("name", "lr"), ("k", 1)), (("name", "rf"), ("k", 2))]
    assert list(told_apart("acc", loops)) == [("acc.rf", [0, 2]), ("acc.lr", [1])]
    assert list(told_apart("acc", [(("k", 1),), (("k", 2),)])) == [("acc", [0, 1])]


def test_a_number_is_the_same_in_the_digits_that_it_has() -> None:
    known = [found("acc", 0.93456)]
    assert shows(known, 0.93456) and shows(known, 0.935, 3) and shows(known, 93.5, 1)
    assert not shows(known, 0.934, 3) and not shows(known, 0.94)
    assert not shows([found("acc", 1.0)], 1.0) and shows([found("acc", 1.0)], 1.0, 2)


# ---- stated


def _models() -> dict[str, Any]:
    generator = np.random.default_rng(0)
    X = pd.DataFrame(generator.normal(size=(60, 2)), columns=["a", "b"])
    y = (X.a + generator.normal(size=60) > 0).astype(int)
    frame = X.assign(time=np.exp(generator.normal(size=60) - 0.3 * X.a), event=1)
    return {
        "ols": OLS(X.a * 2 + X.b, add_constant(X[["b"]])).fit(),
        "logit": Logit(y, add_constant(X)).fit(disp=0),
        "cox": CoxPHFitter().fit(frame, "time", "event"),
        "km": KaplanMeierFitter().fit(frame.time),
        "search": GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2).fit(X, y),
        "boosted": LGBMClassifier(n_estimators=3, verbose=-1).fit(X, y, eval_set=[(X, y)]),
        "plain": LogisticRegression().fit(X, y),
    }


@pytest.mark.filterwarnings("ignore:The argument 'eval_set' is deprecated")
def test_fitted_models_state_their_statistics() -> None:
    stated = {name: [what for what, _ in statements(model)] for name, model in _models().items()}
    assert stated == {
        "ols": ["rsquared", "rsquared_adj", "llf", "aic", "bic"],
        "logit": ["llf", "aic", "bic"],
        "cox": ["concordance_index_", "log_likelihood_", "AIC_partial_"],
        "km": [],
        "search": ["best_score_"],
        "boosted": ["training.binary_logloss"],
        "plain": [],
    }


@pytest.mark.filterwarnings("ignore:The argument 'eval_set' is deprecated")
def test_asking_a_model_leaves_it_as_it_was() -> None:
    for name, model in _models().items():
        before, cached = pickle.dumps(model), copy.copy(vars(model))
        statements(model)
        assert pickle.dumps(model) == before and vars(model).keys() == cached.keys(), name


# ---- libraries


def test_every_library_that_is_observed_is_waited_for() -> None:
    assert {name.partition(".")[0] for name in (*watched_modules(), *BACKWARD)} == set(LIBRARIES)
