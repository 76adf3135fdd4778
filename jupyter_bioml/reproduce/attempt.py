"""One run of a plan in a fresh folder and kernel: the reproduction itself, a repeat, or a run that proves a cause."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from ..capture.rerun.notices import OWN_FOLDER, read_notices
from ..errors import BiomlError
from ..headless.drain import with_records
from ..headless.process import Worker
from ..headless.results import NotebookJob, NotebookResult
from ..journal.liveness import kernel_segment
from ..journal.sessions import SessionLog
from ..notebooks.plan import PINS, STATES, WORK, Plan, notebook_text
from ..records.run import RunRecord
from .setup.inputs import Inputs, Provided
from .setup.recorded import Recorded
from .setup.sources import Exported, export_code, import_folders
from .setup.unknown_inputs import provide_all
from .setup.workfolder import WorkFolder, mapped_path_list

#: Recorded variables that change results and are set again.
VARIABLES = (
    "BLIS_NUM_THREADS",
    "CUBLAS_WORKSPACE_CONFIG",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "PYTHONHASHSEED",
    "VECLIB_MAXIMUM_THREADS",
)
Say = Callable[[str], None]


class FoundRun(Protocol):
    """A run as :class:`~jupyter_bioml.runs.catalog.Catalog` finds it."""

    @property
    def record(self) -> RunRecord:
        """What was captured of it."""

    @property
    def run_id(self) -> str | None:
        """MLflow's id of it; None: it is not published."""


Find = Callable[[str], FoundRun]


@dataclass(frozen=True)
class Conditions:
    """The conditions of one run."""

    python: str | None = None
    """The interpreter; None: that of the recorded session, else this one."""
    fresh: bool = False
    """Do not restore recorded random states."""
    timeout: float | None = None
    """Seconds that all cells together may take."""
    cell_timeout: float | None = None
    """Seconds that one cell may take."""
    proof: str | None = None
    """The cause that the run is made to prove; None: it is made for its own sake."""
    pins: Mapping[str, float | int] = field(default_factory=dict)
    """The factors held fixed (see :func:`jupyter_bioml.capture.rerun.pins.pin`)."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Environment variables beyond the recorded ones."""


@dataclass(frozen=True)
class Attempt:
    """The result of one run."""

    result: NotebookResult
    work: WorkFolder
    record: RunRecord | None
    """The run that the last cell made; None when it did not come that far."""
    code: Exported
    data: tuple[Provided, ...]
    notes: tuple[str, ...]
    notices: tuple[dict[str, Any], ...]
    """The kernel's messages (:mod:`jupyter_bioml.capture.rerun.notices`)."""
    records: tuple[RunRecord, ...] = ()
    """Every cell run of its session."""


def attempt(recorded: Recorded, under: Conditions, say: Say, worker: Worker) -> Attempt:
    """Lay out a fresh folder and run the plan in it.

    :param worker: runs it, in a kernel of its own.
    :raises BiomlError: when the folder cannot be filled; nothing ran then.
    """
    home = recorded.project.home
    try:
        work = _work_folder(recorded)
        code = export_code(work, recorded.project, recorded.record)
        inputs = Inputs(recorded.project, recorded.record.git, say)
        data = inputs.provide(work, recorded.inputs(), recorded.uses)
        unknown = provide_all(work, recorded) if recorded.reads_unknown else []
        job = _job(recorded, under, work)
    except OSError as error:
        raise BiomlError(
            f"The work folder in {home / 'work'} could not be filled ({error.strerror or error}); nothing ran.",
            next="Free space there, or fix its permissions. Your files were not changed.",
        ) from None
    result = with_records(worker.run(job, lambda index, count: say(f"cell {index + 1} of {count}")))
    records, new = _made(result, recorded.record)
    notes = (*code.notes, *inputs.notes, *unknown, *result.notices)
    return Attempt(result, work, new, code, tuple(data), notes, tuple(read_notices(work.folder)), records)


def _work_folder(recorded: Recorded) -> WorkFolder:
    folder = recorded.project.home / "work" / os.urandom(16).hex()
    (folder / OWN_FOLDER).mkdir(parents=True)
    work = WorkFolder(folder, recorded.project.root, recorded.cwd)
    work.working_directory.mkdir(parents=True, exist_ok=True)
    return work


def _job(recorded: Recorded, under: Conditions, work: WorkFolder) -> NotebookJob:
    own, project, record = work.folder / OWN_FOLDER, recorded.project, recorded.record
    plan, metadata = recorded.plan, {WORK: str(work.folder)}
    if under.fresh:
        plan = without_states(plan)
    else:
        metadata[STATES] = recorded.start_states  # type: ignore[assignment]
    if under.pins:
        metadata[PINS] = dict(under.pins)  # type: ignore[assignment]
    path = own / "notebook.ipynb"
    path.write_text(notebook_text(plan, tracked=True, metadata=metadata), encoding="utf-8")
    folders = import_folders(work, record.modules)
    env = {
        **{name: value for name, value in recorded.variables.items() if name in VARIABLES},
        **under.variables,
        **mapped_path_list(work, os.environ, folders),
        "BIOML_PROJECT": str(project.root),
        "BIOML_WORK": str(work.folder),
        "BIOML_REPRODUCES": record.record_id,
        "BIOML_AUTO": "off",
        "BIOML_PROOF": under.proof or "",
    }
    return NotebookJob(
        str(path),
        str(own / "output.ipynb"),
        str(work.working_directory),
        str(project.root / record.code.notebook) if record.code.notebook else "",
        env=env,
        python=under.python or recorded.python,
        timeout=under.timeout,
        cell_timeout=under.cell_timeout,
    )


def without_states(plan: Plan) -> Plan:
    """The plan with no generator state in it."""
    return replace(plan, cells=tuple(replace(cell, states={}) for cell in plan.cells))


def _made(result: NotebookResult, record: RunRecord) -> tuple[tuple[RunRecord, ...], RunRecord | None]:
    """Every cell run of the new session, and the run that the last cell made."""
    if result.session is None or result.home is None:
        return (), None
    log = SessionLog(kernel_segment(Path(result.home) / "journal", result.session))
    log.refresh()
    records = tuple(log.fold.record(identity, dead=True, alone=True) for identity in log.fold.order)
    for identity in reversed(log.fold.order):
        if log.fold.brief(identity, dead=True).mark != "cell":
            new = log.fold.record(identity, dead=True)
            if not new.parent and new.reproduces == record.record_id:
                return records, new
    return records, None


def published(new: RunRecord, find: Find | None) -> tuple[RunRecord, str | None]:
    """The new run as the store has it, with the digests that the publisher found; else as the journal has it."""
    if find is None:
        return new, None
    try:
        found = find(new.record_id)
    except BiomlError:
        return new, None
    return found.record, found.run_id
