"""A project with a real MLflow database, its workbench, and synthetic kernels (``tests/publish``)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ports import closed_address
from publish.conftest import Publisher, SyntheticSession, drained

from jupyter_bioml.config import Project, destination, find_project
from jupyter_bioml.runs.catalog import RunRow
from jupyter_bioml.store.base import Store
from jupyter_bioml.store.mlflow_store import MlflowStore
from jupyter_bioml.workbench import Workbench


class Case:
    """A project, its kernels, and what is done with its runs."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.target = destination(project)
        self.sessions: list[SyntheticSession] = []

    def kernel(self) -> SyntheticSession:
        """A kernel that lives until its ``end()``."""
        self.sessions.append(SyntheticSession(self.project, self.target))
        return self.sessions[-1]

    @property
    def bench(self) -> Workbench:
        """A workbench as a new process has it."""
        return Workbench.at(self.project.root)

    @property
    def store(self) -> MlflowStore:
        return MlflowStore(self.target.uri)

    def drain(self, store: Store | None = None) -> Publisher:
        """Publish in this process, as the one publisher would."""
        return drained(self.project, self.target, store or self.store)

    def rows(self, **options: Any) -> list[RunRow]:
        return list(self.bench.runs.list(**options).rows)

    def blob(self, digest: str) -> Path:
        return self.project.blobs / digest[:2] / digest[2:]


@pytest.fixture
def case(project_dir: Path, empty_database: Path) -> Iterator[Case]:
    project = find_project(project_dir)
    made = Case(project)
    assert made.target.database is not None
    made.target.database.write_bytes(empty_database.read_bytes())
    yield made
    for session in made.sessions:
        session.end()


@pytest.fixture
def down(monkeypatch: pytest.MonkeyPatch) -> Callable[[Case], Callable[[], None]]:
    """Make a destination that was up not answer; returns how to bring it back."""

    def take_down(case: Case) -> Callable[[], None]:
        from jupyter_bioml.errors import StoreUnavailable

        database = case.target.database
        assert database is not None
        aside = database.with_suffix(".aside")
        os.rename(database, aside)
        database.write_bytes(b"no database\n" * 50)

        def back() -> None:
            os.replace(aside, database)

        with pytest.raises(StoreUnavailable):
            MlflowStore(case.target.uri)
        return back

    return take_down


@pytest.fixture
def closed_port() -> str:
    """The address of a server that does not run."""
    return closed_address()
