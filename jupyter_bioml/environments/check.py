"""``env check``: what differs from the lock, and whether the notebook runs in the locked and the latest environment."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..canonical import jsonable
from ..config import Project
from ..errors import UsageError
from ..headless.drain import drain_all, with_records
from ..headless.process import Worker
from ..headless.results import CellFailure, NotebookJob, NotebookResult
from ..text.present import printable, shorten
from .culprit import Culprit, find_culprit, suspects
from .differences import ADDED, VERSION, PackageDifference
from .imports import (
    DeclaredRequirements,
    ImportReport,
    declared_beside,
    direct_requirements,
    import_report,
    local_modules,
)
from .installer import LIMIT, Say
from .lock import EnvironmentNotBuildable, Lock, lock_of
from .prepare import CURRENT, LATEST, LOCKED, Prepared, prepare, prepared_from_lock, prepared_latest, resolved
from .targets import Target

#: The outcomes of a trial.
PASSED, FAILED, NOT_BUILT = "passed", "failed", "not built"


@dataclass(frozen=True)
class Trial:
    """The notebook's trial in one environment."""

    kind: str
    outcome: str
    prepared: Prepared | None = None
    result: NotebookResult | None = None
    problem: str | None = None
    """Why the environment could not be built."""
    package: str | None = None
    """The distribution that building failed at."""
    suspected: tuple[str, ...] = ()
    """Changed distributions mentioned in the error, as a hint; all changed ones if it mentions none."""
    culprit: Culprit | None = None
    """The result of a bisection."""

    @property
    def failure(self) -> CellFailure | None:
        """The first cell that failed."""
        return self.result.failure if self.result is not None else None

    @property
    def sentence(self) -> str:
        """The outcome in words: with the first failing cell and the suspected distributions."""
        if self.outcome == PASSED:
            return "the notebook passes"
        if self.outcome == NOT_BUILT:
            return f"it cannot be built: {self.problem}"
        if self.failure is None:
            return f"the notebook fails: {self.result.reason if self.result else 'it was not run'}"
        what = printable(shorten(self.failure.message, 200))
        return f"fails first in cell {self.failure.index + 1}: {self.failure.kind}: {what}"

    def as_json(self) -> dict[str, Any]:
        """One trial in the answer of ``bioml env check --json``."""
        return {
            "kind": self.kind,
            "outcome": self.outcome,
            "sentence": self.sentence,
            "environment": self.prepared and self.prepared.as_json(),
            "result": self.result and self.result.as_json(),
            "problem": self.problem,
            "package": self.package,
            "suspected": list(self.suspected),
            "culprit": self.culprit and self.culprit.as_json(),
        }


@dataclass(frozen=True)
class EnvironmentCheck:
    """The check of one notebook or run."""

    notebook: str | None
    lock_from: str
    lock_digest: str
    imports: ImportReport
    differences: tuple[PackageDifference, ...]
    """Differences of the current environment from the lock."""
    trials: tuple[Trial, ...] = ()
    waiting: tuple[str, ...] = ()
    """Runs not in MLflow yet, and how to send them."""

    @property
    def passed(self) -> bool:
        """Whether every requested trial passed; True if none was requested."""
        return all(trial.outcome == PASSED for trial in self.trials)

    @property
    def exit_code(self) -> int:
        """0: nothing that was tried failed; 1 otherwise. Differences alone are not a failure."""
        return 0 if self.passed else 1

    def as_json(self) -> dict[str, Any]:
        """The answer of ``bioml env check --json``."""
        return dict(
            jsonable(
                {
                    "notebook": self.notebook,
                    "lock_from": self.lock_from,
                    "lock_digest": self.lock_digest,
                    "passed": self.passed,
                    "imports": vars(self.imports),
                    "differences": [item.as_json() for item in self.differences],
                    "trials": [trial.as_json() for trial in self.trials],
                    "waiting": list(self.waiting),
                }
            )
        )


def first_failing(checks: Sequence[EnvironmentCheck], kind: str) -> tuple[EnvironmentCheck, Trial] | None:
    """The first notebook that fails in an environment of that kind."""
    for found in checks:
        for trial in found.trials:
            if trial.kind == kind and trial.outcome != PASSED:
                return found, trial
    return None


