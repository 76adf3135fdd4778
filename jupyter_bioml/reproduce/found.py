"""What one attempt at a reproduction found, and the questions that are answered from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..environments.differences import ADDED, PackageDifference
from ..environments.lock import OWN
from ..environments.prepare import Prepared
from ..journal.runs import local_runs, read_journal
from ..records.compare import Difference, RecordComparison
from ..records.run import FINISHED, KILLED, DataUse, RunRecord
from ..text.present import printable
from .attempt import Attempt
from .cause.observations import unexpected
from .cause.packages import Packages
from .compare.agreement import DIFFERENT as OUTPUTS_DIFFER
from .compare.agreement import WITHIN_NOISE as IN_THE_NOISE
from .compare.agreement import Compared
from .compare.levels import Agreement
from .setup.recorded import Recorded
from .setup.workfolder import inputs_of
from .verdict import DATA_CHANGED, Evidence, Surroundings


@dataclass(frozen=True)
class Upshot:
    """The results of running and checking one attempt."""

    first: Attempt
    new: RunRecord | None
    new_run_id: str | None
    comparison: RecordComparison | None
    outputs: tuple[Compared, ...]
    decided: Agreement | None
    packages: Packages
    evidence: tuple[Evidence, ...]
    by_chance: bool = False
    """An unseeded generator runs in the plan, and nothing shows that the results do not depend on it."""


def replayed(recorded: Recorded, made: Attempt) -> frozenset[str]:
    """Later cells of the recorded session (record ids) that ended again as they had."""
    if made.record is None:
        return frozenset()
    identities = [cell.record_id for cell in made.records]
    if made.record.record_id not in identities:
        return frozenset()
    again = made.records[identities.index(made.record.record_id) + 1 :]
    cells = [cell for cell in again if not (cell.parent or cell.part_of)]
    pairs = zip(recorded.later, cells, strict=False)
    return frozenset(before.record_id for before, after in pairs if before.status == after.status)


def not_replayed(recorded: Recorded, made: Attempt) -> list[str]:
    """A remark on each later cell that did not end as it had."""
    done = replayed(recorded, made)
    return [
        f"Later cell run {cell.seq} did not end as it had: the scores that it shows are not compared."
        for cell in recorded.later
        if cell.record_id not in done
    ]


def recorded_repeats(recorded: Recorded) -> list[RunRecord]:
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


def same_software(prepared: Prepared | None) -> bool:
    """Whether no distribution of the record is another one, or missing, in the environment of the reproduction."""
    return prepared is None or all(item.kind == ADDED or item.name == OWN for item in prepared.differences)


def in_traceback(first: Attempt, packages: Packages) -> bool:
    """Whether a changed package has to do with the error that ended the run."""
    failure = first.result.failure
    text = failure.traceback if failure is not None else ""
    return any(f"/{top}/" in text or f"/{top}.py" in text for top in packages.by_import())


def equal_inputs(comparison: RecordComparison) -> bool:
    """Whether everything that was captured of the inputs is known and equal on both sides."""
    parts = ("params", "environment", "modules")
    reads = [item for item in comparison.of("data") if item.note != "only on one side"]
    unknown = [text for text in comparison.unknown if text.startswith("environment")]
    return not (comparison.code or comparison.earlier or reads or unknown or any(comparison.of(part) for part in parts))


def surroundings(kind: str, prepared: Prepared | None, new: RunRecord | None) -> Surroundings:
    """The environment that a reproduction ran in, and what differs from the record's."""
    digest = new.environment.digest if new is not None and new.environment is not None else None
    if prepared is None:
        note = "The run's environment was not recorded: what differs is not known."
        return Surroundings(kind, None, digest, (), (note,))
    differences = tuple(_package(item) for item in prepared.differences)
    return Surroundings(kind, prepared.python, digest or prepared.digest, differences, prepared.notes)


def _package(item: PackageDifference) -> Difference:
    return Difference("environment", item.name, item.recorded, item.present, item.kind)


def reads_found(recorded: Recorded, found: Upshot) -> tuple[DataUse, ...] | None:
    """What the reproduction saw read and the record does not have, because it ran while tracking was off then; None:
    everything was seen then, or the reproduction did not come to its end."""
    if not recorded.reads_unknown or found.new is None or found.comparison is None:
        return None
    left_out = any(cell.unseen and cell.status == KILLED for cell in recorded.record.before)
    if left_out or any(unexpected(recorded, found.first)):
        return None  # an interrupted cell was not run again, or one stopped earlier than it may have done
    cells = [use for cell in found.first.records for use in cell.data if not use.inherited]
    needed = {item.path for item in inputs_of(cells, complete=False)}
    names = {use.name for use in recorded.record.data}
    reads = {use.name: use for use in found.new.data if use.role != "written" and use.path in needed}
    return tuple(_at_home(use, recorded, found) for name, use in reads.items() if name not in names)


def _at_home(use: DataUse, recorded: Recorded, found: Upshot) -> DataUse:
    """The use with the path that the file has in the project."""
    root, work = recorded.project.root, found.first.work.folder
    path = Path(use.path or "")
    if path.is_relative_to(work):
        path = root / path.relative_to(work)
    return DataUse(use.name, "read", use.kind, str(path), use.digest, size=use.size, rows=use.rows, inherited=True)


def said_of_reads(reads: Sequence[DataUse]) -> str:
    """What the answer says of those reads."""
    if not reads:
        return "Cells that ran while tracking was off were run again: they read no data."
    named = ", ".join(printable(use.name) for use in reads[:5]) + (f" and {len(reads) - 5} more" if reads[5:] else "")
    return f"Cells that ran while tracking was off were run again: they read {named}, as it is now."


def unknown_data(found: Upshot, reads: Sequence[DataUse]) -> list[Evidence]:
    """Where the results are not the same: data of which nobody knows whether they are."""
    if found.decided is None or found.decided.level not in (OUTPUTS_DIFFER, IN_THE_NOISE):
        return []
    because = "a cell read it that ran while tracking was off"
    return [
        Evidence(
            DATA_CHANGED, f"Whether {printable(use.name)} is what the run read is unknown: {because}.", decides=False
        )
        for use in reads[:5]
    ]


def differences_of(recorded: Recorded, found: Upshot) -> list[Difference]:
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
        # a read that nobody saw is not a difference
        reads = [item for item in found.comparison.of("data") if item.left is not None or not recorded.reads_unknown]
        more = [*reads, *found.comparison.of("modules"), *found.comparison.of("params")]
        listed += [item for item in more if (item.part, item.name) not in named]
    return listed
