"""Make a run again and decide: its session's cells in a fresh kernel and folder, compared output by output.

A reproduction is one more run, made by the same engine and captured by the same recorder. Every fact comes from the
record; what differs is looked at, what can be put back is put back and tried, and :mod:`.causes` decides.
"""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from ..config import Project
from ..environments.imports import direct_requirements, imported_modules
from ..environments.lock import EnvironmentNotBuildable
from ..environments.prepare import CURRENT, KINDS, LATEST, LOCKED, Prepared, locked_before, prepare
from ..errors import UsageError
from ..headless.drain import drain_all
from ..headless.early import Expected
from ..headless.process import Worker
from ..headless.results import BROKEN, INTERRUPTED, NotebookResult
from ..journal.blobs import Blobs
from ..notebooks.code_text import Text
from ..notebooks.plan import without_our_lines
from ..records.compare import TOLERANCE, RecordComparison, compare_records
from ..records.run import RUNNING, PriorCell, RunRecord
from ..records.untracked import summary_of
from ..text.present import counted
from .attempt import Attempt, Conditions, Find, attempt, published
from .cause import chance
from .cause import observations as observe
from .cause.causes import Seen, decide
from .cause.packages import Packages, packages_of, version_evidence
from .compare.agreement import DIFFERENT as OUTPUTS_DIFFER
from .compare.agreement import WITHIN_NOISE as IN_THE_NOISE
from .compare.agreement import Compared
from .compare.levels import Circumstances, compare_outputs, decision
from .found import (
    Upshot,
    differences_of,
    equal_inputs,
    in_traceback,
    not_replayed,
    reads_found,
    recorded_repeats,
    replayed,
    said_of_reads,
    same_software,
    surroundings,
    unknown_data,
)
from .models.reader import ModelReader
from .prove import Prover, said_of
from .report.document import run_facts
from .report.sentences import sentence
from .setup.elsewhere import at_home
from .setup.recorded import Recorded, environment_of
from .verdict import (
    ENVIRONMENT_NOT_BUILDABLE,
    UNSEEDED_RANDOMNESS,
    Evidence,
    Proof,
    Reproduction,
    Surroundings,
)

Say = Callable[[str], None]


@dataclass(frozen=True)
class Asked:
    """Options for reproducing a run."""

    environment: str = CURRENT
    """``current``, ``locked`` or ``latest``."""
    rtol: float = TOLERANCE
    """Relative difference up to which two numbers are numerically equal."""
    repeats: int = 0
    """Further runs that measure the noise."""
    fresh: bool = False
    """Do not restore recorded random states."""
    timeout: float | None = None
    """Seconds that the notebook may take."""
    cell_timeout: float | None = None
    """Seconds that one cell may take."""
    prove: bool = True
    """Run again what can prove a cause."""

    def check(self) -> None:
        """:raises UsageError: for a value that has no meaning."""
        if self.environment not in KINDS:
            raise UsageError(f"There is no environment {self.environment!r}.", next=f"Known: {', '.join(KINDS)}.")
        if not 0 <= self.rtol < 1:
            raise UsageError(f"The tolerance must be from 0 to below 1, not {self.rtol:g}.")
        if self.repeats < 0 or any(limit is not None and limit <= 0 for limit in (self.timeout, self.cell_timeout)):
            raise UsageError("Repeats and time limits are positive numbers.")


def reproduce(
    project: Project,
    record: RunRecord,
    asked: Asked | None = None,
    *,
    run_id: str | None = None,
    find: Find | None = None,
    progress: Say | None = None,
    worker: Worker | None = None,
) -> Reproduction:
    """Run the cells of ``record``'s session up to its own in a fresh kernel, compare, and decide.

    :param run_id: its MLflow run id.
    :param find: looks up the published new run, which has the digests of its data; None: nothing is sent and waited
        for, and the journal's is taken.
    :param progress: takes lines that say what goes on.
    :param worker: runs the cells, if the caller has begun one; its owner ends it.
    :raises UsageError: when the run has not ended, is a part of another one, or stands for a sweep.
    """
    chosen = asked or Asked()
    chosen.check()
    if record.status == RUNNING:
        raise UsageError(f"The run {record.record_id[:8]} has not ended yet.", next="Wait for it, or interrupt it.")
    if record.mark == "sweep":
        raise UsageError(
            f"The run {record.record_id[:8]} stands for a sweep and has no cell of its own.",
            next="Make the runs below it again: each is one set of parameters.",
        )
    recorded = Recorded(project, at_home(record, project), run_id)
    with contextlib.nullcontext(worker) if worker is not None else Worker() as runs:
        case = _Case(recorded, chosen, find, progress or (lambda _: None), runs)
        runs.begin(Expected(publishes=find is not None))  # it imports papermill while the environment is looked at
        try:
            prepared = case.prepare()
        except EnvironmentNotBuildable as refusal:
            return case.not_buildable(refusal)
        return case.run(prepared)


