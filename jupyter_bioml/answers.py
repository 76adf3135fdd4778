"""What the workbench answers with, and the JSON of it. Other answers are made where the work is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .publish.scan import WaitingRun
from .records.wire import to_dict
from .runs.catalog import Found, RunRow
from .store.base import ModelVersion


@dataclass(frozen=True)
class Shown:
    """One run with what is known around it."""

    found: Found
    previous: RunRow | None
    """The run of the same name and notebook before it."""
    versions: tuple[ModelVersion, ...]
    """The registered versions that came from it."""
    destination: str

    def as_json(self) -> dict[str, Any]:
        found, row = self.found, self.found.row
        return {
            "run_id": found.run_id,
            "record_id": found.record.record_id,
            "name": row.name,
            "status": found.record.status,
            "verdict": found.verdict,
            "starred": row.starred,
            "archived": row.archived,
            "note": row.note,
            "destination": self.destination,
            "previous": self.previous.as_json() if self.previous else None,
            "versions": [_version_json(version) for version in self.versions],
            "record": to_dict(found.record),
        }


@dataclass(frozen=True)
class Models:
    """Registered versions, newest first."""

    versions: tuple[ModelVersion, ...] = ()
    descriptions: Mapping[str, str] = field(default_factory=dict)
    """What was written about the models themselves, by name; of those that have a description."""

    def as_json(self) -> list[dict[str, Any]]:
        return [_version_json(version) for version in self.versions]


@dataclass(frozen=True)
class Status:
    """Where things are, and what waits."""

    project: Path
    home: Path
    fallback: str | None
    """Why the journal is not in the project's own folder."""
    destination: str
    embedded: bool
    sessions: int
    """Kernels that are tracked now."""
    waiting: tuple[WaitingRun, ...]
    """What is not in MLflow yet, with the reason."""
    down: str | None
    """Why the destination did not answer the publisher last time."""

    def as_json(self) -> dict[str, Any]:
        return {
            "project": str(self.project),
            "home": str(self.home),
            "fallback": self.fallback,
            "destination": self.destination,
            "embedded": self.embedded,
            "sessions": self.sessions,
            "waiting": [item._asdict() for item in self.waiting],
            "down": self.down,
        }


def _version_json(version: ModelVersion) -> dict[str, Any]:
    return {
        "name": version.name,
        "version": version.version,
        "run_id": version.run_id,
        "uri": version.uri,
        "aliases": list(version.aliases),
        "description": version.description,
        "tags": dict(version.tags),
        "created": version.created,
    }
