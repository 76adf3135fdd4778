"""An MLflow database without runs, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_bioml.store.mlflow_store import MlflowStore


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("database") / "mlflow.db"
    MlflowStore(f"sqlite:///{file}")
    return file
