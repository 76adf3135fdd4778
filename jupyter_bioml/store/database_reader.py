"""Reading MLflow's sqlite databases by their tables: importing MLflow takes seconds, its object mapper as many again.

A question opens the file read-only, so that nothing here can change it, and reads in one transaction. What the tables
mean is known for the schemas of :data:`SCHEMAS`; everything else is left to MLflow.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from typing_extensions import override

from ..records.run import Metric, RunRecord
from . import local_files
from .base import (
    MODEL_FORMAT,
    PARTS,
    RECORD_ID,
    LeftToMlflow,
    Reader,
    StoredInput,
    StoredModel,
    StoredRun,
    StoredVersion,
)
from .filters import may_begin_an_id
from .mlflow_errors import ANSWER_SECONDS, Declined, answering
from .shared import RunFiles

#: MLflow's schemas (``alembic_version``) in which the tables read here mean what is said here: those of MLflow 3.10 and
#: later. ``tests/store/test_schemas.py`` makes each of them with MLflow's own migrations.
SCHEMAS = frozenset({
    "1b5f0d9ad7c1", "e1f2a3b4c5d6", "76601a5f987d", "c3d6457b6d8a", "a5b4c3d2e1f0", "ae8bbe7743c9", "7d34483879f0",
    "da6fb0208061", "89d3d66ed43f", "b7e4c1a90f23", "a8b9c0d1e2f3", "c1d2e3f4a5b6", "c3d9e7f1a2b4", "6f8d9c3b2a1e",
    "1971f2d9a75b", "17e22815139b", "b7e2c1a4d9f3", "75868b020152", "dc11669786a5",
})  # fmt: skip
#: With more runs than this, their metrics are read in one go instead of run by run.
_FEW = 500
_READY = 2
#: Where a run's name is empty MLflow takes it from this tag.
_NAME = (
    "coalesce(nullif(r.name, ''), "
    "(SELECT t.value FROM tags t WHERE t.run_uuid = r.run_uuid AND t.key = 'mlflow.runName'), '')"
)


class DatabaseReader(Reader):
    """The runs and models of one sqlite database.

    :param file: the database.
    :param uri: its address, as errors name it.
    :param awaited: seconds to wait for a program that has locked the database; None: as long as MLflow does.
    """

    def __init__(self, file: Path, uri: str, awaited: float | None = None) -> None:
        self._file = file
        self._uri = uri
        self._patience = ANSWER_SECONDS if awaited is None else awaited

    @property
    def uri(self) -> str:
        """Its address."""
        return self._uri

    def check(self) -> None:
        """Look whether it can be read here.

        :raises LeftToMlflow: it cannot. StoreUnavailable: another program has locked it.
        """
        with self._asked("runs"):
            pass

    @contextmanager
    def _asked(self, what: str) -> Iterator[sqlite3.Connection]:
        with answering(self.uri, what):
            try:
                address = f"{self._file.as_uri()}?mode=ro"
                with closing(sqlite3.connect(address, uri=True, timeout=self._patience)) as connection:
                    connection.isolation_level = None
                    connection.execute("BEGIN")
                    _check_schema(connection)
                    yield connection
            except sqlite3.Error as error:
                if "locked" in str(error):
                    raise
                raise LeftToMlflow(str(error)) from None

    # -- runs ------------------------------------------------------------------------------------

    @override
    def get(self, run_id: str) -> StoredRun:
        with self._asked(f"run {run_id}") as connection:
            return self._one(connection, run_id)

    def _one(self, connection: sqlite3.Connection, run_id: str) -> StoredRun:
        found = _runs(connection, "SELECT r.run_uuid FROM runs r WHERE r.run_uuid = ?", (run_id,))
        if not found:
            raise Declined("RESOURCE_DOES_NOT_EXIST", f"Run with id={run_id} not found")
        return found[0]

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
        if prefix is not None and not may_begin_an_id(prefix):
            return []
        conditions, values = _conditions(prefix, experiment, name, tags or {}, ours, deleted)
        chosen = (
            "SELECT r.run_uuid FROM runs r JOIN experiments e ON e.experiment_id = r.experiment_id "
            f"WHERE {' AND '.join(conditions)} ORDER BY coalesce(r.start_time, 0) DESC, r.run_uuid LIMIT ?"
        )
        with self._asked("runs") as connection:
            found = _runs(connection, chosen, (*values, limit))
        return sorted(found, key=lambda run: run.started or 0.0, reverse=True)

    @override
    def history(self, run_id: str, key: str) -> tuple[Metric, ...]:
        with self._asked(f"metric {key} of run {run_id}") as connection:
            found = connection.execute(
                "SELECT value, is_nan, step, timestamp FROM metrics WHERE run_uuid = ? AND key = ? "
                "ORDER BY step, timestamp, value",
                (run_id, key),
            ).fetchall()
        return tuple(Metric(key, math.nan if nan else value, step, at / 1000) for value, nan, step, at in found)

    @override
    def inputs(self, run_id: str) -> tuple[StoredInput, ...]:
        with self._asked(f"run {run_id}") as connection:
            self._one(connection, run_id)
            found = connection.execute(
                "SELECT d.name, d.digest, d.dataset_source, (SELECT t.value FROM input_tags t "
                "WHERE t.input_uuid = i.input_uuid AND t.name = 'mlflow.data.context'), d.dataset_profile "
                "FROM inputs i JOIN datasets d ON d.dataset_uuid = i.source_id "
                "WHERE i.destination_type = 'RUN' AND i.destination_id = ? ORDER BY i.rowid",
                (run_id,),
            ).fetchall()
        return tuple(StoredInput(*row) for row in found)

    # -- files -----------------------------------------------------------------------------------

    @override
    def artifacts(self, run_id: str, path: str = "") -> tuple[str, ...]:
        return tuple(name for name, _ in self._files(run_id, path))

    @override
    def artifact_sizes(self, run_id: str) -> tuple[tuple[str, int | None], ...]:
        return self._files(run_id, "")

    def _files(self, run_id: str, path: str) -> tuple[tuple[str, int | None], ...]:
        with answering(self.uri, f"files of run {run_id}"):
            root, models = self._root(run_id, f"files of run {run_id}")
            if path.split("/")[0] in models:
                raise LeftToMlflow("files of a model that was logged to the run")
            found = sorted(local_files.walk(root, local_files.checked(path)))
            if models & {name.split("/")[0] for name, _ in found if "/" in name}:
                raise LeftToMlflow("files of the run and of a model that was logged to it")
        return tuple(found)

    @override
    def read_artifact(self, run_id: str, path: str) -> bytes:
        what = f"file {path} of run {run_id}"
        with answering(self.uri, what):
            root, models = self._root(run_id, what)
            if not path or path.split("/")[0] in models:
                raise LeftToMlflow("files of a model that was logged to the run")
            return local_files.read(root, local_files.checked(path))

    def _root(self, run_id: str, what: str) -> tuple[Path, set[str]]:
        """The folder of a run's files, and the names of its logged models: MLflow shows their files below these."""
        with self._asked(what) as connection:
            place = connection.execute("SELECT artifact_uri FROM runs WHERE run_uuid = ?", (run_id,)).fetchone()
            if place is None:
                raise Declined("RESOURCE_DOES_NOT_EXIST", f"Run with id={run_id} not found")
            names = connection.execute("SELECT name FROM logged_models WHERE source_run_id = ?", (run_id,)).fetchall()
        root = local_files.local_folder(place[0] or "")
        if root is None:
            raise LeftToMlflow("artifacts that are not files of this machine")
        return root, {name for (name,) in names}

    @override
    def record(self, run_id: str) -> RunRecord:
        return RunFiles(self, run_id).record()

    # -- models ----------------------------------------------------------------------------------

    @override
    def run_models(self, run_id: str) -> tuple[StoredModel, ...]:
        with self._asked(f"models of run {run_id}") as connection:
            self._one(connection, run_id)
            found = connection.execute(
                "SELECT m.model_id, (SELECT t.tag_value FROM logged_model_tags t WHERE t.model_id = m.model_id "
                "AND t.tag_key = ?) FROM inputs i JOIN logged_models m ON m.model_id = i.destination_id "
                "WHERE i.source_type = 'RUN_OUTPUT' AND i.source_id = ? AND i.destination_type = 'MODEL_OUTPUT' "
                "AND m.lifecycle_stage != 'deleted' AND m.status = ? ORDER BY m.creation_timestamp_ms, m.model_id",
                (MODEL_FORMAT, run_id, _READY),
            ).fetchall()
        return tuple(StoredModel(model, run_id, f"models:/{model}", kind) for model, kind in found)

    @override
    def model_version(self, name: str, version: str) -> StoredVersion:
        if version.lower() == "@latest" or not (version.startswith("@") or (version.isascii() and version.isdecimal())):
            raise LeftToMlflow(f"the version {version[:100]!r}")
        with self._asked(f"model {name} version {version}") as connection:
            number: Any = version
            if version.startswith("@"):
                number = _holder(connection, name, version[1:])
            found = _versions(connection, "v.name = ? AND v.version = ?", (name, int(number)))
            if not found:
                raise Declined("RESOURCE_DOES_NOT_EXIST", f"Model Version (name={name}, version={number}) not found")
            return found[0]

    @override
    def models(self, name: str | None = None) -> list[StoredVersion]:
        with self._asked("models") as connection:
            condition = _no_prompts("v", "model_version_tags")
            if name is not None:
                return _versions(connection, f"{condition} AND v.name = ?", (name,))
            return _versions(connection, f"{condition} AND {_no_prompts('v', 'registered_model_tags')}", ())

    @override
    def model_descriptions(self) -> dict[str, str]:
        with self._asked("models") as connection:
            models = _no_prompts("m", "registered_model_tags")
            query = "SELECT m.name, m.description FROM registered_models m WHERE m.description != ''"
            return dict(connection.execute(f"{query} AND {models} ORDER BY m.name"))

    @override
    def model_files(self, uri: str, folder: Path) -> Path:
        found = self.model_version(*local_files.version_of(uri))
        query = (
            "SELECT coalesce(nullif(storage_location, ''), source) FROM model_versions WHERE name = ? AND version = ?"
        )
        with self._asked(f"model {uri}") as connection:
            (place,) = connection.execute(query, (found.name, int(found.version))).fetchone()
        there = local_files.local_folder(place or "")
        if there is None or not there.is_dir():
            raise LeftToMlflow("a model whose files are not on this machine")
        return there


