"""The user's later changes to runs: names, notes, stars, archive marks, tags, and tombstones of deleted ones.

One file beside the segments, ``annotations.log``, with many writers (:mod:`.shared`). The last word on a field counts.
Lines (``run`` is a record id, ``key`` a destination's):

``annotated`` id, run, key, run_id, user, and of name, note, starred, archived, tags those that were said; a tag that is
null was taken away.
``deleted`` id, run, key, run_id, user, host, name, why, also (records of its parts and children), child_runs.
``applied``: see :mod:`.shared`.
"""

from __future__ import annotations

import dataclasses
import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..records.shape import LineShape
from .lines import Entry
from .shared import SharedLog, user_name

FILE = "annotations.log"
_SHAPES = {
    "annotated": LineShape.of(
        id=str, run=str, key=str,
        more={
            "run_id": str | None, "name": str | None, "note": str | None, "starred": bool | None,
            "archived": bool | None, "tags": dict[str, str | None] | None,
        },
    ),
    "deleted": LineShape.of(
        id=str, run=str, key=str, at=float,
        more={
            "run_id": str | None, "name": str | None, "user": str | None, "host": str | None, "why": str | None,
            "also": tuple[str, ...], "child_runs": tuple[str, ...],
        },
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Annotation:
    """The changes to one run; None: unchanged here."""

    record_id: str
    last: str
    """Id of the newest line."""
    key: str
    """The destination that the run belongs to."""
    run_id: str | None = None
    """Its MLflow run, where that was known."""
    name: str | None = None
    note: str | None = None
    starred: bool | None = None
    archived: bool | None = None
    tags: Mapping[str, str | None] = field(default_factory=dict)
    """The user's own tags that were set since; None: taken away."""


@dataclass(frozen=True)
class Tombstone:
    """A run that was deleted: it is not listed and never sent again."""

    record_id: str
    last: str
    key: str
    run_id: str | None
    name: str
    at: float
    """Seconds since the epoch."""
    user: str
    host: str
    why: str | None = None
    also: tuple[str, ...] = ()
    """Records of its parts and children, which went with it."""
    child_runs: tuple[str, ...] = ()
    """The MLflow runs of its children, as far as they were known."""


class Annotations(SharedLog):
    """The annotations of one project (``home`` is its ``.bioml``). Reading needs no lock."""

    def __init__(self, home: Path) -> None:
        self._said: dict[str, Annotation] = {}
        self._tombs: dict[str, Tombstone] = {}
        super().__init__(home / FILE, _SHAPES)

    # -- asking ----------------------------------------------------------------------------------

    def of(self, record_id: str) -> Annotation | None:
        """The changes to a run; None: none."""
        return self._said.get(record_id)

    def tombstone(self, record_id: str) -> Tombstone | None:
        """The tombstone of a deleted run, or of the run that it belonged to; None: it was not deleted."""
        return self._tombs.get(record_id)

    def tombstones(self) -> Iterator[Tombstone]:
        """Every deleted run once, in the order of deletion."""
        yield from (tomb for record_id, tomb in self._tombs.items() if record_id == tomb.record_id)

    def reached(self, item: Annotation | Tombstone) -> bool:
        """Whether the destination has it, or has refused it for good."""
        return self._told(item.record_id, item.key, item.last)

    def reached_before(self, item: Annotation | Tombstone, moment: float) -> bool:
        """Whether the destination had it at that moment (epoch seconds): anything read from it later includes the
        change."""
        return self._told(item.record_id, item.key, item.last, moment)

    def refusal(self, record_id: str, key: str) -> str | None:
        """Why the destination will not take what was said last."""
        return self._refused.get((record_id, key))

    def pending(self, key: str) -> list[Annotation | Tombstone]:
        """Changes not yet sent to a destination."""
        alive = [item for item in self._said.values() if item.record_id not in self._tombs]
        found: list[Annotation | Tombstone] = [*alive, *self.tombstones()]
        return [item for item in found if item.key == key and not self.reached(item)]

    # -- saying ----------------------------------------------------------------------------------

    def annotate(self, record_id: str, key: str, run_id: str | None, **said: Any) -> Annotation:
        """Change a run: ``name``, ``note``, ``starred``, ``archived``, ``tags``. On disk when it returns.

        :raises JournalError: when it cannot be written; nothing was changed then.
        """
        self._append("annotated", run=record_id, key=key, run_id=run_id, user=user_name(), **said)
        return self._said[record_id]

    def annotate_all(self, key: str, runs: Mapping[str, str | None], **said: Any) -> None:
        """Change many runs in the same way, as :meth:`annotate`.

        :param runs: record id → its MLflow run, where that is known.
        :raises JournalError: when it cannot be written.
        """
        common = {"key": key, "user": user_name(), **said}
        self._append_all("annotated", [{"run": run, "run_id": run_id, **common} for run, run_id in runs.items()])

    def bury(
        self,
        record_id: str,
        key: str,
        run_id: str | None,
        name: str,
        *,
        why: str | None = None,
        also: Sequence[str] = (),
        child_runs: Sequence[str] = (),
    ) -> Tombstone:
        """Mark a run, its parts and its children as deleted.

        :raises JournalError: when it cannot be written; nothing was changed then.
        """
        self._append(
            "deleted", run=record_id, key=key, run_id=run_id, name=name, why=why, also=list(also),
            child_runs=list(child_runs), user=user_name(), host=socket.gethostname(),
        )  # fmt: skip
        return self._tombs[record_id]

    def apply(self, item: Annotation | Tombstone, refused: str | None = None) -> None:
        """The item's destination has it now, or has ``refused`` it for good."""
        self._apply(item.record_id, item.key, item.last, refused)

    # -- reading ---------------------------------------------------------------------------------

    def _on_annotated(self, entry: Entry) -> None:
        record_id = entry["run"]
        before = self._said.get(record_id) or Annotation(record_id, "", "")
        words = ("name", "note", "starred", "archived", "run_id")
        said: dict[str, Any] = {name: entry[name] for name in words if name in entry}
        if entry.get("tags"):
            said["tags"] = {**before.tags, **entry["tags"]}
        self._said[record_id] = dataclasses.replace(before, last=entry["id"], key=entry["key"], **said)

    def _on_deleted(self, entry: Entry) -> None:
        record_id, also = entry["run"], tuple(entry.get("also") or ())
        tomb = Tombstone(
            record_id, entry["id"], entry["key"], entry.get("run_id"), entry.get("name") or "", entry["at"],
            entry.get("user") or "", entry.get("host") or "", entry.get("why"), also,
            tuple(entry.get("child_runs") or ()),
        )  # fmt: skip
        for identity in (record_id, *also):
            self._tombs[identity] = tomb
