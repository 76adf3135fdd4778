"""Which models a cell fitted: everything that is fitted is kept or named, and what was only defined or read is not."""

from __future__ import annotations

import pytest
from cells_of import Cells, reasons

DATA = (
    "import numpy as np, pandas as pd\n"
    "rng = np.random.default_rng(0)\n"
    "X = pd.DataFrame(rng.normal(size=(60, 3)), columns=list('abc'))\n"
    "y = X['a'] * 2 + rng.normal(size=60); c = (y > 0).astype(int)\n"
    "from sklearn.linear_model import LogisticRegression, Ridge\n"
    "from sklearn.ensemble import RandomForestClassifier\n"
    "from sklearn.pipeline import make_pipeline\nfrom sklearn.preprocessing import StandardScaler\n"
)
OWN = (
    "class Own:\n"
    "    def __init__(self, rate=0.1, epochs=2):\n        self.rate = rate; self.epochs = epochs\n"
    "    def fit(self, X, y, epochs=2):\n        self.w = float(np.mean(y)); return {'loss': [1.0, 0.5]}\n"
    "    def predict(self, X):\n        return np.full(len(X), self.w)\n"
)


@pytest.fixture
def cells() -> Cells:
    return Cells(DATA)


# ---- libraries and own classes


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("import statsmodels.api as sm\nols = sm.OLS(y, X).fit()", "ols"),
        ("import statsmodels.api as sm\nlogit = sm.Logit(c, X)\nres = logit.fit(disp=0)", "res"),
        ("import statsmodels.api as sm\nglm = sm.GLM(c, X, family=sm.families.Binomial()).fit()", "glm"),
        ("import statsmodels.formula.api as smf\nres = smf.ols('y ~ a + b', data=X.assign(y=y)).fit()", "res"),
        ("import statsmodels.api as sm\nar = sm.tsa.ARIMA(y.to_numpy(), order=(1, 0, 0)).fit()", "ar"),
        (
            "from lifelines import CoxPHFitter\ncph = CoxPHFitter(penalizer=0.1)\n"
            "cph.fit(X.assign(t=np.exp(y / 4), e=c), 't', event_col='e')",
            "cph",
        ),
        ("from lifelines import KaplanMeierFitter\nkmf = KaplanMeierFitter().fit(np.exp(y), c)", "kmf"),
        ("from lifelines import WeibullFitter\nwf = WeibullFitter()\nwf.fit(np.exp(y / 4), c)", "wf"),
        (
            "import lightgbm as lgb\nbst = lgb.train({'verbose': -1, 'num_threads': 1}, lgb.Dataset(X, label=c), 3)",
            "bst",
        ),
        ("import xgboost as xgb\nbst = xgb.train({'max_depth': 2}, xgb.DMatrix(X, label=c), 3)", "bst"),
        ("import xgboost as xgb\nclf = xgb.XGBClassifier(n_estimators=3).fit(X, c)", "clf"),
        (OWN + "own = Own()\nhistory = own.fit(X, y, epochs=4)", "own"),
        (
            "from sklearn.base import BaseEstimator\nclass Plain(BaseEstimator):\n"
            "    def fit(self, X, y):\n        self.w = 1; return self\n    def predict(self, X): return np.ones(len(X))\n"
            "plain = Plain().fit(X, y)",
            "plain",
        ),
        ("clf = RandomForestClassifier(3)\nfor _ in range(1):\n    pass\nclf.fit(X, c)", "clf"),
        ("pipe = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, c)\nstep = pipe[-1]", "pipe"),
        ("if True:\n    inner = Ridge().fit(X, y)", "inner"),
    ],
    ids=lambda text: text.replace("\n", " ")[-40:] if isinstance(text, str) else None,
)
def test_what_is_fitted_is_kept(cells: Cells, source: str, name: str) -> None:
    found = cells.run(source)
    assert (found.model, reasons(found)) == (name, [])
    assert name in found.models


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import statsmodels.api as sm\nprint(sm.OLS(y, X).fit().rsquared)", "what sm.OLS(…).fit fitted has no name"),
        ("import statsmodels.api as sm\nmod = sm.OLS(y, X)\nr2 = mod.fit().rsquared", "what mod.fit fitted has no name"),
        ("acc = Ridge().fit(X, y).score(X, y)", "what Ridge(…).fit fitted has no name"),
        (
            "class Shift:\n    def fit(self, X): self.s = 1\nshift = Shift()\nshift.fit(X)",
            "shift (Shift) was fitted, but does not predict: name it with --model",
        ),
        ("def score(m):\n    return m.fit(X, y).score(X, y)\nr2 = score(Ridge().__class__())", "a function that was called here fits"),
        ("a1 = Ridge().fit(X, y)\nb1 = RandomForestClassifier(2).fit(X, c)", "2 models were fitted (a1, b1)"),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_named(cells: Cells, source: str, reason: str) -> None:
    found = cells.run(source)
    assert found.model is None
    assert any(reason in gap for gap in reasons(found)), reasons(found)


