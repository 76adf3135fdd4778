"""scikit-survival, as far as a stand-in shows it: an installed library with scoring functions of its own."""

from __future__ import annotations

from .case import Case

START = """
import numpy as np
from sksurv.linear_model import CoxPHSurvivalAnalysis
from sksurv.metrics import (
    concordance_index_censored, concordance_index_ipcw, cumulative_dynamic_auc, integrated_brier_score,
)
from sksurv.util import Surv

rng = np.random.default_rng(8)
X = rng.normal(size=(90, 3))
time = rng.exponential(np.exp(-X @ [0.9, -0.4, 0.0]))
event = rng.random(90) < 0.7
y = Surv.from_arrays(event, time)
X_train, X_test, y_train, y_test = X[:60], X[60:], y[:60], y[60:]
""".strip()

CASES = (
    Case(
        "concordance",
        (
            START,
            "%%experiment cox\n"
            "cox = CoxPHSurvivalAnalysis(alpha=0.01).fit(X_train, y_train)\n"
            "c_index = concordance_index_censored(y_test['event'], y_test['time'], cox.predict(X_test))[0]\n"
            'print(f"C-index: {c_index:.3f}")',
            "cox.score(X_train, y_train)",
        ),
        {"cox": {"c_index": "c_index", "score.y_train": "cox.score(X_train, y_train)"}},
        site=("sksurv",),
    ),
    Case(
        "concordance-unpacked-later",
        (
            START,
            "%%experiment cox\ncox = CoxPHSurvivalAnalysis(alpha=0.1).fit(X_train, y_train)",
            "risk = cox.predict(X_test)",
            "cindex, concordant, discordant, tied_risk, tied_time = concordance_index_censored(\n"
            "    y_test['event'], y_test['time'], risk)\n"
            "print('concordance index', cindex)",
        ),
        {
            "cox": {
                "cindex": "cindex",
                "concordant?": "concordant",
                "discordant?": "discordant",
                "tied_risk?": "tied_risk",
                "tied_time?": "tied_time",
            }
        },
        site=("sksurv",),
    ),
    Case(
        "over-time",
        (
            START,
            "%%experiment cox\n"
            "cox = CoxPHSurvivalAnalysis().fit(X_train, y_train)\n"
            "times = np.quantile(y_test['time'], [0.25, 0.5, 0.75])\n"
            "auc, mean_auc = cumulative_dynamic_auc(y_train, y_test, cox.predict(X_test), times)\n"
            "c_ipcw = concordance_index_ipcw(y_train, y_test, cox.predict(X_test))[0]\n"
            "surv = np.exp(-np.exp(cox.predict(X_test))[:, None] * times[None, :])\n"
            "ibs = integrated_brier_score(y_train, y_test, surv, times)",
        ),
        {
            "cox": {
                "auc.*?": "dict(enumerate(auc))",
                "auc?": "list(auc)",
                "mean_auc": "mean_auc",
                "c_ipcw": "c_ipcw",
                "ibs": "ibs",
            }
        },
        site=("sksurv",),
    ),
)
