"""The workbench's lists and reports as lines of text, the same in a terminal, a log and a magic's output.

Differences before sameness, figures right with four significant digits, units always, relative times; an
empty list says what to do. No colour here: a sign and a word say everything, a terminal may tint the sign.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..records.card import SIGNS, state_word
from ..records.run import RUNNING
from ..store.load_code import load_code
from ..text.present import counted, format_ago, format_duration, format_number, printable, short_id
from ..text.table import Column, table

if TYPE_CHECKING:
    from ..answers import Status
    from ..config import Destination
    from ..doctor.check import Diagnosis
    from ..doctor.enable import Switched
    from ..journal.elsewhere import Elsewhere, WaitingRun
    from ..promote.models import Models
    from ..promote.register import Registered
    from ..publish.sending import PublishReport, Sent
    from ..runs.row import RunList, RunRow

#: Metrics that get a column of their own in the list of runs, and the lines shown where no limit was given.
METRIC_COLUMNS = 3
RUNS_SHOWN = 40


def run_list(runs: RunList, width: int) -> Iterator[str]:
    """The list of runs, and below it what was left out and why."""
    rows = runs.rows
    if rows:
        yield from _run_table(rows, width)
    elif not runs.archived:
        yield "No runs yet. Mark a cell with %%experiment NAME (after %load_ext jupyter_bioml) and run it,"
        yield "or run a notebook headlessly: bioml run NOTEBOOK.ipynb"
    if runs.archived:
        yield f"{runs.archived:,} archived {'is' if runs.archived == 1 else 'are'} left out: --archived"
    if runs.total > len(rows):
        yield f"… and {runs.total - len(rows):,} older: --limit {runs.total}"
    if runs.down:
        known = "" if runs.as_of is None else f", and those that MLflow had {format_ago(runs.as_of)}"
        yield f"⚠ MLflow does not answer, so these are the journal's runs{known}: {printable(runs.down)}"
    elif runs.waiting:
        yield f"{runs.waiting:,} {'is' if runs.waiting == 1 else 'are'} not in MLflow yet: bioml publish --wait"
    if runs.as_of is not None and not runs.down:
        yield f"MLflow was asked for the newest runs; the others are listed as it had them {format_ago(runs.as_of)}."
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
    state = f"{SIGNS[row.state]} {state_word(row.state, interrupted=row.interrupted)}"
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


def registered(made: Registered, target: Destination) -> Iterator[str]:
    """The registered version, and how to load it from the registry at ``target``."""
    alias = "".join(f" @{name}" for name in made.aliases)
    yield f"✓ {printable(made.name)} v{made.version}{alias}   from run {short_id(made.record_id)}"
    if made.format:
        yield f"  stored as {printable(made.format)}"
    yield "  load it with:"
    yield from (f"    {line}".rstrip() for line in load_code(made.uri, target).splitlines())


def status_lines(status: Status) -> Iterator[str]:
    """The project, its destination, and waiting runs."""
    yield f"project      {printable(str(status.project))}"
    yield f"journal      {printable(str(status.home))}" + (
        f" ({printable(status.fallback)})" if status.fallback else ""
    )
    if status.disk:
        yield f"⚠ {printable(status.disk)}"
    yield f"destination  {printable(status.destination)}" + (" (the project's own)" if status.embedded else "")
    yield f"tracked now  {counted(status.sessions, 'kernel')}"
    if status.down:
        yield f"⚠ MLflow did not answer: {printable(status.down)} Runs are kept in the journal until it does."
    yield f"waiting      {len(status.waiting):,}" + (": bioml publish --wait" if status.waiting else "")
    yield from _waiting(status.waiting)
    for place in status.elsewhere:
        yield f"elsewhere    {place.runs:,} ({len(place.waiting):,} waiting)"
        yield f"{'⚠' if place.waiting else '✓'} {printable(place.text)}"
        yield from _waiting(place.waiting)
    for problem in status.problems:
        yield f"⚠ {printable(problem)}"


def published(report: PublishReport, uri: str, waited: bool, elsewhere: Sequence[Elsewhere] = ()) -> Iterator[str]:
    """The runs sent, the publisher's notes, the runs still waiting, and those that wait for another place."""
    if report.waiting and not waited:
        yield f"◐ a publisher was started for {len(report.waiting):,} that wait for {printable(uri)}"
    else:
        yield from _sent(report, uri)
    for place in elsewhere:
        if place.waiting:
            yield f"⚠ {printable(place.text)}"


def published_elsewhere(sent: Sequence[Sent], left: Sequence[Elsewhere]) -> Iterator[str]:
    """What was sent to other destinations, and what still waits for them."""
    for one in sent:
        yield from _sent(one.report, one.destination)
    if not sent:
        yield "✓ nothing waits for another destination"
    for place in left:
        if place.waiting and not place.destination:
            yield f"⚠ {printable(place.text)}"


def _sent(report: PublishReport, uri: str) -> Iterator[str]:
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
