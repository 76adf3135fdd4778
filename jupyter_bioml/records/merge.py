"""Putting together what the kernel found, what the user's code logged, and what the helper process read."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from .facts import LOGGED, Score
from .run import Code, Git, Metric, Reading, Resources
from .wire import from_dict

Entry = dict[str, Any]


def merged_code(start: Entry, end: Entry) -> Code:
    """The code as its start says, with the execution count that its end says."""
    code = from_dict(Code, start["code"])
    if end.get("execution_count") is not None:
        code = dataclasses.replace(code, execution_count=end["execution_count"])
    return code


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


def merged_metrics(logged: Sequence[Metric], scored: Sequence[Metric], end: Entry) -> tuple[Metric, ...]:
    """What was logged, then the scores that were found, where they are other values.

    :param end: the end of the cell; journals of earlier versions have what its names were bound to.
    """
    last = {metric.key: metric.value for metric in logged}
    bound = [Metric(key, float(value), 0, end["at"]) for key, value in (end.get("metrics") or {}).items()]
    keys = _beside(last, [*scored, *bound])
    found = [dataclasses.replace(item, key=keys[item.key]) for item in (*scored, *bound) if item.key in keys]
    return (*logged, *found)


def merged_scores(logged: Sequence[Metric], scores: Mapping[str, Score]) -> tuple[Score, ...]:
    """The origins of all metrics, under the keys that :func:`merged_metrics` gives them."""
    counts = Counter(metric.key for metric in logged)
    ours = {
        item.key: Score(item.key, item.value, item.step, item.at, LOGGED, count=counts[item.key]) for item in logged
    }
    last = {metric.key: metric.value for metric in logged}
    keys = _beside(last, [Metric(item.key, item.value) for item in scores.values()])
    return (*ours.values(), *(dataclasses.replace(item, key=keys[key]) for key, item in scores.items() if key in keys))


def _beside(logged: Mapping[str, float], found: Sequence[Metric]) -> dict[str, str]:
    """Key → the key it is kept under: a key that the user logged stays the user's; the same value is not kept twice."""
    ours = {metric.key: metric.value for metric in found}
    taken = {key for key, value in ours.items() if logged.get(key) == value}
    return {key: f"bioml.{key}" if key in logged else key for key in ours if key not in taken}


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


def merged_resources(started: float, ended: float | None, end: Entry, looks: Sequence[Reading]) -> Resources:
    """What the kernel measured of itself, and the looks at it while the run went on."""
    until = ended if ended is not None else float("inf")
    readings = tuple(reading for reading in looks if started <= reading.at <= until)
    peak, source = end.get("peak_rss"), "ru_maxrss" if end.get("peak_rss") else None
    sampled = [reading.rss for reading in readings if reading.rss is not None]
    if peak is None and sampled:
        peak, source = max(sampled), "sampled"
    return Resources(end.get("cpu"), peak, source, readings)
