"""A verdict is in the lists as soon as its job has ended, also that of a run which quick looks pass over."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from jupyter_bioml.runs import store_index
from jupyter_bioml.runs.store_index import StoreIndex
from jupyter_bioml.server.job_kinds import JobPlan
from jupyter_bioml.server.job_shapes import JobRequest
from jupyter_bioml.server.jobs import Jobs
from jupyter_bioml.store.base import RECORD_ID, VERDICT
from jupyter_bioml.store.memory import MemoryStore


def test_an_old_run_is_read_again_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_index, "NEWEST", 1)
    monkeypatch.setattr(store_index, "QUICK", 0.0)
    store = MemoryStore()
    experiment, _ = store.open_experiment("n")
    old, new = (store.create_run(experiment, str(at), float(at), {RECORD_ID: f"{at:032x}"}) for at in (1, 2))
    for run_id in (old, new):
        store.end_run(run_id, "FINISHED", 3.0)
    index = StoreIndex(lambda: store, None)
    assert index.look() and set(index.lines) == {old, new}
    store.write(old, tags={VERDICT: "REPRODUCED"})
    assert not index.look() and VERDICT not in index.lines[old].run.tags, "a quick look sees the newest only"
    index.want({old})
    assert index.look() and index.lines[old].run.tags[VERDICT] == "REPRODUCED"


def test_the_end_of_a_job_is_told_however_it_came(tmp_path: Path) -> None:
    ended: list[float] = []

    def end() -> None:
        ended.append(time.monotonic())

    async def run() -> None:
        jobs = Jobs()
        request = JobRequest(kind="publish")
        failing = jobs.start(request, JobPlan(("no-such-command",), end), tmp_path)
        while failing.running:
            await asyncio.sleep(0.05)
        cancelled = jobs.start(request, JobPlan(("publish", "--wait"), end), tmp_path)
        await cancelled.cancel()
        while len(ended) < 2:
            await asyncio.sleep(0.05)

    asyncio.run(asyncio.wait_for(run(), 60))
    assert len(ended) == 2
