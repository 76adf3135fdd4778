"""A store in memory: for tests and examples that need no server and no database.

It keeps the same contract as :class:`~.mlflow_store.MlflowStore` and passes the same tests.
"""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from typing_extensions import override

from ..errors import NotFound, Refused
from ..records.run import RUNNING, Metric, RunRecord
from .base import MODEL_FORMAT, PARTS, RECORD_ID, Store, StoredInput, StoredModel, StoredRun, StoredVersion
from .shared import RunFiles


@dataclass
class _Run:
    stored: StoredRun
    metrics: dict[tuple[str, int, float, float], Metric] = field(default_factory=dict)
    inputs: dict[tuple[str, str], StoredInput] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)


class MemoryStore(Store):
    """Runs, artifacts and model versions of one process."""

    uri = "memory:"

    def __init__(self) -> None:
        self._runs: dict[str, _Run] = {}
        self._experiments: dict[str, str] = {}
        self._deleted_experiments: set[str] = set()
        self._models: dict[str, tuple[StoredModel, dict[str, bytes]]] = {}
        self._model_tags: dict[str, dict[str, str]] = {}
        self._versions: dict[tuple[str, str], StoredVersion] = {}
        self._clock = 0.0

    # -- reading ---------------------------------------------------------------------------------

    def _run(self, run_id: str) -> _Run:
        if run_id not in self._runs:
            raise NotFound(f"{self.uri} has no run {run_id}.", next="List the runs with: jupyter bioml runs")
        return self._runs[run_id]

    @override
    def get(self, run_id: str) -> StoredRun:
        run = self._run(run_id)
        ordered = sorted(run.metrics.values(), key=lambda metric: (metric.step, metric.at))
        return dataclasses.replace(
            run.stored,
            params=dict(run.stored.params),
            metrics={metric.key: metric.value for metric in ordered},
            tags=dict(run.stored.tags),
        )

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
        found = [
            run
            for run in map(self.get, self._runs)
            if (deleted or not run.deleted)
            and (not ours or run.record_id)
            and experiment in (None, run.experiment)
            and name in (None, run.name)
            and all(run.tags.get(key) == value for key, value in (tags or {}).items())
            and (prefix is None or _begins(run, prefix))
        ]
        return sorted(found, key=lambda run: run.started or 0.0, reverse=True)[:limit]

    @override
    def history(self, run_id: str, key: str) -> tuple[Metric, ...]:
        found = [metric for metric in self._run(run_id).metrics.values() if metric.key == key]
        return tuple(sorted(found, key=lambda metric: (metric.step, metric.at)))

    @override
    def inputs(self, run_id: str) -> tuple[StoredInput, ...]:
        return tuple(self._run(run_id).inputs.values())

    @override
    def artifacts(self, run_id: str, path: str = "") -> tuple[str, ...]:
        start = f"{path}/" if path else ""
        return tuple(sorted(name for name in self._run(run_id).files if name.startswith(start)))

    @override
    def artifact_sizes(self, run_id: str) -> tuple[tuple[str, int | None], ...]:
        return tuple(sorted((name, len(data)) for name, data in self._run(run_id).files.items()))

    @override
    def read_artifact(self, run_id: str, path: str) -> bytes:
        files = self._run(run_id).files
        if path not in files:
            raise NotFound(f"{self.uri} has no file {path} of run {run_id}.")
        return files[path]

    @override
    def record(self, run_id: str) -> RunRecord:
        return RunFiles(self, run_id).record()

    # -- writing ---------------------------------------------------------------------------------

    @override
    def identity(self) -> str | None:
        return f"memory-{id(self)}"

    @override
    def open_experiment(self, name: str) -> tuple[str, str | None]:
        identity = next((key for key, known in self._experiments.items() if known == name), None)
        if identity is None:
            identity = str(len(self._experiments) + 1)
            self._experiments[identity] = name
        if identity in self._deleted_experiments:
            self._deleted_experiments.discard(identity)
            return identity, f"The MLflow experiment {name!r} had been deleted; it was restored."
        return identity, None

    def delete_experiment(self, experiment_id: str) -> None:
        """As a user deletes one in the web page."""
        self._deleted_experiments.add(experiment_id)

    @override
    def create_run(self, experiment_id: str, name: str, started: float, tags: Mapping[str, str]) -> str:
        run_id = os.urandom(16).hex()
        stored = StoredRun(run_id, name, RUNNING, self._experiments[experiment_id], started, tags=dict(tags))
        self._runs[run_id] = _Run(stored)
        return run_id

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
        run = self._run(run_id)
        for key, value in (params or {}).items():
            if run.stored.params.setdefault(key, value) != value:
                raise Refused(f"{self.uri} refused run {run_id}: its parameter {key} has another value.")
        for metric in metrics:
            at = int(metric.at * 1000) / 1000
            run.metrics.setdefault((metric.key, metric.step, at, metric.value), dataclasses.replace(metric, at=at))
        run.stored.tags.update(tags or {})

    @override
    def add_inputs(self, run_id: str, inputs: Sequence[StoredInput]) -> None:
        for item in inputs:
            self._run(run_id).inputs.setdefault((item.name, item.digest), item)

    @override
    def add_artifacts(self, run_id: str, folder: Path) -> None:
        for path in folder.rglob("*"):
            if path.is_file():
                self._run(run_id).files[path.relative_to(folder).as_posix()] = path.read_bytes()

    @override
    def made_up(self, name: str) -> bool:
        return False

    @override
    def untag(self, run_id: str, keys: Iterable[str]) -> None:
        for key in keys:
            self._run(run_id).stored.tags.pop(key, None)

    @override
    def rename(self, run_id: str, name: str) -> None:
        self._change(run_id, name=name)

    @override
    def end_run(self, run_id: str, status: str, ended: float) -> None:
        self._change(run_id, status=status, ended=int(ended * 1000) / 1000)

    @override
    def delete_run(self, run_id: str) -> None:
        self._change(run_id, deleted=True)

    def _change(self, run_id: str, **fields: Any) -> None:
        run = self._run(run_id)
        run.stored = dataclasses.replace(run.stored, **fields)

    # -- models ----------------------------------------------------------------------------------

    @override
    def add_model(self, run_id: str, folder: Path, tags: Mapping[str, str]) -> StoredModel:
        for stored, _ in self._models.values():
            if stored.run_id == run_id and self._model_tags[stored.model_id][RECORD_ID] == tags[RECORD_ID]:
                return stored
        self._run(run_id)
        identity = f"m-{os.urandom(16).hex()}"
        stored = StoredModel(identity, run_id, f"models:/{identity}", tags.get(MODEL_FORMAT))
        files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        self._models[identity] = (stored, files)
        self._model_tags[identity] = dict(tags)
        return stored

    @override
    def run_models(self, run_id: str) -> tuple[StoredModel, ...]:
        self._run(run_id)
        return tuple(stored for stored, _ in self._models.values() if stored.run_id == run_id)

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
        if not name.strip() or re.search("[/:]", name):
            raise Refused(f"{self.uri} refused model {name}: a name is not empty and has no / and no colon.")
        number = str(1 + sum(known == name for known, _ in self._versions))
        self._clock += 1.0
        made = StoredVersion(
            name, number, run_id, models[-1].model_id, (), description, dict(tags or {}), created=self._clock
        )
        self._versions[name, number] = made
        return made

    @override
    def set_alias(self, name: str, version: str, alias: str) -> StoredVersion:
        self.model_version(name, version)
        for key, known in self._versions.items():
            if key[0] == name:
                others = tuple(item for item in known.aliases if item != alias)
                aliases = (*others, alias) if key[1] == version else others
                self._versions[key] = dataclasses.replace(known, aliases=aliases)
        return self._versions[name, version]

    @override
    def remove_alias(self, name: str, alias: str) -> None:
        held = self.model_version(name, f"@{alias}")
        others = tuple(item for item in held.aliases if item != alias)
        self._versions[name, held.version] = dataclasses.replace(held, aliases=others)

    @override
    def model_version(self, name: str, version: str) -> StoredVersion:
        for (known, number), item in self._versions.items():
            if known == name and (number == version or version.removeprefix("@") in item.aliases):
                return item
        raise NotFound(f"{self.uri} has no model {name} version {version}.")

    @override
    def models(self, name: str | None = None) -> list[StoredVersion]:
        found = [item for item in self._versions.values() if name in (None, item.name)]
        return sorted(found, key=lambda item: item.created or 0.0, reverse=True)

    @override
    def model_descriptions(self) -> dict[str, str]:
        return {}  # it has no models besides their versions

    @override
    def tag_version(self, name: str, version: str, tags: Mapping[str, str]) -> None:
        found = self.model_version(name, version)
        self._versions[name, found.version] = dataclasses.replace(found, tags={**found.tags, **tags})

    @override
    def model_files(self, uri: str, folder: Path) -> Path:
        for name, data in self._files_of(uri).items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        return folder

    def _files_of(self, uri: str) -> dict[str, bytes]:
        rest = uri.removeprefix("models:/")
        if rest not in self._models:
            name, _, version = rest.partition("@") if "@" in rest else rest.rpartition("/")
            rest = str(self.model_version(name, f"@{version}" if "@" in rest else version).model_id)
        return self._models[rest][1]

    @override
    def load_model(self, uri: str) -> Any:
        import cloudpickle

        files = self._files_of(uri)
        pickled = next((data for name, data in sorted(files.items()) if name.endswith(".pkl")), None)
        if pickled is None:
            raise Refused(f"{self.uri} loads models that are kept as one pickle only.")
        return cloudpickle.loads(pickled)


def _begins(run: StoredRun, prefix: str) -> bool:
    identities = (run.run_id, run.record_id or "", *run.tags.get(PARTS, "").split())
    return any(identity.startswith(prefix) for identity in identities)
