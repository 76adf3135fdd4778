"""The end of a cell: everything that can be said of it, as one ``finished`` entry."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..canonical import jsonable
from ..records.facts import DATA, INHERITED, NAMED_DATA, CaptureGap, DataUse
from ..records.wire import to_dict
from .active import ActiveRun, OpenCell
from .find import find
from .findings import Findings, seeds_of
from .models_before import model_named
from .outcome import Outcome, failure_of, status_of
from .ran import what_ran
from .recorder import Recorder
from .results.cell import CellEnd, CellResults
from .usage import MAXRSS_UNIT, used
from .user_runs import link_user_run


@dataclass(eq=False, repr=False)
class Ended:
    """An ended run, for its card."""

    run: ActiveRun
    finished: dict[str, Any]
    findings: Findings
    results: CellResults
    inherited: list[DataUse]
    """Data that earlier cells of the session read and this one did not."""
    inherited_gaps: list[CaptureGap]
    """What they read unseen."""
    previous: dict[str, float] | None
    """Metrics of the last run of the session that was the same one; None: there was none."""


def cell_ended(recorder: Recorder, outcome: Outcome) -> Ended | None:
    """Append ``finished``; returns what the card shows, None for cells that are not runs."""
    from .tainting import note_cell

    cell = recorder.open
    if cell is None:
        return None
    duration, at = time.perf_counter() - cell.clock, time.time()
    recorder.owners.cell_ended()
    if recorder.probes is not None and (probes := recorder.probes.finish()):
        recorder.segment.append(probes)
    completed = what_ran(recorder, cell, outcome)
    run = cell.run
    entry = _entry(recorder, cell, outcome, at, duration)
    opened = entry.get("data", ())
    findings, results = Findings(), CellResults()
    if run.mark != "cell":
        findings = _findings(recorder, cell, completed=completed)
        entry.update(params=findings.params, values=jsonable(findings.values))
        if findings.defaults:
            entry["defaults"] = findings.defaults
        _named_data(recorder, cell, entry)
        _keep_predictions(recorder, cell)
        if findings.models or findings.model is not None:
            from .model_entry import announce_model, made_models  # once a cell has a model

            made_models(recorder, findings, recorder.shell.user_ns, run.part_of or run.record_id)
        _models_read(recorder, cell, opened)
        if findings.model is not None:
            announce_model(recorder, cell, findings, entry)
        results = _results(recorder, cell, findings, outcome.execution_count, completed=completed)
        entry["values"] |= jsonable(results.values)
        cell.gaps += results.gaps
        if run.buffer is not None:
            run.buffer.close()
        link_user_run(run)
    else:
        _models_read(recorder, cell, opened)
        _later_scores(recorder, cell, outcome.execution_count)
    _models_written(recorder, cell, opened)
    taint = note_cell(recorder, cell, outcome.execution_count)
    entry["gaps"] = [to_dict(gap) for gap in [*cell.gaps, *findings.gaps]]
    run.append_all([*results.entries, *taint, entry])
    run.ended = True
    recorder.open = None
    if cell.inner is not None:
        cell.inner.hide()
    recorder.memory.learn(cell.code, cell.request.tags, recorder.shell.user_ns, findings.settings)
    inherited = _inherit(recorder, entry.get("data", ()))
    unseen = _inherit_gaps(recorder, cell.gaps)
    if run.mark == "cell":
        return None
    run.metrics = {**results.metrics, **run.logged}
    recorder.ended.append(run)
    previous = recorder.latest.get(run.same)
    if run.metrics:
        recorder.latest[run.same] = run.metrics
    if findings.model is not None and findings.model_named:
        recorder.run_later()
    return Ended(run, entry, findings, results, inherited, unseen, previous)


def _inherit(recorder: Recorder, uses: Iterable[dict[str, Any]]) -> list[DataUse]:
    """What earlier cells read and this one did not; what this one read is inherited by the next."""
    own = {use.get("path") or use["name"]: use for use in uses}
    inherited = [use for key, use in recorder.read_before.items() if key not in own]
    for key, use in own.items():
        if use["role"] != "written":
            recorder.read_before[key] = DataUse(use["name"], "read", use.get("kind", "file"), inherited=True)
    return inherited


def _inherit_gaps(recorder: Recorder, gaps: list[CaptureGap]) -> list[CaptureGap]:
    """What earlier cells read unseen; what this one read so is inherited by the next."""
    own = dict.fromkeys(gap for gap in gaps if gap.part in INHERITED)
    inherited = [gap for gap in recorder.unseen_before if gap not in own]
    recorder.unseen_before |= own
    return inherited


def _entry(recorder: Recorder, cell: OpenCell, outcome: Outcome, at: float, duration: float) -> dict[str, Any]:
    status, cause = status_of(outcome)
    entry: dict[str, Any] = {
        "t": "finished",
        "run": cell.run.record_id,
        "at": at,
        "status": status,
        "duration": duration,
        "execution_count": outcome.execution_count,
        "pending": [],
    }
    if cause:
        entry["cause"] = cause
    _usage(cell, entry)
    if outcome.error is not None:
        entry["failure"] = failure_of(outcome.error)
    try:
        entry["data"] = [to_dict(use) for use in recorder.files.finish()]
        cell.gaps += recorder.files.gaps() + recorder.asked.gaps()
    except Exception as error:
        cell.gaps.append(CaptureGap(DATA, f"{type(error).__name__}: {error}"))
    modules, gaps = recorder.modules.finish(cell.run.started)
    cell.gaps += gaps
    if cell.run.mark != "cell":
        entry["modules"] = modules
    return entry


def _usage(cell: OpenCell, entry: dict[str, Any]) -> None:
    cpu, maxrss = used()
    entry["cpu"] = cpu - cell.cpu
    if maxrss > cell.maxrss:
        entry["peak_rss"] = maxrss * MAXRSS_UNIT


def _findings(recorder: Recorder, cell: OpenCell, *, completed: bool) -> Findings:
    chosen, namespace = cell.options, recorder.shell.user_ns
    seeds = {**recorder.memory.seeds, **seeds_of(cell.code, namespace)}
    try:
        found = find(
            cell.code,
            namespace,
            cell.given,
            seeds,
            names=chosen.params,
            model=chosen.model if completed else None,
            before=cell.before,
        )
        if cell.kept_by_children:
            from .fitted import NOT_HELD

            found.gaps = [gap for gap in found.gaps if gap.reason != NOT_HELD]
        return found
    except Exception as error:
        return Findings(gaps=[CaptureGap("parameters", f"{type(error).__name__}: {error}")])


def _results(
    recorder: Recorder, cell: OpenCell, findings: Findings, count: int | None, *, completed: bool
) -> CellResults:
    """The scores of a marked cell, which are its run's, and the values beside them."""
    namespace = recorder.shell.user_ns
    chosen = cell.options
    try:
        made = {name: model_named(name, namespace) for name in findings.models}
        named = chosen.metrics if completed and chosen.metrics else ()
        settings = (*chosen.params, *findings.params, *cell.code.clocks)
        end = CellEnd(cell.code, namespace, made, named, settings, cell.run.logged, findings.settings, count)
        return recorder.scores.run_ended(end, cell.run.record_id)
    except Exception as error:
        return CellResults(gaps=[CaptureGap("scores", f"{type(error).__name__}: {error}")])


