"""Building a lock's environment: once, whole or not at all, and what it holds is what the lock says."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest

from environments.index_case import Index
from jupyter_bioml.environments.build import RECORD, build, built_before, default_cache
from jupyter_bioml.environments.differences import FILES
from jupyter_bioml.environments.lock import EnvironmentNotBuildable, Lock, lock_of
from jupyter_bioml.environments.prepare import prepare


def small(document: dict[str, Any], version: str = "1.0", **more: Any) -> Lock:
    """A lock of the fixture package alone."""
    return lock_of({**document, "distributions": [{"name": "assay", "version": version, "origin": "index", **more}]})


def build_small(lock: Lock, cache: Path) -> Any:
    said: list[str] = []
    return build(lock, cache, said.append, limit=300), said


def left(cache: Path) -> list[str]:
    """What lies in a cache, lock files left out."""
    return sorted(path.name for path in cache.iterdir() if path.suffix != ".lock")


def imported(python: str) -> str:
    code = "import assay, sys; print(assay.scale(21), sys.prefix)"
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def made(
    index: Index, document: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Any, list[str], Path]:
    """One environment, built once for the tests that only look at it."""
    cache = tmp_path_factory.mktemp("small")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        patch.setenv("PIP_CONFIG_FILE", os.devnull)
        patch.setenv("PIP_INDEX_URL", index.url)
        built, said = build_small(small(document), cache)
    return built, said, cache


def test_what_is_built_has_the_lock_and_nothing_else(made: tuple[Any, list[str], Path]) -> None:
    built, said, cache = made
    answer = imported(built.python).split()
    assert answer[0] == "42" and Path(answer[1]) == built.folder
    record = json.loads((built.folder / RECORD).read_text())
    assert [(one["name"], one["version"]) for one in record["installed"]] == [("assay", "1.0")]
    assert any("building" in line for line in said) and not built.reused
    assert len(left(cache)) == 2, "the environment, and the link to it"


def test_a_second_time_it_is_taken_from_the_cache(
    made: tuple[Any, list[str], Path], document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    built, _, cache = made
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    again, said = build_small(small(document), cache)
    assert again.reused and again.python == built.python and said == []
    before = built_before(small(document), cache)
    assert before is not None and before.python == built.python
    assert built_before(small(document), cache / "other") is None and not (cache / "other").exists()


def test_a_changed_one_is_built_again(offline: Index, document: dict[str, Any], tmp_path: Path) -> None:
    first, _ = build_small(small(document), tmp_path / "cache")
    info = first.library / "intruder-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: intruder\nVersion: 1\n")
    second, said = build_small(small(document), tmp_path / "cache")
    assert not second.reused and any("changed after" in line for line in said)
    assert second.folder != first.folder and not first.folder.exists()
    assert imported(second.python).startswith("42")


def test_a_version_that_is_nowhere_is_named_and_nothing_is_kept(
    offline: Index, document: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(EnvironmentNotBuildable) as failed:
        build_small(small(document, "7.7"), tmp_path / "cache")
    assert failed.value.package == "assay" and "assay==7.7" in failed.value.message
    assert left(tmp_path / "cache") == []


def test_the_same_version_of_other_files_is_told(offline: Index, document: dict[str, Any], tmp_path: Path) -> None:
    built, _ = build_small(small(document, files_sha256="0" * 64), tmp_path / "cache")
    assert [(one.name, one.kind) for one in built.differences] == [("assay", FILES)]


def test_a_cache_that_cannot_be_written_is_said(document: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentNotBuildable, match="could not be built") as failed:
        build_small(small(document), tmp_path / "file" / "cache")
    assert "XDG_CACHE_HOME" in failed.value.next


def test_the_cache_lies_in_the_users_cache_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache() == tmp_path / "bioml" / "environments"


def test_without_a_kernel_in_the_record_it_says_so(document: dict[str, Any]) -> None:
    bare = {**document, "distributions": [one for one in document["distributions"] if one["name"] == "assay"]}
    for kind in ("locked", "latest"):
        with pytest.raises(EnvironmentNotBuildable, match="has no ipykernel") as refused:
            prepare(kind, bare, direct=["assay"])
        assert refused.value.package == "ipykernel"


_BUILDER = textwrap.dedent(
    """
    import json, sys
    from pathlib import Path
    from jupyter_bioml.environments.build import build
    from jupyter_bioml.environments.lock import lock_of
    document, cache = json.loads(sys.argv[1]), Path(sys.argv[2])
    found = build(lock_of(document), cache, lambda line: print(line, flush=True), limit=300)
    print(json.dumps([found.python, found.reused]))
    """
)


def builder(document: dict[str, Any], cache: Path) -> subprocess.Popen[str]:
    only = {**document, "distributions": [{"name": "assay", "version": "1.0", "origin": "index"}]}
    command = [sys.executable, "-c", _BUILDER, json.dumps(only), str(cache)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)


def test_of_two_builders_one_builds_and_the_other_waits(
    offline: Index, document: dict[str, Any], tmp_path: Path
) -> None:
    both = [builder(document, tmp_path / "cache") for _ in range(2)]
    said = [one.communicate(timeout=200)[0].splitlines() for one in both]
    answers = [json.loads(lines[-1]) for lines in said]
    assert answers[0][0] == answers[1][0]
    assert sorted(reused for _, reused in answers) == [False, True]
    assert len(left(tmp_path / "cache")) == 2


def test_what_a_killed_builder_left_is_never_used(offline: Index, document: dict[str, Any], tmp_path: Path) -> None:
    killed = builder(document, tmp_path / "cache")
    until = time.monotonic() + 100
    while not list(tmp_path.glob("cache/*/bin/python")) and time.monotonic() < until:
        time.sleep(0.01)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate()
    half = left(tmp_path / "cache")
    assert len(half) == 1 and not (tmp_path / "cache" / half[0] / RECORD).exists()
    built, _ = build_small(small(document), tmp_path / "cache")
    assert not built.reused and built.folder.name != half[0]
    assert half[0] not in left(tmp_path / "cache"), "cleared away"
