"""``with bioml.run("depth=3", depth=3):`` — several fits in one cell, each a run of its own under the cell's."""

from __future__ import annotations

import ast
import os
import sys
import time
from types import FrameType, TracebackType
from typing import Any

from ..canonical import jsonable
from ..records.wire import to_dict
from ..redact import redact, redact_value
from . import recorder as recording
from .active import ActiveRun
from .cellcode import CellCode, analyse, parse_cell
from .findings import find, seeds_of
from .model_entry import model_entry
from .options import RunOptions
from .outcome import Outcome, failure_of, status_of


class ChildRun:
    """The context manager behind ``bioml.run``. Outside a tracked cell it does nothing."""

    def __init__(self, name: str | None, params: dict[str, Any]) -> None:
        self._name = name
        self._params = params
        self._run: ActiveRun | None = None
        self._outer: ActiveRun | None = None
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
            _finish(recorder, run, error, sys._getframe(1), duration, cpu)
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
    duration: float,
    cpu: float,
) -> None:
    namespace = {**frame.f_globals, **frame.f_locals} if frame.f_locals is not frame.f_globals else frame.f_globals
    code = _block(recorder, frame, namespace)
    found = find(code, namespace, {}, seeds_of(code, namespace))
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
        "metrics": found.metrics,
        "values": jsonable(found.values),
        "gaps": [to_dict(gap) for gap in found.gaps],
        "pending": ["model"] if found.model else [],
    }
    if error is not None:
        entry["failure"] = failure_of(error)
    run.append(entry)
    run.ended = True
    if found.model:
        value = namespace[found.model]
        recorder.models.made(value, run.record_id)
        model_entry(recorder, run, found, found.model, value, namespace)


def _block(recorder: recording.Recorder, frame: FrameType, namespace: dict[str, Any]) -> CellCode:
    """The findings of the ``with`` block that the frame is leaving; empty when it is not the cell's own code."""
    cell = recorder.open
    if cell is None or frame.f_globals is not recorder.shell.user_ns or frame.f_code.co_name != "<module>":
        return CellCode()
    tree = parse_cell(cell.request.transformed or cell.request.source)
    line = frame.f_lineno
    blocks = [
        node
        for node in ast.walk(tree or ast.Module([], []))
        if isinstance(node, (ast.With, ast.AsyncWith)) and node.lineno <= line <= (node.end_lineno or line)
    ]
    if not blocks:
        return CellCode()
    innermost = max(blocks, key=lambda node: node.lineno)
    return analyse(innermost.body, namespace, recorder.memory.clocks)
