"""MLflow as a store of runs and models: the gateway to mlflow (its Python client and its databases).

Nothing here changes mlflow's global state (tracking URI, active run), so that it can be used in a process
in which the user's own code talks to MLflow too. mlflow itself is imported at first use.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..config import without_credentials
from ..errors import Refused
from ..records.run import Metric, RunRecord
from ..records.wire import load_record
from .base import (
    MODEL_FORMAT,
    PARTS,
    RECORD_FILE,
    RECORD_ID,
    ModelVersion,
    StoredInput,
    StoredModel,
    StoredRun,
)
from .mlflow_database import artifact_root_of, database_id, prepare_database, usable_uri
from .mlflow_errors import answering, transfers

#: MLflow's limits per request (3.x), and half of its limit of bytes.
METRICS_PER_BATCH, PARAMS_PER_BATCH, TAGS_PER_BATCH, BATCH_BYTES = 1000, 100, 100, 500_000
_PAGE = 1000

__all__ = ["MlflowStore", "prepare_database"]


class MlflowStore:
    """A tracking server or database.

    :param uri: tracking URI, with credentials where it has them.
    :raises StoreUnavailable: when it is a database on a network file system, or cannot be opened.
    """

    def __init__(self, uri: str) -> None:
        self._uri = usable_uri(uri)
        self._artifact_root = artifact_root_of(self._uri)
        self._experiments: dict[str, str] = {}
        self._client_made: Any = None

    @property
    def uri(self) -> str:
        """Where it is, without credentials."""
        return without_credentials(self._uri)

    @property
    def _client(self) -> Any:
        if self._client_made is None:
            from mlflow import MlflowClient

            self._client_made = MlflowClient(tracking_uri=self._uri, registry_uri=self._uri)
        return self._client_made

    # -- reading ---------------------------------------------------------------------------------

    def get(self, run_id: str) -> StoredRun:
        with answering(self.uri, f"run {run_id}"):
            return self._stored(self._client.get_run(run_id))

    def search(
        self,
        *,
        prefix: str | None = None,
        experiment: str | None = None,
        name: str | None = None,
        tags: Mapping[str, str] | None = None,
        ours: bool = True,
        deleted: bool = False,
        limit: int = 1000,
    ) -> list[StoredRun]:
        conditions = [f"tags.`{RECORD_ID}` LIKE '%'"] if ours else []
        wanted = dict(tags or {})
        conditions += [f"tags.`{key}` = {quoted}" for key, value in wanted.items() if (quoted := _quoted(value))]
        if name is not None and (quoted := _quoted(name)):
            conditions.append(f"attributes.run_name = {quoted}")
        with answering(self.uri, "runs"):
            identities = self._experiment_ids(experiment, deleted)
            found = {
                run.run_id: run
                for more in _prefix_conditions(prefix)
                for run in self._search(identities, [*conditions, *more], deleted, limit, wanted, name)
            }
        newest = sorted(found.values(), key=lambda run: run.started or 0.0, reverse=True)
        return newest[:limit]

    def _search(
        self,
        experiments: list[str],
        conditions: list[str],
        deleted: bool,
        limit: int,
        tags: Mapping[str, str],
        name: str | None,
    ) -> Iterator[StoredRun]:
        """Pages of runs; conditions that MLflow's filter language cannot say are checked here."""
        from mlflow.entities import ViewType

        view = ViewType.ALL if deleted else ViewType.ACTIVE_ONLY
        token, left = None, limit
        while experiments and left > 0:
            page = self._client.search_runs(
                experiments, " AND ".join(conditions), view, min(_PAGE, limit), ["attributes.start_time DESC"], token
            )
            for run in map(self._stored, page):
                if all(run.tags.get(k) == v for k, v in tags.items()) and name in (None, run.name):
                    left -= 1
                    yield run
            token = page.token
            if not token:
                return

    def _experiment_ids(self, name: str | None, deleted: bool) -> list[str]:
        from mlflow.entities import ViewType

        view, token, found = ViewType.ALL if deleted else ViewType.ACTIVE_ONLY, None, []
        while True:
            page = self._client.search_experiments(view_type=view, max_results=_PAGE, page_token=token)
            for item in page:
                self._experiments[item.experiment_id] = item.name
                if name in (None, item.name):
                    found.append(item.experiment_id)
            token = page.token
            if not token:
                return found

    def _stored(self, run: Any) -> StoredRun:
        info, data = run.info, run.data
        if info.experiment_id not in self._experiments:
            self._experiments[info.experiment_id] = self._client.get_experiment(info.experiment_id).name
        return StoredRun(
            run_id=info.run_id,
            name=info.run_name or "",
            status=info.status,
            experiment=self._experiments[info.experiment_id],
            started=None if info.start_time is None else info.start_time / 1000,
            ended=None if not info.end_time else info.end_time / 1000,
            params=dict(data.params),
            metrics=dict(data.metrics),
            tags=dict(data.tags),
            deleted=info.lifecycle_stage == "deleted",
        )

    def history(self, run_id: str, key: str) -> tuple[Metric, ...]:
        with answering(self.uri, f"metric {key} of run {run_id}"):
            found = self._client.get_metric_history(run_id, key)
        metrics = [Metric(item.key, item.value, item.step, item.timestamp / 1000) for item in found]
        return tuple(sorted(metrics, key=lambda metric: (metric.step, metric.at)))

    def inputs(self, run_id: str) -> tuple[StoredInput, ...]:
        with answering(self.uri, f"run {run_id}"):
            found = self._client.get_run(run_id).inputs.dataset_inputs
        return tuple(
            StoredInput(
                item.dataset.name,
                item.dataset.digest,
                item.dataset.source,
                next((tag.value for tag in item.tags if tag.key == "mlflow.data.context"), None),
                item.dataset.profile,
            )
            for item in found
        )

    def artifacts(self, run_id: str, path: str = "") -> tuple[str, ...]:
        with answering(self.uri, f"files of run {run_id}"), transfers():
            return tuple(sorted(self._walk(run_id, path)))

    def _walk(self, run_id: str, path: str) -> Iterator[str]:
        for item in self._client.list_artifacts(run_id, path or None):
            if item.is_dir:
                yield from self._walk(run_id, item.path)
            else:
                yield item.path

    def read_artifact(self, run_id: str, path: str) -> bytes:
        with answering(self.uri, f"file {path} of run {run_id}"), transfers(), tempfile.TemporaryDirectory() as folder:
            return Path(self._client.download_artifacts(run_id, path, folder)).read_bytes()

    def record(self, run_id: str) -> RunRecord:
        return load_record(json.loads(self.read_artifact(run_id, RECORD_FILE)))

    # -- writing ---------------------------------------------------------------------------------

    def identity(self) -> str | None:
        return database_id(self._uri)

    def open_experiment(self, name: str) -> tuple[str, str | None]:
        with answering(self.uri, f"MLflow experiment {name}"):
            found = self._client.get_experiment_by_name(name)
            if found is None:
                return self._create_experiment(name), None
            if found.lifecycle_stage != "deleted":
                return str(found.experiment_id), None
            self._client.restore_experiment(found.experiment_id)
            return str(found.experiment_id), f"The MLflow experiment {name!r} had been deleted; it was restored."

    def _create_experiment(self, name: str) -> str:
        from mlflow.exceptions import MlflowException

        root = self._artifact_root
        location = None if root is None else (root / os.urandom(16).hex()).as_uri()
        try:
            return str(self._client.create_experiment(name, artifact_location=location))
        except MlflowException:
            found = self._client.get_experiment_by_name(name)  # another process was quicker
            if found is None:
                raise
            return str(found.experiment_id)

    def create_run(self, experiment_id: str, name: str, started: float, tags: Mapping[str, str]) -> str:
        with answering(self.uri, "a new run"):
            made = self._client.create_run(experiment_id, int(started * 1000), dict(tags), name)
            return str(made.info.run_id)

    def find_record(self, record_id: str, tag: str = RECORD_ID) -> list[StoredRun]:
        found = self.search(tags={tag: record_id}, ours=False, deleted=True)
        return sorted(found, key=lambda run: run.started or 0.0)

    def write(
        self,
        run_id: str,
        *,
        params: Mapping[str, str] | None = None,
        metrics: Sequence[Metric] = (),
        tags: Mapping[str, str] | None = None,
    ) -> None:
        from mlflow import entities

        ours = [entities.Param(key, value) for key, value in (params or {}).items()]
        points = [entities.Metric(item.key, item.value, int(item.at * 1000), item.step) for item in metrics]
        labels = [entities.RunTag(key, value) for key, value in (tags or {}).items()]
        with answering(self.uri, f"run {run_id}"):
            for batch in _batches(ours, PARAMS_PER_BATCH):
                self._client.log_batch(run_id, params=batch)
            for batch in _batches(points, METRICS_PER_BATCH):
                self._client.log_batch(run_id, metrics=batch)
            for batch in _batches(labels, TAGS_PER_BATCH):
                self._client.log_batch(run_id, tags=batch)

    def add_inputs(self, run_id: str, inputs: Sequence[StoredInput]) -> None:
        from mlflow.entities import Dataset, DatasetInput, InputTag

        made = [
            DatasetInput(
                Dataset(item.name, item.digest, "local", item.source, profile=item.profile),
                [InputTag("mlflow.data.context", item.role)] if item.role else [],
            )
            for item in inputs
        ]
        with answering(self.uri, f"run {run_id}"):
            for batch in _batches(made, PARAMS_PER_BATCH):
                self._client.log_inputs(run_id, datasets=batch)

    def add_artifacts(self, run_id: str, folder: Path) -> None:
        with answering(self.uri, f"files of run {run_id}"), transfers():
            self._client.log_artifacts(run_id, str(folder))

    def rename(self, run_id: str, name: str) -> None:
        with answering(self.uri, f"run {run_id}"):
            self._client.update_run(run_id, name=name)

    def end_run(self, run_id: str, status: str, ended: float) -> None:
        with answering(self.uri, f"run {run_id}"):
            self._client.set_terminated(run_id, status, int(ended * 1000))

    # -- models ----------------------------------------------------------------------------------

    def run_models(self, run_id: str) -> tuple[StoredModel, ...]:
        with answering(self.uri, f"models of run {run_id}"):
            outputs = self._client.get_run(run_id).outputs
            identities = [item.model_id for item in outputs.model_outputs] if outputs else []
            found = [self._client.get_logged_model(identity) for identity in identities]
        ready = [item for item in found if str(item.status) == "READY"]
        return tuple(
            StoredModel(item.model_id, run_id, f"models:/{item.model_id}", item.tags.get(MODEL_FORMAT))
            for item in sorted(ready, key=lambda item: item.creation_timestamp)
        )

    def register_model(
        self,
        run_id: str,
        name: str,
        *,
        description: str = "",
        tags: Mapping[str, str] | None = None,
    ) -> ModelVersion:
        models = self.run_models(run_id)
        if not models:
            raise Refused(f"Run {run_id} has no model.", next="Name it with --model VAR in the cell and run it again.")
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
        """Where a version's files are. A server resolves ``models:/…`` itself; MLflow's database store looks it up
        at the process's own tracking URI instead of ours (and makes a database there), so it gets the place."""
        if self._artifact_root is None:
            return model.uri
        return str(self._client.get_logged_model(model.model_id).artifact_location)

    def _open_model(self, name: str) -> None:
        from mlflow.exceptions import MlflowException

        try:
            self._client.create_registered_model(name)
        except MlflowException as error:
            if error.error_code not in ("RESOURCE_ALREADY_EXISTS", "ALREADY_EXISTS"):
                raise

    def set_alias(self, name: str, version: str, alias: str) -> ModelVersion:
        with answering(self.uri, f"model {name} version {version}"):
            self._client.set_registered_model_alias(name, alias, version)
        return self.model_version(name, f"@{alias}")

    def model_version(self, name: str, version: str) -> ModelVersion:
        with answering(self.uri, f"model {name} version {version}"):
            if version.startswith("@"):
                found = self._client.get_model_version_by_alias(name, version[1:])
            else:
                found = self._client.get_model_version(name, version)
            return self._versioned(found)

    def models(self, name: str | None = None) -> list[ModelVersion]:
        with answering(self.uri, "models"):
            names = [name] if name is not None else [item.name for item in self._registered()]
            found = [
                self.model_version(item.name, str(item.version))
                for model in names
                for item in self._client.search_model_versions(f"name = {_quoted(model)}", max_results=_PAGE)
            ]
        return sorted(found, key=lambda item: item.created or 0.0, reverse=True)

    def _registered(self) -> Iterator[Any]:
        token = None
        while True:
            page = self._client.search_registered_models(max_results=_PAGE, page_token=token)
            yield from page
            token = page.token
            if not token:
                return

    @staticmethod
    def _versioned(found: Any) -> ModelVersion:
        return ModelVersion(
            name=found.name,
            version=str(found.version),
            run_id=found.run_id or None,
            model_id=getattr(found, "model_id", None) or None,
            aliases=tuple(found.aliases or ()),
            description=found.description or "",
            tags=dict(found.tags or {}),
            created=None if found.creation_timestamp is None else found.creation_timestamp / 1000,
        )

    def load_model(self, uri: str) -> Any:
        from mlflow import artifacts, pyfunc

        with answering(self.uri, f"model {uri}"), transfers():
            folder = artifacts.download_artifacts(artifact_uri=self._location(uri), tracking_uri=self._uri)
            return pyfunc.load_model(folder)

    def _location(self, uri: str) -> str:
        """Where the files behind ``models:/<id>``, ``models:/name/version`` or ``models:/name@alias`` are.

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


def _quoted(value: str) -> str | None:
    """``value`` as a literal of MLflow's filter language; None when it has no way to say it."""
    if "\\" in value or not value.isprintable():
        return None
    return next((f"{quote}{value}{quote}" for quote in "'\"" if quote not in value), None)


def _prefix_conditions(prefix: str | None) -> list[list[str]]:
    """Alternatives (MLflow has no OR): the run's id, its record's, that of a part."""
    if prefix is None:
        return [[]]
    if not prefix.isalnum() or not prefix.isascii():
        return []
    return [
        [f"attributes.run_id LIKE '{prefix}%'"],
        [f"tags.`{RECORD_ID}` LIKE '{prefix}%'"],
        [f"tags.`{PARTS}` LIKE '{prefix}%'"],
        [f"tags.`{PARTS}` LIKE '% {prefix}%'"],
    ]


def _batches(items: list[Any], count: int) -> Iterator[list[Any]]:
    """``items`` in lists of at most ``count`` and about :data:`BATCH_BYTES` bytes of JSON."""
    batch: list[Any] = []
    size = 0
    for item in items:
        weight = len(json.dumps(str(getattr(item, "value", "")))) + 300
        if batch and (len(batch) == count or size + weight > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += weight
    if batch:
        yield batch
