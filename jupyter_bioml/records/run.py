"""``RunRecord``: the one thing every part makes, keeps, sends, compares or judges.

Frozen dataclasses. Times are seconds since the epoch (UTC) as floats, durations seconds, sizes bytes,
digests hex. A field that could not be read is ``None`` or absent, and a :class:`CaptureGap` says why.
``SCHEMA`` grows when a field changes its meaning; :mod:`jupyter_bioml.records.wire` upgrades old ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .facts import FAILED as FAILED
from .facts import FINISHED as FINISHED
from .facts import INTERRUPTED as INTERRUPTED
from .facts import KILLED as KILLED
from .facts import RUNNING as RUNNING
from .facts import SCHEMA as SCHEMA
from .facts import UNKNOWN as UNKNOWN
from .facts import CaptureGap as CaptureGap
from .facts import DataUse as DataUse
from .facts import Score as Score


@dataclass(frozen=True)
class Code:
    """The cell: its body without our magic line, as the front end sent it, secrets masked."""

    source: str
    cell_id: str | None = None
    notebook: str | None = None
    """Path relative to the project, ``/``-separated; None when no front end said so."""
    path_source: str | None = None
    """Who said so: ``front-end``, ``session-start`` or ``engine``."""
    execution_count: int | None = None
    place: int | None = None
    """Place among the notebook's code cells when it ran, 1 for the first; None when no front end said so."""
    tags: tuple[str, ...] = ()
    magic: str | None = None
    """The ``%%experiment`` line, secrets masked."""


@dataclass(frozen=True)
class PriorCell:
    """One earlier cell run of the session, in order of execution."""

    record_id: str
    """Empty for a cell that ran while tracking was off: its text is from IPython's history."""
    seq: int
    """0 for a cell that ran while tracking was off."""
    source: str
    cell_id: str | None = None
    execution_count: int | None = None
    status: str = FINISHED
    """``UNKNOWN`` where tracking was off and IPython does not say how it ended."""
    tags: tuple[str, ...] = ()
    unseen: bool = False
    """It ran, or began, while tracking was off, and may have read something: what, is not known."""


@dataclass(frozen=True)
class Module:
    """One imported module of the project: its path relative to the project and its content."""

    name: str
    path: str
    blob: str | None = None
    size: int = 0
    changed: bool = False
    """The file changed between the start of the cell and its reading."""


@dataclass(frozen=True)
class Git:
    """The repository at the start of the cell; secrets in the patch are masked."""

    commit: str | None
    branch: str | None = None
    remote: str | None = None
    root: str | None = None
    dirty: bool | None = None
    """None until the helper process has looked."""
    patch_blob: str | None = None
    late: bool = False
    """A source file changed after the cell had started and before the diff was taken."""


@dataclass(frozen=True)
class Metric:
    """One value of a metric; a series has one per step."""

    key: str
    value: float
    step: int = 0
    at: float = 0.0


@dataclass(frozen=True)
class Model:
    """A fitted estimator or module, serialised by value."""

    name: str
    class_name: str
    blob: str | None = None
    """cloudpickle of the object."""
    size: int = 0
    flavor: str = "pyfunc"
    """MLflow's flavour: ``sklearn``, ``pytorch``, one called like its library, or ``pyfunc``."""
    sample_blob: str | None = None
    """cloudpickle of five input rows (the input example), for the signature; synthetic, unless the user named some."""
    sample_source: str | None = None
    """Where the rows came from, or why there are none."""
    named: bool = False


@dataclass(frozen=True)
class Artifact:
    """A file that the user's code kept with the run."""

    path: str
    blob: str
    size: int


@dataclass(frozen=True)
class Predictions:
    """Hold-out predictions: one row per key (parquet or CSV blob, see ``format``)."""

    name: str
    blob: str
    rows: int
    columns: tuple[str, ...]
    format: str


@dataclass(frozen=True)
class Output:
    """One captured output in order: a stream's text, or one display by MIME type."""

    kind: str
    """``stdout``, ``stderr``, ``display`` or ``result``."""
    text: str | None = None
    mime: str | None = None
    blob: str | None = None
    size: int = 0
    cut: bool = False
    after_end: bool = False


@dataclass(frozen=True)
class Failure:
    """The exception that ended the cell."""

    kind: str
    message: str
    traceback: str


@dataclass(frozen=True)
class Reading:
    """One look at the kernel by the sampler; what could not be read is None."""

    at: float
    cpu_percent: float | None = None
    rss: int | None = None
    read_bytes: int | None = None
    write_bytes: int | None = None
    gpus: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Resources:
    """What the run used. ``peak_source`` says how the peak was found."""

    cpu_seconds: float | None = None
    peak_rss: int | None = None
    peak_source: str | None = None
    """``ru_maxrss`` (the kernel's own high-water mark rose in this cell) or ``sampled``."""
    readings: tuple[Reading, ...] = ()


