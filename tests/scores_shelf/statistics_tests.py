"""Results of ``scipy.stats``, and scores without a supervised model."""

from __future__ import annotations

from .case import Case
from .starts import REGRESS

START = """
import numpy as np
import pandas as pd
from scipy import stats
from scipy.stats import chi2_contingency, mannwhitneyu, pearsonr, spearmanr, ttest_ind
rng = np.random.default_rng(3)
control = rng.normal(5.0, 1.0, 40)
treated = rng.normal(5.6, 1.2, 38)
""".strip()
CLUSTER = """
import numpy as np
from sklearn.cluster import AgglomerativeClustering, KMeans
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score, calinski_harabasz_score, davies_bouldin_score, silhouette_score
X, groups = make_blobs(150, centers=3, cluster_std=1.6, random_state=4)
""".strip()

CASES = (
    Case(
        "tests-unpacked",
        (
            START,
            "%%experiment compare\n"
            "t_stat, p_value = ttest_ind(control, treated)\n"
            "u, p_u = mannwhitneyu(control, treated)\n"
            "print(f't = {t_stat:.3f}, p = {p_value:.4f}')",
        ),
        {"compare": {"t_stat": "t_stat", "p_value": "p_value", "u": "u", "p_u": "p_u"}},
    ),
    Case(
        "tests-as-results",
        (
            START,
            "%%experiment compare\n"
            "welch = ttest_ind(control, treated, equal_var=False)\n"
            "ks = stats.ks_2samp(control, treated)\n"
            "print(welch)\n"
            "ks.pvalue",
        ),
        {
            "compare": {
                "welch.*": "{'statistic': welch.statistic, 'pvalue': welch.pvalue}",
                "ks.*": "{'statistic': ks.statistic, 'pvalue': ks.pvalue}",
            }
        },
    ),
    Case(
        "a-test-as-last-expression",
        (START, "%%experiment normality\nstats.shapiro(treated)"),
        {
            "normality": {
                "shapiro.treated.statistic | shapiro.statistic": "stats.shapiro(treated).statistic",
                "shapiro.treated.pvalue | shapiro.pvalue": "stats.shapiro(treated).pvalue",
            }
        },
    ),
    Case(
        "correlations",
        (
            REGRESS + "\nfrom scipy.stats import pearsonr, spearmanr",
            "%%experiment ridge\n"
            "ridge = Ridge().fit(X_train, y_train)\n"
            "r, p = pearsonr(y_test, ridge.predict(X_test))\n"
            'print("Spearman rho:", spearmanr(y_test, ridge.predict(X_test))[0])',
            "tau = __import__('scipy.stats').stats.kendalltau(y_test, ridge.predict(X_test))\ntau.statistic",
        ),
        {
            "ridge": {
                "r": "r",
                "p": "p",
                "spearman_rho": "spearmanr(y_test, ridge.predict(X_test))[0]",
                "tau.*": "{'statistic': tau.statistic, 'pvalue': tau.pvalue}",
            }
        },
    ),
    Case(
        "a-table-of-counts",
        (
            START,
            "%%experiment chi\n"
            "table = pd.crosstab(pd.cut(np.r_[control, treated], 3, labels=False), np.repeat([0, 1], [40, 38]))\n"
            "chi2, p, dof, expected = chi2_contingency(table)\n"
            "print('chi2', chi2, 'p-value', p)",
        ),
        {"chi": {"chi2": "chi2", "p": "p", "dof?": "dof"}},
    ),
    Case(
        "clusters",
        (
            CLUSTER,
            "%%experiment kmeans\n"
            "km = KMeans(n_clusters=3, n_init=3, random_state=0).fit(X)\n"
            "sil = silhouette_score(X, km.labels_)\n"
            'print("ARI:", adjusted_rand_score(groups, km.labels_))\n'
            'print("Inertia:", km.inertia_)',
            'print(f"Davies-Bouldin: {davies_bouldin_score(X, km.labels_):.3f}")',
        ),
        {
            "kmeans": {
                "sil": "sil",
                "ari": "adjusted_rand_score(groups, km.labels_)",
                "inertia": "km.inertia_",
                "davies-bouldin": "davies_bouldin_score(X, km.labels_)",
            }
        },
    ),
    Case(
        "elbow",
        (
            CLUSTER,
            "%%experiment elbow\n"
            "inertias, sils = [], []\n"
            "for k in range(2, 6):\n"
            "    km = KMeans(n_clusters=k, n_init=2, random_state=0).fit(X)\n"
            "    inertias.append(km.inertia_)\n"
            "    sils.append(silhouette_score(X, km.labels_))",
        ),
        {"elbow": {"inertias": "inertias", "sils": "sils"}},
    ),
    Case(
        "elbow-by-another-name",
        (
            CLUSTER,
            "%%experiment elbow\n"
            "ssd = []\n"
            "for k in range(2, 6):\n"
            "    km = KMeans(n_clusters=k, n_init=2, random_state=0)\n"
            "    km.fit(X)\n"
            "    ssd.append(km.inertia_)\n"
            "cost = [KMeans(n_clusters=k, n_init=1, random_state=1).fit(X).inertia_ for k in (2, 3)]",
            "%%experiment three\nkm = KMeans(n_clusters=3, n_init=2, random_state=0)\nkm.fit(X)",
            "km.inertia_",
            "half = km.inertia_ / 2 < 1\nkm.inertia_ / len(X)",
        ),
        {"elbow": {"ssd": "ssd", "cost": "cost"}, "three": {"km.inertia_": "km.inertia_"}},
    ),
    Case(
        "gaussian-mixtures",
        (
            CLUSTER + "\nfrom sklearn.mixture import GaussianMixture",
            "%%experiment mixtures\n"
            "bics = []\n"
            "for n in (1, 2, 3):\n"
            "    gmm = GaussianMixture(n, random_state=0).fit(X)\n"
            "    bics.append(gmm.bic(X))\n"
            "best_bic = min(bics)",
        ),
        {"mixtures": {"bics": "bics", "best_bic": "best_bic"}},
    ),
    Case(
        "a-line-through-points",
        (
            START,
            "%%experiment line\n"
            "slope, intercept, r, p, se = stats.linregress(control[:38], treated)\n"
            "print('r squared:', r ** 2)",
        ),
        {
            "line": {
                "r": "r",
                "p": "p",
                "r_squared": "r ** 2",
                "slope?": "slope",
                "intercept?": "intercept",
                "se?": "se",
            }
        },
    ),
    Case(
        "correlations-by-hand",
        (
            START,
            "%%experiment ranks\n"
            "def rho_of(x, y):\n"
            "    return np.corrcoef(stats.rankdata(x), stats.rankdata(y))[0, 1]\n"
            "print('Spearman\\'s rank correlation coefficient:', round(rho_of(control[:38], treated), 4))",
        ),
        {"ranks": {"spearman_s_rank_correlation_coefficient": "rho_of(control[:38], treated) ~4"}},
    ),
    Case(
        "an-error-rate-of-simulated-tests",
        (
            START,
            "%%experiment simulate\n"
            "rejected, ps = 0, []\n"
            "for i in range(300):\n"
            "    a, b = rng.normal(size=(2, 15))\n"
            "    stat, prob = ttest_ind(a, b)\n"
            "    ps.append(mannwhitneyu(a, b)[1])\n"
            "    if prob < 0.05:\n"
            "        rejected += 1\n"
            "print('rejected:', rejected)\n"
            "observed = ttest_ind(control, treated)",
        ),
        {"simulate": {"observed.*": "{'statistic': observed.statistic, 'pvalue': observed.pvalue}"}},
    ),
)
