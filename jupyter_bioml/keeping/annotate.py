"""Renaming, noting, starring, archiving and tagging runs: recorded in the journal first, then sent to MLflow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..config import Destination, Project
from ..errors import StoreUnavailable, UsageError
from ..journal.annotations import Annotations
from ..journal.belonging import ledger_of
from ..publish.annotating import Annotator
from ..publish.recovering import send
from ..redact import redact
from ..runs.catalog import Found
from ..runs.summary import RESERVED
from ..store.base import Store
from ..store.limits import NAME_LIMIT, TAG_LIMIT, fit_key, fit_text
from ..text.present import printable
from .place import destination_of, identity_of, mlflow_run


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
    tags: Mapping[str, str | None] | None = None,
) -> None:
    """Change a run's name, note, marks or tags; None leaves a field unchanged. An empty note removes the note.

    The change is on disk on return; a store that does not answer is updated later, by the publisher.

    :param key: the workbench's destination.
    :param tags: the user's own, to be set; of None: to be taken away.
    :raises UsageError: for an empty name, a tag that is not the user's own, or no change.
    :raises JournalError: when it cannot be written; nothing was changed then.
    :raises Refused: if MLflow rejects the change; the message gives the reason.
    """
    said = fitting(name=name, note=note, starred=starred, archived=archived, tags=tags)
    annotations, record_id = found.annotations, identity_of(found)
    ledger = ledger_of(project, key)
    run_id = mlflow_run(found, ledger)
    item = annotations.annotate(record_id, destination_of(project, found, key), run_id, **said)
    # the publisher may have made the run since it was looked for: then it has not seen this line
    ledger.refresh()
    run_id = run_id or ledger.run_id(record_id)
    if store is None or run_id is None or found.down or item.key != key:
        return
    try:
        Annotator(store, annotations, ledger).tell(record_id, run_id)
    except StoreUnavailable:
        return  # the row says that it waits


def annotate_all(
    project: Project, target: Destination, runs: Mapping[str, str | None], said: Mapping[str, Any]
) -> None:
    """Change many runs in the same way, by what :func:`fitting` made of the request. On disk on return.

    The destination is told by the publisher, which is started for that.

    :param runs: record id → its MLflow run; None: it has none yet, and will be made with the change.
    :raises JournalError: when it cannot be written.
    """
    Annotations(project.home).annotate_all(target.key, runs, **said)
    if any(runs.values()):
        send(project, target)


def fitting(
    *,
    name: str | None = None,
    note: str | None = None,
    starred: bool | None = None,
    archived: bool | None = None,
    tags: Mapping[str, str | None] | None = None,
) -> dict[str, Any]:
    """A change as it is kept, with only what changes.

    :raises UsageError: for an empty name, a tag that is not the user's own, or no change.
    """
    if name is not None and not name.strip():
        raise UsageError("The name is empty; the run keeps its name.", next="Give a name of at least one character.")
    said: dict[str, Any] = {
        "name": None if name is None else fit_text(redact(name.strip()), NAME_LIMIT),
        "note": None if note is None else fit_text(redact(note.strip()), TAG_LIMIT),
        "starred": starred,
        "archived": archived,
        "tags": _tags(tags) if tags else None,
    }
    said = {key: value for key, value in said.items() if value is not None}
    if not said:
        raise UsageError("Nothing to change was given.", next="Give a name, a note, a star, an archive mark or a tag.")
    return said


def _tags(tags: Mapping[str, str | None]) -> dict[str, str | None]:
    found = {}
    for key, value in tags.items():
        clean = fit_key(redact(key.strip()))
        if not key.strip() or clean.startswith(RESERVED):
            raise UsageError(
                f"{printable(key[:80])!r} is not a tag of your own.",
                next=f"Give another key; those that begin with {' or '.join(RESERVED)} have a meaning.",
            )
        found[clean] = None if value is None else fit_text(redact(value), TAG_LIMIT)
    return found
