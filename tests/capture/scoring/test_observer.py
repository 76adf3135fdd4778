"""Which scoring calls of a cell are seen, what they returned, where they stand and of which model they are."""

from __future__ import annotations

import gc
import os
import sys
import threading
import weakref
from pathlib import Path
from typing import Any

import pytest

from jupyter_bioml.capture.scoring import scored

from .cells import Cells, told
from .conftest import DATA

ONE = ["LogisticRegression"]
#: (text of the cell, what is seen of it).
CALLS: list[tuple[str, list[tuple[str, list[str], str, list[str]]]]] = [
    ("from sklearn.metrics import accuracy_score\nprint(accuracy_score(y_test, model.predict(X_test)))", [("accuracy", [""], "prediction", ONE)]),
    ("import sklearn.metrics as m\nm.roc_auc_score(y_test, model.predict_proba(X_test)[:, 1])", [("roc_auc", [""], "prediction", ONE)]),
    ("from sklearn import metrics\nmetrics.f1_score(y_test, model.predict(X_test), average=None)", [("f1", ["0", "1"], "prediction", ONE)]),
    ("from sklearn import metrics\nmetrics.f1_score(['a', 'b', 'c'], ['a', 'c', 'c'], average=None, labels=['c', 'a'])", [("f1", ["c", "a"], "", [])]),
    (
        "from sklearn.metrics import precision_recall_fscore_support as prf\np, r, f, _ = prf(y_test, model.predict(X_test), average='macro')",
        [("precision_recall_fscore_support", ["precision", "recall", "fscore"], "prediction", ONE)],
    ),
    (
        "from sklearn.metrics import classification_report\nprint(classification_report(y_test, model.predict(X_test)))",
        [("classification_report", [f"{row}.{column}" for row in ("0", "1") for column in ("precision", "recall", "f1-score")] + ["accuracy"]
          + [f"{row}.{column}" for row in ("macro avg", "weighted avg") for column in ("precision", "recall", "f1-score")], "prediction", ONE)],
    ),
    (
        "from sklearn.metrics import classification_report\nrows = classification_report(['u', 'v'], ['u', 'u'], output_dict=True, zero_division=0)",
        [("classification_report", [f"{row}.{column}" for row in ("u", "v") for column in ("precision", "recall", "f1-score")] + ["accuracy"]
          + [f"{row}.{column}" for row in ("macro avg", "weighted avg") for column in ("precision", "recall", "f1-score")], "", [])],
    ),
    ("model.score(X_test, y_test)", [("score", [""], "self", ONE)]),
    ("from sklearn.model_selection import cross_val_score\ncross_val_score(model, X, y, cv=3)", [("cross_val", ["mean", "std", ""], "argument", ONE)]),
    (
        "from sklearn.model_selection import cross_validate\ncross_validate(model, X, y, cv=2, scoring=['accuracy', 'f1'], return_train_score=True)",
        [("cross_validate", [f"{key}{part}" for key in ("test_accuracy", "train_accuracy", "test_f1", "train_f1") for part in (".mean", ".std", "")], "argument", ONE)],
    ),
    (
        "from sklearn.model_selection import learning_curve, validation_curve\nlearning_curve(model, X, y, cv=2, train_sizes=[0.5, 1.0])\n"
        "validation_curve(model, X, y, param_name='C', param_range=[0.1, 1], cv=2)",
        [(name, ["train.mean", "test.mean"], "argument", ONE) for name in ("learning_curve", "validation_curve")],
    ),
    ("from sklearn.model_selection import permutation_test_score as p\np(model, X, y, cv=2, n_permutations=3)", [("permutation_test", ["score", "pvalue"], "argument", ONE)]),
    (
        "from sklearn.model_selection import cross_val_predict\nfrom sklearn.metrics import accuracy_score\naccuracy_score(y, cross_val_predict(model, X, y, cv=2))",
        [("accuracy", [""], "prediction", ONE)],
    ),
    ("from sklearn.metrics import get_scorer\nget_scorer('neg_log_loss')(model, X_test, y_test)", [("neg_log_loss", [""], "argument", ONE)]),
    ("from sklearn.metrics import make_scorer, f1_score\nmake_scorer(f1_score)(model, X_test, y_test)", [("f1", [""], "argument", ONE)]),
    (
        "from sklearn.metrics import cohen_kappa_score\nother = RandomForestClassifier(5, random_state=0).fit(X_train, y_train)\n"
        "cohen_kappa_score(model.predict(X_test), other.predict(X_test))",
        [("cohen_kappa", [""], "prediction", ["LogisticRegression", "RandomForestClassifier"])],
    ),
    (
        "from sklearn.cluster import KMeans\nfrom sklearn.metrics import silhouette_score\nkm = KMeans(2, n_init=1, random_state=0).fit(X)\nsilhouette_score(X, km.labels_)",
        [("silhouette", [""], "prediction", ["KMeans"])],
    ),
    (
        "from sklearn.pipeline import make_pipeline\nfrom sklearn.preprocessing import StandardScaler\nfrom sklearn.metrics import brier_score_loss\n"
        "pipe = make_pipeline(StandardScaler(), LogisticRegression()).fit(X_train, y_train)\npipe.score(X_test, y_test)\n"
        "brier_score_loss(y_test, pipe.predict_proba(X_test)[:, 1])",
        [("score", [""], "self", ["Pipeline"]), ("brier_score_loss", [""], "prediction", ["Pipeline"])],
    ),
    (
        "from sklearn.model_selection import GridSearchCV\nfrom sklearn.metrics import make_scorer, f1_score\n"
        "search = GridSearchCV(LogisticRegression(), {'C': [0.1, 1]}, cv=2, scoring=make_scorer(lambda a, b: f1_score(a, b))).fit(X, y)\nsearch.score(X, y)",
        [("score", [""], "self", ["GridSearchCV"])],
    ),
    ("from scipy import stats\nstats.pearsonr(X[:, 0], X[:, 1])", [("pearsonr", ["statistic", "pvalue"], "", [])]),
    ("from scipy.stats import wilcoxon, chi2_contingency\nwilcoxon(X[:, 0])\nchi2_contingency([[5, 2], [3, 4]])", [(name, ["statistic", "pvalue"], "", []) for name in ("wilcoxon", "chi2_contingency")]),
    ("from scipy.stats import linregress\nlinregress(X[:, 0], X[:, 1])", [("linregress", ["slope", "intercept", "rvalue", "pvalue", "stderr"], "", [])]),
    # not scores, or not calls of the user's
    ("from sklearn.metrics import confusion_matrix, roc_curve, pairwise_distances\nconfusion_matrix(y, y)\nroc_curve(y, X[:, 0])\npairwise_distances(X)", []),
    ("from sklearn.ensemble import HistGradientBoostingClassifier\nHistGradientBoostingClassifier(max_iter=3, early_stopping=True, scoring='roc_auc').fit(X, y)", []),
    ("from sklearn.linear_model import LogisticRegressionCV\nLogisticRegressionCV(cv=2, Cs=2, l1_ratios=(0,), use_legacy_attributes=False, scoring='accuracy').fit(X, y)", []),
    ("from sklearn.inspection import permutation_importance\nfrom sklearn.metrics import f1_score\npermutation_importance(model, X, y, n_repeats=2, scoring=lambda m, a, b: f1_score(b, m.predict(a)))", []),
]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "expected"), CALLS, ids=lambda value: value.splitlines()[-1][:60] if isinstance(value, str) else ""
)
def test_what_a_cell_scores(cells: Cells, source: str, expected: list[Any]) -> None:
    assert told(cells.run(source)) == expected
    assert cells.observer.gaps() == []


