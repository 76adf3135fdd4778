"""One server for all tests; every test has a project of its own below its root."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "front"))

from front_case import SyntheticJournal
from server_case import Server

from jupyter_bioml.config import Project, find_project
from jupyter_bioml.store.mlflow_store import MlflowStore


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    base = tmp_path_factory.mktemp("server")
    (base / "root").mkdir()
    (base / "outside").mkdir()
    server = Server(base / "root", base / "home").start()
    yield server
    server.stop()


@pytest.fixture
def project(server: Server, tmp_path: Path) -> Project:
    """A project below the server's root."""
    root = server.root / tmp_path.name
    (root / ".bioml").mkdir(parents=True)
    return find_project(root)


@pytest.fixture
def journal(project: Project) -> Callable[..., SyntheticJournal]:
    """Make a session of the project; its kernel is this process."""

    def make(session: str = "20261121T120000-00000001") -> SyntheticJournal:
        return SyntheticJournal(project, session)

    return make


@pytest.fixture
def store(project: Project, empty_database: Path) -> MlflowStore:
    """The project's MLflow database."""
    file = project.home / "mlflow.db"
    shutil.copy(empty_database, file)
    return MlflowStore(f"sqlite:///{file}")
