"""``bioml gc``: delete old runs and unneeded parts of ``.bioml``. Nothing live is touched.

Runs that are running, wait for MLflow, are starred or have a registered version are always kept. The order is that
of :mod:`.delete`, so an interruption leaves nothing half deleted: a repeated call deletes the rest.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..canonical import jsonable
from ..config import Destination, Project
from ..errors import StoreUnavailable
from ..journal.annotations import Annotations
from ..journal.belonging import ledger_of
from ..journal.liveness import HELPER_SUFFIX
from ..journal.log import is_locked
from ..journal.runs import local_runs, read_journal
from ..journal.sessions import SessionLog
from ..records.run import RUNNING
from ..runs.catalog import Catalog
from ..runs.row import RunRow
from ..store.base import PARENT, RECORD_ID, Store, StoredRun
from .blobs import free_blobs
from .delete import Doomed, bury, families
from .usage import newest, size_of

#: Seconds after its last change during which a work or output folder may still be in use.
IN_USE = 3600.0
_DAY = 86400.0


@dataclass(frozen=True)
class Rule:
    """Which runs are old: those that meet every condition given; none without a condition."""

    keep: int | None = None
    """All but this many of the newest runs."""
    older_than: float | None = None
    """Runs that started more than this many days ago."""
    archived: bool = False
    """Only archived runs."""

    @property
    def names_runs(self) -> bool:
        """Whether any run can be old by it."""
        return self.keep is not None or self.older_than is not None or self.archived

    def old(self, rows: Sequence[RunRow], now: float) -> Iterator[RunRow]:
        """The old ones among these runs (newest first)."""
        if not self.names_runs:
            return
        before = now - (self.older_than or 0.0) * _DAY
        for row in rows[self.keep or 0 :]:
            if (row.archived or not self.archived) and (row.started or 0.0) < before:
                yield row


@dataclass(frozen=True)
class CollectedPart:
    """A part of ``.bioml``: how many files or folders went, and their bytes."""

    count: int = 0
    size: int = 0


@dataclass(frozen=True)
class Collected:
    """What was deleted, or would be with ``dry_run``."""

    dry_run: bool
    runs: tuple[RunRow, ...]
    kept: dict[str, int]
    """Reason for keeping an old run → number of runs kept."""
    parts: dict[str, CollectedPart] = field(default_factory=dict)
    """``blobs``, ``sessions``, ``work``, ``outputs``."""
    stopped: str | None = None
    """Why not everything was deleted: MLflow stopped answering. A repeated call deletes the rest."""

    @property
    def empty(self) -> bool:
        """Whether nothing is deleted."""
        return not self.runs and not any(part.count for part in self.parts.values())

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(part.size for part in self.parts.values())

    def as_json(self) -> dict[str, Any]:
        """Runs by id, name and start; parts by count and bytes."""
        return {
            "dry_run": self.dry_run,
            "runs": [
                {"record_id": row.record_id, "run_id": row.run_id, "name": jsonable(row.name), "started": row.started}
                for row in self.runs
            ],
            "kept": self.kept,
            "parts": {name: {"count": part.count, "bytes": part.size} for name, part in self.parts.items()},
            "bytes": self.size,
            "stopped": self.stopped,
        }


def collect(
    project: Project,
    target: Destination,
    store: Store | None,
    rule: Rule,
    *,
    dry_run: bool = False,
    progress: Callable[[str], None] | None = None,
) -> Collected:
    """Delete old runs, and clean up.

    :param dry_run: change nothing, only report what would be deleted.
    :raises StoreUnavailable: runs are to be deleted and MLflow does not answer; nothing was changed.
    """
    say, annotations = progress or (lambda _: None), Annotations(project.home)
    doomed, rows, kept = _doomed(project, target, store, rule) if rule.names_runs else ([], [], {})
    ledger = ledger_of(project, target.key)
    stopped = None
    for number, item in enumerate([] if dry_run else doomed):
        if number % 50 == 0:
            say(f"deleting runs: {number} of {len(doomed)}")
        stopped = bury(project, store, annotations, ledger, item, "bioml gc")
        if stopped:
            rows = rows[: number + 1]
            break
    gone = frozenset(record for item in doomed for record in (item.record_id, *item.also)) if dry_run else frozenset()
    parts = {"sessions": _sessions(project, annotations, gone, dry_run)}
    freed = free_blobs(project, annotations, everything=True, dry_run=dry_run, also=gone)
    parts["blobs"] = CollectedPart(freed.blobs, freed.size)
    parts["work"] = _folders(project.home / "work", lambda _, age: age > IN_USE, project, dry_run)
    parts["outputs"] = _folders(project.home / "outputs", _old_outputs(rule), project, dry_run)
    return Collected(dry_run, tuple(rows), kept, parts, stopped)


def _doomed(
    project: Project, target: Destination, store: Store | None, rule: Rule
) -> tuple[list[Doomed], list[RunRow], dict[str, int]]:
    """The runs to delete, their rows, and why others are kept."""
    found = Catalog(project, target, lambda: store).snapshot()
    if found.down:
        raise StoreUnavailable(f"{found.down} Nothing was deleted.", next="Retry when it answers.")
    stored = store.search(ours=False, limit=1_000_000) if store is not None else []
    children = _children(stored)
    below = {run.run_id for runs in children.values() for run in runs}
    family = families(list(local_runs(read_journal(project)[0])))
    below |= {run.listed.record_id for key, runs in family.items() for run in runs if run.listed.record_id != key}
    registered = {version.run_id for version in store.models()} if store is not None else set()
    doomed, rows, kept = [], [], dict[str, int]()
    rows_of = (one.row for one in found.summaries)
    whole = [row for row in rows_of if row.run_id not in below and row.record_id not in below]
    for row in rule.old(whole, time.time()):
        item = Doomed(
            row.record_id, row.run_id, row.name, target.key,
            family.get(row.record_id, ()), _all_children(children, row.run_id),
        )  # fmt: skip
        why = _why_kept(row, item, registered)
        if why:
            kept[why] = kept.get(why, 0) + 1
        else:
            doomed.append(item)
            rows.append(row)
    return doomed, rows, kept


def _why_kept(row: RunRow, item: Doomed, registered: set[str | None]) -> str | None:
    if row.state == RUNNING or any(run.listed.status == RUNNING for run in item.family):
        return "still running"
    if row.starred:
        return "starred"
    if row.run_id is None:
        return "not in MLflow yet"
    if any(run in registered for run in item.runs):
        return "has a registered version"
    return None


def _children(stored: Sequence[StoredRun]) -> dict[str, list[StoredRun]]:
    known = {run.run_id for run in stored}
    found: dict[str, list[StoredRun]] = {}
    for run in stored:
        if (above := run.tags.get(PARENT)) in known and RECORD_ID in run.tags:
            found.setdefault(str(above), []).append(run)
    return found


def _all_children(children: Mapping[str, Sequence[StoredRun]], run_id: str | None) -> tuple[StoredRun, ...]:
    found: dict[str, StoredRun] = {}
    above = [run_id or ""]
    while above:
        more = [run for run in children.get(above.pop(), ()) if run.run_id not in found and run.run_id != run_id]
        found |= {run.run_id: run for run in more}
        above += [run.run_id for run in more]
    return tuple(found.values())


def _sessions(project: Project, annotations: Annotations, gone: frozenset[str], dry_run: bool) -> CollectedPart:
    """Segments of ended kernels whose runs were all deleted."""
    part = CollectedPart()
    for log in read_journal(project)[0]:
        if not _over(log, annotations, gone):
            continue
        for path in (log.path.with_suffix(HELPER_SUFFIX), log.path):
            size = size_of(path)
            with suppress(OSError):
                if not dry_run:
                    path.unlink()
                part = CollectedPart(part.count + (path == log.path), part.size + size)
    return part


def _over(log: SessionLog, annotations: Annotations, gone: frozenset[str]) -> bool:
    runs = [identity for identity in log.fold.order if log.fold.brief(identity, dead=True).mark != "cell"]
    deleted = all(annotations.tombstone(identity) is not None or identity in gone for identity in runs)
    if log.damage() is not None:
        return False  # it may hold runs that nobody has seen yet
    return bool(runs) and deleted and log.dead() and is_locked(log.path.with_suffix(HELPER_SUFFIX)) is not True


def _old_outputs(rule: Rule) -> Callable[[int, float], bool]:
    """Which folders of output notebooks are old: asked with the place in order (newest first) and the age."""

    def old(place: int, age: float) -> bool:
        if rule.keep is None and rule.older_than is None:
            return False
        return age > max(IN_USE, (rule.older_than or 0.0) * _DAY) and place >= (rule.keep or 0)

    return old


def _folders(parent: Path, is_old: Callable[[int, float], bool], project: Project, dry_run: bool) -> CollectedPart:
    """Delete the old folders below ``parent`` that no living kernel works in."""
    try:
        paths = [parent / name for name in os.listdir(parent)]
    except OSError:
        return CollectedPart()
    busy = [Path(log.fold.session.cwd) for log in read_journal(project)[0] if log.fold.session and not log.dead()]
    now, part = time.time(), CollectedPart()
    for place, (changed, path) in enumerate(sorted(((newest(path), path) for path in paths), reverse=True)):
        if not is_old(place, now - changed) or any(cwd.is_relative_to(path) for cwd in busy):
            continue
        size = size_of(path)
        if not dry_run:
            _remove(path)
            size -= size_of(path) if path.exists() else 0
        if dry_run or not path.exists():
            part = replace(part, count=part.count + 1)
        part = replace(part, size=part.size + size)
    return part


def _remove(path: Path) -> None:
    """Delete a folder with everything in it, a link only as a link; skip what cannot be deleted."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
        return
    with suppress(OSError):
        path.unlink()
