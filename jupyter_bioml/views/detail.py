"""One run in full: what its page shows."""

from __future__ import annotations

import base64
import dataclasses
import json
import math
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any, cast

from ..config import Destination
from ..errors import BiomlError
from ..journal.blobs import Blobs
from ..records.compare import compare_records
from ..records.run import Metric, Output, PriorCell, Reading, RunRecord
from ..runs.catalog import Found
from ..runs.groups import grouped
from ..runs.row import RunRow
from ..runs.snapshot import Snapshot
from ..runs.summary import parts_of
from ..runs.values import SYSTEM
from ..store.base import FOLDER, StoreReader
from ..store.load_code import data_code, load_code, predictions_code
from . import shapes

Document = Mapping[str, Any]
#: Where the predictions of a run are among its artifacts.
PREDICTIONS = f"{FOLDER}/predictions/"
#: Kinds of text that are sent as text; everything else goes as base64.
_TEXTUAL = ("text/", "application/json", "application/javascript", "image/svg+xml", "application/vnd.")
_READ_BY_HELPER = ("resources", "reading", "readings", "gpu", "sampler", "cpu", "memory", "disk")


def without_bulk(record: RunRecord) -> RunRecord:
    """The record without what has an address of its own: steps, readings, outputs and the earlier cells."""
    last = {metric.key: metric for metric in record.metrics}
    resources = dataclasses.replace(record.resources, readings=())
    return dataclasses.replace(record, metrics=tuple(last.values()), resources=resources, outputs=(), before=())


# -- around it ---------------------------------------------------------------------------------------


def group_of(snapshot: Snapshot, row: RunRow) -> shapes.Group:
    """The runs of its name and notebook, with the latest and the best of them."""
    found = [(one.standing, one.scores) for one in snapshot.group(row)]
    runs = [one for one in found if not one[0].reproduces and not one[0].archived]
    (group,) = grouped(runs or [(row, row)])
    return shapes.Group(row.name, group.runs, group.best, group.latest)


def joined(asked: str, found: Found, snapshot: Snapshot) -> shapes.JoinedRun | None:
    """The run that the cell of the record ``asked`` is a part of; ``found`` is that run once the part is in MLflow."""
    record = found.record
    part_of = record.part_of
    if part_of is None and found.stored is not None and asked in parts_of(found.stored):
        part_of = record.record_id
    if part_of is None:
        return None
    known = snapshot.by_id.get(part_of)
    return shapes.JoinedRun(part_of, known.row.name if known is not None else None)


def environment_of(digest: str, document: Document) -> shapes.EnvironmentFacts:
    """The document behind a record's environment, as the page shows it."""
    python, system = document.get("python") or {}, document.get("os") or {}
    words = [system.get(key) for key in ("system", "release", "machine")] if isinstance(system, Mapping) else [system]
    return shapes.EnvironmentFacts(
        digest=digest,
        python=python.get("version") if isinstance(python, Mapping) else str(python),
        platform=" ".join(str(word) for word in words if word) or None,
        packages={item["name"]: str(item["version"]) for item in document.get("distributions") or ()},
    )


def environment_changes(
    before: RunRecord, after: RunRecord, documents: tuple[Document, Document] | None
) -> tuple[shapes.EnvironmentChange, ...]:
    """What differs between the environments of two runs."""
    found = compare_records(before, after, environments=documents).of("environment")
    return tuple(shapes.EnvironmentChange(item.name, _text(item.left), _text(item.right)) for item in found)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, sort_keys=True, default=str)


def cells_before(cells: Sequence[PriorCell]) -> tuple[shapes.CellBefore, ...]:
    """The earlier cells of the session in their order."""
    return tuple(
        shapes.CellBefore(
            cell.seq, cell.cell_id, cell.execution_count, cell.source, cast(Any, cell.status), cell.tags, cell.unseen
        )
        for cell in cells
    )


def git_of(record: RunRecord) -> shapes.GitFacts | None:
    """The repository at its start; None where there was none."""
    git = record.git
    return None if git is None else shapes.GitFacts(git.commit, git.branch, git.remote, git.dirty)


def links_of(target: Destination, run_id: str | None) -> shapes.Links:
    """Where a run is seen in MLflow's own UI: a tracking server has it, and a sqlite database needs a command first.

    :param run_id: None: it is not in MLflow.
    """
    page = command = None
    if run_id is not None and target.uri.startswith(("http://", "https://")):
        page = f"{target.uri.rstrip('/')}/#/runs/{run_id}"
    elif run_id is not None and target.database is not None:
        command = f"mlflow ui --backend-store-uri {shlex.quote(target.uri)}"
    return shapes.Links(page, command)


def load_codes(
    record: RunRecord, run_id: str | None, models: Sequence[str], files: Sequence[str], target: Destination
) -> Iterator[shapes.LoadCode]:
    """Python that loads what a run made and read.

    :param run_id: its MLflow run; None: it is not there, so that only data can be loaded.
    :param models: the URIs of its models; ``files``: the paths of its artifacts.
    """
    for uri in models:
        yield shapes.LoadCode("model", record.model.name if record.model else "model", load_code(uri, target))
    for path in files:
        if run_id is not None and path.startswith(PREDICTIONS) and path.endswith((".parquet", ".csv")):
            yield shapes.LoadCode("predictions", PurePath(path).stem, predictions_code(run_id, path, target))
    for use in record.data:
        if use.role != "written" and use.kind == "file" and use.path is not None:
            known = None if use.changed_since else use.digest
            yield shapes.LoadCode("data", PurePath(use.name).name, data_code(use.path, known))


