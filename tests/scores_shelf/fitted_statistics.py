"""What fitted models of statsmodels and lifelines state of themselves."""

from __future__ import annotations

from .case import Case

START = """
import warnings
warnings.simplefilter("ignore")
import numpy as np
import pandas as pd
import statsmodels.api as sm
import statsmodels.formula.api as smf

rng = np.random.default_rng(5)
df = pd.DataFrame({"age": rng.normal(60, 9, 90), "dose": rng.uniform(0, 5, 90)})
df["marker"] = 2 + 0.05 * df.age - 0.4 * df.dose + rng.normal(0, 0.6, 90)
df["event"] = (rng.random(90) < 1 / (1 + np.exp(-(df.marker - 4)))).astype(int)
df["visits"] = rng.poisson(np.exp(0.3 * df.marker))
X = sm.add_constant(df[["age", "dose"]])
""".strip()
LIFELINES = """
import warnings
warnings.simplefilter("ignore")
import numpy as np
import pandas as pd
from lifelines import CoxPHFitter, KaplanMeierFitter, WeibullAFTFitter
from lifelines.datasets import load_rossi
from lifelines.statistics import logrank_test
from lifelines.utils import concordance_index

rossi = load_rossi().sample(150, random_state=1)
rossi = rossi[["week", "arrest", "fin", "age", "prio"]]
""".strip()
OLS = "{k: getattr(ols, k) for k in ('rsquared', 'rsquared_adj', 'aic', 'bic', 'llf')}"
COX = "{'concordance_index_': cph.concordance_index_, 'log_likelihood_': cph.log_likelihood_, 'AIC_partial_': cph.AIC_partial_}"

