"""What a fitted model states of itself: the best score of a search, the fit statistics of a statistical model.

Nothing of the user's object is changed: statistics that are computed when they are asked for, and then kept on the
object, are asked of a copy that shares its arrays. What would warn or fit once more is only read where the user's code
has asked for it before.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from ..cellcode import real_scalar

#: Fit statistics of statsmodels' results (their documented names).
STATSMODELS = ("rsquared", "rsquared_adj", "llf", "aic", "bic", "deviance")
#: Those that fit a null model, or warn, when they are asked for the first time.
_ONLY_IF_ASKED = frozenset({"prsquared", "llnull"})
_WARN_IN = {"bic": "GLMResults"}
#: Fit statistics of lifelines' fitters.
LIFELINES = ("concordance_index_", "log_likelihood_", "AIC_partial_", "AIC_")
#: Points of a training history that are kept.
MOST_POINTS = 10_000

Statement = tuple[str, list[float]]


def statements(model: Any) -> list[Statement]:
    """(what, its value, or its values round by round) that a fitted model says of itself; empty for most models.

    Never raises an :class:`Exception`.
    """
    found: list[Statement] = []
    for read in (_search, _statsmodels, _lifelines, _rounds):
        with suppress(Exception):
            found += read(model)
    return found


def _search(model: Any) -> Iterator[Statement]:
    """``best_score_`` of a fitted search (GridSearchCV and its like)."""
    own = vars(model)
    if isinstance(own.get("cv_results_"), dict) and (number := real_scalar(own.get("best_score_"))) is not None:
        yield "best_score_", [float(number)]


def _statsmodels(model: Any) -> Iterator[Statement]:
    results = vars(model).get("_results", model)
    kind = type(results)
    if not kind.__module__.startswith("statsmodels.") or "Results" not in kind.__name__:
        return
    known = vars(results).get("_cache")
    known = dict(known) if isinstance(known, Mapping) else {}
    asked = copy.copy(results)
    if "_cache" in vars(asked):
        asked._cache = dict(known)
    for name in (*STATSMODELS, "prsquared"):
        if name not in known and (name in _ONLY_IF_ASKED or _WARN_IN.get(name) == kind.__name__):
            continue
        yield from _number(asked, name)


def _lifelines(model: Any) -> Iterator[Statement]:
    if not type(model).__module__.startswith("lifelines.") or not hasattr(type(model), "fit"):
        return
    asked = copy.copy(vars(model).get("_model", model))
    for name in LIFELINES:
        yield from _number(asked, name)


def _number(asked: Any, name: str) -> Iterator[Statement]:
    with suppress(Exception):
        value = real_scalar(getattr(asked, name))
        if value is not None and not isinstance(value, bool) and math.isfinite(value):
            yield name, [float(value)]


def _rounds(model: Any) -> Iterator[Statement]:
    """``<dataset>.<metric>`` round by round: what XGBoost, LightGBM and CatBoost keep of the data to evaluate on."""
    own = vars(model)
    for name in ("evals_result_", "_evals_result", "evals_result"):
        if isinstance(own.get(name), Mapping):
            yield from history(own[name])
            return


def history(value: Any) -> Iterator[Statement]:
    """The series of a training history: ``{metric: [numbers]}`` or ``{dataset: {metric: [numbers]}}``."""
    for key, item in list(value.items())[:50]:
        if isinstance(item, Mapping):
            for name, points in history(item):
                yield f"{key}.{name}", points
        elif isinstance(item, (list, tuple)) and item:
            numbers = [real_scalar(point) for point in item[:MOST_POINTS]]
            if all(number is not None and not isinstance(number, bool) for number in numbers):
                yield str(key), [float(number) for number in numbers if number is not None]
