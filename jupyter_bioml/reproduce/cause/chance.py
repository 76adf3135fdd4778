"""Evidence of chance: clocks and unseeded generators in the code that ran, and seeds that were others this time."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ...capture.rerun.notices import STATE_FAILED, STATES
from ...notebooks.code_text import Names, Text
from ...records.compare import Difference, RecordComparison
from ...text.present import printable, shorten
from ..attempt import Attempt
from ..setup.recorded import Recorded
from ..verdict import TIME_DEPENDENCE, UNSEEDED_RANDOMNESS, Evidence
from .volatile_code import CLOCK, ESTIMATOR, HASH, Sight, seeded, sights

#: The order of a set is another one in each kernel: it needs no generator.
_IN_HASH_ORDER = "iterates over a set in hash order"
#: Modules through which a notebook draws from Python's own generator.
_DRAW_FROM_RANDOM = frozenset(("random", "networkx", "igraph", "nltk", "faker", "deap", "simpy", "optuna"))


def volatile_evidence(
    recorded: Recorded,
    attempt: Attempt,
    texts: tuple[Text, ...],
    comparison: RecordComparison | None,
    *,
    fresh: bool,
) -> list[Evidence]:
    """Clocks and unseeded generators in the code, generators that were used without a seed, and other seeds than
    recorded.

    :param fresh: recorded states were not restored.
    """
    sown = seeded(texts) | {key.partition(".")[2] for key in recorded.record.params if key.startswith("seed.")}
    failed = {str(item.get("library")) for item in attempt.notices if item["kind"] == STATE_FAILED}
    put_back = _PutBack(recorded, failed, fresh=fresh)
    hash_seed = recorded.variables.get("PYTHONHASHSEED", "").isdigit()
    found = [_other_seed(item) for item in _other_seeds(comparison)]
    seen = sights(texts)
    for sight in seen:
        library = "numpy" if sight.kind == ESTIMATOR else sight.library
        if library in sown or (sight.kind == HASH and hash_seed):
            continue
        found.append(_of_sight(sight, put_back.at(sight.cell)))
    named = {sight.library for sight in seen}
    for cell, library in _drawn(attempt):
        if library not in sown and library not in named and _touched(texts, cell, library):
            named.add(library)
            message = f"{library}'s generator was used in cell {cell} without a seed"
            known = library in put_back.at(cell)
            found.append(_unseeded(message, f"set a seed in the first cell ({library})", cell, known))
    return found


def chose_other_seeds(comparison: RecordComparison | None) -> bool:
    """Whether the same code chose other seeds than in the recorded run: from a clock, or the system's own entropy."""
    return any(_other_seeds(comparison))


def _other_seeds(comparison: RecordComparison | None) -> list[Difference]:
    differing = comparison.of("params") if comparison is not None else ()
    return [item for item in differing if item.name.startswith("seed.") and None not in (item.left, item.right)]


def _other_seed(item: Difference) -> Evidence:
    library = item.name.partition(".")[2]
    then, now = (shorten(printable(str(value)), 40) for value in (item.left, item.right))
    message = f"{library} was given the seed {now}, where the recorded run had {then}."
    return Evidence(UNSEEDED_RANDOMNESS, message, f"set {library}'s seed to a number that stays the same")


class _PutBack:
    """Libraries whose recorded generator state a planned cell begins with: that of the session's start, or that of an
    earlier cell, where the plan has them."""

    def __init__(self, recorded: Recorded, failed: set[str], *, fresh: bool) -> None:
        self._cells = () if fresh else (*recorded.plan.cells, *recorded.plan.later)
        self._start = set() if fresh else set(recorded.start_states) - failed
        self._failed = failed

    def at(self, cell: int | None) -> set[str]:
        """Of a cell by its number from 1; of a module only those of the session's start."""
        if cell is None:
            return self._start
        return self._start | {name for planned in self._cells[:cell] for name in planned.states} - self._failed


def unseeded_generators(evidence: Sequence[Evidence]) -> bool:
    """Whether a generator without a seed, which no recorded state reaches, is in the code that ran."""
    unreached = [item for item in evidence if item.cause == UNSEEDED_RANDOMNESS and item.decides]
    return any(item.proved is not False and _IN_HASH_ORDER not in item.message for item in unreached)


def _touched(texts: Sequence[Text], cell: int, library: str) -> bool:
    """Whether the code of a cell can have drawn from a library's generator: an import draws for itself alone."""
    if library == "random" and not Names(texts).imported & _DRAW_FROM_RANDOM:
        return False
    trees = [text.tree for text in texts if text.cell == cell]
    return any(tree is None or any(isinstance(node, ast.Call) for node in ast.walk(tree)) for tree in trees)


def _of_sight(sight: Sight, known: set[str]) -> Evidence:
    code = shorten(printable(sight.code), 120)
    if sight.kind == CLOCK:
        return Evidence(TIME_DEPENDENCE, f"{sight.where} reads the clock: {code}", sight.repair, sight.cell)
    what = {HASH: _IN_HASH_ORDER, ESTIMATOR: "has no random_state"}
    message = f"{sight.where}: {code} {what.get(sight.kind, 'is used with no seed set')}"
    return _unseeded(message, sight.repair, sight.cell, sight.library in known)


def _unseeded(message: str, repair: str, cell: int | None, put_back: bool) -> Evidence:
    if put_back:
        message += "; the recorded random state was restored"
    else:
        message += "; no recorded state reaches it"
    return Evidence(UNSEEDED_RANDOMNESS, f"{message}.", repair, cell, decides=not put_back)


def _drawn(attempt: Attempt) -> Iterator[tuple[int, str]]:
    """(cell, library) whose generator's state changed in that cell."""
    told = [item for item in attempt.notices if item["kind"] == STATES]
    for before, after in pairwise(told):
        for library, state in before["states"].items():
            if after["states"].get(library, state) != state:
                yield int(before["cell"]) + 1, library
