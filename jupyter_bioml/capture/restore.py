"""For reproductions: put generators back into recorded states before a cell runs."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType

from ..journal.blobs import Blobs
from .imports import ImportWatch
from .states import restore_state

#: Library → the module whose import makes its global generator.
MODULES = {"random": "random", "numpy": "numpy.random", "torch": "torch"}


def restore(blobs: str, states: Mapping[str, str]) -> list[str]:
    """Put the generators of ``states`` (library → blob) back; those not imported yet right after their import.

    :param blobs: the folder of the blobs.
    :returns: the libraries whose state could not be read or restored.
    """
    failed: list[str] = []
    waiting: dict[str, Callable[[ModuleType], None]] = {}
    for library, blob in states.items():
        try:
            data = Blobs(Path(blobs)).get(blob)
            if MODULES[library] in sys.modules:
                restore_state(library, data)
            else:
                waiting[MODULES[library]] = _at_import(library, data)
        except Exception:
            failed.append(library)
    if waiting:
        ImportWatch(waiting).install()
    return failed


def _at_import(library: str, data: bytes) -> Callable[[ModuleType], None]:
    def imported(_: ModuleType) -> None:
        with contextlib.suppress(Exception):
            restore_state(library, data)

    return imported
