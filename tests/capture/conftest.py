"""An observer of files in a project, a cell run by hand under it, and torch for the tests that need it."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from observed import Cell, cells, observing

from jupyter_bioml.capture.files.observer import FileObserver


@pytest.fixture
def observer(project_dir: Path) -> Iterator[FileObserver]:
    with observing(project_dir) as observer:
        yield observer


@pytest.fixture
def cell(observer: FileObserver) -> Cell:
    return cells(observer)


@pytest.fixture
def torch() -> Any:
    """Imported when a test runs: tests marked ``needs_torch`` are read, and deselected, on Pythons without torch."""
    return importlib.import_module("torch")
