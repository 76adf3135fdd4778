"""The shelf of tiny notebooks, and readers of what their runs left."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jupyter_bioml.config import find_project
from jupyter_bioml.journal.liveness import kernel_segment
from jupyter_bioml.journal.sessions import SessionLog
from jupyter_bioml.records.run import RunRecord

SHELF = Path(__file__).parent / "notebook_shelf"


def records_of(home: Path, session: str) -> list[RunRecord]:
    """Every cell run of a session, in order."""
    log = SessionLog(kernel_segment(home / "journal", session))
    log.refresh()
    return [log.fold.record(identity, dead=True) for identity in log.fold.order]


def last_session(folder: Path) -> str:
    """The session that was started last in the project of ``folder``."""
    journal = find_project(folder, create=False).journal
    return max(path.stem for path in journal.glob("*.log"))


def cells_of(path: Path | str) -> dict[str, dict[str, Any]]:
    """Cells of a notebook file by id."""
    document = json.loads(Path(path).read_text(encoding="utf-8"))
    return {cell["id"]: cell for cell in document["cells"]}


def states_of(path: Path | str) -> list[str]:
    """papermill's state of each code cell of an output notebook, its own error markers left out."""
    cells = cells_of(path).values()
    return [cell["metadata"]["papermill"]["status"] for cell in cells if cell["cell_type"] == "code"]


def printed(cell: dict[str, Any]) -> str:
    """What a cell wrote to its standard output."""
    return "".join("".join(output["text"]) for output in cell["outputs"] if output.get("name") == "stdout")