@dataclass(frozen=True)
class Environment:
    """What the run ran on and with; runs of one session share it."""

    digest: str
    blob: str
    """JSON: python, os, cpu, memory, gpus, distributions, blas, threads, variables."""
    variables: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class UserRun:
    """An MLflow run that the user's own code opened during the cell."""

    run_id: str
    tracking_uri: str
    first: bool


@dataclass(frozen=True)
class Kept:
    """The content of one file of a report."""

    blob: str
    size: int


@dataclass(frozen=True)
class Report:
    """A finding about a run, made during it or later. A run has one of each kind: the last one."""

    kind: str
    """One word: ``taint``, ``verdict``, …"""
    at: float
    state: str
    """One word: the result."""
    summary: dict[str, Any] = field(default_factory=dict)
    """The figures and sentences that a reader or a gate needs first."""
    tags: dict[str, str] = field(default_factory=dict)
    """Tags that the run gets with it."""
    blobs: dict[str, Kept] = field(default_factory=dict)
    """Its files by name."""


@dataclass(frozen=True)
class RunRecord:
    """One cell run: what it was, what it used, what it made, and what could not be captured."""

    record_id: str
    session: str
    seq: int
    mark: str
    """Why it is a run: ``cell`` (only journaled), ``magic``, ``tag``, ``auto`` or ``child``."""
    status: str
    started: float
    code: Code
    schema: int = SCHEMA
    name: str | None = None
    note: str | None = None
    cause: str | None = None
    """Why it ended as it did, where there is more to say than the status."""
    ended: float | None = None
    duration: float | None = None
    parent: str | None = None
    part_of: str | None = None
    reproduces: str | None = None
    user: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    late: dict[str, str] = field(default_factory=dict)
    """Our tags (``bioml.…``) that came after the start."""
    params: dict[str, Any] = field(default_factory=dict)
    defaults: tuple[str, ...] = ()
    """The parameters that models left at their constructors' defaults; earlier versions did not record which."""
    metrics: tuple[Metric, ...] = ()
    compared: tuple[str, ...] | None = None
    """The metrics named by ``--metrics``; None: all are compared."""
    scores: tuple[Score, ...] = ()
    """Where the metrics that are scores come from, one for each key, in order."""
    values: dict[str, Any] = field(default_factory=dict)
    """What was computed and is not a score, and scores that MLflow cannot keep (NaN and infinities)."""
    data: tuple[DataUse, ...] = ()
    model: Model | None = None
    predictions: tuple[Predictions, ...] = ()
    artifacts: tuple[Artifact, ...] = ()
    outputs: tuple[Output, ...] = ()
    failure: Failure | None = None
    git: Git | None = None
    modules: tuple[Module, ...] = ()
    environment: Environment | None = None
    resources: Resources = field(default_factory=Resources)
    states: dict[str, str] = field(default_factory=dict)
    """Generator states at the run's start: library → blob."""
    user_runs: tuple[UserRun, ...] = ()
    before: tuple[PriorCell, ...] = ()
    reports: tuple[Report, ...] = ()
    """One of each kind, in the order of the kinds' first report."""
    gaps: tuple[CaptureGap, ...] = ()

    @property
    def is_run(self) -> bool:
        """True when it is an MLflow run (not only a journaled cell run)."""
        return self.mark != "cell"

    def latest(self) -> dict[str, float]:
        """The last value of every metric."""
        return {metric.key: metric.value for metric in self.metrics}

    def report(self, kind: str) -> Report | None:
        """The run's report of that kind; None: there is none."""
        return next((report for report in self.reports if report.kind == kind), None)

    def late_tags(self) -> dict[str, str]:
        """Our tags that came after the start, including those of its reports."""
        return {**self.late, **{key: value for report in self.reports for key, value in report.tags.items()}}


@dataclass(frozen=True)
class Session:
    """One kernel from start to end, as its segment's first entry says."""

    session: str
    started: float
    pid: int
    process_started: float | None
    host: str
    boot: str | None
    python: str
    executable: str
    user: str
    project: str
    home: str
    cwd: str
    notebook: str | None
    path_source: str | None
    destination: str
    """The tracking URI without credentials."""
    destination_key: str
    schema: int = SCHEMA
    pid_namespace: str | None = None
    reproduces: str | None = None
    engine: str | None = None
    task: str | None = None
    """The task of a batch that the kernel was started for."""
    attempt: int | None = None
    """Which attempt at it, counted from 1."""
    sweep: str | None = None
    """The parent run of a sweep: its session and record id, with a slash between them."""
    variables: dict[str, str] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
