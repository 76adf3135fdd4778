"""Long work, of the kinds in :mod:`.job_kinds`. Each in a process of its own, with progress and cancel."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from ..errors import NotFound, Refused, UsageError
from ..views.encoding import encode
from .base import BiomlHandler, endpoint
from .bench import ServerBench
from .job_kinds import KINDS, JobPlan
from .job_process import JobProcess
from .job_shapes import Job, JobRequest

#: Jobs at a time, and finished ones that are remembered.
AT_ONCE, REMEMBERED = 2, 50


class Jobs:
    """The jobs of one server, newest first. Used by the event loop's thread only."""

    def __init__(self) -> None:
        self._jobs: dict[str, JobProcess] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, request: JobRequest, plan: JobPlan, project: Path) -> JobProcess:
        """Begin a job.

        :raises Refused: too many are already running.
        """
        if sum(job.running for job in self._jobs.values()) >= AT_ONCE:
            raise Refused(
                f"{AT_ONCE} jobs are already running; nothing was started.", next="Wait for one, or cancel it."
            )
        job = JobProcess(request, plan.arguments, project)
        self._jobs[job.id] = job
        for old in [one for one in self._jobs.values() if not one.running][:-REMEMBERED]:
            del self._jobs[old.id]
        task = asyncio.get_running_loop().create_task(job.run({**os.environ, "BIOML_PROJECT": str(project)}))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: plan.ended())
        return job

    def of(self, project: Path) -> list[JobProcess]:
        """The jobs of a project, newest first."""
        return [job for job in reversed(self._jobs.values()) if job.cwd == project]

    def get(self, identity: str, project: Path) -> JobProcess:
        """One of them.

        :raises NotFound: there is none of that id (any more).
        """
        job = self._jobs.get(identity)
        if job is None or job.cwd != project:
            raise NotFound("There is no such job (any more).", next="List the jobs.")
        return job

    async def close(self) -> None:
        """Stop all of them."""
        await asyncio.gather(*(job.cancel() for job in self._jobs.values() if job.running))


def _project(bench: ServerBench) -> Path:
    return bench.project.root


class _JobsBase(BiomlHandler):
    @property
    def jobs(self) -> Jobs:
        jobs: Jobs = self.settings["bioml_jobs"]
        return jobs


class JobsHandler(_JobsBase):
    """``/jobs``."""

    @endpoint(Job, many=True)
    async def get(self) -> None:
        """The jobs of the project, newest first."""
        project = await self.work(_project, patient=False)
        self.give(encode([job.shown() for job in self.jobs.of(project)]))

    @endpoint(Job, takes=JobRequest, status=202)
    async def post(self) -> None:
        """Begin a job."""
        request = self.body(JobRequest)
        kind = KINDS[request.kind]
        if kind.of_a_run != bool(request.run):
            said = "needs a run" if kind.of_a_run else "takes no run"
            raise UsageError(f"A job of kind {kind.name} {said}.", next="Give kind and run.")
        project, plan = await self.work(lambda bench: (_project(bench), kind.plan(bench, request.run or "")))
        self.give(encode(self.jobs.start(request, plan, project).shown()), 202)


class JobHandler(_JobsBase):
    """``/jobs/ID``."""

    @endpoint(Job)
    async def get(self, identity: str) -> None:
        """One job as it is now."""
        project = await self.work(_project, patient=False)
        self.give(encode(self.jobs.get(identity, project).shown()))

    @endpoint(Job)
    async def delete(self, identity: str) -> None:
        """Stop a job and every process it started."""
        project = await self.work(_project, patient=False)
        job = self.jobs.get(identity, project)
        await job.cancel()
        self.give(encode(job.shown()))