def test_the_values_are_those_that_the_user_gets(cells: Cells) -> None:
    calls = cells.run(
        "from sklearn.metrics import *\nfrom sklearn.model_selection import cross_val_score\nfrom scipy.stats import ttest_ind\n"
        "p = model.predict(X_test)\na = accuracy_score(y_test, p)\nf = f1_score(y_test, p, average=None)\nfolds = cross_val_score(model, X, y, cv=3)\n"
        "t = ttest_ind(X[:, 0], X[:, 1])\n"
        "import warnings\nfrom scipy.stats import pearsonr\nwith warnings.catch_warnings():\n"
        "    warnings.simplefilter('ignore')\n    pearsonr([1.0, 1.0, 1.0], [1, 2, 3])\n"
    )
    names = cells.names
    values = [[one.value for one in call.numbers] for call in calls]
    assert values[:4] == [
        [names["a"]],
        list(names["f"]),
        [names["folds"].mean(), names["folds"].std(), *names["folds"]],
        [names["t"].statistic, names["t"].pvalue],
    ]
    assert [one.step for one in calls[2].numbers] == [None, None, 0, 1, 2]
    assert [one.position for one in calls[3].numbers] == [0, 1]
    assert all(type(value) is float for group in values for value in group)
    assert values[4][0] != values[4][0], "NaN stays NaN"
    assert [call.function for call in calls[:2]] == ["sklearn.metrics.accuracy_score", "sklearn.metrics.f1_score"]


