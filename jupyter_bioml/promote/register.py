"""Registering a run's model: a version in the MLflow registry, linked to the run it came from.

A run that cannot be registered is refused with the reason and the next step; nothing is made then.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..errors import BiomlError, Refused, UsageError
from ..records.run import FAILED, KILLED, RUNNING, RunRecord
from ..store.base import (
    FINGERPRINT,
    MODEL_FORMAT,
    NOTEBOOK,
    RECORD_ID,
    SESSION,
    VERDICT,
    Registry,
    StoredModel,
    StoredVersion,
)
from ..text.present import printable, short_id

if TYPE_CHECKING:
    from ..runs.catalog import Found

NAME_LIMIT = 256
_ALIAS = re.compile(r"[A-Za-z0-9_-]{1,255}")
_VERSION_LIKE = re.compile(r"[vV]\d+")
_RESERVED = ("bioml.", "mlflow.")


@dataclass(frozen=True)
class Registered:
    """A version as the registry read it back."""

    name: str
    version: str
    run_id: str
    record_id: str
    uri: str
    """The URI for ``mlflow.pyfunc.load_model``."""
    aliases: tuple[str, ...] = ()
    description: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    format: str | None = None
    """The model's storage format: ``skops``, ``cloudpickle``, …"""

    def as_json(self) -> dict[str, Any]:
        """Every field."""
        return {
            "name": self.name,
            "version": self.version,
            "run_id": self.run_id,
            "record_id": self.record_id,
            "uri": self.uri,
            "aliases": list(self.aliases),
            "description": self.description,
            "tags": dict(self.tags),
            "format": self.format,
        }


def check_names(name: str, alias: str | None, tags: Mapping[str, str]) -> None:
    """Whether the registry could take these.

    :raises UsageError: naming what is wrong with the name, the alias or a tag.
    """
    if not name.strip() or name != name.strip():
        raise UsageError(f"{name!r} is not a valid model name: it is empty or has spaces around it.")
    if len(name) > NAME_LIMIT or any(character in "/:" or not character.isprintable() for character in name):
        raise UsageError(
            f"{printable(name)[:80]!r} is not a valid model name.",
            next=f'Use up to {NAME_LIMIT} printable characters without "/" and ":".',
        )
    if alias is not None:
        _check_alias(alias)
    for key in tags:
        if not key or key.startswith(_RESERVED):
            raise UsageError(f"The tag {key!r} cannot be set: {', '.join(_RESERVED)} are reserved.")


def _check_alias(alias: str) -> None:
    if not _ALIAS.fullmatch(alias):
        raise UsageError(
            f"{printable(alias)[:80]!r} is not a valid alias.",
            next="Use letters, digits, - and _: challenger, champion.",
        )
    if _VERSION_LIKE.fullmatch(alias) or alias.lower() == "latest":
        raise UsageError(f"The alias {alias!r} would be mistaken for a version.", next="Use a word: challenger.")


def check_state(record: RunRecord) -> None:
    """Whether a run in this state may be registered.

    :raises Refused: with the reason, when it failed, was killed or still runs.
    """
    identity = short_id(record.record_id)
    if record.status == RUNNING:
        raise Refused(f"The run {identity} still runs; nothing was registered.", next="Register it after it has ended.")
    if record.status == FAILED:
        last = f": {record.failure.kind}: {record.failure.message}" if record.failure else ""
        raise Refused(
            f"The run {identity} failed{printable(last)[:200]}. Nothing was registered.",
            next="Fix the cell, rerun it, and register the new run.",
        )
    if record.status == KILLED:
        raise Refused(
            f"The run {identity} was ended early ({record.cause or 'killed'}). Nothing was registered.",
            next="Rerun the cell, and register the new run.",
        )


def why_no_model(record: RunRecord) -> str:
    """Why a run has no model; quotes the run's gap if it has one."""
    reasons = [gap.reason for gap in record.gaps if gap.part == "model" or gap.part.startswith("model.")]
    if record.model is not None:
        reasons = reasons or [f"{record.model.name} was serialised, but did not reach MLflow"]
    return "; ".join(reasons) or "no fitted estimator or module was bound in its cell"


def refuse_without_model(record: RunRecord) -> Refused:
    """The refusal of a run that has no model."""
    return Refused(
        f"The run {short_id(record.record_id)} has no model: {printable(why_no_model(record))}. "
        "Nothing was registered.",
        next="Name the model in the cell with %%experiment --model VARIABLE, rerun it, and register the new run.",
    )


def register(
    store: Registry,
    found: Found,
    name: str,
    *,
    alias: str | None = None,
    description: str = "",
    tags: Mapping[str, str] | None = None,
) -> Registered:
    """Make a version of a published run's model, read back and linked to the run.

    :param found: the run; it must be in MLflow.
    :raises UsageError: for a name, alias or tag the registry could not take.
    :raises Refused: with the reason; no version exists then, except where the message names one.
    """
    tags = dict(tags or {})
    check_names(name, alias, tags)
    check_state(found.record)
    if found.run_id is None:
        raise Refused(
            f"The run {short_id(found.record.record_id)} is not in MLflow yet. Nothing was registered.",
            next="Send it with: bioml publish --wait",
        )
    models = store.run_models(found.run_id)
    if not models:
        raise refuse_without_model(found.record)
    version = store.register_model(
        found.run_id, name, description=description, tags={**tags, **_own_tags(found, models[-1])}
    )
    if version.run_id != found.run_id:
        raise Refused(
            f"Version {version.version} of {printable(name)} was made, but the registry links it to "
            f"{version.run_id or 'no run'} instead of {found.run_id}.",
            next="Delete that version in MLflow, and report this with MLflow's version.",
        )
    if alias is not None:
        version = _with_alias(store, version, alias)
    return _registered(version, found, models[-1])


def _own_tags(found: Found, model: StoredModel) -> dict[str, str]:
    stored = found.stored.tags if found.stored else {}
    tags = {key: stored[key] for key in (SESSION, NOTEBOOK, FINGERPRINT, VERDICT) if key in stored}
    tags[RECORD_ID] = found.record.record_id
    if model.format:
        tags[MODEL_FORMAT] = model.format
    return tags


def _with_alias(store: Registry, version: StoredVersion, alias: str) -> StoredVersion:
    try:
        again = store.set_alias(version.name, version.version, alias)
    except BiomlError as error:
        raise Refused(
            f"Version {version.version} of {printable(version.name)} was made, but the alias {alias} was not set: "
            f"{error.message}",
            next="Set the alias in MLflow, or register again.",
        ) from None
    if alias not in again.aliases:
        raise Refused(
            f"Version {version.version} of {printable(version.name)} was made, "
            f"but the alias {alias} did not read back.",
            next="Set the alias in MLflow.",
        )
    return again


def _registered(version: StoredVersion, found: Found, model: StoredModel) -> Registered:
    return Registered(
        name=version.name,
        version=version.version,
        run_id=version.run_id or "",
        record_id=found.record.record_id,
        uri=version.uri,
        aliases=version.aliases,
        description=version.description,
        tags=version.tags,
        format=model.format,
    )
