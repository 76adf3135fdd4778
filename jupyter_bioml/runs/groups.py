"""Runs of one name in one notebook as a group, with its latest and its best."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..canonical import jsonable
from ..errors import UsageError
from ..records.run import FINISHED
from ..text.present import printable
from .best import best_of
from .row import RunRow, kin

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


def grouped(rows: Sequence[RunRow], metric: str | None = None) -> tuple[RunGroup, ...]:
    """The groups of these rows (newest first).

    :param metric: picks the best run; None: for each group the first metric that its runs compare.
    :raises UsageError: no run has that metric.
    """
    if metric is not None and rows and not any(metric in row.metrics for row in rows):
        raise UsageError(
            f"No run has a metric {printable(metric)!r}. (A computed number that is not a score is a value of its run; "
            "values are not compared.)",
            next="See the metrics with: bioml runs. In the cell, --metrics NAME or bioml.log makes a number a metric.",
        )
    members: dict[tuple[str, str, str], list[RunRow]] = {}
    for row in rows:
        members.setdefault(kin(row), []).append(row)
    return tuple(_group(group, metric) for group in members.values())


def _group(rows: Sequence[RunRow], metric: str | None) -> RunGroup:
    ended = [row for row in rows if row.state == FINISHED]
    key = metric or first_compared(ended)
    best = best_of(key, [(row, row.metrics[key]) for row in ended if key in row.metrics]) if key else None
    latest = rows[0]
    return RunGroup(
        latest.name, latest.notebook, len(rows), latest, key if best else None, best[0] if best else None,
        best[1] if best else None,
    )  # fmt: skip


def first_compared(rows: Sequence[RunRow]) -> str | None:
    """The metric that runs are compared by: the first that the newest names, else the one that most of them have."""
    for row in rows:
        named = [key for key in row.compared or () if key in row.metrics]
        if named:
            return named[0]
    count = Counter(key for row in rows for key in row.metrics if not key.startswith(_NOT_COMPARED))
    return count.most_common(1)[0][0] if count else None
