"""The full check of a project's log: its file, its anchors in git and MLflow, and its signatures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..config import Project
from ..errors import NotFound, Refused, StoreUnavailable
from ..store.base import Store
from .anchors import HEAD, KEEPS, Anchored, anchor, anchors_in_git, anchors_in_store, parse_anchors
from .event import Event
from .log import AuditLog
from .mlflow_copy import Joined, join, read_copies
from .signing import KeyMade, make_key, project_keys, read_public_keys
from .verify import Verification, verify, with_notes


@dataclass(frozen=True)
class Checked:
    """The answer of ``audit verify``."""

    verification: Verification
    joined: Joined | None
    """The result from the copies in MLflow; None: MLflow was not asked."""

    @property
    def ok(self) -> bool:
        """Whether the project's own chain is valid, and so are the copies if they were read."""
        return self.verification.ok and not (self.joined is not None and self.joined.problems)

    def as_json(self) -> dict[str, Any]:
        """The answer of ``bioml audit verify --json``."""
        document = {**self.verification.as_json(), "ok": self.ok}
        return document | {"mlflow": self.joined.as_json() if self.joined else None}


@dataclass(frozen=True)
class Events:
    """The answer of ``audit show``."""

    events: tuple[Event, ...]
    total: int
    """Events that can be read, shown or not."""

    def as_json(self) -> dict[str, Any]:
        """The answer of ``bioml audit show --json``."""
        return {"total": self.total, "events": [event.as_json() for event in self.events]}


class ProjectAudit:
    """The log of one project.

    :param open_store: gives the store, or None while nothing was ever published.
    """

    def __init__(self, project: Project, open_store: Callable[[], Store | None]) -> None:
        self.project = project
        self.log = AuditLog.of(project)
        self._open_store = open_store

    def verify(self, *, from_mlflow: bool = False, keys: Sequence[Path] = ()) -> Checked:
        """Check the log against everything known about it elsewhere.

        :param from_mlflow: read the copies of events in MLflow too, of every chain.
        :param keys: files of public keys, beside those of the project.
        :raises StoreUnavailable: ``from_mlflow``, and MLflow does not answer; else that is a note.
        :raises JournalError: the file cannot be read.
        :raises UsageError: a key file does not hold a key.
        """
        public = read_public_keys([*project_keys(self.project.root), *keys])
        anchors, notes = anchors_in_git(self.project.root), []
        joined = None
        try:
            store = self._open_store()
            tags = anchors_in_store(store) if store is not None else []
        except StoreUnavailable as error:
            if from_mlflow:
                raise
            notes.append(f"The copies in MLflow were not compared: {error.message}")
            store, tags = None, []
        anchors += tags
        if from_mlflow:
            copies = read_copies(store) if store is not None else []
            found = verify(self.log, anchors, public)
            joined = join(copies, tags, found.chain, found.count)
            anchors += joined.anchors
        return Checked(with_notes(verify(self.log, anchors, public), notes), joined)

    def sound_events(self) -> tuple[Event, ...]:
        """Every event, after verifying the log: a sound basis for decisions.

        :raises Refused: the log is not as it was written.
        :raises JournalError: the file cannot be read.
        """
        problem = self.verify().verification.problem
        if problem is not None:
            raise Refused(
                f"The audit log is not as it was written ({problem.kind}, event {problem.seq}: {problem.message}) "
                "Nothing was decided or changed.",
                next="Run: jupyter bioml audit verify --from-mlflow. To fix the log, see docs/how-to/audit.md.",
            )
        return self.log.events()

    def newest(self, limit: int | None = None) -> Events:
        """The newest events, oldest of them first; every one without ``limit``.

        :raises JournalError: the file cannot be read.
        """
        found = self.log.events()
        return Events(found if limit is None else found[max(0, len(found) - limit) :], len(found))

    def anchor(self) -> Anchored:
        """Anchor the log's head in git and in the newest MLflow run that keeps an event of this chain.

        :raises NotFound: the log is empty.
        :raises JournalError: its end cannot be read.
        """
        head = self.log.head()
        if head is None:
            raise NotFound("The audit log of this project is empty.", next="The first verdict or decision starts it.")
        store, runs, trouble = self._keeping(head.chain)
        done = anchor(self.log, self.project.root, store, runs)
        assert done is not None, "it has a head"
        return Anchored(done.head, done.places, (*trouble, *done.failed))

    def _keeping(self, chain: str) -> tuple[Store | None, list[str], tuple[str, ...]]:
        """The store, the newest run that keeps an event of ``chain``, and why there is none."""
        try:
            store = self._open_store()
            found = store.search(tags={KEEPS: "true"}, ours=False) if store is not None else []
        except StoreUnavailable as error:
            return None, [], (f"MLflow: {error.message}",)
        for run in found:
            if chain in {item.chain for item in parse_anchors(run.tags.get(HEAD, ""), "")}:
                return store, [run.run_id], ()
        return store, [], ("MLflow: no run keeps an event of this chain yet",)

    def keygen(self, path: Path) -> KeyMade:
        """Make a new key for signing events: the private half in ``path``, the public one among the project's.

        :raises Refused: ``path`` exists, or cannot be written.
        """
        return make_key(path, self.project.root)
