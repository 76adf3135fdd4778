"""Make a run again: its session's cells in a fresh kernel and folder, compared with what was recorded.

A reproduction is one more run, made by the same engine and captured by the same recorder.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ..canonical import jsonable
from ..config import Project
from ..errors import BiomlError, UsageError
from ..journal.blobs import Blobs
from ..journal.liveness import kernel_segment
from ..journal.sessions import SessionLog
from ..records.present import format_duration
from ..records.run import FINISHED, RUNNING, PriorCell, RunRecord, Session
from .compare import Comparison, Documents, compare_records
from .drain import drain_all, with_records
from .plan import STATES, WORK, Plan, notebook_text, plan_of, without_our_lines
from .process import Worker
from .results import INTERRUPTED, NotebookJob, NotebookResult
from .workfolder import WorkFolder, inputs_of, lay_out, mapped_path_list

REPRODUCED, DIFFERENT, COULD_NOT_RUN = "REPRODUCED", "DIFFERENT", "COULD NOT RUN"
#: Our own files in the work folder.
OWN_FOLDER = ".reproduction"
#: Recorded variables that change results and are set again.
VARIABLES = (
    "CUBLAS_WORKSPACE_CONFIG",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "PYTHONHASHSEED",
)
Say = Callable[[str], None]


class FoundRun(Protocol):
    """A run as :class:`~jupyter_bioml.store.catalog.Catalog` finds it."""

    @property
    def record(self) -> RunRecord: ...
    @property
    def run_id(self) -> str | None: ...


@dataclass(frozen=True)
class Reproduction:
    """What came of it. ``sentence`` says it in words, ``comparison`` in figures."""

    verdict: str
    sentence: str
    record_id: str
    run_id: str | None
    new_record_id: str | None
    """The run that the reproduction made; None when it did not come that far."""
    new_run_id: str | None
    comparison: Comparison | None
    result: NotebookResult
    work: str
    """The folder it ran in."""
    notes: tuple[str, ...] = ()
    """What was not as in the recorded session."""
    waiting: tuple[str, ...] = ()
    """What is not in MLflow yet, and how to send it."""

    @property
    def exit_code(self) -> int:
        return 0 if self.verdict == REPRODUCED else 1

    def as_json(self) -> dict[str, Any]:
        document = {item.name: getattr(self, item.name) for item in dataclasses.fields(self)}
        document["comparison"] = self.comparison and self.comparison.as_json()
        document["result"] = self.result.as_json()
        return dict(jsonable(document))


def reproduce(
    project: Project,
    record: RunRecord,
    *,
    run_id: str | None = None,
    find: Callable[[str], FoundRun] | None = None,
    progress: Say | None = None,
) -> Reproduction:
    """Run the cells of ``record``'s session up to its own in a fresh kernel, and compare.

    :param run_id: its MLflow run id.
    :param find: looks up the published new run, which has the digests of its data; None: the journal's.
    :param progress: takes lines that say what goes on.
    :raises UsageError: when the run has not ended, or is a part of another one.
    """
    say = progress or (lambda _: None)
    if record.status == RUNNING:
        raise UsageError(f"The run {record.record_id[:8]} has not ended yet.", next="Wait for it, or interrupt it.")
    log = _session_log(project, record)
    plan = plan_of(record, _states(log))
    try:
        work = _work_folder(project, record, log)
        notes = [*plan.notes, *lay_out(work, project, record, _inputs(record, log)), *_remarks(project, plan, log)]
        job = _job(project, record, plan, work, log)
    except OSError as error:
        raise BiomlError(
            f"The work folder in {project.home / 'work'} could not be filled ({error.strerror or error}); nothing ran.",
            next="Make room there, or let it be written to. Nothing of yours was changed.",
        ) from None
    earlier = len(plan.cells) - 1
    say(f"running {earlier} earlier cell{'' if earlier == 1 else 's'} and the run's own in {work.folder}")
    with Worker() as worker:
        result = with_records(worker.run(job, lambda index, count: say(f"cell {index + 1} of {count}")))
    notes += result.notices
    waiting = () if result.status == INTERRUPTED else tuple(drain_all([result], say))
    new, new_run_id = _new_run(result, record, find)
    comparison = None if new is None else _compared(project, record, plan, new)
    verdict, sentence = judge(record, new, comparison, result)
    return Reproduction(
        verdict,
        sentence,
        record.record_id,
        run_id,
        new.record_id if new is not None else None,
        new_run_id,
        comparison,
        result,
        str(work.folder),
        tuple(notes),
        waiting,
    )


# -- what is known of the session --------------------------------------------------------------------


def _session_log(project: Project, record: RunRecord) -> SessionLog | None:
    """The recorded session, where its journal is still here."""
    path = kernel_segment(project.journal, record.session)
    if not path.is_file():
        return None
    log = SessionLog(path)
    log.refresh()
    return log if log.fold.session is not None and record.record_id in log.fold.order else None


def _priors(log: SessionLog, record: RunRecord) -> Iterator[RunRecord]:
    for identity in log.fold.order:
        if identity == record.record_id:
            return
        yield log.fold.record(identity, dead=True, alone=True)


def _states(log: SessionLog | None) -> dict[str, dict[str, str]]:
    """Generator states of the session's runs, by record id."""
    if log is None:
        return {}
    return {identity: log.fold.record(identity, dead=True, alone=True).states for identity in log.fold.order}


