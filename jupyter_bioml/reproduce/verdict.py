"""The result of a reproduction: its verdict, the cause, the evidence and the fix.

The words are stable: they stand in ``--json``, in tags, in reports and in policies.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from ..canonical import jsonable
from ..headless.results import NotebookResult
from ..records.compare import Difference, RecordComparison
from .compare.basis import Basis

REPRODUCED, WITHIN_NOISE, DIFFERENT, COULD_NOT_RUN = "REPRODUCED", "WITHIN NOISE", "DIFFERENT", "COULD NOT RUN"
#: The run finished and offered nothing that would have shown another result.
NOT_COMPARED = "NOT COMPARED"
VERDICTS = (REPRODUCED, WITHIN_NOISE, DIFFERENT, COULD_NOT_RUN, NOT_COMPARED)
#: Verdict → exit code of ``jupyter bioml reproduce`` (2 is a command without meaning).
EXIT_CODES = {REPRODUCED: 0, WITHIN_NOISE: 0, DIFFERENT: 1, COULD_NOT_RUN: 3, NOT_COMPARED: 4}

MISSING_PACKAGE = "missing-package"
ENVIRONMENT_NOT_BUILDABLE = "environment-not-buildable"
PATH_NOT_PORTABLE = "path-not-portable"
HIDDEN_STATE = "hidden-state"
DATA_MISSING = "data-missing"
CODE_MISSING = "code-missing"
NETWORK = "network"
NEEDS_INPUT = "needs-input"
KERNEL_DIED = "kernel-died"
TIMEOUT = "timeout"
DATA_CHANGED = "data-changed"
CODE_CHANGED = "code-changed"
VERSION_CHANGED = "version-changed"
CODE_ERROR = "code-error"
TIME_DEPENDENCE = "time-dependence"
UNSEEDED_RANDOMNESS = "unseeded-randomness"
NONDETERMINISM = "nondeterminism"
STATE_NOT_PROVEN = "state-not-proven"
#: Every cause in the order in which it is looked for: the first that fits is the cause, the others are evidence.
CAUSES = (
    MISSING_PACKAGE,
    ENVIRONMENT_NOT_BUILDABLE,
    PATH_NOT_PORTABLE,
    HIDDEN_STATE,
    DATA_MISSING,
    CODE_MISSING,
    NETWORK,
    NEEDS_INPUT,
    KERNEL_DIED,
    TIMEOUT,
    DATA_CHANGED,
    CODE_CHANGED,
    VERSION_CHANGED,
    CODE_ERROR,
    TIME_DEPENDENCE,
    UNSEEDED_RANDOMNESS,
    NONDETERMINISM,
    STATE_NOT_PROVEN,
)


@dataclass(frozen=True)
class Evidence:
    """One observation, and the cause that it suggests."""

    cause: str
    """One of :data:`CAUSES`."""
    message: str
    repair: str | None = None
    """The exact command or edit that fixes it."""
    cell: int | None = None
    """The cell it is about: its number in the planned notebook, from 1."""
    proved: bool | None = None
    """True: the factor was restored and the result with it; False: it was restored and nothing changed;
    None: that was not tried."""
    decides: bool = True
    """False: worth knowing, but no reason for what came out."""


@dataclass(frozen=True)
class Verdict:
    """The decision, as a pure function of what was seen made it."""

    verdict: str
    cause: str | None = None
    evidence: tuple[Evidence, ...] = ()
    repair: str | None = None
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True)
class Proof:
    """A run that was made to prove a cause."""

    factor: str
    """The cause in question."""
    what: str
    """The factor that was restored or held."""
    outcome: str
    """The outcome, as a sentence."""
    proved: bool | None
    record_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Surroundings:
    """The environment that a reproduction ran in."""

    kind: str
    """``current``, ``locked`` or ``latest``."""
    python: str | None = None
    digest: str | None = None
    """Digest of the environment as the reproduction recorded it; None while it is unknown."""
    differences: tuple[Difference, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reproduction:
    """The outcome. ``sentence`` tells it in words, ``comparison`` in figures."""

    decided: Verdict
    sentence: str
    record_id: str
    run_id: str | None
    new_record_id: str | None
    """The run that the reproduction made; None when it did not come that far."""
    new_run_id: str | None
    comparison: RecordComparison | None
    result: NotebookResult
    work: str
    """The folder it ran in."""
    notes: tuple[str, ...] = ()
    """Deviations from the recorded session, and anything that could not be written."""
    waiting: tuple[str, ...] = ()
    """Runs not in MLflow yet, and how to send them."""
    outputs: tuple[Any, ...] = ()
    """Every output compared, with its level (:class:`.levels.Compared`)."""
    environment: Surroundings = Surroundings("current")
    proofs: tuple[Proof, ...] = ()
    repeats: tuple[str, ...] = ()
    """Record ids of further runs made to measure the noise."""
    started: float = 0.0
    """Epoch seconds."""
    audit: dict[str, Any] = dataclasses.field(default_factory=dict)
    """The audit event of this verdict: chain, seq and hash; empty when none was written."""
    source: dict[str, Any] = dataclasses.field(default_factory=dict)
    """Facts about the run itself: name, notebook, cell id, when it started, status."""
    before_tracking: dict[str, Any] | None = None
    """How many of its cells ran while tracking was off, and what they read when they ran again (``reads``); None: there
    are none, or it was not seen."""

    @property
    def verdict(self) -> str:
        """One of :data:`VERDICTS`."""
        return self.decided.verdict

    @property
    def cause(self) -> str | None:
        """Why it is not the same, in a word; None: it is the same, or the cause is not known."""
        return self.decided.cause

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What speaks for the cause."""
        return self.decided.evidence

    @property
    def repair(self) -> str | None:
        """What would help, in a sentence; None: nothing that is known."""
        return self.decided.repair

    @property
    def differences(self) -> tuple[Difference, ...]:
        """The outputs that differ, as the verdict names them."""
        return self.decided.differences

    @property
    def based_on(self) -> Basis:
        """The results that were compared, and those that could not be."""
        return Basis.of(self.outputs)

    @property
    def exit_code(self) -> int:
        """0 reproduced or within noise, 1 different, 3 could not run, 4 not compared."""
        return EXIT_CODES[self.verdict]

    def as_json(self) -> dict[str, Any]:
        """The document of ``reproduce --json``; its first nine keys are the contract."""
        contract: dict[str, Any] = {
            "verdict": self.verdict,
            "cause": self.cause,
            "sentence": self.sentence,
            "evidence": [dataclasses.asdict(item) for item in self.evidence],
            "repair": self.repair,
            "based_on": self.based_on.as_json(),
            "differences": [dataclasses.asdict(item) for item in self.differences],
            "run_id": self.run_id,
            "reproduction_run_id": self.new_run_id,
        }
        plain = {item.name: getattr(self, item.name) for item in dataclasses.fields(self) if item.name != "decided"}
        plain["comparison"] = self.comparison and self.comparison.as_json()
        plain["result"] = self.result.as_json()
        plain["environment"] = dataclasses.asdict(self.environment)
        plain["outputs"] = [dataclasses.asdict(item) for item in self.outputs]
        plain["proofs"] = [dataclasses.asdict(item) for item in self.proofs]
        return dict(jsonable({**plain, **contract}))
