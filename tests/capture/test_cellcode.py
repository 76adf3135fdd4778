"""What the text of a cell says."""

from __future__ import annotations

import time
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from jupyter_bioml.capture.cellcode import CellCode, analyse, parse_cell, real_scalar


def code_of(source: str, namespace: dict[str, Any] | None = None, clocks: set[str] | None = None) -> CellCode:
    tree = parse_cell(source)
    assert tree is not None
    return analyse(tree.body, namespace or {}, clocks or set())


def test_literals_are_parameters_and_computed_names_are_metrics() -> None:
    found = code_of("depth = 3\nlr: float = -0.1\nname = 'gbm'\nlayers = [8, 4]\nauc = score(depth)\na, b = 1, f()\n")
    assert found.literals == {"depth": 3, "lr": -0.1, "name": "gbm", "layers": [8, 4], "a": 1}
    assert found.computed == ["auc", "b"]


def test_loop_with_and_comprehension_targets_do_not_count() -> None:
    found = code_of(
        "for i in x:\n    loss = f(i)\nwith open('f') as h:\n    n = g(h)\ns = [j for j in x]\nif x:\n    k = f()\n"
    )
    assert found.computed == ["s"]
    assert found.literals == {}


def test_constant_expressions_are_parameters_not_metrics() -> None:
    found = code_of("seconds = 60 * -60\nsize = 60 * hours\nnothing = ...\nmixed = [60, hours]")
    assert (found.constants, found.computed) == (["seconds", "nothing"], ["size", "mixed"])


def test_the_last_binding_counts() -> None:
    found = code_of("x = 1\nx = f()\ny = f()\ny = 2")
    assert (found.literals, found.computed) == ({"y": 2}, ["x"])


@pytest.mark.parametrize(
    "source",
    [
        "t = time.time()",
        "t = time.perf_counter() - t0",
        "t = round(time.time() - t0, 2)",
        "t = (time.time() - t0) / 60",
    ],
)
def test_clock_readings_and_differences_are_timings(source: str) -> None:
    found = code_of(source, {"time": time}, {"t0"})
    assert found.clocks == ["t"]
    assert found.computed == []


def test_an_alias_of_a_clock_is_a_clock_and_a_function_of_that_name_is_not() -> None:
    assert code_of("t = now()", {"now": time.perf_counter}).clocks == ["t"]
    assert code_of("t = time()", {"time": lambda: 3.0}).computed == ["t"]


def test_differences_within_one_cell() -> None:
    found = code_of("import time\na = time.time()\nwork()\nb = time.time()\ntook = b - a\nauc = b + f()")
    assert found.clocks == ["a", "b", "took"]
    assert found.computed == ["auc"]


def test_fits_with_the_names_of_their_data() -> None:
    found = code_of("clf = Forest(3).fit(X, y)\nclf.fit(X_train, y=y_train)\nfor d in [1, 2, 3]:\n    m.fit(X, y)\n")
    first, second, third = found.fits
    assert (first.receiver, first.data, first.target) == ("clf", "X", "y")
    assert (second.data, second.target) == ("X_train", "y_train")
    assert (third.in_loop, third.repeats) == (True, 3)


def test_repeats_are_unknown_where_the_text_does_not_say() -> None:
    assert code_of("while go():\n    m.fit(X)").fits[0].repeats is None
    assert code_of("for d in [1, 2]:\n    m.fit(X)\n    if d: break").fits[0].repeats is None


@pytest.mark.parametrize(
    ("source", "seeds"),
    [
        ("import numpy as np\nnp.random.seed(0)", [("numpy", 0)]),
        ("import numpy.random\nnumpy.random.seed(1)", [("numpy", 1)]),
        ("from numpy import random as draws\ndraws.seed(seed=2)", [("numpy", 2)]),
        ("from numpy.random import seed\nseed(3)", [("numpy", 3)]),
        ("import random as r, torch\nr.seed(a=4)\ntorch.manual_seed(5)", [("random", 4), ("torch", 5)]),
        ("import tensorflow as tf\ntf.random.set_seed(6)", [("tensorflow", 6)]),
        ("from transformers import set_seed\nset_seed(7)", [("random", 7), ("numpy", 7), ("torch", 7)]),
        ("def start():\n    import torch\n    torch.manual_seed(8)", [("torch", 8)]),
        ("from mine import seed\nseed(9)", []),
    ],
)
def test_a_seed_is_found_in_the_cell_that_imports_its_library(source: str, seeds: list[tuple[str, int]]) -> None:
    assert code_of(source).seeds == seeds


def test_seeds_in_force_are_found_by_module() -> None:
    import random

    found = code_of("np.random.seed(4)\nrandom.seed(5)\nother.seed(6)", {"np": np, "random": random})
    assert found.seeds == [("numpy", 4), ("random", 5)]


def test_a_name_is_given_only_where_it_is_read_before_it_is_bound() -> None:
    found = code_of("rate = 0.3\nloss = rate * depth\nstep = step + 1\nfor i in rounds:\n    print(i, f'{fold}')\n")
    given = [name for name in ("rate", "depth", "loss", "step", "rounds", "fold", "other") if found.reads_given(name)]
    assert given == ["depth", "step", "rounds", "fold"]


def test_names_are_read_at_any_depth() -> None:
    found = code_of("def f(a, b=[x]):\n    return a.c(g(y), *z, **{'k': w})\nv = [u for t in s if r]\n")
    assert found.reads == {"a", "x", "g", "y", "z", "w", "u", "s", "r"}


def test_a_cell_that_is_not_python_has_no_tree() -> None:
    assert parse_cell("this is (not python") is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, 1),
        (0.5, 0.5),
        (np.float32(0.5), 0.5),
        (np.int64(3), 3),
        (np.array(2.0), 2.0),
        (Fraction(1, 2), 0.5),
        ("1", None),
        (None, None),
        (np.array([1.0]), None),
        (1j, None),
        ([1], None),
    ],
)
def test_real_scalars(value: Any, expected: float | None) -> None:
    assert real_scalar(value) == expected
