"""The gate ``data_known``: every input of the run has a digest, and exactly that content can be restored."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...records.run import DataUse
from ...text.present import counted, printable
from ..context import Context
from ..gate import GateResult, failed, passed
from ..known_gates import gate

_SHOWN = 20
_FIND = "Restore the recorded version (dvc push, git, a copy), or rerun the cell and register the new run."


@dataclass(frozen=True)
class DataOptions:
    """The gate ``data_known`` has no options."""


@gate("data_known", "Every input is known and can be restored.", DataOptions)
def judge(context: Context) -> GateResult:
    """Files and folders are looked for as a reproduction does: working tree, git object, DVC cache, DVC remote; what
    is not in the working tree is really fetched. Values (named frames and arrays) come from code: their digest is
    asked for, and the gate ``reproduced`` shows that they can be made again."""
    record = context.facts.record
    uses = [use for use in record.data if use.role != "written"]
    unknown = [use.name for use in uses if use.digest is None]
    if unknown:
        reasons = [gap.reason for gap in record.gaps if gap.part == "data"]
        because = f" ({printable(reasons[0])[:200]})" if reasons else ""
        said = f"The digest of {counted(len(unknown), 'input')} is unknown: {_listed(unknown)}{because}."
        return failed(
            said, "Rerun the cell while the file is there, and register the new run.", inputs=unknown[:_SHOWN]
        )
    changed = [use.name for use in uses if use.changed_since]
    if changed:
        said = (
            f"Changed after being read and before being hashed: {counted(len(changed), 'input')}: {_listed(changed)}."
        )
        return failed(said, "Rerun the cell, and register the new run.", inputs=changed[:_SHOWN])
    places, notes = _looked_for(context, [use for use in uses if use.path is not None])
    lost = [item["name"] for item in places if item["found"] is None]
    if lost:
        said = f"The recorded content of {counted(len(lost), 'input')} was not found anywhere: {_listed(lost)}."
        return failed(said, _FIND, inputs=places[:_SHOWN], notes=notes)
    values = len(uses) - len(places)
    return passed(
        f"Known and available: {counted(len(places), 'file')}, {counted(values, 'value')}.",
        inputs=places[:_SHOWN],
        notes=notes,
    )


def _looked_for(context: Context, uses: Sequence[DataUse]) -> tuple[list[dict[str, Any]], list[str]]:
    """Where the content of each file was found, and which sources could not be asked."""
    from ...reproduce.setup.inputs import WORKING_TREE, Inputs
    from ...reproduce.setup.workfolder import Input, WorkFolder

    if not uses:
        return [], []
    project = context.facts.project
    wanted = list(dict.fromkeys(str(use.path) for use in uses))
    place = project.home / "work"
    place.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="promote-", dir=place) as folder:
        finder = Inputs(project, context.facts.record.git, lambda _: None)
        work = WorkFolder(Path(folder), project.root, project.root)
        given = finder.provide(work, [Input(path, False) for path in wanted], uses)
    found = [
        {
            "name": item.name,
            "digest": item.recorded,
            "found": (item.found or WORKING_TREE) if item.is_recorded else None,
        }
        for item in given
    ]
    return found, list(finder.notes)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(printable(name)[:80] for name in names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"
