"""A project with a real MLflow database, and a destination that does not answer."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from front_case import Bench

from jupyter_bioml.config import find_project
from jupyter_bioml.store.mlflow_store import MlflowStore


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An MLflow database, made once: a new one costs a second and a half."""
    file = tmp_path_factory.mktemp("database") / "mlflow.db"
    MlflowStore(f"sqlite:///{file}")
    return file


@pytest.fixture
def bench(project_dir: Path, empty_database: Path, capfd: pytest.CaptureFixture[str]) -> Bench:
    return Bench(find_project(project_dir), empty_database, capfd)


@pytest.fixture
def down(monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """Point the tracking URI at a port where nobody listens; returns the URI."""

    def point() -> str:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            uri = f"http://127.0.0.1:{free.getsockname()[1]}"
        monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
        return uri

    return point
