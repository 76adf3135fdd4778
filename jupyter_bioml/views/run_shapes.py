"""The shapes of runs: rows, pages, and one run in full (see :mod:`.shapes`, through which they are used)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..records.run import RunRecord
from ..runs.later_cells import LaterCell
from ..runs.row import RunRow

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
    """The URI for ``mlflow.pyfunc.load_model``."""
    load_code: str
    """The Python lines that load it in any kernel, tracked or not."""
    aliases: tuple[str, ...]
    description: str
    tags: dict[str, str]
    created: float | None


@dataclass(frozen=True)
class LoadCode:
    """Python that loads something of a run in any kernel, tracked or not."""

    kind: Literal["model", "predictions", "data"]
    name: str
    code: str


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
    state: Literal["RUNNING", "FINISHED", "FAILED", "KILLED", "UNKNOWN"]
    """UNKNOWN: it ran while tracking was off."""
    tags: tuple[str, ...]
    unseen: bool
    """It ran, or began, while tracking was off, and may have read something: what, is not known."""


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
    mlflow_command: str | None
    """Command of a terminal that serves MLflow's own UI; null where a server has it, and where that is not known."""


@dataclass(frozen=True)
class JoinedRun:
    """The run that a cell became a part of."""

    record_id: str
    name: str | None
    """null: the list does not have it."""


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
    later_cells: tuple[LaterCell, ...]
    """The later cells that showed scores of it, as far as the journal is here."""
    scored_runs: dict[str, str]
    """The runs whose models its scores are of, where those are others: record id → name."""
    git: GitFacts | None
    links: Links
    joined: JoinedRun | None
    """What the cell that was asked for is a part of; null: a run of its own was asked for."""


@dataclass(frozen=True)
class Series:
    """The values of one metric in their order; a value that is not a number is null."""

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
class RunResources:
    """A run's resource use over time."""

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
class RunOutput:
    """One captured output: a stream's text, or one display. ``data`` is base64 and never to be trusted."""

    kind: Literal["stdout", "stderr", "display", "result"]
    mime: str | None
    text: str | None
    data: str | None
    size: int
    cut: bool
