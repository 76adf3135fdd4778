"""The functions of libraries that return scores, and which numbers of what they return are scores.

Curves, distances, displays and matrices are none. A function that a library gains later is known by the end of its name
where the library's names follow a rule (``sklearn.metrics``, ``torchmetrics.functional``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any

#: How a result is read: see ``returned``.
PLAIN, FOLDS, FOLD_TABLE, CURVES, REPORT, ROUNDS = "plain", "folds", "fold table", "curves", "report", "rounds"
#: A table of statistical tests: its statistics and p values.
TESTS = "tests"


@dataclass(frozen=True)
class Shape:
    """What a function returns."""

    kind: str = PLAIN
    parts: tuple[str | None, ...] = ()
    """Names of the elements of a returned tuple; None: not a score. Of a list: those of its first elements."""


@dataclass(frozen=True)
class ScoringFunction:
    """One function, or one method, that returns scores."""

    name: str
    """As the user imports it: ``sklearn.metrics.accuracy_score``; of a method the class is asked at each call."""
    shape: Shape = Shape()

    @property
    def short(self) -> str:
        """The name of its score: ``accuracy`` of ``accuracy_score``, ``covariance`` of ``get_covariance``."""
        return short_name(self.name)


def short_name(name: str) -> str:
    """The last part of a dotted name without ``get_`` in front of it and ``_score`` behind it."""
    last = name.rpartition(".")[2]
    return last.removeprefix("get_").removesuffix("_score") or last


_NUMBER, _TEST = Shape(), Shape(parts=("statistic", "pvalue"))
_PRF = Shape(parts=("precision", "recall", "fscore", None))
_LAGRANGE, _TEST_TABLE = Shape(parts=("lm", "lm_pvalue", "fvalue", "f_pvalue")), Shape(TESTS)
_CONCORDANCE = Shape(parts=("cindex", None, None, None, None))


def _all(names: str, shape: Shape = _NUMBER) -> dict[str, Shape]:
    return dict.fromkeys(names.split(), shape)


#: Module → function → what it returns. A module is looked at once the user's code has imported it.
FUNCTIONS: dict[str, dict[str, Shape]] = {
    "sklearn.metrics": {
        "auc": _NUMBER,
        "classification_report": Shape(REPORT),
        "precision_recall_fscore_support": _PRF,
        "homogeneity_completeness_v_measure": Shape(parts=("homogeneity", "completeness", "v_measure")),
        "class_likelihood_ratios": Shape(parts=("positive", "negative")),
    },
    "sklearn.model_selection": {
        "cross_val_score": Shape(FOLDS),
        "cross_validate": Shape(FOLD_TABLE),
        "learning_curve": Shape(CURVES, parts=(None, "train", "test", None, None)),
        "validation_curve": Shape(CURVES, parts=("train", "test")),
        "permutation_test_score": Shape(parts=("score", None, "pvalue")),
    },
    "imblearn.metrics": {
        **_all("geometric_mean_score sensitivity_score specificity_score macro_averaged_mean_absolute_error"),
        "sensitivity_specificity_support": Shape(parts=("sensitivity", "specificity", None)),
        "classification_report_imbalanced": Shape(REPORT),
    },
    "sksurv.metrics": {
        **_all("concordance_index_censored concordance_index_ipcw", _CONCORDANCE),
        "cumulative_dynamic_auc": Shape(parts=("auc", "mean_auc")),
        "brier_score": Shape(parts=(None, "brier")),
        "integrated_brier_score": _NUMBER,
    },
    "sksurv.compare": {"compare_survival": Shape(parts=("statistic", "pvalue", None, None))},
    "scipy.stats": {
        **_all(
            "pearsonr spearmanr kendalltau pointbiserialr weightedtau somersd ttest_ind ttest_rel ttest_1samp", _TEST
        ),
        **_all("ttest_ind_from_stats mannwhitneyu wilcoxon ranksums brunnermunzel ks_1samp ks_2samp kstest", _TEST),
        **_all("epps_singleton_2samp cramervonmises cramervonmises_2samp anderson anderson_ksamp shapiro", _TEST),
        **_all("normaltest skewtest kurtosistest jarque_bera levene bartlett fligner ansari mood", _TEST),
        **_all("f_oneway alexandergovern kruskal friedmanchisquare median_test tukey_hsd dunnett", _TEST),
        **_all("chisquare power_divergence chi2_contingency fisher_exact barnard_exact boschloo_exact", _TEST),
        **_all("binomtest poisson_means_test page_trend_test logrank combine_pvalues permutation_test", _TEST),
        "linregress": Shape(parts=("slope", "intercept", "rvalue", "pvalue", "stderr")),
    },
    "lifelines.utils": {"concordance_index": _NUMBER, "k_fold_cross_validation": Shape(FOLDS)},
    "lifelines.statistics": {
        **_all("logrank_test multivariate_logrank_test pairwise_logrank_test proportional_hazard_test"),
        **_all("survival_difference_at_fixed_point_in_time_test"),
    },
    "lifelines.calibration": {"survival_probability_calibration": Shape(parts=(None, "ICI", "E50"))},
    "statsmodels.tools.eval_measures": {
        **_all("mse rmse rmspe maxabs meanabs medianabs bias medianbias vare stde iqr"),
        **_all("aic aicc bic hqic aic_sigma aicc_sigma bic_sigma hqic_sigma"),
    },
    "statsmodels.stats.stattools": {
        "durbin_watson": _NUMBER,
        "jarque_bera": Shape(parts=("statistic", "pvalue", "skew", "kurtosis")),
        "omni_normtest": _TEST,
    },
    "statsmodels.stats.diagnostic": {
        **_all("het_breuschpagan het_white het_arch acorr_breusch_godfrey", _LAGRANGE),
        "acorr_ljungbox": _TEST_TABLE,
        "het_goldfeldquandt": Shape(parts=("fvalue", "pvalue", None)),
        **_all("normal_ad kstest_normal lilliefors linear_harvey_collier", _TEST),
    },
    "statsmodels.stats.anova": _all("anova_lm", _TEST_TABLE),
    "statsmodels.stats.multicomp": _all("pairwise_tukeyhsd", _TEST_TABLE),
    "statsmodels.stats.proportion": _all("proportions_ztest proportions_chisquare", _TEST),
    "statsmodels.stats.weightstats": {"ztest": _TEST, "ttest_ind": Shape(parts=("statistic", "pvalue", None))},
    "statsmodels.stats.contingency_tables": _all("mcnemar cochrans_q", _TEST),
    "statsmodels.stats.outliers_influence": _all("variance_inflation_factor"),
    "statsmodels.tsa.stattools": {
        **_all("adfuller", Shape(parts=("statistic", "pvalue", None, None, None, None))),
        **_all("kpss", Shape(parts=("statistic", "pvalue", None, None))),
    },
    "pingouin": {
        **_all("ttest tost mwu wilcoxon kruskal friedman cochran normality homoscedasticity chi2_mcnemar", _TEST_TABLE),
        **_all("anova welch_anova rm_anova mixed_anova ancova corr partial_corr rm_corr pairwise_corr", _TEST_TABLE),
        **_all("pairwise_tests pairwise_ttests pairwise_tukey pairwise_gameshowell", _TEST_TABLE),
    },
    "skimage.metrics.simple_metrics": _all(
        "mean_squared_error normalized_root_mse peak_signal_noise_ratio normalized_mutual_information"
    ),
    "skimage.metrics._structural_similarity": _all("structural_similarity"),
    "skimage.metrics._adapted_rand_error": _all("adapted_rand_error", Shape(parts=("error", "precision", "recall"))),
    "skimage.metrics._variation_of_information": _all("variation_of_information", Shape(parts=("under", "over"))),
    "skimage.metrics.set_metrics": _all("hausdorff_distance"),
    "xgboost.training": {"cv": Shape(ROUNDS)},
    "lightgbm.engine": {"cv": Shape(ROUNDS)},
    "catboost": {"cv": Shape(ROUNDS)},
    "catboost.utils": _all("eval_metric"),
}

#: Module → (names of its functions that are scores, those of them that are not).
PATTERNS: dict[str, tuple[re.Pattern[str], re.Pattern[str]]] = {
    "sklearn.metrics": (re.compile(r"(_score|_loss|_error|_deviance|_corrcoef)$"), re.compile(r"^$")),
    "torchmetrics.functional": (
        re.compile(r"^[a-z]"),
        re.compile(
            r"^pairwise_|(?<!au)roc$|curve|confusion|_matrix$|stat_scores|permutat|image_gradients|_at_fixed_|_at_s"
        ),
    ),
}
#: Classes of torchmetrics whose result is none, by a part of their name.
NO_SCORE_CLASS = re.compile(r"(?<!AU)ROC$|Curve|ConfusionMatrix|StatScores|AtFixed|AtSpec|AtSens")

#: Module → the name that its functions have for the user, where that is another one.
PUBLIC_NAMES = {
    "xgboost.training": "xgboost",
    "lightgbm.engine": "lightgbm",
    **dict.fromkeys((name for name in FUNCTIONS if name.startswith("skimage.metrics.")), "skimage.metrics"),
}


def scoring_functions(module: ModuleType) -> Iterator[tuple[ScoringFunction, Any]]:
    """(what is known of it, the function) of an imported module; a function may be something that cannot be watched."""
    name = module.__name__
    known = dict(FUNCTIONS.get(name, {}))
    wanted, unwanted = PATTERNS.get(name, (None, None))
    if wanted is not None and unwanted is not None:
        for own, value in vars(module).items():
            if isinstance(value, FunctionType) and wanted.search(own) and not unwanted.search(own):
                known.setdefault(own, _NUMBER)
    for own, shape in known.items():
        value = vars(module).get(own)
        if callable(value):
            yield ScoringFunction(f"{PUBLIC_NAMES.get(name, name)}.{own}", shape), value
