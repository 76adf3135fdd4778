"""One line of the list of runs, made from what the journal and what MLflow have of a run."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..canonical import jsonable
from ..journal.annotations import Annotation, Annotations
from ..journal.runs import LocalRun
from ..records.run import FINISHED, RUNNING
from ..store.base import (
    ARCHIVED,
    CELL_ID,
    ERROR,
    EXECUTION_COUNT,
    MODEL_FORMAT,
    NOTE,
    REPRODUCES,
    STARRED,
    VERDICT,
    StoredRun,
)
from ..store.limits import fit_tags
from ..store.naming import experiment_name, failure_line, run_name

_NOT_THE_USERS = ("bioml.", "mlflow.")


@dataclass(frozen=True)
class RunRow:
    """One line of the list. Times are seconds since the epoch, durations seconds."""

    run_id: str | None
    """None: not in MLflow (yet)."""
    record_id: str
    name: str
    status: str
    notebook: str | None
    started: float | None
    metrics: dict[str, float]
    """Last values."""
    verdict: str | None
    duration: float | None = None
    reproduces: str | None = None
    has_model: bool = False
    """It ended well and has a model, so that it can be registered."""
    experiment: str | None = None
    """Name of its MLflow experiment."""
    cell_id: str | None = None
    execution_count: int | None = None
    params: dict[str, Any] = field(default_factory=dict)
    """As MLflow has them, texts; before that as the journal has them."""
    tags: dict[str, str] = field(default_factory=dict)
    """The user's own."""
    error: str | None = None
    """What ended it: the exception and its message, one line."""
    starred: bool = False
    archived: bool = False
    note: str | None = None
    compared: tuple[str, ...] | None = None
    """The metrics named by ``--metrics``, where the journal is here; None: all."""
    unsaid: str | None = None
    """Why MLflow does not have the newest name, note or marks yet; None: nothing waits."""

    @property
    def published(self) -> bool:
        """It is in MLflow."""
        return self.run_id is not None

    def as_json(self) -> dict[str, Any]:
        names = ("run_id", "record_id", "name", "status", "notebook", "started", "metrics", "verdict", "reproduces",
                 "starred", "archived", "note", "unsaid")  # fmt: skip
        return {name: jsonable(getattr(self, name)) for name in names}


@dataclass(frozen=True)
class RunList:
    """Runs, newest first."""

    rows: tuple[RunRow, ...]
    total: int
    """How many there are; more than ``rows`` when the list was cut."""
    down: str | None = None
    """Why MLflow did not answer: then only the journal's runs are listed."""
    problems: tuple[str, ...] = ()
    """Segments of the journal that could not be read, and why."""
    archived: int = 0
    """Archived runs that were left out."""

    def as_json(self) -> list[dict[str, Any]]:
        return [row.as_json() for row in self.rows]


def merged(
    local: Mapping[str, LocalRun], stored: Sequence[StoredRun], sent: Mapping[str, str], annotations: Annotations
) -> list[RunRow]:
    """Journal and MLflow as one list, in no order; deleted runs are left out.

    :param sent: record id → run id of runs that MLflow has but did not tell of.
    """
    rows = [
        row_of_stored(run, local.get(run.record_id or ""), annotations)
        for run in stored
        if not run.deleted and not is_gone(run, annotations)
    ]
    known = {run.record_id for run in stored}
    rows += [
        row_of_local(run, sent.get(key), annotations)
        for key, run in local.items()
        if key not in known and run.listed.part_of is None and annotations.tombstone(key) is None
    ]
    return rows


def is_gone(run: StoredRun, annotations: Annotations) -> bool:
    """Whether a run that MLflow still has was deleted here. One that was restored there by hand is not."""
    tomb = annotations.tombstone(run.record_id or "")
    return tomb is not None and not annotations.reached(tomb)


def row_of_stored(run: StoredRun, local: LocalRun | None, annotations: Annotations) -> RunRow:
    """The line of a run that MLflow has; ``local`` is the journal's word on it."""
    status, metrics, duration = run.status, run.metrics, run.duration
    if status == RUNNING and local is not None:
        status, duration = local.listed.status, local.listed.duration
        metrics = {**local.listed.latest(), **metrics}
    row = RunRow(
        run_id=run.run_id,
        record_id=run.record_id or "",
        name=run.name,
        status=status,
        notebook=run.notebook,
        started=run.started,
        metrics=metrics,
        verdict=run.tags.get(VERDICT),
        duration=duration,
        reproduces=run.tags.get(REPRODUCES),
        has_model=status == FINISHED and (MODEL_FORMAT in run.tags or _keeps_model(local)),
        experiment=run.experiment,
        cell_id=run.tags.get(CELL_ID),
        execution_count=_count(run.tags.get(EXECUTION_COUNT)),
        params=dict(run.params),
        tags={key: value for key, value in run.tags.items() if not key.startswith(_NOT_THE_USERS)},
        error=run.tags.get(ERROR),
        starred=run.tags.get(STARRED) == "true",
        archived=run.tags.get(ARCHIVED) == "true",
        note=run.tags.get(NOTE) or None,
        compared=local.listed.compared if local else None,
    )
    said = annotations.of(row.record_id)
    if said is None or (annotations.reached(said) and not annotations.refusal(said.record_id, said.key)):
        return row  # MLflow has what was said; what was changed there since counts
    return _annotated(row, said, annotations.refusal(said.record_id, said.key) or "it waits for the publisher")


def row_of_local(run: LocalRun, run_id: str | None, annotations: Annotations) -> RunRow:
    """The line of a run that only the journal tells of; ``run_id`` where it is in MLflow all the same."""
    record = run.listed
    row = RunRow(
        run_id=run_id,
        record_id=record.record_id,
        name=run_name(record, run.session),
        status=record.status,
        notebook=run.notebook,
        started=record.started,
        metrics=record.latest(),
        verdict=None,
        duration=record.duration,
        reproduces=record.reproduces,
        has_model=record.status == FINISHED and _keeps_model(run),
        experiment=experiment_name(record, run.session),
        cell_id=record.code.cell_id,
        execution_count=record.code.execution_count,
        params=dict(record.params),
        tags=fit_tags(record.tags),
        error=failure_line(record),
        note=record.note,
        compared=record.compared,
    )
    said = annotations.of(row.record_id)
    if said is None:
        return row
    waits = run_id is not None and not annotations.reached(said)
    return _annotated(row, said, "it waits for the publisher" if waits else None)


def _annotated(row: RunRow, said: Annotation, unsaid: str | None) -> RunRow:
    words = {name: getattr(said, name) for name in ("name", "note", "starred", "archived")}
    known = {name: value for name, value in words.items() if value is not None}
    if "note" in known:
        known["note"] = known["note"] or None
    return dataclasses.replace(row, **known, unsaid=unsaid)


def _keeps_model(run: LocalRun | None) -> bool:
    return run is not None and run.listed.model is not None


def _count(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() else None
