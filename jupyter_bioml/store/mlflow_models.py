"""Models and their registered versions in MLflow: a part of :class:`~.mlflow_store.MlflowStore`, the gateway."""

from __future__ import annotations

import filecmp
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from typing_extensions import override

from ..config import without_credentials
from ..errors import Refused
from .base import MODEL_FORMAT, RECORD_ID, Registry, StoredModel, StoredVersion
from .filters import quoted
from .local_files import local_folder
from .mlflow_errors import answering, transfers

_PAGE = 1000


class MlflowModels(Registry):
    """The model methods of MLflow's store; the store itself provides the client."""

    _uri: str
    _artifact_root: Path | None
    _client: Any
    _mlflow: Any

    @property
    def uri(self) -> str:
        """Its address, without credentials."""
        return without_credentials(self._uri)

    @override
    def add_model(self, run_id: str, folder: Path, tags: Mapping[str, str]) -> StoredModel:
        with answering(self.uri, f"a model of run {run_id}"), transfers():
            run = self._client.get_run(run_id)
            experiment = run.info.experiment_id
            found = self._from_before(experiment, run_id, tags[RECORD_ID])
            if found is None:
                params = dict(run.data.params)
                found = self._client.create_logged_model(experiment, "model", run_id, dict(tags), params)
                with self._deleted_on_failure(found.model_id):
                    self._upload(run_id, found, folder)
                    self._client.finalize_logged_model(found.model_id, "READY")
            self._tell_run(run_id, found.model_id)
            return StoredModel(found.model_id, run_id, f"models:/{found.model_id}", found.tags.get(MODEL_FORMAT))

    def _from_before(self, experiment: str, run_id: str, record_id: str) -> Any:
        """A model of the record that an interrupted call had finished; what it had not is deleted."""
        condition = f"tags.`{RECORD_ID}` = '{record_id}'"
        ready = None
        for found in self._client.search_logged_models([experiment], filter_string=condition):
            if found.source_run_id != run_id:
                continue
            if str(found.status) == "READY":
                ready = found
            else:
                self._client.delete_logged_model(found.model_id)
        return ready

    def _upload(self, run_id: str, logged: Any, folder: Path) -> None:
        """Copy the files, and read them back.

        :raises Refused: when the store gives back other bytes.
        """
        description = self._mlflow.models.Model.load(str(folder))
        description.run_id, description.model_id = run_id, logged.model_id
        description.model_uuid = logged.model_id
        description.artifact_path = logged.artifact_location
        description.save(str(folder / "MLmodel"))
        self._client.log_model_artifacts(logged.model_id, str(folder))
        names = [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]
        with tempfile.TemporaryDirectory(prefix="bioml-model-") as copy:
            again = self._mlflow.artifacts.download_artifacts(
                artifact_uri=logged.artifact_location, tracking_uri=self._uri, dst_path=copy
            )
            _, other, missing = filecmp.cmpfiles(folder, again, names, shallow=False)
        if other or missing:
            raise Refused(f"{self.uri} returned different bytes for the model than were stored.")

    def _fetched(self, location: str, folder: Path | None = None) -> str:
        """A local folder with the files of a model: a copy (in ``folder``), or, without ``folder``, the place itself
        where it is on this machine."""
        target = None if folder is None else str(folder)
        return str(
            self._mlflow.artifacts.download_artifacts(artifact_uri=location, tracking_uri=self._uri, dst_path=target)
        )

    def _tell_run(self, run_id: str, model_id: str) -> None:
        outputs = self._client.get_run(run_id).outputs
        if model_id not in [item.model_id for item in (outputs.model_outputs if outputs else [])]:
            self._client.log_outputs(run_id, [self._mlflow.entities.LoggedModelOutput(model_id, step=0)])

    @contextmanager
    def _deleted_on_failure(self, model_id: str) -> Iterator[None]:
        try:
            yield
        except BaseException:
            with suppress(Exception):
                self._client.delete_logged_model(model_id)
            raise

    @override
    def run_models(self, run_id: str) -> tuple[StoredModel, ...]:
        with answering(self.uri, f"models of run {run_id}"):
            outputs = self._client.get_run(run_id).outputs
            identities = [item.model_id for item in outputs.model_outputs] if outputs else []
            found = [self._logged(identity) for identity in identities]
        ready = [item for item in found if item is not None and str(item.status) == "READY"]
        return tuple(
            StoredModel(item.model_id, run_id, f"models:/{item.model_id}", item.tags.get(MODEL_FORMAT))
            for item in sorted(ready, key=lambda item: item.creation_timestamp)
        )

    def _logged(self, model_id: str) -> Any:
        """A model that was logged to a run; None: it was deleted."""
        try:
            return self._client.get_logged_model(model_id)
        except self._mlflow.MlflowException as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
            return None

    @override
    def register_model(
        self,
        run_id: str,
        name: str,
        *,
        description: str = "",
        tags: Mapping[str, str] | None = None,
    ) -> StoredVersion:
        models = self.run_models(run_id)
        if not models:
            raise Refused(
                f"Run {run_id} has no model.", next="Name the model with --model VAR in the cell, and rerun it."
            )
        model = models[-1]
        with answering(self.uri, f"model {name}"):
            self._open_model(name)
            made = self._client.create_model_version(
                name, self._source(model), run_id, dict(tags or {}), description=description or None,
                model_id=model.model_id, await_creation_for=None,
            )  # fmt: skip
        version = self.model_version(name, str(made.version))
        if version.run_id != run_id:
            with answering(self.uri, f"model {name}"):
                self._client.delete_model_version(name, version.version)
            raise Refused(
                f"The registry lost the link of {name} version {version.version} to run {run_id}; "
                "the version was deleted.",
                next="Update the MLflow server, then register again.",
            )
        return version

    def _source(self, model: StoredModel) -> str:
        """The place of a version's files. A server resolves ``models:/…`` itself; MLflow's database store looks it up
        at the process's own tracking URI instead of ours (and makes a database there), so it gets the place."""
        if self._artifact_root is None:
            return model.uri
        return str(self._client.get_logged_model(model.model_id).artifact_location)

    def _open_model(self, name: str) -> None:
        try:
            self._client.create_registered_model(name)
        except self._mlflow.MlflowException as error:
            if error.error_code not in ("RESOURCE_ALREADY_EXISTS", "ALREADY_EXISTS"):
                raise

    @override
    def set_alias(self, name: str, version: str, alias: str) -> StoredVersion:
        with answering(self.uri, f"model {name} version {version}"):
            self._client.set_registered_model_alias(name, alias, version)
        return self.model_version(name, f"@{alias}")

    @override
    def remove_alias(self, name: str, alias: str) -> None:
        self.model_version(name, f"@{alias}")  # MLflow says nothing of one that is not there
        with answering(self.uri, f"alias {alias} of model {name}"):
            self._client.delete_registered_model_alias(name, alias)

    @override
    def model_version(self, name: str, version: str) -> StoredVersion:
        with answering(self.uri, f"model {name} version {version}"):
            if version.startswith("@"):
                found = self._client.get_model_version_by_alias(name, version[1:])
            else:
                found = self._client.get_model_version(name, version)
            return self._versioned(found)

    @override
    def models(self, name: str | None = None) -> list[StoredVersion]:
        with answering(self.uri, "models"):
            names = [name] if name is not None else [item.name for item in self._registered()]
            found = [
                self.model_version(item.name, str(item.version)) for model in names for item in self._versions(model)
            ]
        return sorted(found, key=lambda item: item.created or 0.0, reverse=True)

    @override
    def model_descriptions(self) -> dict[str, str]:
        with answering(self.uri, "models"):
            return {item.name: item.description for item in self._registered() if item.description}

    def _versions(self, name: str) -> Iterator[Any]:
        """The versions of a model; a name that the filter language cannot express is searched among all."""
        literal, token = quoted(name), None
        condition = None if literal is None else f"name = {literal}"
        while True:
            page = self._client.search_model_versions(condition, max_results=_PAGE, page_token=token)
            yield from (item for item in page if item.name == name)
            token = page.token
            if not token:
                return

    def _registered(self) -> Iterator[Any]:
        token = None
        while True:
            page = self._client.search_registered_models(max_results=_PAGE, page_token=token)
            yield from page
            token = page.token
            if not token:
                return

    @staticmethod
    def _versioned(found: Any) -> StoredVersion:
        return StoredVersion(
            name=found.name,
            version=str(found.version),
            run_id=found.run_id or None,
            model_id=getattr(found, "model_id", None) or None,
            aliases=tuple(found.aliases or ()),
            description=found.description or "",
            tags=dict(found.tags or {}),
            created=None if found.creation_timestamp is None else found.creation_timestamp / 1000,
        )

    @override
    def tag_version(self, name: str, version: str, tags: Mapping[str, str]) -> None:
        with answering(self.uri, f"model {name} version {version}"):
            for key, value in tags.items():
                self._client.set_model_version_tag(name, version, key, value)

    @override
    def model_files(self, uri: str, folder: Path) -> Path:
        with answering(self.uri, f"model {uri}"), transfers():
            location = self._location(uri)
            place = local_folder(location)
            return place if place is not None and place.is_dir() else Path(self._fetched(location, folder))

    @override
    def load_model(self, uri: str) -> Any:
        with answering(self.uri, f"model {uri}"), transfers():
            return self._mlflow.pyfunc.load_model(self._fetched(self._location(uri)))

    def _location(self, uri: str) -> str:
        """The place of the files behind ``models:/<id>``, ``models:/name/version`` or ``models:/name@alias``.

        A version does not always name its logged model: MLflow's database store keeps no such column.
        """
        rest = uri.removeprefix("models:/")
        if "@" in rest:
            name, _, alias = rest.rpartition("@")
            found = self.model_version(name, f"@{alias}")
        elif "/" in rest:
            found = self.model_version(*rest.rsplit("/", 1))
        else:
            return str(self._client.get_logged_model(rest).artifact_location)
        return str(self._client.get_model_version_download_uri(found.name, found.version))
