"""The registered models of one project: listed, and made from runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..config import Destination, Project
from ..errors import Refused, StoreUnavailable
from ..runs.catalog import Found
from ..runs.project import Find
from ..store.base import StoredVersion
from ..store.opening import OpenStore
from ..text.present import short_id
from .register import check_names, check_state, refuse_without_model, register

if TYPE_CHECKING:
    from ..journal.runs import LocalRun
    from .register import Registered

#: Seconds that a registration waits for a run and its model that are not in MLflow yet.
PATIENCE = 300.0


@dataclass(frozen=True)
class Models:
    """Registered versions, newest first."""

    versions: tuple[StoredVersion, ...] = ()
    descriptions: Mapping[str, str] = field(default_factory=dict)
    """What was written about the models themselves, by name; of those that have a description."""

    def as_json(self) -> list[dict[str, Any]]:
        """The versions."""
        return [version.as_json() for version in self.versions]


class ProjectModels:
    """The registry of one destination.

    :param open_store: see :data:`~jupyter_bioml.store.opening.OpenStore`.
    :param find: looks up a run.
    """

    def __init__(self, project: Project, target: Destination, open_store: OpenStore, find: Find) -> None:
        self._project = project
        self._target = target
        self._open_store = open_store
        self._find = find

    def list(self) -> Models:
        """Every registered version."""
        store = self._open_store()
        return Models(tuple(store.models()), store.model_descriptions()) if store is not None else Models()

    def register(
        self,
        run: str,
        name: str,
        *,
        alias: str | None = None,
        description: str = "",
        tags: Mapping[str, str] | None = None,
    ) -> Registered:
        """Make a model version from a run, linked to it; a run that still waits is published first.

        :raises Refused: with the reason and what to do.
        """
        from .policy import refuse_if_gated

        check_names(name, alias, tags or {})
        if alias is not None:
            refuse_if_gated(self._project.root, alias)
        found = self.findable(run, "Nothing was registered.")
        check_state(found.record)
        if found.local is not None and not self.has_model(found):
            if _never_has_model(found.local):
                raise refuse_without_model(found.record)
            found = self._published(found)
        store = self._open_store()
        assert store is not None
        return register(store, found, name, alias=alias, description=description, tags=tags)

    def findable(self, run: str, kept: str = "The run is kept.") -> Found:
        """The run, if MLflow answers.

        :param kept: a sentence about what was not done.
        :raises StoreUnavailable: it does not.
        """
        found = self._find(run)
        if found.down:
            raise StoreUnavailable(
                f"{self._target.uri} does not answer: {found.down} {kept}",
                next="Try again when it answers; the run is kept.",
            )
        return found

    def has_model(self, found: Found) -> bool:
        """Whether MLflow has a model of the run."""
        store = self._open_store()
        return bool(store is not None and found.run_id and store.run_models(found.run_id))

    def _published(self, found: Found) -> Found:
        from ..publish.sending import publish

        report = publish(self._project, self._target, wait=True, timeout=PATIENCE)
        identity = found.record.record_id
        again = self._find(identity)
        if again.run_id is None or (report.why(identity) and not self.has_model(again)):
            raise Refused(
                f"The run {short_id(identity)} is not wholly in MLflow yet: "
                f"{report.why(identity) or 'it was not sent'}. Nothing was registered, and the run is kept.",
                next="Wait until it is, with: bioml publish --wait, then register it.",
            )
        return again


def _never_has_model(run: LocalRun) -> bool:
    """True when its kernel made none and will make none, and the user's own code opened no run to log one to."""
    record = run.listed
    pending = not run.log.fold.complete(record.record_id, dead=run.dead)
    return record.model is None and not record.user_runs and not pending
