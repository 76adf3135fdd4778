"""One run in short, from the journal and from MLflow: the one place where the two are merged.

What the kernel knows about a run comes from the journal if it is here, else from the run's tags in MLflow: both say the
same. MLflow adds what was changed there: verdicts, the user's own logging, a new name, tags.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

from ..journal.annotations import Annotation, Annotations
from ..journal.ledger import RunState
from ..journal.renames import Renames
from ..records.run import FINISHED, INTERRUPTED, KILLED, RUNNING, Reading, RunRecord, Session
from ..records.signs import NONE, TAINT_TAG
from ..store.base import (
    ARCHIVED,
    CAUSE,
    CELL_ID,
    DURATION,
    ERROR,
    EXECUTION_COUNT,
    MARK,
    METRICS_ORDER,
    MODEL_FORMAT,
    NAME,
    NOTE,
    PARAMS_ORDER,
    PARENT,
    PARTS,
    REPRODUCES,
    STARRED,
    USER,
    VERDICT,
    VERDICT_BASIS,
    StoredRun,
)
from ..store.limits import OURS, fit_key, fit_tags
from ..store.naming import ended_by, experiment_name, notebook_of, run_name
from .progress import progress_of
from .row import RunRow, State, Usage
from .values import Inputs, finite, in_order, inputs_of, scalar, source_digest, typed

T = TypeVar("T")
#: MLflow's and ours; the user's own tags are all others.
RESERVED = ("bioml.", "mlflow.")
#: Characters of an error's line in a row; the record has it whole.
ERROR_LIMIT = 500
_STATES: Mapping[str, State] = {
    "RUNNING": "RUNNING",
    "SCHEDULED": "RUNNING",
    "FINISHED": "FINISHED",
    "FAILED": "FAILED",
    "KILLED": "KILLED",
}
#: MLflow's own tag: the git remote that a run's code came from.
REMOTE = "mlflow.source.git.repoURL"
WAITS = "it waits for the publisher"


class Standing(NamedTuple):
    """What decides where a run stands in a list, whose family and which group it is of, and whether it is listed."""

    record_id: str
    run_id: str | None
    started: float | None
    name: str
    notebook: str | None
    mark: str | None
    cell_id: str | None
    state: State
    published: bool
    archived: bool
    reproduces: str | None
    hidden: bool
    above: str | None


class Scores(NamedTuple):
    """What a run is compared by with others: see :class:`.row.RunRow`."""

    metrics: dict[str, float]
    compared: tuple[str, ...] | None


@dataclass(frozen=True)
class Summary:
    """A run in a list: its row, and what its neighbours are compared by."""

    # without defaults: a kept run (:mod:`.kept`) reads what it does not have yet
    row: RunRow
    notebooks: frozenset[str]
    """The names that its notebook had during the session, as they are now."""
    environment: str | None
    """Digest."""
    inputs: Inputs | None
    """None: a digest is not known (yet)."""
    hidden: bool
    """A part of another run."""
    above: str | None
    """The run that it is a child of: a record id, or MLflow's id where only MLflow has the child."""
    user: str | None

    @cached_property
    def standing(self) -> Standing:
        """Its place in a list."""
        row = self.row
        return Standing(
            row.record_id, row.run_id, row.started, row.name, row.notebook, row.mark, row.cell_id, row.state,
            row.published, row.archived, row.reproduces, self.hidden, self.above,
        )  # fmt: skip

    @cached_property
    def scores(self) -> Scores:
        """What it is compared by."""
        return Scores(self.row.metrics, self.row.compared)

    @cached_property
    def text(self) -> str:
        """What a search looks in, in lower case: names, notebook, note, error, ids, tags and parameters."""
        row = self.row
        pairs = (f"{key}={value}" for key, value in (*row.tags.items(), *row.params.items()))
        words = (row.name, row.notebook, row.note, row.error, row.run_id, row.record_id, *pairs)
        return "\n".join(word for word in words if word).lower()


