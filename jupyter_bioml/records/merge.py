"""Putting together what the kernel found, what the user's code logged, and what the helper process read."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from .run import Git, Metric
from .wire import from_dict

Entry = dict[str, Any]


def is_special(value: float) -> bool:
    """NaN and the infinities, which are not MLflow metrics."""
    return value != value or value in (float("inf"), float("-inf"))


def merged_params(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    """Our parameters beside the user's: a key the user wrote stays, ours becomes ``bioml.<key>``."""
    merged = dict(theirs)
    for key, value in ours.items():
        if key not in merged:
            merged[key] = value
        elif merged[key] != value:
            merged[f"bioml.{key}"] = value
    return merged


def merged_metrics(logged: Sequence[Metric], end: Entry) -> tuple[Metric, ...]:
    """What was logged, then what the cell's names were bound to at its ``end``, where that is another value."""
    last = {metric.key: metric.value for metric in logged}
    found = []
    for key, value in (end.get("metrics") or {}).items():
        if key not in last:
            found.append(Metric(key, float(value), 0, end["at"]))
        elif last[key] != value:
            found.append(Metric(f"bioml.{key}", float(value), 0, end["at"]))
    return (*logged, *found)


def merged_git(start: Entry, patch: Entry | None) -> Git | None:
    """The commit as the kernel read it at the start, and the state of the files as the helper found it."""
    if not start.get("git"):
        return None
    git = from_dict(Git, start["git"])
    if patch is None:
        return git
    return dataclasses.replace(
        git, dirty=patch.get("dirty"), patch_blob=patch.get("blob"), late=bool(patch.get("late"))
    )
