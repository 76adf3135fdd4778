"""Basic taint: signs that a notebook, run from top to bottom, would not be what made a run.

Three signs, each worse than the one before: cells ran in another order than they stand in the notebook, a cell was
changed after it ran, a cell that ran was deleted. They are read from the cell runs before the run (with their
execution counts), and from the notebook as it is now. A pure function: no file is opened here. It says what speaks
against the notebook; that a run can be made again is another question, which only making it again answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..redact import redact
from .run import PriorCell, RunRecord

NONE, OUT_OF_ORDER, EDITED, DELETED = "none", "out-of-order", "edited", "deleted"
#: From harmless to worst.
LEVELS = (NONE, OUT_OF_ORDER, EDITED, DELETED)
_MARK = "%%experiment"
#: In front of the comment on a line whose value was set for one run: ``lr = 0.01  # bioml: lr was 0.1``.
SET = "  # bioml: "
#: Tag of the cell that papermill puts in front of a notebook's others.
_INJECTED = "injected-parameters"


@dataclass(frozen=True)
class Sign:
    """One sign of taint."""

    level: str
    cell_id: str | None
    execution_count: int | None
    text: str


@dataclass(frozen=True)
class Taint:
    """The worst level found, the signs behind it, and what could not be looked at."""

    level: str
    signs: tuple[Sign, ...] = ()
    unknown: tuple[str, ...] = ()
    """Why a level might be higher than said: what could not be looked at."""


@dataclass(frozen=True)
class _Ran:
    """One cell run of the session."""

    cell_id: str | None
    count: int | None
    source: str


def taint_of(record: RunRecord, notebook: Mapping[str, Any] | None) -> Taint:
    """The taint of a run.

    :param notebook: the notebook now, as its JSON document; None when it is not there or cannot be read.
    """
    code = record.code
    ran = [_Ran(cell.cell_id, cell.execution_count, cell.source) for cell in record.before if not _is_injected(cell)]
    ran.append(_Ran(code.cell_id, code.execution_count, code.source))
    signs = [*_rewritten(ran)]
    unknown = [*_unrecorded(record)]
    cells = None if notebook is None else _cells(notebook)
    if cells is None:
        unknown.append("the notebook is not there or has no cell ids: order, changes and deletions since are not known")
    else:
        signs += [*_out_of_order(ran, list(cells)), *_against(ran, cells)]
        if any(item.cell_id is None for item in ran):
            unknown.append("some cells ran without an id, so they cannot be found in the notebook")
    level = max((sign.level for sign in signs), key=LEVELS.index, default=NONE)
    return Taint(level, tuple(signs), tuple(unknown))


def _is_injected(cell: PriorCell) -> bool:
    return _INJECTED in cell.tags


def _unrecorded(record: RunRecord) -> Iterator[str]:
    """Executions that left no record. The first one may be the cell that switched the tracking on."""
    counts = [cell.execution_count for cell in record.before] + [record.code.execution_count]
    known = [count for count in counts if count is not None]
    if len(known) < len(counts):
        yield "some cells ran without an execution count"
    before = 1
    for count in known:
        if count > before + 1:
            yield f"executions {before + 1} to {count - 1} of the kernel were not recorded"
        before = max(before, count)


def _rewritten(ran: Sequence[_Ran]) -> Iterator[Sign]:
    """Cells that ran with one text and later with another: what the first one left behind is in no notebook."""
    last: dict[str, str] = {}
    for item in ran:
        if item.cell_id is None:
            continue
        text = _plain(item.source)
        if last.get(item.cell_id, text) != text:
            said = "it ran before with another text in the same session"
            yield Sign(EDITED, item.cell_id, item.count, said)
        last[item.cell_id] = text


def _out_of_order(ran: Sequence[_Ran], order: Sequence[str]) -> Iterator[Sign]:
    """Cells whose last execution came after that of a cell further down."""
    place = {cell_id: number for number, cell_id in enumerate(order)}
    last = {item.cell_id: (step, item) for step, item in enumerate(ran) if item.cell_id in place}
    deepest = -1
    for _, item in sorted(last.values(), key=lambda pair: pair[0]):
        assert item.cell_id is not None
        if place[item.cell_id] < deepest:
            yield Sign(OUT_OF_ORDER, item.cell_id, item.count, "it ran after a cell that stands below it")
        deepest = max(deepest, place[item.cell_id])


def _against(ran: Sequence[_Ran], cells: Mapping[str, str]) -> Iterator[Sign]:
    """Each cell's last run against the notebook as it is now."""
    last = {item.cell_id: item for item in ran if item.cell_id is not None}
    for cell_id, item in last.items():
        if cell_id not in cells:
            yield Sign(DELETED, cell_id, item.count, "it ran, and is no longer in the notebook")
        elif not _same(_plain(item.source), _plain(cells[cell_id])):
            yield Sign(EDITED, cell_id, item.count, "its text in the notebook is another one than what ran")


def _same(ran: str, now: str) -> bool:
    """Whether a cell still says what ran, but for values that were set for the run (the comment on their line says
    so)."""
    before, after = ran.split("\n"), now.split("\n")
    return len(before) == len(after) and all(
        line == other or (SET in line and line.partition("=")[0] == other.partition("=")[0])
        for line, other in zip(before, after, strict=True)
    )


def _cells(notebook: Mapping[str, Any]) -> dict[str, str] | None:
    """Cell id → source, in order; None when the notebook is not one with ids (before nbformat 4.5)."""
    found: dict[str, str] = {}
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        return None
    for cell in cells:
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        source, identity = cell.get("source"), cell.get("id")
        if not isinstance(identity, str) or not isinstance(source, (str, list)):
            return None
        found[identity] = source if isinstance(source, str) else "".join(map(str, source))
    return found


def _plain(source: str) -> str:
    """A cell's text as a record has it: without our magic line, secrets masked, line ends and margins aside."""
    lines = source.replace("\r\n", "\n").strip().split("\n")
    if lines[0].startswith(_MARK):
        lines = lines[1:]
    return redact("\n".join(line.rstrip() for line in lines).strip())
