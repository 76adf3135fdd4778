"""An observer of files in a project, and a cell run by hand under it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

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
