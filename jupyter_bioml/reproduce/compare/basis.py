"""What a verdict is based on: how many results of each kind were compared, which could not be, which are only told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...text.present import counted
from .agreement import DIFFERENT, UNKNOWN, Compared

#: Kind → how one is called where it was compared, and where it was not.
_NOUNS = {
    "metric": ("score", "score"),
    "value": ("value", "value"),
    "model": ("model", "model"),
    "arrays": ("array of the model", "model"),
    "example": ("prediction of the model", "set of the model's predictions"),
    "predictions": ("table of predictions", "table of predictions"),
    "table": ("table", "table"),
    "file": ("file", "file"),
    "figure": ("figure", "figure"),
    "text": ("printed result", "text"),
}


@dataclass(frozen=True)
class Basis:
    """Counts by kind (:data:`.agreement.KINDS`; and ``arrays`` of models), of results only: how a run ended is none."""

    compared: Mapping[str, int] = field(default_factory=dict)
    """Results of substance that were compared, and those that differ."""
    not_compared: Mapping[str, int] = field(default_factory=dict)
    told: Mapping[str, int] = field(default_factory=dict)
    """What differs and decides nothing."""

    @classmethod
    def of(cls, outputs: Iterable[Compared]) -> Basis:
        """Count the outputs of two runs."""
        found: dict[str, Counter[str]] = {"compared": Counter(), "not_compared": Counter(), "told": Counter()}
        for item in outputs:
            if item.kind == "status":
                continue
            if item.level == UNKNOWN:
                found["not_compared"][item.kind] += 1
            elif item.level == DIFFERENT and not item.decides:
                found["told"][item.kind] += 1
            elif item.proves or item.level == DIFFERENT:
                found["compared"][item.kind] += 1 if item.kind == "model" else max(1, item.proves)
                if item.kind == "model" and item.proves > 1:
                    found["compared"]["arrays"] += item.proves
        return cls(**{name: {kind: counts[kind] for kind in _NOUNS if counts[kind]} for name, counts in found.items()})

    @property
    def text(self) -> str:
        """``3 scores, 31 arrays of the model, 1 table; 1 figure not compared``."""
        compared = {kind: n for kind, n in self.compared.items() if kind != "model" or "arrays" not in self.compared}
        parts = [_counted(compared, 0) or "nothing"]
        if self.not_compared:
            parts.append(f"{_counted(self.not_compared, 1)} not compared")
        if self.told:
            parts.append(f"{_counted(self.told, 1)} not the same, which decides nothing")
        return "; ".join(parts)

    def as_json(self) -> dict[str, Any]:
        """The counts, and the text."""
        return {
            "compared": dict(self.compared),
            "not_compared": dict(self.not_compared),
            "told": dict(self.told),
            "text": self.text,
        }


def _counted(counts: Mapping[str, int], which: int) -> str:
    return ", ".join(_noun(counts[kind], _NOUNS[kind][which]) for kind in counts)


def _noun(count: int, noun: str) -> str:
    first, of, rest = noun.partition(" of ")
    return counted(count, first) + of + rest
