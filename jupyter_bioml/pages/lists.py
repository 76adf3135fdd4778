"""The workbench's lists and reports as lines of text, the same in a terminal, a log and a magic's output.

Differences before sameness, figures right with four significant digits, units always, relative times; an
empty list says what to do. No colour here: a sign and a word say everything, a terminal may tint the sign.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..records.card import SIGNS, WORDS
from ..records.run import RUNNING
from ..text.present import counted, format_ago, format_duration, format_number, printable, short_id
from ..text.table import Column, table

if TYPE_CHECKING:
    from ..answers import Status
    from ..doctor.check import Diagnosis
    from ..doctor.enable import Switched
    from ..promote.models import Models
    from ..promote.register import Registered
    from ..publish.publisher import PublishReport
    from ..publish.scan import WaitingRun
    from ..runs.row import RunList, RunRow

#: Metrics that get a column of their own in the list of runs, and the lines shown where no limit was given.
METRIC_COLUMNS = 3
RUNS_SHOWN = 40


def run_list(runs: RunList, width: int, most: int | None = None) -> Iterator[str]:
    """The list of runs, and below it what was left out and why.

    :param most: lines shown at most; None: all.
    """
    rows = runs.rows[:most]
    if rows:
        yield from _run_table(rows, width)
    elif not runs.archived:
        yield "No runs yet. Mark a cell with %%experiment NAME (after %load_ext jupyter_bioml) and run it,"
        yield "or run a notebook headlessly: bioml run NOTEBOOK.ipynb"
    if runs.archived:
        yield f"{runs.archived:,} archived {'is' if runs.archived == 1 else 'are'} left out: --archived"
    if runs.total > len(rows):
        yield f"… and {runs.total - len(rows):,} older: --limit {runs.total}"
    waiting = sum(not row.published for row in runs.rows if row.state != RUNNING)
    if runs.down:
        yield f"⚠ MLflow does not answer, so these are the journal's runs: {printable(runs.down)}"
    elif waiting:
        yield f"{waiting:,} {'is' if waiting == 1 else 'are'} not in MLflow yet: bioml publish --wait"
    for problem in runs.problems:
        yield f"⚠ {printable(problem)}"


def _run_table(rows: Sequence[RunRow], width: int) -> list[str]:
    count = Counter(key for row in rows for key in row.metrics if not key.startswith(("timing.", "system/")))
    keys = [key for key, _ in count.most_common(METRIC_COLUMNS)]
    heads = [
        Column("  state"),
        Column("run"),
        Column("name", least=12),
        Column("reproduces"),
        *(Column(printable(key), right=True, least=10) for key in keys),
        Column("verdict", least=8),
        Column("started"),
        Column("took", right=True),
        Column("notebook", least=12),
    ]
    return table(heads, [_run_cells(row, keys) for row in rows], width)


def _run_cells(row: RunRow, keys: Sequence[str]) -> list[str]:
    state = f"{SIGNS[row.state]} {WORDS[row.state]}"
    if not row.published and row.state != RUNNING:
        state += ", waits"
    below = f" (+ {counted(row.children, 'run')})" if row.children else ""
    return [
        state,
        row.record_id[:8],
        f"{'★ ' * row.starred}{row.name}{' (archived)' * row.archived}{below}",
        (row.reproduces or "")[:8],
        *(format_number(row.metrics[key]) if key in row.metrics else "" for key in keys),
        row.verdict or "",
        format_ago(row.started),
        _took(row),
        row.notebook or "",
    ]


def _took(row: RunRow) -> str:
    """Its duration, or for how long it has been running."""
    if row.state == RUNNING and row.started is not None:
        return f"{format_duration(max(0.0, time.time() - row.started))} so far"
    return "" if row.duration is None else format_duration(row.duration)


def model_list(models: Models, width: int) -> Iterator[str]:
    """The registered versions, newest first."""
    if not models.versions:
        yield "No registered models yet. Register one from a run: bioml register RUN NAME"
        return
    heads = [
        Column("model", least=16),
        Column("version", right=True),
        Column("alias", least=8),
        Column("run"),
        Column("registered"),
        Column("description", least=16),
    ]
    rows = [
        [
            version.name,
            f"v{version.version}",
            ", ".join(version.aliases),
            (version.record_id or version.run_id or "")[:8],
            format_ago(version.created),
            version.description,
        ]
        for version in models.versions
    ]
    yield from table(heads, rows, width)


def registered(made: Registered) -> Iterator[str]:
    """The registered version, and how to load it."""
    alias = "".join(f" @{name}" for name in made.aliases)
    yield f"✓ {printable(made.name)} v{made.version}{alias}   from run {short_id(made.record_id)}"
    if made.format:
        yield f"  stored as {printable(made.format)}"
    yield f'  load it with: mlflow.pyfunc.load_model("{printable(made.uri)}")'


def status_lines(status: Status) -> Iterator[str]:
    """The project, its destination, and waiting runs."""
    yield f"project      {printable(str(status.project))}"
    yield f"journal      {printable(str(status.home))}" + (
        f" ({printable(status.fallback)})" if status.fallback else ""
    )
    yield f"destination  {printable(status.destination)}" + (" (the project's own)" if status.embedded else "")
    yield f"tracked now  {counted(status.sessions, 'kernel')}"
    if status.down:
        yield f"⚠ MLflow did not answer: {printable(status.down)} Runs are kept in the journal until it does."
    yield f"waiting      {len(status.waiting):,}" + (": bioml publish --wait" if status.waiting else "")
    yield from _waiting(status.waiting)


def published(report: PublishReport, uri: str, waited: bool) -> Iterator[str]:
    """The runs sent, the publisher's notes, and the runs still waiting."""
    if report.waiting and not waited:
        yield f"◐ a publisher was started for {len(report.waiting):,} that wait for {printable(uri)}"
        return
    for line in report.said:
        yield f"⚠ {printable(line)}"
    sent = f"{counted(report.published, 'run')} sent to {printable(uri)}"
    if not report.waiting:
        yield f"✓ {sent}; nothing waits" if report.published else f"✓ nothing waits for {printable(uri)}"
        return
    yield f"⚠ {sent}; {len(report.waiting):,} wait in the journal:"
    yield from _waiting(report.waiting)


