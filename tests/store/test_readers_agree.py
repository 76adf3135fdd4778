"""The readers without MLflow give the answers that MLflow gives, whatever somebody has written."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mlflow import MlflowClient
from servers import TrackingServer

from jupyter_bioml.errors import BiomlError
from jupyter_bioml.store.base import PARTS, RECORD_ID, Reader, Store
from jupyter_bioml.store.mlflow_store import MlflowStore
from jupyter_bioml.store.opening import reader_of

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
KEY = st.one_of(st.sampled_from(["auc", "a.b/c-d e:f", RECORD_ID, PARTS, "mlflow.runName"]), TEXT.filter(bool))
NUMBER = st.one_of(st.floats(), st.sampled_from([0.1 + 0.2, 1e-320, -0.0, 2.0**70, 1 / 3]))
COUNT = st.integers(-(2**62), 2**62)
TIME = st.integers(0, 2**45)
RUN = st.fixed_dictionaries({
    "name": st.one_of(st.none(), TEXT),
    "status": st.sampled_from(["RUNNING", "FINISHED", "FAILED", "KILLED", "SCHEDULED"]),
    "start": TIME,
    "end": st.one_of(st.none(), TIME),
    "stage": st.sampled_from(["active", "deleted"]),
    "experiment": st.sampled_from([0, 1, 2]),
    "params": st.dictionaries(KEY, TEXT, max_size=4),
    "tags": st.dictionaries(KEY, TEXT, max_size=5),
    "metrics": st.dictionaries(KEY, st.lists(st.tuples(NUMBER, COUNT, TIME), min_size=1, max_size=3), max_size=4),
})  # fmt: skip


def fill(file: Path, runs: list[dict[str, Any]]) -> list[str]:
    """Write the runs as MLflow lays them out: NaN as a 0 that is marked, infinities as the largest numbers."""
    with closing(sqlite3.connect(file, timeout=30)) as connection, connection:
        for table in ("metrics", "latest_metrics", "params", "tags", "runs"):
            connection.execute(f"DELETE FROM {table}")
        connection.execute("DELETE FROM experiments WHERE experiment_id > 0")
        for number, (name, stage) in enumerate((("ünï'\".ipynb", "active"), ("gone", "deleted")), 1):
            connection.execute(
                "INSERT INTO experiments VALUES (?, ?, 'file:///none', ?, 0, 0, 'default')", (number, name, stage)
            )
        for number, run in enumerate(runs):
            _fill_run(connection, f"{number:032x}", run)
    return [f"{number:032x}" for number in range(len(runs))]


def _fill_run(connection: sqlite3.Connection, run_id: str, run: dict[str, Any]) -> None:
    connection.execute(
        "INSERT INTO runs (run_uuid, name, status, start_time, end_time, lifecycle_stage, experiment_id, source_type, user_id, "
        "artifact_uri) VALUES (?, ?, ?, ?, ?, ?, ?, 'LOCAL', 'me', 'file:///none')",
        (run_id, *(run[key] for key in ("name", "status", "start", "end", "stage", "experiment"))),
    )
    for table in ("params", "tags"):
        for key, value in run[table].items():
            connection.execute(f"INSERT INTO {table} VALUES (?, ?, ?)", (key, value, run_id))
    for key, points in run["metrics"].items():
        for value, step, at in points:
            nan = math.isnan(value)
            kept = 0.0 if nan else max(-1.7976931348623157e308, min(1.7976931348623157e308, value))
            row = (key, kept, at, run_id, step, nan)
            connection.execute("INSERT OR IGNORE INTO metrics VALUES (?, ?, ?, ?, ?, ?)", row)
            last = (key, kept, at, step, nan, run_id)
            connection.execute("INSERT OR REPLACE INTO latest_metrics VALUES (?, ?, ?, ?, ?, ?)", last)


def said(ask: Callable[[], Any]) -> str:
    """An answer, or the error in its place, so that it can be compared: NaN is equal to NaN."""
    try:
        found = ask()
    except BiomlError as error:
        return f"{type(error).__name__}: {error.message} {error.next}"
    return "\n".join(map(_plain, found)) if isinstance(found, (list, tuple)) else _plain(found)


def _plain(found: Any) -> str:
    fields = vars(found) if hasattr(found, "__dict__") else {"": found}
    return repr({key: sorted(value.items()) if isinstance(value, dict) else value for key, value in fields.items()})


def questions(run_ids: list[str], runs: list[dict[str, Any]]) -> list[Callable[[Reader], Any]]:
    asked: list[Callable[[Reader], Any]] = [
        lambda reader: reader.search(ours=False, deleted=True),
        lambda reader: reader.search(ours=False),
        lambda reader: reader.search(deleted=True, limit=2),
        lambda reader: reader.search(experiment="ünï'\".ipynb", ours=False),
        lambda reader: reader.search(experiment="gone", ours=False, deleted=True),
        lambda reader: reader.get("f" * 32),
        lambda reader: reader.inputs("f" * 32),
        lambda reader: reader.run_models("f" * 32),
        lambda reader: reader.artifacts("f" * 32),
        lambda reader: reader.read_artifact("f" * 32, "bioml/record.json"),
        lambda reader: reader.search(prefix="0000", ours=False, deleted=True),
    ]
    for run_id, run in zip(run_ids, runs, strict=True):
        asked.append(lambda reader, run_id=run_id: reader.get(run_id))  # type: ignore[misc]
        asked.append(lambda reader, run_id=run_id: reader.inputs(run_id))  # type: ignore[misc]
        for key in run["metrics"]:
            asked.append(lambda reader, run_id=run_id, key=key: reader.history(run_id, key))  # type: ignore[misc]
        for key, value in run["tags"].items():
            if key.replace(".", "").isalnum() and key.isascii():  # others cannot be named in MLflow's filters
                asked.append(lambda reader, tag={key: value}: reader.search(tags=tag, ours=False))  # type: ignore[misc]
    return asked


@settings(max_examples=30)
@given(runs=st.lists(RUN, min_size=1, max_size=4, unique_by=lambda run: run["start"]))
def test_a_database_is_read_as_mlflow_reads_it(
    runs: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory, empty_database: Path
) -> None:
    file = tmp_path_factory.getbasetemp() / "agree.db"
    if not file.exists():
        file.write_bytes(empty_database.read_bytes())
    run_ids = fill(file, runs)
    uri = f"sqlite:///{file}"
    whole, quick = MlflowStore(uri), reader_of(uri)
    for ask in questions(run_ids, runs):
        assert said(lambda ask=ask: ask(quick)) == said(lambda ask=ask: ask(whole))  # type: ignore[misc]


ODD: list[dict[str, Any]] = [
    {
        "name": "ünï 🧬 'quoted' \"too\" \\ %_", "status": "FINISHED", "start": 10**12, "end": 10**12 + 5,
        "stage": "active", "experiment": 1, "params": {"a/b c": "", "x": "é\n\t\x01"},
        "tags": {RECORD_ID: "ab" * 16, PARTS: "cd ef", "mlflow.note.content": "# ü\n*x*"},
        "metrics": {"auc": [(0.1 + 0.2, 0, 5), (math.nan, 2**60, 5), (1 / 3, -5, 2**41)], "nan": [(math.nan, 0, 1)],
                    "inf": [(math.inf, 0, 1)], "minus": [(-math.inf, 0, 1)]},
    },
    {
        "name": "", "status": "RUNNING", "start": 10**12 + 1, "end": None, "stage": "active", "experiment": 0,
        "params": {}, "tags": {"mlflow.runName": "named by its tag"}, "metrics": {},
    },
    {
        "name": "gone", "status": "KILLED", "start": 10**12 + 2, "end": 0, "stage": "deleted", "experiment": 2,
        "params": {}, "tags": {RECORD_ID: ""}, "metrics": {"a": [(0.0, 0, 0)]},
    },
]  # fmt: skip


def test_a_server_is_read_as_mlflow_reads_it(tracking_server: TrackingServer) -> None:
    run_ids = fill(tracking_server.database, ODD)
    whole, quick = MlflowStore(tracking_server.uri), reader_of(tracking_server.uri)
    for ask in questions(run_ids, ODD):
        assert said(lambda ask=ask: ask(quick)) == said(lambda ask=ask: ask(whole))  # type: ignore[misc]
    assert said(lambda: quick.search(prefix="ab", ours=False)) == said(lambda: whole.search(prefix="ab", ours=False))


@pytest.fixture(params=["database", "server"])
def place(request: pytest.FixtureRequest, tmp_path: Path, empty_database: Path) -> str:
    """The address of a store without runs."""
    if request.param == "server":
        return str(request.getfixturevalue("tracking_server").uri)
    (tmp_path / "mlflow.db").write_bytes(empty_database.read_bytes())
    return f"sqlite:///{tmp_path}/mlflow.db"


def test_inputs_files_models_and_prompts_agree(place: str, tmp_path: Path) -> None:
    """Written by MLflow's own client, as other programs do."""
    from mlflow.entities import Dataset, DatasetInput, InputTag, LoggedModelOutput

    client = MlflowClient(tracking_uri=place, registry_uri=place)
    location = None if place.startswith("http") else (tmp_path / "artifacts").as_uri()
    experiment = client.create_experiment("agree", artifact_location=location)
    run_id = client.create_run(experiment).info.run_id
    client.log_inputs(run_id, datasets=[
        DatasetInput(Dataset(f"data {n}", "d" * 8, "local", f'{{"uri": "ü{n}"}}', profile="{}" if n else None),
                     [InputTag("mlflow.data.context", "training")] if n != 1 else [])
        for n in range(3)
    ])  # fmt: skip
    folder = tmp_path / "files"
    for name in ("a b.txt", "bioml/record.json", "bioml/outputs/ü.png", "tables/t.csv", "empty.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"" if name == "empty.txt" else name.encode())
    client.log_artifacts(run_id, str(folder))
    model = client.create_logged_model(experiment, "tables2", run_id)
    client.log_outputs(run_id, [LoggedModelOutput(model.model_id, 0)])
    client.finalize_logged_model(model.model_id, "READY")
    pending = client.create_logged_model(experiment, "pending", run_id)
    client.log_outputs(run_id, [LoggedModelOutput(pending.model_id, 0)])
    client.create_registered_model("no version", description="*empty*")
    client.create_registered_model("diag 'nosis'", description="what it is")
    for _ in range(2):
        source = model.artifact_location if location else f"models:/{model.model_id}"
        client.create_model_version(
            "diag 'nosis'", source, run_id, {"k": "ü"}, description="d\n", model_id=model.model_id
        )
    client.set_registered_model_alias("diag 'nosis'", "champion", "2")
    client.register_prompt("a-prompt", "say {{this}}")
    whole, quick = MlflowStore(place), reader_of(place)
    asked: list[Callable[[Reader | Store], Any]] = [
        lambda reader: reader.inputs(run_id),
        lambda reader: reader.artifacts(run_id),
        lambda reader: reader.artifacts(run_id, "bioml"),
        lambda reader: reader.artifacts(run_id, "bioml/record.json"),
        lambda reader: reader.artifacts(run_id, "nowhere"),
        lambda reader: reader.artifact_sizes(run_id),
        lambda reader: reader.read_artifact(run_id, "a b.txt"),
        lambda reader: reader.read_artifact(run_id, "bioml/outputs/ü.png"),
        lambda reader: reader.read_artifact(run_id, "empty.txt"),
        lambda reader: reader.read_artifact(run_id, "bioml/none"),
        lambda reader: reader.run_models(run_id),
        lambda reader: sorted(reader.models(), key=lambda item: item.version),
        lambda reader: sorted(reader.models("diag 'nosis'"), key=lambda item: item.version),
        lambda reader: reader.models("nobody"),
        lambda reader: reader.model_version("diag 'nosis'", "1"),
        lambda reader: reader.model_version("diag 'nosis'", "@champion"),
        lambda reader: reader.model_version("diag 'nosis'", "@nobody"),
        lambda reader: reader.model_version("diag 'nosis'", "7"),
        lambda reader: reader.model_version("nobody", "@champion"),
        lambda reader: reader.model_descriptions(),
    ]
    for ask in asked:
        assert said(lambda ask=ask: ask(quick)) == said(lambda ask=ask: ask(whole))  # type: ignore[misc]
