"""One run in short, as the index of a running server keeps it: its row, and what its neighbours are compared by."""

from __future__ import annotations

import dataclasses
import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from ..journal.annotations import Annotation
from ..journal.ledger import RunState
from ..records.run import FINISHED, RUNNING, Failure, Reading, RunRecord, Session
from ..store.base import ARCHIVED, CELL_ID, MODEL_FORMAT, NOTE, PARTS, REPRODUCES, STARRED, VERDICT, StoredRun
from ..store.limits import fit_key, param_text
from ..store.naming import experiment_name, run_name
from .shapes import RunRow, Scalar, State, Usage

#: MLflow's and ours; the user's own tags are all others.
RESERVED = ("bioml.", "mlflow.")
#: The series of readings, which have a page of their own.
SYSTEM = "system/"
TAINT, USER = "bioml.taint", "mlflow.user"
_MASKED = "[secret:"
#: Characters of a parameter's text and of an error's line in a row; the record has them whole.
TEXT_LIMIT, ERROR_LIMIT = 1000, 500
_STATES: Mapping[str, State] = {
    "RUNNING": "RUNNING",
    "SCHEDULED": "RUNNING",
    "FINISHED": "FINISHED",
    "FAILED": "FAILED",
    "KILLED": "KILLED",
}
#: One version of each thing that was read: (kind, name, digest).
Inputs = frozenset[tuple[str, str, str]]


@dataclass(frozen=True)
class Summary:
    """A run in the index."""

    row: RunRow
    notebooks: frozenset[str] = frozenset()
    """The names that its notebook has had."""
    environment: str | None = None
    """Digest."""
    inputs: Inputs | None = None
    """None: a digest is not known (yet)."""
    hidden: bool = False
    """A part of another run."""
    user: str | None = None
    text: str = ""
    """Lower case: what a search looks in."""


def of_journal(record: RunRecord, session: Session, reading: Reading | None) -> Summary:
    """A run as the journal knows it.

    :param record: without the earlier cells and what they read.
    :param reading: the latest look at its kernel, while it runs.
    """
    code, notebook = record.code, record.code.notebook or session.notebook
    usage = Usage(reading.cpu_percent, reading.rss) if reading and record.status == RUNNING else None
    row = RunRow(
        run_id=None,
        record_id=record.record_id,
        name=run_name(record, session),
        state=_STATES.get(record.status, "KILLED"),
        notebook=notebook,
        cell_id=code.cell_id,
        execution_count=code.execution_count,
        experiment=experiment_name(record, session),
        started=record.started,
        duration=record.duration,
        metrics=finite(record.latest()),
        params={key: scalar(value) for key, value in record.params.items()},
        tags=dict(record.tags),
        verdict=None,
        taint=None,
        error=last_line(record.failure) or record.cause,
        data_changed=None,
        environment_changed=None,
        starred=False,
        archived=False,
        note=record.note,
        has_model=record.status == FINISHED and record.model is not None,
        published=False,
        reproduces=record.reproduces,
        source_digest=source_digest(code.magic, code.source),
        usage=usage,
    )
    names = frozenset(name for name in (code.notebook, session.notebook) if name)
    environment = record.environment.digest if record.environment else None
    return Summary(row, names, environment, hidden=record.part_of is not None, user=record.user)


def sent(summary: Summary, state: RunState) -> Summary:
    """With what the ledger of the destination has of it."""
    row = dataclasses.replace(summary.row, run_id=state.run_id, published=state.done is not None)
    if state.data is not None:
        return dataclasses.replace(summary, row=row, inputs=inputs_of(state.data["uses"]))
    return dataclasses.replace(summary, row=row, inputs=frozenset() if state.done is not None else None)


