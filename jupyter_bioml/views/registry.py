"""Registered models with what each version came from, and what registering a run would store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from ..config import Destination
from ..errors import BiomlError
from ..promote.register import check_state, refuse_without_model
from ..records.run import RunRecord
from ..runs.catalog import Found
from ..runs.summary import Summary
from ..store import base
from ..store.load_code import load_code
from ..text.present import format_bytes, printable, short_id
from . import shapes

#: Aliases that are offered although no model has them yet.
USUAL_ALIASES = ("champion", "challenger")
_USER = "mlflow.user"
Known = Callable[[str], Summary | None]


def version_of(version: base.StoredVersion, known: Known, target: Destination) -> shapes.ModelVersion:
    """A version of the registry at ``target``; ``known`` gives the run of a record id, where this project has it."""
    record_id = version.tags.get(base.RECORD_ID)
    run = known(record_id) if record_id else None
    row = run.row if run is not None else None
    return shapes.ModelVersion(
        name=version.name,
        version=version.version,
        run_id=version.run_id,
        record_id=record_id,
        run_name=row.name if row else None,
        notebook=row.notebook if row else version.tags.get(base.NOTEBOOK),
        cell_id=row.cell_id if row else version.tags.get(base.CELL_ID),
        user=run.user if run else version.tags.get(_USER),
        uri=version.uri,
        load_code=load_code(version.uri, target),
        aliases=version.aliases,
        description=version.description,
        tags=dict(version.tags),
        created=version.created,
    )


def models_of(
    versions: Iterable[base.StoredVersion], descriptions: Mapping[str, str], known: Known, target: Destination
) -> tuple[shapes.RegisteredModel, ...]:
    """Models by name, each with its versions newest first."""
    found: dict[str, list[shapes.ModelVersion]] = {}
    for version in versions:
        found.setdefault(version.name, []).append(version_of(version, known, target))
    return tuple(
        shapes.RegisteredModel(name, descriptions.get(name, ""), _newest_first(found[name]))
        for name in sorted(found, key=str.casefold)
    )


def _newest_first(versions: list[shapes.ModelVersion]) -> tuple[shapes.ModelVersion, ...]:
    return tuple(sorted(versions, key=lambda one: _number(one.version), reverse=True))


def _number(version: str) -> int:
    return int(version) if version.isdecimal() else 0


def offer(found: Found, models: Sequence[shapes.RegisteredModel], *, has_model: bool) -> shapes.RegisterOffer:
    """What the register form shows for a run.

    :param has_model: MLflow or the journal has a model of it.
    """
    refusal = _refusal(found.record, has_model)
    names = tuple(shapes.ModelName(one.name, _next(one)) for one in models)
    aliases = dict.fromkeys(
        [*USUAL_ALIASES, *(a for one in models for version in one.versions for a in version.aliases)]
    )
    return shapes.RegisterOffer(
        can=refusal is None,
        refusal=refusal,
        suggested_name=_suggestion(found, models),
        names=names,
        aliases=tuple(aliases),
        will_store=tuple(_will_store(found)) if refusal is None else (),
    )


def _refusal(record: RunRecord, has_model: bool) -> shapes.Refusal | None:
    try:
        check_state(record)
    except BiomlError as error:
        return shapes.Refusal(error.message, error.next)
    if has_model:
        return None
    refused = refuse_without_model(record)
    return shapes.Refusal(refused.message, refused.next)


def _next(model: shapes.RegisteredModel) -> str:
    return str(1 + max((_number(one.version) for one in model.versions), default=0))


def _suggestion(found: Found, models: Sequence[shapes.RegisteredModel]) -> str:
    """The model that runs of this name were registered as before; else the run's own name, made fit."""
    for model in models:
        if any(version.run_name == found.name for version in model.versions):
            return model.name
    clean = "".join("-" if c in "/:[]" or not c.isprintable() else c for c in found.name)
    return "-".join(clean.split()).strip("-")[:100] or "model"


def _will_store(found: Found) -> Iterable[shapes.Stored]:
    record = found.record
    model = record.model
    if model is not None:
        yield shapes.Stored("Model", f"{printable(model.name)} ({printable(model.class_name)})")
        yield shapes.Stored("Size", f"{format_bytes(model.size)} as pickled in the kernel")
        sample = printable(model.sample_source or "")
        yield shapes.Stored("Input example", sample or ("kept" if model.sample_blob else "none"))
    else:
        yield shapes.Stored("Model", "the one that the cell logged with MLflow")
    yield shapes.Stored("Run", f"{printable(found.name)} ({short_id(found.row.record_id)})")
    if record.code.notebook:
        yield shapes.Stored("Notebook", printable(record.code.notebook))
    data = [use for use in record.data if use.role != "written"]
    if data:
        hashed = sum(use.digest is not None for use in data)
        yield shapes.Stored("Data", f"{len(data)} read, {hashed} with a digest")
    if record.environment is not None:
        yield shapes.Stored("Environment", short_id(record.environment.digest))
    if found.run_id is None:
        yield shapes.Stored("First", "the run is sent to MLflow")