@pytest.mark.parametrize(
    "source",
    [
        "def train(m):\n    m.fit(X, y)\n    return m",
        "class Trainer:\n    def run(self):\n        ridge.fit(X, y)",
        "later = lambda: ridge.fit(X, y)",
        "p = ridge.predict(X)",
        "from scipy.stats import norm\nmean, spread = norm.fit(y)",
        "coefficients = np.polyfit(X['a'], y, 1)",
        "from sklearn.model_selection import cross_val_score\nscores = cross_val_score(Ridge(), X, y, cv=3)",
        "s = ridge.score(X, y)\nridge.note = 'looked at'",
    ],
)
def test_what_fits_nothing_says_nothing(cells: Cells, source: str) -> None:
    cells.run("ridge = Ridge().fit(X, y)")
    found = cells.run(source)
    assert (found.model, found.models, reasons(found)) == (None, [], [])
    assert not any(name.startswith("ridge.") for name in found.params)


def test_a_model_that_a_cell_only_takes_up_is_kept_but_not_made_by_it(cells: Cells) -> None:
    cells.run(
        "from sklearn.model_selection import GridSearchCV\ngrid = GridSearchCV(Ridge(), {'alpha': [1, 2]}, cv=2).fit(X, y)"
    )
    found = cells.run("best = grid.best_estimator_\nr2 = best.score(X, y)")
    assert (found.model, found.models) == ("best", [])
    again = cells.run("import copy\nloaded = copy.deepcopy(best)")
    assert (again.model, again.models) == ("loaded", ["loaded"]), "a new object: nobody else made it"


# ---- fitted by what the cell calls


def test_functions_of_earlier_cells_fit_where_they_are_called(cells: Cells) -> None:
    cells.run("ridge = Ridge()\nforest = RandomForestClassifier(3, random_state=0)")
    defined = cells.run("def train(model, target):\n    model.fit(X, target)\ndef again():\n    train(ridge, y)")
    assert (defined.models, reasons(defined)) == ([], [])
    assert cells.run("train(forest, c)").models == ["forest"]
    assert cells.run("again()").models == ["ridge"], "a name of the notebook that only the function uses"
    assert cells.run("again()").model == "ridge", "fitted once more"
    cells.run(OWN + "own = Own()")
    assert cells.run("train(own, y)").model == "own"
    assert cells.run("p = own.predict(X)").models == []


def test_a_function_that_makes_and_fits(cells: Cells) -> None:
    found = cells.run("def make():\n    return make_pipeline(StandardScaler(), Ridge()).fit(X, y)\nmade = make()")
    assert (found.model, found.models, reasons(found)) == ("made", ["made"], [])


def test_a_step_of_a_pipeline_fitted_within_a_function_counts_as_its_change(cells: Cells) -> None:
    cells.run("pipe = make_pipeline(StandardScaler(), Ridge()).fit(X, y)\ndef refit():\n    pipe.fit(X, y + 1)")
    assert cells.run("refit()").models == ["pipe"]
    assert cells.run("pipe.predict(X)").models == []


# ---- several, in containers


def test_models_in_a_container_are_each_named(cells: Cells) -> None:
    found = cells.run(
        "models = {'rf': RandomForestClassifier(2), 'lr': LogisticRegression(C=0.5)}\n"
        "for name, clf in models.items():\n    clf.fit(X, c)"
    )
    assert found.models == ["models.rf", "models.lr"] and found.model is None
    assert reasons(found) == ["2 models were fitted (models.rf, models.lr): name one with --model"]
    assert (found.params["models.lr.C"], found.params["models.rf.n_estimators"]) == (0.5, 2)
    assert not any(name.startswith("clf.") for name in found.params)
    one = cells.run("for m in models.values():\n    m.fit(X, c)", model="models.lr")
    assert (one.model, reasons(one)) == ("models.lr", []) and one.fit is not None and one.fit.data == "X"


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("pairs = [('a', Ridge()), ('b', Ridge(2))]\nfor n, m in pairs:\n    m.fit(X, y)", ["pairs.a", "pairs.b"]),
        ("ms = [Ridge(k).fit(X, y) for k in (1, 2)]", ["ms.0", "ms.1"]),
        ("res = {}\nfor k in ('u', 'v'):\n    m = Ridge()\n    m.fit(X, y)\n    res[k] = {'model': m}", ["res.u.model", "res.v.model"]),
        ("kept = []\nfor k in (1, 2, 3):\n    m = Ridge(k).fit(X, y)\n    kept.append(m)", ["kept.0", "kept.1", "kept.2"]),
        ("a1, b1 = Ridge().fit(X, y), Ridge(2).fit(X, y)\nboth = [a1, b1]", ["a1", "b1"]),
    ],
)  # fmt: skip
def test_containers_of_every_kind(cells: Cells, source: str, names: list[str]) -> None:
    found = cells.run(source)
    assert found.models == names
    assert reasons(found) == [f"{len(names)} models were fitted ({', '.join(names)}): name one with --model"]


