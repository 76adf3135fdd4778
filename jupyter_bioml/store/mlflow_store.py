"""MLflow as a store of runs and models: the gateway to mlflow (its Python client and its databases).

Nothing here changes mlflow's global state (tracking URI, active run), so that it can be used in a process
in which the user's own code talks to MLflow too. mlflow itself is imported at first use.
"""

from __future__ import annotations

import json
import os
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from typing_extensions import override

from ..records.run import Metric, RunRecord
from ..redact import redact, redact_value
from .base import RECORD_ID, StoredInput, StoredRun, StoreReader, StoreWriter
from .filters import NEWEST_FIRST, run_filters
from .mlflow_database import artifact_root_of, database_id, prepare_database, usable_uri
from .mlflow_errors import answering, transfers, use_settings
from .mlflow_models import MlflowModels
from .shared import RunFiles

#: MLflow's limits per request (3.x), and half of its limit of bytes.
METRICS_PER_BATCH, PARAMS_PER_BATCH, TAGS_PER_BATCH, BATCH_BYTES = 1000, 100, 100, 500_000
_PAGE = 1000

__all__ = ["MlflowStore", "prepare_database"]


#: MLflow's modules import each other in circles: two threads that import it at once get half of it.
_IMPORTING = threading.RLock()


def _key(name: str) -> str:
    """The name of a parameter, metric or tag without secrets: a mask in characters that MLflow takes."""
    return redact(name).replace("[", "_").replace("]", "_")


def _masked(values: Mapping[str, str] | None) -> dict[str, str]:
    """Values without secrets, also those that only their names give away; the names are left as they are."""
    return {key: next(iter(redact_value({key: value}).values())) for key, value in (values or {}).items()}


