"""A cell that has ended, and what was found in it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...records.facts import CaptureGap, Score
from ..cellcode import CellCode


@dataclass(eq=False, repr=False)
class CellEnd:
    """A cell that has ended."""

    code: CellCode
    """Of the statements that ran."""
    namespace: dict[str, Any]
    models: Mapping[str, Any] = field(default_factory=dict)
    """The models that it fitted, by name."""
    named: Sequence[str] = ()
    """Names that the user called metrics (``--metrics``)."""
    settings: Sequence[str] = ()
    """Names that are parameters, whatever they hold."""
    logged: Mapping[str, float] = field(default_factory=dict)
    """The last value of each metric that the user's code logged."""
    literals: Mapping[str, Any] | None = None
    """What it binds to literals (:func:`~..findings.settings_of`); None: nobody asked yet."""
    count: int | None = None
    """Its execution count, by which IPython keeps what its last expression gave."""


@dataclass(eq=False, repr=False)
class CellResults:
    """The scores and values of a cell, or of a block of it."""

    scores: list[Score] = field(default_factory=list)
    """Those of its own run."""
    values: dict[str, Any] = field(default_factory=dict)
    entries: list[dict[str, Any]] = field(default_factory=list)
    """The scores as the journal has them."""
    gaps: list[CaptureGap] = field(default_factory=list)

    @property
    def metrics(self) -> dict[str, float]:
        """Key → last value, of those that are numbers."""
        return {score.key: score.value for score in self.scores if math.isfinite(score.value)}
