"""A store that reads without MLflow as far as it can, and writes through it: what commands and servers use."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from typing_extensions import override

from ..records.run import Metric
from .base import LeftToMlflow, Reader, StoredInput, StoredModel, StoredRun, StoredVersion
from .mlflow_store import MlflowStore

T = TypeVar("T")
log = logging.getLogger(__name__)


class QuickStore(MlflowStore):
    """MLflow's store whose questions go to a reader first. MLflow is imported when something is written or loaded, and
    for what the reader leaves to it.

    :param uri: tracking URI, with credentials where it has them.
    :param reader: of the same place.
    """

    def __init__(self, uri: str, reader: Reader) -> None:
        super().__init__(uri)
        self._reader = reader

    def _read(self, quick: Callable[[], T], whole: Callable[[], T]) -> T:
        try:
            return quick()
        except LeftToMlflow as reason:
            log.info("MLflow is asked: %s", reason)
            return whole()

    @override
    def get(self, run_id: str) -> StoredRun:
        return self._read(lambda: self._reader.get(run_id), lambda: super(QuickStore, self).get(run_id))

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
        def ask(search: Callable[..., list[StoredRun]]) -> list[StoredRun]:
            return search(
                prefix=prefix, experiment=experiment, name=name, tags=tags, ours=ours, deleted=deleted, limit=limit
            )

        return self._read(lambda: ask(self._reader.search), lambda: ask(super(QuickStore, self).search))

    @override
    def history(self, run_id: str, key: str) -> tuple[Metric, ...]:
        return self._read(
            lambda: self._reader.history(run_id, key), lambda: super(QuickStore, self).history(run_id, key)
        )

    @override
    def inputs(self, run_id: str) -> tuple[StoredInput, ...]:
        return self._read(lambda: self._reader.inputs(run_id), lambda: super(QuickStore, self).inputs(run_id))

    @override
    def artifacts(self, run_id: str, path: str = "") -> tuple[str, ...]:
        return self._read(
            lambda: self._reader.artifacts(run_id, path), lambda: super(QuickStore, self).artifacts(run_id, path)
        )

    @override
    def artifact_sizes(self, run_id: str) -> tuple[tuple[str, int | None], ...]:
        return self._read(
            lambda: self._reader.artifact_sizes(run_id), lambda: super(QuickStore, self).artifact_sizes(run_id)
        )

    @override
    def read_artifact(self, run_id: str, path: str) -> bytes:
        return self._read(
            lambda: self._reader.read_artifact(run_id, path),
            lambda: super(QuickStore, self).read_artifact(run_id, path),
        )

    @override
    def run_models(self, run_id: str) -> tuple[StoredModel, ...]:
        return self._read(lambda: self._reader.run_models(run_id), lambda: super(QuickStore, self).run_models(run_id))

    @override
    def model_version(self, name: str, version: str) -> StoredVersion:
        return self._read(
            lambda: self._reader.model_version(name, version),
            lambda: super(QuickStore, self).model_version(name, version),
        )

    @override
    def models(self, name: str | None = None) -> list[StoredVersion]:
        return self._read(lambda: self._reader.models(name), lambda: super(QuickStore, self).models(name))

    @override
    def model_descriptions(self) -> dict[str, str]:
        return self._read(self._reader.model_descriptions, super().model_descriptions)

    @override
    def model_files(self, uri: str, folder: Path) -> Path:
        return self._read(
            lambda: self._reader.model_files(uri, folder), lambda: super(QuickStore, self).model_files(uri, folder)
        )
