"""Find the run that a record already has: one made before a crash, or one that the user's code opened.

The user's own run is taken as it is: its name, its status and every key the user wrote stay; ours are added beside
them, under ``bioml.<key>`` where the user has another value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..config import sqlite_file, without_credentials
from ..errors import NotFound
from ..records.run import Metric, RunRecord, UserRun
from ..store.base import SESSION, Store, StoredRun
from ..store.limits import OURS

#: Tags that MLflow sets by itself on every run: ours say it better.
_AUTOMATIC = ("mlflow.source.", "bioml.")


@dataclass(frozen=True)
class TheirKeys:
    """Keys that were in the user's run before this package wrote to it."""

    params: frozenset[str]
    metrics: frozenset[str]
    tags: frozenset[str]

    @classmethod
    def of(cls, run: StoredRun) -> TheirKeys:
        """The keys that a run has in MLflow now, without those that MLflow sets itself."""
        tags = {key for key in run.tags if not key.startswith(_AUTOMATIC)}
        return cls(frozenset(run.params), frozenset(run.metrics), frozenset(tags))

    @classmethod
    def load(cls, document: Mapping[str, Sequence[str]]) -> TheirKeys:
        """The keys that :meth:`dump` wrote."""
        return cls(*(frozenset(document[name]) for name in ("params", "metrics", "tags")))

    def dump(self) -> dict[str, list[str]]:
        """The keys as JSON, for the ledger."""
        return {name: sorted(getattr(self, name)) for name in ("params", "metrics", "tags")}


def existing_run(store: Store, record: RunRecord) -> tuple[StoredRun, TheirKeys | None] | None:
    """The record's run, if the store has one, and the user's keys if it is the user's run.

    Deleted runs count: what the user has deleted is not made again.
    """
    found = store.find_record(record.record_id)
    found = [run for run in found if not run.deleted] or found
    if not found:
        found = [run for link in record.user_runs if link.first and (run := _linked(store, link))]
    if not found:
        return None
    run = found[0]
    return run, None if run.tags.get(SESSION) == record.session else TheirKeys.of(run)


def _linked(store: Store, link: UserRun) -> StoredRun | None:
    if not same_store(link.tracking_uri, store.uri):
        return None
    try:
        return store.get(link.run_id)
    except NotFound:
        return None


def elsewhere(store: Store, record: RunRecord) -> UserRun | None:
    """The first run that the user's code opened in another store."""
    return next((link for link in record.user_runs if not same_store(link.tracking_uri, store.uri)), None)


def same_store(left: str, right: str) -> bool:
    """Whether two tracking URIs mean one store."""
    return _canonical(left) == _canonical(right)


def _canonical(uri: str) -> str:
    file = sqlite_file(uri)
    return str(file) if file is not None else without_credentials(uri).rstrip("/")


def params_beside(ours: Mapping[str, str], run: StoredRun, theirs: frozenset[str]) -> dict[str, str]:
    """Our parameters that can be written: a key of the user's stays, ours goes under ``bioml.<key>``.

    A parameter that the run has already cannot be written again, and need not.
    """
    named = {
        (OURS + key if key in theirs else key): value for key, value in ours.items() if run.params.get(key) != value
    }
    return {key: value for key, value in named.items() if key not in run.params}


def tags_beside(ours: Mapping[str, str], run: StoredRun, theirs: frozenset[str]) -> dict[str, str]:
    """Our tags beside the user's; MLflow's own that are there (name, user, note) stay as they are."""
    return {
        (OURS + key if key in theirs else key): value
        for key, value in ours.items()
        if not (key in theirs and (key.startswith("mlflow.") or run.tags.get(key) == value))
    }


def metrics_beside(ours: Sequence[Metric], run: StoredRun, theirs: frozenset[str]) -> list[Metric]:
    """Our metrics that can be written beside the user's own."""
    last = {metric.key: metric.value for metric in ours}
    same = {key for key, value in last.items() if key in theirs and run.metrics.get(key) == value}
    return [
        Metric(OURS + metric.key, metric.value, metric.step, metric.at) if metric.key in theirs else metric
        for metric in ours
        if metric.key not in same
    ]