def test_of_many_models_the_settings_are_a_gap(cells: Cells) -> None:
    found = cells.run("many = [Ridge(k).fit(X, y) for k in range(1, 12)]")
    assert len(found.models) == 11 and not any(name.startswith("many.") for name in found.params)
    assert any(gap.part == "params" and "11 models" in gap.reason for gap in found.gaps)
    assert "and 1 more" in reasons(found)[0]
    assert cells.run("more = [Ridge(k).fit(X, y) for k in range(1, 52)]").models == [], "too many to look into"


def test_only_what_the_cell_fitted_of_a_container_counts(cells: Cells) -> None:
    cells.run("ridge, forest = Ridge().fit(X, y), RandomForestClassifier(2)\nmodels = {'r': ridge, 'f': forest}")
    found = cells.run("models['f'].fit(X, c)\nr2 = models['r'].score(X, y)")
    assert (found.models, found.model) == (["models.f"], "models.f")


# ---- settings and coefficients


def test_settings_of_statistics_are_parameters_and_coefficients_are_values(cells: Cells) -> None:
    found = cells.run(
        "import statsmodels.formula.api as smf, statsmodels.api as sm\n"
        "res = smf.glm('c ~ a', data=X.assign(c=c), family=sm.families.Binomial()).fit()"
    )
    assert {key: found.params[f"res.{key}"] for key in ("class", "formula", "family", "link", "method")} == {
        "class": "GLM", "formula": "c ~ a", "family": "Binomial", "link": "Logit", "method": "IRLS",
    }  # fmt: skip
    assert found.values["res.params.a"] == cells.namespace["res"].params["a"]
    assert found.values.keys() == {"res.params.Intercept", "res.params.a"}
    cox = cells.run(
        "from lifelines import CoxPHFitter\ncph = CoxPHFitter(penalizer=0.1)\n"
        "cph.fit(X.assign(t=np.exp(y / 4), e=c), 't', event_col='e')"
    )
    assert cox.params["cph.penalizer"] == 0.1 and cox.params["cph.baseline_estimation_method"] == "breslow"
    assert cox.values["cph.params.b"] == cells.namespace["cph"].params_["b"]
    wide = cells.run("big = sm.OLS(y, rng.normal(size=(60, 51))).fit()")
    assert not any(".params." in key for key in wide.values), "more than 50 coefficients"


def test_settings_of_boosters_and_own_classes(cells: Cells) -> None:
    found = cells.run(
        "import lightgbm as lgb, xgboost as xgb\n"
        "b1 = lgb.train({'verbose': -1, 'num_threads': 1, 'max_depth': 2}, lgb.Dataset(X, label=c), 3)\n"
        "b2 = xgb.train({'max_depth': 2, 'objective': 'binary:logistic'}, xgb.DMatrix(X, label=c), 3)\n"
    )
    assert (found.params["b1.max_depth"], found.params["b1.num_iterations"]) == (2, 3)
    assert (found.params["b2.objective"], found.params["b2.rounds"], found.params["b2.max_depth"]) == (
        "binary:logistic",
        3,
        2,
    )
    own = cells.run(OWN + "own = Own(rate=0.2)\nown.fit(X, y)")
    assert (own.params["own.rate"], own.params["own.epochs"]) == (0.2, 2) and "own.w" not in own.params


class Proxy:
    """Wakes up, loudly, when asked for anything."""

    def __getattr__(self, name: str) -> object:
        pytest.fail(f"asked for {name}")

    @property
    def __class__(self) -> type:  # type: ignore[override]
        pytest.fail("asked for __class__")


def test_lazy_proxies_are_left_asleep(cells: Cells) -> None:
    cells.namespace.update(lazy=Proxy(), several=[Proxy(), Proxy()], named={"a": Proxy()})
    found = cells.run("ridge = Ridge().fit(X, y)\nboth = [lazy, several, named]")
    assert found.model == "ridge"