def merged(
    local: Summary | None,
    stored: StoredRun | None,
    state: RunState,
    annotations: Annotations,
    renames: Renames,
    read_at: float,
) -> Summary | None:
    """A run as it is to be shown; None when it was deleted.

    :param local: as the journal has it (:func:`of_journal`).
    :param stored: as MLflow has it; ``read_at``: when that was read.
    :param state: what the ledger of the destination has of it.
    :param renames: a run belongs to the notebook that has its notebook's name now.
    """
    record_id = local.row.record_id if local is not None else (stored.record_id if stored is not None else None) or ""
    tomb = annotations.tombstone(record_id)
    if (stored is not None and stored.deleted) or (local is None and stored is None):
        return None
    if tomb is not None and (stored is None or not annotations.reached_before(tomb, read_at)):
        return None  # one that MLflow has all the same was restored there by hand
    known = sent(local, state) if local is not None else None
    if stored is None:
        assert known is not None
        summary = known
    else:
        summary = of_store(stored, known)
    return renamed(annotated(summary, annotations, stored is not None, read_at), renames)


def of_journal(record: RunRecord, session: Session, reading: Reading | None) -> Summary:
    """A run as the journal knows it.

    :param record: without the earlier cells and what they read.
    :param reading: the latest look at its kernel, while it runs.
    """
    code, notebook = record.code, notebook_of(record, session)
    usage = Usage(reading.cpu_percent, reading.rss) if reading and record.status == RUNNING else None
    row = RunRow(
        record_id=record.record_id,
        run_id=None,
        name=run_name(record, session),
        state=_STATES.get(record.status, "KILLED"),
        interrupted=record.status == KILLED and record.cause == INTERRUPTED,
        mark=record.mark,
        parent=None,
        children=0,
        notebook=notebook,
        cell_id=code.cell_id,
        execution_count=code.execution_count,
        experiment=experiment_name(record, session),
        started=record.started,
        duration=record.duration,
        metrics=finite(record.latest()),
        compared=record.compared,
        params={key: scalar(value) for key, value in record.params.items()},
        tags=dict(sorted(fit_tags(record.tags).items())),
        verdict=None,
        verdict_basis=None,
        taint=taint_level(record.late_tags()),
        error=_cut(ended_by(record)),
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
        progress=progress_of(record) if record.status == RUNNING else None,
        unsaid=None,
    )
    names = frozenset(name for name in (code.notebook, session.notebook) if name)
    environment = record.environment.digest if record.environment else None
    above = record.parent or (session.sweep or "").rpartition("/")[2] or None
    return Summary(row, names, environment, None, record.part_of is not None, above, record.user)


def sent(summary: Summary, state: RunState) -> Summary:
    """With what the ledger of the destination has of it."""
    row = summary.row.but(run_id=state.run_id, published=state.done is not None)
    if state.data is not None:
        return dataclasses.replace(summary, row=row, inputs=inputs_of(state.data["uses"]))
    return dataclasses.replace(summary, row=row, inputs=frozenset() if state.done is not None else None)


def of_store(run: StoredRun, known: Summary | None) -> Summary:
    """A run as MLflow has it, completed by what the journal knows: ``known``."""
    ours = known.row if known else None
    row = _of_tags(run) if ours is None else _beside(run, ours)
    names = known.notebooks if known else frozenset([run.notebook] if run.notebook else [])
    user = run.tags.get(USER) or (known.user if known else None)
    above = (known.above if known else None) or run.tags.get(PARENT)
    environment, inputs = (known.environment, known.inputs) if known else (None, None)
    return Summary(row, names, environment, inputs, False, above, user)


def _of_tags(run: StoredRun) -> RunRow:
    """The row of a run whose journal is not here."""
    tags, state = run.tags, _STATES.get(run.status, "KILLED")
    return RunRow(
        record_id=run.record_id or run.run_id,
        state=state,
        interrupted=state == KILLED and tags.get(CAUSE) == INTERRUPTED,
        mark=tags.get(MARK),
        parent=None,
        children=0,
        notebook=run.notebook,
        cell_id=tags.get(CELL_ID),
        execution_count=_count(tags.get(EXECUTION_COUNT)),
        started=run.started,
        duration=_seconds(tags.get(DURATION), run.duration),
        metrics=in_order(finite(run.metrics), tags.get(METRICS_ORDER)),
        compared=None,
        params=in_order({key: typed(text) for key, text in run.params.items()}, tags.get(PARAMS_ORDER)),
        tags=_own(tags),
        error=_cut(tags.get(ERROR) or tags.get(CAUSE)),
        data_changed=None,
        environment_changed=None,
        has_model=state == FINISHED and MODEL_FORMAT in tags,
        reproduces=tags.get(REPRODUCES),
        source_digest=None,
        usage=None,
        progress=None,
        unsaid=None,
        **_of_mlflow(run),
    )


