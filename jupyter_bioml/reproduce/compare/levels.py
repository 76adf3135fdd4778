"""Two runs compared output by output, and which of the outputs decide a verdict.

Logged numbers decide: status, metrics, values, predictions, tables and written data files. Figures and text are
compared and told, but cannot outvote them: fonts, versions and the order of prints change both without changing
a result. Only where a run has no number at all does its text decide (what went to stderr never does), and where
it has no text either, its figures and other files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...records.compare import TOLERANCE
from ...records.run import FINISHED, RunRecord
from .agreement import BIT_EQUAL as BIT_EQUAL
from .agreement import DIFFERENT as DIFFERENT
from .agreement import KINDS, Part, with_noise
from .agreement import MIN_REPEATS as MIN_REPEATS
from .agreement import NUMERICALLY_EQUAL as NUMERICALLY_EQUAL
from .agreement import UNKNOWN as UNKNOWN
from .agreement import WITHIN_NOISE as WITHIN_NOISE
from .agreement import Compared as Compared
from .agreement import worst as worst
from .masking import mask
from .parts import Contents, Slot, Written, parts_of
from .stored import DATA, TEXTS, StoredFile, content_as_recorded, suffix_of

#: Kinds that decide wherever a run has them; files decide where they hold data.
DECIDING = ("status", "metric", "value", "predictions", "table")
#: Runs of a sample whose tables and figures are opened: each is kept in memory, every pair is compared.
MOST_STORED_REPEATS = 6
BY_NUMBERS, BY_TEXT, BY_FIGURES, BY_STATUS = "numbers", "text", "figures", "status"


@dataclass(frozen=True)
class Agreement:
    """The result of all outputs together."""

    level: str
    """The worst level of those that decide; *not known* where none of them could be compared."""
    by: str
    """The deciding kind: ``numbers``, else ``text``, else ``figures`` (and other files), else ``status``."""
    deciding: tuple[Compared, ...]
    unknown: tuple[Compared, ...]
    """Outputs that would decide but could not be compared: a verdict's sentence names them."""


def compare_outputs(
    left: RunRecord,
    right: RunRecord,
    blobs: Contents,
    *,
    rtol: float = TOLERANCE,
    repeats: Sequence[RunRecord] = (),
    written: Written = content_as_recorded,
) -> tuple[Compared, ...]:
    """Every output of either run at its level, logged numbers first and text last.

    :param left: the recorded run.
    :param right: its reproduction.
    :param blobs: content of outputs of both (and of the repeats).
    :param rtol: relative difference up to which two numbers are numerically equal.
    :param repeats: recorded repeats of ``left``, and reproductions of it made as repeats; never runs that were made
        to prove a cause. Runs that did not finish are left out.
    :param written: content of a file that a run wrote, where its digests differ; raises
        :class:`~jupyter_bioml.errors.BiomlError` when it is not there as it was written.
    """
    named = left.compared if left.compared is not None else right.compared
    ours, theirs = (_parts(record, blobs, written, named) for record in (left, right))
    pairs = _pairs(ours, theirs)
    sample = [_parts(record, blobs, written, named) for record in _sample(left, right, repeats)]
    found = [
        _compared(ours.get(slot), theirs.get(other), [parts[slot] for parts in sample if slot in parts], rtol)
        for slot, other in pairs
    ]
    return tuple(sorted(found, key=lambda item: KINDS.index(item.kind)))


def _pairs(ours: Mapping[Slot, Part], theirs: Mapping[Slot, Part]) -> Iterator[tuple[Slot, Slot]]:
    """Slots that belong together: of equal name, and of files left over those whose names differ by a time or an id."""
    gone = {slot: mask(slot[1]).text for slot in ours if slot not in theirs and slot[0] == "file"}
    new = {slot: mask(slot[1]).text for slot in theirs if slot not in ours and slot[0] == "file"}
    renamed: dict[Slot, Slot] = {}
    for slot, name in gone.items():
        alike = [other for other, called in new.items() if called == name]
        if len(alike) == 1 and list(gone.values()).count(name) == 1:
            renamed[slot] = alike[0]
    taken = set(renamed.values())
    yield from ((slot, renamed.get(slot, slot)) for slot in ours)
    yield from ((slot, slot) for slot in theirs if slot not in ours and slot not in taken)


def decides(compared: Compared) -> bool:
    """Whether an output decides a verdict where the run has numbers (see :func:`decision`)."""
    if compared.kind == "file":
        return suffix_of(compared.name) in DATA
    return compared.kind in DECIDING


def decision(compared: Iterable[Compared]) -> Agreement:
    """The joint result of ``compared``: numbers decide, text only where there is no number at all."""
    found = tuple(compared)
    status = tuple(item for item in found if item.kind == "status")
    by, chosen = _chosen(found)
    deciding = (*status, *(item for item in chosen if item.level != UNKNOWN))
    known = [item.level for item in deciding]
    unknown = tuple(item for item in chosen if item.level == UNKNOWN)
    if chosen and len(unknown) == len(chosen) and worst(known) != DIFFERENT:
        known.append(UNKNOWN)
    return Agreement(worst(known), by, deciding, unknown)


def _chosen(found: Sequence[Compared]) -> tuple[str, tuple[Compared, ...]]:
    """(what decides beside the status, those outputs)."""
    if numbers := tuple(item for item in found if decides(item) and item.kind != "status"):
        return BY_NUMBERS, numbers
    if texts := tuple(item for item in found if _is_text(item)):
        return BY_TEXT, texts
    shown = tuple(item for item in found if item.kind in ("figure", "file"))
    return (BY_FIGURES, shown) if shown else (BY_STATUS, ())


def _is_text(item: Compared) -> bool:
    if item.kind == "file":
        return suffix_of(item.name) in TEXTS
    return item.kind == "text" and not item.name.startswith("stderr")


def _parts(record: RunRecord, blobs: Contents, written: Written, named: tuple[str, ...] | None) -> dict[Slot, Part]:
    """The outputs of a run by their slots; of the metrics those that count."""
    return {
        slot: part
        for slot, part in parts_of(record, blobs, written)
        if part.kind != "metric" or named is None or part.name in named
    }


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
    kind = theirs.kind if theirs.kind in DECIDING else ours.kind
    if type(ours) is not type(theirs):
        return Compared(kind, ours.name, DIFFERENT, ours.summary(), theirs.summary(), "of another kind")
    taken = sample[:MOST_STORED_REPEATS] if isinstance(ours, StoredFile) else sample
    match = with_noise(ours.compare(theirs, rtol), taken, rtol)
    note = match.note if ours.name == theirs.name else "; ".join(filter(None, (f"now {theirs.name}", match.note)))
    return Compared(kind, ours.name, match.level, match.left, match.right, note, match.masked)