class _Case:
    """One reproduction from beginning to end."""

    def __init__(self, recorded: Recorded, asked: Asked, find: Find | None, say: Say, worker: Worker) -> None:
        self.recorded = recorded
        self.asked = asked
        self.find = find
        self.say = say
        self.attempt = partial(attempt, worker=worker)
        self.started = time.time()
        self.texts: tuple[Text, ...] = ()
        recorded.plan  # a part of another run is refused before anything is made  # noqa: B018

    # -- the environment -----------------------------------------------------------------------------

    def prepare(self) -> Prepared | None:
        """The environment to run in; None: the present one, about which the record says nothing.

        :raises EnvironmentNotBuildable: naming what is missing.
        """
        self.texts = observe.texts_of(self.recorded)
        kind, document = self.asked.environment, self.recorded.environment
        if document is None:
            if kind == CURRENT:
                return None
            raise EnvironmentNotBuildable(
                "The run's environment was not recorded, so it cannot be built.", next="Use --env current."
            )
        direct = []
        if kind == LATEST:
            cells = [text.source for text in self.texts if text.cell is not None]
            modules = [text.source for text in self.texts if text.cell is None]
            direct = direct_requirements(imported_modules(cells) | imported_modules(modules, cells=False), document)
        return prepare(kind, document, direct=direct, say=self.say)

    def not_buildable(self, refusal: EnvironmentNotBuildable) -> Reproduction:
        """The report when there is no environment to run in."""
        evidence = Evidence(ENVIRONMENT_NOT_BUILDABLE, refusal.message, refusal.next or None)
        decided = decide(Seen(None, (evidence,)))
        around = Surroundings(self.asked.environment)
        result = NotebookResult(self.recorded.record.code.notebook or "", BROKEN, reason=refusal.message)
        record = self.recorded.record
        said = sentence(decided, None, None, around)
        return Reproduction(
            decided, said, record.record_id, self.recorded.run_id, None, None, None, result, "", environment=around,
            started=self.started, source=run_facts(record),
        )  # fmt: skip

    def _locked(self) -> str | None:
        """The interpreter of the run's environment as recorded, if that was built before and is not the one used."""
        document = self.recorded.environment
        if document is None or self.asked.environment == LOCKED:
            return None
        found = locked_before(document)
        return found.python if found is not None else None

    # -- the run -------------------------------------------------------------------------------------

    def run(self, prepared: Prepared | None) -> Reproduction:
        """Run, compare, prove, decide."""
        packages = packages_of(self.texts, self.recorded.environment, prepared.differences if prepared else ())
        asked, count = self.asked, len(self.recorded.plan.cells)
        python = prepared.python if prepared else None
        under = Conditions(python, asked.fresh, asked.timeout, asked.cell_timeout)
        later = f", and {counted(len(self.recorded.plan.later), 'later cell')}" if self.recorded.plan.later else ""
        self.say(f"running {counted(count - 1, 'earlier cell')} and the run's own{later}")
        first = self.attempt(self.recorded, under, self.say)
        waiting = list(self._publish([first]))
        repeats = self._repeats(under) if observe.came_to_its_end(self.recorded, first) else []
        circumstances = Circumstances(same_software(prepared), models=self._reader(under))
        found = self._found(first, repeats, packages, circumstances)
        found, prover = self._proved(found, repeats, under, circumstances)
        waiting += self._publish([*repeats, *(prover.attempts if prover is not None else ())])
        return self._report(found, prepared, prover.proofs if prover is not None else [], repeats, waiting)

    def _found(self, made: Attempt, repeats: list[Attempt], packages: Packages, circumstances: Circumstances) -> Upshot:
        """What one run shows."""
        ended = observe.came_to_its_end(self.recorded, made)
        new, new_run_id = (None, None) if made.record is None else published(made.record, self.find)
        comparison = None if new is None or not ended else self._compared(new)
        circumstances = dataclasses.replace(circumstances, replayed=replayed(self.recorded, made))
        outputs = self._outputs(new, repeats, circumstances) if new is not None and ended else ()
        evidence = tuple(self._evidence(made, comparison, packages, ended))
        decided = decision(outputs) if outputs else None
        return Upshot(made, new, new_run_id, comparison, outputs, decided, packages, evidence)

    def _proved(
        self, found: Upshot, repeats: list[Attempt], under: Conditions, circumstances: Circumstances
    ) -> tuple[Upshot, Prover | None]:
        """What further runs show: why results differ, or whether equal ones depend on chance."""
        if found.new is None or found.decided is None or observe.unfound(found.first.data):
            return found, None
        prover = Prover(
            self.recorded, under, found.new, self.asked.rtol, self.say, self.attempt, self._locked, circumstances
        )
        if found.decided.level in (OUTPUTS_DIFFER, IN_THE_NOISE):
            if not self.asked.prove:
                return found, None
            return dataclasses.replace(found, evidence=tuple(prover.prove(found.evidence))), prover
        if not found.decided.proving or not chance.unseeded_generators(found.evidence):
            return found, None
        if not self.asked.prove:
            return dataclasses.replace(found, by_chance=True), None
        same, other = prover.independent(repeats, fresh=chance.chose_other_seeds(found.comparison))
        if other is not None:
            found = self._found(other, repeats, found.packages, circumstances)
        proved = None if same is None else not same
        evidence = tuple(said_of(found.evidence, UNSEEDED_RANDOMNESS, proved))
        return dataclasses.replace(found, evidence=evidence, by_chance=same is None), prover

    def _reader(self, under: Conditions) -> ModelReader:
        """Reads the models of all runs on the interpreter that the reproduction uses."""
        recorded = self.recorded
        sample = recorded.record.model.sample_blob if recorded.record.model is not None else None
        paths = list(dict.fromkeys([str(recorded.cwd), str(recorded.project.root)]))
        return ModelReader(Blobs(recorded.project.blobs), under.python or recorded.python, sample, paths)

    def _publish(self, attempts: list[Attempt]) -> list[str]:
        results = [item.result for item in attempts if item.result.status != INTERRUPTED and self.find is not None]
        return list(drain_all(results, self.say))

    def _repeats(self, under: Conditions) -> list[Attempt]:
        made = []
        for number in range(1, self.asked.repeats + 1):
            self.say(f"repeat {number} of {self.asked.repeats}")
            made.append(self.attempt(self.recorded, under, self.say))
        return made

    def _outputs(self, new: RunRecord, repeats: list[Attempt], under: Circumstances) -> tuple[Compared, ...]:
        sample = [item.record for item in repeats if item.record is not None]
        sample += recorded_repeats(self.recorded)
        blobs = Blobs(self.recorded.project.blobs)
        return compare_outputs(self.recorded.record, new, blobs, rtol=self.asked.rtol, repeats=sample, under=under)

    def _compared(self, new: RunRecord) -> RecordComparison:
        """The comparison, in which our own lines and the cells left out of the plan do not count."""
        record, plan = self.recorded.record, self.recorded.plan
        before = tuple(PriorCell("", cell.seq, cell.source, cell.cell_id) for cell in plan.cells[:-1])
        code = dataclasses.replace(record.code, source=without_our_lines(record.code.source))
        left = dataclasses.replace(record, before=before, code=code)
        ours, theirs = (environment_of(self.recorded.project, item) for item in (record, new))
        documents = None if ours is None or theirs is None else (ours, theirs)
        return compare_records(left, new, environments=documents, tolerance=self.asked.rtol)

    def _evidence(
        self, first: Attempt, comparison: RecordComparison | None, packages: Packages, ended: bool
    ) -> list[Evidence]:
        found = observe.data_evidence(first.data, comparison)
        found += observe.code_evidence(self.recorded, first, comparison)
        if not ended:
            why = observe.stopped(self.recorded, first, self.texts, packages)
            told = {(item.cause, item.repair) for item in why}
            rest = [item for item in found if (item.cause, item.repair) not in told]
            found = [*why, *rest]  # of several missing files the one that stopped it is the first
            found += version_evidence(packages, decides=in_traceback(first, packages))
            return found
        found += version_evidence(packages)
        found += observe.path_evidence(self.recorded, first)
        found += observe.hidden_evidence(self.recorded)
        found += chance.volatile_evidence(self.recorded, first, self.texts, comparison, fresh=self.asked.fresh)
        found += observe.machine_evidence(comparison)
        return found

    # -- the report ----------------------------------------------------------------------------------

    def _report(
        self, found: Upshot, prepared: Prepared | None, proofs: list[Proof], repeats: list[Attempt], waiting: list[str]
    ) -> Reproduction:
        record, first, comparison = self.recorded.record, found.first, found.comparison
        reads = reads_found(self.recorded, found)
        around = surroundings(self.asked.environment, prepared, found.new)
        decided = decide(
            Seen(
                found.decided.level if found.decided is not None else None,
                (*found.evidence, *unknown_data(found, reads or ())),
                observe.unfound(first.data),
                comparison is not None and not self.recorded.reads_unknown and equal_inputs(comparison),
                tuple(differences_of(self.recorded, found)),
                found.by_chance,
            )
        )
        later = not_replayed(self.recorded, first) if found.decided is not None else []
        seen = [] if reads is None else [said_of_reads(reads)]
        seen += [
            f"Cell {raised.cell}, which ran while tracking was off, now ends with {raised.line}"
            for raised in observe.unexpected(self.recorded, first)
        ]
        notes = (*self.recorded.remarks(), *seen, *later, *first.notes, *around.notes)
        return Reproduction(
            decided,
            sentence(decided, found.decided, found.new, around),
            record.record_id,
            self.recorded.run_id,
            found.new.record_id if found.new is not None else None,
            found.new_run_id,
            comparison,
            first.result,
            str(first.work.folder),
            tuple(dict.fromkeys(notes)),
            tuple(waiting),
            found.outputs,
            around,
            tuple(proofs),
            tuple(item.record.record_id for item in repeats if item.record is not None),
            self.started,
            source=run_facts(record),
            before_tracking=None if reads is None else summary_of(sum(c.unseen for c in record.before), reads),
        )
