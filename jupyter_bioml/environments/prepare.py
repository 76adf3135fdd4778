"""The environment of a reproduction: the current, the locked or the latest one."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..errors import UsageError
from .build import Built, build, built_before, default_cache
from .differences import MISSING, PYTHON, VERSION, PackageDifference, from_lock
from .installer import LIMIT, Say
from .interpreters import Interpreter, ask, running
from .latest import resolve
from .lock import NEEDED, OWN, USED, EnvironmentNotBuildable, Lock, lock_of
from .own_package import link

#: Those that a run can be reproduced in.
CURRENT, LOCKED, LATEST = KINDS = ("current", "locked", "latest")
#: What the files of the project declare: a notebook is tried in it.
DECLARED = "declared"


@dataclass(frozen=True)
class Prepared:
    """An environment to run in. ``python`` goes into :class:`~jupyter_bioml.headless.results.NotebookJob`."""

    python: str
    kind: str
    digest: str | None
    """SHA-256 of the lock it was built from; None for the current environment."""
    differences: tuple[PackageDifference, ...] = ()
    """Differences from the record."""
    notes: tuple[str, ...] = ()
    """Notes for a reader of the verdict."""

    def as_json(self) -> dict[str, Any]:
        """The answer of ``bioml env build --json``."""
        document = asdict(self)
        document["differences"] = [item.as_json() for item in self.differences]
        return document


def prepare(
    kind: str,
    document: Mapping[str, Any],
    *,
    direct: Sequence[str] = (),
    cache: Path | None = None,
    say: Say | None = None,
    limit: float = LIMIT,
) -> Prepared:
    """Make an environment ready.

    :param kind: ``current``: the one that the run was made in as it is now, else this process's; ``locked``: built
        from the record, transitive distributions and Python version included; ``latest``: the latest versions of
        the direct requirements.
    :param document: ``environment.json`` of the record.
    :param direct: for ``latest``: requirements as pip takes them (see :func:`.imports.direct_requirements`).
    :param cache: where built environments are kept; None: the user's cache folder.
    :param limit: seconds that building may take.
    :raises EnvironmentNotBuildable: naming the distribution or the Python version.
    """
    if kind not in KINDS:
        raise UsageError(f"There is no environment {kind!r}.", next=f"Known: {', '.join(KINDS)}.")
    tell: Say = say or (lambda _: None)
    lock = lock_of(document)
    if kind == CURRENT:
        return _current(lock)
    if kind == LOCKED:
        return prepared_from_lock(lock, cache, tell, limit=limit)
    return prepared_latest(lock, resolved(lock, direct, cache, tell, limit=limit), cache, tell, limit=limit)


def prepared_from_lock(lock: Lock, cache: Path | None, say: Say, *, limit: float = LIMIT) -> Prepared:
    """The locked environment of a lock.

    :raises EnvironmentNotBuildable: as :func:`prepare`.
    """
    return _locked(lock, build(_with_kernel(lock), cache or default_cache(), say, limit=limit))


def locked_before(document: Mapping[str, Any], cache: Path | None = None) -> Prepared | None:
    """The locked environment of a record, if it was built before: nothing is built here."""
    try:
        lock = lock_of(document)
        built = built_before(lock, cache or default_cache())
        return None if built is None else _locked(lock, built)
    except EnvironmentNotBuildable:
        return None


def resolved(
    lock: Lock, direct: Sequence[str], cache: Path | None, say: Say, *, limit: float = LIMIT
) -> tuple[Lock, tuple[str, ...]]:
    """The lock of the latest versions, and what there is to say about it.

    :raises EnvironmentNotBuildable: as :func:`prepare`.
    """
    return resolve(lock, direct, cache or default_cache(), say, limit=limit)


def prepared_latest(
    lock: Lock, newest: tuple[Lock, tuple[str, ...]], cache: Path | None, say: Say, *, limit: float = LIMIT
) -> Prepared:
    """The environment of what :func:`resolved` answered.

    :raises EnvironmentNotBuildable: as :func:`prepare`.
    """
    found, notes = newest
    built = build(found, cache or default_cache(), say, limit=limit)
    return prepared_from_resolved(LATEST, lock, found, built, notes)


def present_interpreter(lock: Lock) -> tuple[Interpreter, tuple[str, ...]]:
    """The interpreter that the run was made with, else this process's; and what there is to say about that."""
    recorded = lock.executable if lock.executable and os.access(lock.executable, os.X_OK) else None
    found = ask(recorded) if recorded else None
    notes = () if found else ("The run's interpreter is not here: the current one is used.",)
    return found or running(), notes


def _current(lock: Lock) -> Prepared:
    found, notes = present_interpreter(lock)
    return Prepared(found.executable, CURRENT, None, from_lock(lock, found.version, found.distributions()), notes)


def _with_kernel(lock: Lock) -> Lock:
    """The lock, if a kernel can be started from it.

    :raises EnvironmentNotBuildable: naming what is missing.
    """
    if lock.get(NEEDED) is None:
        raise EnvironmentNotBuildable(
            f"The recorded environment has no {NEEDED}, so no kernel can start.",
            package=NEEDED,
            next="Use the current environment: --env current",
        )
    return lock


def _locked(lock: Lock, built: Built) -> Prepared:
    python, notes = _python_differs(lock, built.interpreter)
    return Prepared(built.python, LOCKED, lock.digest, (*python, *built.differences), (*notes, *_linked(lock, built)))


def prepared_from_resolved(kind: str, lock: Lock, newest: Lock, built: Built, notes: Sequence[str]) -> Prepared:
    """A built environment whose versions were resolved, with its differences from the lock."""
    found = from_lock(lock, built.interpreter.version, newest.packages)
    gone = sum(item.kind == MISSING for item in found)
    kept = tuple(item for item in found if item.kind != MISSING)
    left = (
        (f"{gone} recorded distributions are left out, because the direct requirements do not need them.",)
        if gone
        else ()
    )
    return Prepared(built.python, kind, newest.digest, kept, (*notes, *left, *_linked(newest, built)))


def _python_differs(lock: Lock, found: Interpreter) -> tuple[tuple[PackageDifference, ...], tuple[str, ...]]:
    if found.version == lock.version:
        return (), ()
    note = f"Python {lock.version} is not on this machine: {found.version} was used."
    return (PackageDifference("Python", lock.version, found.version, PYTHON),), (note,)


def _linked(lock: Lock, built: Built) -> tuple[str, ...]:
    """Link our package into a built environment; says what differs and what is missed."""
    try:
        version = link(built.folder, built.library)
    except OSError as error:
        raise EnvironmentNotBuildable(
            f"Our own package could not be linked into {built.folder} ({error.strerror or error}).",
            next="Free space there, or fix its permissions.",
        ) from None
    notes = [
        f"The recorded environment lacks {name}: {missed}." for name, missed in USED.items() if lock.get(name) is None
    ]
    if lock.own_version is not None and version != lock.own_version:
        what = PackageDifference(OWN, lock.own_version, version, VERSION)
        notes.append(f"{what.sentence}: our own package is the running one.")
    return tuple(notes)
