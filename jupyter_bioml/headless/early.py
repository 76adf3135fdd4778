"""What is begun before it is needed, while the caller does other work; nothing here waits, and nothing depends on it.

Importing takes most of the time of a short notebook: papermill in the worker, the notebook's libraries in the template
of its kernel, MLflow in the process that sends its runs. Each has a process of its own, so they can do it at once.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..config import load_settings, project_root
from ..errors import BiomlError
from ..processes.asking import expect

if TYPE_CHECKING:
    from .warm import Templates

#: One of these is in every notebook that makes a run by itself: in ``%%experiment``, the tag, ``import jupyter_bioml``.
_SIGNS = ("experiment", "bioml")


@dataclass(frozen=True)
class Expected:
    """The first job that a worker is to expect."""

    notebook: str | None = None
    """Absolute path of the notebook, whose kernel may be forked; None: not known, or it gets a fresh kernel."""
    publishes: bool = True
    """The caller will wait until its runs are sent."""


def prepare(expected: Expected, templates: Templates) -> None:
    """In the worker: begin what the job will need, and import what every job needs.

    The kernel's libraries first, as they take longest; MLflow, which is needed last, when papermill is here: two
    processors are common.
    """
    begin_template(expected.notebook, None, templates)
    from . import client, provisioner  # noqa: F401  (imported for the job)

    if expected.publishes and (expected.notebook is None or _file_may_leave_runs(Path(expected.notebook))):
        expect(os.environ)


def begin_template(notebook: str | None, modules: tuple[str, ...] | None, templates: Templates) -> None:
    """In the worker: begin the template of a notebook's kernel, where its file alone says that this Python runs it.

    :param modules: those of its job (:attr:`~.results.NotebookJob.warm`); None: there is no job yet.
    """
    if notebook is None or templates.begun(modules):
        return
    from ..notebooks.top_imports import imports_of_native

    found = imports_of_native(Path(notebook))
    if found is not None and modules in (None, found):
        with contextlib.suppress(OSError):  # the job says so
            templates.begin(found)


def _file_may_leave_runs(notebook: Path) -> bool:
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        return may_leave_runs(cells, notebook.parent)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return False  # it is not a notebook: the job says so


def may_leave_runs(cells: Iterable[Mapping[str, Any]], folder: Path) -> bool:
    """Whether cells of a notebook in that folder may make runs."""
    texts = (f"{''.join(cell['source'])}\n{cell['metadata'].get('tags')}" for cell in cells)
    if any(sign in text for text in texts for sign in _SIGNS):
        return True
    try:
        return load_settings(project_root(folder)).auto
    except BiomlError:
        return False  # its kernel says what is wrong with the settings
