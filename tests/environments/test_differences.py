"""What differs between a lock and an environment, in kinds and in words."""

from __future__ import annotations

from typing import Any

from jupyter_bioml.environments.differences import (
    ADDED,
    FILES,
    MISSING,
    PYTHON,
    VERSION,
    PackageDifference,
    differences,
    from_lock,
)
from jupyter_bioml.environments.lock import Lock


def item(name: str, version: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "version": version, "origin": "index", **more}


def test_each_kind_is_told() -> None:
    recorded = [item("Same_One", "1.0"), item("numpy", "2.4.6"), item("gone", "1"), item("x", "1", files_sha256="a")]
    present = [item("same.one", "1.0.0"), item("numpy", "2.4.7"), item("new", "3"), item("x", "1", files_sha256="b")]
    found = differences(recorded, present)
    assert [(one.name, one.kind) for one in found] == [
        ("numpy", VERSION), ("gone", MISSING), ("x", FILES), ("new", ADDED),
    ]  # fmt: skip
    assert [one.sentence for one in found] == [
        "numpy 2.4.6 → 2.4.7",
        "gone 1 is not installed",
        "x 1: same version, different files",
        "new 3 was not there",
    ]


def test_files_that_are_not_known_are_no_difference() -> None:
    assert differences([item("x", "1", files_sha256="a")], [item("x", "1")]) == ()


def test_an_editable_installation_is_compared_by_its_sources() -> None:
    origin = {"url": "file:///x", "dir_info": {"editable": True}}
    one = {**item("lab", "1", files_sha256="a", source_sha256="s"), "origin": origin}
    assert differences([one], [{**one, "files_sha256": "b"}]) == ()
    assert [found.kind for found in differences([one], [{**one, "source_sha256": "t"}])] == [FILES]


def test_python_goes_first_and_ours_is_named() -> None:
    lock = Lock("CPython", "3.11.7", (item("numpy", "1"),), own_version="0.1.0")
    found = from_lock(lock, "3.11.2", [item("numpy", "1"), item("jupyter_bioml", "0.2.0")])
    assert found == (
        PackageDifference("Python", "3.11.7", "3.11.2", PYTHON),
        PackageDifference("jupyter-bioml", "0.1.0", "0.2.0", VERSION),
    )
    assert from_lock(lock, "3.11.7", [item("numpy", "1")]) == ()


def test_a_hostile_name_is_shown_harmlessly() -> None:
    shown = PackageDifference("\x1b[2J" + "x" * 10_000, "1", None, MISSING).sentence
    assert "\x1b" not in shown and len(shown) < 200