def _waiting(runs: Sequence[WaitingRun]) -> Iterator[str]:
    for run in runs[:10]:
        identity = short_id(run.record_id) if run.record_id else "journal"
        yield f"  {identity}  {printable(run.name) or '(no name)'}: {printable(run.reason)}"
    if len(runs) > 10:
        yield f"  … and {len(runs) - 10:,} more"


def diagnosis(found: Diagnosis) -> Iterator[str]:
    """Every check with its sign, and with the fix under each problem."""
    signs = {"ok": "✓", "warn": "⚠", "fail": "✗"}
    widest = max(len(check.name) for check in found.checks)
    for check in found.checks:
        yield f"{signs[check.state]} {check.name.ljust(widest)}  {printable(check.detail)}"
        if check.fix:
            yield f"  {' ' * widest}  → {printable(check.fix)}"
    counts = Counter(check.state for check in found.checks)
    yield ""
    if found.ok:
        yield "Ready." if not counts["warn"] else f"Ready, with {counts['warn']} remark{'s' * (counts['warn'] > 1)}."
    else:
        yield f"{counts['fail']} to fix."


def switched(done: Switched) -> Iterator[str]:
    """The result of ``enable`` or ``disable``, and when it takes effect."""
    where = "your kernels" if done.scope == "user" else "this environment's kernels"
    if done.on:
        yield f"{'✓ on' if done.changed else '✓ was on already'} for {where}: {printable(str(done.file))}"
        yield "  Kernels that start from now on are tracked; one cell: %%experiment, all cells: %bioml auto on."
    else:
        yield f"{'✓ off' if done.changed else '✓ was off already'} for {where}: {printable(str(done.file))}"
    if done.still_on:
        yield f"⚠ It is still on through {printable(str(done.still_on))}."
