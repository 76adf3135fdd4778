"""Basic taint: signs that a notebook, run from top to bottom, would not be what made a run.

Three signs, each worse than the one before: cells ran in a different order than in the notebook, a cell was
changed after it ran, a cell that ran was deleted. They are read from the cell runs before the run (with their
execution counts; :mod:`.signs`, which the kernel uses too), and from the notebook as it is now. A pure function: no
file is opened here. It reports signs against the notebook; whether a run can be reproduced is a different question,
which only a reproduction answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..redact import redact
from ..text.experiment_line import split
from .run import RunRecord
from .signs import DELETED as DELETED
from .signs import EDITED as EDITED
from .signs import INJECTED, CellRuns, Sign, Taint, tidy, worst
from .signs import LEVELS as LEVELS
from .signs import NONE as NONE
from .signs import OUT_OF_ORDER as OUT_OF_ORDER

#: In front of the comment on a line whose value was set for one run: ``lr = 0.01  # bioml: lr was 0.1``.
SET = "  # bioml: "


def taint_of(record: RunRecord, notebook: Mapping[str, Any] | None) -> Taint:
    """The taint of a run.

    :param notebook: the notebook now, as its JSON document; None when it is not there or cannot be read.
    """
    runs, last, code = CellRuns(), dict[str, str](), record.code
    prior = [(cell.cell_id, cell.execution_count, cell.source, cell.tags) for cell in record.before]
    for cell_id, count, source, tags in (*prior, (code.cell_id, code.execution_count, code.source, code.tags)):
        runs.add(cell_id, count, source, tags)
        if cell_id is not None and INJECTED not in tags:
            last[cell_id] = source
    cells = None if notebook is None else _cells(notebook)
    if cells is None:
        said = "the notebook is not there or has no cell ids: order, changes and deletions since are not known"
        signs = tuple(runs.signs(None, ()))
        return Taint(worst(signs), signs, (*runs.unknown(), said))
    gone = runs.cell_ids - cells.keys()
    signs = (*runs.signs(list(cells), gone), *_edited_since(runs, last, cells))
    return Taint(worst(signs), signs, (*runs.unknown(), *runs.unnamed))


def _edited_since(runs: CellRuns, last: Mapping[str, str], cells: Mapping[str, str]) -> Iterator[Sign]:
    """Each cell's last run against the notebook as it is now."""
    for cell_id in runs.cell_ids:
        if cell_id in cells and not _same(tidy(last[cell_id]), _plain(cells[cell_id])):
            said = "its text in the notebook differs from the text that ran"
            yield Sign(EDITED, cell_id, runs.count_of(cell_id), said)


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
    """A cell of the notebook as a record has it: without our magic line, secrets masked."""
    _, body = split(source.replace("\r\n", "\n").strip())
    return tidy(redact("\n".join(line.rstrip() for line in body.split("\n")).strip()))
