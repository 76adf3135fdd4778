"""Reproduce a run of a project: find it, fetch it, rerun it, and write the verdict."""

from __future__ import annotations

import dataclasses

from ..config import Project
from ..errors import StoreUnavailable
from ..journal.blobs import Blobs
from ..runs.project import Find
from ..store.opening import OpenStore, opened
from .announce import announce
from .reproduce import Asked, Say, reproduce
from .setup.elsewhere import bring_contents
from .setup.model_runs import is_model_uri, run_of_model
from .verdict import Reproduction


def reproduce_run(
    project: Project,
    open_store: OpenStore,
    find: Find,
    run: str,
    asked: Asked | None = None,
    progress: Say | None = None,
) -> Reproduction:
    """Rerun a run's cells in a fresh kernel and folder, compare, decide, and write the verdict.

    :param find: looks up a run.
    :param run: a run, or a registered model: ``models:/name/3``, ``models:/name@alias``.
    """
    found = find(run_of_model(run, open_store) if is_model_uri(run) else run)
    store, notes = None, []
    try:
        store = open_store()
        if store is not None and found.run_id is not None:
            notes = bring_contents(found.record, found.run_id, store, Blobs(project.blobs))
    except StoreUnavailable as error:
        notes = [f"The verdict is not in MLflow: {error.message}"]
    report = reproduce(project, found.record, asked, run_id=found.run_id, find=find, progress=progress)
    # publishing the new run sends what waited, too
    run_id = found.run_id or find(found.record.record_id).run_id
    report = dataclasses.replace(report, run_id=run_id, notes=(*report.notes, *notes))
    report.source["verdict"] = found.verdict
    return announce(report, project, store or opened(open_store))  # publishing may have made the store
