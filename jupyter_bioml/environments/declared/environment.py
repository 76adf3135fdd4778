"""The declared environment: its requirements resolved on a declared Python, then built like any other."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from ...host.distributions import canonical_name
from ..build import build, default_cache
from ..installer import LIMIT, Say, choose
from ..interpreters import Interpreter, find, find_allowed
from ..latest import ask_installer, check_names, origin_constraints, wanted
from ..lock import NEEDED, OWN, USED, EnvironmentNotBuildable, Lock
from ..prepare import DECLARED, Prepared, prepared_from_resolved
from .compare import Present
from .conda_specs import PYTHON_PACKAGES
from .statement import LIMIT_ONLY, PYTHON_ITSELF, REQUIRED, Declaration, Declared
from .wheels import check_wheels

#: Installers that take from a public collection; what a project declares by name may come from an index instead.
_PUBLIC = ("conda", "debian", "rpm")
#: The first Python that this package runs on.
_OWN_PYTHON = (3, 11)
_SHOWN = 10


def prepared_declared(
    lock: Lock,
    declared: Declared,
    imported: Collection[str],
    cache: Path | None,
    say: Say,
    *,
    limit: float = LIMIT,
) -> Prepared:
    """Build what is declared.

    :param lock: of the recorded or the present environment: where distributions came from that are on no index.
    :param imported: top-level modules that the notebook imports.
    :param limit: seconds that it may take.
    :raises EnvironmentNotBuildable: naming the distribution and where it is declared, and a Python that would do.
    """
    until = time.monotonic() + limit
    interpreter, notes = _interpreter(lock, declared)
    chosen, more = _chosen(declared, Present(interpreter), lock, imported)
    if not chosen:
        raise EnvironmentNotBuildable(
            "No distribution is declared, so there is no environment to build.",
            next="Declare what the notebook needs, for example in a requirements.txt beside it.",
        )
    resolved = _resolved(lock, chosen, declared, interpreter, cache or default_cache(), say, until)
    built = build(resolved, cache or default_cache(), say, limit=max(1.0, until - time.monotonic()))
    return prepared_from_resolved(DECLARED, lock, resolved, built, (*notes, *more))


def _interpreter(lock: Lock, declared: Declared) -> tuple[Interpreter, list[str]]:
    """A Python that is declared; without such a declaration the lock's.

    :raises EnvironmentNotBuildable: naming the version that is not here.
    """
    wanted_python = [one for one in declared.statements if one.name == PYTHON_ITSELF and one.weight == REQUIRED]
    if not wanted_python:
        return find(lock), []
    notes: list[str] = []
    found = find_allowed(lock, lambda version: all(one.allows(version) for one in wanted_python))
    if found is None:
        loose = [replace(one, versions=tuple(map(_any_patch, one.versions))) for one in wanted_python]
        found = find_allowed(lock, lambda version: all(one.allows(version) for one in loose))
        said = ", ".join(f"{one.text} ({one.place})" for one in wanted_python)
        if found is None:
            raise EnvironmentNotBuildable(
                f"{said} is declared, and no such Python was found on this machine.",
                package=wanted_python[0].text,
                next="Install it (as pythonX.Y on the PATH, by pyenv or by uv), then retry.",
            )
        notes.append(f"{said} is declared and not on this machine: {found.name} was used.")
    if tuple(map(int, found.line.split("."))) < _OWN_PYTHON:
        first = ".".join(map(str, _OWN_PYTHON))
        notes.append(f"{found.name}: the notebook runs there untracked, because tracking needs Python {first}.")
    return found, notes


def _any_patch(text: str) -> str:
    """``==3.8.12`` → ``==3.8.*``: another patch version of the same line."""
    parts = text.removeprefix("==").split(".")
    return f"=={'.'.join(parts[:2])}.*" if text.startswith("==") and "," not in text and len(parts) > 2 else text


def _chosen(
    declared: Declared, present: Present, lock: Lock, imported: Collection[str]
) -> tuple[list[Declaration], list[str]]:
    """What is asked of an index, and notes about what is not.

    A conda package is looked up on an index only if it is known to be Python's: a stranger may have its name there.
    """
    chosen, left = [], []
    for one in declared.statements:
        if one.weight != REQUIRED or one.name == PYTHON_ITSELF or not one.applies(present.markers):
            continue
        is_python = not one.conda or one.name in PYTHON_PACKAGES or lock.get(one.name) is not None
        if (one.address or "").startswith("file:") or not (is_python or one.name.replace("-", "_") in imported):
            left.append(one.name)
        else:
            chosen.append(one)
    left += [one.text for one in declared.not_compared if not one.unreadable]
    more = f" and {len(left) - _SHOWN} more" if len(left) > _SHOWN else ""
    notes = [f"Declared, and not installed from an index: {', '.join(left[:_SHOWN])}{more}."] if left else []
    return chosen, notes


def _resolved(
    lock: Lock,
    chosen: Sequence[Declaration],
    declared: Declared,
    interpreter: Interpreter,
    cache: Path,
    say: Say,
    until: float,
) -> Lock:
    """The lock of what is declared and what a kernel needs."""
    names = {one.name for one in chosen}
    kernel = [NEEDED, *(name for name in USED if lock.get(name) is not None)]
    private = replace(lock, packages=tuple(item for item in lock.packages if not _from_index(item, names)))
    lines, kept = wanted(private, [one.requirement for one in chosen])
    lines += [name for name in kernel if canonical_name(name) not in names]
    limits = [one.requirement for one in declared.statements if _is_limit(one)]
    installer = choose()
    say(f"resolving {len(chosen)} declared requirements on {interpreter.name} with {installer.name}")
    cache.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix="resolving-", dir=cache) as folder:
        asked, within = Path(folder, "requirements.in"), Path(folder, "constraints.txt")
        asked.write_text("\n".join(lines) + "\n", encoding="utf-8")
        within.write_text("\n".join([*origin_constraints(private), *limits]) + "\n", encoding="utf-8")
        check_wheels(chosen, lock, interpreter, installer, Path(folder), say, until)
        found = ask_installer(installer, interpreter, asked, within, Path(folder), say, until)
    check_names(private, found)
    packages = {canonical_name(str(item["name"])): item for item in (*found, *kept)}
    packages.pop(OWN, None)
    return Lock(
        interpreter.implementation,
        interpreter.version,
        tuple(packages[name] for name in sorted(packages)),
        lock.executable,
        lock.own_version,
    )


def _from_index(item: object, names: Collection[str]) -> bool:
    """Whether a recorded distribution may come from an index: it did, or it is public and declared by name."""
    assert isinstance(item, dict)
    declared = canonical_name(str(item["name"])) in names
    return item["origin"] == "index" or (item["origin"] in _PUBLIC and declared)


def _is_limit(one: Declaration) -> bool:
    """Whether it limits versions without asking for anything; pip takes no extras and addresses in such a file."""
    return one.weight == LIMIT_ONLY and len(one.versions) == 1 and not one.extras and not one.address
