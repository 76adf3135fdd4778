"""The results of ``env check`` and ``env build``, as lines of text."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from ..environments.check import FAILED, NOT_BUILT, PASSED, EnvironmentCheck, Trial, first_failing
from ..environments.declared.compare import MET, UNMET, DeclaredCheck, Unmet
from ..environments.declared.statement import NotCompared
from ..environments.differences import PackageDifference
from ..environments.prepare import DECLARED, LATEST, LOCKED, Prepared
from ..text.present import counted, printable, short_id
from .batch import failing_cell

_SIGNS = {PASSED: "✓", FAILED: "✗", NOT_BUILT: "⊘"}
#: Differences listed; the JSON document has all of them.
SHOWN = 20


def checks_page(found: Sequence[EnvironmentCheck], width: int) -> Iterator[str]:
    """Checks of several notebooks: each one, then per kind of environment whether all pass, or which fails first."""
    for number, one in enumerate(found):
        if number:
            yield ""
        yield from check_page(one, width)
    if len(found) < 2:
        return
    yield ""
    for kind in (LOCKED, DECLARED, LATEST):
        tried = [one for one in found if any(trial.kind == kind for trial in one.trials)]
        failing = first_failing(found, kind)
        if failing is not None:
            one, trial = failing
            first = trial.sentence.splitlines()[0]
            yield f"{_SIGNS[trial.outcome]} {kind}: the first to fail is {_name(one)}: {first}"
        elif tried:
            yield f"✓ {kind}: all {len(tried)} pass"


def _name(found: EnvironmentCheck) -> str:
    return printable(os.path.relpath(found.notebook)) if found.notebook else "the run's code"


def check_page(found: EnvironmentCheck, width: int) -> Iterator[str]:
    """One check."""
    yield from _lock(found)
    yield from _declared(found)
    for line in found.imports.sentences():
        yield f"⚠ {line}"
    if found.imports.clean and found.lock_digest is not None:
        yield "✓ every import is in the lock" + (" and declared" if found.imports.files else "")
    elif found.imports.clean:
        yield "○ every import is installed" + (" and declared" if found.imports.files else "")
    for trial in found.trials:
        yield ""
        yield from _trial(trial)
    for line in found.waiting:
        yield f"⚠ {printable(line)}"


def _lock(found: EnvironmentCheck) -> Iterator[str]:
    """The present environment against the lock; without one there is nothing to say ✓ to."""
    if found.lock_digest is None or found.lock_from is None:
        yield f"{_name(found)}: no lock, because no run of it is recorded"
        return
    yield f"{_name(found)}: lock {short_id(found.lock_digest)} of {printable(found.lock_from)}"
    count = len(found.differences)
    if count:
        yield f"⚠ the current environment differs from it in {counted(count, 'point')}:"
        yield from _listed(found.differences)
    else:
        yield "✓ the current environment matches the lock"


def _declared(found: EnvironmentCheck) -> Iterator[str]:
    """The present environment against what is declared."""
    said: DeclaredCheck = found.declared
    sign = {MET: "✓", UNMET: "✗"}.get(said.state, "○")
    yield f"{sign} {printable(said.sentence)}"
    yield from _listed(said.unmet)
    if said.not_compared:
        yield "⚠ not compared:"
        yield from _listed(said.not_compared)
    if said.hints:
        yield "⚠ also seen:"
        yield from (f"    {printable(line)}" for line in said.hints[:SHOWN])
    if found.next:
        yield f"  run it with the declared versions: {printable(found.next)}"


def _listed(items: Sequence[PackageDifference | Unmet | NotCompared]) -> Iterator[str]:
    yield from (f"    {item.sentence}" for item in items[:SHOWN])
    if len(items) > SHOWN:
        yield f"    … and {len(items) - SHOWN} more (--json has all)"


def _trial(trial: Trial) -> Iterator[str]:
    first, *rest = trial.sentence.splitlines()
    yield f"{_SIGNS[trial.outcome]} {trial.kind}: {first}"
    yield from rest
    if trial.next:
        yield f"  {printable(trial.next)}"
    if trial.prepared is not None:
        yield from _listed(trial.prepared.differences)
        yield from (f"  {printable(note)}" for note in trial.prepared.notes)
    if trial.culprit is not None:
        yield f"  found by bisection: {printable(trial.culprit.sentence)}"
        if trial.culprit.note:
            yield f"  {printable(trial.culprit.note)}"
    elif trial.suspected:
        yield f"  suspected: {printable(', '.join(trial.suspected[:SHOWN]))} (proof: --latest --bisect)"
    if trial.result is not None and trial.failure is not None:
        yield from failing_cell(trial.result, trial.failure)


def prepared_page(made: Prepared, width: int) -> Iterator[str]:
    """A built environment."""
    yield f"✓ {printable(made.python)}"
    yield from _listed(made.differences)
    yield from (f"⚠ {printable(note)}" for note in made.notes)
