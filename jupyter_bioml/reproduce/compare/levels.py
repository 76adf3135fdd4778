"""Two runs compared output by output, which of the outputs decide a verdict, and what they prove.

Every result decides: status, scores, values, the model, predictions, tables, files, figures, and the numbers of
printed and displayed text. Only told are: what went to stderr or came after the end; text of equal numbers in another
order; and where the software is not the same on both sides, text whose words alone differ, figures and how objects
are shown, since another version changes all of them without changing a result.

That results are the same proves something only where they could have come out otherwise (:attr:`.Compared.proves`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ...records.compare import TOLERANCE
from ...records.facts import COMPUTED, LOSS, RETURNED, STATED, Score
from ...records.run import FINISHED, RunRecord
from .agreement import BIT_EQUAL as BIT_EQUAL
from .agreement import DIFFERENT as DIFFERENT
from .agreement import KINDS, ORDER, WORDS, Match, Part, with_noise
from .agreement import MIN_REPEATS as MIN_REPEATS
from .agreement import NUMERICALLY_EQUAL as NUMERICALLY_EQUAL
from .agreement import UNKNOWN as UNKNOWN
from .agreement import WITHIN_NOISE as WITHIN_NOISE
from .agreement import Compared as Compared
from .agreement import worst as worst
from .learned import Reads
from .masking import mask
from .parts import AFTER_THE_END, Contents, Slot, Written, parts_of
from .stored import FIGURES, StoredFile, content_as_recorded, suffix_of
from .tables import Page
from .texts import PlainText

#: Kinds that stay what they are where a repeat has them as another kind.
_DECIDING = ("status", "metric", "value", "predictions", "table")
#: Runs of a sample whose tables and figures are opened: each is kept in memory, every pair is compared.
MOST_STORED_REPEATS = 6
#: Origins of scores that are seen by observing calls, which other versions may make in another way.
_OBSERVED = frozenset((RETURNED, STATED, COMPUTED, LOSS))


@dataclass(frozen=True)
class Circumstances:
    """What else is known of two runs that are compared."""

    same_software: bool = True
    """Python and distributions are not known to differ."""
    replayed: frozenset[str] = frozenset()
    """Later cells of the recorded session that ran to their end again."""
    models: Reads | None = None
    """Reads models; None: they are compared by their bytes."""


#: Nothing else is known, and nothing is known to differ.
EQUAL = Circumstances()


@dataclass(frozen=True)
class Agreement:
    """The result of all outputs together."""

    level: str
    """The worst level of those that decide; *not known* where nothing of substance was compared."""
    deciding: tuple[Compared, ...]
    unknown: tuple[Compared, ...]
    """Outputs that would decide but could not be compared: a verdict's sentence names them."""

    @property
    def same(self) -> bool:
        """Whether results were compared, of substance or not, and all of them agree."""
        levels = [item.level for item in self.deciding]
        return worst(levels) in (BIT_EQUAL, NUMERICALLY_EQUAL) and any(item.kind != "status" for item in self.deciding)

    @property
    def proving(self) -> tuple[Compared, ...]:
        """Those of substance that agree."""
        return tuple(item for item in self.deciding if item.proves and item.level != DIFFERENT)