def _inputs(record: RunRecord, log: SessionLog | None) -> list[Any]:
    if log is None:
        return inputs_of(record.data, complete=False)
    before = [use for prior in _priors(log, record) for use in prior.data if not use.inherited]
    own = [use for use in record.data if not use.inherited]
    return inputs_of([*before, *own], complete=True)


def _work_folder(project: Project, record: RunRecord, log: SessionLog | None) -> WorkFolder:
    folder = project.home / "work" / os.urandom(16).hex()
    folder.mkdir(parents=True)
    session: Session | None = log.fold.session if log is not None else None
    if session is not None:
        cwd = Path(session.cwd)
    else:
        cwd = (project.root / (record.code.notebook or "notebook.ipynb")).parent
    return WorkFolder(folder, project.root, cwd)


def _remarks(project: Project, plan: Plan, log: SessionLog | None) -> Iterator[str]:
    if log is None:
        yield "The session's journal is not here: it is run on the current Python, from its record alone."
    elif _interpreter(log) is None:
        yield "The session's Python is not here any more: it is run on the current one."
    if any("[secret:" in cell.source for cell in plan.cells):
        yield "The recorded code has masked secrets, which a re-run cannot know."
    if any(str(project.root) in cell.source for cell in plan.cells):
        yield f"The code names {project.root}: files under that name are used where they are, not in the work folder."


def _job(project: Project, record: RunRecord, plan: Plan, work: WorkFolder, log: SessionLog | None) -> NotebookJob:
    own = work.folder / OWN_FOLDER
    own.mkdir()
    states = dict(log.fold.session.states) if log is not None and log.fold.session is not None else {}
    path = own / "notebook.ipynb"
    path.write_text(
        notebook_text(plan, tracked=True, metadata={STATES: states, WORK: str(work.folder)}), encoding="utf-8"
    )
    recorded = record.environment.variables if record.environment is not None else {}
    env = {
        **{name: value for name, value in recorded.items() if name in VARIABLES},
        **mapped_path_list(work, os.environ),
        "BIOML_PROJECT": str(project.root),
        "BIOML_WORK": str(work.folder),
        "BIOML_REPRODUCES": record.record_id,
        "BIOML_AUTO": "off",
    }
    notebook = str(project.root / record.code.notebook) if record.code.notebook else ""
    output, cwd = str(own / "output.ipynb"), str(work.working_directory)
    return NotebookJob(str(path), output, cwd, notebook, env=env, python=_interpreter(log))


