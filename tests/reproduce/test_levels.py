"""Levels of agreement: logged numbers, what decides, and what repeats say about noise."""

from __future__ import annotations

import json
import math
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_bioml.journal.blobs import Blobs
from jupyter_bioml.records.compare import TOLERANCE
from jupyter_bioml.records.facts import Score
from jupyter_bioml.records.run import FAILED, FINISHED, Code, Failure, Metric, RunRecord
from jupyter_bioml.reproduce.compare.agreement import LEVELS, UNKNOWN, with_noise
from jupyter_bioml.reproduce.compare.basis import Basis
from jupyter_bioml.reproduce.compare.levels import (
    BIT_EQUAL,
    DIFFERENT,
    NUMERICALLY_EQUAL,
    WITHIN_NOISE,
    Circumstances,
    Compared,
    compare_outputs,
    decision,
    worst,
)
from jupyter_bioml.reproduce.compare.logged import MetricSeries

BASE = RunRecord("a" * 32, "s", 1, "magic", FINISHED, 1.0, Code("auc = f(x)"))
NOWHERE = Blobs(Path("/nonexistent"))


def metrics(**values: float) -> tuple[Metric, ...]:
    return tuple(Metric(key.replace("__", "."), value) for key, value in values.items())


def compared(left: RunRecord, right: RunRecord, **options: Any) -> dict[tuple[str, str], Compared]:
    found = compare_outputs(left, replace(right, record_id="b" * 32, reproduces=left.record_id), NOWHERE, **options)
    json.dumps([(item.left, item.right) for item in found], allow_nan=False)
    return {(item.kind, item.name): item for item in found}


def runs(*aucs: float, reproduces: str | None = BASE.record_id) -> list[RunRecord]:
    return [
        replace(BASE, record_id=f"{n:032x}", reproduces=reproduces, metrics=metrics(auc=auc))
        for n, auc in enumerate(aucs)
    ]


def test_metrics_at_every_level() -> None:
    left = replace(BASE, metrics=metrics(a=0.3, b=0.1 + 0.2, c=0.5, d=1.0, timing__fit=1.0, **{"system/cpu": 3.0}))
    right = replace(BASE, metrics=metrics(a=0.3, b=0.3, c=0.6, e=1.0, timing__fit=2.0))
    found = compared(left, right)
    assert {name: item.level for (_, name), item in found.items()} == {
        "status": BIT_EQUAL,
        "a": BIT_EQUAL,
        "b": NUMERICALLY_EQUAL,
        "c": DIFFERENT,
        "d": DIFFERENT,
        "e": DIFFERENT,
    }
    assert found["metric", "c"].note == "differs by 0.1" and found["metric", "d"].note == "only on one side"
    assert found["metric", "e"].left is None and found["metric", "e"].right == 1.0


def test_a_wider_tolerance_makes_numerically_equal() -> None:
    left, right = (replace(BASE, metrics=metrics(a=value)) for value in (0.5, 0.50001))
    assert compared(left, right)["metric", "a"].level == DIFFERENT
    assert compared(left, right, rtol=1e-4)["metric", "a"].level == NUMERICALLY_EQUAL


def test_only_metrics_that_count_are_compared() -> None:
    left = replace(BASE, metrics=metrics(a=1.0, b=1.0), compared=("a",))
    assert ("metric", "b") not in compared(left, replace(BASE, metrics=metrics(a=1.0, b=2.0)))


def test_a_series_names_its_first_differing_step() -> None:
    left = replace(BASE, metrics=tuple(Metric("loss", 1 / (n + 1), n) for n in range(5)))
    right = replace(left, metrics=tuple(replace(m, value=m.value + (0.5 if m.step == 3 else 0)) for m in left.metrics))
    found = compared(left, right)["metric", "loss"]
    assert found.level == DIFFERENT and found.note == "1 of 5 steps, first 3; differs by up to 0.5"
    assert found.left == found.right == 0.2, "the last values are the same, the series is not"
    shorter = compared(left, replace(left, metrics=left.metrics[:3]))["metric", "loss"]
    assert shorter.level == DIFFERENT and shorter.note == "5 steps, then 3"


def test_status_and_exception() -> None:
    failed = replace(BASE, status=FAILED, failure=Failure("KeyError", "'x'", "…"))
    found = compared(BASE, failed)
    assert found["status", "status"].level == found["status", "exception"].level == DIFFERENT
    again = compared(failed, failed)
    assert again["status", "status"].level == again["status", "exception"].level == BIT_EQUAL


