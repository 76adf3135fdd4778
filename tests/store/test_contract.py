"""One contract: everything here holds for MLflow, for the readers without it, and for the store in memory."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient

from jupyter_bioml.errors import BiomlError, NotFound, Refused, SchemaTooNew
from jupyter_bioml.records.run import Code, Metric, RunRecord
from jupyter_bioml.records.wire import to_dict
from jupyter_bioml.store.base import MODEL_FORMAT, PARTS, RECORD_ID, Store, StoredInput, StoredModel
from jupyter_bioml.store.memory import MemoryStore
from jupyter_bioml.store.mlflow_store import MlflowStore
from jupyter_bioml.store.opening import reader_of
from jupyter_bioml.store.quick_store import QuickStore

RECORD = "ab" * 16
HOSTILE = 'it\'s "quoted" \\ %_ \n ünï 🧬'


class WithoutMlflow(QuickStore):
    """Reads without MLflow, or fails."""

    def _read(self, quick: Callable[[], Any], whole: Callable[[], Any]) -> Any:
        return quick()


@pytest.fixture(params=["mlflow", "memory", "database", "server"])
def store(request: pytest.FixtureRequest, tmp_path: Path, empty_database: Path) -> Store:
    if request.param == "memory":
        return MemoryStore()
    if request.param == "server":
        uri = request.getfixturevalue("tracking_server").uri
        return WithoutMlflow(uri, reader_of(uri))
    file = tmp_path / "mlflow.db"
    file.write_bytes(empty_database.read_bytes())
    uri = f"sqlite:///{file}"
    return MlflowStore(uri) if request.param == "mlflow" else WithoutMlflow(uri, reader_of(uri))


@pytest.fixture
def delete(store: Store) -> Callable[[str], None]:
    """Delete a run as a user does."""
    if isinstance(store, MemoryStore):
        return store.delete_run
    return MlflowClient(tracking_uri=store.uri).delete_run  # type: ignore[no-any-return]


def make(store: Store, name: str = "run", experiment: str = "a.ipynb", started: float = 1e9, **tags: str) -> str:
    identity, _ = store.open_experiment(experiment)
    return store.create_run(identity, name, started, {RECORD_ID: RECORD, **tags})


def test_a_run_is_read_as_it_was_written(store: Store) -> None:
    run_id = make(store, HOSTILE, "folder/ünï.ipynb", team="onco")
    store.write(run_id, params={"a": "1", "empty": "", "text": HOSTILE}, tags={"note": HOSTILE})
    store.write(run_id, metrics=[Metric("m", 1.5, 0, 1e9), Metric("m", -2.0, 1, 1e9 + 0.5)])
    run = store.get(run_id)
    assert (run.status, run.ended, run.experiment, run.name) == ("RUNNING", None, "folder/ünï.ipynb", HOSTILE)
    assert run.params == {"a": "1", "empty": "", "text": HOSTILE} and run.metrics == {"m": -2.0}
    assert run.tags["note"] == HOSTILE and run.tags["team"] == "onco" and run.record_id == RECORD
    store.end_run(run_id, "FAILED", 1e9 + 2)
    store.rename(run_id, "other")
    run = store.get(run_id)
    assert (run.status, run.started, run.ended, run.duration, run.name) == ("FAILED", 1e9, 1e9 + 2, 2.0, "other")


def test_writing_the_same_again_changes_nothing(store: Store, tmp_path: Path) -> None:
    run_id = make(store)
    folder = tmp_path / "files"
    (folder / "bioml").mkdir(parents=True)
    (folder / "bioml" / "cell.py").write_bytes(b"x = 1\n")
    metrics = [Metric("m", index / 7, index, 1e9 + index) for index in range(2500)]
    used = [StoredInput("a.csv", "d" * 32, '{"uri":"a.csv"}', "read", "{}")]
    for _ in range(2):
        store.write(run_id, params={f"p{index}": "v" * 5000 for index in range(150)}, metrics=metrics)
        store.write(run_id, tags={f"t{index}": "v" for index in range(150)})
        store.add_inputs(run_id, used)
        store.add_artifacts(run_id, folder)
        store.end_run(run_id, "FINISHED", 1e9 + 1)
    assert store.history(run_id, "m") == tuple(metrics)
    assert len(store.get(run_id).params) == 150 and store.inputs(run_id) == tuple(used)
    assert store.artifacts(run_id) == ("bioml/cell.py",) and store.artifacts(run_id, "bioml") == ("bioml/cell.py",)
    assert store.read_artifact(run_id, "bioml/cell.py") == b"x = 1\n"


def test_tags_are_taken_away(store: Store) -> None:
    run_id = make(store)
    store.write(run_id, tags={"site": HOSTILE, "a/b c": "x", "stays": "1"})
    store.untag(run_id, ["site", "a/b c", "was never there"])
    store.untag(run_id, ["site"])
    tags = store.get(run_id).tags
    assert "site" not in tags and "a/b c" not in tags and tags["stays"] == "1"


def test_a_parameter_is_not_changed(store: Store) -> None:
    run_id = make(store)
    store.write(run_id, params={"a": "1"})
    with pytest.raises(Refused):
        store.write(run_id, params={"a": "2"})
    assert store.get(run_id).params == {"a": "1"}


def test_runs_are_found_by_every_condition(store: Store, delete: Callable[[str], None]) -> None:
    first = make(store, "one", "a.ipynb", 1e9)
    second = make(store, HOSTILE, "b.ipynb", 1e9 + 1, **{RECORD_ID: "cd" * 16, "team": HOSTILE, PARTS: "ef01 9a9b"})
    identity, _ = store.open_experiment("a.ipynb")
    foreign = store.create_run(identity, "theirs", 1e9 + 2, {})

    def found(**conditions: Any) -> list[str]:
        return [run.run_id for run in store.search(**conditions)]

    assert found() == [second, first], "newest first, ours only"
    assert found(ours=False) == [foreign, second, first]
    assert found(limit=1) == [second]
    assert found(experiment="a.ipynb") == [first] and found(experiment="nowhere") == []
    assert found(name="one") == [first] and found(name=HOSTILE) == [second] and found(name="on") == []
    assert found(tags={"team": HOSTILE}) == [second] and found(tags={"team": "x"}) == []
    assert found(prefix="abab") == [first] and found(prefix=second[:12]) == [second]
    assert found(prefix="9a9") == [second] and found(prefix="ef01") == [second], "the parts of a run"
    assert found(prefix="%") == [] and found(prefix="ab_b") == [] and found(prefix="' OR 1") == []
    delete(first)
    assert found() == [second] and found(deleted=True) == [second, first]
    assert [run.deleted for run in store.find_record(RECORD)] == [True]


def test_a_deleted_run_is_hidden_and_may_be_deleted_again(store: Store) -> None:
    run_id, other = make(store), make(store, "other", **{RECORD_ID: "cd" * 16})
    for _ in range(2):
        store.delete_run(run_id)
    assert [run.run_id for run in store.search()] == [other] and store.get(run_id).deleted
    assert [run.deleted for run in store.find_record(RECORD)] == [True]


def test_what_is_not_there_is_said(store: Store) -> None:
    run_id = make(store)
    for question in (
        lambda: store.get("f" * 32),
        lambda: store.read_artifact(run_id, "bioml/none.txt"),
        lambda: store.record(run_id),
        lambda: store.run_models("f" * 32),
        lambda: store.model_version("nobody", "1"),
        lambda: store.model_version("nobody", "@champion"),
        lambda: store.load_model("models:/nobody/1"),
        lambda: store.write("f" * 32, tags={"a": "b"}),
        lambda: store.rename("f" * 32, "name"),
        lambda: store.delete_run("f" * 32),
    ):
        with pytest.raises(NotFound):
            question()
    assert store.artifacts(run_id) == () and store.history(run_id, "m") == () and store.models() == []
    assert store.model_descriptions() == {}


def test_a_run_without_a_model_is_not_registered(store: Store) -> None:
    run_id = make(store)
    with pytest.raises(Refused, match="has no model"):
        store.register_model(run_id, "diagnosis")
    assert store.models() == []


def test_the_record_is_loaded_and_one_of_the_future_is_refused(store: Store, tmp_path: Path) -> None:
    run_id = make(store)
    record = RunRecord(RECORD, "s", 1, "magic", "FINISHED", 1.0, Code("x = 1"), params={"a": float("nan")})
    for document, expected in ((to_dict(record), None), ({"schema": 99}, SchemaTooNew)):
        folder = tmp_path / "files"
        (folder / "bioml").mkdir(parents=True, exist_ok=True)
        (folder / "bioml" / "record.json").write_text(json.dumps(document))
        store.add_artifacts(run_id, folder)
        if expected is None:
            assert store.record(run_id).code.source == "x = 1"
        else:
            with pytest.raises(expected):
                store.record(run_id)


def test_a_deleted_mlflow_experiment_is_restored_and_that_is_said(store: Store) -> None:
    identity, said = store.open_experiment("gone.ipynb")
    assert said is None and store.open_experiment("gone.ipynb") == (identity, None)
    if isinstance(store, MemoryStore):
        store.delete_experiment(identity)
    else:
        MlflowClient(tracking_uri=store.uri).delete_experiment(identity)
    again, said = store.open_experiment("gone.ipynb")
    assert again == identity and said is not None and "gone.ipynb" in said and "restored" in said
    assert store.open_experiment("gone.ipynb") == (identity, None)


def test_identity_tells_one_store_from_another(store: Store) -> None:
    told = not store.uri.startswith("http")
    assert (store.identity() is not None) == told and store.identity() == store.identity()
    assert "@" not in store.uri and issubclass(NotFound, BiomlError)


def logged(store: Store, run_id: str, folder: Path, record_id: str = RECORD, kind: str = "skops") -> StoredModel:
    """A small MLflow model, logged to a run."""
    folder.mkdir()
    (folder / "MLmodel").write_text("flavors:\n  python_function:\n    loader_module: nothing\n")
    (folder / "model.bin").write_bytes(os.urandom(8))
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "deep" / "er" / "x.txt").write_text("x")
    return store.add_model(run_id, folder, {RECORD_ID: record_id, MODEL_FORMAT: kind})


def test_models_and_versions_are_read_as_they_were_written(store: Store, tmp_path: Path) -> None:
    run_id, other = make(store), make(store, "other", **{RECORD_ID: "cd" * 16})
    first = logged(store, run_id, tmp_path / "first")
    second = logged(store, other, tmp_path / "second", "cd" * 16, "cloudpickle")
    assert store.run_models(run_id) == (first,) and store.run_models(other) == (second,)
    assert (second.format, second.uri) == ("cloudpickle", f"models:/{second.model_id}")
    made = store.register_model(run_id, "dia gnosis", description=HOSTILE, tags={RECORD_ID: RECORD, "text": HOSTILE})
    newer = store.register_model(other, "dia gnosis")
    assert (made.version, made.run_id, made.description, made.tags["text"]) == ("1", run_id, HOSTILE, HOSTILE)
    assert [(item.version, item.run_id) for item in store.models()] == [("2", other), ("1", run_id)]
    assert store.models("dia gnosis") == store.models() and store.models("diagnosis") == []
    for alias in ("champion", "a-b_1"):
        store.set_alias("dia gnosis", "1", alias)
    store.tag_version("dia gnosis", "1", {"note": "ü"})
    made = store.model_version("dia gnosis", "@champion")
    assert sorted(made.aliases) == ["a-b_1", "champion"] and made.tags["note"] == "ü" and made.record_id == RECORD
    assert store.model_version("dia gnosis", "2").aliases == () and newer.tags == {}
    assert {item.version: sorted(item.aliases) for item in store.models()} == {"1": ["a-b_1", "champion"], "2": []}
    for number, (address, model) in enumerate((("1", "first"), ("2", "second"), ("@champion", "first"))):
        copy = tmp_path / f"copy{number}"
        copy.mkdir()
        uri = f"models:/dia gnosis{address}" if address.startswith("@") else f"models:/dia gnosis/{address}"
        files = store.model_files(uri, copy)
        names = sorted(path.relative_to(files).as_posix() for path in files.rglob("*") if path.is_file())
        assert names == ["MLmodel", "deep/er/x.txt", "model.bin"], "each file, also those in folders"
        assert (files / "model.bin").read_bytes() == (tmp_path / model / "model.bin").read_bytes()
    store.set_alias("dia gnosis", "2", "champion")
    store.remove_alias("dia gnosis", "a-b_1")
    assert store.model_version("dia gnosis", "@champion").version == "2"
    assert store.model_version("dia gnosis", "1").aliases == ()
    with pytest.raises(NotFound):
        store.model_version("dia gnosis", "3")
    with pytest.raises(NotFound):
        store.model_files("models:/dia gnosis/3", tmp_path)
    with pytest.raises((NotFound, Refused)):
        store.model_version("dia gnosis", "@nobody")


def test_a_model_that_was_deleted_is_no_model_of_the_run(store: Store, tmp_path: Path) -> None:
    if isinstance(store, MemoryStore):
        return  # it deletes none
    run_id = make(store)
    deleted = logged(store, run_id, tmp_path / "first")
    MlflowClient(tracking_uri=store.uri).delete_logged_model(deleted.model_id)
    assert store.run_models(run_id) == ()
    left = logged(store, run_id, tmp_path / "second")
    assert store.run_models(run_id) == (left,)