def test_a_report_has_the_digits_that_it_shows(cells: Cells) -> None:
    [call] = cells.run(
        "from sklearn.metrics import classification_report\n"
        "text = classification_report(['t 1', 'b'] * 3, ['t 1', 't 1', 'b', 'b', 't 1', 'b'], digits=3)"
    )
    numbers = {one.part: (one.value, one.digits) for one in call.numbers}
    assert numbers["t 1.precision"] == (0.667, 3) and numbers["accuracy"] == (0.667, 3)
    assert {digits for _, digits in numbers.values()} == {3} and not any("support" in part for part in numbers)


def test_a_place_is_known_with_the_names_around_it(cells: Cells) -> None:
    calls = cells.run(
        "from sklearn.metrics import accuracy_score\n"
        "def evaluate(name, estimator, part=2):\n"
        "    guess = estimator.predict(X_test)\n"
        "    return accuracy_score(y_test, guess)\n"
        "results = {}\n"
        "for name, each in {'lr': model, 'rf': RandomForestClassifier(3, random_state=1).fit(X_train, y_train)}.items():\n"
        "    for fold in range(2):\n"
        "        results[name] = evaluate(name, each)\n"
    )
    places = {tuple((level.place.function, level.place.position) for level in call.frames) for call in calls}
    assert places == {(("evaluate", (4, 4, 11, 40)), ("<module>", (8, 8, 24, 44)))}
    assert [(dict(call.frames[0].names), call.frames[1].names["fold"]) for call in calls] == [
        ({"name": name, "estimator": kind, "part": 2}, fold)
        for name, kind in (("lr", "LogisticRegression"), ("rf", "RandomForestClassifier"))
        for fold in range(2)
    ]
    assert [call.models[0].kind for call in calls] == ["LogisticRegression"] * 2 + ["RandomForestClassifier"] * 2


def test_names_are_looked_up_as_the_plan_says() -> None:
    """Also those of a model, where neither an argument nor a prediction tells it."""
    asked: list[Any] = []

    def wanted(code: Any, position: Any) -> tuple[str, ...]:
        asked.append((code.co_name, position))
        return ("fold", "text", "no_such_name", "X")

    cells = Cells(wanted=wanted, models=lambda code, position: ("model", "X"))
    try:
        cells.prepare(DATA)
        calls = cells.run(
            "from sklearn.metrics import accuracy_score\ntext = 'long' * 100\n"
            "for fold in range(3):\n    accuracy_score(y_test, model.predict(X_test).astype(str).astype(int))\n"
        )
    finally:
        cells.observer.uninstall()
    assert [dict(call.frames[0].names) for call in calls] == [{"fold": fold, "text": "long" * 20} for fold in range(3)]
    assert [(call.found_by, call.models[0].model is cells.names["model"]) for call in calls] == [("name", True)] * 3
    assert asked == [("<module>", (4, 4, 4, 73))], "a place is asked for once"


