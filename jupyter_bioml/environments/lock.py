"""The lock of a recorded environment: its Python, its distributions and their origins.

The lock is read from ``environment.json`` (:func:`jupyter_bioml.host.environment.describe`). A distribution whose
origin is not an index is never asked for by name: a stranger may have put another one of that name on an index
(dependency confusion).
"""

from __future__ import annotations

import hashlib
import re
import urllib.parse
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ..canonical import digest
from ..errors import BiomlError
from ..host.distributions import canonical_name, requirement, source_digest
from ..text.present import printable, shorten

#: Our own distribution: it comes from the running installation.
OWN = "jupyter-bioml"
#: Without it no kernel starts.
NEEDED = "ipykernel"
#: Optional packages of the kernel side, and what is lost without them.
USED = {
    "psutil": "resources are not read",
    "cloudpickle": "models are not kept",
    "nvidia-ml-py": "GPUs are not read",
}
#: The ways a distribution gets into a built environment.
INDEX, DIRECT, FOLDER, LINKED = "index", "direct", "folder", "linked"
#: Names listed in one message.
SHOWN = 5
_CHUNK = 1 << 20
#: A record may come from elsewhere: anything that would be another word in a requirements file is refused.
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_VERSION = re.compile(r"[A-Za-z0-9.!+_-]+")
_PLACE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+")
_COMMIT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_VCS = ("git", "hg", "svn", "bzr")


class EnvironmentNotBuildable(BiomlError):
    """An environment that cannot be built here.

    :ivar package: the distribution, or ``Python 3.9``, that it fails at; empty where it is none of them.
    """

    code = "environment-not-buildable"

    def __init__(self, message: str, *, package: str = "", next: str = "") -> None:
        super().__init__(message, next=next)
        self.package = package


@dataclass(frozen=True)
class Lock:
    """A Python and its distributions, ours left out. ``packages``: as ``environment.json`` has them, by name."""

    implementation: str
    version: str
    """Python's full version: ``3.11.7``."""
    packages: tuple[Mapping[str, Any], ...]
    executable: str | None = None
    """The interpreter of the recorded session."""
    own_version: str | None = None
    """This package's version in the recorded session."""

    @cached_property
    def digest(self) -> str:
        """SHA-256 over Python, names, versions, origins and the digests of the installed files."""
        packages = [
            [canonical_name(p["name"]), p["version"], p["origin"], p.get("files_sha256")] for p in self.packages
        ]
        return digest({"python": [self.implementation, self.version], "packages": packages})

    def get(self, name: str) -> Mapping[str, Any] | None:
        """The distribution of that name, however it is written."""
        wanted = canonical_name(name)
        return next((item for item in self.packages if canonical_name(item["name"]) == wanted), None)

    @property
    def line(self) -> str:
        """The version of Python that two environments have to share: ``3.11``."""
        return ".".join(self.version.split(".")[:2])


def lock_of(document: Mapping[str, Any]) -> Lock:
    """The lock in an ``environment.json``.

    :raises EnvironmentNotBuildable: when it holds none.
    """
    try:
        python = document["python"]
        found = {canonical_name(item["name"]): item for item in document["distributions"]}
        own = found.pop(OWN, None)
        return Lock(
            str(python["implementation"]),
            str(python["version"]),
            tuple({"origin": "unknown", **found[name]} for name in sorted(found)),
            python.get("executable"),
            own and own["version"],
        )
    except (KeyError, TypeError, AttributeError):
        raise EnvironmentNotBuildable(
            "The record does not describe its Python and distributions; nothing was built.",
            next="Use the current environment: --env current",
        ) from None


