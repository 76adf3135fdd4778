"""Resolving the latest versions: the direct requirements get their newest versions, the kernel's keep theirs, private names stay private."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from environments.index_case import Index, write_wheel
from jupyter_bioml.environments.latest import _from_lines, resolve
from jupyter_bioml.environments.lock import EnvironmentNotBuildable, Lock, lock_of


def resolved(document: dict[str, Any], direct: list[str], cache: Path, *more: dict[str, Any]) -> Lock:
    lock = lock_of({**document, "distributions": [*document["distributions"], *more]})
    return resolve(lock, direct, cache, lambda _: None, limit=300)[0]


def test_direct_ones_are_new_and_the_kernels_are_as_recorded(
    offline: Index, document: dict[str, Any], tmp_path: Path
) -> None:
    newest = resolved(document, ["assay", "jupyter-bioml"], tmp_path / "cache")
    recorded = lock_of(document)
    found, kernel = newest.get("assay"), newest.get("ipykernel")
    assert found is not None and (found["version"], found["origin"]) == ("2.0", "index")
    assert kernel is not None and kernel["version"] == recorded.get("ipykernel")["version"]  # type: ignore[index]
    assert newest.get("tornado") is not None and newest.version == recorded.version
    assert newest.digest != recorded.digest
    assert not list((tmp_path / "cache").iterdir()), "nothing is left of the resolution"


def test_a_declared_bound_holds(offline: Index, document: dict[str, Any], tmp_path: Path) -> None:
    found = resolved(document, ["assay<1.2"], tmp_path / "cache").get("assay")
    assert found is not None and found["version"] == "1.0"


def test_an_archive_stays_where_it_came_from(offline: Index, document: dict[str, Any], tmp_path: Path) -> None:
    offline.add("private-reader", "9.9", "raise SystemExit('a stranger')\n")
    wheel = write_wheel(tmp_path, "private-reader", "1.0", {"private_reader.py": "x = 1\n"})
    item = {"name": "private-reader", "version": "1.0", "origin": {"url": wheel.as_uri(), "archive_info": {}}}
    found = resolved(document, ["private-reader"], tmp_path / "cache", {**item, "files_sha256": "a"}).get(
        "private-reader"
    )
    assert found is not None and found["version"] == "1.0" and found["origin"]["url"] == wheel.as_uri()


def test_a_private_name_that_something_needs_is_refused(
    offline: Index, document: dict[str, Any], tmp_path: Path
) -> None:
    """``pipeline`` is on the index; what it needs came from elsewhere, and a stranger's has its name there."""
    offline.add("pipeline", "1.0", "x = 1\n", requires="lab-secrets")
    offline.add("lab-secrets", "9.9", "raise SystemExit('a stranger')\n")
    private = {"name": "lab-secrets", "version": "1.0", "origin": "conda"}
    with pytest.raises(EnvironmentNotBuildable, match="did not come from an index") as refused:
        resolved(document, ["pipeline"], tmp_path / "cache", private)
    assert refused.value.package == "lab-secrets"
    with pytest.raises(EnvironmentNotBuildable, match="installed by conda"):
        resolved(document, ["lab-secrets"], tmp_path / "cache", private)


def test_what_uv_resolves_is_read() -> None:
    text = (
        "assay==2.0\n"
        "lab @ git+https://u:pw@example.org/lab.git@0123abc#subdirectory=python\n"
        "reader @ https://example.org/reader-1.0-py3-none-any.whl#sha256=12ab\n"
        "    # via something\n"
    )
    assert _from_lines(text) == [
        {"name": "assay", "version": "2.0", "origin": "index"},
        {
            "name": "lab",
            "version": "",
            "origin": {
                "url": "https://example.org/lab.git",
                "vcs_info": {"vcs": "git", "commit_id": "0123abc"},
                "subdirectory": "python",
            },
        },
        {
            "name": "reader",
            "version": "",
            "origin": {
                "url": "https://example.org/reader-1.0-py3-none-any.whl",
                "archive_info": {"hashes": {"sha256": "12ab"}},
            },
        },
    ]
