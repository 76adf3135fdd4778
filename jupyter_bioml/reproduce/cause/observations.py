"""Evidence from a reproduction: from the record, the new run and the kernel's messages. Nothing runs here."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ...capture.rerun.notices import READ_OUTSIDE, WRITE_REFUSED
from ...errors import BiomlError
from ...headless.results import BROKEN, INTERRUPTED, KILLED
from ...journal.blobs import Blobs
from ...notebooks.code_text import Text, bound_names
from ...notebooks.plan import ALLOWED_TO_FAIL
from ...records.compare import RecordComparison
from ...records.run import FAILED, FINISHED, UNKNOWN
from ...text.present import printable, shorten
from ..attempt import Attempt
from ..setup.inputs import Provided
from ..setup.recorded import Recorded
from ..verdict import (
    CODE_CHANGED,
    CODE_MISSING,
    DATA_CHANGED,
    ENVIRONMENT_NOT_BUILDABLE,
    HIDDEN_STATE,
    KERNEL_DIED,
    NONDETERMINISM,
    PATH_NOT_PORTABLE,
    STATE_NOT_PROVEN,
    TIMEOUT,
    Evidence,
)
from .failures import Raised, Scene, evidence_of, refused_write, relative_to_notebook
from .missing_data import missing_data
from .missing_files import RecordedReads, paths_in
from .packages import Packages

_HARDWARE = re.compile(r"^(?:cpu|blas|threads|gpus|driver|cuda)(?:\.|$)|^os\.(?:machine|libc)$|_NUM_THREADS$")


def texts_of(recorded: Recorded) -> tuple[Text, ...]:
    """The planned cells, and the project's modules that the run imported."""
    planned = (*recorded.plan.cells, *recorded.plan.later)
    cells = [Text(cell.source, number) for number, cell in enumerate(planned, 1)]
    blobs, modules = Blobs(recorded.project.blobs), []
    for module in recorded.record.modules:
        try:
            source = blobs.get(module.blob or "").decode("utf-8", "replace")
        except BiomlError:
            continue
        modules.append(Text(source, None, module.path))
    return (*cells, *modules)


def came_to_its_end(recorded: Recorded, attempt: Attempt) -> bool:
    """Whether there are results to compare: the run's cell ended, and not with an unexpected error."""
    new = attempt.record
    if new is not None and new.status == FINISHED:
        return True  # whatever a later cell came to
    if new is None or attempt.result.timed_out:
        return False
    expected = ALLOWED_TO_FAIL in recorded.record.code.tags
    return recorded.record.status == FAILED and new.status == FAILED and expected


# -- why it did not come to its end ------------------------------------------------------------------


def stopped(recorded: Recorded, attempt: Attempt, texts: Sequence[Text], packages: Packages) -> list[Evidence]:
    """Why the run's cell was not reached, or did not finish."""
    scene = _scene(recorded, attempt, texts, packages)
    result, found = attempt.result, []
    refused = [item["path"] for item in attempt.notices if item["kind"] == WRITE_REFUSED]
    found += [refused_write(str(path), None, scene) for path in refused[:3]]
    if result.timed_out:
        reason = shorten(result.reason or "it ran out of time", 200)
        found.append(Evidence(TIMEOUT, f"A time limit ended it: {reason}.", "allow more: --timeout S --cell-timeout S"))
    elif result.status == KILLED:
        found.append(_death(attempt))
    elif result.status == BROKEN:
        message = f"No kernel could be started: {shorten(printable(result.reason or ''), 300)}"
        found.append(Evidence(ENVIRONMENT_NOT_BUILDABLE, message, "pip install ipykernel"))
    elif result.status == INTERRUPTED:
        found.append(Evidence(STATE_NOT_PROVEN, "It was interrupted.", "reproduce it once more"))
    else:
        for raised in (*unexpected(recorded, attempt), _raised(attempt)):
            found += [] if raised is None else evidence_of(raised, scene)
    if recorded.record.status == FAILED and found:
        found[0] = replace(found[0], message=f"{found[0].message} The recorded run ended with an error, too.")
    return found


