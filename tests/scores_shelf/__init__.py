"""Small notebooks for the ways in which people show scores, each with the list of what is right to be kept."""

from __future__ import annotations

from importlib import import_module

from .case import Case

#: Families that need no more than NumPy, pandas, SciPy and scikit-learn.
PLAIN = (
    "calls",
    "later",
    "loops",
    "folds",
    "searches",
    "tables",
    "by_hand",
    "statistics_tests",
    "printed",
    "histories",
    "survival_stand_in",
    "no_scores",
)
#: Those that need further libraries.
LIBRARIES = ("fitted_statistics", "boosted", "torch_loops", "no_scores_libraries")
#: What those import, for a template that their kernels are forked from.
MODULES = ("matplotlib.pyplot", "statsmodels.api", "statsmodels.formula.api", "lifelines", "torch", "torchmetrics")


def cases(*families: str) -> list[tuple[str, Case]]:
    """``(family, case)`` of the families named, in order."""
    return [(name, case) for name in families for case in import_module(f"{__name__}.{name}").CASES]