def test_a_function_that_holds_its_locals_is_not_looked_at(cells: Cells) -> None:
    """In Python 3.11 and 3.12 the look would add names to the dictionary that the user has."""
    calls = cells.run(
        "from sklearn.metrics import accuracy_score\n"
        "def evaluate(rate, part='test'):\n    settings = locals()\n    guess = model.predict(X_test)\n    score = accuracy_score(y_test, guess)\n    return settings\n"
        "settings = evaluate(0.1)\n"
        "def torch_like(model, name='eval'):\n    getattr(model, 'eval', dict)()\n    return accuracy_score(y_test, model.predict(X_test))\ntorch_like(model)\n"
    )
    assert cells.names["settings"] == {"rate": 0.1, "part": "test"}
    assert len(calls) == 2 and calls[1].frames[0].names["name"] == "eval"


def test_only_the_outermost_call_of_the_users_counts(cells: Cells) -> None:
    """Not those of the user's scorer within a cross-validation, in this thread or in a worker's."""
    calls = cells.run(
        "from joblib import parallel_config\nfrom sklearn.metrics import accuracy_score, f1_score, make_scorer\nfrom sklearn.model_selection import cross_val_score\n"
        "seen = []\n"
        "def mine(truth, guess):\n    seen.append(1)\n    return f1_score(truth, guess) + accuracy_score(truth, guess)\n"
        "cross_val_score(model, X, y, cv=3, scoring=make_scorer(mine))\n"
        "with parallel_config('threading'):\n    cross_val_score(model, X, y, cv=4, scoring=make_scorer(mine), n_jobs=2)\n"
        "mine(y_test, model.predict(X_test))\n"
    )
    assert [call.short for call in calls] == ["cross_val", "cross_val", "f1", "accuracy"]
    assert len(cells.names["seen"]) == 8


def test_a_thread_of_the_users_counts(cells: Cells) -> None:
    calls = cells.run(
        "from concurrent.futures import ThreadPoolExecutor\nfrom sklearn.metrics import accuracy_score\n"
        "def one(flip):\n    return accuracy_score(y_test, model.predict(X_test) ^ flip)\n"
        "with ThreadPoolExecutor(1) as pool:\n    found = list(pool.map(one, [0, 1]))\n"
    )
    assert [call.numbers[0].value for call in calls] == cells.names["found"]


def test_a_call_that_raises_leaves_nothing_behind(cells: Cells) -> None:
    """Its frame may be kept by the exception; the next call has a frame of its own, or the same id."""
    calls = cells.run(
        "from sklearn.metrics import accuracy_score, f1_score\nkept = []\n"
        "for wrong in range(50):\n"
        "    try:\n        accuracy_score(y_test, [])\n"
        "    except ValueError as error:\n        kept.append(error) if wrong % 2 else None\n"
        "    f1_score(y_test, model.predict(X_test))\n"
    )
    assert [call.short for call in calls] == ["f1"] * 50


def test_a_model_that_is_gone_is_still_known(cells: Cells) -> None:
    """What a function predicts outlives its model; the run that fitted it is known, and nothing keeps it alive."""
    cells.prepare(
        "def predicted():\n    inner = LogisticRegression(C=0.5).fit(X_train, y_train)\n    return inner.predict(X_test)\nguess = predicted()"
    )
    gc.collect()
    [call] = cells.run("from sklearn.metrics import accuracy_score\naccuracy_score(y_test, guess)")
    assert [(model.kind, model.model, model.run) for model in call.models] == [("LogisticRegression", None, "run2")]


def test_the_models_that_a_cell_fits_are_named(cells: Cells) -> None:
    cells.prepare(
        "from sklearn.model_selection import cross_val_score, GridSearchCV\nfrom sklearn.pipeline import make_pipeline\nfrom sklearn.preprocessing import StandardScaler\n"
        "from sklearn.naive_bayes import CategoricalNB\n"
        "models = [LogisticRegression(), make_pipeline(StandardScaler(), LogisticRegression()), GridSearchCV(LogisticRegression(), {'C': [1]}, cv=2)]\n"
        "for each in models:\n    each.fit(X, y)\n"
        "models.append(CategoricalNB().fit((X > 0).astype(int), y))\n"
        "cross_val_score(models[0], X, y, cv=2)\n"
    )
    assert [model.model for model in cells.observer.fitted] == cells.names["models"]
    assert {model.run for model in cells.observer.fitted} == {"run2"}