def _beside(run: StoredRun, ours: RunRow) -> RunRow:
    """The journal's row with what MLflow has to add."""
    there = _of_mlflow(run)
    state = _STATES.get(run.status, "KILLED") if there["published"] else ours.state
    metrics = finite(run.metrics)
    extra = {key: scalar(text) for key, text in _only_there(ours.params, run.params).items()}
    return ours.but(
        state=state,
        interrupted=state == KILLED and (ours.interrupted or run.tags.get(CAUSE) == INTERRUPTED),
        metrics={
            **{key: metrics.get(fit_key(key), value) for key, value in ours.metrics.items()},
            **_only_there(ours.metrics, metrics),
        },
        params={**ours.params, **extra},
        tags=_own(run.tags) if there["published"] else ours.tags,
        has_model=state == FINISHED and (ours.has_model or MODEL_FORMAT in run.tags),
        **{**there, "taint": there["taint"] or ours.taint},
    )


def _of_mlflow(run: StoredRun) -> dict[str, Any]:
    """The fields of a row that MLflow alone decides, once a run is there."""
    tags = run.tags
    return {
        "run_id": run.run_id,
        "name": tags.get(NAME) or run.name,
        "experiment": run.experiment,
        "verdict": tags.get(VERDICT),
        "verdict_basis": tags.get(VERDICT_BASIS),
        "taint": taint_level(tags),
        "starred": tags.get(STARRED) == "true",
        "archived": tags.get(ARCHIVED) == "true",
        "note": tags.get(NOTE) or None,
        "published": _STATES.get(run.status, "KILLED") != RUNNING,
    }


def _only_there(ours: Mapping[str, object], theirs: Mapping[str, T]) -> dict[str, T]:
    """What MLflow has under another key than ours, which is ``bioml.<key>`` where the user has the plain one."""
    clean = {fit_key(key) for key in ours}
    return {key: value for key, value in theirs.items() if key not in clean and key.removeprefix(OURS) not in clean}


def annotated(summary: Summary, annotations: Annotations, stored: bool, read_at: float) -> Summary:
    """With the user's changes made here, unless MLflow has them: then later changes there count.

    :param stored: MLflow's word is in the summary, as read at ``read_at``.
    """
    said = annotations.of(summary.row.record_id)
    if said is None:
        return summary
    refused = annotations.refusal(said.record_id, said.key)
    if stored and not refused and annotations.reached_before(said, read_at):
        return summary
    waits = summary.row.run_id is not None and not annotations.reached(said)
    row = summary.row.but(**_words(said, summary.row), unsaid=refused or (WAITS if waits else None))
    return dataclasses.replace(summary, row=row)


def _words(said: Annotation, row: RunRow) -> dict[str, Any]:
    words = {name: getattr(said, name) for name in ("name", "starred", "archived")}
    found = {name: value for name, value in words.items() if value is not None}
    if said.tags:
        tags = {**row.tags, **said.tags}
        found["tags"] = {key: tags[key] for key in sorted(tags) if tags[key] is not None}
    return found if said.note is None else {**found, "note": said.note or None}


def taint_level(tags: Mapping[str, str]) -> str | None:
    """The level of taint; None if there was no sign, or no check."""
    level = tags.get(TAINT_TAG)
    return None if level == NONE else level


def parts_of(run: StoredRun) -> tuple[str, ...]:
    """Records of later cells that joined a run."""
    return tuple(run.tags.get(PARTS, "").split())


def remote_of(run: StoredRun) -> str | None:
    """The git remote that a run's code came from; None: it does not say."""
    return run.tags.get(REMOTE)


def renamed(summary: Summary, renames: Renames) -> Summary:
    """With the name that its notebook has now."""
    row, since = summary.row, summary.row.started or 0.0
    if row.notebook is None or not renames.moves:
        return summary
    names = frozenset(renames.now(name, since) for name in summary.notebooks)
    row = row.but(notebook=renames.now(row.notebook, since))
    return dataclasses.replace(summary, row=row, notebooks=names)


def _own(tags: Mapping[str, str]) -> dict[str, str]:
    return {key: tags[key] for key in sorted(tags) if not key.startswith(RESERVED)}


def _cut(text: str | None) -> str | None:
    return text[:ERROR_LIMIT] if text else None


def _count(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() else None


def _seconds(text: str | None, otherwise: float | None) -> float | None:
    """Runs that were published before the tag was written have only MLflow's own times."""
    try:
        return otherwise if text is None else float(text)
    except ValueError:
        return otherwise
