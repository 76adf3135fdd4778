"""Free the journal's blobs that no run uses any longer, while kernels may be writing new ones.

A blob is used by every line of a segment or of ``facts.log`` that names it, unless the line is of a deleted run. A
living kernel keeps in mind what it has stored (modules, generator states, its environment) and names it again without
storing it again: what its session has named stays, except what belongs to one run alone (outputs, models, artifacts,
predictions, reports).
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from ..config import Project
from ..errors import BiomlError
from ..journal.annotations import Annotations
from ..journal.facts import FILE as FACTS
from ..journal.lines import parse
from ..journal.liveness import KERNEL_SUFFIX
from ..journal.sessions import SessionLog

#: Lines that name blobs of one run alone.
_OF_ONE_RUN = frozenset({"output", "model", "artifact", "predictions", "report"})
_DIGEST = re.compile(rb'"([0-9a-f]{64})"')
_NAME = re.compile(r"[0-9a-f]{62}")
#: Seconds after which a file that no line names counts as abandoned by its writer.
ABANDONED = 3600.0


@dataclass(frozen=True)
class Freed:
    """Blobs that were (or would be) deleted, and their bytes."""

    blobs: int
    size: int


@dataclass
class _Uses:
    """What the journal says about blobs."""

    used: set[str] = field(default_factory=set)
    left: dict[str, float] = field(default_factory=dict)
    """Named by deleted runs only → when last (epoch seconds)."""
    live: bool = False
    """A kernel is running and may store more."""


def free_blobs(
    project: Project,
    annotations: Annotations,
    *,
    everything: bool = False,
    dry_run: bool = False,
    also: frozenset[str] = frozenset(),
) -> Freed:
    """Delete blobs that were named by deleted runs only.

    :param everything: also blobs that no line names, and leftovers of interrupted writers.
    :param also: records that count as deleted.
    :param dry_run: only count.
    """
    began = time.time()
    try:
        uses = _uses(project, lambda run: run in also or annotations.tombstone(run) is not None)
    except OSError:
        return Freed(0, 0)  # a segment that cannot be read may name any of them
    count = size = 0
    for path, digest in _candidates(project.blobs, uses, everything):
        if not _is_free(path, uses, digest):
            continue
        bytes_ = _remove(path, began, dry_run)
        if bytes_ is not None:
            count, size = count + 1, size + bytes_
    return Freed(count, size)


def _uses(project: Project, is_deleted: Callable[[str], bool]) -> _Uses:
    uses, journal = _Uses(), project.journal
    with suppress(FileNotFoundError):
        _read(project.home / FACTS, False, is_deleted, uses)
    try:
        names = sorted(os.listdir(journal))
    except FileNotFoundError:
        return uses
    lives = {name: _lives(journal / name) for name in names if name.endswith(KERNEL_SUFFIX)}
    for name in names:
        path = journal / name
        live = lives.get(path.with_suffix(KERNEL_SUFFIX).name, True)
        _read(path, live, is_deleted, uses)
        uses.live |= live
    return uses


def _lives(path: Path) -> bool:
    """Whether the kernel of a segment lives; one that this version cannot read counts as living."""
    log = SessionLog(path)
    try:
        log.refresh()
        return not log.dead()
    except BiomlError:
        return True


def _read(path: Path, live: bool, is_deleted: Callable[[str], bool], uses: _Uses) -> None:
    with open(path, "rb") as file:
        for line in file:
            digests = {found.decode() for found in _DIGEST.findall(line)}
            if not digests:
                continue
            entry = parse(line) or {}
            if is_deleted(str(entry.get("run"))) and (not live or entry.get("t") in _OF_ONE_RUN):
                for digest in digests:
                    at = entry.get("at")
                    uses.left[digest] = max(uses.left.get(digest, 0.0), at if isinstance(at, float) else 0.0)
            else:
                uses.used |= digests


def _candidates(blobs: Path, uses: _Uses, everything: bool) -> Iterator[tuple[Path, str]]:
    if not everything:
        yield from ((blobs / digest[:2] / digest[2:], digest) for digest in sorted(uses.left.keys() - uses.used))
        return
    for parent, _, names in os.walk(blobs):
        for name in names:
            digest = Path(parent).name + name if _NAME.fullmatch(name) else ""
            if digest not in uses.used:
                yield Path(parent, name), digest


def _is_free(path: Path, uses: _Uses, digest: str) -> bool:
    """False for what a living kernel may have stored and not named yet."""
    try:
        stored = path.stat().st_mtime
    except OSError:
        return False
    named = uses.left.get(digest, 0.0)
    return not (uses.live or not digest) or stored <= named + 1.0 or stored < time.time() - ABANDONED


def _remove(path: Path, began: float, dry_run: bool) -> int | None:
    """Its bytes; None if it was stored again since ``began``, or cannot be deleted."""
    try:
        size = path.stat().st_size
        if dry_run:
            return size
        aside = path.with_name(f"{path.name}.gone")
        os.rename(path, aside)  # anyone who stores it from now on writes it again
        if aside.stat().st_mtime >= began:
            os.rename(aside, path)
            return None
        aside.unlink()
    except OSError:
        return None
    return size