def _death(attempt: Attempt) -> Evidence:
    peaks = [record.resources.peak_rss for record in attempt.records if record.resources.peak_rss]
    peak = f" Its peak was {max(peaks) / 2**30:.1f} GiB." if peaks else ""
    where = f"cell {attempt.result.failure.index + 1}" if attempt.result.failure else "a cell"
    reason = shorten((attempt.result.reason or "").partition(" while cell")[0], 200)
    repair = f"run it with more free memory, or read less at a time in {where}"
    return Evidence(KERNEL_DIED, f"{reason or 'The kernel died'} in {where}.{peak}", repair)


def _raised(attempt: Attempt) -> Raised | None:
    failure = attempt.result.failure
    if failure is not None:
        return Raised(failure.kind, failure.message, failure.traceback, failure.index + 1)
    new = attempt.record
    if new is None or new.failure is None:
        return None
    return Raised(new.failure.kind, new.failure.message, new.failure.traceback, len(attempt.records))


def unexpected(recorded: Recorded, attempt: Attempt) -> Iterator[Raised]:
    """Errors of cells that ran while tracking was off, and may have had none then."""
    planned = [cell for cell in recorded.record.before if cell.status in (FINISHED, FAILED, UNKNOWN)]
    again = [record for record in attempt.records if not record.parent]
    for number, (cell, record) in enumerate(zip(planned, again, strict=False), 1):
        if cell.status == UNKNOWN and record.failure is not None:
            yield Raised(record.failure.kind, record.failure.message, record.failure.traceback, number)


def _scene(recorded: Recorded, attempt: Attempt, texts: Sequence[Text], packages: Packages) -> Scene:
    planned = {cell.seq for cell in recorded.plan.cells}
    return Scene(
        [text for text in texts if text.cell is not None],
        [(prior.seq, prior.source) for prior in recorded.record.before if prior.seq not in planned],
        _notebook_cells(recorded),
        packages.versions,
        packages.tops,
        packages.by_import(),
        frozenset(module.name for module in recorded.record.modules),
        recorded.project.root,
        attempt.work.folder,
        recorded.cwd,
        RecordedReads(lost(attempt.data), _failed_alike(recorded)),
    )


def _failed_alike(recorded: Recorded) -> Callable[[str, str], bool]:
    """Whether an exception is the one that the recorded run ended with: the same class about the same files."""
    failure = recorded.record.failure

    def alike(kind: str, message: str) -> bool:
        if failure is None or failure.kind != kind:
            return False
        then, now = ({os.path.basename(path) for path in paths_in(text)} for text in (failure.message, message))
        return then == now

    return alike


def _notebook_cells(recorded: Recorded) -> list[tuple[int, str]]:
    """(place from 1, source) of the code cells of the notebook as it is now; empty where it cannot be read."""
    return [(place, source) for place, _, source in _cells_now(recorded) or ()]


def _cells_now(recorded: Recorded) -> list[tuple[int, str | None, str]] | None:
    """(place from 1, id, source) of the notebook's code cells; None where there is none or it cannot be read."""
    name = recorded.record.code.notebook
    if not name:
        return None
    try:
        document = json.loads((recorded.project.root / name).read_text(encoding="utf-8"))
        cells = [cell for cell in document["cells"] if cell.get("cell_type") == "code"]
        return [(place, cell.get("id"), "".join(cell["source"])) for place, cell in enumerate(cells, 1)]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


# -- data, code, paths -------------------------------------------------------------------------------


def lost(provided: Sequence[Provided]) -> list[str]:
    """Names of data that are neither where they were nor anywhere else."""
    return [item.name for item in provided if item.present is None and item.found is None]


def data_evidence(provided: Sequence[Provided], comparison: RecordComparison | None) -> list[Evidence]:
    """Evidence from the data: not found in the recorded version, or read in a different one."""
    found = []
    for item in provided:
        name = printable(shorten(item.name, 200))
        if item.present is None and item.found is None:
            found.append(missing_data(item.name))
        elif item.is_recorded is False:
            message = f"{name} is not what the run read, and the recorded version was not found."
            found.append(
                Evidence(DATA_CHANGED, message, f"restore the recorded {name} (md5 {item.recorded}): dvc pull {name}")
            )
        elif item.is_recorded is None:
            message = f"Whether {name} is what the run read is unknown: it was never hashed."
            found.append(Evidence(DATA_CHANGED, message, decides=False))
    told = {item.name for item in provided if item.is_recorded is False or item.present is None}
    wanted = {item.name for item in provided} - told
    for difference in comparison.of("data") if comparison is not None else ():
        if difference.name in wanted and difference.left and difference.right:
            message = (
                f"{difference.name} was read in a different version ({difference.left[:12]} → {difference.right[:12]})."
            )
            found.append(Evidence(DATA_CHANGED, message, f"dvc pull {difference.name}"))
    return found


