"""The sqlite databases that MLflow keeps runs in: made once, whole, with the artifacts beside the file.

Left to itself MLflow makes a new database in place (several processes at once fail) and puts the artifacts into
the working directory of the first one.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from ..config import on_network, sqlite_file, sqlite_uri
from ..errors import StoreUnavailable
from .moved import follow


def artifact_root_of(uri: str) -> Path | None:
    """The artifact folder of a sqlite store; None if the server decides."""
    file = sqlite_file(uri)
    return None if file is None else file.parent / "artifacts"


def usable_uri(uri: str) -> str:
    """``uri`` with an absolute path and its database made.

    :raises StoreUnavailable: when the database lies on a network file system or cannot be made, or when the
        URI names a folder (MLflow's old file store).
    """
    file = sqlite_file(uri)
    if file is None:
        if "://" not in uri or uri.startswith("file:"):
            raise StoreUnavailable(
                f"{uri} is a folder; MLflow no longer keeps runs in folders.",
                next="Unset MLFLOW_TRACKING_URI to use the project's own database, or name a server with it.",
            )
        return uri
    root = file.parent / "artifacts"
    if not prepare_database(uri, root, file.with_name(f"{file.name}.lock")):
        follow(file, root)
    return sqlite_uri(file)


def database_id(uri: str) -> str | None:
    """The identity of a sqlite database, to detect a replaced one: the number it was made with, else its inode."""
    file = sqlite_file(uri)
    if file is None:
        return None
    try:
        with contextlib.closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=20)) as connection:
            number = connection.execute("PRAGMA application_id").fetchone()[0]
        return f"made-{number}" if number else f"inode-{file.stat().st_ino}"
    except (sqlite3.DatabaseError, OSError):
        return None


def prepare_database(uri: str, artifact_root: Path, lock_path: Path) -> bool:
    """Make the sqlite database of ``uri`` if there is none; True when it was made now.

    One process makes it, under ``lock_path``, beside its place, and moves it there when it is whole: a
    reader never sees half of it, and ``kill -9`` leaves none. It is set to write-ahead logging, so that
    readers (the MLflow UI) and several writers do not block each other. Costs 1 ms when it exists.

    :raises StoreUnavailable: on a network file system, or when it cannot be made.
    """
    file = sqlite_file(uri)
    if file is None:
        return False
    if on_network(file.parent):
        raise StoreUnavailable(
            f"{file.parent} lies on a network file system, where sqlite loses data; nothing was written there.",
            next="Run a server (mlflow server --backend-store-uri …) and set: "
            "export MLFLOW_TRACKING_URI=http://SERVER:5000",
        )
    if _is_whole(file):
        return False
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with _locked(lock_path):
            if _is_whole(file):
                return False
            _make(file, artifact_root)
    except OSError as error:
        raise StoreUnavailable(
            f"The database {file} cannot be made ({error.strerror or error}).",
            next="The journal keeps everything. Fix the folder's permissions, then run: jupyter bioml publish --wait",
        ) from None
    return True


def _is_whole(file: Path) -> bool:
    """Whether MLflow has made its tables there (without importing it)."""
    if not file.exists():
        return False
    try:
        with contextlib.closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=20)) as connection:
            return connection.execute("SELECT version_num FROM alembic_version").fetchone() is not None
    except sqlite3.OperationalError as error:
        return "no such table" not in str(error)
    except sqlite3.DatabaseError as error:
        raise StoreUnavailable(
            f"{file} is not an MLflow database ({error}); it was left unchanged.",
            next="Move it away (a new one is made), or set MLFLOW_TRACKING_URI to another one.",
        ) from None


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    fd = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def _make(file: Path, artifact_root: Path) -> None:
    new = file.with_name(f"{file.name}.{os.getpid()}.new")
    try:
        with _quiet():
            _make_tables(sqlite_uri(new), artifact_root)
        with contextlib.closing(sqlite3.connect(new)) as connection:
            connection.execute(f"PRAGMA application_id={int.from_bytes(os.urandom(4)) >> 1 or 1}")
            connection.execute("PRAGMA journal_mode=WAL")
        if file.exists():
            with contextlib.closing(sqlite3.connect(new)) as source, contextlib.closing(sqlite3.connect(file)) as there:
                source.backup(there)
        else:
            os.rename(new, file)
    finally:
        for left in file.parent.glob(f"{file.name}.{os.getpid()}.new*"):
            left.unlink(missing_ok=True)


def _make_tables(uri: str, artifact_root: Path) -> None:
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    store = SqlAlchemyStore(uri, artifact_root.as_uri())
    store.engine.dispose()
    SqlAlchemyStore._engine_map.pop(uri, None)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without the migration's hundred log lines (they would land in the user's cell)."""
    before = logging.root.manager.disable
    logging.disable(max(before, logging.WARNING))
    try:
        yield
    finally:
        logging.disable(before)