def check(
    project: Project,
    target: Target,
    *,
    kinds: Sequence[str] = (),
    bisect: bool = False,
    cache: Path | None = None,
    say: Say,
    limit: float = LIMIT,
) -> EnvironmentCheck:
    """Compare with the lock, and run the notebook in the environments named by ``kinds``.

    :param kinds: of ``locked`` and ``latest``; both are run as every notebook is, tracked.
    :param bisect: when it passes locked and fails with the latest versions, find the distribution by trials.
    :param limit: seconds that building one environment may take.
    :raises UsageError: when there is no notebook to run.
    """
    lock = lock_of(target.document)
    folder = target.notebook.parent if target.notebook is not None else project.root
    declared = declared_beside(folder, project.root)
    report = import_report(target.modules, target.document, declared, local_modules(folder))
    present = prepare(CURRENT, target.document)
    found = EnvironmentCheck(
        str(target.notebook) if target.notebook else None, target.lock_from, lock.digest, report, present.differences
    )
    if not kinds:
        return found
    if target.notebook is None:
        raise UsageError(
            "The run's notebook is not here, so there is nothing to run.", next="jupyter bioml reproduce RUN --env …"
        )
    with Worker() as worker:
        trials = _Trials(project, target, target.notebook, declared, cache, say, limit, worker)
        made = tuple(trials.run(kind, bisect) for kind in (LOCKED, LATEST) if kind in kinds)
        waiting = tuple(drain_all(trials.results, say))
    return replace(found, trials=made, waiting=waiting)


class _Trials:
    """The trials of one notebook, one after another."""

    def __init__(
        self,
        project: Project,
        target: Target,
        notebook: Path,
        declared: DeclaredRequirements,
        cache: Path | None,
        say: Say,
        limit: float,
        worker: Worker,
    ) -> None:
        self.results: list[NotebookResult] = []
        self._target = target
        self._notebook = notebook
        own = local_modules(notebook.parent)
        modules = [name for name in target.modules if name.partition(".")[0] not in own]
        self._direct = direct_requirements(modules, target.document, declared.requirements)
        self._cache = cache
        self._say = say
        self._limit = limit
        self._worker = worker
        self._folder = (
            project.home / "outputs" / f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{os.urandom(2).hex()}"
        )
        self._passed_locked: bool | None = None
        self._newest: tuple[Lock, tuple[str, ...]] | None = None

    def run(self, kind: str, bisect: bool) -> Trial:
        """One trial, and the search for the cause if it fails."""
        lock, more = lock_of(self._target.document), {"limit": self._limit}
        try:
            if kind == LATEST:
                self._newest = resolved(lock, self._direct, self._cache, self._say, **more)
                prepared = prepared_latest(lock, self._newest, self._cache, self._say, **more)
            else:
                prepared = prepared_from_lock(lock, self._cache, self._say, **more)
        except EnvironmentNotBuildable as error:
            return Trial(kind, NOT_BUILT, problem=error.message, package=error.package or None)
        result = self._notebook_in(prepared.python, kind)
        self._say(f"{kind}: {result.status}")
        if kind == LOCKED:
            self._passed_locked = result.passed
        if result.passed:
            return Trial(kind, PASSED, prepared, result)
        trial = Trial(kind, FAILED, prepared, result)
        if kind != LATEST:
            return trial
        changed = [item.name for item in prepared.differences if item.kind in (VERSION, ADDED)]
        named = suspects(result.failure, self._target.document, changed)
        trial = replace(trial, suspected=named or tuple(changed))
        return replace(trial, culprit=self._bisected(named)) if bisect else trial

    def _notebook_in(self, python: str, label: str) -> NotebookResult:
        output = self._folder / label / self._notebook.name
        job = NotebookJob(str(self._notebook), str(output), str(self._notebook.parent), python=python)
        self._say(f"running {self._notebook.name} ({label})")
        result = with_records(self._worker.run(job))
        self.results.append(result)
        return result

    def _bisected(self, named: Sequence[str]) -> Culprit | None:
        """The culprit by trials; None unless the locked environment passes."""
        lock = lock_of(self._target.document)
        if self._passed_locked is None:
            self._passed_locked = self._passes(lock)
        if not self._passed_locked:
            self._say("the notebook also fails with the locked versions: nothing to bisect")
            return None
        assert self._newest is not None
        return find_culprit(lock, self._newest[0], self._passes, first=named, say=self._say)

    def _passes(self, lock: Lock) -> bool:
        """Whether the notebook passes in the environment of a lock; one that cannot be built does not."""
        try:
            prepared = prepared_from_lock(lock, self._cache, self._say, limit=self._limit)
        except EnvironmentNotBuildable as error:
            self._say(f"cannot be built: {error.message}")
            return False
        return self._notebook_in(prepared.python, f"bisect-{len(self.results)}").passed
