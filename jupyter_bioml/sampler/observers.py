"""The sampler's observations of a run besides its entries: resources, patch, environment.

Each observer is asked from the sampler's loop and hands out jobs, which run in threads of their own and
return the entries to write.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..git.patch import PatchRefused, take_patch
from ..host.environment import describe, environment_entry, package_folders
from ..host.readings import Gpus, KernelProcesses
from ..journal.blobs import Blobs
from ..journal.lines import Entry
from ..records.facts import SUBMODULES
from ..records.run import Session
from .slow import Job, gap

#: Readings: ten a second for the first ten seconds of a run, then one a second.
FAST_PERIOD, FAST_SECONDS, SLOW_PERIOD = 0.1, 10.0, 1.0
#: Seconds after a run's start at which the installed packages are looked at again.
SECOND_LOOK = 1.0


class ResourceObserver:
    """Readings of the kernel while a run lasts."""

    def __init__(self, pid: int, gpus: Gpus) -> None:
        self._pid = pid
        self._gpus = gpus
        self._processes = KernelProcesses(pid)
        self._restart = False
        self._next = 0.0

    def begin(self) -> None:
        """A run has started: its first reading is due at once."""
        self._next = 0.0
        self._restart = True

    def due(self, started: float) -> bool:
        """Whether a run that started then (epoch seconds) is to be read now; if so, the next one is planned."""
        now = time.monotonic()
        if now < self._next:
            return False
        fast = time.time() - started < FAST_SECONDS
        # half a tick early: what falls between two ticks of the loop would make 10 Hz to 6.7
        self._next = now + (FAST_PERIOD if fast else SLOW_PERIOD) - 0.025
        return True

    def read(self, run: str) -> list[Entry]:
        """One ``reading`` entry; nothing when the kernel cannot be seen at all."""
        if self._restart:
            self._restart = False
            self._processes.restart()
        at = time.time()
        figures = self._processes.look()
        if self._gpus.opened and (gpus := self._gpus.read(self._processes.pids)):
            figures["gpus"] = gpus
        return [{"t": "reading", "at": at, "run": run, **figures}] if figures else []


@dataclass(frozen=True)
class _Asked:
    """A run whose patch is wanted."""

    run: str
    started: float
    state: tuple[str, str | None]
    """The repository's root and the commit that was recorded."""


class PatchObserver:
    """The git patch of each run; runs that start while one is being taken share the next one."""

    def __init__(self, session: Session) -> None:
        self._blobs = Blobs(Path(session.home) / "blobs")
        self._waiting: list[_Asked] = []
        self.run: str | None = None

    def ask(self, run: str, started: float, git: dict[str, Any]) -> None:
        """Take the patch of a run that started in the repository that ``git`` (its entry's field) describes."""
        self._waiting.append(_Asked(run, started, (git["root"], git["commit"])))

    def job(self) -> Job | None:
        """Take the patch of the runs that wait in the same state of the same repository."""
        if not self._waiting:
            return None
        state = self._waiting[0].state
        asked = [item for item in self._waiting if item.state == state]
        self._waiting = [item for item in self._waiting if item.state != state]
        self.run = asked[0].run
        return lambda: self._take(Path(state[0]), state[1], asked)

    def _take(self, root: Path, commit: str | None, asked: list[_Asked]) -> list[Entry]:
        try:
            patch = take_patch(root, commit)
            blob = self._blobs.put(patch.data) if patch.data else None
        except PatchRefused as refusal:
            entries = [gap(item.run, "patch", str(refusal)) for item in asked]
            if refusal.dirty is not None:
                entries += [_patch_entry(item.run, refusal.dirty, None, False) for item in asked]
            return entries
        except OSError as error:
            reason = f"the patch could not be stored: {error.strerror or error}"
            return [gap(item.run, "patch", reason) for item in asked]
        entries = [_patch_entry(item.run, patch.dirty, blob, patch.late(item.started)) for item in asked]
        if patch.submodules:
            reason = f"changes in the submodule {', '.join(patch.submodules[:10])} are not stored: commit them there"
            entries += [gap(item.run, SUBMODULES, reason) for item in asked]
        return entries


def _patch_entry(run: str, dirty: bool, blob: str | None, late: bool) -> Entry:
    return {"t": "patch", "at": time.time(), "run": run, "dirty": dirty, "blob": blob, "late": late}


class EnvironmentObserver:
    """The environment at the session's start, and again when packages were installed or removed."""

    def __init__(self, session: Session) -> None:
        self.gpus = Gpus()
        self.run: str | None = None
        self._blobs = Blobs(Path(session.home) / "blobs")
        self._state = Path(session.home) / "state"
        self._variables = session.variables
        self._started = session.started
        self._folders: tuple[tuple[str, int], ...] = ()
        self._written: str | None = None
        self._due: Job | None = None
        self._look_at: float | None = None
        self._refused = False

    def begin(self) -> None:
        """Describe the environment as it is at the session's start."""
        self._plan(self._started)

    def forget(self) -> None:
        """Describe it again even if nothing changed: its blob was deleted."""
        self._written = None
        self._plan(time.time())

    def check(self, started: float) -> None:
        """A run started at ``started`` (epoch seconds): were packages changed before it?"""
        self._look_at = time.monotonic() + SECOND_LOOK
        folders = package_folders()
        if folders != self._folders or self._refused:
            before = all(changed / 1e9 <= started for _, changed in folders)
            self._plan(started if before else time.time())

    def look(self, *, running: bool) -> None:
        """The second look, a moment after a run's start."""
        if self._look_at is None or time.monotonic() < self._look_at:
            return
        self._look_at = None
        if running and package_folders() != self._folders:
            self._plan(time.time())

    def job(self) -> Job | None:
        """Describe the environment, if that is due."""
        job, self._due = self._due, None
        return job

    def _plan(self, at: float) -> None:
        self._folders = package_folders()
        self._due = lambda: self._describe(at)

    def _describe(self, at: float) -> list[Entry]:
        document = describe(self._variables, self._state, self.gpus)
        self._refused = True  # until it is stored: a full disk is tried again at the next run
        entry = environment_entry(document, self._blobs.put, at)
        self._refused = False
        if entry["blob"] == self._written:
            return []
        self._written = entry["blob"]
        return [entry]
