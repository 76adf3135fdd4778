"""The functions that user code calls: ``bioml.log`` and its relatives. They never fail and never wait.

Outside a run they attach to the session; without the extension loaded they do nothing.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from ..canonical import jsonable
from ..journal.log import frame
from . import recorder as recording
from .active import ActiveRun, masked
from .cellcode import real_scalar
from .children import ChildRun
from .predictions import keep_frame, table_of


def log(*, step: int | None = None, **metrics: Any) -> None:
    """Log metrics of the current run: ``bioml.log(loss=0.31, step=7)``.

    :param step: position in a series; without it a key's last value counts.
    :param metrics: numbers (numpy's and torch's scalars too); booleans, NaN and infinities are kept beside
        the metrics; anything else is kept as text.
    """
    recorder = recording.active
    if recorder is None:
        return
    run = recorder.owners.current()
    if run is not None:
        run.log(metrics, step)
        return
    if os.getpid() == recorder.pid:
        plain = {key: jsonable(real_scalar(value)) for key, value in metrics.items()}
        _to_session(recorder, {"t": "log", "run": None, "m": plain, "step": step})


def log_params(params: dict[str, Any] | None = None, /, **more: Any) -> None:
    """Log parameters of the current run: ``bioml.log_params(depth=3)`` or ``bioml.log_params({"depth": 3})``."""
    recorder = recording.active
    if recorder is None:
        return
    run = recorder.owners.current()
    named = {**(params or {}), **more}
    if run is not None:
        run.log_params(named)
    else:
        _to_session(recorder, {"t": "params", "run": None, "p": masked(named)})


def tag(**tags: Any) -> None:
    """Set tags of the current run: ``bioml.tag(stage="final")``. The last value of a key counts; outside a run it does
    nothing.

    :param tags: kept as text; a key that begins with ``bioml.`` gets ``user.`` in front.
    """
    run = current_run()
    if run is not None:
        run.tag(tags)


def log_artifact(path: str | os.PathLike[str], artifact_path: str | None = None) -> None:
    """Keep a file with the current run.

    :param path: the file; its content is copied now.
    :param artifact_path: folder in the run's artifacts.
    """
    run = current_run()
    recorder = recording.active
    if run is None or recorder is None:
        return
    source = Path(path)
    name = source.name if artifact_path is None else f"{artifact_path.strip('/')}/{source.name}"
    try:
        with source.open("rb") as file:
            limit = recorder.settings.model_limit_mb << 20
            blob, size = recorder.blobs.put_stream(lambda sink: _copy(file, sink), limit)
    except Exception as error:
        run.gap("artifact", f"{name}: {error}")
        return
    run.append({"t": "artifact", "run": run.record_id, "at": time.time(), "path": name, "blob": blob, "size": size})


def log_predictions(y_true: Any, y_pred: Any, key: Any = None, *, name: str = "predictions", **columns: Any) -> None:
    """Keep hold-out predictions with the current run, so that it can be compared with any other later.

    :param y_true: (n,) labels or measured values.
    :param y_pred: (n,) or (n, k) predictions.
    :param key: (n,) unique row keys; default: the index of ``y_true``.
    :param name: name of the table, where a run has several.
    :param columns: further (n,) columns: interval bounds, split, round, group.
    """
    run = current_run()
    recorder = recording.active
    if run is None or recorder is None:
        return
    try:
        entry = keep_frame(name, table_of(y_true, y_pred, key, columns), recorder.blobs)
    except Exception as error:
        run.gap("predictions", f"{name}: {error}")
        return
    run.append({"t": "predictions", "run": run.record_id, "at": time.time(), **entry})


def run(name: str | None = None, **params: Any) -> ChildRun:
    """A run of its own within the cell: ``with bioml.run("depth=3", depth=3): …``.

    :param name: its name.
    :param params: its parameters.
    """
    return ChildRun(name, params)


def current_run() -> ActiveRun | None:
    """The run that the calling code belongs to (its ``record_id``, ``name``, ``log``…); None outside."""
    return None if recording.active is None else recording.active.owners.current()


def _to_session(recorder: recording.Recorder, entry: dict[str, Any]) -> None:
    recorder.segment.append_line(frame({**entry, "at": time.time()}))


def _copy(file: Any, sink: Any) -> None:
    file.seek(0)
    while chunk := file.read(1 << 20):
        sink.write(chunk)
