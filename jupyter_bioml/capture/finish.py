"""The end of a cell: everything that can be said of it, as one ``finished`` entry."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..canonical import jsonable
from ..records.facts import CaptureGap, DataUse
from ..records.wire import to_dict
from . import cellcode
from .active import ActiveRun, OpenCell
from .findings import Findings, find, seeds_of
from .model_entry import announce_model
from .outcome import Outcome, failure_of, raising_line, status_of
from .recorder import MAXRSS_UNIT, Recorder, cpu_seconds
from .user_runs import link_user_run


@dataclass(eq=False, repr=False)
class Ended:
    """An ended run, for its card."""

    run: ActiveRun
    finished: dict[str, Any]
    findings: Findings
    inherited: list[DataUse]
    """Data that earlier cells of the session read and this one did not."""


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
    if outcome.error is not None or outcome.interrupted:
        _forget_what_did_not_run(recorder, cell, outcome)
    run = cell.run
    entry = _entry(recorder, cell, outcome, at, duration)
    findings = Findings()
    if run.mark != "cell":
        findings = _findings(recorder, cell, completed=outcome.error is None and not outcome.interrupted)
        entry.update(params=findings.params, metrics=findings.metrics, values=jsonable(findings.values))
        _named_data(recorder, cell, entry)
        _keep_predictions(recorder, cell)
        announce_model(recorder, cell, findings, entry)
        if run.buffer is not None:
            run.buffer.close()
        link_user_run(run)
    note_cell(recorder, cell, outcome.execution_count)
    entry["gaps"] = [to_dict(gap) for gap in [*cell.gaps, *findings.gaps]]
    run.append(entry)
    run.ended = True
    recorder.open = None
    recorder.memory.learn(cell.code, cell.request.tags, recorder.shell.user_ns)
    inherited = _inherit(recorder, entry.get("data", ()))
    if run.mark == "cell":
        return None
    run.metrics = {**findings.metrics, **run.logged}
    recorder.ended.append(run)
    if findings.model is not None and findings.model_named:
        recorder.run_later()
    return Ended(run, entry, findings, inherited)


def _inherit(recorder: Recorder, uses: Iterable[dict[str, Any]]) -> list[DataUse]:
    """What earlier cells read and this one did not; what this one read is inherited by the next."""
    own = {use.get("path") or use["name"]: use for use in uses}
    inherited = [use for key, use in recorder.read_before.items() if key not in own]
    for key, use in own.items():
        if use["role"] != "written":
            recorder.read_before[key] = DataUse(use["name"], "read", use.get("kind", "file"), inherited=True)
    return inherited


def _forget_what_did_not_run(recorder: Recorder, cell: OpenCell, outcome: Outcome) -> None:
    """Of a cell that raised only the statements before the raising one count.

    A name that they did not bind may still hold the value of an earlier cell: that is none of this run's.
    """
    line = raising_line(outcome.error, recorder.shell.user_ns)
    done = [statement for statement in cell.body if (statement.end_lineno or 0) < line]
    cell.code = cellcode.analyse(done, recorder.shell.user_ns, recorder.memory.clocks)


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
        cell.gaps += recorder.files.gaps()
    except Exception as error:
        cell.gaps.append(CaptureGap("data", f"{type(error).__name__}: {error}"))
    modules, gaps = recorder.modules.finish(cell.run.started)
    cell.gaps += gaps
    if cell.run.mark != "cell":
        entry["modules"] = modules
    return entry


def _usage(cell: OpenCell, entry: dict[str, Any]) -> None:
    entry["cpu"] = cpu_seconds() - cell.cpu
    maxrss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if maxrss > cell.maxrss:
        entry["peak_rss"] = maxrss * MAXRSS_UNIT


def _findings(recorder: Recorder, cell: OpenCell, *, completed: bool) -> Findings:
    chosen, namespace = cell.options, recorder.shell.user_ns
    seeds = {**recorder.memory.seeds, **seeds_of(cell.code, namespace)}
    try:
        return find(
            cell.code,
            namespace,
            cell.given,
            seeds,
            names=chosen.params,
            compared=chosen.metrics if completed else None,
            model=chosen.model if completed else None,
        )
    except Exception as error:
        return Findings(gaps=[CaptureGap("parameters and metrics", f"{type(error).__name__}: {error}")])


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
                cell.gaps.append(CaptureGap("data", f"{name} ({type(namespace[name]).__name__}) has no digest"))
            else:
                uses.append(to_dict(_value_use(name, before, after)))
        elif path.exists():
            _named_path(recorder, path, uses)
        else:
            cell.gaps.append(CaptureGap("data", f"{name} is neither a name of this session nor a file"))


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
