"""Telling the destination what the user said of its runs: one code path for the publisher and the workbench.

What was said is in the project's annotations first (:mod:`jupyter_bioml.journal.annotations`), so that whatever is
interrupted here is done again by the next publisher, and nothing is lost while the destination does not answer.
"""

from __future__ import annotations

from contextlib import suppress

from ..errors import NotFound, Refused
from ..journal.annotations import Annotation, Annotations, Tombstone
from ..journal.ledger import Ledger
from ..store.base import ARCHIVED, NAME, NOTE, STARRED, Store


class Annotator:
    """Writes annotations and deletions into one store."""

    def __init__(self, store: Store, annotations: Annotations, ledger: Ledger) -> None:
        self._store = store
        self._annotations = annotations
        self._ledger = ledger

    def tell_all(self, key: str) -> None:
        """Everything that the destination of that key has not been told, of runs that it has.

        :raises StoreUnavailable: it does not answer; what is left is told later.
        """
        for item in due(self._annotations, self._ledger, key):
            self.tell(item.record_id)

    def tell(self, record_id: str, run_id: str | None = None) -> None:
        """The newest word on one run, deletion included; nothing when nothing was said.

        What the store refuses (a run deleted there by hand) is remembered as refused and not tried again.

        :param run_id: its MLflow run, where the caller knows it.
        :raises StoreUnavailable: it does not answer.
        """
        with self._annotations.applying():
            item = self._annotations.tombstone(record_id) or self._annotations.of(record_id)
            if item is None:
                return
            refused = None
            try:
                for known in self._runs_of(item, run_id):
                    self._write(known, item)
            except (NotFound, Refused) as error:
                refused = error.message
            if not self._annotations.reached(item):
                self._annotations.apply(item, refused)

    def _runs_of(self, item: Annotation | Tombstone, run_id: str | None) -> list[str]:
        """Its run in the store; of a deleted run those of its children too, and one whose making was cut off."""
        if isinstance(item, Annotation):
            known = run_id or self._ledger.run_id(item.record_id) or item.run_id
            return [known] if known else []
        found = [item.run_id, run_id, *item.child_runs]
        for record_id in (item.record_id, *item.also):
            if (known := self._ledger.run_id(record_id)) is not None:
                found.append(known)
            elif self._ledger.touched(record_id):
                found += [run.run_id for run in self._store.find_record(record_id)]
        return list(dict.fromkeys(filter(None, found)))

    def _write(self, run_id: str, item: Annotation | Tombstone) -> None:
        if isinstance(item, Tombstone):
            with suppress(NotFound):  # purged by hand: as if deleted
                self._store.delete_run(run_id)
            return
        if item.name is not None:
            self._store.rename(run_id, item.name)
            if NAME in self._store.get(run_id).tags:  # the user's code had named it, and the cell otherwise
                self._store.write(run_id, tags={NAME: item.name})
        words = {NOTE: item.note, STARRED: _word(item.starred), ARCHIVED: _word(item.archived)}
        tags = {key: value for key, value in {**item.tags, **words}.items() if value is not None}
        if tags:
            self._store.write(run_id, tags=tags)
        if gone := [key for key, value in item.tags.items() if value is None]:
            self._store.untag(run_id, gone)


def due(annotations: Annotations, ledger: Ledger, key: str) -> list[Annotation | Tombstone]:
    """Changes not yet sent to the destination of that key, for runs that it has or may have."""
    return [
        item
        for item in annotations.pending(key)
        if item.run_id is not None or ledger.run_id(item.record_id) is not None or _may_be_there(item, ledger)
    ]


def _may_be_there(item: Annotation | Tombstone, ledger: Ledger) -> bool:
    return isinstance(item, Tombstone) and any(ledger.touched(record) for record in (item.record_id, *item.also))


def _word(value: bool | None) -> str | None:
    return None if value is None else str(value).lower()