CASES = (
    Case(
        "ols-summary",
        (START, "%%experiment ols\nols = sm.OLS(df.marker, X).fit()\nprint(ols.summary())"),
        {"ols": {"ols.*": OLS}},
        modules=("statsmodels",),
    ),
    Case(
        "ols-by-formula-and-a-later-cell",
        (
            START,
            "%%experiment ols\nols = smf.ols('marker ~ age + dose', data=df).fit()\nols.summary()",
            'print("R-squared:", ols.rsquared)\nprint(f"AIC: {ols.aic:.1f}")',
            "rmse = np.sqrt(((df.marker - ols.predict(df)) ** 2).mean())\nrmse",
        ),
        {"ols": {"ols.*": OLS, "rmse": "rmse"}},
        modules=("statsmodels",),
    ),
    Case(
        "logit",
        (
            START + "\nfrom sklearn.metrics import roc_auc_score",
            "%%experiment logit\nlogit = sm.Logit(df.event, X).fit(disp=0)\nprint(logit.summary2())",
            "auc = roc_auc_score(df.event, logit.predict(X))\nprint('AUC:', round(auc, 3))",
        ),
        {
            "logit": {
                "logit.*": "{k: getattr(logit, k) for k in ('prsquared', 'aic', 'bic', 'llf')}",
                "logit.llr_pvalue?": "logit.llr_pvalue ~4",
                "auc": "auc",
            }
        },
        modules=("statsmodels",),
    ),
    Case(
        "glm",
        (
            START,
            "%%experiment poisson\n"
            "glm = smf.glm('visits ~ age + dose', data=df, family=sm.families.Poisson()).fit()\n"
            "glm.summary()",
        ),
        {
            "poisson": {
                "glm.*": "{k: getattr(glm, k) for k in ('aic', 'llf', 'deviance')}",
                "glm.bic?": "glm.bic",
            }
        },
        modules=("statsmodels",),
    ),
    Case(
        "two-models-compared",
        (
            START,
            "%%experiment nested\n"
            "small = smf.ols('marker ~ age', df).fit()\n"
            "full = smf.ols('marker ~ age + dose', df).fit()\n"
            "pd.DataFrame({'AIC': [small.aic, full.aic], 'R2': [small.rsquared, full.rsquared]}, index=['small', 'full'])",
        ),
        {
            "nested": {
                "small.*": OLS.replace("ols", "small"),
                "full.*": OLS.replace("ols", "full"),
            }
        },
        modules=("statsmodels",),
    ),
    Case(
        "cox-summary",
        (
            LIFELINES,
            "%%experiment cox\n"
            "cph = CoxPHFitter()\n"
            "cph.fit(rossi, duration_col='week', event_col='arrest')\n"
            "cph.print_summary()",
            "cph.concordance_index_",
        ),
        {"cox": {"cph.*": COX}},
        modules=("lifelines",),
    ),
    Case(
        "cox-on-a-hold-out",
        (
            LIFELINES,
            "train, test = rossi.iloc[:100], rossi.iloc[100:]",
            "%%experiment cox\ncph = CoxPHFitter(penalizer=0.1).fit(train, 'week', 'arrest')",
            "c = concordance_index(test['week'], -cph.predict_partial_hazard(test), test['arrest'])\n"
            "print(f'Test C-index: {c:.3f}')",
            'print("partial likelihood", cph.score(test))',
        ),
        {"cox": {"cph.*": COX, "c": "c", "partial_likelihood": "cph.score(test)"}},
        modules=("lifelines",),
    ),
    Case(
        "logrank-and-kaplan-meier",
        (
            LIFELINES,
            "%%experiment groups\n"
            "a, b = rossi[rossi.fin == 0], rossi[rossi.fin == 1]\n"
            "kmf = KaplanMeierFitter().fit(a.week, a.arrest)\n"
            "res = logrank_test(a.week, b.week, a.arrest, b.arrest)\n"
            "print('p =', res.p_value)",
        ),
        {
            "groups": {
                "res.p_value | res.pvalue | p": "res.p_value",
                "res.test_statistic | res.statistic": "res.test_statistic",
            }
        },
        modules=("lifelines",),
    ),
    Case(
        "accelerated-failure-time",
        (
            LIFELINES,
            "%%experiment weibull\naft = WeibullAFTFitter().fit(rossi, 'week', 'arrest')\naft.print_summary(3)",
        ),
        {
            "weibull": {
                "aft.*": "{'concordance_index_': aft.concordance_index_, 'log_likelihood_': aft.log_likelihood_, 'AIC_': aft.AIC_}",
                "aft.BIC_?": "aft.BIC_ ~3",
            }
        },
        modules=("lifelines",),
    ),
    Case(
        "tables-of-anova",
        (
            START + "\ndf['group'] = rng.choice(['low', 'mid', 'high'], 90)\ndf['sex'] = rng.choice(['f', 'm'], 90)",
            "%%experiment anova\ntable = sm.stats.anova_lm(smf.ols('marker ~ C(group)', df).fit())\nprint(table)",
            "%%experiment two\nsm.stats.anova_lm(smf.ols('marker ~ C(group) + C(sex)', df).fit(), typ=2).round(4)",
        ),
        {
            "anova": {
                "table.F.C group": "table['F'].iloc[0]",
                "table.PR F.C group": "table['PR(>F)'].iloc[0]",
            },
            "two": {
                f"anova_lm.{column}.C {name} | anova_lm.fit.{column}.C {name}": "sm.stats.anova_lm(smf.ols('marker ~ "
                f"C(group) + C(sex)', df).fit(), typ=2)[{key!r}].loc['C({name})']"
                for column, key in (("F", "F"), ("PR F", "PR(>F)"))
                for name in ("group", "sex")
            },
        },
        modules=("statsmodels",),
    ),
    Case(
        "all-pairs-compared",
        (
            START + "\nfrom statsmodels.stats.multicomp import pairwise_tukeyhsd\n"
            "df['group'] = rng.choice(['low', 'mid', 'high'], 90)",
            "%%experiment pairs\ntukey = pairwise_tukeyhsd(df['marker'], df['group'], alpha=0.05)\nprint(tukey)",
        ),
        {
            "pairs": {
                "tukey.pvalue.*": "{'high-low': tukey.pvalues[0], 'high-mid': tukey.pvalues[1], 'low-mid': tukey.pvalues[2]}"
            }
        },
        modules=("statsmodels",),
    ),
    Case(
        "effects-of-one-variable-each",
        (
            LIFELINES,
            "%%experiment single\n"
            "rows = []\n"
            "for name in ['fin', 'age', 'prio']:\n"
            "    one = CoxPHFitter().fit(rossi[['week', 'arrest', name]], 'week', 'arrest').summary.loc[name]\n"
            "    rows.append({'variable': name, 'HR': one['exp(coef)'], 'CI_lower': one['exp(coef) lower 95%'],\n"
            "                 'CI_upper': one['exp(coef) upper 95%'], 'p_value': one['p']})\n"
            "effects = pd.DataFrame(rows)\n"
            "effects.round(3)",
        ),
        {"single": {"effects.p_value.* | rows.p_value.*": "dict(zip(effects['variable'], effects['p_value']))"}},
        modules=("lifelines",),
    ),
)