# -- series and readings -----------------------------------------------------------------------------


def series_keys(record: RunRecord) -> tuple[str, ...]:
    """Metrics with more than one value, in the order in which they were first logged."""
    counts: dict[str, int] = {}
    for metric in record.metrics:
        counts[metric.key] = counts.get(metric.key, 0) + 1
    return tuple(key for key, count in counts.items() if count > 1 and not key.startswith(SYSTEM))


def series_of(
    record: RunRecord, keys: Sequence[str], limit: int, history: Mapping[str, Sequence[Metric]]
) -> shapes.SeriesSet:
    """Metrics over their steps.

    :param limit: points of one metric at most.
    :param history: of metrics that the record has not, as MLflow has them.
    """
    wanted = set(keys)
    found: dict[str, list[Metric]] = {key: [] for key in keys}
    for metric in record.metrics:
        if metric.key in wanted:
            found[metric.key].append(metric)
    for key, metrics in history.items():
        found[key] = found.get(key) or list(metrics)
    thinned = {key: _thinned(metrics, limit) for key, metrics in found.items() if metrics}
    truncated = any(len(thinned[key]) < len(found[key]) for key in thinned)
    return shapes.SeriesSet({key: _series(metrics) for key, metrics in thinned.items()}, truncated)


def _series(metrics: Sequence[Metric]) -> shapes.Series:
    return shapes.Series(
        tuple(metric.step for metric in metrics),
        tuple(metric.value if math.isfinite(metric.value) else None for metric in metrics),
        tuple(metric.at for metric in metrics),
    )


def _thinned(metrics: list[Metric], limit: int) -> list[Metric]:
    """At most ``limit`` points: first, last, and the lowest and highest of every stretch: no spike is lost."""
    if len(metrics) <= limit:
        return metrics
    stretches = max(1, (limit - 2) // 2)
    inner = range(1, len(metrics) - 1)
    kept = {0, len(metrics) - 1}
    for number in range(stretches):
        part = inner[len(inner) * number // stretches : len(inner) * (number + 1) // stretches]
        if part:
            kept.add(min(part, key=lambda index: metrics[index].value))
            kept.add(max(part, key=lambda index: metrics[index].value))
    return [metrics[index] for index in sorted(kept)]


def point(reading: Reading) -> shapes.Point:
    """One look at the kernel."""
    return shapes.Point(
        t=reading.at,
        cpu_percent=reading.cpu_percent,
        rss=reading.rss,
        read_bytes=reading.read_bytes,
        write_bytes=reading.write_bytes,
        gpus=tuple(gpu(document) for document in reading.gpus),
    )


def gpu(document: Mapping[str, Any]) -> shapes.Gpu:
    """One GPU in one look (keys of :mod:`jupyter_bioml.host.readings`)."""
    own = document.get("own_memory")
    return shapes.Gpu(
        index=int(document.get("index", 0)),
        utilization_percent=document.get("utilization_percent"),
        memory=document.get("memory_used") if own is None else own,
        own=own is not None,
        energy_millijoules=document.get("energy_millijoules"),
    )


def resources_of(record: RunRecord) -> shapes.RunResources:
    """What a run used over its time, and what could not be read."""
    used = record.resources
    absent = [f"{gap.part}: {gap.reason}" for gap in record.gaps if gap.part.split(".")[0] in _READ_BY_HELPER]
    if not used.readings:
        absent.append("No reading was made: the run was shorter than the time between two, or readings are off.")
    return shapes.RunResources(
        started=record.started,
        ended=record.ended,
        points=tuple(point(reading) for reading in used.readings),
        cpu_seconds=used.cpu_seconds,
        peak_rss=used.peak_rss,
        absent=tuple(absent),
    )


# -- outputs and files -------------------------------------------------------------------------------


def outputs_of(
    record: RunRecord, blobs: Blobs, store: StoreReader | None, run_id: str | None
) -> tuple[shapes.RunOutput, ...]:
    """Everything that the cell printed and displayed, in its order; content that is gone has neither text nor data."""
    found, displays = [], 0
    for item in record.outputs:
        content = _content(item, blobs)
        if item.kind not in ("stdout", "stderr"):
            if content is None and store is not None and run_id is not None:
                content = _published(item, displays, store, run_id)
            displays += 1
        found.append(_output(item, content))
    return tuple(found)


def _content(item: Output, blobs: Blobs) -> bytes | None:
    if item.text is not None:
        return item.text.encode("utf-8", "replace")
    try:
        return None if item.blob is None else blobs.get(item.blob)
    except BiomlError:
        return None


def _published(item: Output, number: int, store: StoreReader, run_id: str) -> bytes | None:
    """From the run's files in MLflow, where the publisher put it."""
    from ..publish.artifacts import output_name

    try:
        return store.read_artifact(run_id, f"{FOLDER}/{output_name(item, number)}")
    except BiomlError:
        return None


def _output(item: Output, content: bytes | None) -> shapes.RunOutput:
    mime = item.mime or "text/plain"
    kind = item.kind if item.kind in ("stdout", "stderr", "display", "result") else "display"
    text = data = None
    if content is not None and mime.startswith(_TEXTUAL):
        text = content.decode("utf-8", "replace")
    elif content is not None:
        data = base64.b64encode(content).decode("ascii")
    return shapes.RunOutput(cast(Any, kind), mime, text, data, item.size, item.cut)


def files_of(record: RunRecord) -> tuple[shapes.FileEntry, ...]:
    """The files that the user kept with a run that is not in MLflow yet."""
    return tuple(shapes.FileEntry(item.path, item.size) for item in record.artifacts)