def way_of(item: Mapping[str, Any]) -> str:
    """How a distribution can be restored: by name from an index, from its address, folder or linked folder.

    :raises EnvironmentNotBuildable: when its recorded origin cannot provide it.
    """
    origin = item["origin"]
    if not _NAME.fullmatch(str(item["name"])) or not _VERSION.fullmatch(str(item["version"])):
        raise refused(item, "its name or version is not valid")
    if origin == "index":
        return INDEX
    if not isinstance(origin, Mapping):
        how = "its origin was not recorded" if origin == "unknown" else f"it was installed by {origin}"
        raise refused(item, f"{how}, and it is never fetched by name alone")
    if not _PLACE.fullmatch(str(origin.get("url"))) or not _PLACE.fullmatch(f"x:{origin.get('subdirectory') or '.'}"):
        raise refused(item, "the address it came from is not valid")
    if vcs := origin.get("vcs_info"):
        if vcs.get("vcs") not in _VCS or not _COMMIT.fullmatch(str(vcs.get("commit_id") or "")):
            raise refused(item, "the commit it was installed from is not recorded")
        return DIRECT
    if "dir_info" in origin:
        return LINKED if (origin["dir_info"] or {}).get("editable") else FOLDER
    if not archive_digest(origin) and not item.get("files_sha256"):
        raise refused(item, f"it came from {origin['url']} and its digest was not recorded")
    return DIRECT


def archive_digest(origin: Mapping[str, Any]) -> str | None:
    """The SHA-256 of the recorded archive; None where it is not recorded."""
    archive = origin.get("archive_info") or {}
    found = (archive.get("hashes") or {}).get("sha256") or str(archive.get("hash") or "").removeprefix("sha256=")
    return found or None


def local_path(origin: Mapping[str, Any]) -> Path | None:
    """The place of a ``file:`` address; None of every other."""
    parts = urllib.parse.urlsplit(str(origin.get("url", "")))
    return Path(urllib.parse.unquote(parts.path)) if parts.scheme == "file" else None


def check_origins(lock: Lock) -> None:
    """Refuse a lock that cannot be rebuilt, before anything is made.

    :raises EnvironmentNotBuildable: naming every distribution that it fails at.
    """
    problems: list[EnvironmentNotBuildable] = []
    for item in lock.packages:
        try:
            _check_place(item, way_of(item))
        except EnvironmentNotBuildable as problem:
            problems.append(problem)
    if len(problems) == 1:
        raise problems[0]
    if problems:
        said = " ".join(problem.message for problem in problems[:SHOWN])
        more = f" And {len(problems) - SHOWN} more." if len(problems) > SHOWN else ""
        raise EnvironmentNotBuildable(said + more, package=problems[0].package, next=problems[0].next)


def _check_place(item: Mapping[str, Any], way: str) -> None:
    """Check that local files still exist and are unchanged."""
    place = local_path(item["origin"]) if way != INDEX else None
    if place is None or item["origin"].get("vcs_info"):
        return
    if not place.exists():
        raise refused(item, f"it came from {place}, which no longer exists")
    if way == DIRECT:
        wanted = archive_digest(item["origin"])
        if wanted and file_digest(place) != wanted:
            raise refused(item, f"{place} is not the file it came from")
        return
    recorded = item.get("source_sha256")
    if way == LINKED and not recorded:
        raise refused(item, f"it is an editable installation, and the content of {place} was not recorded")
    if recorded and source_digest(place) != recorded:
        raise refused(item, f"the source files in {place} differ from the record")


def refused(item: Mapping[str, Any], why: str) -> EnvironmentNotBuildable:
    """The refusal that names a distribution."""
    shown = f"{item['name']} {item['version']}"
    return EnvironmentNotBuildable(
        f"{printable(shorten(shown, 120))} cannot be restored: {printable(why)}.",
        package=str(item["name"]),
        next="Restore it to its original place, or use the current environment: --env current",
    )


def file_digest(path: Path) -> str:
    """SHA-256 of a file.

    :raises OSError: when it cannot be read.
    """
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()


def requirement_lines(items: Iterable[Mapping[str, Any]]) -> list[str]:
    """Lines that an installer takes: exact versions from an index, addresses with commit or digest."""
    return [requirement(dict(item)) for item in items if way_of(item) in (INDEX, DIRECT)]
