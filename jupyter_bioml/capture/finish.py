"""The end of a cell: everything that can be said of it, as one ``finished`` entry."""

from __future__ import annotations

import resource
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from ..canonical import jsonable
from ..journal.blobs import TooLarge
from ..records.facts import FAILED, FINISHED, KILLED, CaptureGap, DataUse
from ..records.wire import to_dict
from ..redact import redact
from . import models
from .active import ActiveRun
from .findings import Findings, find, seeds_of
from .recorder import MAXRSS_UNIT, OpenCell, Recorder, cpu_seconds, kernel_rss
from .user_runs import link_user_run

#: Characters of a traceback and of a message that are kept.
TRACEBACK_LIMIT = 20000


@dataclass(eq=False, repr=False)
class Outcome:
    """How the cell ended: its exception (None: it did not raise), or that it was interrupted."""

    error: BaseException | None = None
    interrupted: bool = False
    execution_count: int | None = None


@dataclass(eq=False, repr=False)
class Ended:
    """An ended run, for its card."""

    run: ActiveRun
    finished: dict[str, Any]
    findings: Findings


def cell_ended(recorder: Recorder, outcome: Outcome) -> Ended | None:
    """Append ``finished``; returns what the card shows, None for cells that are no runs."""
    cell = recorder.open
    if cell is None:
        return None
    duration, at = time.perf_counter() - cell.clock, time.time()
    recorder.owners.cell_ended()
    run = cell.run
    entry = _entry(recorder, cell, outcome, at, duration)
    findings = Findings()
    if run.mark != "cell":
        findings = _findings(recorder, cell)
        entry.update(params=findings.params, metrics=findings.metrics, values=jsonable(findings.values))
        _named_data(recorder, cell, entry)
        _keep_predictions(recorder, cell)
        _announce_model(recorder, cell, findings, entry)
        if run.buffer is not None:
            run.buffer.close()
        link_user_run(run)
    entry["gaps"] = [to_dict(gap) for gap in [*cell.gaps, *findings.gaps]]
    run.append(entry)
    run.ended = True
    recorder.open = None
    recorder.memory.learn(cell.code, cell.request.tags, recorder.shell.user_ns)
    if run.mark == "cell":
        return None
    run.metrics = {**findings.metrics, **run.logged}
    recorder.ended.append(run)
    if findings.model is not None and findings.model_named:
        recorder.run_later()
    return Ended(run, entry, findings)


def _entry(recorder: Recorder, cell: OpenCell, outcome: Outcome, at: float, duration: float) -> dict[str, Any]:
    status, cause = _status(outcome)
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


def _status(outcome: Outcome) -> tuple[str, str | None]:
    if outcome.interrupted or isinstance(outcome.error, KeyboardInterrupt):
        return KILLED, "interrupted"
    if isinstance(outcome.error, SystemExit):
        if outcome.error.code in (None, 0):
            return FINISHED, "sys.exit"
        return FAILED, f"sys.exit({str(outcome.error.code)[:100]})"
    return (FAILED, None) if outcome.error is not None else (FINISHED, None)


def _usage(cell: OpenCell, entry: dict[str, Any]) -> None:
    entry["cpu"] = cpu_seconds() - cell.cpu
    maxrss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if maxrss > cell.maxrss:
        entry["peak_rss"] = maxrss * MAXRSS_UNIT
    elif (rss := kernel_rss()) is not None:
        entry["rss"] = rss


def failure_of(error: BaseException) -> dict[str, str]:
    """The fields of ``records.run.Failure``: bounded, secrets masked."""
    try:
        text = "".join(traceback.format_exception(type(error), error, _user_part(error.__traceback__)))
    except Exception:
        text = type(error).__name__
    if len(text) > TRACEBACK_LIMIT:
        half = TRACEBACK_LIMIT // 2
        text = f"{text[:half]}\n… cut at {TRACEBACK_LIMIT} characters …\n{text[-half:]}"
    try:
        message = str(error)
    except Exception:
        message = ""
    return {"kind": type(error).__name__, "message": redact(message)[:2000], "traceback": redact(text)}