def test_a_loaded_model_is_followed(cells: Cells) -> None:
    """Its class was fitted in no cell of this session."""
    cells.observer.uninstall()
    cells.prepare("import pickle\nfrom sklearn.svm import SVC\nraw = pickle.dumps(SVC().fit(X_train, y_train))")
    cells.observer.install()
    [call] = cells.run(
        "from sklearn.metrics import accuracy_score\nloaded = pickle.loads(raw)\naccuracy_score(y_test, loaded.predict(X_test))"
    )
    assert call.models[0].model is cells.names["loaded"]


def test_nothing_is_kept_alive(cells: Cells) -> None:
    cells.prepare(
        "from sklearn.metrics import accuracy_score\nother = LogisticRegression().fit(X_train, y_train)\nguess = other.predict(X_test)\n"
        "def evaluate(model, X, y):\n    p = model.predict(X)\n    s = accuracy_score(y, p)\n    return s\n"
        "evaluate(other, X_test.copy(), y_test.copy())\n"
        "try:\n    accuracy_score(guess.astype(float) * 0.5, guess)\nexcept ValueError:\n    pass\n"
    )
    gone = [weakref.ref(cells.names.pop(name)) for name in ("other", "guess")]
    assert [one() for one in gone] == [None, None], "no cycle: they are gone at once"


def test_a_library_that_was_imported_before_is_observed() -> None:
    names = Cells()
    names.observer.uninstall()
    names.prepare(DATA + "from sklearn.metrics import accuracy_score\nfrom scipy.stats import pearsonr\n")
    names.observer.install()
    try:
        calls = names.run(
            "again = LogisticRegression().fit(X_train, y_train)\naccuracy_score(y_test, again.predict(X_test))\npearsonr(X[:, 0], X[:, 1])\nagain.score(X_test, y_test)"
        )
    finally:
        names.observer.uninstall()
    assert [call.short for call in calls] == ["accuracy", "pearsonr", "score"]
    assert [model.kind for call in calls for model in call.models] == ["LogisticRegression"] * 2


def test_taken_off_it_sees_nothing(cells: Cells) -> None:
    from sklearn.base import BaseEstimator, ClassifierMixin
    from sklearn.metrics import accuracy_score

    watched = [accuracy_score, ClassifierMixin.score, BaseEstimator._validate_params]
    source = "from sklearn.metrics import accuracy_score\naccuracy_score(y_test, model.predict(X_test))\nmodel.score(X_test, y_test)"
    assert len(cells.run(source)) == 2
    cells.observer.uninstall()
    codes = [function.__code__ for function in watched]
    assert cells.run(source) == []
    cells.observer.install()
    assert len(cells.run(source)) == 2
    cells.observer.uninstall()
    assert [function.__code__ for function in watched] == codes
    if sys.version_info >= (3, 12):
        assert [sys.monitoring.get_tool(number) for number in (3, 4, 5)] == [None] * 3  # type: ignore[attr-defined]


def test_without_a_place_for_a_tool_there_is_a_gap() -> None:
    if sys.version_info < (3, 12):
        return
    monitoring = sys.monitoring  # type: ignore[attr-defined]
    for number in (3, 4, 5):
        monitoring.use_tool_id(number, "another")
    try:
        cells = Cells()
        assert cells.run("from sklearn.metrics import accuracy_score\naccuracy_score([1], [1])") == []
        [gap] = cells.observer.gaps()
        assert gap.part == "scores" and "other tools" in gap.reason
        cells.observer.uninstall()
    finally:
        for number in (3, 4, 5):
            monitoring.free_tool_id(number)


