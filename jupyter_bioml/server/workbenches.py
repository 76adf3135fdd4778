"""The state one server keeps between requests: its root, a workbench per project, threads for work that may wait."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import TypeVar

from ..config import Destination, Project, destination, find_project
from ..errors import StoreUnavailable
from ..publish.recovering import bring_home
from ..runs.boundary import Boundary
from .bench import ServerBench

T = TypeVar("T")
#: Threads for what is answered from memory and journal, and for what may wait for MLflow.
QUICK, PATIENT = 4, 8
#: Requests that may wait for a thread.
QUEUE = 64
#: Projects that are kept in memory.
KEPT = 8
#: Seconds after which a project is searched again for what earlier processes left unfinished.
SEARCHED = 30.0
#: Seconds that a request waits at most until a rename before it is written: the disk may hang.
RENAMING = 2.0


class Workbenches:
    """The workbenches of a server."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._kept: OrderedDict[tuple[Project, Destination], ServerBench] = OrderedDict()
        self._lock = threading.Lock()
        self._quick = ThreadPoolExecutor(QUICK, "bioml-quick")
        self._patient = ThreadPoolExecutor(PATIENT, "bioml-patient")
        self._waiting = 0
        self._searched: dict[Path, float] = {}
        self._moved: list[tuple[Path, Path]] = []
        """What was renamed while this server ran: links that were made before still lead there."""
        self._renaming = ThreadPoolExecutor(1, "bioml-renames")  # one thread: they are written in their order
        self._written: Future[None] | None = None
        """The last rename's writing, which requests that come after it wait for."""
        self._quick.submit(self._search, root)

    def _search(self, place: Path) -> None:
        project = find_project(place, create=False)
        self._bring_home(project, destination(project))

    def _bring_home(self, project: Project, target: Destination) -> None:
        with self._lock:
            now = time.monotonic()
            if now - self._searched.get(project.home, -SEARCHED) < SEARCHED:
                return
            self._searched[project.home] = now
        self._quick.submit(bring_home, project, target)

    def bench(self, place: Path) -> ServerBench:
        """The workbench of the project that a notebook or folder belongs to, at the destination as it is set now.

        It knows of every rename that this server was told of before.
        """
        if self._written is not None:
            wait((self._written,), RENAMING)
        return self._bench(self._now(place))

    def _bench(self, place: Path) -> ServerBench:
        project = find_project(place if place.is_dir() else place.parent, create=False)
        key = project, destination(project)
        self._bring_home(*key)
        with self._lock:
            bench = self._kept.get(key)
            if bench is None:
                bench = self._kept[key] = ServerBench(*key, Boundary.of(project, self.root))
            self._kept.move_to_end(key)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)[1].close()
            return bench

    def renamed(self, before: str, after: str) -> Future[None]:
        """A notebook or folder of the server was renamed: keep that where its project has runs.

        :param before: and ``after``: paths below the server's root.
        """
        old, new = self.root / before.strip("/"), self.root / after.strip("/")
        self._moved.append((old.resolve(), new.resolve()))  # at once: the next request may be a link to the old place
        self._written = self._renaming.submit(self._renamed, old, new)
        return self._written

    def _now(self, place: Path) -> Path:
        """Where a place that is gone has been moved."""
        for before, after in list(self._moved):
            if place.exists():
                break
            if place.is_relative_to(before):
                place = after / place.relative_to(before)
        return place

    def _renamed(self, before: Path, after: Path) -> None:
        bench = self._bench(self._now(after))
        if bench.project.home.is_dir():
            bench.renames.add(bench.project.relative(before), bench.project.relative(after))

    def submit(self, work: Callable[[], T], *, patient: bool) -> Future[T]:
        """Do it in a thread.

        :param patient: it may wait for MLflow; such work never holds up the other.
        :raises StoreUnavailable: when too much waits already.
        """
        if not patient:
            return self._quick.submit(work)
        if self._waiting >= QUEUE:
            raise StoreUnavailable("Too many requests wait for MLflow.", next="Try again in a moment.")
        self._waiting += 1
        future = self._patient.submit(work)
        future.add_done_callback(self._done)
        return future

    def _done(self, _: object) -> None:
        self._waiting -= 1

    def close(self) -> None:
        """End what runs in the background."""
        for bench in self._kept.values():
            bench.close()
        for pool in (self._quick, self._patient, self._renaming):
            pool.shutdown(wait=False, cancel_futures=True)
