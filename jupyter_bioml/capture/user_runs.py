"""The user's own MLflow calls: they go to the project's store unless the user chose one, and join our run.

The kernel never opens an MLflow run. MLflow asks our run-context provider for tags when the user's code opens
one (:mod:`jupyter_bioml.store.run_context`); the publisher adopts it. Here only what the kernel must do.
"""

from __future__ import annotations

import contextlib
import os
import time
from types import ModuleType

from ..config import Destination, without_credentials
from .active import ActiveRun


def point_to_project(mlflow: ModuleType, destination: Destination) -> None:
    """Right after ``import mlflow``: use the project's store if the user has set none.

    Left unset, MLflow would make a database in the current directory, which moves with ``os.chdir``. The
    database is made here if it is new, under the lock that the publisher takes too.
    """
    if os.environ.get("MLFLOW_TRACKING_URI") or mlflow.is_tracking_uri_set():
        return
    from ..store.mlflow_database import usable_uri

    with contextlib.suppress(Exception):
        mlflow.set_tracking_uri(usable_uri(destination.uri))


def link_user_run(run: ActiveRun) -> None:
    """At the cell's end: name the run that the user's code opened, for a store the publisher does not search."""
    if not run.opened_user_run:
        return
    from ..store.run_context import last_user_run

    last = last_user_run()
    if last is not None:
        run_id, uri = last[0], without_credentials(last[1])
        found = {"run_id": run_id, "uri": uri, "first": True}
        run.append({"t": "user_run", "run": run.record_id, "at": time.time(), **found})
