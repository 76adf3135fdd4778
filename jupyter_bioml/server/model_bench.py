"""Registered models for the server's handlers: listed, registered, aliases set and removed."""

from __future__ import annotations

from collections.abc import Callable

from ..config import Destination, Project
from ..errors import NotFound
from ..promote.models import ProjectModels
from ..promote.policy import refuse_if_gated
from ..promote.register import check_names
from ..runs.index import RunIndex
from ..runs.project import Find
from ..store.base import Store, StoredVersion
from ..store.opening import OpenStore
from ..views import registry, shapes


class ModelBench:
    """The registry for the server's handlers.

    :param find: looks up a run.
    :param shows: whether a version may be told; None: every one.
    """

    def __init__(
        self,
        project: Project,
        target: Destination,
        open_store: OpenStore,
        index: RunIndex,
        find: Find,
        shows: Callable[[StoredVersion], bool] | None,
    ) -> None:
        self._project = project
        self._target = target
        self._open_store = open_store
        self._index = index
        self._shows = shows
        self._models = ProjectModels(project, target, open_store, find)

    def registered(self) -> tuple[shapes.RegisteredModel, ...]:
        """Every registered model with its versions."""
        models = self._models.list()
        shown = [one for one in models.versions if self._shows is None or self._shows(one)]
        return registry.models_of(shown, models.descriptions, self._index.snapshot().by_id.get, self._target)

    def offer(self, run: str) -> shapes.RegisterOffer:
        """What registering a run would store, or why it cannot be registered."""
        found = self._models.findable(run)
        has_model = found.record.model is not None or self._models.has_model(found)
        return registry.offer(found, self.registered(), has_model=has_model)

    def register(self, run: str, request: shapes.RegisterRequest) -> shapes.ModelVersion:
        """Register a run's model."""
        made = self._models.register(run, request.name, alias=request.alias or None, description=request.description)
        self._index.expire()
        return self._version(made.name, made.version)

    def set_alias(self, name: str, alias: str, version: str) -> shapes.ModelVersion:
        """Let an alias point at a version."""
        check_names(name, alias, {})
        refuse_if_gated(self._project.root, alias)
        self._told(name, version)
        self._store().set_alias(name, version, alias)
        return self._version(name, version)

    def remove_alias(self, name: str, alias: str) -> shapes.AliasDeleted:
        """Remove an alias from the version that has it."""
        refuse_if_gated(self._project.root, alias)
        self._told(name, f"@{alias}")
        self._store().remove_alias(name, alias)
        return shapes.AliasDeleted(name, alias, True)

    def _told(self, name: str, which: str) -> None:
        """Refuse a version that may not be told.

        :raises NotFound: as if there were none.
        """
        if self._shows is not None and not self._shows(self._store().model_version(name, which)):
            raise NotFound("There is no such model version below this server's root.", next="List the models.")

    def _version(self, name: str, version: str) -> shapes.ModelVersion:
        found = self._store().model_version(name, version)
        return registry.version_of(found, self._index.snapshot().by_id.get, self._target)

    def _store(self) -> Store:
        store = self._open_store()
        if store is None:
            raise NotFound("Nothing has been published here yet, so there is no model.", next="Register a run first.")
        return store
