"""A log, a real MLflow database with a run in it, and a real git repository."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from user_git import git

from jupyter_bioml.audit.log import AuditLog
from jupyter_bioml.store.mlflow_store import MlflowStore


@pytest.fixture
def log(tmp_path: Path) -> AuditLog:
    return AuditLog(tmp_path / "audit")


@pytest.fixture
def store(tmp_path: Path, empty_database: Path) -> MlflowStore:
    file = tmp_path / "mlflow.db"
    shutil.copy(empty_database, file)
    return MlflowStore(f"sqlite:///{file}")


@pytest.fixture
def run_id(store: MlflowStore) -> str:
    return new_run(store)


def new_run(store: MlflowStore) -> str:
    experiment, _ = store.open_experiment("diagnosis.ipynb")
    return store.create_run(experiment, "fit", 1_790_000_000.0, {})


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit, an edited file, a staged file and a note of the user's."""
    root = tmp_path / "repository"
    root.mkdir()
    git(root, "init", "-q")
    (root / "fit.py").write_text("auc = 0.9\n")
    git(root, "add", "fit.py")
    git(root, "commit", "-q", "-m", "first")
    git(root, "notes", "add", "-m", "the user's note")
    (root / "fit.py").write_text("auc = 0.8\n")
    (root / "staged.py").write_text("")
    git(root, "add", "staged.py")
    return root
