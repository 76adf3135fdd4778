"""Make a run again and decide: its session's cells in a fresh kernel and folder, compared output by output.

A reproduction is one more run, made by the same engine and captured by the same recorder. Every fact comes from the
record; what differs is looked at, what can be put back is put back and tried, and :mod:`.causes` decides.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from dataclasses import dataclass

from ..config import Project
from ..environments.differences import PackageDifference
from ..environments.imports import direct_requirements, imported_modules
from ..environments.lock import EnvironmentNotBuildable
from ..environments.prepare import CURRENT, KINDS, LATEST, LOCKED, Prepared, locked_before, prepare
from ..errors import UsageError
from ..headless.drain import drain_all
from ..headless.results import BROKEN, INTERRUPTED, NotebookResult
from ..journal.blobs import Blobs
from ..journal.runs import local_runs, read_journal
from ..notebooks.code_text import Text
from ..notebooks.plan import without_our_lines
from ..records.compare import TOLERANCE, Difference, RecordComparison, compare_records
from ..records.run import FINISHED, RUNNING, PriorCell, RunRecord
from .attempt import Attempt, Conditions, Find, attempt, published
from .cause import observations as observe
from .cause.causes import Seen, decide
from .cause.packages import Packages, packages_of, version_evidence
from .compare.agreement import DIFFERENT as OUTPUTS_DIFFER
from .compare.agreement import WITHIN_NOISE as IN_THE_NOISE
from .compare.agreement import Compared
from .compare.levels import Agreement, compare_outputs, decision
from .prove import Prover
from .report.document import run_facts
from .report.sentences import sentence
from .setup.elsewhere import at_home
from .setup.recorded import Recorded, environment_of
from .verdict import ENVIRONMENT_NOT_BUILDABLE, Evidence, Proof, Reproduction, Surroundings

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
) -> Reproduction:
    """Run the cells of ``record``'s session up to its own in a fresh kernel, compare, and decide.

    :param run_id: its MLflow run id.
    :param find: looks up the published new run, which has the digests of its data; None: nothing is sent and waited
        for, and the journal's is taken.
    :param progress: takes lines that say what goes on.
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
    case = _Case(Recorded(project, at_home(record, project), run_id), chosen, find, progress or (lambda _: None))
    try:
        prepared = case.prepare()
    except EnvironmentNotBuildable as refusal:
        return case.not_buildable(refusal)
    return case.run(prepared)


class _Case:
    """One reproduction from beginning to end."""

    def __init__(self, recorded: Recorded, asked: Asked, find: Find | None, say: Say) -> None:
        self.recorded = recorded
        self.asked = asked
        self.find = find
        self.say = say
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
        self.say(f"running {count - 1} earlier cell{'' if count == 2 else 's'} and the run's own")
        first = attempt(self.recorded, under, self.say)
        attempts, waiting = [first], list(self._publish([first]))
        ended = observe.came_to_its_end(self.recorded, first)
        new, new_run_id = (None, None) if first.record is None else published(first.record, self.find)
        comparison = None if new is None or not ended else self._compared(new)
        repeats = self._repeats(under) if ended else []
        attempts += repeats
        outputs = self._outputs(new, repeats) if new is not None and ended else ()
        decided_outputs = decision(outputs) if outputs else None
        evidence = self._evidence(first, comparison, packages, ended)
        proofs: list[Proof] = []
        differs = decided_outputs is not None and decided_outputs.level in (OUTPUTS_DIFFER, IN_THE_NOISE)
        if new is not None and differs and asked.prove and not observe.unfound(first.data):
            prover = Prover(self.recorded, under, new, asked.rtol, self.say, locked=self._locked)
            evidence = prover.prove(evidence)
            proofs, attempts = prover.proofs, [*attempts, *prover.attempts]
        waiting += self._publish(attempts[1:])
        found = _Found(first, new, new_run_id, comparison, outputs, decided_outputs, packages, tuple(evidence))
        return self._report(found, prepared, proofs, repeats, waiting)

    def _publish(self, attempts: list[Attempt]) -> list[str]:
        results = [item.result for item in attempts if item.result.status != INTERRUPTED and self.find is not None]
        return list(drain_all(results, self.say))

    def _repeats(self, under: Conditions) -> list[Attempt]:
        made = []
        for number in range(1, self.asked.repeats + 1):
            self.say(f"repeat {number} of {self.asked.repeats}")
            made.append(attempt(self.recorded, under, self.say))
        return made

    def _outputs(self, new: RunRecord, repeats: list[Attempt]) -> tuple[Compared, ...]:
        sample = [item.record for item in repeats if item.record is not None]
        sample += _recorded_repeats(self.recorded)
        blobs = Blobs(self.recorded.project.blobs)
        return compare_outputs(self.recorded.record, new, blobs, rtol=self.asked.rtol, repeats=sample)

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
            found += observe.stopped(self.recorded, first, self.texts, packages)
            found += version_evidence(packages, decides=_in_traceback(first, packages))
            return found
        found += version_evidence(packages)
        found += observe.path_evidence(self.recorded, first)
        found += observe.hidden_evidence(self.recorded)
        found += observe.volatile_evidence(self.recorded, first, self.texts, fresh=self.asked.fresh)
        found += observe.machine_evidence(comparison)
        return found

    # -- the report ----------------------------------------------------------------------------------

    def _report(
        self, found: _Found, prepared: Prepared | None, proofs: list[Proof], repeats: list[Attempt], waiting: list[str]
    ) -> Reproduction:
        record, first, comparison = self.recorded.record, found.first, found.comparison
        around = _surroundings(self.asked.environment, prepared, found.new)
        decided = decide(
            Seen(
                found.decided.level if found.decided is not None else None,
                found.evidence,
                observe.unfound(first.data),
                comparison is not None and _equal_inputs(comparison),
                tuple(_differences(found)),
            )
        )
        notes = (*self.recorded.remarks(), *first.notes, *around.notes)
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
        )


