"""The known facts of one run while its session's entries are read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .run import Artifact, CaptureGap, Metric, Model, Output, Predictions, Report, Score, UserRun

Entry = dict[str, Any]
#: Prefix of our tags.
OURS = "bioml."


@dataclass
class Draft:
    """What is known of one run so far."""

    started: Entry
    finished: Entry | None = None
    metrics: list[Metric] = field(default_factory=list)
    """What the user's code logged."""
    scored: list[Metric] = field(default_factory=list)
    """The values of its scores."""
    scores: dict[str, Score] = field(default_factory=dict)
    """By key."""
    params: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    artifacts: list[Artifact] = field(default_factory=list)
    predictions: list[Predictions] = field(default_factory=list)
    outputs: list[Output] = field(default_factory=list)
    user_runs: list[UserRun] = field(default_factory=list)
    gaps: list[CaptureGap] = field(default_factory=list)
    model: Model | None = None
    model_settled: bool = False
    patch: Entry | None = None
    tags: dict[str, str] = field(default_factory=dict)
    """Those that came after the start, the user's and ours."""
    reports: dict[str, Report] = field(default_factory=dict)
    """By kind."""
    entries: int = 0
    """Entries that named this run: a later publication starts when there are more."""

    def all_tags(self) -> dict[str, str]:
        """The user's tags: the last word on a key counts."""
        late = {key: value for key, value in self.tags.items() if not key.startswith(OURS)}
        return {**(self.started.get("tags") or {}), **late}

    def late_tags(self) -> dict[str, str]:
        """Our tags that came after the start."""
        return {key: value for key, value in self.tags.items() if key.startswith(OURS)}


@dataclass(frozen=True)
class Brief:
    """What decides whether a run can be sent, without folding all of it."""

    record_id: str
    mark: str
    name: str | None
    seq: int
    started: float
    ended: float | None
    """None while it runs (also for a run that its kernel's death cut off)."""
    complete: bool
    parent: str | None
    part_of: str | None
    entries: int
    environment: str | None
    """Digest of its environment; None while it is not known."""
    patched: bool
    """Its git patch is known, or it has no repository."""
