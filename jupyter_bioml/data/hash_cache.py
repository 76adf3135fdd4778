"""Digests of files that were hashed before, by (path, size, mtime, inode): a file is read once."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import NamedTuple

from ..redact import redact

#: Nanoseconds a file must have been left alone before it was hashed: a write within one tick of the file
#: system's clock changes the content but not the time.
_QUIET_NS = 1_000_000_000
_TABLE = """CREATE TABLE IF NOT EXISTS hashes (
    path TEXT, size INTEGER, mtime_ns INTEGER, inode INTEGER, md5 TEXT NOT NULL,
    PRIMARY KEY (path, size, mtime_ns, inode)) WITHOUT ROWID"""


class FileState(NamedTuple):
    """The identity of a file's version, without reading it."""

    path: str
    size: int
    mtime_ns: int
    inode: int


def _kept(state: FileState) -> FileState:
    """As the cache keeps it: a secret in the name is masked (the inode tells files apart)."""
    return state._replace(path=redact(state.path))


class HashCache:
    """The cache in one sqlite file. It only saves time: if it cannot be read or written, files are hashed again."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._connection: sqlite3.Connection | None = None
        with contextlib.suppress(OSError, sqlite3.Error):
            file.parent.mkdir(parents=True, exist_ok=True)
            self._connection = self._connect()

    def _connect(self) -> sqlite3.Connection:
        try:
            return self._opened()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            self._file.unlink()  # damaged: it holds nothing that cannot be computed again
            return self._opened()

    def _opened(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._file, timeout=10, isolation_level=None)
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute(_TABLE)
        return connection

    def get(self, state: FileState) -> str | None:
        """The digest of that version of the file, if it was hashed before."""
        if self._connection is None:
            return None
        state = _kept(state)
        question = "SELECT md5 FROM hashes WHERE path=? AND size=? AND mtime_ns=? AND inode=?"
        with contextlib.suppress(sqlite3.Error, UnicodeEncodeError):
            row = self._connection.execute(question, state).fetchone()
            return None if row is None else str(row[0])
        return None

    def put(self, found: list[tuple[FileState, str]], began: float) -> None:
        """Remember digests of files that did not change while they were read.

        :param began: when hashing began (epoch seconds); files written just before are not remembered.
        """
        limit = int(began * 1e9) - _QUIET_NS
        rows = [(*_kept(state), digest) for state, digest in found if state.mtime_ns < limit]
        if self._connection is None or not rows:
            return
        with contextlib.suppress(sqlite3.Error, UnicodeEncodeError):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                self._connection.executemany("INSERT OR REPLACE INTO hashes VALUES (?,?,?,?,?)", rows)
            finally:
                self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the database; it may be called again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
