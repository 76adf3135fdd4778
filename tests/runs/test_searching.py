"""The search field: words and quotes, and the runs that fit best first."""

from __future__ import annotations

import dataclasses
import random
from typing import Any

import pytest

from jupyter_bioml.runs.row import RunRow
from jupyter_bioml.runs.searching import nearness, words_of
from jupyter_bioml.runs.summary import Summary

EMPTY: dict[str, Any] = {field.name: None for field in dataclasses.fields(RunRow)}


def ranked(typed: str, *names: str) -> list[str]:
    rows = [RunRow(**{**EMPTY, "name": name}) for name in names]
    runs = [Summary(row, frozenset(), None, None, hidden=False, above=None, user=None) for row in rows]
    return [one.row.name for one in sorted(runs, key=nearness(words_of(typed)))]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("model 7", ["model", "7"]),
        ('"model 7"', ["model 7"]),
        ('tree "Model 7" depth=3', ["tree", "model 7", "depth=3"]),
        ('"model 7', ["model 7"]),
        ('" " ""', []),
        ("", []),
        (None, []),
    ],
)
def test_words_and_what_stands_in_quotes(typed: str | None, words: list[str]) -> None:
    assert list(words_of(typed)) == words


def test_the_run_of_that_name_comes_first_then_those_whose_names_have_the_words() -> None:
    names = ["model 36", "model 17", "model 7", "model 7 again", "my model, 7"]
    assert ranked("model 7", *names) == ["model 7", "model 7 again", "my model, 7", "model 17", "model 36"]
    assert ranked("7 model", *names)[:1] == ["model 7"]


def test_of_those_that_fit_equally_well_the_order_stays() -> None:
    names = [f"run {number}" for number in range(20)]
    random.Random(1).shuffle(names)
    assert ranked("nothing", *names) == names
