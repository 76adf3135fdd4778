"""A record becomes one MLflow run that a reader with plain MLflow understands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jupyter_bioml.store.mlflow_store import MlflowStore

from .conftest import SyntheticSession

Drain = Callable[..., Any]


def only(store: MlflowStore, record_id: str) -> Any:
    found = store.find_record(record_id)
    assert len(found) == 1, f"{len(found)} runs of one record"
    return found[0]


def test_a_run_has_its_parameters_metrics_tags_and_record(
    session: SyntheticSession, store: MlflowStore, drain: Drain
) -> None:
    record_id = session.start("auc = 0.9", name="forest", note="first try", tags={"team": "onco"})
    session.write("log", run=record_id, m={"loss": 0.5}, step=0)
    session.write("log", run=record_id, m={"loss": 0.25}, step=1)
    session.finish(record_id, params={"depth": 3, "clf.max_depth": None}, metrics={"auc": 0.9})
    session.end()

    drain()

    run = only(store, record_id)
    assert run.status == "FINISHED" and run.name == "forest" and run.experiment == "analysis.ipynb"
    assert run.params == {"depth": "3", "clf.max_depth": "None"}
    assert run.metrics["auc"] == 0.9 and run.metrics["loss"] == 0.25
    assert [(m.step, m.value) for m in store.history(run.run_id, "loss")] == [(0, 0.5), (1, 0.25)]
    expected = {
        "bioml.record_id": record_id, "bioml.schema": "1", "bioml.session": session.id, "bioml.cell_id": "cell-1",
        "bioml.notebook": "analysis.ipynb", "bioml.mark": "magic", "mlflow.source.name": "analysis.ipynb",
        "mlflow.source.type": "NOTEBOOK", "mlflow.user": "ada", "mlflow.note.content": "first try", "team": "onco",
    }  # fmt: skip
    assert expected.items() <= run.tags.items()
    assert len(run.tags["bioml.fingerprint"]) == 64
    record = store.record(run.run_id)
    assert record.record_id == record_id and record.code.source == "auc = 0.9" and record.params["depth"] == 3