def _interpreter(log: SessionLog | None) -> str | None:
    """The session's interpreter; None where it is not known or not here."""
    session = log.fold.session if log is not None else None
    return session.executable if session is not None and os.access(session.executable, os.X_OK) else None


# -- the new run and its verdict ---------------------------------------------------------------------


def _new_run(
    result: NotebookResult, record: RunRecord, find: Callable[[str], FoundRun] | None
) -> tuple[RunRecord | None, str | None]:
    """The run that the last cell made: (record, MLflow run id)."""
    if result.session is None or result.home is None:
        return None, None
    log = SessionLog(kernel_segment(Path(result.home) / "journal", result.session))
    log.refresh()
    for identity in reversed(log.fold.order):
        if log.fold.brief(identity, dead=True).mark == "cell":
            continue
        new = log.fold.record(identity, dead=True)
        if not new.parent and new.reproduces == record.record_id:
            return _published(new, find)
    return None, None


def _published(new: RunRecord, find: Callable[[str], FoundRun] | None) -> tuple[RunRecord, str | None]:
    """The new run as the store has it, with the digests that the publisher found; else as the journal has it."""
    if find is None:
        return new, None
    try:
        found = find(new.record_id)
    except BiomlError:
        return new, None
    return found.record, found.run_id


def _compared(project: Project, record: RunRecord, plan: Plan, new: RunRecord) -> Comparison:
    """The comparison, in which our own lines and the cells left out of the plan are no difference."""
    before = tuple(PriorCell("", cell.seq, cell.source, cell.cell_id) for cell in plan.cells[:-1])
    code = dataclasses.replace(record.code, source=without_our_lines(record.code.source))
    left = dataclasses.replace(record, before=before, code=code)
    return compare_records(left, new, environments=_documents(project, record, new))


def _documents(project: Project, *records: RunRecord) -> Documents | None:
    blobs = Blobs(project.blobs)
    try:
        found = [json.loads(blobs.get(r.environment.blob)) for r in records if r.environment is not None]
    except (BiomlError, ValueError):
        return None
    return (found[0], found[1]) if len(found) == 2 else None


def judge(
    record: RunRecord, new: RunRecord | None, comparison: Comparison | None, result: NotebookResult
) -> tuple[str, str]:
    """(verdict, the sentence that says why)."""
    if new is None or comparison is None:
        return COULD_NOT_RUN, f"The run's cell was not reached: {_obstacle(result)}"
    if record.status == FINISHED and new.status != FINISHED:
        why = f"{new.failure.kind}: {new.failure.message}" if new.failure is not None else (new.cause or new.status)
        return COULD_NOT_RUN, f"The run's cell did not finish this time: {why}"
    differing = [pair.key for pair in comparison.metrics if not pair.agrees]
    differing += [item.name for item in (*comparison.of("values"), *comparison.of("status"))]
    inputs = {use.name for use in record.data if use.role != "written"}
    other_data = [item.name for item in comparison.of("data") if item.name in inputs]
    if differing:
        because = f" Its data changed: {', '.join(other_data)}." if other_data else ""
        return DIFFERENT, f"Not made again: {', '.join(differing)}.{because}"
    if other_data:
        return DIFFERENT, f"The results are the same, but the data changed: {', '.join(other_data)}."
    return REPRODUCED, _praise(comparison, new)


def _praise(comparison: Comparison, new: RunRecord) -> str:
    count = len(comparison.metrics)
    took = "" if new.duration is None else f", in {format_duration(new.duration)}"
    if not count:
        return f"It ended as recorded{took}; it has no metric to compare."
    exact = all(pair.left == pair.right for pair in comparison.metrics)
    how = "exactly" if exact else f"to within {comparison.tolerance:g} (relative)"
    what = "Its metric was" if count == 1 else f"All {count} metrics were"
    return f"{what} made again {how}{took}."


def _obstacle(result: NotebookResult) -> str:
    if result.failure is not None:
        return f"cell {result.failure.index + 1} ended with {result.failure.kind}: {result.failure.message}"
    return result.reason or "its kernel was not tracked"
