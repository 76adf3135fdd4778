"""Scores of boosted trees, survival models and statistical models, whose results and models have ways of their own."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from .cells import Cells, told

DATA = """
import numpy as np
import pandas as pd
from sklearn.datasets import make_classification
from sklearn.metrics import accuracy_score, mean_squared_error, r2_score, roc_auc_score
X, y = make_classification(90, random_state=0)
t = X[:, 0] * 2 + X[:, 5]
"""
BOOSTER = [
    ("accuracy", [""], "prediction"),
    ("score", [""], "self"),
    ("roc_auc", [""], "prediction"),
    ("roc_auc", [""], "prediction"),
]
#: Library → (cell, what is seen of it, the models fitted).
LIBRARIES: dict[str, tuple[str, list[Any], list[str]]] = {
    "xgboost": (
        "import xgboost\nclassifier = xgboost.XGBClassifier(n_estimators=2).fit(X, y)\n"
        "accuracy_score(y, classifier.predict(X))\nclassifier.score(X, y)\nroc_auc_score(y, classifier.predict_proba(X)[:, 1])\n"
        "data = xgboost.DMatrix(X, label=y)\nown = lambda guess, data: ('own', roc_auc_score(data.get_label(), guess))\n"
        "booster = xgboost.train({'objective': 'binary:logistic'}, data, 2, evals=[(data, 'train')], custom_metric=own, verbose_eval=False)\n"
        "roc_auc_score(y, booster.predict(data))\nxgboost.cv({'objective': 'binary:logistic'}, data, 2, nfold=2, metrics=['auc'])\n",
        [*((*one, [kind]) for one, kind in zip(BOOSTER, ["XGBClassifier"] * 3 + ["Booster"], strict=True)),
         ("cv", ["train-auc-mean", "train-auc-std", "test-auc-mean", "test-auc-std"], "", [])],
        ["XGBClassifier", "Booster"],
    ),
    "lightgbm": (
        "import lightgbm\nquiet = {'verbose': -1, 'objective': 'binary', 'metric': 'auc'}\nclassifier = lightgbm.LGBMClassifier(n_estimators=2, verbose=-1).fit(X, y)\n"
        "accuracy_score(y, classifier.predict(X))\nclassifier.score(X, y)\nroc_auc_score(y, classifier.predict_proba(X)[:, 1])\n"
        "booster = lightgbm.train(quiet, lightgbm.Dataset(X, y), 2)\nroc_auc_score(y, booster.predict(X))\nlightgbm.cv(quiet, lightgbm.Dataset(X, y), 2, nfold=2)\n",
        [*((*one, [kind]) for one, kind in zip(BOOSTER, ["LGBMClassifier"] * 3 + ["Booster"], strict=True)),
         ("cv", ["valid auc-mean", "valid auc-stdv"], "", [])],
        ["LGBMClassifier", "Booster"],
    ),
    "lifelines": (
        "from lifelines import CoxPHFitter, WeibullAFTFitter\nfrom lifelines.datasets import load_rossi\nfrom lifelines.statistics import logrank_test, pairwise_logrank_test\n"
        "from lifelines.utils import concordance_index\nrossi = load_rossi()\ncox = CoxPHFitter().fit(rossi, 'week', 'arrest')\n"
        "hazard = cox.predict_partial_hazard(rossi)\nconcordance_index(rossi.week, hazard, rossi.arrest)\ncox.score(rossi)\n"
        "weibull = WeibullAFTFitter().fit(rossi, 'week', 'arrest')\nconcordance_index(rossi.week, weibull.predict_median(rossi), rossi.arrest)\n"
        "one, two = rossi[rossi.fin == 0], rossi[rossi.fin == 1]\nlogrank_test(one.week, two.week, one.arrest, two.arrest)\n"
        "pairwise_logrank_test(rossi.week, rossi.fin, rossi.arrest)\n",
        [
            ("concordance_index", [""], "prediction", ["CoxPHFitter"]), ("score", [""], "self", ["CoxPHFitter"]),
            ("concordance_index", [""], "prediction", ["WeibullAFTFitter"]), ("logrank_test", ["test_statistic", "p_value"], "", []),
            ("pairwise_logrank_test", ["test_statistic.0.1", "p_value.0.1"], "", []),
        ],
        ["CoxPHFitter", "WeibullAFTFitter"],
    ),
    "statsmodels": (
        "import statsmodels.api as sm\nimport statsmodels.formula.api as smf\nfrom statsmodels.tools.eval_measures import rmse\n"
        "from statsmodels.stats.stattools import durbin_watson\nfrom statsmodels.stats.contingency_tables import mcnemar\n"
        "A = sm.add_constant(X[:, :3])\nols = sm.OLS(t, A).fit()\nr2_score(t, ols.predict(A))\nrmse(t, ols.fittedvalues)\ndurbin_watson(ols.resid)\n"
        "noise = sm.add_constant(X[:, 6:9])\nlogit = sm.Logit(y, noise).fit(disp=0)\nroc_auc_score(y, logit.predict(noise))\nmcnemar([[10, 2], [3, 5]])\n"
        "frame = pd.DataFrame({'t': t, 'a': X[:, 0]})\nformula = smf.ols('t ~ a', frame).fit()\nmean_squared_error(frame.t, formula.predict(frame))\n",
        [
            ("r2", [""], "prediction", ["OLSResults"]), ("rmse", [""], "prediction", ["OLSResults"]), ("durbin_watson", [""], "prediction", ["OLSResults"]),
            ("roc_auc", [""], "prediction", ["LogitResults"]), ("mcnemar", ["statistic", "pvalue"], "", []),
            ("mean_squared_error", [""], "prediction", ["OLSResults"]),
        ],
        ["OLSResults", "LogitResults", "OLSResults"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("library", LIBRARIES)
def test_scores_of_a_library(library: str) -> None:
    source, expected, fitted = LIBRARIES[library]
    cells = Cells()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            cells.prepare(DATA)
            calls = cells.run(source)
    finally:
        cells.observer.uninstall()
    assert told(calls) == expected
    assert [model.kind for model in cells.observer.fitted] == fitted
    assert {model.run for call in calls for model in call.models} == {"run2"}
    assert cells.observer.gaps() == []


def test_a_wrapper_of_results_named_by_the_plan() -> None:
    """Its predictions were copied; the name leads to the same model as the predictions would."""
    cells = Cells(models=lambda *_: ("ols",))
    try:
        cells.prepare(DATA + "import statsmodels.api as sm\nols = sm.OLS(t, X[:, :3]).fit()\n")
        [call] = cells.run("r2_score(t, ols.predict(X[:, :3]) * 1.0)")
    finally:
        cells.observer.uninstall()
    assert (call.found_by, call.models[0].run) == ("name", "run1")
    assert call.models[0].model is object.__getattribute__(cells.names["ols"], "_results")