def _models_read(recorder: Recorder, cell: OpenCell, opened: Sequence[dict[str, Any]]) -> None:
    """What the cell loaded from files with models of runs."""
    _model_files(recorder.model_files.read, recorder, cell, opened)


def _models_written(recorder: Recorder, cell: OpenCell, opened: Sequence[dict[str, Any]]) -> None:
    """The files that hold a run's model from now on, and those that hold none any more."""
    _model_files(recorder.model_files.written, recorder, cell, opened)


def _model_files(
    look: Callable[..., None], recorder: Recorder, cell: OpenCell, opened: Sequence[dict[str, Any]]
) -> None:
    if not opened:
        return
    try:
        look(cell.code, recorder.shell.user_ns, opened)
    except Exception as error:
        cell.gaps.append(CaptureGap("model", f"{type(error).__name__}: {error}"))


def _later_scores(recorder: Recorder, cell: OpenCell, count: int | None) -> None:
    """The scores of an ordinary cell, which belong to the runs of the models scored."""
    namespace = recorder.shell.user_ns
    try:
        for fit in cell.code.fits:
            recorder.models.forget(namespace.get(fit.receiver or ""))
        recorder.scores.cell_ended(CellEnd(cell.code, namespace, count=count), cell.run.record_id)
    except Exception as error:
        cell.gaps.append(CaptureGap("scores", f"{type(error).__name__}: {error}"))


# -- data named by --data ----------------------------------------------------------------------------


def _named_data(recorder: Recorder, cell: OpenCell, entry: dict[str, Any]) -> None:
    """Digests of values (at the start and, if changed, at the end), and files and folders by path."""
    if not cell.options.data:
        return
    from .values.digest import value_digest

    uses = entry.setdefault("data", [])
    namespace = recorder.shell.user_ns
    for name in cell.options.data:
        path = Path(name).expanduser()
        if name in namespace:
            before, after = cell.digests.get(name), value_digest(namespace[name])
            if before is None and after is None:
                cell.gaps.append(CaptureGap(NAMED_DATA, f"{name} ({type(namespace[name]).__name__}) has no digest"))
            else:
                uses.append(to_dict(_value_use(name, before, after)))
        elif path.exists():
            _named_path(recorder, path, uses)
        else:
            cell.gaps.append(CaptureGap(NAMED_DATA, f"{name} is neither a name of this session nor a file"))


def _value_use(name: str, before: Any, after: Any) -> DataUse:
    first = before or after
    changed = before is not None and after is not None and after.digest != before.digest
    return DataUse(
        name=name,
        role="read" if before is not None else "written",
        kind="value",
        digest=first.digest,
        digest_after=after.digest if changed else None,
        rows=first.rows,
        columns=first.columns,
        named=True,
    )


def _named_path(recorder: Recorder, path: Path, uses: list[dict[str, Any]]) -> None:
    absolute = path.resolve()
    for use in uses:
        if use.get("path") == str(absolute):
            use["named"] = True
            return
    stat = absolute.stat()
    named = DataUse(
        name=recorder.project.relative(absolute),
        role="read",
        kind="directory" if absolute.is_dir() else "file",
        path=str(absolute),
        size=None if absolute.is_dir() else stat.st_size,
        mtime_ns=stat.st_mtime_ns,
        inode=stat.st_ino,
        named=True,
    )
    uses.append(to_dict(named))


def _keep_predictions(recorder: Recorder, cell: OpenCell) -> None:
    if not cell.options.predictions:
        return
    from .predictions import keep_frame

    for name in cell.options.predictions:
        try:
            entry = keep_frame(name, recorder.shell.user_ns[name], recorder.blobs)
        except KeyError:
            cell.gaps.append(CaptureGap("predictions", f"{name} is not bound at the end of the cell"))
        except Exception as error:
            cell.gaps.append(CaptureGap("predictions", f"{name}: {type(error).__name__}: {error}"))
        else:
            cell.run.append({"t": "predictions", "run": cell.run.record_id, "at": time.time(), **entry})
