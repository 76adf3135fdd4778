"""What is done when a kernel, command or server starts: bring home what others left elsewhere or unfinished.

* copies of what a full disk refused (:mod:`.shelter`) go to their segments;
* the journal in the state folder, from a time at which the project could not be written, joins the project's own;
* sessions that nobody ended are settled.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from pathlib import Path

from ..config import HOME_NAME, Project, fallback_homes, has_journal, kept_folder
from ..errors import BiomlError, JournalError
from .blobs import Blobs
from .joining import join
from .liveness import is_alive
from .log import Segment, is_locked
from .settling import Settled, read_session, settle
from .shelter import SharedMemory, Shelter, read_spill

#: Attempts to take the lock of a segment whose kernel has ended, and seconds between two of them.
LOCK_TRIES, LOCK_PAUSE = 10, 0.1


@dataclass(frozen=True)
class Recovered:
    """What was found."""

    landed: int = 0
    """Copies that are in their segments now."""
    joined: int = 0
    """Sessions that came from another folder."""
    settled: tuple[Settled, ...] = ()

    @property
    def any(self) -> bool:
        """Was there something?"""
        return bool(self.landed or self.joined or self.settled)


def recover(project: Project) -> Recovered:
    """Bring everything home that is elsewhere. Never raises: what cannot be done now is left for the next time."""
    landed, joined = 0, 0
    own = project.root / HOME_NAME
    with contextlib.suppress(OSError, BiomlError):
        landed = land_copies(kept_folder(project.root))
        _land_blobs(kept_folder(project.root) / "blobs", Blobs(project.blobs))
    fallbacks = fallback_homes(project.root)
    for other in (own, *fallbacks) if project.home in (own, *fallbacks) else ():  # else somebody chose it
        there = (own / "journal").is_dir() if other == own else has_journal(other)
        if there and other != project.home and project.home.is_dir():
            with contextlib.suppress(OSError, BiomlError):
                joined += join(project.home, other, move=project.home == own)
    return Recovered(landed, joined, tuple(settle(project.journal)))


def land_copies(folder: Path) -> int:
    """Write the copies in ``folder`` to where they belong, as far as their kernels have ended and there is room.

    :returns: how many are there now.
    """
    landed = 0
    for path in sorted(folder.glob("*.*")) if folder.is_dir() else ():
        spill = read_spill(path)
        if spill is None or not spill[0].parent.parent.exists() or _held(spill[0]):
            continue
        segment, base, data = spill
        shelter = Shelter(SharedMemory(max(1, len(data))))
        if data and not shelter.add(data, base):
            continue
        writer = _writer(segment, shelter)
        if writer is None:
            continue
        done = writer.flush()
        writer.close()
        if done:
            path.unlink(missing_ok=True)
            landed += 1
    return landed


def _held(segment: Path) -> bool:
    """Somebody still writes it, who brings it there."""
    try:
        session = read_session(segment)
    except (OSError, ValueError, KeyError, TypeError):
        session = None
    return is_locked(segment) is True if session is None else is_alive(segment, session)


def _writer(segment: Path, shelter: Shelter) -> Segment | None:
    """The segment with what waits for it; a process that was killed may hold its lock for a moment longer."""
    for _ in range(LOCK_TRIES):
        try:
            return Segment(segment, shelter)
        except JournalError:
            time.sleep(LOCK_PAUSE)
        except OSError:
            break
    return None


def _land_blobs(copies: Path, blobs: Blobs) -> None:
    for path in copies.glob("[0-9a-f][0-9a-f]/*"):
        with contextlib.suppress(OSError):
            blobs.put(path.read_bytes())
            path.unlink()
