"""A project with a real MLflow database, and a destination that does not answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from front_case import Bench
from ports import closed_address

from jupyter_bioml.config import find_project


@pytest.fixture
def bench(project_dir: Path, empty_database: Path, capfd: pytest.CaptureFixture[str]) -> Bench:
    return Bench(find_project(project_dir), empty_database, capfd)


@pytest.fixture
def down(monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """Point the tracking URI at a port where nobody listens; returns the URI."""

    def point() -> str:
        uri = closed_address()
        monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
        return uri

    return point
