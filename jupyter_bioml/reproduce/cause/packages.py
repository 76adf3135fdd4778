"""Find the differences between two environments that can have changed a result: those of imported packages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, requires
from typing import Any

from ...environments.differences import ADDED, FILES, MISSING, PYTHON, PackageDifference
from ...environments.imports import distributions_of, imported_modules
from ...host.distributions import canonical_name
from ...notebooks.code_text import Text
from ...text.present import counted
from ..verdict import VERSION_CHANGED, Evidence

#: Packages that run cells and change no result of theirs; ours counts to them.
_MACHINERY = frozenset(("jupyter-bioml", "ipykernel", "ipython", "jupyter-client", "jupyter-core", "pip", "setuptools"))


@dataclass(frozen=True)
class Packages:
    """Facts about the packages that the code imports."""

    changed: tuple[PackageDifference, ...] = ()
    """Differences of what is imported, and of what that requires."""
    other: tuple[PackageDifference, ...] = ()
    """The others."""
    tops: Mapping[str, str] = field(default_factory=dict)
    """Top-level import name → distribution, of what is imported directly."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Canonical name → recorded version."""

    def by_import(self) -> dict[str, tuple[str | None, str | None]]:
        """Top-level import name → (recorded, present) version, of what is there in another one."""
        found = {canonical_name(item.name): item for item in self.changed if item.kind not in (MISSING, PYTHON)}
        named = {**{name.replace("-", "_"): name for name in found}, **self.tops}
        return {top: (found[name].recorded, found[name].present) for top, name in named.items() if name in found}


def packages_of(
    texts: Sequence[Text], document: Mapping[str, Any] | None, differences: Sequence[PackageDifference]
) -> Packages:
    """Sort the differences by whether the code has to do with them.

    :param document: the recorded ``environment.json``; None: it is not here, and nothing is known.
    """
    if document is None:
        return Packages()
    cells = [text.source for text in texts if text.cell is not None]
    rest = [text.source for text in texts if text.cell is None]
    modules = imported_modules(cells) | imported_modules(rest, cells=False)
    known = distributions_of(modules, document)
    tops = {module.partition(".")[0]: names[0] for module, names in known.items() if names}
    needed = _closure(name for names in known.values() for name in names)
    changed = [item for item in differences if item.kind == PYTHON or canonical_name(item.name) in needed]
    changed = [item for item in changed if item.kind != ADDED or canonical_name(item.name) in tops.values()]
    versions = {canonical_name(str(item["name"])): str(item["version"]) for item in document["distributions"]}
    return Packages(tuple(changed), tuple(item for item in differences if item not in changed), tops, versions)


def _closure(names: Iterable[str]) -> set[str]:
    """The distributions and what they require, as far as it is installed here; extras left out."""
    found: set[str] = set()
    left = [canonical_name(name) for name in names]
    while left:
        name = left.pop()
        if name in found or name in _MACHINERY:
            continue
        found.add(name)
        try:
            lines = requires(name) or []
        except PackageNotFoundError:
            continue
        left += [canonical_name(_name(line)) for line in lines if "extra ==" not in line]
    return found


def _name(requirement: str) -> str:
    end = next((at for at, letter in enumerate(requirement) if not (letter.isalnum() or letter in "-_.")), None)
    return requirement[:end]


def version_evidence(packages: Packages, decides: bool = True) -> list[Evidence]:
    """Evidence from the differences."""
    found = []
    if packages.changed:
        named = ", ".join(item.sentence for item in packages.changed[:8])
        more = f" and {len(packages.changed) - 8} more" if len(packages.changed) > 8 else ""
        message = f"Packages used by the code differ from the record: {named}{more}."
        found.append(Evidence(VERSION_CHANGED, message, _repair(packages.changed), decides=decides))
    if packages.other:
        named = ", ".join(item.sentence for item in packages.other[:4])
        message = f"Different, but not used by the code: {counted(len(packages.other), 'package')}: {named}."
        found.append(Evidence(VERSION_CHANGED, message, decides=False))
    return found


def _repair(changed: Sequence[PackageDifference]) -> str:
    wanted = [f"{item.name}=={item.recorded}" for item in changed if item.recorded and item.kind not in (PYTHON, FILES)]
    again = [f"{item.name}=={item.recorded}" for item in changed if item.kind == FILES]
    parts = [f"pip install {' '.join(wanted)}"] if wanted else []
    parts += [f"pip install --force-reinstall {' '.join(again)}"] if again else []
    return "; ".join(parts) or "run it in the recorded environment: --env locked"
