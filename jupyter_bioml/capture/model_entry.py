"""The model of a run: serialised after the reply, with a few rows of what it was fitted on."""

from __future__ import annotations

import time
from typing import Any

from ..journal.blobs import TooLarge
from ..records.facts import CaptureGap
from . import models
from .active import ActiveRun, OpenCell
from .findings import Findings
from .recorder import Recorder


def announce_model(recorder: Recorder, cell: OpenCell, findings: Findings, entry: dict[str, Any]) -> None:
    """Leave the model for after the reply; one that was asked for is serialised right after ``finished``."""
    name = findings.model
    if name is None:
        return
    namespace = dict(recorder.shell.user_ns)
    value = namespace[name]
    recorder.models.made(value, cell.run.part_of or cell.run.record_id)
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