@dataclass(frozen=True)
class _Found:
    """The results of running and checking."""

    first: Attempt
    new: RunRecord | None
    new_run_id: str | None
    comparison: RecordComparison | None
    outputs: tuple[Compared, ...]
    decided: Agreement | None
    packages: Packages
    evidence: tuple[Evidence, ...]


def _recorded_repeats(recorded: Recorded) -> list[RunRecord]:
    """Finished runs of the same code and parameters in the project's journal: repeats that somebody made by hand."""
    record = recorded.record
    logs, _ = read_journal(recorded.project)
    found = []
    for run in local_runs(logs):
        other = run.listed
        if other.record_id == record.record_id or other.reproduces or other.status != FINISHED or other.parent:
            continue
        if other.code.source == record.code.source and other.code.notebook == record.code.notebook:
            whole = run.record
            same = [cell.source for cell in whole.before] == [cell.source for cell in record.before]
            if same and whole.params == record.params:
                found.append(whole)
    return found


def _in_traceback(first: Attempt, packages: Packages) -> bool:
    """Whether a changed package has to do with the error that ended the run."""
    failure = first.result.failure
    text = failure.traceback if failure is not None else ""
    return any(f"/{top}/" in text or f"/{top}.py" in text for top in packages.by_import())


def _equal_inputs(comparison: RecordComparison) -> bool:
    """Whether everything that was captured of the inputs is known and equal on both sides."""
    parts = ("params", "environment", "modules")
    reads = [item for item in comparison.of("data") if item.note != "only on one side"]
    unknown = [text for text in comparison.unknown if text.startswith("environment")]
    return not (comparison.code or comparison.earlier or reads or unknown or any(comparison.of(part) for part in parts))


def _surroundings(kind: str, prepared: Prepared | None, new: RunRecord | None) -> Surroundings:
    digest = new.environment.digest if new is not None and new.environment is not None else None
    if prepared is None:
        note = "The run's environment was not recorded: what differs is not known."
        return Surroundings(kind, None, digest, (), (note,))
    differences = tuple(_package(item) for item in prepared.differences)
    return Surroundings(kind, prepared.python, digest or prepared.digest, differences, prepared.notes)


def _package(item: PackageDifference) -> Difference:
    return Difference("environment", item.name, item.recorded, item.present, item.kind)


def _differences(found: _Found) -> list[Difference]:
    """Everything that differs, results first: outputs, data, working copies, packages, modules."""
    listed = []
    for item in found.outputs:
        if item.level == OUTPUTS_DIFFER:
            listed.append(Difference(item.kind, item.name, item.left, item.right, item.note))
    for data in found.first.data:
        if data.found is not None and data.working_copy_changed:
            note = f"the working copy is another version now; the recorded one came from {data.found}"
            listed.append(Difference("data", data.name, data.recorded, data.present, note))
        elif data.is_recorded is False:
            listed.append(
                Difference("data", data.name, data.recorded, data.present, "the recorded version was not found")
            )
    named = {(item.part, item.name) for item in listed}
    listed += [_package(item) for item in found.packages.changed]
    if found.comparison is not None:
        more = [*found.comparison.of("data"), *found.comparison.of("modules"), *found.comparison.of("params")]
        listed += [item for item in more if (item.part, item.name) not in named]
    return listed
