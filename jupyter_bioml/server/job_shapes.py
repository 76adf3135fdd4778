"""The wire types of jobs; their ``kind`` is one of those in :data:`.job_kinds.KINDS`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from ..records.schema import OneOf
from ..views.shapes import ErrorBody
from .job_kinds import KINDS

Kind = Annotated[str, OneOf(KINDS, lambda kind: f"its result is {KINDS[kind].answer}")]


@dataclass(frozen=True)
class JobRequest:
    """Long work to begin."""

    kind: Kind
    run: str | None = None
    """Of the kinds that are about one run: its id."""


@dataclass(frozen=True)
class Job:
    """Long work in a process of its own."""

    job_id: str
    kind: Kind
    run: str | None
    state: Literal["running", "done", "failed", "cancelled"]
    progress: tuple[str, ...]
    """The last 50 lines of what it said."""
    result: dict[str, Any] | None
    """What the command of its kind prints with ``--json``."""
    error: ErrorBody | None
    started: float
    ended: float | None = None
