"""What fitted models tell about themselves, and that their bytes bring them back elsewhere."""

from __future__ import annotations

import contextlib
import csv
import importlib
import io
import os
import pickle
import random
import subprocess
import sys
import threading
import types
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cloudpickle
import numpy as np
import pandas as pd
import pytest
from parameters_of import defaults, settings
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier, VotingClassifier
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.linear_model import BayesianRidge, LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold, RandomizedSearchCV
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC

from jupyter_bioml.capture import model_examples, model_pickle, model_settings, models
from jupyter_bioml.journal.blobs import Blobs, TooLarge

X = np.random.default_rng(0).normal(size=(60, 3))
Y = (X[:, 0] + X[:, 1] > 0).astype(int)
LIMIT = 1 << 30


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "blobs")


def files_of(blobs: Blobs) -> list[str]:
    return [path.name for path in blobs.root.rglob("*") if path.is_file()]


class Slow(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """An estimator whose parameter looks like a fitted attribute."""

    def __init__(self, lambda_: float = 1.0) -> None:
        self.lambda_ = lambda_

    def fit(self, X: Any, y: Any) -> Slow:
        self.mean_ = float(np.mean(X))
        return self


class LooksLikeAnEstimator:
    """As LightGBM and CatBoost: the methods, not the base class."""

    def __init__(self) -> None:
        self._fitted = False

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        return {"depth": 3}

    def fit(self, X: Any, y: Any) -> LooksLikeAnEstimator:
        self._fitted = True
        return self


class WithCheck(LooksLikeAnEstimator):
    def __sklearn_is_fitted__(self) -> bool:
        return self._fitted


class WithMethod(LooksLikeAnEstimator):
    def is_fitted(self) -> bool:
        return self._fitted


# ---- is it fitted, is it a model


@pytest.mark.parametrize(
    "estimator",
    [
        RandomForestClassifier(3),
        GradientBoostingClassifier(n_estimators=3),
        LogisticRegression(),
        SVC(),
        KMeans(2, n_init=1),
        BayesianRidge(),
        StandardScaler(),
        make_pipeline(StandardScaler(), LogisticRegression()),
        Pipeline([("scale", StandardScaler()), ("nothing", "passthrough")]),
        make_pipeline(StandardScaler(), SelectKBest(f_classif, k=2)),
        ColumnTransformer([("s", StandardScaler(), [0, 1])]),
        FeatureUnion([("s", StandardScaler())]),
        VotingClassifier([("a", LogisticRegression()), ("b", SVC())]),
        GridSearchCV(LogisticRegression(), {"C": [0.1, 1]}, cv=2),
        GridSearchCV(LogisticRegression(), {"C": [0.1, 1]}, cv=2, refit=False),
        Slow(),
        WithCheck(),
        WithMethod(),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_fitted_only_after_fit(estimator: Any) -> None:
    assert not models.is_fitted(estimator) and not models.is_model(estimator)
    estimator.fit(X, Y)
    assert models.is_fitted(estimator) and models.is_model(estimator)


class Proxy:
    """Wakes up, loudly, when asked for anything."""

    def __getattr__(self, name: str) -> Any:
        pytest.fail(f"asked for {name}")

    @property
    def __class__(self) -> Any:  # type: ignore[override]
        pytest.fail("asked for __class__")


def test_lazy_proxies_are_left_asleep() -> None:
    for proxy in (Proxy(), weakref.proxy(TfidfVectorizer())):  # the second one's target is gone
        assert not models.is_fitted(proxy) and not models.is_model(proxy) and settings("x", proxy) == {}
        assert models.flavor(proxy) == "pyfunc"


class Broken(LooksLikeAnEstimator):
    def __sklearn_is_fitted__(self) -> bool:
        raise RuntimeError

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        raise RuntimeError


@pytest.mark.parametrize(
    "value",
    [
        FunctionTransformer(np.log1p), make_pipeline(FunctionTransformer(np.log1p)), HashingVectorizer(), None, 1, "fit", X,
        pd.DataFrame(X), RandomForestClassifier, KFold(3), TfidfVectorizer(),
        Broken(), types.SimpleNamespace(fit=1, get_params=2, coef_=3), sys, lambda: 0,
    ],
    ids=lambda value: str(type(value).__name__),
)  # fmt: skip
def test_what_is_no_model(value: Any) -> None:
    assert not models.is_fitted(value) and not models.is_model(value)
    assert model_settings.candidates_table(value) is None


def test_a_transformer_without_need_of_fit_that_was_fitted() -> None:
    frame = pd.DataFrame({"a": [1.0, 2.0]})
    assert models.is_fitted(FunctionTransformer(np.log1p, validate=True).fit(frame))


def test_flavors() -> None:
    assert (
        models.flavor(LogisticRegression()) == models.flavor(make_pipeline(SVC())) == models.flavor(Slow()) == "sklearn"
    )
    assert models.flavor(LooksLikeAnEstimator()) == models.flavor({"a": 1}) == "pyfunc"


def test_nothing_is_imported_to_tell() -> None:
    code = (
        "import sys; from jupyter_bioml.capture import models, model_settings, model_examples\n"
        "class E:\n"
        "    def fit(self): self.a_ = 1; return self\n"
        "    def get_params(self, deep=True): return {'a': [1, E]}\n"
        "assert models.is_model(E().fit()) and not models.is_model(E()) and models.flavor(E()) == 'pyfunc'\n"
        "assert model_settings.fitted_params('e', E()) == ({'e.a': '[1, E]'}, {}, True)\n"
        "assert model_examples.synthetic([1, 2]) == [0] * 5 and model_settings.candidates_table(E()) is None\n"
        "heavy = {'numpy', 'pandas', 'torch', 'sklearn', 'scipy', 'cloudpickle', 'pyarrow'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# ---- parameters


def test_parameters_of_an_estimator() -> None:
    found = settings("clf", RandomForestClassifier(n_estimators=7, max_depth=None, random_state=np.int64(3)))
    assert found["clf.n_estimators"] == 7 and found["clf.max_depth"] is None and found["clf.bootstrap"] is True
    assert found["clf.criterion"] == "gini" and type(found["clf.random_state"]) is int
    assert set(found) == {f"clf.{name}" for name in RandomForestClassifier().get_params()}
    assert all(item is None or isinstance(item, (bool, int, float, str)) for item in found.values())


def test_estimators_within_estimators_are_named_by_class() -> None:
    pipe = Pipeline([("scale", StandardScaler()), ("clf", SVC(C=2.0))])
    found = settings("pipe", pipe)
    assert found["pipe.scale"] == "StandardScaler" and found["pipe.clf"] == "SVC" and found["pipe.clf__C"] == 2.0
    assert found["pipe.steps"] == "[('scale', StandardScaler), ('clf', SVC)]"
    search = settings("s", GridSearchCV(pipe, {"clf__C": [1, 2]}, cv=KFold(3), scoring=lambda *a: 0))
    assert search["s.estimator"] == "Pipeline" and search["s.estimator__clf__C"] == 2.0
    assert search["s.param_grid"] == "{'clf__C': [1, 2]}" and search["s.cv"].startswith("KFold(n_splits=3")
    assert "lambda" in search["s.scoring"]


class HandsOn(SVC):  # type: ignore[misc]
    """A constructor that hands its arguments on, as xgboost's do."""

    def __init__(self, *, kind: str = "hard", **more: Any) -> None:
        super().__init__(**more)
        self.kind = kind

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        return {**{key: getattr(self, key) for key in SVC()._get_param_names()}, "kind": self.kind, "extra": None}


def test_what_stands_at_a_default_is_known_also_within_and_behind_a_constructor() -> None:
    pipe = Pipeline([("scale", StandardScaler()), ("clf", SVC(C=2.0, gamma="auto"))])
    found = defaults("pipe", pipe)
    assert {"pipe.memory", "pipe.scale__with_mean", "pipe.clf__kernel", "pipe.clf__tol"} <= found
    assert not {"pipe.steps", "pipe.scale", "pipe.clf", "pipe.clf__C", "pipe.clf__gamma"} & found
    found = defaults("own", HandsOn(C=3.0))
    assert {"own.kind", "own.kernel", "own.tol"} <= found
    assert not {"own.C", "own.extra"} & found, "nobody knows the default of extra"


class Anything(BaseEstimator):  # type: ignore[misc]
    def __init__(self, thing: Any = None) -> None:
        self.thing = thing

    def fit(self, X: Any, y: Any) -> Anything:
        return self


class NoRepr:
    def __repr__(self) -> str:
        raise ValueError


NESTED: list[Any] = []
NESTED.append(NESTED)


@pytest.mark.parametrize(
    ("thing", "shown"),
    [
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
        (np.str_("a"), "a"),
        (float("inf"), float("inf")),
        (np.zeros((2, 3)), "ndarray of shape (2, 3)"),
        (pd.DataFrame({"a": [1]}), "DataFrame of shape (1, 1)"),
        ((1,), "(1,)"),
        ([None, "a", (1.5, {"k": SVC()})], "[None, 'a', (1.5, {'k': SVC})]"),
        (SVC, "SVC"),
        (np.log1p, "log1p"),
        (len, "builtins.len"),
        (f_classif, "sklearn.feature_selection._univariate_selection.f_classif"),
        (np.random.RandomState(0), "RandomState(MT19937)"),
        (object(), "<object object>"),
        (NoRepr(), "<NoRepr that cannot be shown>"),
        ("x" * 600, "x" * 500 + "… (600 characters)"),
        ("é\n", "é\n"),
        (b"ab", "b'ab'"),
        (NESTED, "[[[[[[[...]]]]]]"),
    ],
)
def test_how_values_are_shown(thing: Any, shown: Any) -> None:
    found = settings("e", Anything(thing))
    value = found["e.thing"]
    assert value == shown or (isinstance(shown, str) and shown in value)
    assert type(value) is type(shown)


def test_long_lists_are_cut_and_say_so() -> None:
    value = settings("e", Anything(list(range(100_000))))["e.thing"]
    assert value.startswith("[0, 1, 2, ") and "… (" in value and len(value) < 600
    value = settings("e", Anything({n: n for n in range(100_000)}))["e.thing"]
    assert value.startswith("{0: 0, 1: 1, ") and "… (" in value and len(value) < 600


@pytest.mark.parametrize("value", [None, 1, X, object(), Broken(), RandomForestClassifier, sys])
def test_what_has_no_parameters(value: Any) -> None:
    assert settings("x", value) == {}


# ---- searches


def rows_of(table: bytes | None) -> list[dict[str, str]]:
    assert table is not None
    return list(csv.DictReader(io.StringIO(table.decode())))


def test_the_candidates_of_a_search() -> None:
    search = GridSearchCV(LogisticRegression(), {"C": [0.001, 1.0], "solver": ["lbfgs"]}, cv=2).fit(X, Y)
    rows = rows_of(model_settings.candidates_table(search))
    assert [row["rank_test_score"] for row in rows] == sorted(row["rank_test_score"] for row in rows)
    results = search.cv_results_
    best = int(np.argmin(results["rank_test_score"]))
    assert float(rows[0]["mean_test_score"]) == results["mean_test_score"][best] == search.best_score_
    assert float(rows[0]["param_C"]) == search.best_params_["C"] and set(rows[0]) == set(results)
    assert rows[0]["params"] == repr(results["params"][best])


def test_candidates_with_different_parameters_and_several_scores() -> None:
    grid = [{"kernel": ["linear"]}, {"kernel": ["rbf"], "gamma": [0.1]}, {"estimator": [None]}][:2]
    search = GridSearchCV(SVC(), grid, cv=2, scoring=["accuracy", "f1"], refit="f1").fit(X, Y)
    rows = rows_of(model_settings.candidates_table(search))
    assert len(rows) == 2 and {row["param_gamma"] for row in rows} == {"", "0.1"}
    randomized = RandomizedSearchCV(SVC(), {"C": [1, 2, 3]}, n_iter=2, cv=2, random_state=0, refit=False).fit(X, Y)
    assert len(rows_of(model_settings.candidates_table(randomized))) == 2
    assert model_settings.candidates_table(GridSearchCV(SVC(), {"C": [1]})) is None
    assert model_settings.candidates_table(types.SimpleNamespace(cv_results_={"a": [1, 2], "rank_test_a": [2, 1]})) == (
        b"a,rank_test_a\r\n2,1\r\n1,2\r\n"
    )


# ---- serialising


def test_a_model_comes_back_bit_for_bit(blobs: Blobs) -> None:
    for model in (
        RandomForestClassifier(5, random_state=0).fit(X, Y),
        GradientBoostingClassifier(n_estimators=5, random_state=0).fit(np.asfortranarray(X), Y),
        make_pipeline(StandardScaler(), FunctionTransformer(lambda a: a * 2), SVC()).fit(X, Y),
    ):
        digest, size = model_pickle.serialise(model, blobs, LIMIT)
        data = blobs.get(digest)
        assert len(data) == size == blobs.path(digest).stat().st_size
        assert (pickle.loads(data).predict(X) == model.predict(X)).all()


def test_the_notebooks_own_classes_travel_along(blobs: Blobs) -> None:
    """Defined in ``__main__``, with helpers and globals; read back by a process that knows none of it."""
    code = f"""
import sys
from pathlib import Path
from sklearn.base import BaseEstimator
from jupyter_bioml.capture import model_examples, model_pickle, model_settings, models
from jupyter_bioml.journal.blobs import Blobs
FACTOR = 3
def helper(x): return x * FACTOR
class Mine(BaseEstimator):
    def fit(self, X, y=None): self.shift_ = 1; return self
    def predict(self, X): return [helper(x) + self.shift_ for x in X]
print(model_pickle.serialise(Mine().fit([1]), Blobs(Path({str(blobs.root)!r})), 1 << 20)[0])
"""
    digest = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    load = f"import pickle; print(pickle.load(open({str(blobs.path(digest))!r}, 'rb')).predict([1, 2]))"
    answer = subprocess.run([sys.executable, "-c", load], capture_output=True, text=True, check=True, cwd="/")
    assert answer.stdout == "[4, 7]\n"


@pytest.fixture
def project_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[types.ModuleType]:
    (tmp_path / "my_layers.py").write_text("class Layer:\n    def double(self, x):\n        return 2 * x\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield importlib.import_module("my_layers")
    sys.modules.pop("my_layers", None)


def test_modules_of_the_project_travel_along(blobs: Blobs, project_module: Any) -> None:
    registry = cloudpickle.list_registry_pickle_by_value()
    stranger = types.ModuleType("not_in_sys_modules")
    digest, _ = model_pickle.serialise(project_module.Layer(), blobs, LIMIT, [project_module, stranger])
    assert cloudpickle.list_registry_pickle_by_value() == registry
    load = f"import pickle; print(pickle.load(open({str(blobs.path(digest))!r}, 'rb')).double(4))"
    answer = subprocess.run([sys.executable, "-c", load], capture_output=True, text=True, check=True, cwd="/")
    assert answer.stdout == "8\n"
    plain, _ = model_pickle.serialise(project_module.Layer(), blobs, LIMIT)
    assert b"double" not in blobs.get(plain)


def test_what_the_user_registered_stays(blobs: Blobs, project_module: Any) -> None:
    cloudpickle.register_pickle_by_value(project_module)
    try:
        model_pickle.serialise(project_module.Layer(), blobs, LIMIT, [project_module])
        assert "my_layers" in cloudpickle.list_registry_pickle_by_value()
    finally:
        cloudpickle.unregister_pickle_by_value(project_module)


class Counting:
    """Writes itself in many small pieces and remembers how far it got."""

    made = 0

    def __init__(self, number: int) -> None:
        self.number = number

    def __reduce__(self) -> Any:
        Counting.made += 1
        return (bytes, (os.urandom(10_000),))


def test_too_large_is_known_while_writing(blobs: Blobs) -> None:
    Counting.made = 0
    with pytest.raises(TooLarge):
        model_pickle.serialise([Counting(n) for n in range(1000)], blobs, 1_000_000)
    assert Counting.made < 150 and files_of(blobs) == []
    with pytest.raises(TooLarge):
        model_pickle.serialise(np.zeros(100_000), blobs, 500_000)
    assert files_of(blobs) == []
    data = blobs.get(model_pickle.serialise(b"x" * 1000, blobs, LIMIT)[0])
    assert model_pickle.serialise(b"x" * 1000, blobs, len(data))[1] == len(data)
    with pytest.raises(TooLarge):
        model_pickle.serialise(b"x" * 1000, blobs, len(data) - 1)


class Interrupting:
    def __reduce__(self) -> Any:
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ([np.zeros(200_000), Interrupting()], KeyboardInterrupt),
        ([np.zeros(200_000), (n for n in range(3))], TypeError),
        ([np.zeros(200_000), threading.Lock()], TypeError),
    ],
)
def test_what_breaks_off_leaves_nothing(
    blobs: Blobs, project_module: Any, value: Any, error: type[BaseException]
) -> None:
    registry = cloudpickle.list_registry_pickle_by_value()
    with pytest.raises(error):
        model_pickle.serialise(value, blobs, LIMIT, [project_module])
    assert files_of(blobs) == [] and cloudpickle.list_registry_pickle_by_value() == registry


def test_a_full_disk(blobs: Blobs) -> None:
    blobs.root.mkdir()
    blobs.root.chmod(0o500)
    code = (
        "import os, sys; from pathlib import Path\n"
        "from jupyter_bioml.capture import model_pickle; from jupyter_bioml.journal.blobs import Blobs\n"
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        f"root = Path({str(blobs.root)!r}); root.chmod(0o700)\n"
        "try: model_pickle.serialise(b'x' * 5_000_000, Blobs(root), 1 << 30)\n"
        "except OSError as error: print(error.errno, [p.name for p in root.rglob('*')])\n"
    )
    answer = subprocess.run([sys.executable, "-B", "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout == "27 []\n"


def test_random_generators_are_not_touched(blobs: Blobs) -> None:
    def states() -> list[Any]:
        numpys = np.random.get_state()
        return [random.getstate(), numpys[1].tolist(), numpys[2]]

    model = RandomForestClassifier(3).fit(X, Y)
    before = states()
    for value in (model, lambda: 0, Slow()):
        model_pickle.serialise(value, blobs, LIMIT)
        settings("m", value)
        models.is_model(value)
        model_examples.synthetic(X)
    assert states() == before


def test_nothing_of_ours_is_in_the_bytes(blobs: Blobs, project_dir: Path) -> None:
    """A function that opens files, pickled while openings are observed, comes back where we are not."""
    from observed import observing

    with observing(project_dir) as observer:
        observer.start()
        namespace: dict[str, Any] = {"open": open, "__name__": "__main__"}
        exec("def first(path):\n    with open(path) as file:\n        return file.readline()", namespace)
        digest, _ = model_pickle.serialise(namespace["first"], blobs, LIMIT)
    assert b"jupyter_bioml" not in blobs.get(digest)
    with contextlib.closing(open(project_dir / "f", "w")) as file:
        file.write("line")
    assert pickle.loads(blobs.get(digest))(project_dir / "f") == "line"
