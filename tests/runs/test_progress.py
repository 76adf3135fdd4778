"""How far a run is: only what was logged and what the user said."""

from __future__ import annotations

import math
from typing import Any

import pytest

from jupyter_bioml.records.run import Code, Metric, RunRecord
from jupyter_bioml.runs.progress import planned, progress_of
from jupyter_bioml.runs.row import Progress


def a_record(metrics: list[Metric], source: str = "", **params: Any) -> RunRecord:
    return RunRecord(
        "a" * 32, "s", 1, "magic", "RUNNING", 0.0, Code(source=source), metrics=tuple(metrics), params=params
    )


def steps(key: str, *values: float, first: int = 0) -> list[Metric]:
    return [Metric(key, value, first + place) for place, value in enumerate(values)]


@pytest.mark.parametrize(
    ("source", "params", "total"),
    [
        ("for epoch in range(30):\n    pass", {}, 30),
        ("%%experiment net\nepochs = 12\nfor epoch in range(epochs):\n    pass", {}, 12),
        ("model.fit(x, y, epochs=5)", {}, 5),
        ("epochs = 12", {"epochs": 20}, 20),
        ("epochs = 12\nmodel.fit(x, epochs=5)", {}, None),
        ("epochs = ask()", {}, None),
        ("for row in range(30):\n    pass", {}, None),
        ("for epoch in range(2, 30):\n    pass", {}, None),
        ("epochs = True", {"epochs": -1}, None),
        ("this is no Python", {}, None),
    ],
)
def test_the_number_of_steps_is_what_the_user_said(source: str, params: dict[str, Any], total: int | None) -> None:
    assert planned(source, params) == total


def test_a_curve_and_the_steps_that_are_done() -> None:
    record = a_record([*steps("loss", 3.0, 2.0, 1.0), Metric("auc", 0.9, 0)], "for epoch in range(9):\n    pass")
    assert progress_of(record) == Progress("loss", (3.0, 2.0, 1.0), 3, 9)
    assert progress_of(a_record(steps("loss", 3.0, 2.0, first=1))) == Progress("loss", (3.0, 2.0), 2, None)


def test_what_goes_beyond_what_was_said_has_no_total() -> None:
    found = progress_of(a_record(steps("loss", 3.0, 2.0, 1.0), epochs=2))
    assert found is not None and (found.done, found.total) == (3, None)


def test_no_curve_no_progress() -> None:
    assert progress_of(a_record([Metric("auc", 0.9, 0), *steps("timing.step", 1.0, 2.0)])) is None


def test_a_long_curve_is_thinned_and_keeps_its_ends() -> None:
    found = progress_of(a_record(steps("loss", *(float(step) for step in range(10_000)))))
    assert found is not None and len(found.values) == 40 and found.done == 10_000
    assert (found.values[0], found.values[-1]) == (0.0, 9999.0) and all(map(math.isfinite, found.values))