def test_values_nan_is_nan_and_true_is_not_one() -> None:
    left = replace(BASE, values={"n": math.nan, "i": math.inf, "b": True, "t": "yes"})
    right = replace(BASE, values={"n": math.nan, "i": -math.inf, "b": 1, "t": "yes"})
    found = compared(left, right)
    levels = {name: item.level for (kind, name), item in found.items() if kind == "value"}
    assert levels == {"n": BIT_EQUAL, "i": DIFFERENT, "b": DIFFERENT, "t": BIT_EQUAL}


# -- noise -----------------------------------------------------------------------------------------


def test_within_noise_needs_enough_repeats_that_differ_as_much() -> None:
    left, right = runs(0.90, reproduces=None)[0], runs(0.91)[0]
    left = replace(left, record_id=BASE.record_id)

    def level(*aucs: float) -> Compared:
        return compared(left, right, repeats=runs(*aucs))["metric", "auc"]

    assert level().level == DIFFERENT
    assert level(0.93).level == DIFFERENT and "too few" in level(0.93).note
    within = level(0.93, 0.90)
    assert within.level == WITHIN_NOISE
    assert within.note == "differs by 0.01; 3 equal runs differ by up to 0.03"
    assert level(0.911, 0.912).level == DIFFERENT
    assert level(0.91, 0.91).note == "differs by 0.01; equal runs do not differ"


def test_recorded_repeats_give_a_band_too() -> None:
    left = replace(BASE, metrics=metrics(auc=0.9))
    right = replace(BASE, metrics=metrics(auc=0.91))
    found = compared(left, right, repeats=runs(0.93, 0.95, reproduces=None))["metric", "auc"]
    assert found.level == WITHIN_NOISE and "up to 0.05" in found.note


def test_a_failed_repeat_or_the_run_itself_widens_no_band() -> None:
    left, right = replace(BASE, metrics=metrics(auc=0.9)), replace(BASE, metrics=metrics(auc=0.91))
    failed = [replace(run, status=FAILED) for run in runs(0.1, 0.99)]
    same = [replace(right, record_id="b" * 32, reproduces=left.record_id)] * 5
    assert compared(left, right, repeats=[*failed, *same])["metric", "auc"].level == DIFFERENT


def test_a_repeat_without_the_metric_or_with_an_infinite_one_gives_no_band() -> None:
    left, right = replace(BASE, metrics=metrics(auc=0.9)), replace(BASE, metrics=metrics(auc=0.91))
    bare = [replace(run, metrics=()) for run in runs(0, 0, 0)]
    assert compared(left, right, repeats=bare)["metric", "auc"].level == DIFFERENT
    odd = runs(0.9, math.inf)
    assert compared(left, right, repeats=odd)["metric", "auc"].level == DIFFERENT


def test_a_label_that_flips_among_repeats_is_noise_and_status_never_is() -> None:
    left, right = replace(BASE, values={"best": "svm"}), replace(BASE, values={"best": "knn"})
    flips = [replace(run, values={"best": best}) for run, best in zip(runs(0, 0), ("svm", "knn"), strict=True)]
    assert compared(left, right, repeats=flips)["value", "best"].level == WITHIN_NOISE
    failed = replace(right, status=FAILED)
    assert compared(left, failed, repeats=flips)["status", "status"].level == DIFFERENT


def test_how_often_the_same_kind_of_run_is_called_different() -> None:
    """The figures of the module's text: 30 % with three runs in the sample, 4 % with ten."""
    draw = random.Random(4)
    for count, least, most in ((3, 0.25, 0.35), (10, 0.02, 0.07)):
        called = 0
        for _ in range(1000):
            left, *sample = (MetricSeries("m", ((0, draw.gauss(0, 1)),)) for _ in range(count + 1))
            called += with_noise(left.compare(sample[0], TOLERANCE), sample, TOLERANCE).level == DIFFERENT
        assert least < called / 1000 < most


# -- what decides -----------------------------------------------------------------------------------


def item(kind: str, level: str, decides: bool = True, proves: int = 1) -> Compared:
    return Compared(kind, "x", level, None, None, decides=decides, proves=proves if kind != "status" else 0)