def _check_schema(connection: sqlite3.Connection) -> None:
    versions = {version for (version,) in connection.execute("SELECT version_num FROM alembic_version")}
    if len(versions) != 1 or not versions <= SCHEMAS:
        raise LeftToMlflow(f"a database of the schema {', '.join(sorted(versions)) or '(none)'}")
    for table in ("experiments", "registered_models"):
        if connection.execute(f"SELECT 1 FROM {table} WHERE workspace != 'default' LIMIT 1").fetchone():
            raise LeftToMlflow("a database with workspaces")


def _conditions(
    prefix: str | None,
    experiment: str | None,
    name: str | None,
    tags: Mapping[str, str],
    ours: bool,
    deleted: bool,
) -> tuple[list[str], list[Any]]:
    """What has to hold of ``runs r`` and ``experiments e``, and the values in it."""
    conditions, values = ["1"], list[Any]()
    tagged = "EXISTS (SELECT 1 FROM tags t WHERE t.run_uuid = r.run_uuid AND t.key = ? AND {})"
    if not deleted:
        conditions.append("r.lifecycle_stage = 'active' AND e.lifecycle_stage = 'active'")
    if ours:
        conditions.append(tagged.format("t.value IS NOT NULL"))
        values.append(RECORD_ID)
    for key, value in tags.items():
        conditions.append(tagged.format("t.value = ?"))
        values += [key, value]
    if experiment is not None:
        conditions.append("e.name = ?")
        values.append(experiment)
    if name is not None:
        conditions.append(f"{_NAME} = ?")
        values.append(name)
    if prefix is not None:
        ids = tagged.format("t.value GLOB ?"), tagged.format("(t.value GLOB ? OR t.value GLOB ?)")
        conditions.append(f"(r.run_uuid GLOB ? OR {ids[0]} OR {ids[1]})")
        values += [f"{prefix}*", RECORD_ID, f"{prefix}*", PARTS, f"{prefix}*", f"* {prefix}*"]
    return conditions, values


