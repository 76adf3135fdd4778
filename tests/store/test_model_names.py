"""Names that others gave their models in MLflow: each is found, whatever the filter language can say of it."""

from __future__ import annotations

from pathlib import Path

from mlflow import MlflowClient

from jupyter_bioml.store.mlflow_store import MlflowStore

NAMES = ["plain", "it's", 'a"b', "it's a\"b", "back\\slash", "\u202etxt", "x@1", "100%", "<img src=x onerror=alert(1)>"]


def test_every_name_is_found_alone_and_in_the_list(tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    client = MlflowClient(uri)
    for name in NAMES:
        client.create_registered_model(name)
        client.create_model_version(name, (tmp_path / "model").as_uri())
    store = MlflowStore(uri)
    assert sorted(version.name for version in store.models()) == sorted(NAMES)
    assert [[version.name for version in store.models(name)] for name in NAMES] == [[name] for name in NAMES]
