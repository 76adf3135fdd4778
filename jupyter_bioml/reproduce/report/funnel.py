"""How far reproductions came, in the classes of Samuel & Mietchen's count of notebooks of biomedical articles.

Declared dependencies → installable → runs without error → identical results. Each class is a part of the one
before; what was not found out is counted as not known, never as passed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..verdict import (
    COULD_NOT_RUN,
    DIFFERENT,
    ENVIRONMENT_NOT_BUILDABLE,
    MISSING_PACKAGE,
    NOT_COMPARED,
    REPRODUCED,
    VERDICTS,
    WITHIN_NOISE,
)

DECLARED, INSTALLABLE, RUNS, IDENTICAL = "declared", "installable", "runs", "identical"
#: Class → how it is called.
STAGES = {
    DECLARED: "declared dependencies",
    INSTALLABLE: "installable",
    RUNS: "runs without error",
    IDENTICAL: "identical results",
}
_NOT_INSTALLED = (ENVIRONMENT_NOT_BUILDABLE, MISSING_PACKAGE)


@dataclass(frozen=True)
class Funnel:
    """Counts over many reproductions."""

    total: int
    passed: dict[str, int]
    """Class → how many came through it (and through all before it)."""
    unknown: dict[str, int]
    """Class → of how many it is not known."""
    verdicts: dict[str, int]
    causes: dict[str, int]
    """Cause → how many, the most frequent first."""

    def as_json(self) -> dict[str, Any]:
        """The stages with how many came through each, the verdicts and the causes."""
        return {
            "total": self.total,
            "stages": [
                {"stage": stage, "name": name, "passed": self.passed[stage], "unknown": self.unknown[stage]}
                for stage, name in STAGES.items()
            ],
            "verdicts": self.verdicts,
            "causes": self.causes,
        }

    def lines(self) -> list[str]:
        """A table as text: one line a class, then the verdicts and the causes."""
        width = max(len(name) for name in STAGES.values())
        digits = len(f"{self.total:,}")
        rows = [f"{'reproductions':<{width}}  {self.total:>{digits},}"]
        for stage, name in STAGES.items():
            count, unknown = self.passed[stage], self.unknown[stage]
            share = f"  {100 * count / self.total:3.0f} %" if self.total else ""
            rows.append(
                f"{name:<{width}}  {count:>{digits},}{share}" + (f"  ({unknown:,} not known)" if unknown else "")
            )
        for title, counts in (("verdicts", self.verdicts), ("causes", self.causes)):
            if said := " · ".join(f"{name} {count:,}" for name, count in counts.items() if count):
                rows.append(f"{title:<{width}}  {said}")
        return rows


def stages_of(
    verdict: str, cause: str | None, *, declared: bool | None, comparison: Mapping[str, Any] | None = None
) -> dict[str, bool | None]:
    """How far one reproduction came: class → whether it passed; None: not reached, or not known.

    :param declared: whether the run's record names the distributions it ran with; None: not known.
    :param comparison: the comparison of the two records as JSON, which tells whether both name them.
    """
    runs = verdict in (REPRODUCED, WITHIN_NOISE, DIFFERENT, NOT_COMPARED)
    if declared is None and comparison is not None:
        unknown = comparison.get("unknown") or ()
        declared = True if not any(str(line).startswith("environment:") for line in unknown) else None
    installable = True if runs else None if cause is None else cause not in _NOT_INSTALLED
    reached = declared is not False
    return {
        DECLARED: declared,
        INSTALLABLE: installable if reached else None,
        RUNS: runs if reached and installable is not False else None,
        IDENTICAL: verdict == REPRODUCED if reached and runs and verdict != NOT_COMPARED else None,
    }


def funnel(documents: Iterable[Mapping[str, Any]]) -> Funnel:
    """Count over documents of :func:`.document.verdict_document`."""
    found = list(documents)
    stages = [_stages(document) for document in found]
    passed = {stage: sum(_through(one, stage) for one in stages) for stage in STAGES}
    unknown = {stage: sum(_unknown(one, stage) for one in stages) for stage in STAGES}
    verdicts = Counter(str(document.get("verdict")) for document in found)
    causes = Counter(str(document["cause"]) for document in found if document.get("cause"))
    ordered = {verdict: verdicts[verdict] for verdict in VERDICTS}
    return Funnel(len(found), passed, unknown, ordered, dict(causes.most_common()))


def _stages(document: Mapping[str, Any]) -> Mapping[str, bool | None]:
    known = document.get("funnel")
    if isinstance(known, Mapping):
        return {stage: known.get(stage) for stage in STAGES}
    return stages_of(str(document.get("verdict", COULD_NOT_RUN)), document.get("cause"), declared=None)


def _through(stages: Mapping[str, bool | None], stage: str) -> bool:
    order: Sequence[str] = tuple(STAGES)
    return all(stages[one] is True for one in order[: order.index(stage) + 1])


def _unknown(stages: Mapping[str, bool | None], stage: str) -> bool:
    """Neither passed nor stopped at it or before it."""
    order: Sequence[str] = tuple(STAGES)
    before = [stages[one] for one in order[: order.index(stage) + 1]]
    return False not in before and None in before
