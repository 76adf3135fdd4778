"""The judge of the shelf of scores: what is missing, misnamed, on the wrong run, kept twice or false is told apart."""

from __future__ import annotations

from scores_shelf.case import Case, expressions, right_list
from scores_shelf.judge import Judgement, Kept, judge, judge_values

CASE = Case(
    "two-runs",
    ("%%experiment a\nx = 1", "%%experiment b\nx = 2"),
    {"a": {"acc | accuracy": "acc", "per.*": "parts"}, "b": {"loss": "@losses", "f1": "f1 ~2", "spread?": "s"}},
)
TRUTH = {"acc": 0.5, "parts": {"x": 0.1, "y": {"z": 0.2}}, "@losses": {"1": 3.0, "2": 2.0}, "f1 ~2": 0.777, "s": 9.0}
RIGHT = [
    Kept("a", "accuracy", (0.5,), (0,)),
    Kept("a", "per.x", (0.1,), (0,)),
    Kept("a", "per.y.z", (0.2,), (0,)),
    Kept("b", "loss", (3.0, 2.0), (1, 2)),
    Kept("b", "f1", (0.78,), (0,)),
]


def counts(judged: Judgement) -> tuple[int, ...]:
    return judged.asked, judged.found, judged.placed, judged.any_name, judged.false


def judged(*changed: Kept, without: str = "") -> Judgement:
    return judge(right_list(CASE, TRUTH), [*(kept for kept in RIGHT if kept.name != without), *changed])


def test_the_cells_of_a_case_are_runs_or_plain() -> None:
    assert CASE.runs == ("a", "b") and CASE.plain_cells == ("#\nx = 1", "#\nx = 2")
    assert expressions(CASE)["@losses"] == "losses" and expressions(CASE)["f1 ~2"] == "f1"


def test_what_is_right_leaves_no_word() -> None:
    whole = judged()
    assert counts(whole) == (5, 5, 5, 5, 0) and whole.wrong == []
    assert counts(judged(Kept("b", "any name", (9.0,), (0,)))) == (5, 5, 5, 5, 0), "what may be missing may be there"


def test_each_fault_is_told() -> None:
    assert counts(judged(without="accuracy")) == (5, 4, 4, 4, 0)
    misnamed = judged(Kept("a", "score", (0.5,), (0,)), without="accuracy")
    assert counts(misnamed) == (5, 4, 4, 5, 0) and "misnamed" in misnamed.wrong[0]
    displaced = judged(Kept("b", "accuracy", (0.5,), (0,)), without="accuracy")
    assert counts(displaced) == (5, 5, 4, 5, 0) and "wrong run" in displaced.wrong[0]
    assert counts(judged(Kept("a", "acc", (0.5,), (0,)))) == (5, 5, 5, 5, 1), "one thing shown is one metric"
    assert counts(judged(Kept("a", "n_rows", (30.0,), (0,)))) == (5, 5, 5, 5, 1)
    assert counts(judged(Kept("b", "f1", (0.79,), (0,)), without="f1")) == (5, 4, 4, 4, 1), "another value"
    shifted = judged(Kept("b", "loss", (3.0, 2.0), (0, 1)), without="loss")
    assert counts(shifted) == (5, 4, 4, 4, 1), "other steps"
    assert counts(judged(Kept("b/child", "loss", (3.0, 2.0), (1, 2)), without="loss")) == (5, 5, 5, 5, 0)


def test_a_peer_is_judged_by_its_values_alone() -> None:
    kept = [
        Kept("1f", "training_score", (0.5,), (0,)),
        Kept("1f", "other", (4.0,), (0,)),
        Kept("2c", "l", (2.0,), (0,)),
    ]
    assert counts(judge_values(right_list(CASE, TRUTH), kept)) == (5, 1, 0, 1, 1)
