"""Renaming, noting, starring and archiving a run: kept in the journal first, then told to MLflow."""

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
    """Say something of a run; what is None stays as it is. An empty note takes the note away.

    On the disk when it returns; a store that does not answer is told later, by the publisher.

    :param key: the workbench's destination.
    :raises UsageError: for an empty name, or when nothing is said.
    :raises JournalError: when it cannot be written; nothing was changed then.
    :raises Refused: when MLflow will not take it; the reason is in the message.
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
        raise UsageError("An empty name was given; the run's name stays.", next="Give a name of one character or more.")
    said: dict[str, Any] = {
        "name": None if name is None else fit_text(redact(name.strip()), NAME_LIMIT),
        "note": None if note is None else fit_text(redact(note.strip()), TAG_LIMIT),
        "starred": starred,
        "archived": archived,
    }
    said = {key: value for key, value in said.items() if value is not None}
    if not said:
        raise UsageError("Nothing was said of the run.", next="Give a name, a note, a star or an archive mark.")
    return said
