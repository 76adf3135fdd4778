"""The target of a check: a notebook or a run, and its lock."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import BiomlError, NotFound, UsageError
from ..journal.blobs import Blobs
from ..runs.catalog import Catalog, Found
from ..runs.project import environment_document
from ..store.base import FOLDER
from ..store.opening import opened
from ..store.shared import RunFiles
from ..text.present import printable, short_id
from .declared.install_lines import CellText
from .imports import cells_of_notebook, cells_of_record, imported_modules, modules_of_record
from .interpreters import running

#: Runs of a notebook that are looked through for one with an environment.
_LOOKED_AT = 20


@dataclass(frozen=True)
class Target:
    """A notebook with the environment document that counts as its lock."""

    notebook: Path | None
    """Absolute; None for a run whose notebook is not here."""
    document: Mapping[str, Any]
    lock_from: str | None
    """In words: the owner of that environment; None: no run is recorded, and the present one stands for it."""
    modules: frozenset[str]
    """The imported modules."""
    cells: tuple[CellText, ...] = ()
    """The code cells: their lines may install."""


def target_of(catalog: Catalog, text: str) -> Target:
    """The notebook of a path, or the run of an id.

    :raises BiomlError: there is none, or its environment is not here.
    """
    path = notebook_at(text)
    return target_of_run(catalog, catalog.find(text)) if path is None else target_of_notebook(catalog, path)


def target_of_run(catalog: Catalog, found: Found) -> Target:
    """A run: its recorded environment and code, and its notebook as it is now.

    :raises BiomlError: its environment was not recorded, or is not here.
    """
    record, project = found.record, catalog.project
    document = document_of(catalog, found)
    if document is None:
        raise BiomlError(
            f"The environment of the run {short_id(record.record_id)} is not recorded, or not here.",
            next="Choose a run with a recorded environment: jupyter bioml runs",
        )
    notebook = project.root / record.code.notebook if record.code.notebook else None
    modules = frozenset(modules_of_record(record, Blobs(project.blobs)))
    there = notebook if notebook is not None and notebook.is_file() else None
    return Target(there, document, f"run {short_id(found.row.record_id)}", modules, tuple(cells_of_record(record)))


def target_of_notebook(catalog: Catalog, path: Path) -> Target:
    """A notebook: the environment of its newest run that has one, else the current one.

    :raises UsageError: if it is not a notebook.
    """
    cells = tuple(cells_of_notebook(path))
    modules = frozenset(imported_modules(cell.source for cell in cells))
    name = catalog.project.relative(path)
    runs = [row.record_id for row in catalog.runs(children=True).rows if row.notebook == name]
    for identity in runs[:_LOOKED_AT]:
        try:
            found = catalog.find(identity)
            document = document_of(catalog, found)
        except BiomlError:
            continue
        if document is not None:
            return Target(path, document, f"its run {short_id(found.row.record_id)}", modules, cells)
    return Target(path, present_document(), None, modules, cells)


def document_of(catalog: Catalog, found: Found) -> Mapping[str, Any] | None:
    """``environment.json`` of a run, from the journal's blobs, else from MLflow; None where it is in neither.

    :raises StoreUnavailable: it is only in MLflow, which does not answer.
    """
    here = environment_document(catalog.project, found.record)
    if here is not None or found.record.environment is None or found.run_id is None:
        return here
    store = opened(catalog.open_store)
    if store is None:
        return None
    try:
        document = json.loads(RunFiles(store, found.run_id).read(f"{FOLDER}/environment.json"))
    except (NotFound, ValueError):
        return None
    return document if isinstance(document, dict) else None


def present_document() -> dict[str, Any]:
    """Python and distributions of this process's interpreter."""
    here = running()
    python = {
        "implementation": platform.python_implementation(),
        "version": here.version,
        "executable": here.executable,
    }
    return {"python": python, "distributions": here.distributions()}


def notebook_at(text: str) -> Path | None:
    """The notebook that a word names; None if it is not a file.

    :raises UsageError: if it is a file but not a notebook, or ends like one but is not a file.
    """
    path = Path(text)
    if path.suffix == ".ipynb":
        if not path.is_file():
            raise UsageError(f"There is no notebook {printable(text)!r}.")
        return path.absolute()
    if path.is_file():
        raise UsageError(f"{printable(text)!r} is not a notebook (.ipynb).")
    return None
