"""The name of a score that is an expression, and of a statistic of a series."""

from __future__ import annotations

import ast

import pytest

from jupyter_bioml.scores.formulas import name_of_expression, statistic_of

NAMED = {
    "np.mean((y - p) ** 2)": "mean_squared_error.y",
    "((y.values - model.predict(X).ravel()) ** 2).mean()": "mean_squared_error.y",
    "round(np.sqrt(np.mean(np.square(y - p))), 3)": "root_mean_squared_error.y",
    "np.mean((y - p) ** 2) ** (1 / 2)": "root_mean_squared_error.y",
    "np.abs(y - p).mean()": "mean_absolute_error.y",
    "np.mean(y == p)": "accuracy.y",
    "(y == p).sum() / len(y) * 100": "accuracy.y",
    "((p > 0.5) == y).float().mean().item()": "accuracy.p",
    "1 - np.mean(y == p)": "error_rate.y",
    "(y != p).astype(int).mean()": "error_rate.y",
    "1 - ((y - p) ** 2).sum() / ((y - y.mean()) ** 2).sum()": "r2.y",
    # other formulas have the names of their functions: of logarithms or shares it is another error
    "np.mean((np.log(y) - np.log(p)) ** 2)": "mean.y",
    "np.mean(np.abs((y - p) / y))": "mean.abs.y",
    "np.corrcoef(y, p)[0, 1]": "corrcoef.y",
    "rmse(y_test, p)": "rmse.y_test",
    "get_f1_score(y, p)": "f1.y",
    # no function computes anything
    "y[0] - p[0]": None,
    "12.5 * model.predict(X)[0]": None,
    "p": None,
}
STATISTICS = {
    "np.mean(accs)": ("accs", "mean"),
    "round(100 * np.std(accs), 2)": ("accs", "std"),
    "mse.mean(axis=1)": ("mse", "mean"),
    "mse.mean(0)": ("mse", "mean"),
    "np.average(np.array(accs)[2:])": ("accs", "mean"),
    "sum(accs) / len(accs)": ("accs", "mean"),
    "np.amax(accs)": ("accs", "max"),
    "np.nanmedian(accs)": ("accs", "median"),
    "np.mean(y == p)": None,
    "np.mean([a, b])": None,
    "accs": None,
    "np.log(accs)": None,
}


def parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


@pytest.mark.parametrize(("text", "name"), NAMED.items())
def test_an_expression_is_named_as_the_score_that_it_computes(text: str, name: str | None) -> None:
    assert name_of_expression(parsed(text)) == name


@pytest.mark.parametrize(("text", "found"), STATISTICS.items())
def test_a_statistic_of_a_series_has_the_variable_and_the_function(text: str, found: tuple[str, str] | None) -> None:
    assert statistic_of(parsed(text)) == found


def test_a_deep_expression_ends() -> None:
    name = name_of_expression(parsed("np.sqrt(" * 60 + "y - p" + ")" * 60))
    assert name is not None and name.startswith("sqrt.sqrt")
