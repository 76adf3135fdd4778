"""The parts of a record that the kernel itself makes while a cell runs (its import must cost little)."""

from __future__ import annotations

from dataclasses import dataclass

SCHEMA = 1
"""Grows when a field of a record changes its meaning."""

#: States of a run. MLflow's own words, plus RUNNING while the cell runs.
RUNNING, FINISHED, FAILED, KILLED = "RUNNING", "FINISHED", "FAILED", "KILLED"


@dataclass(frozen=True)
class CaptureGap:
    """Something that could not be captured: which part, and why."""

    part: str
    reason: str


@dataclass(frozen=True)
class DataUse:
    """A file or a named frame or array that the run read or wrote.

    ``digest`` is DVC's (md5 of the content; of a directory, md5 of its listing, with ``.dir``)
    for files, and ``sha256:…`` of the whole content for values.
    """

    name: str
    role: str
    """``read``, ``written`` or ``read-written``."""
    kind: str = "file"
    """``file``, ``directory`` or ``value``."""
    path: str | None = None
    """Absolute path; None for values."""
    digest: str | None = None
    digest_after: str | None = None
    """For values that changed during the cell."""
    size: int | None = None
    mtime_ns: int | None = None
    inode: int | None = None
    rows: int | None = None
    columns: int | None = None
    pointer: str | None = None
    """The ``.dvc`` file or ``dvc.lock`` stage that tracks it."""
    pointer_digest: str | None = None
    inherited: bool = False
    """Read by an earlier cell of the session."""
    named: bool = False
    """Named by ``--data``."""
    changed_since: bool = False
    """The file changed between its reading and its hashing: ``digest`` is not what was read."""
