"""What the server answers, as frozen dataclasses: the wire types of the lab extension are written from these.

Times are seconds since the epoch (UTC), durations seconds, sizes bytes, digests hex. ``None`` means *not known* or
*not there*, never zero. Every field is always on the wire. The TypeScript half is ``labextension/src/api/wire.ts``
(:mod:`jupyter_bioml.server.typescript`), the OpenAPI document :mod:`jupyter_bioml.server.openapi`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from ..records.run import RunRecord

State = Literal["RUNNING", "FINISHED", "FAILED", "KILLED"]
Scalar = str | int | float | bool | None


@dataclass(frozen=True)
class ErrorBody:
    """Every answer that is no success: what happened and what was kept, and what to do next."""

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
class WaitingRow:
    """A run that is not in MLflow yet, and why."""

    record_id: str
    name: str
    reason: str


@dataclass(frozen=True)
class LiveSession:
    """A kernel that is tracked now."""

    session: str
    notebook: str | None
    running: str | None
    """Record id of the run that runs in it."""


@dataclass(frozen=True)
class Status:
    """Where things are, what waits, what is tracked now."""

    project: str
    home: str
    fallback: str | None
    """Why the journal is not in the project's own folder."""
    destination: str
    embedded: bool
    sessions: int
    """Kernels that are tracked now."""
    down: str | None
    waiting: tuple[WaitingRow, ...]
    size: int
    """Bytes of the project's ``.bioml``."""
    live: tuple[LiveSession, ...]


@dataclass(frozen=True)
class Experiment:
    """An MLflow experiment and how many of the project's runs it holds."""

    name: str
    runs: int


# -- lists of runs -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Usage:
    """The latest reading of a run that runs."""

    cpu_percent: float | None
    rss: int | None


@dataclass(frozen=True)
class RunRow:
    """One run in a list."""

    run_id: str | None
    """MLflow's; null: not in MLflow (yet)."""
    record_id: str
    name: str
    state: State
    notebook: str | None
    cell_id: str | None
    execution_count: int | None
    experiment: str | None
    started: float | None
    duration: float | None
    metrics: dict[str, float]
    """Last values; those that are no number (NaN, infinities) are not there."""
    params: dict[str, Scalar]
    tags: dict[str, str]
    """The user's own tags."""
    verdict: str | None
    taint: str | None
    error: str | None
    """Last line of the traceback."""
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
    reproduces: str | None
    """Record id of the run that this one made again."""
    source_digest: str | None
    """SHA-256 of the cell's source as the front end sent it."""
    usage: Usage | None


@dataclass(frozen=True)
class Best:
    """The best value of a metric among the runs asked for."""

    record_id: str
    value: float


@dataclass(frozen=True)
class RunPage:
    """One page of a filtered, sorted list."""

    rows: tuple[RunRow, ...]
    total: int
    offset: int
    metric_keys: tuple[str, ...]
    best: dict[str, Best]
    """By metric: the largest value; the smallest where the key names a loss or an error."""
    loading: bool
    """MLflow's runs are still being read: the list is not whole yet."""
    down: str | None
    problems: tuple[str, ...]
    """Segments of the journal that could not be read, and why."""


# -- one run -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ModelVersion:
    """A registered version and what it came from."""

    name: str
    version: str
    run_id: str | None
    record_id: str | None
    run_name: str | None
    notebook: str | None
    cell_id: str | None
    user: str | None
    uri: str
    """What ``mlflow.pyfunc.load_model`` takes."""
    aliases: tuple[str, ...]
    description: str
    tags: dict[str, str]
    created: float | None


@dataclass(frozen=True)
class Group:
    """The runs of one name and notebook."""

    name: str
    runs: int
    best: str | None
    """Record id; null where no metric says which is best."""
    latest: str
    """Record id."""


@dataclass(frozen=True)
class EnvironmentFacts:
    """What a run ran on and with."""

    digest: str
    python: str | None
    platform: str | None
    packages: dict[str, str]


