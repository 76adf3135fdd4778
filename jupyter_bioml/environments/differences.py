"""Differences between a lock and an installation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..host.distributions import canonical_name
from ..text.present import printable, shorten
from .lock import OWN, Lock

#: Kinds: not there; there and not in the lock; another version; the same version of other files; another Python.
MISSING, ADDED, VERSION, FILES, PYTHON = "missing", "added", "version", "files", "python"
_ORDER = (PYTHON, VERSION, MISSING, FILES, ADDED)


@dataclass(frozen=True)
class PackageDifference:
    """One distribution, or Python itself, that differs from the record."""

    name: str
    recorded: str | None
    """The version in the lock; None where the lock does not have it."""
    present: str | None
    """The version that is installed; None where none is."""
    kind: str

    @property
    def sentence(self) -> str:
        """``numpy 2.4.6 → 2.4.7``."""
        name = printable(shorten(self.name, 80))
        if self.kind == MISSING:
            return f"{name} {self.recorded} is not installed"
        if self.kind == ADDED:
            return f"{name} {self.present} was not there"
        if self.kind == FILES:
            return f"{name} {self.recorded}: same version, different files"
        return f"{name} {self.recorded} → {self.present}"

    def as_json(self) -> dict[str, Any]:
        """The fields and the sentence."""
        return {**asdict(self), "sentence": self.sentence}


def differences(
    recorded: Iterable[Mapping[str, Any]], present: Iterable[Mapping[str, Any]]
) -> tuple[PackageDifference, ...]:
    """Distribution by distribution, both as ``environment.json`` has them; changed versions first, then by name."""
    ours, theirs = ({canonical_name(str(item["name"])): item for item in side} for side in (recorded, present))
    found = []
    for name in sorted({*ours, *theirs}):
        left, right = ours.get(name), theirs.get(name)
        if left is None or right is None:
            kind = MISSING if right is None else ADDED
        elif not same_version(str(left["version"]), str(right["version"])):
            kind = VERSION
        elif _digest(left) and _digest(right) and _digest(left) != _digest(right):
            kind = FILES
        else:
            continue
        shown = str((left or right or {})["name"])
        versions = [None if side is None else str(side["version"]) for side in (left, right)]
        found.append(PackageDifference(shown, versions[0], versions[1], kind))
    return tuple(sorted(found, key=lambda item: _ORDER.index(item.kind)))


def from_lock(lock: Lock, version: str, present: Sequence[Mapping[str, Any]]) -> tuple[PackageDifference, ...]:
    """Differences of an environment (Python ``version``, ``present``) from a lock; ours counts if both know it."""
    recorded = list(lock.packages)
    known = [item for item in present if canonical_name(str(item["name"])) != OWN]
    own = next((item for item in present if canonical_name(str(item["name"])) == OWN), None)
    found = differences(recorded, known)
    if own is not None and lock.own_version is not None and own["version"] != lock.own_version:
        found = (PackageDifference(OWN, lock.own_version, own["version"], VERSION), *found)
    if version != lock.version:
        found = (PackageDifference("Python", lock.version, version, PYTHON), *found)
    return found


def same_version(left: str, right: str) -> bool:
    """Whether two texts name the same version, like ``1.0`` and ``1.0.0``."""
    if left == right:
        return True
    from packaging.version import InvalidVersion, Version

    try:
        return Version(left) == Version(right)
    except InvalidVersion:
        return False


def _digest(item: Mapping[str, Any]) -> Any:
    """Digest of the installed files. Those of an editable installation are not sources: they name a folder."""
    origin = item.get("origin")
    if isinstance(origin, Mapping) and (origin.get("dir_info") or {}).get("editable"):
        return item.get("source_sha256")
    return item.get("files_sha256")
