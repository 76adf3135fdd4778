"""A new kind of job is one function: its requests are taken, its command runs, and the document names it."""

from __future__ import annotations

import asyncio
import json
from typing import cast

import pytest

from jupyter_bioml.config import Project
from jupyter_bioml.errors import UsageError
from jupyter_bioml.server import job_kinds
from jupyter_bioml.server.app import PREFIX, ROUTES
from jupyter_bioml.server.bench import ServerBench
from jupyter_bioml.server.job_kinds import KINDS, JobKind, JobPlan, job_kind
from jupyter_bioml.server.job_shapes import Job, JobRequest
from jupyter_bioml.server.jobs import Jobs
from jupyter_bioml.server.openapi import document
from jupyter_bioml.server.requests import body_of


@pytest.fixture
def status(monkeypatch: pytest.MonkeyPatch) -> JobKind:
    monkeypatch.setattr(job_kinds, "KINDS", known := dict(KINDS))

    @job_kind("where things are")
    def status(bench: ServerBench, run: str) -> JobPlan:
        return JobPlan(("status",))

    monkeypatch.setitem(KINDS, "status", known["status"])
    return known["status"]


def test_a_kind_is_added_by_a_function(status: JobKind, project: Project) -> None:
    request = body_of(JobRequest, b'{"kind": "status"}')
    plan = status.plan(cast(ServerBench, None), "")

    async def run() -> Job:
        job = Jobs().start(request, plan, project.root)
        while job.running:
            await asyncio.sleep(0.05)
        return job.shown()

    done = asyncio.run(asyncio.wait_for(run(), 60))
    assert (done.kind, done.state, done.error) == ("status", "done", None)
    assert done.result is not None and done.result["project"] == str(project.root)


def test_the_document_names_every_kind(status: JobKind) -> None:
    schemas = document(ROUTES, PREFIX)["components"]["schemas"]
    for shape in ("Job", "JobRequest"):
        assert schemas[shape]["properties"]["kind"]["enum"] == list(KINDS) == ["reproduce", "publish", "status"]
    said = schemas["Job"]["properties"]["kind"]["description"]
    assert said.endswith("; `status`: its result is where things are")


def test_other_kinds_are_refused() -> None:
    for wrong in ("status", "", "reproduce ", None, ["publish"], {}):
        with pytest.raises(UsageError, match="kind"):
            body_of(JobRequest, json.dumps({"kind": wrong}).encode())
