"""Reading what a kernel has journaled."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_bioml.journal.sessions import sessions
from jupyter_bioml.records.run import RunRecord

Reader = Callable[[], list[RunRecord]]


@pytest.fixture(autouse=True)
def publish_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """No publisher of its own for every kernel of these tests: those that need one call it."""
    monkeypatch.setenv("BIOML_PUBLISH", "off")


@pytest.fixture
def cell_runs(project_dir: Path) -> Reader:
    """All journaled cell runs of the project, in order."""

    def read() -> list[RunRecord]:
        found = []
        for log in sessions(project_dir / ".bioml" / "journal"):
            dead = log.dead()
            found += [log.fold.record(identity, dead=dead) for identity in log.fold.order]
        return found

    return read


@pytest.fixture
def runs(cell_runs: Reader) -> Reader:
    """Only those that are runs."""
    return lambda: [record for record in cell_runs() if record.is_run]
