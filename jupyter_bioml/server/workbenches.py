"""The state one server keeps between requests: its root, a workbench per project, threads for work that may wait."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from ..config import Destination, Project, destination, find_project
from ..errors import StoreUnavailable
from .bench import ServerBench

T = TypeVar("T")
#: Threads for what is answered from memory and journal, and for what may wait for MLflow.
QUICK, PATIENT = 4, 8
#: Requests that may wait for a thread.
QUEUE = 64
#: Projects that are kept in memory.
KEPT = 8


class Workbenches:
    """The workbenches of a server."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._kept: OrderedDict[tuple[Project, Destination], ServerBench] = OrderedDict()
        self._lock = threading.Lock()
        self._quick = ThreadPoolExecutor(QUICK, "bioml-quick")
        self._patient = ThreadPoolExecutor(PATIENT, "bioml-patient")
        self._waiting = 0

    def bench(self, place: Path) -> ServerBench:
        """The workbench of the project that a notebook or folder belongs to, at the destination as it is set now."""
        project = find_project(place if place.is_dir() else place.parent, create=False)
        key = project, destination(project)
        with self._lock:
            bench = self._kept.get(key)
            if bench is None:
                bench = self._kept[key] = ServerBench(*key)
            self._kept.move_to_end(key)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)[1].close()
            return bench

    def renamed(self, before: str, after: str) -> Future[None]:
        """A notebook or folder of the server was renamed: keep that where its project has runs.

        :param before: and ``after``: paths below the server's root.
        """
        return self._quick.submit(self._renamed, self.root / before.strip("/"), self.root / after.strip("/"))

    def _renamed(self, before: Path, after: Path) -> None:
        bench = self.bench(after)
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
        for pool in (self._quick, self._patient):
            pool.shutdown(wait=False, cancel_futures=True)
