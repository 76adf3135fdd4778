"""Evidence from a reproduction: from the record, the new run and the kernel's messages. Nothing runs here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from ...capture.rerun.notices import READ_OUTSIDE, STATE_FAILED, STATES, WRITE_REFUSED
from ...errors import BiomlError
from ...headless.results import BROKEN, INTERRUPTED, KILLED
from ...journal.blobs import Blobs
from ...notebooks.code_text import Text, bound_names
from ...notebooks.plan import ALLOWED_TO_FAIL
from ...records.compare import RecordComparison
from ...records.run import FAILED, FINISHED
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
    TIME_DEPENDENCE,
    TIMEOUT,
    UNSEEDED_RANDOMNESS,
    Evidence,
)
from .failures import Raised, Scene, evidence_of, missing_data, refused_write, relative_to_notebook
from .packages import Packages
from .volatile_code import CLOCK, ESTIMATOR, HASH, Sight, seeded, sights

_HARDWARE = re.compile(r"^(?:cpu|blas|threads|gpus|driver|cuda)(?:\.|$)|^os\.(?:machine|libc)$|_NUM_THREADS$")


def texts_of(recorded: Recorded) -> tuple[Text, ...]:
    """The planned cells, and the project's modules that the run imported."""
    cells = [Text(cell.source, number) for number, cell in enumerate(recorded.plan.cells, 1)]
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
    if new is None or attempt.result.timed_out:
        return False
    if new.status == FINISHED:
        return True
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
        raised = _raised(attempt)
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
    )


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
    """Reads by absolute paths into the user's own tree, and refused writes that the code got over."""
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


# -- what changes from run to run --------------------------------------------------------------------


def volatile_evidence(recorded: Recorded, attempt: Attempt, texts: tuple[Text, ...], *, fresh: bool) -> list[Evidence]:
    """Clocks and unseeded generators in the code, and generators that were used without a seed.

    :param fresh: recorded states were not restored.
    """
    sown = seeded(texts) | {key.partition(".")[2] for key in recorded.record.params if key.startswith("seed.")}
    failed = {str(item.get("library")) for item in attempt.notices if item["kind"] == STATE_FAILED}
    known = set() if fresh else set(recorded.start_states) - failed
    hash_seed = recorded.variables.get("PYTHONHASHSEED", "").isdigit()
    found = []
    for sight in sights(texts):
        library = "numpy" if sight.kind == ESTIMATOR else sight.library
        if library in sown or (sight.kind == HASH and hash_seed):
            continue
        found.append(_of_sight(sight, known))
    named = {sight.library for sight in sights(texts)}
    for cell, library in _drawn(attempt):
        if library not in sown and library not in named:
            named.add(library)
            message = f"{library}'s generator was used in cell {cell} without a seed"
            found.append(_unseeded(message, f"set a seed in the first cell ({library})", cell, library in known))
    return found


def _of_sight(sight: Sight, known: set[str]) -> Evidence:
    code = shorten(printable(sight.code), 120)
    if sight.kind == CLOCK:
        return Evidence(TIME_DEPENDENCE, f"{sight.where} reads the clock: {code}", sight.repair, sight.cell)
    what = {HASH: "iterates over a set in hash order", ESTIMATOR: "has no random_state"}
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