def _user_part(trace: TracebackType | None) -> TracebackType | None:
    """The traceback from the cell's own frame on: IPython's frames tell the reader nothing."""
    while trace is not None and "IPython" in trace.tb_frame.f_code.co_filename and trace.tb_next is not None:
        trace = trace.tb_next
    return trace


def _findings(recorder: Recorder, cell: OpenCell) -> Findings:
    chosen, namespace = cell.options, recorder.shell.user_ns
    seeds = {**recorder.memory.seeds, **seeds_of(cell.code, namespace)}
    try:
        return find(
            cell.code,
            namespace,
            cell.given,
            seeds,
            names=chosen.params,
            compared=chosen.metrics,
            model=chosen.model,
        )
    except Exception as error:
        return Findings(gaps=[CaptureGap("parameters and metrics", f"{type(error).__name__}: {error}")])


# -- data named by --data ----------------------------------------------------------------------------


def _named_data(recorder: Recorder, cell: OpenCell, entry: dict[str, Any]) -> None:
    """Digests of values (at the start and, if changed, at the end), and files and folders by path."""
    if not cell.options.data:
        return
    from .values import value_digest

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


# -- the model ---------------------------------------------------------------------------------------


def _announce_model(recorder: Recorder, cell: OpenCell, findings: Findings, entry: dict[str, Any]) -> None:
    """Leave the model for after the reply; one that was asked for is serialised right after ``finished``."""
    name = findings.model
    if name is None:
        return
    namespace = dict(recorder.shell.user_ns)
    value = namespace[name]
    recorder.models[id(value)] = cell.run.part_of or cell.run.record_id
    table = models.candidates_table(value)
    if table is not None:
        _keep_table(recorder, cell, name, table)
    entry["pending"] = ["model"]
    recorder.later.append(lambda: model_entry(recorder, cell.run, findings, name, value, namespace))


def _keep_table(recorder: Recorder, cell: OpenCell, name: str, table: bytes) -> None:
    path = f"{name}.candidates.csv"
    try:
        blob = recorder.blobs.put(table)
    except OSError as error:
        cell.gaps.append(CaptureGap("artifact", f"{path}: {error.strerror or error}"))
        return
    entry = {"path": path, "blob": blob, "size": len(table)}
    cell.run.append({"t": "artifact", "run": cell.run.record_id, "at": time.time(), **entry})


def model_entry(
    recorder: Recorder, run: ActiveRun, findings: Findings, name: str, value: Any, namespace: dict[str, Any]
) -> None:
    """Serialise ``value`` and append the ``model`` entry; a failure is a gap and ends the waiting too."""
    model: dict[str, Any] | None = None
    try:
        limit = recorder.settings.model_limit_mb << 20
        blob, size = models.serialise(value, recorder.blobs, limit, recorder.modules.project_modules())
        sample, source = _input_example(recorder, findings, value, namespace)
        model = {
            "name": name,
            "class_name": f"{type(value).__module__}.{type(value).__qualname__}",
            "blob": blob,
            "size": size,
            "flavor": models.flavor(value),
            "sample_blob": sample,
            "sample_source": source,
            "named": findings.model_named,
        }
    except TooLarge:
        run.gap("model", f"{name} is larger than model_limit_mb = {recorder.settings.model_limit_mb}")
    except BaseException as error:
        run.gap("model", f"{name} could not be serialised: {type(error).__name__}: {error}")
    run.append({"t": "model", "run": run.record_id, "at": time.time(), "model": model})


def _input_example(
    recorder: Recorder, findings: Findings, value: Any, namespace: dict[str, Any]
) -> tuple[str | None, str]:
    """(blob, where it came from) of a few input rows, or (None, why there are none)."""
    name = findings.fit.data if findings.fit is not None else None
    if name is None or name not in namespace:
        features = getattr(value, "feature_names_in_", None)
        if features is not None:
            return None, f"no rows: only the names of {len(features)} features are known"
        return None, "no plain name was passed to .fit(…) in the cell"
    try:
        example = models.input_example(namespace[name])
        blob, _ = models.serialise(example, recorder.blobs, 16 << 20, ())
    except Exception as error:
        return None, f"{name}: {type(error).__name__}: {error}"
    return blob, f"first rows of {name}"
