"""Which notebook has which name now: one line for each notebook or folder that a Jupyter server renamed.

``.bioml/renames.log`` has the checksummed lines of the journal, ``{"t": "renamed", "at", "from", "to"}``, with paths
relative to the project. The kernel hears of a rename with the next cell only, and never when it has ended by then.
"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

from .log import SegmentReader, frame

FILE = "renames.log"


class Renames:
    """The renames of one project. May be asked from any thread.

    :param home: the project's ``.bioml``.
    """

    def __init__(self, home: Path) -> None:
        self._path = home / FILE
        self._reader = SegmentReader(self._path)
        self._moves: list[tuple[float, str, str]] = []
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
            for line in self._reader.read():
                entry = line.entry
                self._moves.append((float(entry["at"]), str(entry["from"]), str(entry["to"])))

    def now(self, name: str, since: float) -> str:
        """The name that the notebook has now which was called ``name`` at the time ``since`` (epoch seconds)."""
        for at, before, after in self._moves:
            if at < since:
                continue
            if name == before:
                name = after
            elif name.startswith(f"{before}/"):
                name = after + name[len(before) :]
        return name
