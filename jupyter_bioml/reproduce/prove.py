"""Proofs: restore or hold one factor, rerun the plan, and let the result say yes or no.

Runs made here have the tag ``bioml.proof``; they are not repeats, so they never widen the band of noise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..headless.results import INTERRUPTED
from ..journal.blobs import Blobs
from ..records.run import RunRecord
from .attempt import Attempt, Conditions, Say
from .compare.levels import EQUAL, Circumstances, compare_outputs, decision
from .setup.recorded import Recorded
from .verdict import (
    CODE_CHANGED,
    DATA_CHANGED,
    NONDETERMINISM,
    TIME_DEPENDENCE,
    UNSEEDED_RANDOMNESS,
    VERSION_CHANGED,
    Evidence,
    Proof,
)

#: Causes that are there for all to see: nothing needs to be run for them.
_PLAIN = frozenset((DATA_CHANGED, CODE_CHANGED))
_THREADS = ("BLIS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
_ONE_THREAD = dict.fromkeys(_THREADS, "1")
_SEED = 20260101
#: Runs with other seeds, beside the recorded one and the first, that show that results do not depend on them.
_OTHER_SEEDS = 2


@dataclass
class Prover:
    """Makes the proofs of one reproduction, and keeps what it made."""

    recorded: Recorded
    under: Conditions
    first: RunRecord
    """The run that the reproduction made."""
    rtol: float
    say: Say
    run: Callable[[Recorded, Conditions, Say], Attempt]
    locked: Callable[[], str | None] = lambda: None
    """The interpreter of the environment as it was recorded, where it is at hand: building one takes minutes."""
    circumstances: Circumstances = EQUAL

    def __post_init__(self) -> None:
        self.attempts: list[Attempt] = []
        self.proofs: list[Proof] = []
        self._blobs = Blobs(self.recorded.project.blobs)

    def prove(self, evidence: Sequence[Evidence]) -> list[Evidence]:
        """The evidence with what the proofs said of it; further evidence where a proof found some."""
        deciding = {item.cause for item in evidence if item.decides}
        if deciding & _PLAIN:
            return list(evidence)
        found = list(evidence)
        if VERSION_CHANGED in deciding:
            proved = self._versions()
            found = [_said(item, VERSION_CHANGED, proved) for item in found]
            if proved is not False:
                return found
        for cause, test in ((TIME_DEPENDENCE, self._time), (UNSEEDED_RANDOMNESS, self._seeds)):
            if cause in deciding and not self._is_proved(found):
                proved = test()
                found = [_said(item, cause, proved) for item in found]
        if not self._is_proved(found) and not _left(found, (TIME_DEPENDENCE, UNSEEDED_RANDOMNESS)):
            found += self._again()
        return found

    def independent(self, repeats: Sequence[Attempt], *, fresh: bool) -> tuple[bool | None, Attempt | None]:
        """Whether the results are the same with other seeds: every fresh kernel gives unseeded generators others.

        :param repeats: runs that were made beside the first one.
        :param fresh: without recorded states, which hide that a seed is another one in each run.
        :returns: (True; False with the run that gave other results; None: that was not found out).
        """
        what, told = "unseeded generators with other seeds", UNSEEDED_RANDOMNESS
        made = () if fresh and not self.under.fresh else repeats
        known = [item for item in made if item.record is not None and item.record.status == self.first.status]
        for number in range(_OTHER_SEEDS):
            record = known[number].record if number < len(known) else self._run(told, what, fresh=fresh or None)
            if record is None:
                return self._unfinished(told, what), None
            if not self._equal(self.first, record):
                self._told(told, what, "A different result came out.", True)
                return False, next(item for item in (*known, *self.attempts) if item.record is record)
        self._told(told, what, f"{_OTHER_SEEDS} more runs gave the same results: they do not depend on them.", False)
        return True, None

    @staticmethod
    def _is_proved(evidence: Sequence[Evidence]) -> bool:
        return any(item.proved for item in evidence)

    # -- the factors ---------------------------------------------------------------------------------

    def _versions(self) -> bool | None:
        """Run it with the recorded versions: does the recorded result come back?"""
        python = self.locked()
        if python is None:
            return None
        what = "the recorded versions, in an environment that was built before"
        one = self._run(VERSION_CHANGED, what, python=python)
        if one is None:
            return self._unfinished(VERSION_CHANGED, what)
        if self._equal(self.recorded.record, one):
            return self._told(VERSION_CHANGED, what, "The recorded result came back.", True)
        if self._equal(self.first, one):
            return self._told(VERSION_CHANGED, what, "The reproduction's result came out again.", False)
        return self._told(VERSION_CHANGED, what, "A different result came out: something else changes too.", None)

    def _time(self) -> bool | None:
        """Hold the clock at the recorded time: does the recorded result come back, or at least one and the same?"""
        pins = {"clock": self.recorded.record.started}
        one = self._run(TIME_DEPENDENCE, "the clock held at the time of the recorded run", pins=pins)
        if one is None:
            return self._unfinished(TIME_DEPENDENCE, "the clock held")
        if self._equal(self.recorded.record, one):
            return self._told(
                TIME_DEPENDENCE, "the clock held at the recorded time", "The recorded result came back.", True
            )
        two = self._run(TIME_DEPENDENCE, "the clock held once more", pins=pins)
        if two is None:
            return self._unfinished(TIME_DEPENDENCE, "the clock held")
        same = self._equal(one, two)
        outcome = "Two runs gave one result." if same else "Two runs gave two results: something else changes too."
        # with the clock held both agree, and neither is the reproduction, which read the real clock
        proved = same and not self._equal(one, self.first)
        return self._told(TIME_DEPENDENCE, "the clock held", outcome, True if proved else False if same else None)

    def _seeds(self) -> bool | None:
        """Put recorded states back where they were left; give every unseeded generator a seed, and the hashes too."""
        if self.under.fresh:
            one = self._run(UNSEEDED_RANDOMNESS, "the recorded random states restored", fresh=False)
            if one is not None and self._equal(self.recorded.record, one):
                what = "the recorded random states restored"
                return self._told(UNSEEDED_RANDOMNESS, what, "The recorded result came back.", True)
        what, variables = "every unseeded generator and the hashes given a seed", {"PYTHONHASHSEED": "0"}
        pins = {"entropy": _SEED}
        pair = [self._run(UNSEEDED_RANDOMNESS, what, pins=pins, variables=variables) for _ in range(2)]
        if pair[0] is None or pair[1] is None:
            return self._unfinished(UNSEEDED_RANDOMNESS, what)
        if self._equal(pair[0], pair[1]):
            return self._told(UNSEEDED_RANDOMNESS, what, "Two runs gave one result.", True)
        return self._told(UNSEEDED_RANDOMNESS, what, "Two runs gave two results: something else changes too.", None)

    def _again(self) -> list[Evidence]:
        """The very same once more: another result proves that equal inputs do not make equal results."""
        again = self._run(NONDETERMINISM, "nothing changed")
        if again is None:
            return []
        if self._equal(self.first, again):
            self._told(NONDETERMINISM, "nothing changed", "The reproduction's result came out again.", None)
            return []
        self._told(NONDETERMINISM, "nothing changed", "Equal inputs gave a different result.", True)
        pair = [self._run(NONDETERMINISM, "one thread", variables=_ONE_THREAD) for _ in range(2)]
        message = "Equal inputs gave different results each time"
        if pair[0] is not None and pair[1] is not None and self._equal(pair[0], pair[1]):
            self._told(NONDETERMINISM, "one thread", "Two runs gave one result: the threads make the difference.", True)
            return [
                Evidence(NONDETERMINISM, f"{message}, and with one thread the same.", "OMP_NUM_THREADS=1", proved=True)
            ]
        repair = "make the order of parallel work fixed, or log several runs and use --repeats"
        return [Evidence(NONDETERMINISM, f"{message}.", repair, proved=True)]

    # -- runs ----------------------------------------------------------------------------------------

    def _run(
        self,
        factor: str,
        what: str,
        *,
        pins: Mapping[str, float | int] | None = None,
        variables: Mapping[str, str] | None = None,
        fresh: bool | None = None,
        python: str | None = None,
    ) -> RunRecord | None:
        """The run that came of it; None when it did not finish, or the user has had enough."""
        if any(item.result.status == INTERRUPTED for item in self.attempts):
            return None
        self.say(f"to prove {factor}: {what}")
        under = replace(
            self.under,
            python=python or self.under.python,
            proof=factor,
            pins=pins or {},
            variables={**self.under.variables, **(variables or {})},
            fresh=self.under.fresh if fresh is None else fresh,
        )
        made = self.run(self.recorded, under, self.say)
        self.attempts.append(made)
        record = made.record
        return record if record is not None and record.status == self.first.status else None

    def _equal(self, left: RunRecord, right: RunRecord) -> bool:
        return decision(compare_outputs(left, right, self._blobs, rtol=self.rtol, under=self.circumstances)).same

    def _told(self, factor: str, what: str, outcome: str, proved: bool | None) -> bool | None:
        told = {record for proof in self.proofs for record in proof.record_ids}
        made = [item.record.record_id for item in self.attempts if item.record is not None]
        new = tuple(record for record in made if record not in told)
        self.proofs.append(Proof(factor, what, outcome, proved, new))
        return proved

    def _unfinished(self, factor: str, what: str) -> bool | None:
        return self._told(factor, what, "The run did not finish, so it proves nothing.", None)


def said_of(evidence: Sequence[Evidence], cause: str, proved: bool | None) -> list[Evidence]:
    """The evidence with what a proof said of one cause."""
    return [_said(item, cause, proved) for item in evidence]


def _said(item: Evidence, cause: str, proved: bool | None) -> Evidence:
    return replace(item, proved=proved) if item.cause == cause and item.decides else item


def _left(evidence: Sequence[Evidence], causes: tuple[str, ...]) -> bool:
    """Whether one of these causes still stands, proved or not."""
    return any(item.cause in causes and item.decides and item.proved is not False for item in evidence)
