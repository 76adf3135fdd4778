"""The installed distributions: what, from where, and a digest of their files."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Sequence
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

from ..config import without_credentials

#: Installers that do not take from a Python package index.
_OTHER_SOURCES = ("conda", "debian", "rpm")
_HEADER = re.compile(r"^(Name|Version):[ \t]*(.*?)[ \t\r]*$", re.MULTILINE | re.IGNORECASE)


def installed(paths: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Every distribution that can be imported, sorted by name; one that an earlier folder shadows is left out.

    Fields: ``name``, ``version``, ``origin`` (``index``, ``unknown``, the name of an installer that takes
    from elsewhere, or the content of ``direct_url.json`` without credentials); where known ``installer``,
    ``record_sha256`` (of the RECORD file as it lies there) and ``files_sha256`` (of the names and digests of
    the installed files without what differs between two installations of one wheel).

    :param paths: folders to look in; this interpreter's, if None.
    """
    found: dict[str, dict[str, Any]] = {}
    for distribution in distributions(path=list(sys.path[1:] if paths is None else paths)):
        described = _describe(distribution)
        if described is not None:
            found.setdefault(canonical_name(described["name"]), described)
    return [found[name] for name in sorted(found)]


def canonical_name(name: str) -> str:
    """The name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _describe(distribution: Distribution) -> dict[str, Any] | None:
    """One distribution; None for the remains of a broken installation."""
    text = distribution.read_text("METADATA") or distribution.read_text("PKG-INFO") or distribution.read_text("")
    # only the header: parsing whole descriptions as e-mail costs more than everything else here
    header = (text or "").replace("\r\n", "\n").partition("\n\n")[0]
    fields = {key.lower(): value for key, value in _HEADER.findall(header)}
    if not fields.get("name") or not fields.get("version"):
        return None
    installer = (distribution.read_text("INSTALLER") or "").strip() or None
    described: dict[str, Any] = {
        "name": fields["name"],
        "version": fields["version"],
        "origin": _origin(distribution.read_text("direct_url.json"), installer),
    }
    if installer:
        described["installer"] = installer
    return {**described, **_digests(distribution)}


def _origin(direct_url: str | None, installer: str | None) -> Any:
    if direct_url:
        try:
            document = json.loads(direct_url)
            return {**document, "url": without_credentials(str(document["url"]))}
        except (ValueError, KeyError, TypeError):
            return "unknown"
    if installer is None:
        return "unknown"
    return installer if installer in _OTHER_SOURCES else "index"


def _digests(distribution: Distribution) -> dict[str, str]:
    folder = getattr(distribution, "_path", None)
    if not isinstance(folder, Path):
        return {}
    try:
        record = (folder / "RECORD").read_bytes()
    except OSError:
        return {}
    # scripts outside the folder hold the environment's path, and dist-info what the installer wrote
    files = sorted(
        line.strip()
        for line in record.splitlines()
        if b",sha256=" in line and not line.startswith((b"../", b"/", b'"../')) and b".dist-info/" not in line
    )
    return {
        "record_sha256": hashlib.sha256(record).hexdigest(),
        "files_sha256": hashlib.sha256(b"\n".join(files)).hexdigest(),
    }


def requirement(distribution: dict[str, Any]) -> str:
    """The line of a requirements file that installs this distribution, or a comment that says what to do."""
    name, version, origin = distribution["name"], distribution["version"], distribution["origin"]
    if not isinstance(origin, dict):
        line = f"{name}=={version}"
        if origin not in ("index", "unknown"):
            return f"{line}  # installed by {origin}"
        return f"{line}  # a local version: it may need --extra-index-url" if "+" in version else line
    url = origin["url"]
    if origin.get("dir_info", {}).get("editable"):
        path = url.removeprefix("file://")
        return f"# {name} {version} was an editable installation of {path}: get that folder, then pip install -e {path}"
    vcs, archive = origin.get("vcs_info"), origin.get("archive_info") or {}
    if vcs:
        url = f"{vcs['vcs']}+{url}@{vcs['commit_id']}"
    fragment = []
    digest = (archive.get("hashes") or {}).get("sha256") or archive.get("hash", "").removeprefix("sha256=")
    if digest:
        fragment.append(f"sha256={digest}")
    if origin.get("subdirectory"):
        fragment.append(f"subdirectory={origin['subdirectory']}")
    return f"{name} @ {url}" + ("#" + "&".join(fragment) if fragment else "")
