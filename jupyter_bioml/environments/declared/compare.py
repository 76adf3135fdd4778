"""Whether what is declared is what is installed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from packaging.markers import default_environment

from ...host.distributions import canonical_name
from ...text.present import counted, printable
from ..interpreters import Interpreter
from .conda_specs import PYTHON_PACKAGES
from .gather import LOOKED_FOR
from .statement import PYTHON_ITSELF, REQUIRED, Declaration, Declared, NotCompared

#: The outcomes: every declared version is there; some is not; names are there, none with a version; what is declared
#: cannot be compared; nothing is declared.
MET, UNMET, NAMES, UNCLEAR, NOTHING = STATES = (
    "met", "unmet", "names only", "not compared", "nothing declared",
)  # fmt: skip

#: Why the absence of a conda package is not known.
_NO_CONDA = "no Python distribution here has that name, and this is not a conda environment"


@dataclass(frozen=True)
class Present:
    """What is installed in an environment."""

    interpreter: Interpreter

    @cached_property
    def versions(self) -> dict[str, str]:
        """Canonical name → version of its distributions."""
        return {canonical_name(str(one["name"])): str(one["version"]) for one in self.interpreter.distributions()}

    @cached_property
    def conda(self) -> dict[str, str] | None:
        """Name → version of its conda packages; None where it is not a conda environment."""
        folder = Path(self.interpreter.executable).parent.parent / "conda-meta"
        if not folder.is_dir():
            return None
        named = (file.stem.rsplit("-", 2) for file in folder.glob("*-*-*.json"))
        return {canonical_name(name): version for name, version, _ in named}

    @cached_property
    def markers(self) -> dict[str, str]:
        """The values that markers are evaluated with."""
        here = {key: str(value) for key, value in default_environment().items()}
        there = self.interpreter
        return here | {
            "python_version": there.line,
            "python_full_version": there.version,
            "implementation_version": there.version,
            "implementation_name": there.implementation.lower(),
            "platform_python_implementation": there.implementation,
        }


@dataclass(frozen=True)
class Unmet:
    """One declaration that the environment does not meet."""

    name: str
    declared: str
    """``numpy==1.11.1``."""
    present: str | None
    """The installed version; None: not installed."""
    place: str
    """Where it is declared: ``requirements.txt:3``."""
    group: str | None = None

    @property
    def sentence(self) -> str:
        """``requirements.txt:3: numpy==1.11.1 is declared, 2.4.6 is installed``."""
        there = f"{self.present} is installed" if self.present else "not installed"
        if self.name == PYTHON_ITSELF and self.present:
            there = f"this is Python {self.present}"
        group = f" (optional: {self.group})" if self.group else ""
        return printable(f"{self.place}: {self.declared} is declared{group}, {there}")

    def as_json(self) -> dict[str, Any]:
        """The fields and the sentence."""
        return {**asdict(self), "sentence": self.sentence}


@dataclass(frozen=True)
class DeclaredCheck:
    """An environment compared with what is declared."""

    state: str = NOTHING
    """One of :data:`STATES`."""
    compared: int = 0
    """Declared versions that were compared."""
    named: int = 0
    """Names declared without a version that are installed."""
    unmet: tuple[Unmet, ...] = ()
    not_compared: tuple[NotCompared, ...] = ()
    hints: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    executable: str | None = None
    """The interpreter of the environment that was compared."""

    @property
    def sentence(self) -> str:
        """The outcome in words."""
        if self.state == NOTHING:
            return (
                f"nothing declared: no {LOOKED_FOR} beside the notebook or above it, and no line of it installs a"
                " version; the versions present can't be checked against anything"
            )
        if self.state == UNMET:
            return f"the present environment does not meet {counted(len(self.unmet), 'declaration')}:"
        if self.state == MET:
            more = f"; {counted(self.named, 'name')} declared without a version" if self.named else ""
            return f"the present environment meets {counted(self.compared, 'declared version')}{more}"
        if self.state == NAMES:
            count = counted(self.named, "name")
            return f"{count} declared without a version, and installed: the versions present can't be checked"
        return "what is declared can't be compared with the versions present:"

    def as_json(self) -> dict[str, Any]:
        """What the answer of ``bioml env check --json`` has as ``declared``."""
        return {
            "state": self.state,
            "sentence": self.sentence,
            "compared": self.compared,
            "named": self.named,
            "unmet": [one.as_json() for one in self.unmet],
            "not_compared": [{**asdict(one), "sentence": one.sentence} for one in self.not_compared],
            "hints": list(self.hints),
            "files": list(self.files),
            "executable": self.executable,
        }


def compare(declared: Declared, present: Present, imported: Collection[str] = ()) -> DeclaredCheck:
    """Compare each declaration that applies to this Python and machine.

    :param imported: top-level modules that the notebook imports: a conda package of that name is one of Python.
    """
    compared = named = 0
    unmet: list[Unmet] = []
    unclear = list(declared.not_compared)
    for one in declared.statements:
        if not one.applies(present.markers):
            continue
        version = _version(one, present)
        if version is None:
            if one.weight == REQUIRED and _is_python(one, present, imported):
                unmet.append(Unmet(one.name, one.text, None, one.place, one.group))
            elif one.weight == REQUIRED:
                unclear.append(NotCompared(one.text, one.place, _NO_CONDA))
        elif one.versions:
            allowed = one.allows(version)
            compared += allowed is not None
            if allowed is None:
                unclear.append(NotCompared(one.text, one.place, f"{version} is installed, which cannot be ordered"))
            elif not allowed:
                unmet.append(Unmet(one.name, one.text, version, one.place, one.group))
        elif one.address:
            unclear.append(NotCompared(one.requirement, one.place, "an address, which states no version"))
        else:
            named += 1
    state = _state(declared, compared, named, unmet)
    return DeclaredCheck(
        state,
        compared,
        named,
        tuple(unmet),
        tuple(unclear),
        declared.hints,
        declared.files,
        present.interpreter.executable,
    )


def _state(declared: Declared, compared: int, named: int, unmet: Collection[Unmet]) -> str:
    if unmet:
        return UNMET
    if compared:
        return MET
    if named:
        return NAMES
    return UNCLEAR if declared.statements or declared.not_compared else NOTHING


def _version(one: Declaration, present: Present) -> str | None:
    if one.name == PYTHON_ITSELF:
        return present.interpreter.version
    found = present.versions.get(one.name)
    return (present.conda or {}).get(one.name) if found is None and one.conda else found


def _is_python(one: Declaration, present: Present, imported: Collection[str]) -> bool:
    """Whether its absence is known: conda packages may be anything, and only conda knows which are there."""
    known = not one.conda or present.conda is not None or one.name in PYTHON_PACKAGES
    return known or one.name.replace("-", "_") in imported