class MlflowStore(MlflowModels, StoreReader, StoreWriter):
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
    def _mlflow(self) -> Any:
        with _IMPORTING:
            import mlflow
            from mlflow import entities, environment_variables, exceptions  # noqa: F401  (reached as its attributes)

        use_settings(environment_variables)
        return mlflow

    @property
    def _client(self) -> Any:
        with _IMPORTING:
            if self._client_made is None:
                self._client_made = self._mlflow.MlflowClient(tracking_uri=self._uri, registry_uri=self._uri)
            return self._client_made

    # -- reading ---------------------------------------------------------------------------------

    @override
    def get(self, run_id: str) -> StoredRun:
        with answering(self.uri, f"run {run_id}"):
            return self._stored(self._client.get_run(run_id))

    @override
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
        wanted = dict(tags or {})
        with answering(self.uri, "runs"):
            identities = self._experiment_ids(experiment, deleted)
            found = {
                run.run_id: run
                for condition in run_filters(prefix, name, wanted, ours)
                for run in self._search(identities, condition, deleted, limit, wanted, name)
            }
        newest = sorted(found.values(), key=lambda run: run.started or 0.0, reverse=True)
        return newest[:limit]

    def _search(
        self,
        experiments: list[str],
        condition: str,
        deleted: bool,
        limit: int,
        tags: Mapping[str, str],
        name: str | None,
    ) -> Iterator[StoredRun]:
        """Pages of runs; conditions that MLflow's filter language cannot say are checked here."""
        kinds = self._mlflow.entities.ViewType
        view = kinds.ALL if deleted else kinds.ACTIVE_ONLY
        token, left = None, limit
        while experiments and left > 0:
            page = self._client.search_runs(experiments, condition, view, min(_PAGE, limit), [NEWEST_FIRST], token)
            for run in map(self._stored, page):
                if all(run.tags.get(k) == v for k, v in tags.items()) and name in (None, run.name):
                    left -= 1
                    yield run
            token = page.token
            if not token:
                return

    def _experiment_ids(self, name: str | None, deleted: bool) -> list[str]:
        kinds = self._mlflow.entities.ViewType
        view, token, found = kinds.ALL if deleted else kinds.ACTIVE_ONLY, None, []
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

    @override
    def history(self, run_id: str, key: str) -> tuple[Metric, ...]:
        with answering(self.uri, f"metric {key} of run {run_id}"):
            found = self._client.get_metric_history(run_id, key)
        metrics = [Metric(item.key, item.value, item.step, item.timestamp / 1000) for item in found]
        return tuple(sorted(metrics, key=lambda metric: (metric.step, metric.at)))

    @override
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

    @override
    def artifacts(self, run_id: str, path: str = "") -> tuple[str, ...]:
        with answering(self.uri, f"files of run {run_id}"), transfers():
            return tuple(sorted(name for name, _ in self._walk(run_id, path)))

    @override
    def artifact_sizes(self, run_id: str) -> tuple[tuple[str, int | None], ...]:
        with answering(self.uri, f"files of run {run_id}"), transfers():
            return tuple(sorted(self._walk(run_id, "")))

    def _walk(self, run_id: str, path: str) -> Iterator[tuple[str, int | None]]:
        for item in self._client.list_artifacts(run_id, path or None):
            if item.is_dir:
                yield from self._walk(run_id, item.path)
            else:
                yield item.path, None if item.file_size is None else int(item.file_size)

    @override
    def read_artifact(self, run_id: str, path: str) -> bytes:
        with answering(self.uri, f"file {path} of run {run_id}"), transfers(), tempfile.TemporaryDirectory() as folder:
            return Path(self._client.download_artifacts(run_id, path, folder)).read_bytes()

    @override
    def record(self, run_id: str) -> RunRecord:
        return RunFiles(self, run_id).record()

    # -- writing ---------------------------------------------------------------------------------

    @override
    def identity(self) -> str | None:
        return database_id(self._uri)

    @override
    def open_experiment(self, name: str) -> tuple[str, str | None]:
        name = redact(name)
        with answering(self.uri, f"MLflow experiment {name}"):
            found = self._client.get_experiment_by_name(name)
            if found is None:
                return self._create_experiment(name), None
            if found.lifecycle_stage != "deleted":
                return str(found.experiment_id), None
            self._client.restore_experiment(found.experiment_id)
            return str(found.experiment_id), f"The MLflow experiment {name!r} had been deleted; it was restored."

    def _create_experiment(self, name: str) -> str:
        root = self._artifact_root
        location = None if root is None else (root / os.urandom(16).hex()).as_uri()
        try:
            return str(self._client.create_experiment(name, artifact_location=location))
        except self._mlflow.exceptions.MlflowException:
            found = self._client.get_experiment_by_name(name)  # another process was quicker
            if found is None:
                raise
            return str(found.experiment_id)

    @override
    def create_run(self, experiment_id: str, name: str, started: float, tags: Mapping[str, str]) -> str:
        with answering(self.uri, "a new run"):
            made = self._client.create_run(experiment_id, int(started * 1000), _masked(tags), redact(name))
            return str(made.info.run_id)

    @override
    def find_record(self, record_id: str, tag: str = RECORD_ID) -> list[StoredRun]:
        found = self.search(tags={tag: record_id}, ours=False, deleted=True)
        return sorted(found, key=lambda run: run.started or 0.0)

    @override
    def write(
        self,
        run_id: str,
        *,
        params: Mapping[str, str] | None = None,
        metrics: Sequence[Metric] = (),
        tags: Mapping[str, str] | None = None,
    ) -> None:
        entities = self._mlflow.entities
        ours = [entities.Param(_key(key), value) for key, value in _masked(params).items()]
        points = [entities.Metric(_key(item.key), item.value, int(item.at * 1000), item.step) for item in metrics]
        labels = [entities.RunTag(_key(key), value) for key, value in _masked(tags).items()]
        with answering(self.uri, f"run {run_id}"):
            for batch in _batches(ours, PARAMS_PER_BATCH):
                self._client.log_batch(run_id, params=batch)
            for batch in _batches(points, METRICS_PER_BATCH):
                self._client.log_batch(run_id, metrics=batch)
            for batch in _batches(labels, TAGS_PER_BATCH):
                self._client.log_batch(run_id, tags=batch)

    @override
    def add_inputs(self, run_id: str, inputs: Sequence[StoredInput]) -> None:
        entities = self._mlflow.entities
        made = [
            entities.DatasetInput(
                entities.Dataset(
                    redact(item.name), item.digest, "local", redact(item.source), profile=redact_value(item.profile)
                ),
                [entities.InputTag("mlflow.data.context", item.role)] if item.role else [],
            )
            for item in inputs
        ]
        with answering(self.uri, f"run {run_id}"):
            for batch in _batches(made, PARAMS_PER_BATCH):
                self._client.log_inputs(run_id, datasets=batch)

    @override
    def add_artifacts(self, run_id: str, folder: Path) -> None:
        with answering(self.uri, f"files of run {run_id}"), transfers():
            self._client.log_artifacts(run_id, str(folder))

    @override
    def untag(self, run_id: str, keys: Iterable[str]) -> None:
        with answering(self.uri, f"run {run_id}"):
            there = self._client.get_run(run_id).data.tags
            for key in map(_key, keys):
                if key in there:  # MLflow refuses to take away what is not there
                    self._client.delete_tag(run_id, key)

    @override
    def rename(self, run_id: str, name: str) -> None:
        with answering(self.uri, f"run {run_id}"):
            self._client.update_run(run_id, name=redact(name))

    @override
    def made_up(self, name: str) -> bool:
        from mlflow.utils import name_utils

        word, _, rest = name.partition("-")
        noun, _, number = rest.partition("-")
        known = (getattr(name_utils, f"_GENERATOR_{kind}", ()) for kind in ("PREDICATES", "NOUNS"))
        return number.isdecimal() and all(part in words for part, words in zip((word, noun), known, strict=True))

    @override
    def end_run(self, run_id: str, status: str, ended: float) -> None:
        with answering(self.uri, f"run {run_id}"):
            self._client.set_terminated(run_id, status, int(ended * 1000))

    @override
    def delete_run(self, run_id: str) -> None:
        with answering(self.uri, f"run {run_id}"):
            if self._client.get_run(run_id).info.lifecycle_stage != "deleted":
                self._client.delete_run(run_id)


def load_folder(folder: str) -> Any:
    """The MLflow model in a folder, with ``predict`` and ``input_example``. Runs its author's code.

    Without MLflow's warnings: to tell which packages differ from the model's, it reads all that are installed: seconds.
    """
    from mlflow import pyfunc

    return pyfunc.load_model(folder, suppress_warnings=True)


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
