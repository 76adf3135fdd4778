"""Reading a tracking server by MLflow's REST interface: importing MLflow takes seconds."""

from __future__ import annotations

import math
import urllib.parse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from typing_extensions import override

from ..records.run import Metric, RunRecord
from . import local_files
from .base import (
    FOLDER,
    MODEL_FORMAT,
    LeftToMlflow,
    Reader,
    StoredInput,
    StoredModel,
    StoredRun,
    StoredVersion,
)
from .filters import NEWEST_FIRST, quoted, run_filters
from .mlflow_errors import answering
from .server_connection import ServerConnection
from .shared import RunFiles

_PAGE = 1000
_ARTIFACTS = "mlflow-artifacts/artifacts"
_READY = "LOGGED_MODEL_READY"
#: Bytes from which on a file of a model is not read into memory.
_LARGE = 2**28


class ServerReader(Reader):
    """The runs and models of one tracking server."""

    def __init__(self, connection: ServerConnection) -> None:
        self._server = connection
        self._experiments: dict[str, str] = {}

    @property
    def uri(self) -> str:
        """Its address, without credentials."""
        return self._server.uri

    # -- runs ------------------------------------------------------------------------------------

    @override
    def get(self, run_id: str) -> StoredRun:
        with answering(self.uri, f"run {run_id}"):
            return self._stored(self._run(run_id))

    def _run(self, run_id: str) -> dict[str, Any]:
        return dict(self._server.ask("mlflow/runs/get", query={"run_id": run_id})["run"])

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
            experiments = self._experiment_ids(experiment, deleted)
            found = {}
            for condition in run_filters(prefix, name, wanted, ours) if experiments else ():
                left = limit
                for run in map(self._stored, self._found(experiments, condition, deleted, min(_PAGE, limit))):
                    if left == 0:
                        break
                    if all(run.tags.get(key) == value for key, value in wanted.items()) and name in (None, run.name):
                        found[run.run_id] = run
                        left -= 1
        return sorted(found.values(), key=lambda run: run.started or 0.0, reverse=True)[:limit]

    def _found(self, experiments: list[str], condition: str, deleted: bool, most: int) -> Iterator[dict[str, Any]]:
        body = {
            "experiment_ids": experiments, "filter": condition, "run_view_type": _view(deleted), "max_results": most,
            "order_by": [NEWEST_FIRST],
        }  # fmt: skip
        return self._pages("mlflow/runs/search", "runs", body=body)

    def _pages(self, path: str, field: str, *, query: Any = None, body: Any = None) -> Iterator[dict[str, Any]]:
        token: dict[str, str] = {}
        while True:
            page = self._server.ask(
                path,
                query=None if query is None else {**query, **token},
                body=None if body is None else {**body, **token},
            )
            yield from page.get(field, ())
            if not page.get("next_page_token"):
                return
            token = {"page_token": page["next_page_token"]}

    def _experiment_ids(self, name: str | None, deleted: bool) -> list[str]:
        body, found = {"view_type": _view(deleted), "max_results": _PAGE}, []
        for item in self._pages("mlflow/experiments/search", "experiments", body=body):
            self._experiments[item["experiment_id"]] = item["name"]
            if name in (None, item["name"]):
                found.append(item["experiment_id"])
        return found

    def _stored(self, run: Mapping[str, Any]) -> StoredRun:
        info, data = run["info"], run.get("data", {})
        tags = _pairs(data.get("tags", ()))
        return StoredRun(
            run_id=info["run_id"],
            name=info.get("run_name") or "",
            status=info["status"],
            experiment=self._experiment(info["experiment_id"]),
            started=_seconds(info.get("start_time")),
            ended=_seconds(info.get("end_time")) or None,
            params=_pairs(data.get("params", ())),
            metrics={item["key"]: _value(item) for item in data.get("metrics", ())},
            tags=tags,
            deleted=info.get("lifecycle_stage") == "deleted",
        )

    def _experiment(self, identity: str) -> str:
        if identity not in self._experiments:
            found = self._server.ask("mlflow/experiments/get", query={"experiment_id": identity})
            self._experiments[identity] = found["experiment"]["name"]
        return self._experiments[identity]

    @override
    def history(self, run_id: str, key: str) -> tuple[Metric, ...]:
        query = {"run_id": run_id, "metric_key": key}
        with answering(self.uri, f"metric {key} of run {run_id}"):
            found = list(self._pages("mlflow/metrics/get-history", "metrics", query=query))
        metrics = (
            Metric(item["key"], _value(item), int(item.get("step", 0)), int(item["timestamp"]) / 1000) for item in found
        )
        return tuple(sorted(metrics, key=lambda metric: (metric.step, metric.at)))

    @override
    def inputs(self, run_id: str) -> tuple[StoredInput, ...]:
        with answering(self.uri, f"run {run_id}"):
            found = self._run(run_id).get("inputs", {}).get("dataset_inputs", ())
        return tuple(
            StoredInput(
                item["dataset"]["name"],
                item["dataset"]["digest"],
                item["dataset"].get("source", ""),
                _pairs(item.get("tags", ())).get("mlflow.data.context"),
                item["dataset"].get("profile"),
            )
            for item in found
        )

    # -- files -----------------------------------------------------------------------------------

    @override
    def artifacts(self, run_id: str, path: str = "") -> tuple[str, ...]:
        return tuple(name for name, _ in self._files(run_id, path))

    @override
    def artifact_sizes(self, run_id: str) -> tuple[tuple[str, int | None], ...]:
        return self._files(run_id, "")

    def _files(self, run_id: str, path: str) -> tuple[tuple[str, int | None], ...]:
        with answering(self.uri, f"files of run {run_id}"):
            run, path = self._run(run_id), local_files.checked(path)
            self._without_model(run, path)
            place = run["info"].get("artifact_uri") or ""
            folder = local_files.local_folder(place)
            if folder is not None:
                found: list[tuple[str, int | None]] = list(local_files.walk(folder, path))
            else:
                found = list(self._walk(_proxied(place), path))
            for top in {name.split("/")[0] for name, _ in found if "/" in name and not path}:
                self._without_model(run, top)
        return tuple(sorted(found))

    def _walk(self, root: str, path: str) -> Iterator[tuple[str, int | None]]:
        query = {"path": f"{root}/{path}" if path else root}
        found = self._server.ask(_ARTIFACTS, query=query).get("files", ())
        if len(found) == 1 and not found[0].get("is_dir") and path.rpartition("/")[2] == found[0]["path"]:
            return  # what was asked about is this file, not a folder
        for item in found:
            name = f"{path}/{item['path']}" if path else item["path"]
            if item.get("is_dir"):
                yield from self._walk(root, name)
            else:
                yield name, int(item["file_size"]) if "file_size" in item else None

    @override
    def read_artifact(self, run_id: str, path: str) -> bytes:
        with answering(self.uri, f"file {path} of run {run_id}"):
            if not path:
                raise LeftToMlflow("a folder")
            run, path = self._run(run_id), local_files.checked(path)
            self._without_model(run, path)
            place = run["info"].get("artifact_uri") or ""
            folder = local_files.local_folder(place)
            if folder is not None:
                return local_files.read(folder, path)
            return self._server.fetch(f"{_ARTIFACTS}/{urllib.parse.quote(f'{_proxied(place)}/{path}')}")

    def _without_model(self, run: Mapping[str, Any], path: str) -> None:
        """Make sure that no model was logged to a run under the first name of a path: MLflow shows its files there.

        Our own folder is asked about too often for that; a model cannot be what lies in it.
        """
        name = path.split("/")[0]
        if name in ("", FOLDER):
            return
        literal = quoted(name)
        if literal is None:
            raise LeftToMlflow("a name that filters cannot express")
        body = {"experiment_ids": [run["info"]["experiment_id"]], "filter": f"name = {literal}"}
        for model in self._pages("mlflow/logged-models/search", "models", body=body):
            if model["info"].get("source_run_id") == run["info"]["run_id"]:
                raise LeftToMlflow("files of a model that was logged to the run")

    @override
    def record(self, run_id: str) -> RunRecord:
        return RunFiles(self, run_id).record()

    # -- models ----------------------------------------------------------------------------------

    @override
    def run_models(self, run_id: str) -> tuple[StoredModel, ...]:
        with answering(self.uri, f"models of run {run_id}"):
            outputs = self._run(run_id).get("outputs", {}).get("model_outputs", ())
            found = [info for item in outputs if (info := self._logged(item["model_id"])) is not None]
        ready = sorted((info for info in found if info.get("status") == _READY), key=_made)
        return tuple(
            StoredModel(
                info["model_id"], run_id, f"models:/{info['model_id']}", _pairs(info.get("tags", ())).get(MODEL_FORMAT)
            )
            for info in ready
        )

    def _logged(self, model_id: str) -> dict[str, Any] | None:
        """A model that was logged to a run; None: it was deleted."""
        try:
            found = self._server.ask(f"mlflow/logged-models/{urllib.parse.quote(model_id, safe='')}")
        except Exception as error:
            if getattr(error, "error_code", None) != "RESOURCE_DOES_NOT_EXIST":
                raise
            return None
        return dict(found["model"]["info"])

    @override
    def model_version(self, name: str, version: str) -> StoredVersion:
        with answering(self.uri, f"model {name} version {version}"):
            if version.startswith("@"):
                query = {"name": name, "alias": version[1:]}
                found = self._server.ask("mlflow/registered-models/alias", query=query)
            else:
                found = self._server.ask("mlflow/model-versions/get", query={"name": name, "version": version})
        return _versioned(found["model_version"], found["model_version"].get("aliases", ()))

    @override
    def models(self, name: str | None = None) -> list[StoredVersion]:
        with answering(self.uri, "models"):
            literal = None if name is None else quoted(name)
            query: dict[str, Any] = {"max_results": _PAGE}
            only = query if literal is None else {**query, "filter": f"name = {literal}"}
            aliases: dict[tuple[str, str], list[str]] = {}
            known = set()
            for model in self._pages("mlflow/registered-models/search", "registered_models", query=only):
                known.add(model["name"])
                for item in model.get("aliases", ()):
                    aliases.setdefault((model["name"], str(item["version"])), []).append(item["alias"])
            found = [
                _versioned(item, sorted(aliases.get((item["name"], str(item["version"])), item.get("aliases", ()))))
                for item in self._pages("mlflow/model-versions/search", "model_versions", query=only)
                if item["name"] in known and name in (None, item["name"])
            ]
        return sorted(found, key=lambda item: item.created or 0.0, reverse=True)

    @override
    def model_descriptions(self) -> dict[str, str]:
        query = {"max_results": _PAGE}
        with answering(self.uri, "models"):
            found = list(self._pages("mlflow/registered-models/search", "registered_models", query=query))
        return {item["name"]: item["description"] for item in found if item.get("description")}

    @override
    def model_files(self, uri: str, folder: Path) -> Path:
        found = self.model_version(*local_files.version_of(uri))
        with answering(self.uri, f"model {uri}"):
            query = {"name": found.name, "version": found.version}
            place = str(self._server.ask("mlflow/model-versions/get-download-uri", query=query).get("artifact_uri", ""))
            there = local_files.local_folder(place)
            if there is not None and there.is_dir():
                return there
            root = _proxied(place)
            files = list(self._walk(root, ""))
            if any(size is None or size > _LARGE for _, size in files):
                raise LeftToMlflow("large files")
            for name, _ in files:
                target = folder / local_files.checked(name)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(self._server.fetch(f"{_ARTIFACTS}/{urllib.parse.quote(f'{root}/{name}')}"))
        return folder


