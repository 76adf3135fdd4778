"""What scoring functions return becomes numbers, and what is no score of it does not."""

from __future__ import annotations

import collections
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from jupyter_bioml.capture.scoring.functions import CURVES, FOLD_TABLE, FOLDS, REPORT, ROUNDS, TESTS, Shape, short_name
from jupyter_bioml.capture.scoring.returned import class_names, numbers_of

Pair = collections.namedtuple("Pair", "statistic pvalue df")


class Result:
    """As lifelines' and statsmodels' results of tests."""

    def __init__(self, **fields: Any) -> None:
        vars(self).update(fields)


def _named(value: object) -> str:
    """The name of a case, the same in every process."""
    return re.sub(r" at 0x[0-9a-f]+", "", str(value))[:60]


@pytest.mark.parametrize(
    ("value", "shape", "expected"),
    [
        (0.5, Shape(), [("", 0.5)]),
        (3, Shape(), [("", 3)]),
        (True, Shape(), [("", True)]),
        (np.float32(0.5), Shape(), [("", 0.5)]),
        (np.array(0.25), Shape(), [("", 0.25)]),
        (np.bool_(True), Shape(), [("", True)]),
        (np.array([0.1, 0.2]), Shape(), [("0", 0.1), ("1", 0.2)]),
        (np.array([[0.1, 0.2]]), Shape(), [("0.0", 0.1), ("0.1", 0.2)]),
        (np.zeros(51), Shape(), []),
        (np.array(["a"]), Shape(), []),
        (np.array([1j]), Shape(), []),
        (np.ma.masked_array([1.0, 2.0]), Shape(), [("0", 1.0), ("1", 2.0)]),
        (None, Shape(), []),
        ("0.5", Shape(), []),
        (object(), Shape(), []),
        (pd.DataFrame({"a": [1.0]}), Shape(), []),
        (pd.Series({"u": 0.5, "v": 0.25}), Shape(), [("u", 0.5), ("v", 0.25)]),
        ((0.5, 7, 8), Shape(parts=("cindex", None, None)), [("cindex", 0.5)]),
        ((0.5, 0.25), Shape(), [("0", 0.5), ("1", 0.25)]),
        (Pair(1.5, 0.05, 9), Shape(parts=("statistic", "pvalue")), [("statistic", 1.5), ("pvalue", 0.05)]),
        ({"u": 0.5, "support": 3, "v": {"f1": 0.25}}, Shape(), [("u", 0.5), ("v.f1", 0.25)]),
        (Result(p_value=0.5, test_statistic=2.0, degrees=1), Shape(), [("test_statistic", 2.0), ("p_value", 0.5)]),
        (Result(p_value=np.array([0.5, 0.25]), name=[("a", "b"), ("a", "c")]), Shape(), [("p_value.a.b", 0.5), ("p_value.a.c", 0.25)]),
        (np.array([0.5, 1.5]), Shape(FOLDS), [("mean", 1.0), ("std", 0.5), ("", 0.5), ("", 1.5)]),
        ([0.5, 1.5], Shape(FOLDS), [("mean", 1.0), ("std", 0.5), ("", 0.5), ("", 1.5)]),
        (np.array([]), Shape(FOLDS), []),
        ({"fit_time": np.array([1.0]), "test_r2": np.array([0.5])}, Shape(FOLD_TABLE), [("test_r2.mean", 0.5), ("test_r2.std", 0.0), ("test_r2", 0.5)]),
        ((np.array([10, 20]), np.ones((2, 3)), np.zeros((2, 3))), Shape(CURVES, (None, "train", "test")),
         [("train.mean", 1.0), ("train.mean", 1.0), ("test.mean", 0.0), ("test.mean", 0.0)]),
        ({"auc-mean": [0.5, 0.75], "cvbooster": object()}, Shape(ROUNDS), [("auc-mean", 0.5), ("auc-mean", 0.75)]),
        (pd.DataFrame({"iterations": [0, 1], "loss": [0.5, 0.25]}), Shape(ROUNDS), [("loss", 0.5), ("loss", 0.25)]),
        ("  pre  rec  f1  sup\n\na b  1.00  0.50  0.67  12\n\navg / total  0.90  0.80  0.85  12\n", Shape(REPORT),
         [("a b.pre", 1.0), ("a b.rec", 0.5), ("a b.f1", 0.67), ("avg / total.pre", 0.9), ("avg / total.rec", 0.8), ("avg / total.f1", 0.85)]),
        ("", Shape(REPORT), []),
        ("a text of another kind\nwith 3 lines\nand 2 4", Shape(REPORT), []),
    ],
    ids=_named,
)  # fmt: skip
def test_the_numbers_of_a_result(value: Any, shape: Shape, expected: list[tuple[str, Any]]) -> None:
    found = numbers_of(value, shape)
    assert [(one.part, one.value) for one in found] == expected
    assert all(type(one.value) in (int, float, bool) for one in found)


def test_the_steps_of_a_curve_are_its_sizes() -> None:
    value = (np.array([10, 20]), np.array([[0.5, 0.7], [0.8, 1.0]]), np.zeros((2, 2)))
    found = numbers_of(value, Shape(CURVES, (None, "train", "test")))
    assert [(one.step, one.value) for one in found if one.part == "train.mean"] == [(10, 0.6), (20, 0.9)]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([("", ["b", "a"]), ("", ["b", "b"])], ["a", "b"]),
        ([("y_true", np.array([0.0, 2.0])), ("y_pred", np.array([2, 2]))], ["0", "2"]),
        ([("", pd.Series(["x", "y"], dtype="category")), ("", ["x", "y"])], ["x", "y"]),
        ([("", [1, 0]), ("", [1, 1]), ("labels", [1, 0])], ["1", "0"]),
        ([("", [1, 0, 2]), ("", [1, 1, 1])], None),
        ([("", np.zeros((2, 2))), ("", np.zeros((2, 2)))], None),
        ([], None),
    ],
    ids=_named,
)
def test_the_names_of_two_classes(arguments: list[tuple[str, Any]], expected: list[str] | None) -> None:
    assert class_names(arguments, 2) == expected


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("sklearn.metrics.accuracy_score", "accuracy"),
        ("cross_val_score", "cross_val"),
        ("model.score", "score"),
        ("brier_score_loss", "brier_score_loss"),
        ("x.get_score", "score"),
        ("_score", "_score"),
    ],
)
def test_short_names(name: str, short: str) -> None:
    assert short_name(name) == short


def test_a_table_of_tests_gives_its_statistics_and_p_values_by_column_and_row() -> None:
    anova = pd.DataFrame(
        {"sum_sq": [4.0, 9.0], "df": [1.0, 20.0], "F": [8.9, float("nan")], "PR(>F)": [0.007, float("nan")]},
        index=["C(sex)", "Residual"],
    )
    pairs = pd.DataFrame({"A": ["x", "x"], "B": ["y", "z"], "T": [1.5, 2.0], "dof": [9, 9], "p_unc": [0.2, 0.1]})
    one = pd.DataFrame({"W": [0.9], "pval": [0.4], "normal": [True]})

    def told(table: object) -> dict[str, float]:
        return {item.part: item.value for item in numbers_of(table, Shape(TESTS)) if item.value == item.value}

    assert told(anova) == {"F.C(sex)": 8.9, "PR(>F).C(sex)": 0.007}
    assert told(pairs) == {"T.x-y": 1.5, "T.x-z": 2.0, "p_unc.x-y": 0.2, "p_unc.x-z": 0.1}
    assert told(one) == {"W": 0.9, "pval": 0.4}
    assert told(pd.concat([pairs] * 40)) == {}
