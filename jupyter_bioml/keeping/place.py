"""The record, MLflow run and destination of a run that was found."""

from __future__ import annotations

from ..config import Project
from ..journal.belonging import key_in
from ..journal.ledger import Ledger
from ..runs.catalog import Found


def identity_of(found: Found) -> str:
    """The record of the run; of a later cell that joined one, the record of that one."""
    if found.stored is not None and found.stored.record_id:
        return found.stored.record_id
    return found.record.part_of or found.record.record_id


def mlflow_run(found: Found, ledger: Ledger) -> str | None:
    """Its MLflow run: as MLflow says, else as the publisher noted it. None: it was not sent yet."""
    return found.run_id or ledger.run_id(identity_of(found))


def destination_of(project: Project, found: Found, key: str) -> str:
    """The key of a run's destination: its session's where only the journal has it, else the workbench's, ``key``."""
    if found.stored is None and found.local is not None:
        return key_in(project, found.local.session) or key
    return key
