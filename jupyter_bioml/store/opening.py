"""Opening the store behind a destination: late, once, and only where something was ever published."""

from __future__ import annotations

import os
from collections.abc import Callable

from ..config import Destination, without_credentials
from ..errors import StoreUnavailable
from .base import Store

#: Gives the store; None while its database file does not exist, because nothing was published yet. Raises
#: :class:`~jupyter_bioml.errors.StoreUnavailable` when it cannot be opened.
OpenStore = Callable[[], Store | None]


class StoreOpener:
    """Opens the store of one destination at its first use, and keeps it."""

    def __init__(self, target: Destination) -> None:
        self._target = target
        self._opened: Store | None = None

    def __call__(self) -> Store | None:
        """The store; None while its database file does not exist, because nothing was published yet.

        :raises StoreUnavailable: when it cannot be opened.
        """
        if self._opened is None:
            database = self._target.database
            if database is not None and not database.exists():
                return None
            from .mlflow_store import MlflowStore

            # the variable may hold credentials, which the destination's address does not
            uri = os.environ.get("MLFLOW_TRACKING_URI", "")
            self._opened = MlflowStore(uri if without_credentials(uri) == self._target.uri else self._target.uri)
        return self._opened


def opened(open_store: OpenStore) -> Store | None:
    """The store; None also when it cannot be opened."""
    try:
        return open_store()
    except StoreUnavailable:
        return None
