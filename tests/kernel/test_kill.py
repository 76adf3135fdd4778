"""``kill -9`` of the kernel in mid-cell at random moments, three hundred runs of it: nothing acknowledged is lost."""

from __future__ import annotations

import os
import random
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from kernels import Kernel

from jupyter_bioml.config import destination, find_project
from jupyter_bioml.journal.sessions import sessions
from jupyter_bioml.publish.sending import publish
from jupyter_bioml.records.run import RunRecord

#: A run and two below it, each told of its own values; a dot is written once a value was acknowledged.
CELL = """%%experiment victim{number}
import os
import jupyter_bioml as bioml
with bioml.run("victim{number} a") as a, bioml.run("victim{number} b") as b:
    seen = os.open("seen{number}", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    for step in range(10**9):
        for one in (a, b):
            one.log(loss=1 / (step + 1), step=step)
            os.write(seen, b".")
"""
#: Kernels that are killed, and runs that are killed with each.
QUICK, MANY, EACH = 4, 100, 3


def kill_one(folder: Path, number: int, delay: float) -> None:
    kernel = Kernel(folder)
    kernel.send(CELL.replace("{number}", str(number)))
    while not (folder / f"seen{number}").exists():
        time.sleep(0.001)
    time.sleep(delay)
    kernel.kill()
    kernel.client.stop_channels()
    kernel.manager.shutdown_kernel(now=True)
    kernel.manager.cleanup_resources()


def killed_runs(project_dir: Path, times: int) -> list[RunRecord]:
    """Kill that many kernels in mid-cell at random moments; what the journal has of their runs."""
    delays = [random.Random(number).uniform(0, 0.05) for number in range(times)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda number: kill_one(project_dir, number, delays[number]), range(times)))
    found = []
    for log in sessions(project_dir / ".bioml" / "journal"):
        assert log.corrupt == 0
        assert log.dead()
        records = [log.fold.record(identity, dead=True) for identity in log.fold.order]
        found += [record for record in records if record.is_run]
    return found


def judge(project_dir: Path, times: int, found: list[RunRecord]) -> None:
    """Print what was lost, doubled or kept quiet of what was acknowledged, and fail if anything was."""
    names = Counter(record.name for record in found)
    values = {record.name: [point.value for point in record.metrics] for record in found}
    lost = doubled = 0
    for number in range(times):
        acknowledged = (project_dir / f"seen{number}").stat().st_size
        for name, told in (("a", (acknowledged + 1) // 2), ("b", acknowledged // 2)):
            logged = values.get(f"victim{number} {name}", [])
            lost += max(0, told - len(logged))
            doubled += len(logged) - len(set(logged))
            assert len(logged) <= told + 1
        lost += not names[f"victim{number}"]
    doubled += sum(count - 1 for count in names.values())
    silent = sum(record.status != "KILLED" or not record.cause for record in found)
    sys.stdout.write(f"killing: runs {len(found)}, lost {lost}, doubled {doubled}, silent {silent}\n")
    assert len(found) == EACH * times
    assert (lost, doubled, silent) == (0, 0, 0)


def test_kills_at_random_moments_lose_nothing(project_dir: Path) -> None:
    judge(project_dir, QUICK, killed_runs(project_dir, QUICK))


@pytest.mark.timeout(1200)
@pytest.mark.slow
def test_three_hundred_killed_runs_lose_nothing_and_are_published_once(project_dir: Path) -> None:
    found = killed_runs(project_dir, MANY)
    judge(project_dir, MANY, found)

    project = find_project(project_dir)
    report = publish(project, destination(project), wait=True, timeout=600)
    assert not report.waiting

    from mlflow import MlflowClient

    os.chdir("/")
    client = MlflowClient(destination(project).uri)
    runs = client.search_runs([exp.experiment_id for exp in client.search_experiments()], max_results=1000)
    assert sorted(run.info.run_name for run in runs) == sorted(str(record.name) for record in found)
    assert {run.info.status for run in runs} == {"KILLED"}
    assert {run.data.tags["bioml.record_id"] for run in runs} == {record.record_id for record in found}
