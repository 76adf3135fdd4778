"""The sampler beside a real kernel, and what it leaves for the record."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fake_kernel import wait_until
from user_git import git

from jupyter_bioml.config import find_project
from jupyter_bioml.host.environment import environment_digest
from jupyter_bioml.journal.blobs import Blobs
from jupyter_bioml.journal.log import is_locked
from jupyter_bioml.journal.sessions import SessionLog, sessions
from jupyter_bioml.records.run import RunRecord


@pytest.fixture
def session(project_dir: Path, start_kernel: Callable[..., Any]) -> tuple[Any, SessionLog]:
    """A kernel in a git repository with a changed file, and its session's log."""
    (project_dir / "train.py").write_text("rate = 1\n")
    for command in (["init", "-q"], ["add", "train.py"], ["commit", "-q", "-m", "first"]):
        git(project_dir, *command)
    (project_dir / "train.py").write_text("rate = 2\n")
    site = project_dir.parent / "site" / "first_of_all-1.0.dist-info"
    site.mkdir(parents=True)
    (site / "METADATA").write_text("Metadata-Version: 2.1\nName: first-of-all\nVersion: 1.0\n")
    kernel = start_kernel(env={"PYTHONPATH": str(site.parent)})
    return kernel, next(sessions(find_project(project_dir).journal))


def record(log: SessionLog, number: int = -1) -> RunRecord:
    log.refresh()
    return log.fold.record(log.fold.order[number], dead=log.dead())


def test_a_tracked_cell_has_patch_environment_and_readings(session: tuple[Any, SessionLog], project_dir: Path) -> None:
    kernel, log = session
    cell = "%%experiment\nimport time\nblock = b'x' * 300_000_000\ntime.sleep(1)\nscore = 1 / 3"
    assert kernel.run(cell).status == "ok"
    wait_until(lambda: record(log).git.patch_blob and record(log).environment)
    found = record(log)
    blobs = Blobs(find_project(project_dir).blobs)
    assert found.git is not None and found.git.patch_blob and found.environment
    assert found.git.dirty and not found.git.late
    assert b"+rate = 2" in blobs.get(found.git.patch_blob)
    document = json.loads(blobs.get(found.environment.blob))
    assert found.environment.digest == environment_digest(document)
    assert "first-of-all" in {item["name"] for item in document["distributions"]}, "the first folder of all counts too"
    assert len(found.resources.readings) >= 3
    assert max(reading.rss or 0 for reading in found.resources.readings) > 300_000_000
    assert not [gap for gap in found.gaps if gap.part in ("patch", "environment", "resources", "journal", "jobs")]


def test_an_interrupted_and_a_killed_cell(session: tuple[Any, SessionLog]) -> None:
    kernel, log = session
    helper = log.path.with_suffix(".helper")
    identity = kernel.send("%%experiment\nimport time\ntime.sleep(600)")
    wait_until(lambda: log.refresh() or log.fold.order)
    wait_until(lambda: record(log).resources.readings)
    kernel.manager.interrupt_kernel()
    kernel.collect(identity)
    assert is_locked(helper), "the interrupt was not for the sampler"
    kernel.send("%%experiment\nimport time\ntime.sleep(600)")
    wait_until(lambda: log.refresh() >= 0 and record(log).status == "RUNNING" and record(log).resources.readings)
    kernel.kill()
    wait_until(lambda: log.refresh() >= 0 and log.fold.died_cause)
    assert record(log).status == "KILLED" and "mid-cell" in (record(log).cause or "")


def test_the_sampler_ends_with_unloading(session: tuple[Any, SessionLog]) -> None:
    kernel, log = session
    helper = log.path.with_suffix(".helper")
    wait_until(lambda: is_locked(helper))
    assert kernel.run("%unload_ext jupyter_bioml").status == "ok"
    wait_until(lambda: not is_locked(helper))
    assert kernel.run("1 + 1").status == "ok"
    log.refresh()
    assert log.fold.died_cause is None
