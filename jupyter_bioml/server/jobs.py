"""Long work: reproducing a run, sending what waits. Each in a process of its own, with progress and cancel."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from ..errors import NotFound, Refused, UsageError
from ..views import shapes
from ..views.encoding import encode
from .base import BiomlHandler, endpoint
from .bench import IndexedWorkbench
from .job_process import JobProcess

#: Jobs at a time, and finished ones that are remembered.
AT_ONCE, REMEMBERED = 2, 50


class Jobs:
    """The jobs of one server, newest first. Used by the event loop's thread only."""

    def __init__(self) -> None:
        self._jobs: dict[str, JobProcess] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def start(
        self, request: shapes.JobRequest, arguments: list[str], project: Path, ended: Callable[[], None]
    ) -> JobProcess:
        """Begin a job.

        :param ended: called at its end, however that came.
        :raises Refused: when enough run already.
        """
        if sum(job.running for job in self._jobs.values()) >= AT_ONCE:
            raise Refused(
                f"{AT_ONCE} jobs are already running; nothing was started.", next="Wait for one, or cancel it."
            )
        job = JobProcess(request, arguments, project)
        self._jobs[job.id] = job
        for old in [one for one in self._jobs.values() if not one.running][:-REMEMBERED]:
            del self._jobs[old.id]
        task = asyncio.get_running_loop().create_task(job.run({**os.environ, "BIOML_PROJECT": str(project)}))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: ended())
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


def _project(bench: IndexedWorkbench) -> Path:
    return bench.project.root


class _JobsBase(BiomlHandler):
    @property
    def jobs(self) -> Jobs:
        jobs: Jobs = self.settings["bioml_jobs"]
        return jobs


class JobsHandler(_JobsBase):
    """``/jobs``."""

    @endpoint("The jobs of the project, newest first.", shapes.Job, many=True)
    async def get(self) -> None:
        project = await self.work(_project, patient=False)
        self.give(encode([job.shown() for job in self.jobs.of(project)]))

    @endpoint("Begin a job.", shapes.Job, takes=shapes.JobRequest, status=202)
    async def post(self) -> None:
        request = self.body(shapes.JobRequest)
        if (request.kind == "reproduce") != bool(request.run):
            raise UsageError("A run is named to reproduce it, and only then.", next="Give kind and run.")
        project, arguments, ended = await self.work(lambda bench: (_project(bench), *_command(bench, request)))
        self.give(encode(self.jobs.start(request, arguments, project, ended).shown()), 202)


class JobHandler(_JobsBase):
    """``/jobs/ID``."""

    @endpoint("One job as it is now.", shapes.Job)
    async def get(self, identity: str) -> None:
        project = await self.work(_project, patient=False)
        self.give(encode(self.jobs.get(identity, project).shown()))

    @endpoint("Stop a job and every process it started.", shapes.Job)
    async def delete(self, identity: str) -> None:
        project = await self.work(_project, patient=False)
        job = self.jobs.get(identity, project)
        await job.cancel()
        self.give(encode(job.shown()))


def _command(bench: IndexedWorkbench, request: shapes.JobRequest) -> tuple[list[str], Callable[[], None]]:
    """The command of a job, and what is done at its end; its run must be there.

    :raises NotFound: and the other errors of :meth:`IndexedWorkbench.find`.
    """
    if request.kind == "publish":
        return ["publish", "--wait"], lambda: None
    found = bench.find(request.run or "")
    return ["reproduce", found.record.record_id], lambda: bench.judged(found)
