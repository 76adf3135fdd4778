"""Names that loops bind again, and what they choose from."""

from __future__ import annotations

import ast

import pytest

from jupyter_bioml.scores.loops import rebound_in_loops, running_sums


@pytest.mark.parametrize(
    ("source", "rebound"),
    [
        ("for v in vs:\n    if v > best:\n        best = v", {"best": {"v"}}),
        ("for v in vs:\n    best = max(best, v)", {"best": {"v"}}),
        ("while go:\n    best = float(np.maximum(best, acc.item()))", {"best": {"acc"}}),
        ("for v in vs:\n    best, at = v, best_at", {"best": {"v"}, "at": {"best_at"}}),
        ("with open(p):\n    for v in vs:\n        best = v if v > best else best", {"best": {"v"}}),
        ("for v in vs:\n    total += v\n    mean = total / 2", {"total": set(), "mean": set()}),
        ("for v in vs:\n    best = v\n    best = best * 2", {"best": set()}),
        ("found = [best := max(best, v) for v in vs]", {"best": {"v"}}),
        ("for v in vs:\n    if (auc := f(v)) > best:\n        best = auc", {"auc": set(), "best": {"auc"}}),
        ("best = 0.0\nif x:\n    best = x", {}),
        ("for depth in (1, 2):\n    print(depth)", {}),
        ("def f():\n    for v in vs:\n        best = v", {}),
        ("for v in vs:\n    best['acc'] = v", {}),
    ],
)
def test_what_loops_assign(source: str, rebound: dict[str, set[str]]) -> None:
    body = ast.parse(source).body
    assert {name: set(names) for name, names in rebound_in_loops(body).items()} == rebound
    if ":=" not in source:
        assert rebound_in_loops(body, walrus=False) == rebound_in_loops(body), "the quick way finds the same"


@pytest.mark.parametrize(
    ("source", "is_sum"),
    [
        ("for e in es:\n    total = 0\n    for b in bs:\n        total += f(b)", True),
        ("for e in es:\n    total = 0\n    for b in bs:\n        total += f(b)\n    total /= len(bs)", False),
        ("total = 0\nfor b in bs:\n    total += f(b)\ntotal = total / len(bs)", False),
        ("for b in bs:\n    with still():\n        total += f(b)", True),
        ("total = 0\ntotal += f(b)", False),
        ("for b in bs:\n    total -= f(b)", False),
        ("def g():\n    for b in bs:\n        total += f(b)", False),
    ],
)
def test_running_sums(source: str, is_sum: bool) -> None:
    assert ("total" in running_sums(ast.parse(source).body)) is is_sum
