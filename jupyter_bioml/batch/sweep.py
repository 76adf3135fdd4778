"""A sweep in the journal: one parent run for all its tasks, and at its end one table of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..canonical import jsonable
from ..capture.program import ProgramSession
from ..capture.program_run import ProgramRun
from ..config import Project, find_project
from ..headless.results import INTERRUPTED, NOT_RUN, NotebookResult
from ..journal.liveness import kernel_segment
from ..journal.sessions import SessionLog
from ..records.card import TIMING
from ..records.run import FAILED, FINISHED, KILLED
from ..redact import redact_value
from .state import Sweep
from .sweep_table import Row, columns, table_csv, table_html
from .tasks import Task

#: In the environment of a task's kernel: the sweep its runs belong to, as ``<session>/<record id>``.
SWEEP_VARIABLE = "BIOML_SWEEP"
MARK = "sweep"
#: Names of the table in the parent run's artifacts.
TABLE_CSV, TABLE_HTML = "sweep.csv", "sweep.html"
#: Values that a sentence names.
_NAMED = 5


class SweepRun:
    """The parent run while its tasks run."""

    def __init__(self, session: ProgramSession, run: ProgramRun, sweep: Sweep) -> None:
        self._session = session
        self._run = run
        self.sweep = sweep

    @classmethod
    def begin(cls, notebooks: Sequence[Path], varied: Sequence[str], values: Mapping[str, Any], count: int) -> SweepRun:
        """Begin a parent run in the project of the first notebook.

        :param varied: the names whose values differ from task to task.
        :param values: what the run's parameters are.
        :param count: how many tasks there are.
        :raises JournalError: the journal cannot be written; nothing was begun.
        """
        first = notebooks[0]
        project = find_project(first.parent)
        notebook = project.relative(first) if len(notebooks) == 1 else None
        name = f"sweep of {first.stem}" if len(notebooks) == 1 else f"sweep of {len(notebooks)} notebooks"
        session = ProgramSession.open(project, engine="batch", notebook=notebook)
        run = session.run(name, mark=MARK, params={**values, "tasks": count})
        sweep = Sweep(session.id, run.record_id, str(project.root), str(project.home), tuple(varied))
        return cls(session, run, sweep)

    @classmethod
    def resume(cls, sweep: Sweep) -> SweepRun:
        """Continue the parent run of a resumed batch.

        :raises NotFound: it is no longer in the journal.
        :raises Refused: another process writes it, or it cannot be written.
        """
        session = ProgramSession.resume(Project(Path(sweep.project), Path(sweep.home)), sweep.session)
        try:
            return cls(session, session.going_on(sweep.record_id), sweep)
        except BaseException:
            session.close()
            raise

    @property
    def problem(self) -> str | None:
        """Why the journal does not hold all of the run; None: it does."""
        return self._session.problem

    def end(self, rows: Sequence[Row], results: Sequence[NotebookResult]) -> None:
        """Keep the table, end the run, and let go of the session."""
        names = columns(rows, self.sweep.varied)
        for path, text in ((TABLE_CSV, table_csv(rows, names)), (TABLE_HTML, table_html(rows, names))):
            self._run.artifact(path, text.encode("utf-8", "backslashreplace"))
        passed = sum(result.passed for result in results)
        stopped = any(result.status in (INTERRUPTED, NOT_RUN) for result in results)
        left = len(results) - passed
        self._run.finish(
            KILLED if stopped else FINISHED if not left else FAILED,
            cause=f"{left} of {len(results)} did not pass" if left else None,
            metrics={"tasks.passed": float(passed), "tasks.not_passed": float(left)},
        )
        self.close()

    def close(self) -> None:
        """Let go of the session; a run that was not ended is ``KILLED``, unless the batch is resumed."""
        self._session.close()


# -- the table -------------------------------------------------------------------------------------


def row_of(task: Task, result: NotebookResult) -> Row:
    """A task's line of the table. Of a metric or value that several of its runs have, the last one's counts."""
    metrics, values = figures_of(result)
    return {
        "task": task.id,
        "notebook": task.job.path,
        "status": result.status,
        "duration": result.duration,
        "attempt": result.attempt,
        "parameters": redact_value(dict(task.job.parameters)),
        "metrics": metrics,
        "values": values,
        "records": list(result.records),
    }


def figures_of(result: NotebookResult) -> tuple[dict[str, float], dict[str, Any]]:
    """(the last value of every metric, the values beside them) that the runs of a notebook have."""
    metrics: dict[str, float] = {}
    values: dict[str, Any] = {}
    if not result.records or result.home is None or result.session is None:
        return metrics, values
    log = SessionLog(kernel_segment(Path(result.home) / "journal", result.session))
    log.refresh()
    for identity in log.fold.order:
        if log.fold.brief(identity, dead=True).mark != "cell":
            record = log.fold.record(identity, dead=True, alone=True)
            metrics.update(record.latest())
            values.update(record.values)
    return metrics, jsonable(values)


def without_metrics(rows: Sequence[Row]) -> str | None:
    """What to say of a sweep whose runs have values alone, which its table does not compare; None: nothing."""
    if any(row["metrics"] for row in rows):
        return None
    names = list(dict.fromkeys(name for row in rows for name in row["values"] if not name.startswith(TIMING)))
    if not names:
        return None
    listed = ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
    return (
        f"No run of the sweep has a metric, so its table compares none. Values that its runs computed: {listed}. "
        "In the cell, --metrics NAME or bioml.log makes one a metric."
    )
