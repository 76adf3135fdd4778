"""Opening the store behind a destination: late, once, and only where something was ever published.

This is the one place that decides who reads: a reader that needs no MLflow, or MLflow itself.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from typing import TypeVar

from ..config import Destination, sqlite_file, sqlite_uri, without_credentials
from ..errors import StoreUnavailable
from .base import LeftToMlflow, Reader, Store

S = TypeVar("S")

#: Gives the store; None while its database file does not exist, because nothing was published yet. Raises
#: :class:`~jupyter_bioml.errors.StoreUnavailable` when it cannot be opened.
OpenStore = Callable[[], Store | None]

log = logging.getLogger(__name__)

#: Groups of entry points by which other packages change what MLflow's client does with an address or a request.
_PLUGINS = (b"mlflow.tracking_store", b"mlflow.model_registry_store", b"mlflow.request_header_provider")


class StoreOpener:
    """Opens the store of one destination at its first use, and keeps it.

    :param awaited: seconds that all answers of a server together are awaited; None: each answer has MLflow's limits.
    """

    def __init__(self, target: Destination, awaited: float | None = None) -> None:
        self._target = target
        self._awaited = awaited
        self._opened: Store | None = None

    def __call__(self) -> Store | None:
        """The store; None while its database file does not exist, because nothing was published yet.

        :raises StoreUnavailable: when it cannot be opened.
        """
        if self._opened is None:
            database = self._target.database
            if database is not None and not database.exists():
                return None
            # the variable may hold credentials, which the destination's address does not
            given = os.environ.get("MLFLOW_TRACKING_URI", "")
            uri = given if without_credentials(given) == self._target.uri else self._target.uri
            try:
                from .quick_store import QuickStore

                self._opened = QuickStore(uri, reader_of(uri, self._awaited))
            except LeftToMlflow as reason:
                log.info("MLflow reads %s: %s", self._target.uri, reason)
                from .mlflow_store import MlflowStore

                self._opened = MlflowStore(uri)
        return self._opened


def reader_of(uri: str, awaited: float | None = None) -> Reader:
    """The reader of a tracking URI that needs no MLflow.

    :param awaited: see :class:`StoreOpener`.
    :raises LeftToMlflow: only MLflow knows how to read there.
    :raises StoreUnavailable: another program has locked the database.
    """
    if (plugin := _plugin()) is not None:
        raise LeftToMlflow(f"{plugin} changes what MLflow's client does")
    file = sqlite_file(uri)
    if file is None:
        from .server_connection import ServerConnection
        from .server_reader import ServerReader

        return ServerReader(ServerConnection(uri, awaited))
    if any(os.environ.get(name, "").strip() for name in ("MLFLOW_ENABLE_WORKSPACES", "MLFLOW_WORKSPACE")):
        raise LeftToMlflow("workspaces are switched on")
    from .database_reader import DatabaseReader

    reader = DatabaseReader(file, sqlite_uri(file), awaited)
    reader.check()
    return reader


def _plugin() -> str | None:
    """An installed package that plugs itself into MLflow's client; None: there is none.

    Reads the same files as ``importlib.metadata``, in a twentieth of its time.
    """
    for folder in dict.fromkeys(sys.path):
        try:
            entries = list(os.scandir(folder or "."))
        except OSError:
            continue
        for entry in entries:
            if entry.name.endswith((".dist-info", ".egg-info")):
                try:
                    with open(os.path.join(entry.path, "entry_points.txt"), "rb") as file:
                        text = file.read()
                except OSError:
                    continue
                if any(b"[%b]" % group in text for group in _PLUGINS):
                    return entry.name.partition("-")[0]
    return None


def opened(open_store: Callable[[], S | None]) -> S | None:
    """The store; None also when it cannot be opened."""
    try:
        return open_store()
    except StoreUnavailable:
        return None
