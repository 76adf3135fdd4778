"""``env check``: what differs from lock and declarations, and whether the notebook runs in other environments."""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
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
from .declared.compare import UNMET, DeclaredCheck, Present, compare
from .declared.environment import prepared_declared
from .declared.gather import declared_for
from .declared.statement import Declared
from .differences import ADDED, VERSION, PackageDifference, from_lock
from .imports import ImportReport, direct_requirements, import_report, local_modules, python_of_notebook
from .installer import LIMIT, Say
from .lock import EnvironmentNotBuildable, Lock, lock_of
from .prepare import (
    DECLARED,
    LATEST,
    LOCKED,
    Prepared,
    prepared_from_lock,
    prepared_latest,
    present_interpreter,
    resolved,
)
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
    next: str | None = None
    """What to do about that."""
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
            "next": self.next,
            "suspected": list(self.suspected),
            "culprit": self.culprit and self.culprit.as_json(),
        }


@dataclass(frozen=True)
class EnvironmentCheck:
    """The check of one notebook or run."""

    notebook: str | None
    lock_from: str | None
    """In words: the owner of the lock; None: no run is recorded, so there is no lock."""
    lock_digest: str | None
    imports: ImportReport
    differences: tuple[PackageDifference, ...]
    """Differences of the current environment from the lock; empty without a lock."""
    trials: tuple[Trial, ...] = ()
    waiting: tuple[str, ...] = ()
    """Runs not in MLflow yet, and how to send them."""
    declared: DeclaredCheck = field(default_factory=DeclaredCheck)
    """The current environment against what is declared."""

    @property
    def passed(self) -> bool:
        """Whether every trial passed, and the current environment meets what is declared.

        A trial in the declared environment answers for the current one.
        """
        met = self.declared.state != UNMET or any(trial.kind == DECLARED for trial in self.trials)
        return met and all(trial.outcome == PASSED for trial in self.trials)

    @property
    def exit_code(self) -> int:
        """0: nothing that was tried or declared failed; 1 otherwise. Differences from a lock are not a failure."""
        return 0 if self.passed else 1

    @property
    def next(self) -> str | None:
        """The command that builds the declared environment, where the current one does not meet it."""
        if self.declared.state != UNMET or self.notebook is None or any(one.kind == DECLARED for one in self.trials):
            return None
        return f"bioml env check {shlex.quote(os.path.relpath(self.notebook))} --declared"

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
                    "declared": self.declared.as_json(),
                    "next": self.next,
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
    """Compare with lock and declarations, and run the notebook in the environments named by ``kinds``.

    :param kinds: of ``locked``, ``declared`` and ``latest``; each is run as every notebook is, tracked.
    :param bisect: when it passes locked and fails with the latest versions, find the distribution by trials.
    :param limit: seconds that building one environment may take.
    :raises UsageError: when there is no notebook to run, or a line that is needed for it cannot be read.
    """
    folder = target.notebook.parent if target.notebook is not None else project.root
    declared = declared_for(folder, project.root, target.cells)
    found = _compared(target, folder, declared)
    if not kinds:
        return found
    if target.notebook is None:
        raise UsageError(
            "The run's notebook is not here, so there is nothing to run.", next="jupyter bioml reproduce RUN --env …"
        )
    if {DECLARED, LATEST} & set(kinds):
        _check_readable(declared)
    with Worker() as worker:
        trials = _Trials(project, target, target.notebook, declared, cache, say, limit, worker)
        made = tuple(trials.run(kind, bisect) for kind in (LOCKED, DECLARED, LATEST) if kind in kinds)
        waiting = tuple(drain_all(trials.results, say))
    return replace(found, trials=made, waiting=waiting)


def _compared(target: Target, folder: Path, declared: Declared) -> EnvironmentCheck:
    """The present environment against the lock, if there is one, and against what is declared."""
    lock, locked = lock_of(target.document), target.lock_from is not None
    interpreter, _ = present_interpreter(lock)
    return EnvironmentCheck(
        str(target.notebook) if target.notebook else None,
        target.lock_from,
        lock.digest if locked else None,
        import_report(target.modules, target.document, declared, local_modules(folder), locked=locked),
        from_lock(lock, interpreter.version, interpreter.distributions()) if locked else (),
        declared=compare(
            _with_saved(declared, target, interpreter.line), Present(interpreter), _top_level(target.modules)
        ),
    )


def _with_saved(declared: Declared, target: Target, line: str) -> Declared:
    """Mention the Python that saved the notebook, if it is of another line: that is not a declaration."""
    saved = python_of_notebook(target.notebook) if target.notebook is not None else None
    if saved is None or saved.split(".")[:2] == line.split("."):
        return declared
    return replace(declared, hints=(*declared.hints, f"the notebook was saved by Python {saved}, this is {line}"))


def _top_level(modules: Iterable[str]) -> frozenset[str]:
    return frozenset(name.partition(".")[0].lower() for name in modules)


def _check_readable(declared: Declared) -> None:
    """Refuse to build from declarations that could not be read: what they ask for would be missing.

    :raises UsageError: naming the first of them.
    """
    for one in declared.not_compared:
        if one.unreadable:
            raise UsageError(f"{one.sentence}.", next="Fix that line.")


class _Trials:
    """The trials of one notebook, one after another."""

    def __init__(
        self,
        project: Project,
        target: Target,
        notebook: Path,
        declared: Declared,
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
        self._declared = declared
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
            elif kind == DECLARED:
                imported = _top_level(self._target.modules)
                prepared = prepared_declared(lock, self._declared, imported, self._cache, self._say, **more)
            else:
                prepared = prepared_from_lock(lock, self._cache, self._say, **more)
        except EnvironmentNotBuildable as error:
            return Trial(kind, NOT_BUILT, problem=error.message, package=error.package or None, next=error.next or None)
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
