"""A run in short: the one row that every list, page, command and JSON document shows.

Times are seconds since the epoch, durations seconds. A row says the same before and after its run is published, here
and on another machine: :mod:`.summary` makes it from what the journal and what MLflow have.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from ..canonical import jsonable

State = Literal["RUNNING", "FINISHED", "FAILED", "KILLED"]
#: Marks of runs whose cell gives no name.
UNNAMED = ("tag", "auto")
Scalar = str | int | float | bool | None


@dataclass(frozen=True)
class Usage:
    """The latest reading of a run that runs."""

    cpu_percent: float | None
    rss: int | None


@dataclass(frozen=True)
class Progress:
    """How far a run is that runs."""

    metric: str
    values: tuple[float, ...]
    """Of the metric over its steps so far, thinned."""
    done: int
    """How many steps are done."""
    total: int | None
    """How many there will be, where the user said so; null: not known."""


@dataclass(frozen=True)
class RunRow:
    """One run in a list."""

    record_id: str
    """The run's id, everywhere."""
    run_id: str | None
    """MLflow's id of it; null: not in MLflow (yet)."""
    name: str
    state: State
    interrupted: bool
    """Its user stopped it, and therefore it is KILLED."""
    mark: str | None
    """Why it is a run: ``magic``, ``tag``, ``auto``, ``child`` or ``sweep``; null: not known."""
    parent: str | None
    """Record id of the run that it is a child of, where that is in the list too."""
    children: int
    """How many runs of the list are its children."""
    notebook: str | None
    cell_id: str | None
    execution_count: int | None
    experiment: str | None
    """Name of its MLflow experiment."""
    started: float | None
    duration: float | None
    metrics: dict[str, float]
    """Last values; those that are not numbers (NaN, infinities) are left out."""
    compared: tuple[str, ...] | None
    """The metrics named by ``--metrics``, where the journal is here; null: all."""
    params: dict[str, Scalar]
    """Those that the user set before those left at their defaults."""
    tags: dict[str, str]
    """The user's own tags."""
    verdict: str | None
    verdict_basis: str | None
    """The results that the verdict is based on, in words; null: there is no verdict, or it does not say."""
    taint: str | None
    """Why the notebook, run from the top, would not be what made the run; null: nothing speaks against it, or
    nothing is known."""
    error: str | None
    """The exception that ended it and the first line of its message, or why it was ended."""
    data_changed: bool | None
    """Against the previous run of the same name and notebook; null: not known."""
    environment_changed: bool | None
    """Against the previous run of the same name and notebook; null: not known."""
    starred: bool
    archived: bool
    note: str | None
    has_model: bool
    """It ended well and has a model, so that it can be registered."""
    published: bool
    """Everything of it is in MLflow."""
    reproduces: str | None
    """Record id of the run that this one reproduces."""
    source_digest: str | None
    """SHA-256 of the cell's source as the front end sent it."""
    usage: Usage | None
    progress: Progress | None
    """null: it does not run, or it logged no metric over its steps."""
    unsaid: str | None
    """Why MLflow does not have the newest name, note or marks yet; null: nothing waits."""

    def but(self, **fields: Any) -> RunRow:
        """This row with other values in some fields; of thousands, ten times as quick as ``dataclasses.replace``."""
        row = object.__new__(RunRow)
        row.__dict__.update(self.__dict__, **fields)
        return row

    def as_json(self) -> dict[str, Any]:
        """Every field, as JSON can hold it."""
        return dict(jsonable(dataclasses.asdict(self)))


class Named(Protocol):
    """What tells which runs belong together."""

    @property
    def name(self) -> str:
        """As lists show it."""
        ...

    @property
    def notebook(self) -> str | None:
        """As it is called now."""
        ...

    @property
    def cell_id(self) -> str | None:
        """Of the cell that ran."""
        ...

    @property
    def mark(self) -> str | None:
        """Why it is a run."""
        ...


class Placed(Named, Protocol):
    """What decides which group a run is in, and whether it counts there."""

    @property
    def record_id(self) -> str:
        """The run's id, everywhere."""
        ...

    @property
    def state(self) -> State:
        """Only finished runs are compared."""
        ...


class Scored(Protocol):
    """What runs are compared by."""

    @property
    def metrics(self) -> dict[str, float]:
        """Last values."""
        ...

    @property
    def compared(self) -> tuple[str, ...] | None:
        """The metrics named by ``--metrics``; None: all."""
        ...


def kin(row: Named) -> tuple[str, str, str]:
    """What a run has in common with the runs that it is grouped and compared with: its notebook, and the name that its
    cell gives. A cell without one is known by its id: what it is called is only its place, which another cell can take.
    """
    unnamed = row.cell_id is not None and row.mark in UNNAMED
    return ("cell", row.notebook or "", row.cell_id or "") if unnamed else ("name", row.notebook or "", row.name)


@dataclass(frozen=True)
class RunList:
    """Runs, newest first; a child is listed below its parent only, and counted there."""

    rows: tuple[RunRow, ...]
    total: int
    """How many there are; more than ``rows`` when the list was cut."""
    down: str | None = None
    """Why MLflow did not answer: then only the journal's runs are listed."""
    problems: tuple[str, ...] = ()
    """Segments of the journal that could not be read, and why."""
    archived: int = 0
    """Archived runs that were left out."""
    waiting: int = 0
    """How many of them all have ended and are not wholly in MLflow."""
    as_of: float | None = None
    """When a server was read for the runs that it was not asked for now (epoch seconds); None: all are as of now."""

    def as_json(self) -> list[dict[str, Any]]:
        """The rows."""
        return [row.as_json() for row in self.rows]
