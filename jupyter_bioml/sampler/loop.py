"""The small process beside a kernel: ``python -m jupyter_bioml.sampler.loop SEGMENT``.

It follows the kernel's segment, brings it to the disk, takes readings while runs last, the git patch of each
run and the environment, notices the kernel's death, and starts the publisher. It writes only its own segment
(``<session>.helper``), says nothing anywhere, and ends with the kernel. What fails becomes a ``gap`` entry.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ..config import Project, Settings, kept_folder, load_settings, prepare_home
from ..errors import BiomlError, JournalError
from ..journal.lines import Entry
from ..journal.liveness import HELPER_SUFFIX
from ..journal.log import Segment
from ..journal.shelter import LINES_LIMIT, SharedMemory, Shelter, Shelters, Spill
from ..records.run import Session
from ..records.wire import from_dict
from .ending import OutOfMemoryWatch, cause_of_death, kernel_lives
from .handover import Handover
from .observers import EnvironmentObserver, PatchObserver, ResourceObserver
from .rescue import Rescue
from .slow import SlowJobs, gap
from .tail import OTHER, SegmentTail, sync
from .wakeup import Wakeup

#: Seconds between two looks at the segment while cells run; with the sync itself this stays below 100 ms.
TICK = 0.05
#: Seconds between two looks at everything else: the lock, deleted files, a full disk, installed packages.
LOOK = 1.0
#: The same once the kernel has written nothing for so many seconds: thirty idle kernels on one machine are common. What
#: it writes, and its end, are told at once all the same.
RARE_LOOK, IDLE = 5.0, 30.0
#: Seconds to wait for the kernel's header, and at the end for patch and environment.
HEADER_LIMIT, END_LIMIT = 30.0, 25.0


@dataclass(frozen=True)
class OpenRun:
    """A marked run between its ``started`` and its ``finished`` entry."""

    run: str
    started: float
    resources: bool
    git: dict[str, Any] | None


class Sampler:
    """One session's sampler: :meth:`watch` returns when the kernel has ended."""

    def __init__(
        self, session: Session, tail: SegmentTail, segment: Segment, settings: Settings, shelters: Shelters
    ) -> None:
        self._session = session
        self._tail = tail
        self._segment = segment
        self._resources_wanted = settings.resources
        self._jobs = SlowJobs(parts=5)
        self._environment = EnvironmentObserver(session)
        self._patches = PatchObserver(session)
        self._resources = ResourceObserver(session.pid, self._environment.gpus)
        self._handover = Handover(session.project, session.home, session.destination_key, on=settings.publish)
        self._rescue = Rescue(tail.path, session, shelters)
        self._out_of_memory = OutOfMemoryWatch(session.pid)
        self._open: dict[str, OpenRun] = {}
        self._cells: set[str] = set()
        self._ended: set[str] = set()
        self._complained: set[tuple[str | None, str, str]] = set()
        self._closed = False
        self._sync_at = 0.0
        self._sync_asked = False
        self._look_at = 0.0
        self._grew_at = time.monotonic()
        self._wakeup = Wakeup(session.pid, session.process_started)

    def watch(self) -> None:
        """Follow the kernel to its end."""
        self._segment.append({"t": "helper", "at": time.time(), "pid": os.getpid()})
        self._wakeup.watch(self._tail.path)
        self._jobs.submit("recovery", None, self._recover)
        self._guard("environment", self._environment.begin)
        alive = True
        while alive and not self._closed:
            self._guard("journal", self._follow)
            self._guard("resources", self._read_resources)
            self._guard("jobs", self._work)
            if self._rescue.blobs_wait:
                self._guard("journal", self._rescue.land_blobs)
            else:
                self._guard("publisher", self._handover.tick)
            if time.monotonic() >= self._look_at:
                self._look_at = time.monotonic() + self._pause
                alive = self._look()
            busy = bool(self._cells) or self._jobs.any or self._sync_asked
            ending = self._closed or not alive
            if not ending and self._wakeup.wait(TICK if busy else self._pause, for_writes=not busy):
                self._look_at = 0.0
        self._guard("end", self._end)

    @property
    def _pause(self) -> float:
        return LOOK if time.monotonic() - self._grew_at < IDLE else RARE_LOOK

    def _recover(self) -> list[Entry]:
        """What earlier processes left unfinished; whatever that is, it is to be sent."""
        from ..journal.recovery import recover

        if recover(Project(Path(self._session.project), Path(self._session.home))).any:
            self._handover.want()
        return []

    def _guard(self, part: str, action: Callable[[], object]) -> None:
        """Run one step; what it raises is a gap, once, and the others go on."""
        try:
            action()
        except Exception as error:
            self._complain(gap(None, part, f"{type(error).__name__}: {error}"))

    def _complain(self, entry: Entry) -> None:
        key = (entry["run"], entry["part"], entry["reason"])
        if key not in self._complained:
            self._complained.add(key)
            self._segment.append(entry)

    # -- the kernel's segment --------------------------------------------------------------------

    def _follow(self) -> None:
        if self._tail.grew():
            self._grew_at = time.monotonic()
            for entry in self._tail.read():
                self._guard("journal", partial(self._take, entry))
            self._sync_asked = True
        if self._sync_asked and time.monotonic() >= self._sync_at and not self._jobs.busy("sync"):
            self._sync_asked = False
            if (fd := self._tail.duplicate()) is not None:
                self._jobs.submit("sync", None, partial(self._sync, fd))

    def _sync(self, fd: int) -> list[Entry]:
        """A slow disk is left in peace for as long as it needed, four times over."""
        began = time.monotonic()
        refused = sync(fd)
        ended = time.monotonic()
        self._sync_at = ended + min(1.0, 4 * (ended - began)) if ended - began > TICK else 0.0
        if refused is None:
            return []
        reason = f"the disk did not confirm what was written ({refused.strerror}): if the machine stops, it may be lost"
        return [gap(None, "journal", reason)]

    def _take(self, entry: Entry) -> None:
        kind, run = entry["t"], entry.get("run")
        if kind == "started" and run not in self._cells and run not in self._ended:
            self._started(entry)
        elif kind == "finished":
            self._cells.discard(run or "")
            if self._open.pop(run or "", None) is not None:
                self._ended.add(run or "")
                self._handover.want()
        elif kind == "closed":
            self._closed = True
        elif kind in ("model", OTHER) and run in self._ended:
            self._handover.want()

    def _started(self, entry: Entry) -> None:
        run, mark = entry["run"], entry["mark"]
        self._cells.add(run)
        if mark == "cell":
            return
        wanted = self._resources_wanted and entry.get("resources", True) and mark != "child"
        self._open[run] = OpenRun(run, float(entry["at"]), wanted, entry.get("git"))
        if mark == "child":
            return
        if wanted:
            self._resources.begin()
        self._ask_patch(self._open[run])
        self._environment.check(float(entry["at"]))

    def _ask_patch(self, run: OpenRun) -> None:
        if run.git:
            self._patches.ask(run.run, run.started, run.git)

    # -- observers -------------------------------------------------------------------------------

    def _read_resources(self) -> None:
        watched = [run for run in self._open.values() if run.resources]
        if watched and not self._jobs.busy("resources") and self._resources.due(watched[-1].started):
            run = watched[-1].run
            self._jobs.submit("resources", run, lambda: self._resources.read(run))

    def _work(self) -> None:
        for entry in self._jobs.collect():
            if entry["t"] == "gap":
                self._complain(entry)
            else:
                self._segment.append(entry)
            if entry.get("run") in self._ended or (entry["t"] == "environment" and self._ended):
                self._handover.want()
        for part, observer in (("patch", self._patches), ("environment", self._environment)):
            if not self._jobs.busy(part) and (job := observer.job()) is not None:
                self._jobs.submit(part, observer.run, job)

    def _look(self) -> bool:
        """The slower looks; False when the kernel is gone."""
        self._guard("journal", self._mend)
        self._guard("environment", lambda: self._environment.look(running=bool(self._open)))
        if kernel_lives(self._tail.path, self._session):
            return True
        # between two looks a healed segment may have taken the name: look once more before believing it
        self._follow_file()
        return kernel_lives(self._tail.path, self._session)

    def _mend(self) -> None:
        """Follow a re-created segment, rewrite ours if it was deleted, write what a full disk refused."""
        self._follow_file()
        if not self._segment.path.exists():
            with contextlib.suppress(OSError):
                prepare_home(Path(self._session.home))
        if self._segment.heal():
            self._environment.forget()
            for run in self._open.values():
                self._ask_patch(run)
        self._segment.flush()

    def _follow_file(self) -> None:
        if self._tail.follow():
            self._wakeup.watch(self._tail.path)

    # -- the end ---------------------------------------------------------------------------------

    def _end(self) -> None:
        self._guard("journal", self._follow)
        if not self._closed:
            cause = cause_of_death(self._session, bool(self._cells), self._out_of_memory.report())
            self._segment.append({"t": "died", "at": time.time(), "cause": cause})
            self._guard("journal", self._tail.put_back)
            self._handover.want()
        self._guard("jobs", self._work)
        self._jobs.wait(("patch", "environment", "sync"), END_LIMIT)
        self._guard("jobs", self._work)
        self._guard("journal", self._follow_file)
        self._rescue.after_the_end(self._segment.flush, self._handover.want)
        with contextlib.suppress(OSError):
            sync(os.open(self._segment.path, os.O_RDONLY | os.O_CLOEXEC))
        self._handover.finish()


