"""A run's names and tags in MLflow: the public contract of ARCHITECTURE.md, "The MLflow contract"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from .. import canonical
from ..records.run import DataUse, Report, RunRecord, Session
from ..text.present import default_name
from .base import (
    ATTEMPT,
    CAUSE,
    CELL_ID,
    DURATION,
    ERROR,
    EXECUTION_COUNT,
    FINGERPRINT,
    MARK,
    METRICS_ORDER,
    NO_NOTEBOOK,
    NOTE,
    NOTEBOOK,
    PARAMS_ORDER,
    PARENT,
    RECORD_ID,
    REPORT,
    REPRODUCES,
    SCHEMA_TAG,
    SESSION,
    TASK,
    StoredInput,
)
from .limits import (
    DIGEST_LIMIT,
    EXPERIMENT_LIMIT,
    NAME_LIMIT,
    OURS,
    PARAM_LIMIT,
    TAG_LIMIT,
    fit_key,
    fit_tags,
    fit_text,
)

#: A session's variable that names the MLflow experiment.
EXPERIMENT_VARIABLE = "MLFLOW_EXPERIMENT_NAME"


def experiment_name(record: RunRecord, session: Session) -> str:
    """The notebook's path relative to the project, or what ``MLFLOW_EXPERIMENT_NAME`` was in the kernel."""
    name = session.variables.get(EXPERIMENT_VARIABLE) or notebook_of(record, session) or NO_NOTEBOOK
    return fit_text(name, EXPERIMENT_LIMIT)


def notebook_of(record: RunRecord, session: Session) -> str | None:
    """The cell's notebook, relative to the project; None: not known."""
    return record.code.notebook or session.notebook


def run_name(record: RunRecord, session: Session) -> str:
    """The name the user gave, else the notebook's name and the cell's place."""
    code = record.code
    return fit_text(
        record.name or default_name(notebook_of(record, session), code.place, code.execution_count), NAME_LIMIT
    )


def identity_tags(record: RunRecord, session: Session, parent_run: str | None) -> dict[str, str]:
    """Tags that are known when the run is made, ``bioml.record_id`` among them."""
    git, notebook = record.git, notebook_of(record, session)
    found: dict[str, str | None] = {
        RECORD_ID: record.record_id,
        SCHEMA_TAG: str(record.schema),
        SESSION: record.session,
        NOTEBOOK: notebook,
        CELL_ID: record.code.cell_id,
        MARK: record.mark,
        REPRODUCES: record.reproduces,
        PARENT: parent_run,
        TASK: session.task,
        ATTEMPT: None if session.attempt is None else str(session.attempt),
        "mlflow.source.name": notebook or NO_NOTEBOOK,
        "mlflow.source.type": "NOTEBOOK",
        "mlflow.source.git.commit": git.commit if git else None,
        "mlflow.source.git.branch": git.branch if git else None,
        "mlflow.source.git.repoURL": git.remote if git else None,
        "mlflow.user": record.user,
        NOTE: record.note,
    }
    return {**fit_tags(record.tags), **_texts(found)}


def ending_tags(record: RunRecord, fingerprint: str) -> dict[str, str]:
    """Tags that are known when it has ended and its data are hashed."""
    count = record.code.execution_count
    return _texts(
        {
            CAUSE: record.cause,
            FINGERPRINT: fingerprint,
            EXECUTION_COUNT: None if count is None else str(count),
            ERROR: failure_line(record),
            DURATION: None if record.duration is None else repr(record.duration),
            PARAMS_ORDER: _lines(map(fit_key, record.params)),
            METRICS_ORDER: _lines(map(fit_key, record.latest())),
        }
    )


def _lines(keys: Iterable[str]) -> str:
    """Keys, a line each, as many as fit in a tag; the others are sorted by name when read."""
    found, size = [], 0
    for key in keys:
        size += len(key) + 1
        if size > TAG_LIMIT:
            break
        found.append(key)
    return "\n".join(found)


def ended_by(record: RunRecord) -> str | None:
    """The exception that ended a run, else why it was ended; None: it ended by itself, or runs."""
    return failure_line(record) or record.cause


def later_tags(late: Mapping[str, str], reports: Iterable[Report]) -> dict[str, str]:
    """Our tags that came after the start: ``late``, those of the reports, and the state of each report."""
    found = dict(late)
    for report in reports:
        found |= {**report.tags, REPORT + report.kind: report.state}
    ours = {fit_key(key): fit_text(value, TAG_LIMIT) for key, value in found.items() if key.startswith(OURS)}
    return {key: value for key, value in ours.items() if key != RECORD_ID}


def failure_line(record: RunRecord) -> str | None:
    """The exception that ended a run and the first line of its message; None: none did."""
    if record.failure is None:
        return None
    message = (record.failure.message.strip() or " ").splitlines()[0]
    return f"{record.failure.kind}: {message}".strip(": ")


def _texts(tags: Mapping[str, str | None]) -> dict[str, str]:
    return {key: fit_text(value, TAG_LIMIT) for key, value in tags.items() if value}


def fingerprint(record: RunRecord, whole: RunRecord) -> str:
    """SHA-256 over all inputs: the session's code up to the cell, data read, parameters, environment.

    Active seeds are parameters (``seed.<library>``). Two runs of equal fingerprint had equal inputs as far as
    they were captured; None stands for what was not.

    :param whole: the run whose cell it is: the parent of a child run, else the run itself.
    """
    return canonical.digest(
        {
            "code": [*(cell.source for cell in whole.before), whole.code.source],
            "data": _inputs(record.data),
            "params": record.params,
            "environment": record.environment.digest if record.environment else None,
        }
    )


def _inputs(data: Sequence[DataUse]) -> list[list[str | None]]:
    read = [use for use in data if use.role != "written"]
    return sorted(([use.kind, use.name, use.digest] for use in read), key=canonical.canonical_json)


def inputs_of(data: Sequence[DataUse]) -> list[StoredInput]:
    """Data versions as MLflow dataset inputs. MLflow's digest holds 36 characters: a longer one is cut visibly
    and stands whole in the profile. What has no digest is only in ``record.json``, with the reason."""
    return [_input(use, use.digest) for use in data if use.digest]


def _input(use: DataUse, digest: str) -> StoredInput:
    names = ("size", "rows", "columns", "pointer", "pointer_digest", "digest_after", "inherited", "named")
    known = {name: getattr(use, name) for name in names}
    profile = {"digest": digest, **{name: value for name, value in known.items() if value not in (None, False)}}
    if use.changed_since:
        profile["changed_since"] = "the file changed after it was used: this is not the content that was read"
    return StoredInput(
        name=fit_text(use.name, NAME_LIMIT),
        digest=digest if len(digest) <= DIGEST_LIMIT else digest[: DIGEST_LIMIT - 1] + "…",
        source=canonical.canonical_json({"uri": fit_text(use.path or f"variable {use.name}", PARAM_LIMIT)}),
        role=use.role,
        profile=canonical.canonical_json(profile),
    )