def _view(deleted: bool) -> str:
    return "ALL" if deleted else "ACTIVE_ONLY"


def _pairs(items: Any) -> dict[str, str]:
    return {item["key"]: item.get("value", "") for item in items}


def _value(item: Mapping[str, Any]) -> float:
    """JSON has no NaN and no infinities: they come as their names."""
    return float(item.get("value", math.nan))


def _seconds(milliseconds: Any) -> float | None:
    return None if milliseconds is None else int(milliseconds) / 1000


def _made(info: Mapping[str, Any]) -> int:
    return int(info.get("creation_timestamp_ms", 0))


def _proxied(place: str) -> str:
    """The path of artifacts that the tracking server itself hands out.

    :raises LeftToMlflow: they lie somewhere else.
    """
    parts = urllib.parse.urlsplit(place)
    if parts.scheme != "mlflow-artifacts" or parts.netloc or parts.query or parts.fragment or "%" in place:
        raise LeftToMlflow("artifacts that the tracking server does not hand out")
    return parts.path.strip("/")


def _versioned(item: Mapping[str, Any], aliases: Any) -> StoredVersion:
    return StoredVersion(
        name=item["name"],
        version=str(item["version"]),
        run_id=item.get("run_id") or None,
        model_id=item.get("model_id") or None,
        aliases=tuple(aliases),
        description=item.get("description", ""),
        tags=_pairs(item.get("tags", ())),
        created=_seconds(item.get("creation_timestamp")),
    )
