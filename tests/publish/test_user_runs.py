"""The user's own MLflow calls in a cell land in the same run as ours, and nothing of theirs is changed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import mlflow
import numpy
import pytest

from jupyter_bioml.capture import recorder
from jupyter_bioml.store import run_context
from jupyter_bioml.store.mlflow_store import MlflowStore

from .conftest import SyntheticSession

Drain = Callable[[], Any]


@pytest.fixture
def in_cell(monkeypatch: pytest.MonkeyPatch, store: MlflowStore) -> Iterator[Callable[[str | None], None]]:
    """Say which record's cell is running; MLflow's fluent calls go to the project's store."""
    monkeypatch.setattr(recorder, "note_user_run", lambda: None, raising=False)
    mlflow.set_tracking_uri(store.uri)
    yield lambda record_id: monkeypatch.setattr(recorder, "current_record_id", lambda: record_id)
    while mlflow.active_run():
        mlflow.end_run()
    mlflow.set_tracking_uri(None)  # type: ignore[arg-type]
    os.environ.pop("MLFLOW_TRACKING_URI", None)


def test_the_first_run_of_a_cell_is_adopted_and_keeps_what_the_user_wrote(
    session: SyntheticSession, store: MlflowStore, drain: Drain, in_cell: Callable[[str | None], None]
) -> None:
    record_id = session.start("…", name="forest", note="ours", tags={"team": "ours", "site": "north"})
    in_cell(record_id)
    mlflow.data.from_numpy(numpy.zeros(3))  # type: ignore[attr-defined]  # asks for tags too, before any run
    with mlflow.start_run(run_name="theirs", tags={"team": "theirs"}) as first:
        mlflow.log_params({"depth": 3, "same": 1})
        mlflow.log_metric("auc", 0.9, step=1)
        mlflow.log_metric("equal", 0.5)
        with mlflow.start_run(nested=True) as child:
            pass
    with mlflow.start_run() as second:
        pass
    in_cell(None)
    with mlflow.start_run() as outside:
        pass
    session.finish(
        record_id, params={"depth": 4, "same": 1, "seed.numpy": 7}, metrics={"auc": 0.8, "equal": 0.5, "f1": 0.7}
    )
    part = session.run(
        start={"part_of": record_id}, params={"depth": 5}, metrics={"auc": 0.7, "late": 1.0}, at=time.time() + 5
    )
    session.end()

    drain()
    drain()

    run = store.get(first.info.run_id)
    assert run.name == "theirs" and run.status == "FINISHED" and run.record_id == record_id
    assert run.params == {"depth": "3", "same": "1", "bioml.depth": "4", "seed.numpy": "7"}
    assert run.metrics == {"auc": 0.9, "equal": 0.5, "bioml.auc": 0.7, "f1": 0.7, "late": 1.0}
    assert [metric.value for metric in store.history(run.run_id, "auc")] == [0.9] and run.tags["bioml.parts"] == part
    assert run.tags["team"] == "theirs" and run.tags["bioml.team"] == "ours" and run.tags["site"] == "north"
    assert run.tags["bioml.session"] == session.id and run.tags["mlflow.source.name"] == "analysis.ipynb"
    assert run.tags["mlflow.source.type"] == "NOTEBOOK" and run.tags["bioml.name"] == "forest"
    assert "bioml/record.json" in store.artifacts(run.run_id)
    for other in (child, second):
        assert store.get(other.info.run_id).tags["bioml.part_of"] == record_id
    assert not {"bioml.record_id", "bioml.part_of"} & set(store.get(outside.info.run_id).tags)
    assert len(store.search(ours=False, deleted=True)) == 4, "no run of ours beside theirs"


def test_a_run_the_user_left_open_is_ended_only_when_the_kernel_is_gone(
    session: SyntheticSession, store: MlflowStore, drain: Drain, in_cell: Callable[[str | None], None]
) -> None:
    record_id = session.start("mlflow.start_run()")
    in_cell(record_id)
    opened = mlflow.start_run()
    session.finish(record_id, metrics={"auc": 0.5})
    drain()
    assert store.get(opened.info.run_id).status == "RUNNING"
    assert store.get(opened.info.run_id).metrics == {"auc": 0.5}
    session.end()
    drain()
    assert store.get(opened.info.run_id).status == "KILLED"
    assert len(store.search(ours=False)) == 1


def test_a_run_in_another_store_stays_there_and_is_linked(
    session: SyntheticSession, store: MlflowStore, drain: Drain, tmp_path: Path
) -> None:
    record_id = session.start("mlflow.set_tracking_uri(…)")
    there = f"sqlite:///{tmp_path}/other.db"
    session.write("user_run", run=record_id, run_id="f" * 32, uri=there, first=True)
    session.finish(record_id, metrics={"auc": 0.5})
    session.end()
    drain()
    (run,) = store.find_record(record_id)
    assert run.tags["bioml.mlflow_run"] == f"{there} {'f' * 32}" and run.metrics == {"auc": 0.5}
    assert not (tmp_path / "other.db").exists()


def test_a_run_that_the_user_deleted_stays_deleted(session: SyntheticSession, store: MlflowStore, drain: Drain) -> None:
    record_id = session.run(metrics={"auc": 0.5})
    drain()
    (run,) = store.find_record(record_id)
    mlflow.MlflowClient(tracking_uri=store.uri).delete_run(run.run_id)
    session.write("log", run=record_id, m={"late": 1.0})
    session.end()
    drain()
    assert [found.deleted for found in store.find_record(record_id)] == [True]


def test_the_context_does_nothing_where_nothing_is_tracked(monkeypatch: pytest.MonkeyPatch) -> None:
    provider = run_context.BiomlRunContext()
    monkeypatch.setattr(recorder, "current_record_id", lambda: None)
    assert provider.in_context() is False and provider.tags() == {}
    monkeypatch.setattr(recorder, "current_record_id", lambda: 1 / 0)
    assert provider.in_context() is False and provider.tags() == {}
    monkeypatch.setattr(recorder, "current_record_id", lambda: "ab")
    assert provider.in_context() is True and provider.tags() == {}, "only start_run gets tags"
