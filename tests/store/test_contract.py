"""One contract, two stores: everything here holds for MLflow and for the store in memory."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient

from jupyter_bioml.errors import BiomlError, NotFound, Refused, SchemaTooNew
from jupyter_bioml.records.run import Code, Metric, RunRecord
from jupyter_bioml.records.wire import to_dict
from jupyter_bioml.store.base import PARTS, RECORD_ID, Store, StoredInput
from jupyter_bioml.store.memory import MemoryStore
from jupyter_bioml.store.mlflow_store import MlflowStore

RECORD = "ab" * 16
HOSTILE = 'it\'s "quoted" \\ %_ \n ünï 🧬'


@pytest.fixture(params=["mlflow", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path, empty_database: Path) -> Store:
    if request.param == "memory":
        return MemoryStore()
    file = tmp_path / "mlflow.db"
    file.write_bytes(empty_database.read_bytes())
    return MlflowStore(f"sqlite:///{file}")


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
    assert store.identity() is not None and store.identity() == store.identity()
    assert "@" not in store.uri and issubclass(NotFound, BiomlError)