def test_an_error_of_the_observers_is_a_gap(cells: Cells) -> None:
    def broken(*_: Any) -> tuple[str, ...]:
        raise RuntimeError("the plan is broken")

    cells.observer._places._ask = (broken, broken)
    source = "from sklearn.metrics import accuracy_score\nresult = accuracy_score(y_test, model.predict(X_test))"
    assert cells.run(source) == [] and cells.names["result"] > 0.5
    assert [(gap.part, gap.reason) for gap in cells.observer.gaps()] == [("scores", "RuntimeError: the plan is broken")]


def test_a_forked_child_observes_nothing(cells: Cells) -> None:
    source = "from sklearn.metrics import accuracy_score\nresult = accuracy_score(y_test, model.predict(X_test))"
    cells.prepare(source)
    child = os.fork()
    if child == 0:
        seen = cells.run(source)
        os._exit(len(seen) if cells.names["result"] > 0.5 else 99)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert len(cells.run(source)) == 1


def test_of_very_many_calls_the_rest_is_a_gap(cells: Cells, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scored, "MOST_OF_A_PLACE", 30)
    calls = cells.run(
        "from sklearn.metrics import accuracy_score\nfor n in range(100):\n    accuracy_score([1, 0], [1, 1])\naccuracy_score([1], [1])"
    )
    assert len(calls) == 31 and calls[29].frames[0].names["n"] == 29
    assert [(gap.part, gap.reason) for gap in cells.observer.gaps()] == [
        ("scores of accuracy", "70 calls more than are kept")
    ]


def test_between_cells_nothing_is_seen(cells: Cells) -> None:
    """A thread that outlives its cell belongs to none."""
    cells.prepare(
        "import threading\nfrom sklearn.metrics import accuracy_score\ngo = threading.Event()\n"
        "thread = threading.Thread(target=lambda: (go.wait(), accuracy_score([1], [1])))\nthread.start()\n"
    )
    cells.names["go"].set()
    cells.names["thread"].join()
    assert cells.run("x = 1") == [] and threading.active_count() >= 1


SKSURV = """
from sklearn.base import BaseEstimator
def concordance_index_censored(event, time, risk, tied_tol=1e-8):
    risk = list(risk)
    return 0.75, 6, 2, 0, 1
def cumulative_dynamic_auc(train, test, estimate, times):
    import numpy
    return numpy.array([0.7, 0.8]), 0.75
def brier_score(train, test, estimate, times):
    import numpy
    return numpy.array([10.0, 20.0]), numpy.array([0.1, 0.2])
class SurvivalAnalysisMixin:
    def score(self, X, y):
        return concordance_index_censored(y, y, self.predict(X))[0]
class Forest(SurvivalAnalysisMixin, BaseEstimator):
    _parameter_constraints = {}
    def fit(self, X, y):
        self._validate_params()
        return self
    def predict(self, X):
        import numpy
        return numpy.arange(len(X)) * 1.0
"""


def test_a_library_that_is_not_installed_here(cells: Cells, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """scikit-survival may not be a dependency; its functions are known by name."""
    package = tmp_path / "site-packages" / "sksurv"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "metrics.py").write_text(SKSURV)
    monkeypatch.syspath_prepend(package.parent)
    calls = cells.run(
        "from sksurv.metrics import *\nforest = Forest().fit(X, y)\nrisk = forest.predict(X)\nconcordance_index_censored(y, y, risk)\n"
        "cumulative_dynamic_auc(y, y, risk, [1, 2])\nbrier_score(y, y, risk, [1, 2])\nforest.score(X, y)"
    )
    for name in ("sksurv", "sksurv.metrics"):
        del sys.modules[name]
    assert told(calls) == [
        ("concordance_index_censored", ["cindex"], "prediction", ["Forest"]),
        ("cumulative_dynamic_auc", ["auc.0", "auc.1", "mean_auc"], "prediction", ["Forest"]),
        ("brier", ["brier.0", "brier.1"], "prediction", ["Forest"]),
        ("score", [""], "self", ["Forest"]),
    ]
    assert [model.kind for model in cells.observer.fitted] == ["Forest"]
