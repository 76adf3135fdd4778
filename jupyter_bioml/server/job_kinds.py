"""The kinds of jobs: how the command of each is made, and what it answers. Each function adds its kind to the table.

A new kind is a new function here: the wire type of ``kind``, the checks of a request and the OpenAPI document follow.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..errors import Refused
from .bench import ServerBench


@dataclass(frozen=True)
class JobPlan:
    """The plan of a job."""

    arguments: tuple[str, ...]
    """Of ``bioml``; ``--json`` is added."""
    ended: Callable[[], None] = lambda: None
    """Called at its end, however that came."""


@dataclass(frozen=True)
class JobKind:
    """One kind of job."""

    name: str
    plan: Callable[[ServerBench, str], JobPlan]
    """Takes the id of the run as it was sent, empty for a kind that is not about one. Raises what ``find`` raises."""
    of_a_run: bool
    """It is about one run, which must be named; otherwise none may be."""
    answer: str
    """What ``result`` holds, in words."""


#: Every kind by its name.
KINDS: dict[str, JobKind] = {}


def job_kind(answer: str, *, of_a_run: bool = False) -> Callable[[Callable[[ServerBench, str], JobPlan]], JobKind]:
    """A function (workbench, run id) → :class:`JobPlan` as a kind that is named like the function."""

    def added(plan: Callable[[ServerBench, str], JobPlan]) -> JobKind:
        kind = KINDS[plan.__name__] = JobKind(plan.__name__, plan, of_a_run, answer)
        return kind

    return added


@job_kind("the verdict, as in `bioml reproduce --json`", of_a_run=True)
def reproduce(bench: ServerBench, run: str) -> JobPlan:
    """Reproduce a run; its verdict is read as soon as the job has ended."""
    found = bench.find(run)
    return JobPlan(("reproduce", found.record.record_id), lambda: bench.judged(found))


@job_kind("sent and waiting runs, as in `bioml publish --json`")
def publish(bench: ServerBench, run: str) -> JobPlan:
    """Send waiting runs to MLflow."""
    if bench.boundary is not None:
        raise Refused(
            "This server's root lies inside the project, and publishing concerns the whole project.",
            next="Runs are sent by themselves; to send them now, write in a terminal: bioml publish",
        )
    return JobPlan(("publish", "--wait"))