def _runs(connection: sqlite3.Connection, chosen: str, values: Sequence[Any]) -> list[StoredRun]:
    """The runs whose ids a query gives. SQLite puts the tags and parameters of each run into one text: a row for each
    of them would cost Python twice as much."""
    rows = connection.execute(
        f"WITH chosen(run_uuid) AS ({chosen}) SELECT r.run_uuid, {_NAME}, r.status, r.start_time, r.end_time, "
        "r.lifecycle_stage, e.name, "
        "(SELECT json_group_object(key, value) FROM params p WHERE p.run_uuid = r.run_uuid), "
        "(SELECT json_group_object(key, coalesce(value, '')) FROM tags t WHERE t.run_uuid = r.run_uuid) "
        "FROM chosen CROSS JOIN runs r ON r.run_uuid = chosen.run_uuid "
        "JOIN experiments e ON e.experiment_id = r.experiment_id",
        tuple(values),
    ).fetchall()
    params, tags = (json.loads(f"[{','.join([row[column] for row in rows])}]") for column in (7, 8))
    metrics = _metrics(connection, [row[0] for row in rows])
    return [
        StoredRun(
            run_id=run_id,
            name=name,
            status=status,
            experiment=experiment,
            started=None if started is None else started / 1000,
            ended=None if not ended else ended / 1000,
            params=given,
            metrics=metrics.get(run_id, {}),
            tags=tagged,
            deleted=stage == "deleted",
        )
        for (run_id, name, status, started, ended, stage, experiment, _, _), given, tagged in zip(
            rows, params, tags, strict=True
        )
    ]


