"""Calls of library functions with good, odd and wrong arguments, and everything that a user could see of each of them."""

from __future__ import annotations

import inspect
import pickle
import traceback
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import scipy.stats
import sklearn.metrics as metrics
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import cross_val_score, cross_validate

Y = [0, 1, 1, 0, 1, 0, 1, 1]
P = [0, 1, 0, 0, 1, 1, 1, 1]
S = [0.1, 0.9, 0.4, 0.3, 0.8, 0.6, 0.7, 0.55]
X = [[0.0, 1], [1, 0.5], [2, 1], [0.5, 2], [3, 1], [0.2, 0.1], [2, 2], [1, 3]]
FITTED = LogisticRegression().fit(X, Y)


class Refuses:
    """An argument that raises whatever is asked of it."""

    def __len__(self) -> int:
        raise ZeroDivisionError("no length")

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("no array")


def functions() -> dict[str, Callable[..., Any]]:
    """Scoring functions of two arguments, by name."""
    two = [
        name
        for name in metrics.__all__
        if name.endswith(("_score", "_loss", "_error", "_deviance", "_report", "_support"))
    ]
    found = {name: getattr(metrics, name) for name in two}
    tests = "pearsonr spearmanr kendalltau ttest_ind ttest_rel mannwhitneyu wilcoxon ks_2samp f_oneway kruskal fisher_exact chi2_contingency linregress"
    return found | {name: getattr(scipy.stats, name) for name in tests.split()}


def calls() -> Iterator[tuple[str, Callable[[], Any]]]:
    """(name, call): each function with each pair of arguments."""
    pairs: list[tuple[Any, Any]] = [
        (Y, P), (Y, S), (S, S), (np.array(Y), np.array(S)), ([0, 0, 0], [0, 0, 0]), ([], []), (Y, P[:-1]), (Y, None), ("ab", "cd"),
        ([0, 1, 2, 1], [0, 2, 1, 1]), ([[1, 0], [0, 1]], [[1, 0], [1, 1]]), ([np.nan, 1.0], [1.0, 2.0]), (Refuses(), Y), (X, Y),
    ]  # fmt: skip
    for name, function in functions().items():
        for number, (first, second) in enumerate(pairs):
            yield f"{name}/{number}", lambda f=function, a=first, b=second: f(a, b)
        yield f"{name}/unknown", lambda f=function: f(Y, P, no_such_argument=1)
        yield f"{name}/none", lambda f=function: f()
    yield "f1/average", lambda: metrics.f1_score(Y, P, average=None)
    yield "f1/zero", lambda: metrics.f1_score([0, 0], [0, 0], zero_division="warn")
    yield "f1/bad", lambda: metrics.f1_score(Y, P, average="wrong")
    yield "cross_val_score", lambda: cross_val_score(LogisticRegression(), X, Y, cv=2)
    yield "cross_val_score/raises", lambda: cross_val_score(LogisticRegression(C=-1), X, Y, cv=2, error_score="raise")
    yield "cross_val_score/nan", lambda: cross_val_score(LogisticRegression(C=-1), X, Y, cv=2)
    yield "cross_validate", lambda: sorted(cross_validate(LinearRegression(), X, S, cv=2))
    yield "score", lambda: FITTED.score(X, Y)
    yield "score/wrong", lambda: FITTED.score([[1.0]], [1])
    yield "score/unfitted", lambda: LogisticRegression().score(X, Y)
    yield "fit/wrong", lambda: LogisticRegression(C="no").fit(X, Y)
    yield "iteration", lambda: LogisticRegression(max_iter=1).fit(X, Y).coef_


def seen(call: Callable[[], Any]) -> tuple[Any, ...]:
    """The result's bytes or the exception with its traceback, and the warnings: messages, files, lines, columns."""
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        try:
            outcome: Any = _plain(call())
        except Exception as error:
            outcome = _raised(error)
    return outcome, [(str(one.message), one.category, one.filename, one.lineno) for one in heard]


def _plain(value: Any) -> Any:
    return type(value), pickle.dumps(value)


def _raised(error: BaseException | None) -> Any:
    if error is None:
        return None
    trace = traceback.StackSummary.extract(traceback.walk_tb(error.__traceback__), capture_locals=False)
    frames = [(one.filename, one.lineno, one.end_lineno, one.colno, one.end_colno, one.name, one.line) for one in trace]
    return type(error), str(error), frames, _raised(error.__cause__), _raised(error.__context__)


def identity(function: Any) -> tuple[Any, ...]:
    """What a user can ask of a function without calling it."""
    code = function.__code__
    kept = [
        getattr(code, name)
        for name in ("co_name", "co_qualname", "co_filename", "co_firstlineno", "co_varnames", "co_flags")
    ]
    return (
        id(function), pickle.dumps(function), str(inspect.signature(function)), inspect.getsource(function), function.__doc__,
        function.__wrapped__ if hasattr(function, "__wrapped__") else None, function.__defaults__, function.__closure__, kept,
        sorted({line for *_, line in code.co_lines() if line is not None}),
    )  # fmt: skip