@pytest.mark.parametrize(
    ("items", "level"),
    [
        ([item("metric", BIT_EQUAL), item("text", DIFFERENT)], DIFFERENT),
        ([item("metric", BIT_EQUAL), item("text", DIFFERENT, decides=False)], BIT_EQUAL),
        ([item("metric", BIT_EQUAL), item("table", NUMERICALLY_EQUAL)], NUMERICALLY_EQUAL),
        ([item("metric", WITHIN_NOISE), item("predictions", DIFFERENT)], DIFFERENT),
        ([item("metric", BIT_EQUAL), item("predictions", UNKNOWN)], BIT_EQUAL),
        ([item("predictions", UNKNOWN), item("text", BIT_EQUAL, proves=0)], UNKNOWN),
        ([item("value", BIT_EQUAL, proves=0)], UNKNOWN),
        ([item("value", DIFFERENT, proves=0)], DIFFERENT),
        ([item("figure", DIFFERENT, decides=False)], UNKNOWN),
        ([], UNKNOWN),
    ],
)
def test_the_worst_of_what_decides_if_something_proves_it(items: list[Compared], level: str) -> None:
    found = decision([item("status", BIT_EQUAL), *items])
    assert found.level == level
    assert [one.kind for one in found.unknown] == [one.kind for one in items if one.level == UNKNOWN]


def test_what_a_verdict_is_based_on() -> None:
    basis = Basis.of(
        [
            item("status", BIT_EQUAL),
            *[item("metric", BIT_EQUAL)] * 3,
            item("value", BIT_EQUAL, proves=0),
            item("model", NUMERICALLY_EQUAL, proves=31),
            item("table", DIFFERENT),
            item("figure", UNKNOWN),
            item("text", DIFFERENT, decides=False),
        ]
    )
    assert basis.text == (
        "3 scores, 31 arrays of the model, 1 table; 1 figure not compared; 1 text not the same, which decides nothing"
    )
    assert basis.as_json()["compared"] == {"metric": 3, "model": 1, "arrays": 31, "table": 1}
    assert basis.as_json()["not_compared"] == {"figure": 1}
    assert Basis.of([item("status", BIT_EQUAL)]).text == "nothing"


def test_counts_and_shapes_prove_nothing() -> None:
    left = replace(BASE, metrics=metrics(n=3.0, auc=0.5), values={"rows": 150, "ok": True, "mean": 4.0})
    assert {name: one.proves for (_, name), one in compared(left, left).items()} == {
        "status": 0, "n": 0, "auc": 1, "rows": 0, "ok": 0, "mean": 1,
    }  # fmt: skip
    scored = replace(BASE, metrics=metrics(acc=1.0), scores=(Score("acc", 1.0, origin="returned"),))
    assert compared(scored, scored)["metric", "acc"].proves == 1, "a score may be 1"
    named = replace(BASE, metrics=metrics(n=3.0), compared=("n",))
    assert compared(named, named)["metric", "n"].proves == 1, "the user says that it counts"
    changed = compared(left, replace(left, values={"rows": 151, "ok": True, "mean": 4.0}))
    assert changed["value", "rows"].level == DIFFERENT and changed["value", "rows"].decides


# -- scores of one side -------------------------------------------------------------------------------


def scored(origin: str, cell: str | None = None) -> RunRecord:
    return replace(BASE, metrics=metrics(auc=0.5), scores=(Score("auc", 0.5, origin=origin, cell=cell),))


@pytest.mark.parametrize(
    ("left", "right", "under", "level"),
    [
        (scored("returned"), BASE, Circumstances(), DIFFERENT),
        (scored("returned"), BASE, Circumstances(same_software=False), UNKNOWN),
        (BASE, scored("computed"), Circumstances(same_software=False), UNKNOWN),
        (scored("logged"), BASE, Circumstances(same_software=False), DIFFERENT),
        (scored("word"), BASE, Circumstances(same_software=False), DIFFERENT),
        (scored("returned", "later"), BASE, Circumstances(), UNKNOWN),
        (scored("returned", "later"), BASE, Circumstances(replayed=frozenset({"later"})), DIFFERENT),
        (BASE, scored("returned", "new"), Circumstances(), UNKNOWN),
    ],
)
def test_a_score_of_one_side(left: RunRecord, right: RunRecord, under: Circumstances, level: str) -> None:
    found = compared(left, right, under=under)["metric", "auc"]
    assert found.level == level and found.note


def test_another_status_decides_whatever_else_is_equal() -> None:
    found = decision([item("status", DIFFERENT), item("metric", BIT_EQUAL), item("value", UNKNOWN)])
    assert found.level == DIFFERENT


@given(st.lists(st.sampled_from(LEVELS)))
def test_the_worst_is_no_better_than_any(levels: list[str]) -> None:
    found = worst(levels)
    assert all(LEVELS.index(found) >= LEVELS.index(level) for level in levels)
    assert found in levels or (not levels and found == UNKNOWN)


@given(st.lists(st.floats(), min_size=1, max_size=4))
def test_a_run_equals_itself_whatever_it_logged(values: list[float]) -> None:
    record = replace(BASE, metrics=tuple(Metric("m", value, n) for n, value in enumerate(values)))
    assert {found.level for found in compared(record, record).values()} == {BIT_EQUAL}
