"""``kill -9`` of the kernel in mid-cell, a hundred times at random moments: nothing acknowledged is lost."""

from __future__ import annotations

import os
import random
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from kernels import Kernel

from jupyter_bioml.config import destination, find_project
from jupyter_bioml.journal.sessions import sessions
from jupyter_bioml.publish.publisher import publish

TIMES = 100
CELL = """%%experiment victim{number}
import os
import jupyter_bioml as bioml
seen = os.open("seen{number}", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
for step in range(10**9):
    bioml.log(loss=1 / (step + 1), step=step)
    os.write(seen, b".")
"""


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


@pytest.mark.timeout(1200)
@pytest.mark.slow
def test_a_hundred_kills_lose_nothing_and_publish_once(project_dir: Path) -> None:
    delays = [random.Random(number).uniform(0, 0.05) for number in range(TIMES)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda number: kill_one(project_dir, number, delays[number]), range(TIMES)))

    found = {}
    for log in sessions(project_dir / ".bioml" / "journal"):
        assert log.corrupt == 0
        assert log.dead()
        for identity in log.fold.order:
            record = log.fold.record(identity, dead=True)
            if record.is_run:
                found[record.name] = record
    assert sorted(found) == sorted(f"victim{number}" for number in range(TIMES))
    for number in range(TIMES):
        acknowledged = (project_dir / f"seen{number}").stat().st_size
        logged = len(found[f"victim{number}"].metrics)
        assert acknowledged <= logged <= acknowledged + 1
        assert found[f"victim{number}"].status == "KILLED"

    project = find_project(project_dir)
    report = publish(project, destination(project), wait=True, timeout=600)
    assert not report.waiting

    from mlflow import MlflowClient

    os.chdir("/")
    client = MlflowClient(destination(project).uri)
    runs = client.search_runs([exp.experiment_id for exp in client.search_experiments()], max_results=1000)
    assert sorted(run.info.run_name for run in runs) == sorted(found)
    assert {run.info.status for run in runs} == {"KILLED"}
    assert {run.data.tags["bioml.record_id"] for run in runs} == {record.record_id for record in found.values()}
