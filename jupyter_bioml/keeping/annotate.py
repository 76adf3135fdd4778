"""Renaming, noting, starring and archiving a run: recorded in the journal first, then sent to MLflow."""

from __future__ import annotations

from typing import Any

from ..config import Project
from ..errors import StoreUnavailable, UsageError
from ..journal.ledger import Ledger
from ..publish.annotating import Annotator
from ..redact import redact
from ..runs.catalog import Found
from ..store.base import Store
from ..store.limits import NAME_LIMIT, TAG_LIMIT, fit_text
from .place import destination_key, identity_of, mlflow_run


def annotate(
    project: Project,
    key: str,
    store: Store | None,
    found: Found,
    *,
    name: str | None = None,
    note: str | None = None,
    starred: bool | None = None,
    archived: bool | None = None,
) -> None:
    """Change a run's name, note or marks; None leaves a field unchanged. An empty note removes the note.

    The change is on disk on return; a store that does not answer is updated later, by the publisher.

    :param key: the workbench's destination.
    :raises UsageError: for an empty name, or no change.
    :raises JournalError: when it cannot be written; nothing was changed then.
    :raises Refused: if MLflow rejects the change; the message gives the reason.
    """
    said = _fitting(name, note, starred, archived)
    annotations, record_id = found.annotations, identity_of(found)
    ledger = Ledger(project.ledger(key))
    run_id = mlflow_run(found, ledger)
    item = annotations.annotate(record_id, destination_key(found, key), run_id, **said)
    # the publisher may have made the run since it was looked for: then it has not seen this line
    ledger.refresh()
    run_id = run_id or ledger.run_id(record_id)
    if store is None or run_id is None or found.down or item.key != key:
        return
    try:
        Annotator(store, annotations, ledger).tell(record_id, run_id)
    except StoreUnavailable:
        return  # the row says that it waits


def _fitting(name: str | None, note: str | None, starred: bool | None, archived: bool | None) -> dict[str, Any]:
    if name is not None and not name.strip():
        raise UsageError("The name is empty; the run keeps its name.", next="Give a name of at least one character.")
    said: dict[str, Any] = {
        "name": None if name is None else fit_text(redact(name.strip()), NAME_LIMIT),
        "note": None if note is None else fit_text(redact(note.strip()), TAG_LIMIT),
        "starred": starred,
        "archived": archived,
    }
    said = {key: value for key, value in said.items() if value is not None}
    if not said:
        raise UsageError("Nothing to change was given.", next="Give a name, a note, a star or an archive mark.")
    return said