@dataclass(frozen=True)
class EnvironmentChange:
    """One entry of the environment that is another than in the previous run."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class CellBefore:
    """An earlier cell of the session."""

    seq: int
    cell_id: str | None
    execution_count: int | None
    source: str
    state: State
    tags: tuple[str, ...]


@dataclass(frozen=True)
class GitFacts:
    """The repository at the start of the cell."""

    commit: str | None
    branch: str | None
    remote: str | None
    dirty: bool | None


@dataclass(frozen=True)
class Links:
    """Where else the run can be seen."""

    mlflow: str | None
    """Address of its page in MLflow's own UI; null where the store has no page."""


@dataclass(frozen=True)
class RunDetail:
    """One run and what is known around it."""

    row: RunRow
    record: RunRecord
    destination: str
    versions: tuple[ModelVersion, ...]
    previous: RunRow | None
    group: Group
    series_keys: tuple[str, ...]
    """Metrics with more than one value."""
    environment: EnvironmentFacts | None
    environment_changes: tuple[EnvironmentChange, ...]
    code_before: tuple[CellBefore, ...]
    git: GitFacts | None
    links: Links


@dataclass(frozen=True)
class Series:
    """The values of one metric in their order; a value that is no number is null."""

    steps: tuple[int, ...]
    values: tuple[float | None, ...]
    times: tuple[float, ...]


@dataclass(frozen=True)
class SeriesSet:
    """Metrics over their steps."""

    series: dict[str, Series]
    truncated: bool
    """At least one series was thinned to the limit; first and last values are always kept."""


@dataclass(frozen=True)
class Gpu:
    """One look at one GPU."""

    index: int
    utilization_percent: float | None
    memory: int | None
    own: bool
    """``memory`` is what the kernel's processes use; else what everybody uses on the device."""
    energy_millijoules: int | None
    """A counter."""


@dataclass(frozen=True)
class Point:
    """One look at the kernel; what could not be read is null."""

    t: float
    cpu_percent: float | None
    rss: int | None
    read_bytes: int | None
    write_bytes: int | None
    gpus: tuple[Gpu, ...]


@dataclass(frozen=True)
class Resources:
    """What a run used over its time."""

    started: float
    ended: float | None
    points: tuple[Point, ...]
    cpu_seconds: float | None
    peak_rss: int | None
    absent: tuple[str, ...]
    """What could not be read, and why."""


@dataclass(frozen=True)
class FileEntry:
    """A file that was kept with a run."""

    path: str
    size: int | None


@dataclass(frozen=True)
class Output:
    """One captured output: a stream's text, or one display. ``data`` is base64 and never to be trusted."""

    kind: Literal["stdout", "stderr", "display", "result"]
    mime: str | None
    text: str | None
    data: str | None
    size: int
    cut: bool


@dataclass(frozen=True)
class Deleted:
    """A run was deleted; its tombstone is kept."""

    record_id: str
    deleted: Literal[True]


@dataclass(frozen=True)
class RunPatch:
    """What is to be changed of a run; null: left as it is."""

    name: str | None = None
    note: str | None = None
    starred: bool | None = None
    archived: bool | None = None


# -- comparing ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ComparisonRow:
    """One thing in every run."""

    key: str
    values: tuple[Scalar, ...]
    """One per run; null where the run has none."""
    differs: bool
    best: int | None
    """Index of the run with the best value (metrics)."""


@dataclass(frozen=True)
class ComparisonSection:
    """The rows of one kind; those that differ first."""

    section: Literal["parameters", "metrics", "data", "environment"]
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
class Model:
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


@dataclass(frozen=True)
class JobRequest:
    """Long work to begin."""

    kind: Literal["reproduce", "publish"]
    run: str | None = None


@dataclass(frozen=True)
class Job:
    """Long work in a process of its own."""

    job_id: str
    kind: Literal["reproduce", "publish"]
    run: str | None
    state: Literal["running", "done", "failed", "cancelled"]
    progress: tuple[str, ...]
    """The last 50 lines of what it said."""
    result: dict[str, Any] | None
    error: ErrorBody | None
    started: float
    ended: float | None = field(default=None)


#: Every shape that an endpoint takes or gives.
SHAPES: tuple[type[Any], ...] = (
    ErrorBody, Hello, Status, Experiment, RunRow, RunPage, RunDetail, SeriesSet, Resources, FileEntry, Output, Deleted,
    RunPatch, Comparison, CompareRequest, ModelVersion, Model, RegisterOffer, RegisterRequest, AliasRequest,
    AliasDeleted, Live, JobRequest, Job,
)  # fmt: skip
