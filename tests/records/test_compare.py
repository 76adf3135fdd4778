"""What differs between two records, and what counts for a verdict."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_bioml.records.compare import (
    AS_PRINTED,
    CLOSE,
    DIFFERENT,
    IDENTICAL,
    ONE_SIDED,
    TOLERANCE,
    RecordComparison,
    compare_records,
    relation,
)
from jupyter_bioml.records.run import (
    FAILED,
    FINISHED,
    Code,
    DataUse,
    Environment,
    Failure,
    Git,
    Metric,
    Module,
    PriorCell,
    RunRecord,
    Score,
)

BASE = RunRecord(
    record_id="a" * 32, session="s", seq=1, mark="magic", status=FINISHED, started=1.0, code=Code("auc = f(x)")
)


def metrics(**values: float) -> tuple[Metric, ...]:
    return tuple(Metric(key.replace("__", "."), value) for key, value in values.items())


def compared(left: dict[str, Any], right: dict[str, Any], **options: Any) -> RecordComparison:
    found = compare_records(replace(BASE, **left), replace(BASE, record_id="b" * 32, **right), **options)
    json.dumps(found.as_json(), allow_nan=False)
    return found


def test_a_file_that_a_package_ships_is_the_same_in_every_environment() -> None:
    names = [f"{place}/lib/python3.11/site-packages/sklearn/datasets/iris.csv" for place in (".venv", "/cache/ab12")]
    left, right = ({"data": (DataUse(name, "read", digest="sha256:1"),)} for name in names)
    assert compared(left, right).of("data") == () and compared(left, right).same["data"] == 1
    other = {"data": (DataUse(names[1], "read", digest="sha256:2"),)}
    (found,) = compared(left, other).of("data")
    assert found.name == "site-packages/sklearn/datasets/iris.csv"


def test_a_record_equals_itself() -> None:
    found = compared({}, {})
    assert found.equal and found.results_agree and found.unknown == ("environment: not recorded on both sides",)


def test_metrics_to_the_last_bit_and_within_rounding() -> None:
    found = compared(
        {"metrics": metrics(a=0.1 + 0.2, b=0.3, c=0.5, d=1.0)},
        {"metrics": metrics(a=0.1 + 0.2, b=0.1 + 0.2, c=0.6, e=1)},
    )
    assert {pair.key: pair.relation for pair in found.metrics} == {
        "a": IDENTICAL,
        "b": CLOSE,
        "c": DIFFERENT,
        "d": ONE_SIDED,
        "e": ONE_SIDED,
    }
    assert not found.results_agree and found.tolerance == TOLERANCE


def test_timings_and_readings_never_count() -> None:
    found = compared(
        {"metrics": metrics(auc=0.5, timing__fit=1.0, **{"system/cpu": 1.0})},
        {"metrics": metrics(auc=0.5, timing__fit=2.0)},
    )
    assert [pair.key for pair in found.metrics] == ["auc"] and found.results_agree


def test_the_list_given_by_the_user_decides() -> None:
    named = {"compared": ("auc", "missing")}
    found = compared({"metrics": metrics(auc=0.5, noise=1), **named}, {"metrics": metrics(auc=0.5, noise=2)})
    assert [pair.key for pair in found.metrics] == ["auc"] and found.results_agree
    assert not compared({"metrics": metrics(auc=0.5), **named}, {}).results_agree, "a named metric is gone"


def test_series_are_compared_step_by_step() -> None:
    def loss(*values: float) -> dict[str, Any]:
        return {"metrics": tuple(Metric("loss", value, step) for step, value in enumerate(values))}

    assert compared(loss(3, 2, 1), loss(3, 2, 1)).results_agree
    (pair,) = compared(loss(3, 2, 1), loss(3, 2.5, 1)).metrics
    assert (pair.relation, pair.first_step, pair.agrees) == (IDENTICAL, 1, False)
    (pair,) = compared(loss(3, 2, 1), loss(3, 2)).metrics
    assert pair.first_step == 2


def test_special_values_and_booleans_count() -> None:
    found = compared({"values": {"ok": True, "x": math.nan, "y": math.inf}}, {"values": {"ok": True, "x": math.nan}})
    assert [(item.name, item.left, item.right) for item in found.of("values")] == [("y", math.inf, None)]
    assert not found.results_agree and found.same["values"] == 2


@pytest.mark.parametrize("part", ["params", "values"])
def test_none_is_a_value_and_not_the_same_as_not_being_there(part: str) -> None:
    found = compared({part: {"seed": None, "both": None}}, {part: {"both": None, "depth": None}})
    assert [(item.name, item.left, item.right, item.absent) for item in found.of(part)] == [
        ("seed", None, None, "right"),
        ("depth", None, None, "left"),
    ]
    assert found.same[part] == 1


def test_parameters_and_states() -> None:
    failure = Failure("ValueError", "no", "")
    found = compared(
        {"params": {"lr": 0.1, "n": 1}}, {"params": {"lr": 0.1, "n": True}, "status": FAILED, "failure": failure}
    )
    assert [(item.part, item.name) for item in found.differences] == [
        ("status", "status"),
        ("status", "exception"),
        ("params", "n"),
    ]


def use(name: str, digest: str | None = None, **fields: Any) -> DataUse:
    return DataUse(name, fields.pop("role", "read"), digest=digest, **fields)


@pytest.mark.parametrize(
    ("left", "right", "differs", "unknown"),
    [
        (use("x", "1"), use("x", "1"), False, False),
        (use("x", "1"), use("x", "2"), True, False),
        (use("x", "1"), None, True, False),
        (use("x", "1", digest_after="2"), use("x", "1"), True, False),
        (use("x", size=3), use("x", size=4), True, False),
        (use("x", "1", size=3), use("x", size=3), False, True),
        (use("x", "1", changed_since=True), use("x", "2"), False, True),
        (use("x", "1", kind="value"), use("x", "2", kind="value"), True, False),
    ],
)
def test_data(left: DataUse, right: DataUse | None, differs: bool, unknown: bool) -> None:
    found = compared({"data": (left,)}, {"data": (right,) if right else ()})
    assert bool(found.of("data")) == differs
    assert any(line.startswith("data x") for line in found.unknown) == unknown
    assert found.results_agree, "data are no result: the verdict judges them apart"


def document(**versions: str) -> dict[str, Any]:
    distributions = [
        {"name": name, "version": version, "files_sha256": version[-1]} for name, version in versions.items()
    ]
    return {"python": {"version": "3.11.7", "executable": "/a"}, "memory": 8, "distributions": distributions}


def test_environments_by_distribution() -> None:
    sides = [{"environment": Environment("d" * 64, "e" * 64, {"OMP_NUM_THREADS": n})} for n in ("1", "2")]
    right = {**document(numpy="2.4.6", pandas="3.1.1", rdkit="1"), "memory": 16}
    right["python"] = {"version": "3.11.7", "executable": "/b"}
    right["distributions"][1]["files_sha256"] = "patched"
    found = compared(*sides, environments=(document(numpy="2.4.7", pandas="3.1.1"), right))
    assert [(item.name, item.left, item.right, item.note) for item in found.of("environment")] == [
        ("numpy", "2.4.7", "2.4.6", ""),
        ("pandas", "3.1.1", "3.1.1", "same version, other files"),
        ("rdkit", None, "1", ""),
        ("memory", 8, 16, ""),
        ("OMP_NUM_THREADS", "1", "2", ""),
    ]
    assert found.results_agree and not found.equal


def test_environments_without_their_documents() -> None:
    found = compared({"environment": Environment("1" * 64, "b")}, {"environment": Environment("2" * 64, "b")})
    assert [item.name for item in found.of("environment")] == ["environment"]


def test_code_modules_and_git() -> None:
    left = {
        "before": (PriorCell("1", 1, "x = 1"),),
        "modules": (Module("m", "m.py", "1"),),
        "git": Git("c1", "main", dirty=False),
    }
    right = {
        "code": Code("auc = f(y)"),
        "before": (PriorCell("1", 1, "x = 2"),),
        "modules": (Module("m", "m.py", "2"),),
        "git": Git("c2", "main", dirty=True),
    }
    found = compared(left, right)
    assert "-auc = f(x)" in found.code and "+auc = f(y)" in found.code
    assert "-x = 1" in found.earlier and "+x = 2" in found.earlier
    assert [(item.part, item.name) for item in found.differences] == [
        ("modules", "m.py"),
        ("git", "commit"),
        ("git", "dirty"),
    ]
    assert compared(right, right).equal


numbers = st.floats(allow_nan=False, allow_infinity=False)


@given(numbers, numbers)
def test_relation_is_symmetric_and_exact_values_are_identical(left: float, right: float) -> None:
    assert relation(left, right) == relation(right, left)
    assert relation(left, left) == IDENTICAL
    assert (relation(left, right) == IDENTICAL) == (left == right)


def printed(value: float, digits: int | None, *, key: str = "auc", source: str = "AUC") -> dict[str, Any]:
    """A run with one score: printed with so many decimals, or returned where ``digits`` is None."""
    origin = "returned" if digits is None else "printed"
    score = Score(key, value, origin=origin, source=source, digits=digits)
    return {"metrics": (Metric(key, value),), "scores": (score,)}


@pytest.mark.parametrize(
    ("left", "right", "relation_"),
    [
        (printed(0.93, 2), printed(0.94, 2), AS_PRINTED),
        (printed(0.94, 2), printed(0.93, 2), AS_PRINTED),
        (printed(0.93, 2), printed(0.93, 2), AS_PRINTED),  # the printed digits are equal: of the values nobody knows
        (printed(0.93, 2), printed(0.95, 2), DIFFERENT),
        (printed(0.93, 2), printed(0.9342, None), AS_PRINTED),
        (printed(0.9342, 4), printed(0.93, 2), AS_PRINTED),  # the coarser of the two decides
        (printed(0.9342, 4), printed(0.9344, 4), DIFFERENT),
        (printed(93, 0), printed(94, 0), AS_PRINTED),
        (printed(0.93, None), printed(0.94, None), DIFFERENT),
        (printed(0.1234567890123456, 16), printed(0.1234567890123456, 16), AS_PRINTED),
    ],
)
def test_a_printed_score_agrees_within_one_unit_of_its_last_digit(
    left: dict[str, Any], right: dict[str, Any], relation_: str
) -> None:
    (pair,) = compared(left, right).metrics
    assert (pair.relation, pair.agrees) == (relation_, relation_ == AS_PRINTED)


def test_the_steps_of_a_printed_series_agree_within_a_unit_too() -> None:
    def epochs(*values: float) -> dict[str, Any]:
        score = Score("acc", values[-1], origin="printed", digits=2, count=len(values))
        return {"metrics": tuple(Metric("acc", value, step) for step, value in enumerate(values)), "scores": (score,)}

    assert compared(epochs(0.5, 0.61, 0.7), epochs(0.5, 0.6, 0.7)).results_agree
    (pair,) = compared(epochs(0.5, 0.63, 0.7), epochs(0.5, 0.6, 0.7)).metrics
    assert (pair.first_step, pair.agrees) == (1, False)


def test_origins_are_told_where_both_are_known_and_not_the_same() -> None:
    (pair,) = compared(printed(0.93, 2), printed(0.9312, None, source="m.roc_auc_score")).metrics
    assert pair.origins == ("as printed: “AUC”", "returned by m.roc_auc_score")
    (pair,) = compared(printed(0.93, 2), printed(0.931, 3)).metrics
    assert pair.origins is None, "the same label"
    (pair,) = compared(printed(0.93, 2), {"metrics": metrics(auc=0.93)}).metrics
    assert pair.origins is None and pair.right_score is None, "a record of an earlier version does not say it"


def test_values_are_the_same_within_rounding_and_timings_among_them_never_count() -> None:
    left = {"values": {"scale": 0.1 + 0.2, "n": 3, "text": "a", "timing.fit": 1.0}}
    right = {"values": {"scale": 0.3, "n": 4, "text": "a", "timing.fit": 2.0}}
    found = compared(left, right)
    assert [item.name for item in found.of("values")] == ["n"] and found.same["values"] == 2