def read_header(path: Path, shelter: Shelter) -> tuple[SegmentTail, Session] | None:
    """The segment and its ``session`` entry; None when it does not come within :data:`HEADER_LIMIT`."""
    until = time.monotonic() + HEADER_LIMIT
    while time.monotonic() < until:
        try:
            tail = SegmentTail(path, shelter)
        except OSError:
            return None
        found = [entry for entry in tail.read() if entry["t"] == "session"]
        tail.close()
        if found:
            return SegmentTail(path, shelter), from_dict(Session, found[0])
        time.sleep(TICK)
    return None


def _own_segment(path: Path, session: Session) -> Segment | None:
    """Our segment; None when another sampler has it, or the kernel ends before we may write."""
    own = path.with_suffix(HELPER_SUFFIX)
    shelter = Shelter(SharedMemory(LINES_LIMIT), Spill(kept_folder(Path(session.project)), own))
    while True:
        try:
            return Segment(own, shelter)
        except JournalError:
            return None
        except OSError:
            if not kernel_lives(path, session):
                return None
            time.sleep(1.0)


def _settings(session: Session) -> Settings:
    try:
        return load_settings(Path(session.project))
    except BiomlError:
        return Settings()  # the kernel tells the user about the faulty setting


def main(arguments: list[str]) -> int:
    """Watch the kernel that writes the segment named by the first argument; the others: the memory shared with it."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    path, descriptors = Path(arguments[0]), [int(word) for word in arguments[1:]]
    for fd in descriptors:
        os.set_inheritable(fd, False)
    memory = SharedMemory(LINES_LIMIT, descriptors[0] if descriptors else None)
    header = read_header(path, Shelter(memory))
    if header is None:
        return 1
    tail, session = header
    segment = _own_segment(path, session)
    if segment is None:
        return 1
    shelters = Shelters(path, kept_folder(Path(session.project)), descriptors)
    Sampler(session, tail, segment, _settings(session), shelters).watch()
    return 0


if __name__ == "__main__":
    # without waiting for threads: a hanging driver must not keep this process
    os._exit(main(sys.argv[1:]))