def _metrics(connection: sqlite3.Connection, run_ids: Sequence[str]) -> dict[str, dict[str, float]]:
    """Last values. As rows: SQLite writes numbers with 15 digits into a text, and has no NaN there."""
    query, values = "SELECT run_uuid, key, value, is_nan FROM latest_metrics", tuple(run_ids)
    if len(run_ids) <= _FEW:
        query += f" WHERE run_uuid IN ({','.join('?' * len(values))})"
    else:
        values = ()
    found: dict[str, dict[str, float]] = {}
    for run_id, key, value, nan in connection.execute(query, values):
        try:
            found[run_id][key] = math.nan if nan else value
        except KeyError:
            found[run_id] = {key: math.nan if nan else value}
    return found


def _no_prompts(table: str, tags: str) -> str:
    """The condition that a registered name is a model's: prompts are registered too, with MLflow's mark on them."""
    return (
        f"NOT EXISTS (SELECT 1 FROM {tags} t WHERE t.workspace = {table}.workspace AND t.name = {table}.name "
        "AND t.key = 'mlflow.prompt.is_prompt' AND t.value = 'true')"
    )


def _holder(connection: sqlite3.Connection, name: str, alias: str) -> int:
    """The number of the version that has an alias."""
    if connection.execute("SELECT 1 FROM registered_models WHERE name = ?", (name,)).fetchone() is None:
        raise Declined("RESOURCE_DOES_NOT_EXIST", f"Registered Model with name={name} not found")
    query = "SELECT version FROM registered_model_aliases WHERE name = ? AND alias = ?"
    found = connection.execute(query, (name, alias)).fetchone()
    if found is None:
        raise Declined("INVALID_PARAMETER_VALUE", f"Registered model alias {alias} not found.")
    return int(found[0])


def _versions(connection: sqlite3.Connection, condition: str, values: Sequence[Any]) -> list[StoredVersion]:
    """The versions for which a condition on ``model_versions v`` holds, newest first."""
    rows = connection.execute(
        "SELECT v.name, v.version, v.run_id, v.description, v.creation_time, "
        "(SELECT json_group_array(alias) FROM (SELECT a.alias FROM registered_model_aliases a "
        "WHERE a.workspace = v.workspace AND a.name = v.name AND a.version = v.version ORDER BY a.alias)), "
        "(SELECT json_group_object(t.key, coalesce(t.value, '')) FROM model_version_tags t "
        "WHERE t.workspace = v.workspace AND t.name = v.name AND t.version = v.version) "
        f"FROM model_versions v WHERE v.current_stage != 'Deleted_Internal' AND {condition} "
        "ORDER BY coalesce(v.creation_time, 0) DESC, v.name, v.version DESC",
        tuple(values),
    ).fetchall()
    return [
        StoredVersion(
            name=name,
            version=str(version),
            run_id=run_id or None,
            aliases=tuple(json.loads(aliases)),
            description=description or "",
            tags=json.loads(tags),
            created=None if created is None else created / 1000,
        )
        for name, version, run_id, description, created, aliases, tags in rows
    ]
