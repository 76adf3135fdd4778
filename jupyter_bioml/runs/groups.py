"""Runs of one name in one notebook as a group, with its latest and its best."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from ..canonical import jsonable
from ..errors import UsageError
from ..records.run import FINISHED
from ..text.present import printable
from .best import best_of
from .row import Placed, RunRow, Scored, kin

_NOT_COMPARED = ("timing.", "system/")


@dataclass(frozen=True)
class RunGroup:
    """Runs of one name in one notebook."""

    name: str
    notebook: str | None
    runs: int
    latest: RunRow
    metric: str | None
    """The metric that the best run is picked by; None: no finished run has a metric that is compared."""
    best: RunRow | None
    """Among the finished ones."""
    value: float | None

    def as_json(self) -> dict[str, Any]:
        """Latest and best by their record ids."""
        return {
            "name": self.name,
            "notebook": self.notebook,
            "runs": self.runs,
            "latest": self.latest.record_id,
            "metric": self.metric,
            "best": self.best.record_id if self.best else None,
            "value": jsonable(self.value),
        }


@dataclass(frozen=True)
class Groups:
    """Groups, the one with the newest run first."""

    groups: tuple[RunGroup, ...]
    down: str | None = None
    """Why MLflow did not answer: then only the journal's runs are in them."""

    def as_json(self) -> list[dict[str, Any]]:
        """The groups."""
        return [group.as_json() for group in self.groups]


@dataclass(frozen=True)
class Members:
    """What belongs together, before the rows that are shown of it are read: runs by their record ids."""

    runs: int
    latest: str
    metric: str | None = None
    best: str | None = None
    value: float | None = None


def grouped(runs: Iterable[tuple[Placed, Scored]], metric: str | None = None) -> tuple[Members, ...]:
    """The groups of these runs (newest first).

    :param metric: picks the best run; None: for each group the first metric that its runs compare.
    :raises UsageError: no run has that metric.
    """
    members: dict[tuple[str, str, str], list[tuple[Placed, Scored]]] = {}
    for one in runs:
        members.setdefault(kin(one[0]), []).append(one)
    listed = members.values()
    if metric is not None and members and not any(metric in one.metrics for group in listed for _, one in group):
        raise UsageError(
            f"No run has a metric {printable(metric)!r}. (A computed number that is not a score is a value of its run; "
            "values are not compared.)",
            next="See the metrics with: bioml runs. In the cell, --metrics NAME or bioml.log makes a number a metric.",
        )
    return tuple(_group(group, metric) for group in listed)


def _group(group: Sequence[tuple[Placed, Scored]], metric: str | None) -> Members:
    ended = [(placed.record_id, scored) for placed, scored in group if placed.state == FINISHED]
    key = metric or _first_compared([scored for _, scored in ended])
    latest = group[0][0].record_id
    best = key and best_of(key, [(record_id, one.metrics[key]) for record_id, one in ended if key in one.metrics])
    return Members(len(group), latest, key, *best) if best else Members(len(group), latest)


def _first_compared(runs: Sequence[Scored]) -> str | None:
    """The metric that runs are compared by: the first that the newest names, else the one that most of them have."""
    for one in runs:
        named = [key for key in one.compared or () if key in one.metrics]
        if named:
            return named[0]
    count = Counter(chain.from_iterable(one.metrics for one in runs))
    return next((key for key, _ in count.most_common() if not key.startswith(_NOT_COMPARED)), None)
