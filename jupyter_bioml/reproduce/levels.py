"""Two runs compared output by output, and which of the outputs decide a verdict.

Logged numbers decide: status, metrics, values, predictions, tables and written data files. Figures and text are
compared and told, but cannot outvote them: fonts, versions and the order of prints change both without changing
a result. Only where a run has no number at all does its text decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from ..records.run import FINISHED, RunRecord
from .agreement import BIT_EQUAL as BIT_EQUAL
from .agreement import DIFFERENT as DIFFERENT
from .agreement import KINDS, UNKNOWN, Compared, Part, with_noise
from .agreement import MIN_REPEATS as MIN_REPEATS
from .agreement import NUMERICALLY_EQUAL as NUMERICALLY_EQUAL
from .agreement import WITHIN_NOISE as WITHIN_NOISE
from .agreement import worst as worst
from .compare import TOLERANCE
from .logged import logged_parts

#: Kinds that decide wherever a run has them.
DECIDING = ("status", "metric", "value", "predictions", "table", "file")
BY_NUMBERS, BY_TEXT, BY_STATUS = "numbers", "text", "status"
Slot = tuple[str, str]


class Contents(Protocol):
    """Where the content of outputs is kept: :class:`jupyter_bioml.journal.blobs.Blobs`."""

    def get(self, digest: str) -> bytes: ...


@dataclass(frozen=True)
class Decision:
    """What the outputs together say."""

    level: str
    """The worst level of those that decide; *not known* where none of them could be compared."""
    by: str
    """``numbers``, ``text`` (the run has no number) or ``status`` (it has neither)."""
    deciding: tuple[Compared, ...]
    unknown: tuple[Compared, ...]
    """Those that would decide but could not be compared: a verdict's sentence names them."""


def compare_outputs(
    left: RunRecord,
    right: RunRecord,
    blobs: Contents,
    *,
    rtol: float = TOLERANCE,
    repeats: Sequence[RunRecord] = (),
) -> tuple[Compared, ...]:
    """Every output of either run at its level, logged numbers first and text last.

    :param left: the recorded run.
    :param right: its reproduction.
    :param blobs: content of outputs of both (and of the repeats).
    :param rtol: relative difference up to which two numbers are numerically equal.
    :param repeats: recorded repeats of ``left``, and reproductions of it made as repeats; never runs that were made
        to prove a cause. Runs that did not finish are left out.
    """
    named = left.compared if left.compared is not None else right.compared
    ours, theirs = (_parts(record, blobs, named) for record in (left, right))
    sample = [_parts(record, blobs, named) for record in _sample(left, right, repeats)]
    found = [
        _compared(ours.get(slot), theirs.get(slot), [parts[slot] for parts in sample if slot in parts], rtol)
        for slot in dict.fromkeys([*ours, *theirs])
    ]
    return tuple(sorted(found, key=lambda item: KINDS.index(item.kind)))


def decides(compared: Compared) -> bool:
    """Whether an output decides a verdict where the run has numbers (see :func:`decision`)."""
    return compared.kind in DECIDING


def decision(compared: Iterable[Compared]) -> Decision:
    """What ``compared`` says together: numbers decide, text only where there is no number at all."""
    found = tuple(compared)
    status = tuple(item for item in found if item.kind == "status")
    numbers = tuple(item for item in found if decides(item) and item.kind != "status")
    texts = tuple(item for item in found if item.kind == "text")
    by, chosen = (BY_NUMBERS, numbers) if numbers else (BY_TEXT, texts) if texts else (BY_STATUS, ())
    deciding = (*status, *(item for item in chosen if item.level != UNKNOWN))
    known = [item.level for item in deciding]
    unknown = tuple(item for item in chosen if item.level == UNKNOWN)
    if chosen and len(unknown) == len(chosen) and worst(known) != DIFFERENT:
        known.append(UNKNOWN)
    return Decision(worst(known), by, deciding, unknown)


def _parts(record: RunRecord, blobs: Contents, named: tuple[str, ...] | None) -> dict[Slot, Part]:
    """The outputs of a run by what they are called; of the metrics those that count."""
    return {
        (part.kind, part.name): part
        for part in _all_parts(record, blobs)
        if part.kind != "metric" or named is None or part.name in named
    }


def _all_parts(record: RunRecord, blobs: Contents) -> Iterator[Part]:
    yield from logged_parts(record)


def _sample(left: RunRecord, right: RunRecord, repeats: Sequence[RunRecord]) -> list[RunRecord]:
    """The recorded run with its repeats or the reproduction with its repeats, whichever are more."""
    recorded, again = {left.record_id: left}, {right.record_id: right}
    for record in repeats:
        if record.status == FINISHED and record.record_id not in (left.record_id, right.record_id):
            (again if record.reproduces == left.record_id else recorded)[record.record_id] = record
    larger = recorded if len(recorded) > len(again) else again
    return list(larger.values()) if len(larger) > 1 else []


def _compared(ours: Part | None, theirs: Part | None, sample: Sequence[Part], rtol: float) -> Compared:
    if ours is None or theirs is None:
        here = ours or theirs
        assert here is not None
        left, right = (None if part is None else part.summary() for part in (ours, theirs))
        return Compared(here.kind, here.name, DIFFERENT, left, right, "only on one side")
    if type(ours) is not type(theirs):
        return Compared(theirs.kind, theirs.name, DIFFERENT, ours.summary(), theirs.summary(), "of another kind")
    match = with_noise(ours.compare(theirs, rtol), sample, rtol)
    return Compared(ours.kind, ours.name, match.level, match.left, match.right, match.note, match.masked)
