"""What tells that a file is as it was: asked before anything is taken for read."""

from __future__ import annotations

import os
import time
from pathlib import Path

#: Size, times of the last change of content and of anything else (nanoseconds), inode.
Stamp = tuple[int, int, int, int]
#: There is no such file.
NO_FILE: Stamp = (0, 0, 0, 0)
#: Nanoseconds within which a file system may give two changes the same time: what was changed so lately may change
#: again without a sign.
GRAIN = 50_000_000


def stamp_of(path: Path | str) -> Stamp:
    """The stamp of a file; :data:`NO_FILE` where there is none, or it cannot be looked at."""
    try:
        status = os.stat(path)
    except OSError:
        return NO_FILE
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def is_settled(*stamps: Stamp) -> bool:
    """Whether another change of these files would be seen in their stamps."""
    return max(max(stamp[1:3]) for stamp in stamps) + GRAIN < time.time_ns()


def database_stamps(database: Path) -> tuple[Stamp, Stamp]:
    """What changes with every write of an SQLite database: its file, and the log beside it.

    They are looked at, never opened: to close a database's file gives up the locks that SQLite has on it anywhere in
    this process. An empty log counts as none: a reader may make it too. Who owns them does not count: SQLite says so
    again whenever it opens them as root.
    """
    size, changed, _, inode = stamp_of(database)
    log = stamp_of(database.with_name(f"{database.name}-wal"))
    return (size, changed, 0, inode), (log[0], log[1], 0, log[3]) if log[0] else NO_FILE
