"""For reproductions: put generators back into recorded states before a cell runs, and tell the states they are in."""

from __future__ import annotations

import contextlib
import hashlib
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType

from ...journal.blobs import Blobs
from ..imports import ImportWatch
from ..states import LIBRARIES, restore_state, state_of
from .notices import STATE_FAILED, STATES, notice

#: Library → the module whose import makes its global generator.
MODULES = {"random": "random", "numpy": "numpy.random", "torch": "torch"}


def restore(work: str, blobs: str, states: Mapping[str, str]) -> list[str]:
    """Put the generators of ``states`` (library → blob) back; those not imported yet right after their import.

    :param work: the work folder, which is told what failed.
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
                waiting[MODULES[library]] = _at_import(work, library, data)
        except Exception as error:
            failed.append(library)
            notice(work, STATE_FAILED, library=library, reason=f"{type(error).__name__}: {error}")
    if waiting:
        ImportWatch(waiting).install()
    return failed


def _at_import(work: str, library: str, data: bytes) -> Callable[[ModuleType], None]:
    def imported(_: ModuleType) -> None:
        try:
            restore_state(library, data)
        except Exception as error:
            notice(work, STATE_FAILED, library=library, reason=f"{type(error).__name__}: {error}")

    return imported


def tell_states(work: str, cell: int) -> None:
    """Tell the digests of the states that the imported generators are in before cell ``cell`` (from 0)."""
    found = {}
    for library in LIBRARIES:
        with contextlib.suppress(Exception):
            state = state_of(library)
            if state is not None:
                found[library] = hashlib.sha256(state).hexdigest()
    notice(work, STATES, cell=cell, states=found)
