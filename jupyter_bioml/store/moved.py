"""A database that we made, after its folder was moved or copied: the files of its runs are those that came along."""

from __future__ import annotations

import contextlib
import sqlite3
import urllib.parse
from pathlib import Path

#: Where MLflow keeps absolute places of files: table, column.
_PLACES = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)


def follow(file: Path, root: Path) -> int:
    """Let the database point to the artifacts beside it where they came along, or where the old ones are gone.

    A copy would else read and overwrite the files of the original, and a moved folder would find none. What points to
    places that this package did not choose is left as it is. Costs one query where nothing is to be done.

    :param root: the folder of artifacts beside the database.
    :returns: how many experiments were somewhere else.
    """
    try:
        with contextlib.closing(sqlite3.connect(f"{file.as_uri()}?mode=rw", uri=True, timeout=20)) as connection:
            if not connection.execute("PRAGMA application_id").fetchone()[0]:
                return 0  # somebody else's database
            wanted = connection.execute(
                "SELECT artifact_location FROM experiments WHERE artifact_location LIKE 'file:%' "
                "AND substr(artifact_location, 1, ?) != ?",
                (len(root.as_uri()) + 1, f"{root.as_uri()}/"),
            ).fetchall()
            moves = [move for (location,) in wanted if (move := _move(location, root)) is not None]
            if moves:
                with connection:
                    connection.execute("BEGIN IMMEDIATE")
                    for before, after in moves:
                        _point(connection, before, after)
            return len(moves)
    except (sqlite3.Error, OSError):
        return 0  # it cannot be written, or is not there: the first use of it says so


def _move(location: str, root: Path) -> tuple[str, str] | None:
    """The place of an experiment's artifacts before, and now; None: it stays."""
    before = Path(urllib.parse.unquote(urllib.parse.urlsplit(location).path))
    if before.parent.name != root.name:
        return None
    after = root / before.name
    return (location, after.as_uri()) if after.is_dir() or not before.is_dir() else None


def _point(connection: sqlite3.Connection, before: str, after: str) -> None:
    for table, column in _PLACES:
        connection.execute(
            f"UPDATE {table} SET {column} = ? || substr({column}, ?) WHERE {column} = ? OR substr({column}, 1, ?) = ?",
            (after, len(before) + 1, before, len(before) + 1, f"{before}/"),
        )
