"""Copies of events among the artifacts of the runs they concern, and what they say about chains.

A copy is the event's line as a file of its own, ``bioml/audit/<chain>/<seq>-<hash>.json``: whoever has the MLflow store
can check it without the project's folder.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from ..store.base import Store
from .anchors import anchor_in_store, anchor_of
from .event import Event, encode

FOLDER = "bioml/audit"


def keep_with_run(store: Store, run_id: str, event: Event) -> str:
    """Store an event with the run it concerns, and its hash in the run's tags; returns the artifact's path.

    To be called after the append and before what was logged is done. Calling it again changes nothing.

    :raises StoreUnavailable: and :class:`~..errors.NotFound`, :class:`~..errors.Refused`: the copy is not (wholly)
        there, and what was logged must not be done.
    """
    path = f"{FOLDER}/{event.chain}/{event.seq:08d}-{event.hash[:16]}.json"
    with tempfile.TemporaryDirectory(prefix="bioml-audit-") as folder:
        file = Path(folder) / path
        file.parent.mkdir(parents=True)
        file.write_bytes(encode(event.as_json()))
        store.add_artifacts(run_id, Path(folder))
    anchor_in_store(store, run_id, anchor_of(event))
    return path
