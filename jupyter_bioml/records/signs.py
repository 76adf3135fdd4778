"""Signs of taint among the cell runs of one session, kept as the cells run.

The kernel feeds one :class:`CellRuns` at each cell's end, :func:`jupyter_bioml.records.taint.taint_of` feeds another
one from a record: the same runs have the same signs. Small on purpose: the kernel imports it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, KeysView, Sequence
from dataclasses import dataclass

NONE, OUT_OF_ORDER, EDITED, DELETED = "none", "out-of-order", "edited", "deleted"
#: From harmless to worst.
LEVELS = (NONE, OUT_OF_ORDER, EDITED, DELETED)
#: Kind of the report on taint, and the tag with its level.
TAINT, TAINT_TAG = "taint", "bioml.taint"
#: Tag of the cell that papermill puts in front of a notebook's others.
INJECTED = "injected-parameters"
#: Sentences about executions that left no record; a session may have any number of such gaps.
_MOST_UNRECORDED = 20


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
    """The last run of one cell."""

    count: int | None
    text: bytes
    """Digest."""


class CellRuns:
    """The cell runs of one session so far. Adding one costs the same however many there were."""

    def __init__(self) -> None:
        self._last: dict[str, _Ran] = {}
        """Cell id → its last run, in the order of these runs."""
        self._rewritten: dict[str, Sign] = {}
        self._gone: set[str] = set()
        self._count = 1
        self._uncounted = False
        self._unnamed = False
        self._unrecorded: list[str] = []

    def add(self, cell_id: str | None, count: int | None, source: str, tags: Collection[str] = ()) -> None:
        """A cell ran.

        :param count: its execution count.
        :param source: its text as a record has it: without our magic line, secrets masked.
        """
        self._counted(count)
        if INJECTED in tags:  # it is in no notebook
            return
        if cell_id is None:
            self._unnamed = True
            return
        text = hashlib.blake2b(tidy(source).encode("utf-8", "surrogatepass"), digest_size=16).digest()
        before = self._last.pop(cell_id, None)
        if before is not None and before.text != text and cell_id not in self._rewritten:
            said = "it ran before with another text in the same session"
            self._rewritten[cell_id] = Sign(EDITED, cell_id, count, said)
        self._last[cell_id] = _Ran(count, text)
        self._gone.discard(cell_id)

    def _counted(self, count: int | None) -> None:
        """Executions that left no record. The first one may be the cell that switched the tracking on."""
        if count is None:
            self._uncounted = True
            return
        if count > self._count + 1 and len(self._unrecorded) < _MOST_UNRECORDED:
            self._unrecorded.append(f"executions {self._count + 1} to {count - 1} of the kernel were not recorded")
        self._count = max(self._count, count)

    def deleted(self, cell_ids: Iterable[str]) -> None:
        """The front end says that these cells were deleted. One that runs again is there again."""
        self._gone.update(cell_id for cell_id in cell_ids if cell_id in self._last)

    def gone(self, there: Collection[str] = ()) -> set[str]:
        """Cells that ran and were said to be deleted, without those that are ``there`` (pasted again)."""
        return self._gone.difference(there)

    @property
    def cell_ids(self) -> KeysView[str]:
        """Every cell that ran, in the order of their last runs."""
        return self._last.keys()

    def count_of(self, cell_id: str) -> int | None:
        """The execution count of a cell's last run."""
        return self._last[cell_id].count

    def signs(self, order: Sequence[str] | None, gone: Collection[str]) -> Iterator[Sign]:
        """Cells that ran with one text and later with another (what the first one left behind is in no notebook);
        cells whose last run came after that of a cell further down; cells that ran and are gone.

        :param order: the ids of the notebook's cells from top to bottom; None: not known.
        :param gone: ids of cells that are no longer in the notebook.
        """
        yield from self._rewritten.values()
        yield from self._out_of_order(order or ())
        for cell_id in (item for item in self._last if item in gone):
            yield Sign(DELETED, cell_id, self.count_of(cell_id), "it ran, and is no longer in the notebook")

    def _out_of_order(self, order: Sequence[str]) -> Iterator[Sign]:
        place: dict[str, int] = {}
        for number, cell_id in enumerate(order):
            place.setdefault(cell_id, number)
        deepest = -1
        for cell_id, ran in self._last.items():
            if (here := place.get(cell_id, deepest)) < deepest:
                yield Sign(OUT_OF_ORDER, cell_id, ran.count, "it ran after a cell that stands below it")
            deepest = max(deepest, here)

    def unknown(self) -> Iterator[str]:
        """What is unknown about the session's executions."""
        if self._uncounted:
            yield "some cells ran without an execution count"
        yield from self._unrecorded

    @property
    def unnamed(self) -> tuple[str, ...]:
        """Said when some cells have no id."""
        said = "some cells ran without an id, so they cannot be found in the notebook"
        return (said,) if self._unnamed else ()


def taint_at_end(runs: CellRuns, order: Sequence[str] | None) -> Taint:
    """The taint of a run at its cell's end, from the session alone.

    :param order: the ids of the notebook's code cells when the cell was sent; None: the front end did not say.
    """
    signs = tuple(runs.signs(order, runs.gone(order or ())))
    unknown = [*runs.unknown(), *runs.unnamed]
    if order is None:
        unknown.append("the front end did not send the order of the notebook's cells")
    return Taint(worst(signs), signs, tuple(unknown))


def worst(signs: Iterable[Sign]) -> str:
    """The worst level among the signs."""
    return max((sign.level for sign in signs), key=LEVELS.index, default=NONE)


def tidy(source: str) -> str:
    """A cell's text, line ends and margins aside."""
    return "\n".join(line.rstrip() for line in source.replace("\r\n", "\n").strip().split("\n")).strip()
