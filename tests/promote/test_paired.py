"""The paired comparison: against figures worked out by other means, and what it refuses to compare."""

from __future__ import annotations

import random
from typing import Any

import numpy
import pandas
import pytest
from scipy import stats

from jupyter_bioml.promote.paired import NotComparable, compare


def table(truth: Any, predicted: Any, **more: Any) -> pandas.DataFrame:
    return pandas.DataFrame({"key": range(len(truth)), "y_true": truth, "y_pred": predicted, **more})


def test_the_interval_is_the_one_of_another_implementation() -> None:
    generator = numpy.random.default_rng(3)
    truth = generator.normal(size=200)
    new, old = truth + generator.normal(size=200) * 0.9, truth + generator.normal(size=200)
    ours = compare(table(truth, new), table(truth, old).sample(frac=1, random_state=1), resamples=20_000)
    difference = abs(new - truth) - abs(old - truth)
    theirs = stats.bootstrap(
        (difference,), numpy.mean, n_resamples=20_000, method="percentile", rng=numpy.random.default_rng(5)
    ).confidence_interval
    assert ours.loss == "absolute" and ours.rows == 200 and ours.groups is None
    assert ours.difference == pytest.approx(difference.mean()) and ours.new == pytest.approx(abs(new - truth).mean())
    width = theirs.high - theirs.low
    assert abs(ours.low - theirs.low) < 0.05 * width and abs(ours.high - theirs.high) < 0.05 * width


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    covered = 0
    for seed in range(200):
        generator = numpy.random.default_rng(seed)
        truth = generator.integers(0, 2, 150)
        new = numpy.where(generator.random(150) < 0.15, 1 - truth, truth)
        old = numpy.where(generator.random(150) < 0.20, 1 - truth, truth)
        found = compare(table(truth, new), table(truth, old), resamples=500, seed=seed)
        covered += found.low <= 0.15 - 0.20 <= found.high
    assert 178 <= covered <= 200, "95 % of 200 is 190; three standard deviations below is 181"


def test_rows_of_one_group_are_drawn_together() -> None:
    generator = numpy.random.default_rng(0)
    patient = numpy.repeat(numpy.arange(20), 30)
    shift = numpy.repeat(generator.normal(size=20), 30)
    truth = numpy.zeros(600)
    tables = table(truth, shift, patient=patient), table(truth, numpy.zeros(600), patient=patient)
    by_row, by_patient = compare(*tables), compare(*tables, group="patient")
    assert by_patient.groups == 20 and by_patient.difference == pytest.approx(by_row.difference)
    assert by_patient.high - by_patient.low > 3 * (by_row.high - by_row.low), "600 rows of 20 patients are 20 facts"


def test_equal_predictions_differ_by_nothing_and_the_answer_is_always_the_same() -> None:
    truth = ["a", "b", None, "a"]
    same = compare(table(truth[:2] * 30, ["a", "a"] * 30), table(truth[:2] * 30, ["a", "a"] * 30))
    assert (same.loss, same.difference, same.low, same.high, same.new) == ("wrong", 0.0, 0.0, 0.0, 0.5)
    generator = numpy.random.default_rng(1)
    tables = table(generator.normal(size=50), generator.normal(size=50)), None
    other = tables[0].assign(y_pred=generator.normal(size=50))
    random.seed(1)
    numpy.random.seed(1)
    before = random.getstate(), numpy.random.get_state()[1].tolist()  # type: ignore[index, union-attr]
    assert compare(tables[0], other) == compare(tables[0], other)
    assert before == (random.getstate(), numpy.random.get_state()[1].tolist()), "nobody else's generators"  # type: ignore[index, union-attr]


def test_the_loss_follows_the_kind_of_values() -> None:
    ones = [0, 1, 1, 0]
    assert compare(table(ones, [0.1, 0.9, 0.8, 0.4]), table(ones, [0.5] * 4)).loss == "brier"
    assert compare(table(ones, [0.1, 0.9, 0.8, 0.4]), table(ones, [0.5] * 4)).new == pytest.approx(0.055)
    assert compare(table([True, False] * 2, [True] * 4), table([True, False] * 2, [False] * 4)).loss == "wrong"
    assert compare(table([3, 7, 9], [3.2, 7.0, 8.0]), table([3, 7, 9], [3.0, 7.0, 9.0])).loss == "absolute"
    several = pandas.DataFrame(
        {"key": [1, 2], "y_true": [0, 2], "y_pred_0": [1.0, 0.0], "y_pred_1": [0, 0.5], "y_pred_2": [0, 0.5]}
    )
    found = compare(several, several)
    assert found.loss == "brier" and found.new == pytest.approx(0.25)
    assert compare(table([1.0, 2.0], [1.0, 4.0]), table([1.0, 2.0], [1.0, 2.0]), loss="squared").new == 2.0


@pytest.mark.parametrize(
    ("new", "old", "words"),
    [
        (table([1, 2], [1, 2]), table([1, 2, 3], [1, 2, 3]), "0 keys only in the new one, 1 only in the holder's"),
        (table([1, 2], [1, 2]), table([1, 3], [1, 2]), "1 rows have another true value"),
        (table([1, 2], [1, 2]).drop(columns="y_true"), table([1, 2], [1, 2]), "new table has no column y_true"),
        (table([1, 2], [1, 2]), table([1, 2], [1, 2]).drop(columns="y_pred"), "no column y_pred"),
        (table([1.0, 2.0], [1.0, float("nan")]), table([1.0, 2.0], [1.0, 2.0]), "not finite"),
        (table([], []), table([], []), "no rows"),
        (table([1, 2], [1, 2]).assign(key=0), table([1, 2], [1, 2]), "a key twice"),
    ],
)
def test_what_cannot_be_paired_is_said(new: pandas.DataFrame, old: pandas.DataFrame, words: str) -> None:
    with pytest.raises(NotComparable, match=words):
        compare(new, old)


def test_a_loss_or_a_group_that_does_not_fit_is_said() -> None:
    words, numbers = table(["a", "b"], ["a", "b"]), table([3, 7], [0.5, 0.5])
    with pytest.raises(NotComparable, match="needs numbers"):
        compare(words, words, loss="absolute")
    with pytest.raises(NotComparable, match="true values 0 and 1"):
        compare(numbers, numbers, loss="brier")
    with pytest.raises(NotComparable, match="no column patient"):
        compare(words, words, group="patient")
