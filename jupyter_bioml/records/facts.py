"""The parts of a record that the kernel itself makes while a cell runs (its import must cost little)."""

from __future__ import annotations

from dataclasses import dataclass

SCHEMA = 1
"""Grows when a field of a record changes its meaning."""

#: States of a run. MLflow's own words, plus RUNNING while the cell runs.
RUNNING, FINISHED, FAILED, KILLED = "RUNNING", "FINISHED", "FAILED", "KILLED"
#: The cause of a run that is KILLED because its user stopped the cell.
INTERRUPTED = "interrupted"
#: How an earlier cell ended that nobody watched.
UNKNOWN = "UNKNOWN"


#: The part that a gap names when something ran while tracking was off (see :mod:`.untracked`).
BEFORE_TRACKING = "before tracking"
#: The reason for it in the cell that tracking started in.
BEGUN = "the lines above the one that started tracking ran before it; what they read is unknown"


@dataclass(frozen=True)
class CaptureGap:
    """Something that could not be captured: which part, and why."""

    part: str
    reason: str


#: Parts of gaps: what a cell read or wrote unseen, what it asked a person, what ``--data`` names, and data that are
#: known without a digest.
DATA, ASKED, NAMED_DATA, DIGEST = "data", "input", "data.named", "data.digest"
#: What submodules of the repository had changed.
SUBMODULES = "patch.submodules"
#: Those that later runs of the session inherit.
INHERITED = frozenset({DATA, ASKED})

#: Where a score comes from, see :class:`Score`.
LOGGED, NAMED, RETURNED, STATED = "logged", "named", "returned", "stated"
LOSS, COMPUTED, WORD, PRINTED = "loss", "computed", "word", "printed"


@dataclass(frozen=True)
class Score:
    """A number that says how good a result is, and where it comes from. Its values are metrics of the run."""

    key: str
    value: float
    """Of a series: the last one."""
    step: int = 0
    """Of a series: the last one."""
    at: float = 0.0
    origin: str = ""
    """``logged`` (``bioml.log``), ``named`` (``--metrics``), ``returned`` (by a scoring call), ``stated`` (by a fitted
    model, of itself), ``loss`` (of a training step), ``computed`` (from a followed prediction), ``word`` (its name is
    in the vocabulary of scores) or ``printed`` (read from what the cell printed)."""
    source: str | None = None
    """The function, the attribute or the printed label that it comes from."""
    digits: int | None = None
    """Decimals, where it is only known as it was printed."""
    count: int = 1
    """How many values the series has."""
    cell: str | None = None
    """Record id of the later cell that showed it; None: the run's own cell."""
    model: str | None = None
    """The model that was scored: its variable or its class."""
    of: str | None = None
    """Record id of the run that made the model, where that is another run."""


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
