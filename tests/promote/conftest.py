"""A study whose runs lie in the store in memory, and one whose runs lie in MLflow."""

from __future__ import annotations

from pathlib import Path

import mlflow
import pandas
import pytest
from sklearn.linear_model import LogisticRegression

from jupyter_bioml.store.memory import MemoryStore
from jupyter_bioml.store.mlflow_store import MlflowStore

from .world import World


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real MLflow model with signature and input example."""
    rows = pandas.DataFrame({"a": [0.0, 1.0, 2.0, 3.0], "b": [1.0, 0.0, 1.0, 0.0]})
    model = LogisticRegression().fit(rows, [0, 0, 1, 1])
    folder = tmp_path_factory.mktemp("model") / "model"
    signature = mlflow.models.infer_signature(rows, model.predict(rows))
    mlflow.sklearn.save_model(model, str(folder), signature=signature, input_example=rows[:2], pip_requirements=[])
    return folder


@pytest.fixture
def world(project_dir: Path, model_folder: Path) -> World:
    return World(project_dir, MemoryStore(), model_folder)


@pytest.fixture
def mlflow_world(project_dir: Path, empty_database: Path, model_folder: Path) -> World:
    file = project_dir / ".bioml" / "mlflow.db"
    file.write_bytes(empty_database.read_bytes())
    return World(project_dir, MlflowStore(f"sqlite:///{file}"), model_folder)
