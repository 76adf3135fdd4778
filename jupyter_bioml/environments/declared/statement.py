"""One declaration: a distribution or Python itself, the versions that are allowed, and where that is said."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from ...config import without_credentials
from ...host.distributions import canonical_name
from ...text.present import printable, shorten

#: The name of the interpreter; a distribution's canonical name has no capitals.
PYTHON_ITSELF = "Python"
#: How much is at stake: it has to be there; it belongs to an option (only a wrong version is unmet); it limits others.
REQUIRED, OPTIONAL, LIMIT_ONLY = "required", "optional", "limit"
#: Ordered comparisons with a wildcard (``>=1.4.*``): pip took them for years, and old files have them.
_WILDCARD = re.compile(r"((?:>=|<=|>|<|~=)\s*[0-9][^,;*\s]*?)\.\*")
#: The longest line that is looked at: no requirement is longer, and what is longer may be made to cost time.
LONGEST = 2000


@dataclass(frozen=True)
class Declaration:
    """What is declared of one name."""

    name: str
    """Canonical; :data:`PYTHON_ITSELF` for the interpreter."""
    place: str
    """Where it is said: ``requirements.txt:3``."""
    versions: tuple[str, ...] = ()
    """Alternatives, each a PEP 440 set of specifiers; none: any version."""
    weight: str = REQUIRED
    """:data:`REQUIRED`, :data:`OPTIONAL` or :data:`LIMIT_ONLY`."""
    group: str | None = None
    """The optional group that it belongs to."""
    marker: str | None = None
    extras: tuple[str, ...] = ()
    address: str | None = None
    """Where it is fetched from, if not by name; credentials are left out."""
    conda: bool = False
    """Named as a conda package, which need not be a Python distribution of that name."""

    @property
    def text(self) -> str:
        """``numpy==1.11.1``; alternatives are joined by a bar."""
        return printable(shorten(f"{self.name}{' | '.join(self.versions)}", 120))

    def allows(self, version: str) -> bool | None:
        """Whether a version is allowed; None where it is not one by PEP 440."""
        try:
            present = Version(version)
        except InvalidVersion:
            return None
        return not self.versions or any(
            SpecifierSet(text).contains(present, prereleases=True) for text in self.versions
        )

    def applies(self, environment: Mapping[str, str]) -> bool:
        """Whether its marker is true in an environment of those marker values."""
        if self.marker is None:
            return True
        try:
            return Marker(self.marker).evaluate({**environment, "extra": ""})
        except (InvalidMarker, UndefinedComparison, UndefinedEnvironmentName):
            return True

    @property
    def requirement(self) -> str:
        """The line that an installer takes; of alternatives the first."""
        extras = f"[{','.join(self.extras)}]" if self.extras else ""
        wanted = f" @ {self.address}" if self.address else (self.versions[0] if self.versions else "")
        return f"{self.name}{extras}{wanted}" + (f" ; {self.marker}" if self.marker else "")


@dataclass(frozen=True)
class NotCompared:
    """Something declared that no installed version can be compared with, and why."""

    text: str
    place: str
    reason: str
    unreadable: bool = False
    """It is malformed: what it asks for is not known."""

    @property
    def sentence(self) -> str:
        """For people."""
        return printable(f"{self.place}: {shorten(self.text, 120)}: {self.reason}")


Said = Declaration | NotCompared


@dataclass(frozen=True)
class Declared:
    """Everything that is declared for one notebook, in the order in which it was read."""

    statements: tuple[Declaration, ...] = ()
    not_compared: tuple[NotCompared, ...] = ()
    files: tuple[str, ...] = ()
    """The files that declare something."""
    hints: tuple[str, ...] = field(default=())
    """What is said of versions without being declared, such as a line that is commented out."""

    @property
    def requirements(self) -> tuple[str, ...]:
        """The required distributions as an installer takes them, without conda packages and places on this disk."""
        return tuple(
            dict.fromkeys(
                one.requirement
                for one in self.statements
                if one.weight == REQUIRED
                and one.name != PYTHON_ITSELF
                and not one.conda
                and not (one.address or "").startswith("file:")
            )
        )


def of_requirement(line: str, place: str) -> Said:
    """A requirement as pip takes it: a name with specifiers, or an address."""
    line = line.strip()
    if len(line) > LONGEST:
        return NotCompared(line[:80], place, f"longer than {LONGEST} characters", unreadable=True)
    if _is_address(line):
        return _of_address(line, place)
    try:
        parsed = Requirement(_WILDCARD.sub(r"\1", line))
    except InvalidRequirement as error:
        why = str(error).splitlines()[0]
        return NotCompared(
            without_credentials(line), place, f"not a requirement ({shorten(why, 120)})", unreadable=True
        )
    found = Declaration(
        canonical_name(parsed.name),
        place,
        (str(parsed.specifier),) if str(parsed.specifier) else (),
        marker=str(parsed.marker) if parsed.marker else None,
        extras=tuple(sorted(parsed.extras)),
    )
    if not parsed.url:
        return found
    wheel = _of_wheel(parsed.url, place)
    return replace(
        wheel or found, name=found.name, marker=found.marker, extras=found.extras, address=_plain(parsed.url)
    )


def of_versions(name: str, versions: tuple[str, ...], place: str, said: str) -> Said:
    """A declaration whose specifiers were put into PEP 440 by the reader; not compared if that did not succeed."""
    try:
        for text in versions:
            SpecifierSet(text)
    except InvalidSpecifier:
        return NotCompared(said, place, "its version cannot be compared (PEP 440)")
    name = PYTHON_ITSELF if name.lower() == "python" else canonical_name(name)
    return Declaration(name, place, tuple(text for text in versions if text))


def _is_address(line: str) -> bool:
    return bool(re.match(r"(?:[A-Za-z][A-Za-z0-9+.-]*:|[./~\\]|\S+\.(?:whl|tar\.gz|zip)$)", line))


def _of_address(line: str, place: str) -> Said:
    """An address or a path: a wheel's name states its version, nothing else does."""
    address = (line.split() or [""])[0]
    wheel = _of_wheel(address, place)
    if wheel is not None:
        return wheel
    shown = _plain(address)
    if egg := re.search(r"[#&]egg=([A-Za-z0-9._-]+)", address):
        return Declaration(canonical_name(egg[1]), place, address=shown)
    return NotCompared(shown, place, "an address, which states no version")


def _of_wheel(address: str, place: str) -> Declaration | None:
    file = address.partition("#")[0].partition("?")[0].rpartition("/")[2].replace("%2B", "+")
    try:
        name, version, _, _ = parse_wheel_filename(file)
    except (InvalidWheelFilename, InvalidVersion):
        return None
    there = _plain(address) if "://" in address else None
    return Declaration(canonical_name(name), place, (f"=={version}",), address=there)


def _plain(address: str) -> str:
    return without_credentials(address)
