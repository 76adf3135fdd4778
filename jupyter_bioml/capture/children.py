"""``with bioml.run("depth=3", depth=3):`` — several fits in one cell, each a run of its own under the cell's."""

from __future__ import annotations

import ast
import linecache
import os
import sys
import time
from types import FrameType, TracebackType
from typing import Any

from ..canonical import jsonable
from ..records.facts import CaptureGap
from ..records.wire import to_dict
from ..redact import redact, redact_value
from . import recorder as recording
from .active import ActiveRun
from .callees import callees
from .cellcode import CellCode, analyse, parse_cell
from .find import find
from .findings import Findings, seeds_of
from .model_entry import made_models, model_entry
from .models_before import Before, model_named, models_before
from .options import RunOptions
from .outcome import Outcome, failure_of, is_cell, status_of
from .results.cell import CellEnd, CellResults

#: Said of a run whose code cannot be read.
NO_BLOCK = (
    "the code of this run is not in a with block that can be read: its model and what it bound are not kept. "
    'Write: with bioml.run("…"): …'
)


class ChildRun:
    """The context manager behind ``bioml.run``. Outside a tracked cell it does nothing."""

    def __init__(self, name: str | None, params: dict[str, Any]) -> None:
        self._name = name
        self._params = params
        self._run: ActiveRun | None = None
        self._outer: ActiveRun | None = None
        self._before: Before | None = None
        self._clock = 0.0
        self._cpu = 0.0

    @property
    def record_id(self) -> str | None:
        """The record id; None outside a tracked cell."""
        return None if self._run is None else self._run.record_id

    def __enter__(self) -> ChildRun:
        recorder = recording.active
        outer = None if recorder is None else recorder.owners.current()
        if recorder is not None and outer is not None:
            self._outer = outer
            self._run = _start(recorder, outer, self._name, self._params)
            recorder.owners.enter(self._run)
            self._before = _models_before(recorder, sys._getframe(1))
        self._clock, self._cpu = time.perf_counter(), time.process_time()
        return self

    def log(self, *, step: int | None = None, **metrics: Any) -> None:
        """Log metrics of this run."""
        if self._run is not None:
            self._run.log(metrics, step)

    def log_params(self, **params: Any) -> None:
        """Log parameters of this run."""
        if self._run is not None:
            self._run.log_params(params)

    def tag(self, **tags: Any) -> None:
        """Set tags of this run."""
        if self._run is not None:
            self._run.tag(tags)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        duration, cpu = time.perf_counter() - self._clock, time.process_time() - self._cpu
        recorder, run = recording.active, self._run
        if recorder is None or run is None:
            return
        recorder.owners.enter(self._outer)
        try:
            _finish(recorder, run, error, sys._getframe(1), self._before, duration, cpu)
        except Exception as problem:
            run.gap("run", f"{type(problem).__name__}: {problem}")


def _start(recorder: recording.Recorder, outer: ActiveRun, name: str | None, params: dict[str, Any]) -> ActiveRun:
    recorder.seq += 1
    run = ActiveRun(
        record_id=os.urandom(16).hex(),
        segment=recorder.segment,
        mark="child",
        name=name,
        options=RunOptions(name=name),
        started=time.time(),
        seq=recorder.seq,
        parent=outer.record_id,
    )
    run.buffer = outer.buffer
    cell = recorder.open
    entry = {
        "t": "started",
        "run": run.record_id,
        "at": run.started,
        "seq": run.seq,
        "mark": "child",
        "name": redact(name) if name else None,
        "parent": outer.record_id,
        "code": {
            "source": "",
            "cell_id": cell.request.cell_id if cell else None,
            "notebook": recorder.notebook,
            "path_source": recorder.path_source,
        },
    }
    run.append(entry)
    if params:
        run.log_params(params)
    return run


