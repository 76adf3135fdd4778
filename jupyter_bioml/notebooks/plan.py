"""From a record to a notebook that runs it again: the session up to its cell, and the cell.

A notebook document is plain JSON (nbformat 4.5), so nothing heavy is imported to write one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import UsageError
from ..records.run import FAILED, FINISHED, KILLED, UNKNOWN, PriorCell, RunRecord
from ..records.untracked import unknown_reads

TAG = "experiment"
ALLOWED_TO_FAIL = "raises-exception"
#: Metadata of a planned cell: the id of the cell it stands for (a notebook holds each id once, a session may
#: run a cell twice), and the states its generators had when it started (library → blob).
CELL_ID, STATES = "bioml.cell_id", "bioml.states"
#: Metadata of a planned notebook: the work folder that its kernel tells things to, and what it holds still.
WORK, PINS = "bioml.work", "bioml.pins"
#: Lines that only this package understands. What they switch must not be switched again.
_OURS = re.compile(r"^(\s*)(%(?:load_ext|reload_ext|unload_ext)[ \t]+jupyter_bioml\b.*|%bioml\b.*)$", re.MULTILINE)
_VALID_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


@dataclass(frozen=True)
class PlannedCell:
    """One cell to run. ``states``: library → blob of its generator's state at the cell's start."""

    source: str
    cell_id: str | None = None
    tags: tuple[str, ...] = ()
    seq: int = 0
    states: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """The cells of a session up to one run, in order of execution; the last one is the run's."""

    cells: tuple[PlannedCell, ...]
    magic: str | None = None
    """The ``%%experiment`` line of the last cell."""
    notes: tuple[str, ...] = ()
    """Parts of the session that a rerun cannot repeat."""
    later: tuple[PlannedCell, ...] = ()
    """Cells after the run's, up to the last one that showed a score of it. An error in one of them stops nothing."""


def plan_of(
    record: RunRecord,
    states: Mapping[str, Mapping[str, str]] | None = None,
    later: Sequence[RunRecord] = (),
    *,
    from_start: bool = True,
) -> Plan:
    """The plan of a run, from its record alone.

    Generator states go along only where the planned cells cannot lead to them by themselves, because something before
    was not seen or is left out. Elsewhere they would hide that the cells lead to other ones (a seed of the clock).

    :param states: record id of another cell → its generator states, where the journal has them.
    :param later: cells after the run's to run too, in order.
    :param from_start: the generators begin in the states of the session's start.
    :raises UsageError: for a run that is a part of another one.
    """
    if record.parent or record.part_of:
        raise UsageError(
            f"The run {record.record_id[:8]} is a part of another one; parts are not run alone.",
            next=f"Use the whole: {(record.parent or record.part_of or '')[:8]}",
        )
    known = states or {}
    cells, notes = [], []
    led = _Led(known, from_start and unknown_reads(record) is None)
    for prior in record.before:
        if prior.status not in (FINISHED, FAILED, UNKNOWN):
            word = "was interrupted" if prior.status == KILLED else "had not ended"
            which = f"Earlier cell run {prior.seq}" if prior.seq else f"The untracked cell [{prior.execution_count}]"
            notes.append(f"{which} {word}; it is left out.")
            led.lost = True
            continue
        cells.append(_prior(prior, led.states(prior.record_id)))
    code = record.code
    tags = tuple(dict.fromkeys((*code.tags, TAG))) if not code.magic else code.tags
    target = PlannedCell(without_our_lines(code.source), code.cell_id, tags, record.seq, led.put_back(record.states))
    after = tuple(_later(cell, led.states(cell.record_id)) for cell in later)
    return Plan((*cells, target), code.magic, tuple(notes), after)


class _Led:
    """Which generator states the planned cells do not lead to."""

    def __init__(self, known: Mapping[str, Mapping[str, str]], from_start: bool) -> None:
        self._known = known
        self.lost = not from_start
        """Something ran since the last known states that is not in the plan."""

    def states(self, record_id: str) -> dict[str, str]:
        """Those to put back before another cell of the plan; one without a record ran while nobody looked."""
        if not record_id:
            self.lost = True
        return self.put_back(self._known.get(record_id, {}))

    def put_back(self, states: Mapping[str, str]) -> dict[str, str]:
        """``states``, where they are needed."""
        needed = dict(states) if self.lost else {}
        self.lost = self.lost and not needed
        return needed


def _prior(cell: PriorCell, states: dict[str, str]) -> PlannedCell:
    tags = tuple(tag for tag in cell.tags if tag != TAG)
    if cell.status in (FAILED, UNKNOWN) and ALLOWED_TO_FAIL not in tags:
        tags = (*tags, ALLOWED_TO_FAIL)
    return PlannedCell(without_our_lines(cell.source), cell.cell_id, tags, cell.seq, states)


def _later(cell: RunRecord, states: dict[str, str]) -> PlannedCell:
    tags = (*(tag for tag in cell.code.tags if tag not in (TAG, ALLOWED_TO_FAIL)), ALLOWED_TO_FAIL)
    return PlannedCell(without_our_lines(cell.code.source), cell.code.cell_id, tags, cell.seq, states)


def without_our_lines(source: str) -> str:
    """``source`` with our line magics as comments: it runs without this package, line numbers stay."""
    return _OURS.sub(lambda match: f"{match[1]}{'pass  ' if match[1] else ''}# {match[2]}", source)


def document(plan: Plan, *, tracked: bool) -> dict[str, Any]:
    """The notebook of a plan, nbformat 4.5.

    :param tracked: True for a reproduction: the run's cell keeps its mark and every cell its identity, and the later
        cells follow. False for a notebook that anyone can run: without this package's lines, tags or metadata.
    """
    used: set[str] = set()
    cells = [_cell(cell, used, tracked) for cell in plan.cells]
    last = cells[-1]
    if not tracked:
        last["metadata"]["tags"] = [tag for tag in last["metadata"]["tags"] if tag != TAG]
    elif plan.magic:
        last["source"] = f"{plan.magic}\n{last['source']}"
    if tracked:
        cells += [_cell(cell, used, tracked) for cell in plan.later]
    kernelspec = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    metadata = {"kernelspec": kernelspec, "language_info": {"name": "python"}}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}


def notebook_text(plan: Plan, *, tracked: bool = False, metadata: Mapping[str, Any] | None = None) -> str:
    """:func:`document` as the text of an ``.ipynb`` file.

    :param metadata: for a reproduction: its work folder (:data:`WORK`), the generator states at the session's start
        (:data:`STATES`, library → blob), and what is held still (:data:`PINS`).
    """
    made = document(plan, tracked=tracked)
    made["metadata"].update(metadata or {})
    return json.dumps(made, indent=1, ensure_ascii=True) + "\n"


def _cell(cell: PlannedCell, used: set[str], tracked: bool) -> dict[str, Any]:
    metadata: dict[str, Any] = {"tags": list(cell.tags)}
    if tracked:
        metadata[CELL_ID] = cell.cell_id
        if cell.states:
            metadata[STATES] = cell.states
    return {
        "cell_type": "code",
        "id": _notebook_id(cell, used),
        "metadata": metadata,
        "execution_count": None,
        "outputs": [],
        "source": cell.source,
    }


def _notebook_id(cell: PlannedCell, used: set[str]) -> str:
    """The cell's id where it is valid and free, else one made of its place."""
    wanted = cell.cell_id or ""
    if not _VALID_ID.fullmatch(wanted) or wanted in used:
        wanted = f"run-{cell.seq}"
    while wanted in used:
        wanted += "-"
    used.add(wanted)
    return wanted
