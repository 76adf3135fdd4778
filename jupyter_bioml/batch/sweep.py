"""A sweep in the journal: one parent run for all its tasks, and at its end one table of them."""

from __future__ import annotations

import csv
import html
import io
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..canonical import jsonable
from ..capture.session import header, new_session_id
from ..config import destination, find_project, load_settings
from ..errors import JournalError, Refused
from ..git.state import GitState
from ..headless.results import INTERRUPTED, NOT_RUN, NotebookResult
from ..journal.blobs import Blobs
from ..journal.liveness import kernel_segment
from ..journal.log import Segment
from ..journal.sessions import SessionLog
from ..records.run import FAILED, FINISHED, KILLED
from ..redact import redact, redact_value
from ..text.present import format_number, printable
from .state import Sweep
from .tasks import Task

#: In the environment of a task's kernel: the sweep its runs belong to, as ``<session>/<record id>``.
SWEEP_VARIABLE = "BIOML_SWEEP"
MARK = "sweep"
#: Names of the table in the parent run's artifacts.
TABLE_CSV, TABLE_HTML = "sweep.csv", "sweep.html"


class SweepRun:
    """The parent run while its tasks run: the writing end of its session."""

    def __init__(self, segment: Segment, sweep: Sweep) -> None:
        self._segment = segment
        self.sweep = sweep
        self._started = time.time()

    @classmethod
    def begin(cls, notebooks: Sequence[Path], varied: Sequence[str], values: Mapping[str, Any], count: int) -> SweepRun:
        """Write the beginning of a parent run into the journal of the first notebook's project.

        :param varied: the names whose values differ from task to task.
        :param values: what the run's parameters are.
        :param count: how many tasks there are.
        """
        first = notebooks[0]
        project = find_project(first.parent)
        session, record_id = new_session_id(), os.urandom(16).hex()
        segment = Segment(kernel_segment(project.journal, session))
        notebook = project.relative(first) if len(notebooks) == 1 else None
        entry = header(session, project, destination(project), load_settings(project.root))
        segment.append({**entry, "notebook": notebook, "path_source": None, "engine": "batch"})
        sweep = Sweep(session, record_id, str(project.root), str(project.home), tuple(varied))
        one = cls(segment, sweep)
        name = f"sweep of {first.stem}" if len(notebooks) == 1 else f"sweep of {len(notebooks)} notebooks"
        code = {"source": "", "notebook": notebook, "path_source": None}
        one._append(
            t="started", seq=1, mark=MARK, name=redact(name), code=code, git=GitState(project.root).read(), tags={}
        )
        one._append(t="params", p=redact_value(jsonable({**values, "tasks": count})))
        return one

    @classmethod
    def resume(cls, sweep: Sweep) -> SweepRun:
        """Go on with the parent run of a batch that is resumed.

        :raises Refused: another process writes it.
        """
        try:
            return cls(Segment(kernel_segment(Path(sweep.home) / "journal", sweep.session)), sweep)
        except (JournalError, OSError) as error:
            raise Refused(f"The sweep's run cannot be written: {error}") from None

    def _append(self, **entry: Any) -> None:
        self._segment.append({"at": time.time(), "run": self.sweep.record_id, **entry})

    def end(self, rows: Sequence[Row], results: Sequence[NotebookResult]) -> None:
        """Write the table and the end, and let go of the session."""
        blobs = Blobs(Path(self.sweep.home) / "blobs")
        names = columns(rows, self.sweep.varied)
        for path, text in ((TABLE_CSV, table_csv(rows, names)), (TABLE_HTML, table_html(rows, names))):
            data = text.encode("utf-8", "backslashreplace")
            self._append(t="artifact", path=path, blob=blobs.put(data), size=len(data))
        passed = sum(result.passed for result in results)
        stopped = any(result.status in (INTERRUPTED, NOT_RUN) for result in results)
        left = len(results) - passed
        self._append(
            t="finished",
            status=KILLED if stopped else FINISHED if not left else FAILED,
            cause=f"{left} of {len(results)} did not pass" if left else None,
            duration=time.time() - self._started,
            params={},
            metrics={"tasks.passed": float(passed), "tasks.not_passed": float(left)},
            values={},
        )
        self._segment.append({"t": "closed", "at": time.time()})
        self.close()

    def close(self) -> None:
        self._segment.close()


