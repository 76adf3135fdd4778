"""What the server answers, as frozen dataclasses: the wire types of the lab extension are written from these.

Times are seconds since the epoch (UTC), durations seconds, sizes bytes, digests hex. ``None`` means *not known* or
*not there*, never zero. Every field is always on the wire. :mod:`jupyter_bioml.server.openapi` writes the OpenAPI
document from these, and ``npm run wire`` the TypeScript half (``labextension/src/api/wire.ts``) from that document.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..answers import LiveSession as LiveSession
from ..answers import Status as Status
from ..journal.elsewhere import Elsewhere as Elsewhere
from ..journal.elsewhere import WaitingRun as WaitingRun
from ..keeping.delete import Deleted as Deleted
from ..keeping.table_views import TableView as TableView
from ..records.facts import Score
from ..runs.columns import ColumnKey as ColumnKey
from ..runs.columns import ColumnKeys as ColumnKeys
from ..runs.query import Best as Best
from ..runs.query import Experiment as Experiment
from ..runs.query import RunPage as RunPage
from ..runs.row import RunRow as RunRow
from ..runs.row import Scalar as Scalar
from ..runs.row import State as State
from ..runs.row import Usage as Usage
from ..runs.table import TableGroup as TableGroup
from ..runs.table import TableGroups as TableGroups
from ..runs.table import TableValues as TableValues
from .promote_shapes import Decided as Decided
from .promote_shapes import DecisionRequest as DecisionRequest
from .promote_shapes import PromoteRequest as PromoteRequest
from .promote_shapes import Promotion as Promotion
from .promote_shapes import RollbackRequest as RollbackRequest
from .promote_shapes import RolledBack as RolledBack
from .run_shapes import CellBefore as CellBefore
from .run_shapes import EnvironmentChange as EnvironmentChange
from .run_shapes import EnvironmentFacts as EnvironmentFacts
from .run_shapes import FileEntry as FileEntry
from .run_shapes import GitFacts as GitFacts
from .run_shapes import Gpu as Gpu
from .run_shapes import Group as Group
from .run_shapes import JoinedRun as JoinedRun
from .run_shapes import Links as Links
from .run_shapes import LoadCode as LoadCode
from .run_shapes import ModelVersion as ModelVersion
from .run_shapes import Point as Point
from .run_shapes import RunDetail as RunDetail
from .run_shapes import RunOutput as RunOutput
from .run_shapes import RunResources as RunResources
from .run_shapes import Series as Series
from .run_shapes import SeriesSet as SeriesSet


@dataclass(frozen=True)
class ErrorBody:
    """Every error answer: what happened, what was kept, and what to do next."""

    code: str
    """Stable, for programs."""
    message: str
    next: str
    """May be empty."""


# -- the server and its project ----------------------------------------------------------------------


@dataclass(frozen=True)
class Hello:
    """Which server this is, and which project a path belongs to."""

    version: str
    schema: int
    """Of run records."""
    root: str
    """The server's root folder, absolute."""
    project: str
    destination: str
    """The tracking URI, without credentials."""
    embedded: bool
    """The destination is the project's own database."""
    down: str | None
    """Why the destination does not answer."""


@dataclass(frozen=True)
class Tracked:
    """Whether every notebook of the project is tracked in JupyterLab: the setting ``track`` of ``bioml.toml``."""

    track: bool


# -- changing runs ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class RunPatch:
    """What is to be changed of a run; null: left as it is."""

    name: str | None = None
    note: str | None = None
    starred: bool | None = None
    archived: bool | None = None
    tags: dict[str, str | None] | None = None
    """The user's own, to be set; of null: to be taken away."""


@dataclass(frozen=True)
class ManyPatch:
    """What is to be changed of many runs; null: left as it is."""

    runs: tuple[str, ...]
    """Record ids, at most 1,000."""
    starred: bool | None = None
    archived: bool | None = None
    tags: dict[str, str | None] | None = None
    """As of one run."""


@dataclass(frozen=True)
class ManyPatched:
    """Runs that were changed."""

    changed: int
    missing: tuple[str, ...]
    """Those that are not in the list any more."""


# -- comparing ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ComparisonRow:
    """One thing in every run."""

    key: str
    values: tuple[Scalar, ...]
    """One per run; null where the run does not have it, or where it is None there: see ``absent``."""
    absent: tuple[int, ...]
    """Indices of the runs that do not have it."""
    differs: bool
    best: int | None
    """Index of the finished run with the best value (metrics)."""
    scores: tuple[Score | None, ...]
    """Where each value comes from, one per run (metrics); empty where that is the same in all and none was printed."""


@dataclass(frozen=True)
class ComparisonSection:
    """The rows of one kind; those that differ first."""

    section: Literal["parameters", "defaults", "metrics", "values", "data", "environment"]
    """``defaults``: parameters that every run that has them left at its constructor's default."""
    rows: tuple[ComparisonRow, ...]


@dataclass(frozen=True)
class DiffLine:
    """One line of a diff; line numbers from 1."""

    kind: Literal[" ", "+", "-"]
    left: int | None
    right: int | None
    text: str


@dataclass(frozen=True)
class CodeDiff:
    """The cells of two of the compared runs (indices into ``runs``)."""

    left: int
    right: int
    lines: tuple[DiffLine, ...]


@dataclass(frozen=True)
class Comparison:
    """Two or more runs side by side."""

    runs: tuple[RunRow, ...]
    sections: tuple[ComparisonSection, ...]
    code: tuple[CodeDiff, ...]
    """Run 0 against each other run."""


@dataclass(frozen=True)
class CompareRequest:
    """The runs to compare, 2 to 20."""

    runs: tuple[str, ...]


# -- models ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RegisteredModel:
    """A registered model."""

    name: str
    description: str
    versions: tuple[ModelVersion, ...]
    """Newest first."""


@dataclass(frozen=True)
class Refusal:
    """Why something cannot be done, and what to do."""

    message: str
    next: str


@dataclass(frozen=True)
class ModelName:
    """A model that exists, and the number its next version gets."""

    name: str
    next_version: str


@dataclass(frozen=True)
class Stored:
    """One thing that a registration stores, in words."""

    label: str
    text: str


@dataclass(frozen=True)
class RegisterOffer:
    """What the register form shows."""

    can: bool
    refusal: Refusal | None
    suggested_name: str
    names: tuple[ModelName, ...]
    aliases: tuple[str, ...]
    will_store: tuple[Stored, ...]


@dataclass(frozen=True)
class RegisterRequest:
    """The model version to make."""

    name: str
    alias: str | None = None
    description: str = ""


@dataclass(frozen=True)
class AliasRequest:
    """The version that an alias is to point at."""

    version: str


@dataclass(frozen=True)
class AliasDeleted:
    """An alias was taken away; the version is as it was."""

    name: str
    alias: str
    deleted: Literal[True]


# -- what goes on ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LiveRun:
    """A run that runs now."""

    record_id: str
    name: str
    execution_count: int | None
    cell_id: str | None
    started: float
    duration: float


@dataclass(frozen=True)
class Live:
    """The kernel of one notebook now."""

    runs: tuple[LiveRun, ...]
    points: tuple[Point, ...]
    """The last 600 s."""
    cell_started: float | None
