"""What JupyterLab sends with a cell that it runs: metadata, identity and the notebook's order."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..notebooks.plan import CELL_ID, STATES
from ..records.signs import INJECTED

Cell = Mapping[str, Any]


def request_metadata(cell: Cell, cells: list[Any]) -> dict[str, Any]:
    """The metadata JupyterLab sends with ``cell``: its metadata (without papermill's own), its id, its tags."""
    metadata = {key: value for key, value in cell["metadata"].items() if key != "papermill"}
    metadata = json.loads(json.dumps(metadata, default=str))
    metadata.pop(STATES, None)
    metadata.pop(CELL_ID, None)
    sent = {"tags": list(metadata.get("tags", [])), "cellId": cell_identity(cell, cells), "deletedCells": []}
    return {**metadata, **sent}


def cell_order(cells: list[Any]) -> list[str]:
    """The ids of the notebook's code cells, from top to bottom."""
    own = [cell for cell in cells if cell["cell_type"] == "code" and not is_injected(cell)]
    return [identity for identity in (cell_identity(cell, cells) for cell in own) if identity is not None]


def cell_identity(cell: Cell, cells: list[Any]) -> str | None:
    """The cell's id, as it was recorded; papermill's injected cell stands for the ``parameters`` cell it overrides."""
    if CELL_ID in cell["metadata"]:
        identity: str | None = cell["metadata"][CELL_ID]
        return identity
    if not is_injected(cell):
        return cell.get("id")
    for other in cells:
        if "parameters" in other["metadata"].get("tags", []):
            return str(other.get("id"))
    return None


def is_injected(cell: Cell) -> bool:
    """Whether papermill put the cell there."""
    return INJECTED in cell["metadata"].get("tags", [])
