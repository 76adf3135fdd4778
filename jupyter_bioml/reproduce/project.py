"""Reproduce a run of a project: find it, fetch it, rerun it, and write the verdict."""

from __future__ import annotations

import dataclasses

from ..config import Project
from ..errors import StoreUnavailable
from ..headless.process import Worker
from ..journal.blobs import Blobs
from ..runs.catalog import Found
from ..runs.project import Find
from ..store.opening import OpenStore, opened
from ..text.present import short_id
from .announce import announce
from .reproduce import Asked, Say, reproduce
from .setup.elsewhere import bring_contents
from .setup.model_runs import is_model_uri, run_of_model
from .telling import tell_apart
from .verdict import Reproduction


def reproduce_run(
    project: Project,
    open_store: OpenStore,
    find: Find,
    run: str,
    asked: Asked | None = None,
    progress: Say | None = None,
    worker: Worker | None = None,
) -> Reproduction:
    """Rerun a run's cells in a fresh kernel and folder, compare, decide, and write the verdict.

    :param find: looks up a run.
    :param run: a run, or a registered model: ``models:/name/3``, ``models:/name@alias``. Of a reproduction it is the
        run that it reproduced: a reproduction ran in a folder of its own.
    :param worker: see :func:`.reproduce.reproduce`.
    """
    asked_for = find(run_of_model(run, open_store) if is_model_uri(run) else run)
    found = original_of(asked_for, find)
    store, notes = None, list[str]()
    if found is not asked_for:
        ours, theirs = short_id(asked_for.record.record_id), short_id(found.record.record_id)
        notes.append(f"{ours} is a reproduction of {theirs}, which was run again.")
    try:
        store = open_store()
        if store is not None and found.run_id is not None:
            notes += bring_contents(found.record, found.run_id, store, Blobs(project.blobs))
    except StoreUnavailable as error:
        notes.append(f"The verdict is not in MLflow: {error.message}")
    report = reproduce(project, found.record, asked, run_id=found.run_id, find=find, progress=progress, worker=worker)
    # publishing the new run sends what waited, too
    run_id = found.run_id or find(found.record.record_id).run_id
    report = dataclasses.replace(report, run_id=run_id, notes=(*report.notes, *notes))
    report.source["verdict"] = found.verdict
    there = store or opened(open_store)  # publishing may have made it
    return announce(report, project, None if there is None else tell_apart)


def original_of(found: Found, find: Find) -> Found:
    """The run that a reproduction reproduced; any other run itself.

    :raises NotFound: when it is gone.
    """
    seen = {found.record.record_id}
    while (original := found.record.reproduces) is not None and original not in seen:
        seen.add(original)
        found = find(original)
    return found
