"""Evidence of data that a reproduction lacks, and how to get them back."""

from __future__ import annotations

from ...text.present import printable, shorten
from ..verdict import DATA_MISSING, Evidence


def missing_data(name: str, cell: int | None = None) -> Evidence:
    """An input no longer exists.

    :param cell: number of the cell that reads it, where that is known.
    """
    shown = printable(shorten(name, 200))
    return Evidence(
        DATA_MISSING,
        f"{shown} no longer exists.",
        f"restore {shown} (dvc pull {shown}, or from your backup)",
        cell,
    )


def unseen_data(name: str, cell: int) -> Evidence:
    """A file that is there, but was not seen to be read."""
    shown = printable(shorten(name, 200))
    message = f"{shown} exists, but the run was not seen to read it, so it was not put into the work folder."
    return Evidence(DATA_MISSING, message, f"rerun the cell with --data {shown}, and reproduce the new run", cell)


def missing_object_data(address: str, cell: int) -> Evidence:
    """An object that its store no longer has; empty ``address``: which one is not known."""
    shown = printable(shorten(address, 200)) or f"The object that cell {cell} reads"
    repair = f"put {printable(shorten(address, 200)) or 'it'} back into the store, or keep a copy in the project"
    return Evidence(DATA_MISSING, f"{shown} no longer exists in its store.", repair, cell)
