"""What a run has of the cells before it in its session: the cells, the data that they read, and their gaps."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Mapping

from .draft import Draft, Entry
from .facts import INHERITED
from .merge import merged_code
from .run import RUNNING, CaptureGap, DataUse, PriorCell
from .untracked import UntrackedCells
from .wire import from_dict

#: The runs of a session by record id, in the order of their starts.
Drafts = Mapping[str, Draft]


def cells_before(record_id: str, drafts: Drafts, untracked: UntrackedCells) -> tuple[PriorCell, ...]:
    """The cells that ran before it, those that ran while tracking was off among them."""
    start = drafts[record_id].started
    if start.get("parent") or start.get("alone"):
        return ()
    cells: list[PriorCell] = []
    for identity, draft in drafts.items():
        if not draft.started.get("parent"):
            cells += untracked.before(int(draft.started["seq"]))
        if identity == record_id:
            break
        if not draft.started.get("parent"):
            cells.append(_prior(identity, draft.started, draft.finished or {}))
    return tuple(cells)


def _prior(identity: str, start: Entry, end: Entry) -> PriorCell:
    code = merged_code(start, end)
    return PriorCell(
        identity,
        int(start["seq"]),
        code.source,
        code.cell_id,
        code.execution_count,
        end.get("status", RUNNING),
        code.tags,
        bool(start.get("unseen")),
    )


def data_with_inherited(record_id: str, drafts: Drafts, *, alone: bool) -> tuple[DataUse, ...]:
    """What it read and wrote itself, and what earlier cells read."""
    own = [from_dict(DataUse, item) for item in _end(drafts[record_id]).get("data") or ()]
    seen = {(use.kind, use.path or use.name) for use in own}
    inherited: dict[tuple[str, str], DataUse] = {}
    for end in () if alone else _ends_before(record_id, drafts):
        for item in end.get("data") or ():
            use = from_dict(DataUse, item)
            key = (use.kind, use.path or use.name)
            if key not in seen and use.role != "written":
                inherited[key] = dataclasses.replace(use, role="read", inherited=True)
    return (*own, *inherited.values())


def inherited_gaps(record_id: str, drafts: Drafts) -> tuple[CaptureGap, ...]:
    """What earlier cells read unseen, or asked: inherited as the data that they were seen reading are."""
    own = [from_dict(CaptureGap, item) for item in _end(drafts[record_id]).get("gaps") or ()]
    found = [
        from_dict(CaptureGap, item)
        for end in _ends_before(record_id, drafts)
        for item in end.get("gaps") or ()
        if item.get("part") in INHERITED
    ]
    return tuple(gap for gap in dict.fromkeys(found) if gap not in own)


def _ends_before(record_id: str, drafts: Drafts) -> Iterator[Entry]:
    """The ends of earlier cells; none of a run that stands alone in its session."""
    if not drafts[record_id].started.get("alone"):
        yield from map(_end, (drafts[one] for one in itertools.takewhile(lambda one: one != record_id, drafts)))


def _end(draft: Draft) -> Entry:
    return draft.finished or {}