def compare_outputs(
    left: RunRecord,
    right: RunRecord,
    blobs: Contents,
    *,
    rtol: float = TOLERANCE,
    repeats: Sequence[RunRecord] = (),
    written: Written = content_as_recorded,
    under: Circumstances = EQUAL,
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
    :param under: what else is known of the two.
    """
    named = left.compared if left.compared is not None else right.compared
    ours, theirs = (_parts(record, blobs, written, named, under.models) for record in (left, right))
    pairs = _pairs(ours, theirs)
    sample = [_parts(record, blobs, written, named, under.models) for record in _sample(left, right, repeats)]
    scores = {score.key: score for record in (right, left) for score in record.scores}
    found = [
        _compared(
            ours.get(slot), theirs.get(other), [parts[slot] for parts in sample if slot in parts], rtol, under, scores
        )
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


def decision(compared: Iterable[Compared]) -> Agreement:
    """The joint result of ``compared``: the worst of what decides, if any of it proves something."""
    found = tuple(compared)
    deciding = tuple(item for item in found if item.decides and item.level != UNKNOWN)
    unknown = tuple(item for item in found if item.decides and item.level == UNKNOWN)
    level = worst(item.level for item in deciding)
    together = Agreement(level, deciding, unknown)
    return together if level == DIFFERENT or together.proving else Agreement(UNKNOWN, deciding, unknown)


def _parts(
    record: RunRecord, blobs: Contents, written: Written, named: tuple[str, ...] | None, models: Reads | None
) -> dict[Slot, Part]:
    """The outputs of a run by their slots; of the metrics those that count."""
    return {
        slot: part
        for slot, part in parts_of(record, blobs, written, models)
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


def _compared(
    ours: Part | None,
    theirs: Part | None,
    sample: Sequence[Part],
    rtol: float,
    under: Circumstances,
    scores: Mapping[str, Score],
) -> Compared:
    if ours is None or theirs is None:
        return _one_sided(ours, theirs, under, scores)
    kind = theirs.kind if theirs.kind in _DECIDING else ours.kind
    if type(ours) is not type(theirs):
        note = "of another kind"
        return Compared(
            kind, ours.name, DIFFERENT, ours.summary(), theirs.summary(), note, decides=_counts(ours, under)
        )
    taken = sample[:MOST_STORED_REPEATS] if isinstance(ours, StoredFile) else sample
    match = with_noise(ours.compare(theirs, rtol), taken, rtol)
    note = match.note if ours.name == theirs.name else "; ".join(filter(None, (f"now {theirs.name}", match.note)))
    decides = _counts(ours, under) and not _is_told(ours, theirs, match, rtol, under)
    if kind == "model" and match.level == DIFFERENT and not under.same_software:
        # another version may keep what it learned in another way: what both predict is compared all the same
        match = replace(match, level=UNKNOWN, note=f"{match.note}; the software is not the same")
    proves = (match.count or ours.weight) if decides and match.level != UNKNOWN else 0
    return Compared(kind, ours.name, match.level, match.left, match.right, note, match.masked, decides, proves)


def _one_sided(ours: Part | None, theirs: Part | None, under: Circumstances, scores: Mapping[str, Score]) -> Compared:
    here = ours or theirs
    assert here is not None
    left, right = (None if part is None else part.summary() for part in (ours, theirs))
    if here.kind in ("model", "example"):
        return Compared(here.kind, here.name, UNKNOWN, left, right, "a model was kept on one side only")
    score = scores.get(here.name) if here.kind == "metric" else None
    if score is not None and (why := _not_compared(score, theirs is None, under)):
        return Compared(here.kind, here.name, UNKNOWN, left, right, why)
    says_nothing = isinstance(here, PlainText) and not here.masked.text.strip()
    decides = _counts(here, under) and not says_nothing
    if isinstance(here, PlainText) and not (under.same_software or here.weight):
        decides = False
    return Compared(here.kind, here.name, DIFFERENT, left, right, "only on one side", decides=decides)


def _not_compared(score: Score, missing: bool, under: Circumstances) -> str:
    """Why a score that only one side has is not called a difference; empty where it is one."""
    if score.cell is not None and not (missing and score.cell in under.replayed):
        return "the later cell that showed it was not run again" if missing else "a later cell shows it only now"
    if score.origin in _OBSERVED and not under.same_software:
        return "only seen on one side, and the software is not the same"
    return ""


def _counts(part: Part, under: Circumstances) -> bool:
    """Whether a difference of such a part can decide."""
    if part.kind == "text" and (part.name.startswith("stderr") or part.name.endswith(AFTER_THE_END)):
        return False
    is_figure = part.kind == "figure" or (part.kind == "file" and suffix_of(part.name) in FIGURES)
    return under.same_software or not is_figure


def _is_told(ours: Part, theirs: Part, match: Match, rtol: float, under: Circumstances) -> bool:
    """Whether a difference says nothing about the results, and is only told."""
    if match.level != DIFFERENT:
        return False
    if match.apart == ORDER or (match.apart == WORDS and not under.same_software):
        return True
    ours, theirs = (part.content if isinstance(part, StoredFile) else part for part in (ours, theirs))  # type: ignore[assignment]
    if isinstance(ours, Page) and isinstance(theirs, Page):
        if ours.tables or theirs.tables:
            return False
        if ours.shows_settings:
            return not under.same_software
        ours, theirs = ours.text, theirs.text
    if isinstance(ours, PlainText) and isinstance(theirs, PlainText) and not under.same_software:
        return ours.without_objects.compare(theirs.without_objects, rtol).level != DIFFERENT
    return False
