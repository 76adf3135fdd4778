"""Naming the distribution that makes a notebook fail: as a hint from the error, and as a proof by trials."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from packaging.version import Version

from environments.index_case import Index
from jupyter_bioml.environments.culprit import Culprit, find_culprit, suspects, versions_between
from jupyter_bioml.environments.lock import Lock
from jupyter_bioml.headless.results import CellFailure


def lock(**versions: str) -> Lock:
    return Lock("CPython", "3.11.7", tuple({"name": n, "version": v, "origin": "index"} for n, v in versions.items()))


def quiet(_: str) -> None:
    return None


def failure(message: str, traceback: str = "", source: str = "x = 1") -> CellFailure:
    return CellFailure(0, "a", source, "AttributeError", message, traceback)


DOCUMENT: dict[str, Any] = {
    "distributions": [
        {"name": "scikit-learn", "version": "1", "imports": ["sklearn"]},
        {"name": "assay", "version": "1"},
        {"name": "numpy", "version": "1"},
    ]
}


@pytest.mark.parametrize(
    ("found", "named"),
    [
        (failure("module 'assay' has no attribute 'scale'"), ("assay",)),
        (failure("cannot import name 'x' from 'sklearn.svm' (/e/site-packages/sklearn/svm.py)"), ("scikit-learn",)),
        (failure("boom", "File /e/lib/python3.11/site-packages/sklearn/a.py:3\nFile /e/site-packages/assay.py:1"),
         ("assay", "scikit-learn")),
        (failure("boom", source="assay.scale(2)"), ("assay",)),
        (failure("module 'numpy' has no attribute 'bool'"), ()),
        (None, ()),
    ],
)  # fmt: skip
def test_an_error_names_changed_distributions_only(found: CellFailure | None, named: tuple[str, ...]) -> None:
    assert suspects(found, DOCUMENT, ["scikit-learn", "assay"]) == named


def trials(bad: Callable[[Lock], bool]) -> tuple[Callable[[Lock], bool], list[Lock]]:
    """A notebook that fails where ``bad`` says so, and what it was run in."""
    tried: list[Lock] = []

    def passes(where: Lock) -> bool:
        tried.append(where)
        return not bad(where)

    return passes, tried


def version(where: Lock, name: str) -> Version:
    item = where.get(name)
    return Version(item["version"] if item else "0")


def archives(**versions: str) -> Lock:
    """Distributions that no index is asked about."""
    origin = {"url": "https://example.org/x.whl", "archive_info": {"hash": "sha256=1"}}
    items = tuple({"name": name, "version": number, "origin": origin} for name, number in versions.items())
    return Lock("CPython", "3.11.7", items)


OLD = archives(a="1", b="1", c="1", d="1", e="1", only_old="1")
NEW = archives(a="2", b="2", c="2", d="2", e="1", f="3")


@pytest.mark.parametrize("name", ["a", "b", "c", "d"])
def test_the_one_among_many_is_found(name: str) -> None:
    passes, tried = trials(lambda where: version(where, name) >= Version("2"))
    found = find_culprit(OLD, NEW, passes, say=quiet)
    assert found is not None and (found.name, found.passes, found.fails) == (name, "1", "2")
    assert found.trials == len(tried) <= 4


def test_a_suspect_that_is_guilty_costs_two_trials() -> None:
    passes, tried = trials(lambda where: version(where, "d") >= Version("2"))
    found = find_culprit(OLD, NEW, passes, first=["D", "nobody"], say=quiet)
    assert found is not None and found.name == "d" and len(tried) == 2


def test_a_new_distribution_can_be_it() -> None:
    passes, _ = trials(lambda where: where.get("f") is not None)
    found = find_culprit(OLD, NEW, passes, say=quiet)
    assert found is not None and (found.name, found.passes, found.fails) == ("f", None, "3")


def test_when_no_change_is_it_nobody_is_accused() -> None:
    passes, _ = trials(lambda where: where.get("only_old") is None)
    assert find_culprit(OLD, NEW, passes, say=quiet) is None
    assert find_culprit(OLD, OLD, passes, say=quiet) is None


def test_its_first_failing_version_is_found(offline: Index) -> None:
    for number in ("1.0", "1.1", "1.2", "1.10", "2.0", "2.0rc1", "3.0"):
        offline.add("reader", number, "x = 1\n")
    assert versions_between("reader", "1.0", "2.0", quiet) == ["1.1", "1.2", "1.10"]
    passes, tried = trials(lambda where: version(where, "reader") >= Version("1.10"))
    found = find_culprit(lock(reader="1.0"), lock(reader="2.0"), passes, say=quiet)
    assert found == Culprit("reader", "1.2", "1.10", len(tried))
    assert found.sentence == f"reader: passes with 1.2, fails with 1.10 ({len(tried)} trials)"
