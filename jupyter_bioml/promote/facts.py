"""What is known about a model version to be promoted; looked up when a gate first asks, then kept."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any

from ..audit.actor import Actor
from ..audit.event import Event
from ..canonical import digest
from ..config import Project
from ..errors import BiomlError, JournalError, NotFound
from ..journal.blobs import Blobs
from ..journal.facts import FactLog
from ..records.run import Report, RunRecord
from ..records.wire import from_dict
from ..store.base import FOLDER, Store, StoredRun, StoredVersion
from ..store.shared import RunFiles
from ..text.present import printable
from .gate import Undecided

#: MLflow writes this file beside a model when somebody downloads it: it is not part of the model.
_NOT_OURS = frozenset({"registered_model_meta"})
#: Properties that another process is told.
_SHARED = ("events", "run", "record")
_TRACKED = "Run its notebook with tracking, register that run (bioml register RUN NAME), and promote the new version."
_AGAIN = "Rerun the cell, register the new run, and promote the new version."


class Facts:
    """The version, its run and record, the alias's holder, the audit log. A context manager: files that were
    fetched for it are deleted at its end.

    Properties whose source is missing raise :class:`~.gate.Undecided`, so a gate need not check.

    :param open_store: opens the store when something is looked up there.
    :param holder: the version that the alias points at now; None: none.
    :param read_events: reads the project's audit log, and raises when it is not as it was written.
    :param scratch: where files are fetched to; None: the folder of temporary files.
    :param digest_of: gives the digest of the model's folder where that is its place; None: :func:`folder_digest`.
    """

    def __init__(
        self,
        project: Project,
        open_store: Callable[[], Store],
        version: StoredVersion,
        alias: str,
        *,
        holder: StoredVersion | None,
        actor: Actor,
        now: float,
        read_events: Callable[[], tuple[Event, ...]],
        scratch: Path | None = None,
        digest_of: Callable[[Path], str] | None = None,
    ) -> None:
        self.project = project
        self.version = version
        self.alias = alias
        self.holder = holder
        self.actor = actor
        self.now = now
        self._open_store = open_store
        self._read_events = read_events
        self._scratch = scratch
        self._digest_of = digest_of or folder_digest
        self._temporary = contextlib.ExitStack()

    def __enter__(self) -> Facts:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._temporary.close()

    def known(self) -> dict[str, Any]:
        """What was looked up already and does not depend on this process, by the name of its property."""
        return {name: vars(self)[name] for name in _SHARED if name in vars(self)}

    def learn(self, known: Mapping[str, Any]) -> None:
        """Take what :meth:`known` gave elsewhere for the same version, so that nobody looks it up twice."""
        vars(self).update({name: known[name] for name in _SHARED if name in known})

    @cached_property
    def store(self) -> Store:
        """The store that has the version.

        :raises StoreUnavailable: it cannot be opened.
        """
        return self._open_store()

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """The project's audit log.

        :raises Refused: it was altered.
        """
        return self._read_events()

    @cached_property
    def run(self) -> StoredRun:
        """The MLflow run that the version is linked to."""
        if self.version.run_id is None:
            raise Undecided(
                f"Version {self.version.version} is not linked to a run, so nothing is known about how it was made.",
                _TRACKED,
            )
        return self.store.get(self.version.run_id)

    @cached_property
    def record(self) -> RunRecord:
        """The record of its run."""
        return self.record_of(self.version)

    def record_of(self, version: StoredVersion) -> RunRecord:
        """The record of the run behind any version."""
        if version.run_id is None:
            raise Undecided(f"Version {version.version} of {printable(version.name)} is not linked to a run.", _TRACKED)
        try:
            return self.store.record(version.run_id)
        except NotFound:
            raise Undecided(
                f"Run {version.run_id} of version {version.version} has no record: it was not tracked.",
                _TRACKED,
            ) from None

    def report(self, kind: str) -> Report:
        """A report about the run, made during it or later, even if MLflow does not have it yet.

        :param kind: ``taint``, ``verdict``, …
        :raises Undecided: the run has no report of that kind.
        """
        found = FactLog(self.project.home).with_later(self.record).report(kind) or self._stored_report(kind)
        if found is None:
            version = self.version.version
            raise Undecided(f"The run of version {version} has no report of kind {printable(kind)}.", _AGAIN)
        return found

    def _stored_report(self, kind: str) -> Report | None:
        """A report that is among the run's files only."""
        from ..publish.artifacts import report_folder

        try:
            document = json.loads(self.store.read_artifact(self.run.run_id, f"{FOLDER}/{report_folder(kind)}.json"))
            return from_dict(Report, document) if isinstance(document, dict) else None
        except (NotFound, JournalError, ValueError):
            return None

    @cached_property
    def model_folder(self) -> Path:
        """The model's files; nothing may be written there."""
        return self.store.model_files(self.version.uri, self._fetched)

    @property
    def model_place(self) -> Path | None:
        """The model's folder where others may write too; None: the files were fetched from elsewhere."""
        return None if self.model_folder.is_relative_to(self._fetched) else self.model_folder

    @cached_property
    def _fetched(self) -> Path:
        """Where the model's files are fetched to, if they are not on this machine."""
        folder = tempfile.TemporaryDirectory(prefix="bioml-promote-", dir=self._scratch)
        return Path(self._temporary.enter_context(folder))

    @cached_property
    def model_sha256(self) -> str:
        """The model's digest (see :func:`folder_digest`)."""
        place = self.model_place
        return folder_digest(self.model_folder) if place is None else self._digest_of(place)

    def content(self, record: RunRecord, run_id: str | None, blob: str, artifact: str) -> bytes:
        """A recorded content: from the project's blobs, else from the run's artifacts.

        :raises Undecided: when it is in neither, or the artifact has another digest than was recorded.
        """
        with contextlib.suppress(BiomlError, OSError):
            return Blobs(self.project.blobs).get(blob)
        if run_id is None:
            raise Undecided(f"{printable(artifact)} of run {record.record_id[:8]} is not stored here.", _AGAIN)
        try:
            data = RunFiles(self.store, run_id).read(artifact)
        except (NotFound, JournalError):
            raise Undecided(
                f"{printable(artifact)} of run {run_id[:8]} is neither here nor in MLflow.", _AGAIN
            ) from None
        if hashlib.sha256(data).hexdigest() != blob:
            raise Undecided(f"{printable(artifact)} of run {run_id[:8]} was altered in MLflow.", _AGAIN)
        return data


def folder_digest(folder: Path) -> str:
    """SHA-256 of the canonical JSON of {relative path: SHA-256 of its bytes} of all files; 64 hex characters.

    :raises OSError: when a file cannot be read.
    """
    found: dict[str, Any] = {}
    for base, folders, names in os.walk(folder, onerror=_raise):
        folders.sort()
        for name in names:
            path = Path(base) / name
            relative = path.relative_to(folder).as_posix()
            if relative not in _NOT_OURS:
                with open(path, "rb") as file:
                    found[relative] = hashlib.file_digest(file, "sha256").hexdigest()
    return digest(found)


def _raise(error: OSError) -> None:
    raise error
