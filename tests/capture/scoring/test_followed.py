"""A prediction leads to its model as long as it, or a view of it, is passed on; a copy leads to none."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pandas as pd
import pytest

from jupyter_bioml.capture.scoring.followed import FollowedPredictions, owner_references


class Model:
    """Something that predicts, and is compared by a value of its own."""

    def __init__(self) -> None:
        self.labels_ = np.arange(3)
        self.X_train_ = np.arange(4)

    def __eq__(self, other: object) -> bool:
        raise AssertionError("a model's own comparison is not asked")

    __hash__ = None  # type: ignore[assignment]


def model_of(followed: FollowedPredictions, value: Any) -> Any:
    found = followed.model_of(value)
    return None if found is None else found.model


@pytest.mark.parametrize(
    ("made", "passed"),
    [
        (np.random.rand(4, 2), lambda value: value),
        (np.random.rand(4, 2), lambda value: value[:, 1]),
        (np.random.rand(4, 2), lambda value: value[:, 1].reshape(2, 2)[::-1].T),
        (np.random.rand(2, 4).T, lambda value: value[:, 1]),
        (pd.Series([0.1, 0.2]), lambda value: value),
        (pd.Series([0.1, 0.2]), lambda value: value.values),
        (pd.DataFrame({"a": [0.1, 0.2], "b": [0.3, 0.4]}), lambda value: value),
        ([np.random.rand(3), np.random.rand(3)], lambda value: value[1]),
    ],
    ids=["itself", "column", "turned", "of transposed", "series", "values", "frame", "in a list"],
)
def test_a_view_is_followed(made: Any, passed: Any) -> None:
    followed, model = FollowedPredictions(), Model()
    followed.made(made, model)
    assert model_of(followed, passed(made)) is model


@pytest.mark.parametrize(
    "passed",
    [
        lambda value: value.astype(int),
        lambda value: value > 0.5,
        lambda value: -value,
        lambda value: value.copy(),
        lambda value: 0.5,
        list,
    ],
    ids=["astype", "comparison", "negative", "copy", "number", "list"],
)
def test_a_copy_is_not(passed: Any) -> None:
    followed, model, made = FollowedPredictions(), Model(), np.random.rand(4)
    followed.made(made, model)
    assert model_of(followed, passed(made)) is None


def test_a_view_of_what_was_given_is_no_prediction() -> None:
    """As of a model that passes its input through."""
    followed, model, given = FollowedPredictions(), Model(), np.random.rand(4, 2)
    followed.made(given[:, 0], model, list(owner_references(given)))
    assert model_of(followed, given) is None and model_of(followed, given[:, 1]) is None


def test_nothing_is_kept_and_no_id_is_taken_for_another_value() -> None:
    followed, model = FollowedPredictions(), Model()
    for _ in range(1_000):
        followed.made(np.random.rand(3), model)
    assert followed._made == {}
    values = [np.random.rand(3) for _ in range(1_000)]
    assert [value for value in values if followed.model_of(value)] == []
    kept = np.random.rand(3)
    followed.made(kept, model)
    del model
    gc.collect()
    found = followed.model_of(kept)
    assert found is not None and (found.kind, found.model) == ("Model", None)


def test_results_of_a_fit_are_the_models_and_its_data_is_not() -> None:
    followed, model = FollowedPredictions(), Model()
    followed.fitted(model, "run")
    assert model_of(followed, model.labels_) is model and model_of(followed, model.labels_[:2]) is model
    assert model_of(followed, model.X_train_) is None


def test_an_inner_model_stands_for_the_one_that_holds_it() -> None:
    """lifelines' ``CoxPHFitter`` predicts with an object of another class, unless that one was fitted by itself."""
    followed, outer, inner = FollowedPredictions(), Model(), Model()
    outer.inner = inner  # type: ignore[attr-defined]
    first = followed.fitted(outer, "run 1")
    assert followed.follow(inner) is first
    again = followed.fitted(inner, "run 2")
    assert again is not first and followed.follow(inner) is again
    assert first is not None and again is not None and (first.run, again.run) == ("run 1", "run 2")


def test_what_takes_no_weak_reference_is_not_followed() -> None:
    followed, made = FollowedPredictions(), np.random.rand(3)
    followed.made(made, {"a": "dictionary"})
    assert followed.model_of(made) is None and followed.fitted((1, 2), "run") is None
