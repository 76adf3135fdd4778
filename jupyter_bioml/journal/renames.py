"""Which notebook has which name now: one line for each notebook or folder that a Jupyter server renamed.

``.bioml/renames.log`` has the checksummed lines of the journal, ``{"t": "renamed", "at", "from", "to"}``, with paths
relative to the project. The kernel hears of a rename with the next cell only, and never when it has ended by then.
"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

from ..records.shape import LineShape, Unfit
from .lines import SegmentReader
from .log import frame
from .shared import damage_of

FILE = "renames.log"
_RENAMED = LineShape({"at": float, "from": str, "to": str}, frozenset(("at", "from", "to")))


class Renames:
    """The renames of one project. May be asked from any thread.

    :param home: the project's ``.bioml``.
    """

    def __init__(self, home: Path) -> None:
        self._path = home / FILE
        self._reader = SegmentReader(self._path)
        self.moves: tuple[tuple[float, str, str], ...] = ()
        """Time, name before and after of each that was read; another object once there are more."""
        self._misshapen = 0
        self._reading = threading.Lock()

    def add(self, before: str, after: str) -> None:
        """A notebook or folder was renamed just now.

        :raises OSError: when the disk refuses the line.
        """
        line = frame({"t": "renamed", "at": time.time(), "from": before, "to": after})
        fd = os.open(self._path, os.O_CREAT | os.O_APPEND | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        try:
            os.write(fd, line)
        finally:
            os.close(fd)

    def refresh(self) -> None:
        """Read what was added since the last time."""
        with self._reading:
            more = []
            for line in self._reader.read():
                try:
                    entry, _ = _RENAMED.checked(line.entry)
                except Unfit:
                    self._misshapen += 1
                    continue
                more.append((float(entry["at"]), entry["from"], entry["to"]))
            if more:
                self.moves = (*self.moves, *more)

    def damage(self) -> str | None:
        """What of the file cannot be read; None: everything can."""
        return damage_of(FILE, self._reader, self._misshapen, "some notebooks may have another name now")

    def before(self, name: str) -> tuple[str, ...]:
        """The names that the notebook called ``name`` now has had, the last one first."""
        found = []
        for _, before, after in reversed(self.moves):
            if name == after:
                name = before
            elif name.startswith(f"{after}/"):
                name = before + name[len(after) :]
            elif name == before or name.startswith(f"{before}/"):
                break  # it was another notebook that had the name until then
            else:
                continue
            found.append(name)
        return tuple(found)

    @property
    def count(self) -> int:
        """How many were read."""
        return len(self.moves)

    def now(self, name: str, since: float) -> str:
        """The name that the notebook has now which was called ``name`` at the time ``since`` (epoch seconds)."""
        for at, before, after in self.moves:
            if at < since:
                continue
            if name == before:
                name = after
            elif name.startswith(f"{before}/"):
                name = after + name[len(before) :]
        return name
