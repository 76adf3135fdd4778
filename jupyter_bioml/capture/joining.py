"""The run that a cell becomes a part of: as ``--join`` asks, or found where every cell is a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..records.facts import CaptureGap
from .active import ActiveRun, ModelRuns
from .callees import callees
from .cellcode import CellCode
from .options import RunOptions


def joined(
    chosen: RunOptions,
    mark: str,
    code: CellCode,
    namespace: dict[str, Any],
    ended: Sequence[ActiveRun],
    models: ModelRuns,
) -> tuple[str | None, list[CaptureGap]]:
    """The record id of that run, and what could not be done.

    :param ended: the ended runs of the session, in order.
    :param models: which run made which model.
    """
    if chosen.join is not None:
        target = _find(ended, chosen.join)
        if target is None:
            wanted = f"no finished run {chosen.join!r} in this session" if chosen.join else "no finished run yet"
            return None, [CaptureGap("join", f"{wanted}: this cell became a run of its own")]
        return target, []
    if mark == "auto" and not code.fits and not code.trains:
        called = callees(code, namespace)
        for name in () if called.fits or called.trains else code.runs:
            record = models.run_of(namespace.get(name))
            if record is not None:
                return record, []
    return None, []


def _find(ended: Sequence[ActiveRun], wanted: str) -> str | None:
    """An ended run by name or the beginning of its id; empty: the last one."""
    for run in reversed(ended):
        if run.part_of or run.parent:
            continue
        if not wanted or run.name == wanted or run.record_id.startswith(wanted):
            return run.record_id
    return None