def unfound(provided: Sequence[Provided]) -> bool:
    """Whether the current version of a file, or none at all, replaced the recorded one."""
    return any(item.is_recorded is False for item in provided)


def code_evidence(recorded: Recorded, attempt: Attempt, comparison: RecordComparison | None) -> list[Evidence]:
    """Evidence from the project's code."""
    found = []
    for path in attempt.code.changed:
        message = f"Only the current version of {path} was found, which may differ."
        found.append(Evidence(CODE_CHANGED, message, f"restore the recorded {path} (git log -p -- {path})"))
    for path in attempt.code.missing:
        found.append(Evidence(CODE_MISSING, f"{path} was not found.", f"put {path} back into the project"))
    for difference in comparison.of("modules") if comparison is not None else ():
        if difference.left and difference.right:
            message = f"{difference.name} was imported in a different version than recorded."
            found.append(
                Evidence(CODE_CHANGED, message, f"pip uninstall the copy of {difference.name} that is found first")
            )
    for module in recorded.record.modules:
        if module.changed:
            message = f"{module.path} changed during the recorded run: the code that ran may be a different version."
            found.append(Evidence(CODE_CHANGED, message, "rerun it without changing files in the meantime"))
    return found


def path_evidence(recorded: Recorded, attempt: Attempt) -> list[Evidence]:
    """RecordedReads by absolute paths into the user's own tree, and refused writes that the code got over."""
    root, found = recorded.project.root, []
    for item in attempt.notices:
        path = str(item.get("path", ""))
        shown = printable(shorten(path, 200))
        relative = relative_to_notebook(path, recorded.cwd) if Path(path).is_relative_to(root) else path
        repair = f"use a path relative to the notebook: {relative!r}"
        if item["kind"] == READ_OUTSIDE:
            message = f"{shown} is read by an absolute path, which works on this machine only."
            found.append(Evidence(PATH_NOT_PORTABLE, message, repair, decides=False))
        elif item["kind"] == WRITE_REFUSED:
            message = f"Writing to {shown}, outside the work folder, was refused."
            found.append(Evidence(PATH_NOT_PORTABLE, message, repair))
    return found[:10]


def hidden_evidence(recorded: Recorded) -> list[Evidence]:
    """Names that come from cells no longer in the notebook."""
    now = _cells_now(recorded)
    if now is None:
        return []
    present = {identity for _, identity, _ in now}
    bound_now: set[str] = set()
    for _, _, source in now:
        tree = Text(source, 1).tree
        bound_now |= bound_names(tree) if tree is not None else set()
    found = []
    cells = recorded.plan.cells
    for number, cell in enumerate(cells, 1):
        tree = Text(cell.source, number).tree
        if tree is None or not cell.cell_id or cell.cell_id in present:
            continue
        later = " ".join(other.source for other in cells[number:])
        names = sorted(name for name in bound_names(tree) - bound_now if re.search(rf"\b{re.escape(name)}\b", later))
        if names:
            message = f"Cell run {cell.seq}, which is no longer in the notebook, binds {', '.join(names[:5])}."
            repair = f"put the cell that binds {names[0]} back into the notebook"
            found.append(Evidence(HIDDEN_STATE, message, repair, number, decides=False))
    return found


# -- the machine ------------------------------------------------------------------------------------


def machine_evidence(comparison: RecordComparison | None) -> list[Evidence]:
    """Differences of hardware, threads and numerical libraries, which change the order of sums."""
    if comparison is None:
        return []
    named = [
        f"{item.name} {shorten(str(item.left), 60)} → {shorten(str(item.right), 60)}"
        for item in comparison.of("environment")
        if _HARDWARE.search(item.name)
    ]
    if not named:
        return []
    message = f"The machine or its threads differ from the record: {'; '.join(named[:6])}."
    return [Evidence(NONDETERMINISM, message, "run it on the recorded hardware, with OMP_NUM_THREADS=1")]