def _finish(
    recorder: recording.Recorder,
    run: ActiveRun,
    error: BaseException | None,
    frame: FrameType,
    before: Before | None,
    duration: float,
    cpu: float,
) -> None:
    namespace = _namespace(frame)
    block = _block(recorder, frame, namespace)
    code = CellCode() if block is None else block
    found = find(code, namespace, {}, seeds_of(code, namespace), before=before)
    if block is None or (not found.models and _yields(block)):
        found.gaps.append(CaptureGap("model", NO_BLOCK))
    made_models(recorder, found, namespace, run.record_id)
    results = _results(
        recorder,
        run,
        CellEnd(code, namespace, _made(found, namespace), (), tuple(found.params), run.logged, found.settings),
    )
    status, cause = status_of(Outcome(error))
    entry: dict[str, Any] = {
        "t": "finished",
        "run": run.record_id,
        "at": time.time(),
        "status": status,
        "cause": cause,
        "duration": duration,
        "cpu": cpu,
        "params": redact_value(jsonable(found.params)),
        "values": jsonable({**found.values, **results.values}),
        "gaps": [to_dict(gap) for gap in (*found.gaps, *results.gaps)],
        "pending": ["model"] if found.model else [],
    }
    if found.defaults:
        entry["defaults"] = found.defaults
    if error is not None:
        entry["failure"] = failure_of(error)
    run.append(entry)
    run.ended = True
    if recorder.open is not None and recorder.open.before is not None:
        for name in found.models:  # they are not the outer run's
            recorder.open.before.note_again(model_named(name, namespace))
    if recorder.open is not None and found.model:
        recorder.open.kept_by_children = True
    if found.model:
        value = model_named(found.model, namespace)
        model_entry(recorder, run, found, found.model, value, namespace)


def _made(found: Findings, namespace: dict[str, Any]) -> dict[str, Any]:
    return {name: model_named(name, namespace) for name in found.models}


def _results(recorder: recording.Recorder, run: ActiveRun, end: CellEnd) -> CellResults:
    """The scores and values of the block."""
    try:
        return recorder.scores.block_ended(end, run.record_id)
    except Exception as error:
        return CellResults(gaps=[CaptureGap("scores", f"{type(error).__name__}: {error}")])


def _namespace(frame: FrameType) -> dict[str, Any]:
    return {**frame.f_globals, **frame.f_locals} if frame.f_locals is not frame.f_globals else frame.f_globals


def _models_before(recorder: recording.Recorder, frame: FrameType) -> Before | None:
    """The models that the block finds, when it starts; None: not known."""
    try:
        namespace = _namespace(frame)
        code = _block(recorder, frame, namespace)
        return None if code is None else models_before(code, callees(code, namespace), namespace)
    except Exception:
        return None


def _block(recorder: recording.Recorder, frame: FrameType, namespace: dict[str, Any]) -> CellCode | None:
    """The findings of the ``with`` block that the frame is in: of a cell, of its magics, or of a function.

    None where its text is not known: an ``ExitStack`` opened the run, or the code has no file.
    """
    text, line = _text_around(recorder, frame)
    tree = parse_cell(text)
    blocks = [
        node
        for node in ast.walk(tree or ast.Module([], []))
        if isinstance(node, (ast.With, ast.AsyncWith)) and node.lineno <= line <= (node.end_lineno or line)
    ]
    if not blocks:
        return None
    innermost = max(blocks, key=lambda node: node.lineno)
    return analyse(innermost.body, namespace, recorder.memory.clocks)


def _yields(block: CellCode) -> bool:
    """Does the block hand over to other code, as that of a context manager of the user's does?"""
    return any(isinstance(node, (ast.Yield, ast.YieldFrom)) for part in block.body for node in ast.walk(part))


def _text_around(recorder: recording.Recorder, frame: FrameType) -> tuple[str, int]:
    """(text, line in it) of the code that a frame runs."""
    cell, line = recorder.open, frame.f_lineno
    if cell is not None and cell.inner is not None:
        place = cell.inner.place(frame, (line, line, None, None))
        if place is not None:
            return cell.inner.flat.text, place[0] or 0
    if cell is not None and frame.f_globals is recorder.shell.user_ns and is_cell(frame.f_code):
        return cell.request.transformed or cell.request.source, line
    return "".join(linecache.getlines(frame.f_code.co_filename, frame.f_globals)), line