def of_store(run: StoredRun, known: Summary | None) -> Summary:
    """A run as MLflow has it, completed by what the journal knows: ``known``."""
    ours = known.row if known else None
    state = _STATES.get(run.status, "KILLED")
    metrics, duration = finite(run.metrics), run.duration
    if ours is not None and state == RUNNING:
        state, duration, metrics = ours.state, ours.duration, {**ours.metrics, **metrics}
    tags = {key: value for key, value in run.tags.items() if not key.startswith(RESERVED)}
    row = RunRow(
        run_id=run.run_id,
        record_id=run.record_id or run.run_id,
        name=run.name,
        state=state,
        notebook=run.notebook or (ours.notebook if ours else None),
        cell_id=ours.cell_id if ours else run.tags.get(CELL_ID),
        execution_count=ours.execution_count if ours else None,
        experiment=run.experiment,
        started=run.started,
        duration=duration,
        metrics=metrics,
        params=_params(run, ours),
        tags=tags,
        verdict=run.tags.get(VERDICT),
        taint=run.tags.get(TAINT),
        error=ours.error if ours else None,
        data_changed=None,
        environment_changed=None,
        starred=run.tags.get(STARRED) == "true",
        archived=run.tags.get(ARCHIVED) == "true",
        note=run.tags.get(NOTE) or None,
        has_model=state == FINISHED and (MODEL_FORMAT in run.tags or bool(ours and ours.has_model)),
        published=state != RUNNING,
        reproduces=run.tags.get(REPRODUCES),
        source_digest=ours.source_digest if ours else None,
        usage=ours.usage if ours else None,
    )
    names = known.notebooks if known else frozenset([run.notebook] if run.notebook else [])
    user = run.tags.get(USER) or (known.user if known else None)
    return Summary(row, names, known.environment if known else None, known.inputs if known else None, user=user)


def _params(run: StoredRun, ours: RunRow | None) -> dict[str, Scalar]:
    """Typed where the journal has them; what only MLflow has (the user's own ``log_param``) as text."""
    if ours is None:
        return dict(run.params)
    known = {fit_key(key) for key in ours.params}
    return {**ours.params, **{key: value for key, value in run.params.items() if key not in known}}


def annotated(summary: Summary, said: Annotation | None) -> Summary:
    """With what the user said of it since: the last word is the user's. Ready to be searched."""
    row = summary.row
    if said is not None:
        words = {"name": said.name, "starred": said.starred, "archived": said.archived}
        row = dataclasses.replace(row, **cast("dict[str, Any]", {k: v for k, v in words.items() if v is not None}))
        if said.note is not None:
            row = dataclasses.replace(row, note=said.note or None)
    return dataclasses.replace(summary, row=row, text=searchable(row))


def parts_of(run: StoredRun) -> tuple[str, ...]:
    """Records of later cells that joined a run."""
    return tuple(run.tags.get(PARTS, "").split())


def searchable(row: RunRow) -> str:
    """What a search for text looks in: names, notebook, note, error, tags and parameters."""
    pairs = (f"{key}={value}" for key, value in (*row.tags.items(), *row.params.items()))
    words = (row.name, row.notebook, row.note, row.error, row.run_id, row.record_id, *pairs)
    return "\n".join(word for word in words if word).lower()


def finite(metrics: Mapping[str, float]) -> dict[str, float]:
    """Only numbers, and without the series of readings."""
    return {key: value for key, value in metrics.items() if math.isfinite(value) and not key.startswith(SYSTEM)}


def scalar(value: Any) -> Scalar:
    """A parameter's value in a row: containers as JSON, long text cut visibly, no NaN."""
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    text = param_text(value)
    return text if len(text) <= TEXT_LIMIT else text[:TEXT_LIMIT] + "…"


def last_line(failure: Failure | None) -> str | None:
    """The last line of a traceback."""
    if failure is None:
        return None
    lines = f"{failure.kind}: {failure.message}".strip().splitlines()
    return lines[0][:ERROR_LIMIT] if lines else None


def source_digest(magic: str | None, body: str) -> str | None:
    """SHA-256 of the cell's text; None where secrets were masked in it, so that it is unknown."""
    text = body if magic is None else f"{magic}\n{body}"
    if _MASKED in text:
        return None
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def inputs_of(uses: Iterable[Mapping[str, Any]]) -> Inputs | None:
    """The data that went in, as the publisher hashed it; None where a digest is not known."""
    found = set()
    for use in uses:
        if use.get("role") == "written":
            continue
        if use.get("digest") is None or use.get("changed_since"):
            return None
        found.add((str(use.get("kind", "file")), str(use["name"]), str(use["digest"])))
    return frozenset(found)