# -- the table -------------------------------------------------------------------------------------

#: One task: its notebook, parameters, result, and the metrics of its runs by name.
Row = Mapping[str, Any]


def row_of(task: Task, result: NotebookResult) -> Row:
    """A task's line of the table. Of a metric that several of its runs have, the last one's value counts."""
    return {
        "task": task.id,
        "notebook": task.job.path,
        "status": result.status,
        "duration": result.duration,
        "attempt": result.attempt,
        "parameters": dict(task.job.parameters),
        "metrics": metrics_of(result),
        "records": list(result.records),
    }


def metrics_of(result: NotebookResult) -> dict[str, float]:
    """The last value of every metric that the runs of a notebook logged."""
    if not result.records or result.home is None or result.session is None:
        return {}
    log = SessionLog(kernel_segment(Path(result.home) / "journal", result.session))
    log.refresh()
    found: dict[str, float] = {}
    for identity in log.fold.order:
        if log.fold.brief(identity, dead=True).mark != "cell":
            found.update(log.fold.record(identity, dead=True, alone=True).latest())
    return found


def columns(rows: Sequence[Row], varied: Sequence[str]) -> list[tuple[str, str]]:
    """The columns of the table: (kind, name); kind ``parameter`` or ``metric``, else a field of its row."""
    metrics = dict.fromkeys(name for row in rows for name in row["metrics"])
    several = len({row["notebook"] for row in rows}) > 1
    return [
        ("field", "task"),
        *([("field", "notebook")] if several else []),
        *(("parameter", name) for name in varied),
        *(("metric", name) for name in metrics),
        ("field", "status"),
        ("field", "duration"),
    ]


def cell(row: Row, column: tuple[str, str]) -> Any:
    """The value of a column; None where the row has none."""
    kind, name = column
    if kind == "field":
        return row[name]
    return row["parameters" if kind == "parameter" else "metrics"].get(name)


def table_csv(rows: Sequence[Row], names: Sequence[tuple[str, str]]) -> str:
    """The table as CSV: figures with all their digits, empty where there is none."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([name for _, name in names])
    for row in rows:
        writer.writerow(["" if (value := cell(row, name)) is None else _exact(value) for name in names])
    return out.getvalue()


def _exact(value: Any) -> str:
    text = repr(value) if isinstance(value, float) else str(value)
    # a spreadsheet would compute what begins like this
    return f"'{text}" if isinstance(value, str) and text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


_STYLE = (
    ":root{color-scheme:light dark}body{font:14px/1.5 system-ui,sans-serif;margin:2rem}"
    "table{border-collapse:collapse}th,td{padding:.25rem .75rem;border-bottom:1px solid #8884;text-align:left}"
    "td.n{text-align:right;font-variant-numeric:tabular-nums}"
)


def table_html(rows: Sequence[Row], names: Sequence[tuple[str, str]]) -> str:
    """The table as a page of its own."""
    lines = ["<!doctype html><html lang='en'><head><meta charset='utf-8'><title>Sweep</title>"]
    lines += [f"<style>{_STYLE}</style></head><body>", html_table(rows, names), "</body></html>"]
    return "\n".join(lines) + "\n"


def html_table(rows: Sequence[Row], names: Sequence[tuple[str, str]]) -> str:
    """The table alone."""
    heads = "".join(f"<th scope='col'>{_text(name)}</th>" for _, name in names)
    lines = [f"<table><thead><tr>{heads}</tr></thead><tbody>"]
    lines += ["<tr>" + "".join(_html_cell(cell(row, name)) for name in names) + "</tr>" for row in rows]
    return "\n".join([*lines, "</tbody></table>"])


def _html_cell(value: Any) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"<td class='n' title='{html.escape(repr(value))}'>{html.escape(format_number(value))}</td>"
    return f"<td>{'–' if value is None else _text(value)}</td>"


def _text(value: Any) -> str:
    return html.escape(printable(str(value)))
