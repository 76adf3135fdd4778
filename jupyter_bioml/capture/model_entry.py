"""The model of a run: serialised after the reply, with a few rows in the form of what it was fitted on."""

from __future__ import annotations

import time
from typing import Any

from ..journal.blobs import TooLarge
from ..records.facts import CaptureGap
from .active import ActiveRun, OpenCell
from .findings import Findings
from .model_inputs import named_example, synthetic_example
from .model_pickle import serialise
from .model_settings import candidates_table
from .models import flavor
from .models_before import model_named
from .recorder import Recorder


def announce_model(recorder: Recorder, cell: OpenCell, findings: Findings, entry: dict[str, Any]) -> None:
    """Leave the model for after the reply; one that was asked for is serialised right after ``finished``."""
    name = findings.model
    if name is None:
        return
    namespace = dict(recorder.shell.user_ns)
    value = model_named(name, namespace)
    table = candidates_table(value)
    if table is not None:
        _keep_table(recorder, cell, name, table)
    entry["pending"] = ["model"]
    recorder.later.append(lambda: model_entry(recorder, cell.run, findings, name, value, namespace))


def made_models(recorder: Recorder, findings: Findings, namespace: dict[str, Any], record_id: str) -> None:
    """Remember which run made each model: all that it fitted, and the one it keeps if no other run made that."""
    for name in findings.models:
        recorder.models.made(model_named(name, namespace), record_id)
    kept = None if findings.model is None else model_named(findings.model, namespace)
    if kept is not None and recorder.models.run_of(kept) is None:
        recorder.models.made(kept, record_id)


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
        blob, size = serialise(value, recorder.blobs, limit, recorder.modules.project_modules())
        sample, source = _input_example(recorder, run, findings, name, value, namespace)
        model = {
            "name": name,
            "class_name": f"{type(value).__module__}.{type(value).__qualname__}",
            "blob": blob,
            "size": size,
            "flavor": flavor(value),
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
    recorder: Recorder, run: ActiveRun, findings: Findings, name: str, value: Any, namespace: dict[str, Any]
) -> tuple[str | None, str]:
    """(blob, where the rows come from), or (None, why there are none). Only rows that the user names are real ones."""
    named = run.options.example
    try:
        if named is not None:
            example = named_example(named, namespace)
        else:
            example = synthetic_example(value, name, findings.fit, findings.inputs, namespace)
        if example.rows is None:
            return None, example.source
        blob, _ = serialise(example.rows, recorder.blobs, 16 << 20, ())
    except Exception as error:
        return None, f"{type(error).__name__}: {error}"
    return blob, example.source
