"""The gate ``data_known``: every input of the run has a digest, and exactly that content can be restored."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...journal.facts import FactLog
from ...records.facts import DATA, DIGEST, NAMED_DATA
from ...records.run import DataUse
from ...records.untracked import VERDICT, lost_cells, reads_seen, unknown_reads
from ...records.wire import to_dict
from ...text.present import counted, printable
from ..context import Context, GateKeeping
from ..gate import GateResult, Grounds, Undecided, failed, passed, undecided
from ..gate_request import hand_over
from ..known_gates import gate
from ..probing import probed

PROBE = "jupyter_bioml.promote.data_probe"
_SHOWN = 20
#: Fetching data takes long; that it is fetched in this time is asked for.
_SECONDS = 3600.0
_FIND = "Restore the recorded version (dvc push, git, a copy), or rerun the cell and register the new run."

_ANSWERS = "See whether the place of that input answers (a mount, the DVC remote), or raise time_limit of data_known."


@dataclass(frozen=True)
class DataOptions:
    """The gate ``data_known`` has no options."""


def _basis(context: Context) -> Any:
    """The run's record, with what a reproduction saw of unknown reads. A promotion looks for the content again."""
    record = context.facts.record
    later = FactLog(context.facts.project.home).with_later(record)
    seen = _seen_again(context) if unknown_reads(record) is not None else None
    return [to_dict(later), None if seen is None else [to_dict(use) for use in seen]]


@gate(
    "data_known", "Every input is known and can be restored.", DataOptions, seconds=_SECONDS,
    keeping=GateKeeping(_basis, promotes=False),
)  # fmt: skip
def judge(context: Context) -> GateResult:
    """Files and folders are looked for as a reproduction does: working tree, git object, DVC cache, DVC remote; what
    is not in the working tree is really fetched. Values (named frames and arrays) come from code: their digest is
    asked for, and the gate ``reproduced`` shows that they can be made again."""
    record = context.facts.record
    uses = [use for use in record.data if use.role != "written"]
    if (gone := lost_cells(record)) is not None:
        again = "Restart the kernel, run the notebook from the top with tracking on, and register the new run."
        return undecided(f"Not every input is known: {printable(gone)}.", again)
    if (why := unknown_reads(record)) is not None:
        seen = _seen_again(context)
        if seen is None:
            again = f"jupyter bioml reproduce {record.record_id[:8]}: it sees what they read."
            because = f"the run {why}" if why.startswith("uses ") else why
            return undecided(f"Not every input is known: {printable(because)}.", again)
        uses += [use for use in seen if use.path not in {known.path for known in uses}]
    unhashed = [use.name for use in uses if use.digest is None]
    if unhashed:
        reasons = [gap.reason for gap in record.gaps if gap.part in (DIGEST, NAMED_DATA)]
        because = f" ({printable(reasons[0])[:200]})" if reasons else ""
        said = f"The digest of {counted(len(unhashed), 'input')} is unknown: {_listed(unhashed)}{because}."
        return failed(
            said, "Rerun the cell while the file is there, and register the new run.", inputs=unhashed[:_SHOWN]
        )
    changed = [use.name for use in uses if use.changed_since]
    if changed:
        said = (
            f"Changed after being read and before being hashed: {counted(len(changed), 'input')}: {_listed(changed)}."
        )
        return failed(said, "Rerun the cell, and register the new run.", inputs=changed[:_SHOWN])
    places, notes = _looked_for(context, [use for use in uses if use.path is not None])
    here = [item.pop("here") for item in places]
    lost = [item["name"] for item in places if item["found"] is None]
    if lost:
        said = f"The recorded content of {counted(len(lost), 'input')} was not found anywhere: {_listed(lost)}."
        return failed(said, _FIND, inputs=places[:_SHOWN], notes=notes)
    values = len(uses) - len(places)
    unseen = [printable(gap.reason) for gap in record.gaps if gap.part == DATA]
    answer = passed(
        f"Known and available: {counted(len(places), 'file')}, {counted(values, 'value')}."
        + "".join(f" But {reason}." for reason in unseen[:_SHOWN]),
        inputs=places[:_SHOWN],
        notes=notes,
    )
    if None in here:  # git, DVC or its remote has it, or had it a moment ago
        return answer
    return dataclasses.replace(answer, grounds=Grounds(tuple(path for paths in here for path in paths)))


def _seen_again(context: Context) -> tuple[DataUse, ...] | None:
    """What a reproduction saw the cells read that ran while tracking was off; None: there was none."""
    try:
        return reads_seen(context.facts.report(VERDICT))
    except Undecided:
        return None


def _looked_for(context: Context, uses: Sequence[DataUse]) -> tuple[list[dict[str, Any]], list[str]]:
    """Where the content of each file was found, and which sources could not be asked."""
    from ..data_probe import DataJob

    if not uses:
        return [], []
    project = context.facts.project
    place = project.home / "work"
    place.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="promote-", dir=place, ignore_cleanup_errors=True) as folder,
        tempfile.TemporaryDirectory(prefix="bioml-data-") as asking,
    ):
        job, answer = Path(asking, "job"), Path(asking, "answer.json")
        hand_over(job, DataJob(project, context.facts.record.git, tuple(uses), Path(folder)))
        found, why, words = probed(PROBE, [str(job), str(answer), str(context.seconds)], answer, context.seconds)
    if found is None:
        at = f" at {words.splitlines()[-1][:200]}" if words else ""
        raise Undecided(f"Looking for the content of the inputs {why}{at}.", _ANSWERS)
    return found["inputs"], found["notes"]


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(printable(name)[:80] for name in names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"
