"""A log, a real MLflow database with a run in it, and a real git repository."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from jupyter_bioml.audit.log import AuditLog
from jupyter_bioml.store.mlflow_store import MlflowStore


@pytest.fixture
def log(tmp_path: Path) -> AuditLog:
    return AuditLog(tmp_path / "audit")


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An MLflow database, made once: a new one costs a second and a half."""
    file = tmp_path_factory.mktemp("database") / "mlflow.db"
    MlflowStore(f"sqlite:///{file}")
    return file


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


def git(root: Path, *arguments: str) -> str:
    """A git command of the user."""
    settings = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", "-C", str(root), *settings, *arguments], capture_output=True, text=True, check=True)
    return done.stdout


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
