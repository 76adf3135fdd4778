"""The installed distributions: what, from where, and a digest of their files."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

from ..config import without_credentials

#: Installers that do not take from a Python package index.
_OTHER_SOURCES = ("conda", "debian", "rpm")
#: Our own distribution: a re-run takes the installed one, so its sources are not looked at.
_OWN = "jupyter-bioml"
#: Source files in a folder that a distribution is installed from, and folders without its sources.
_SOURCES = (".py", ".pyi", ".pyx", ".pxd", ".toml", ".cfg", ".c", ".cc", ".cpp", ".h", ".hpp", ".cu", ".f90", ".rs")
_NO_SOURCES = ("__pycache__", "node_modules", "build", "dist", "site-packages")
_MOST_SOURCES = 5000
_MOST_IMPORTS = 50
_NAMESPACE_DEPTH = 3
#: A module's file at the top of RECORD.
_MODULE = re.compile(rb"^(\w+)\.(?:py|(?:[\w-]+\.)*so),")
_HEADER = re.compile(r"^(Name|Version):[ \t]*(.*?)[ \t\r]*$", re.MULTILINE | re.IGNORECASE)


def describe(distribution: Distribution) -> dict[str, Any] | None:
    """One distribution as its files say; None for the remains of a broken installation."""
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
    return {**described, **_recorded_files(distribution, described["name"])}


def import_folders() -> list[str]:
    """The folders that this interpreter imports from, without the one that a script or ``-m`` puts first."""
    return sys.path[:] if sys.flags.safe_path else sys.path[1:]


def installed(
    paths: Sequence[str] | None = None, describe: Callable[[Distribution], dict[str, Any] | None] = describe
) -> list[dict[str, Any]]:
    """Every distribution that can be imported, sorted by name; one that an earlier folder shadows is left out.

    Fields: ``name``, ``version``, ``origin`` (``index``, ``unknown``, the name of an installer that takes
    from elsewhere, or the content of ``direct_url.json`` without credentials); where known ``installer``,
    ``record_sha256`` (of the RECORD file as it lies there) and ``files_sha256`` (of the names and digests of
    the installed files without what differs between two installations of one wheel), ``imports`` (the names it is
    imported by, where they are not just its own) and ``source_sha256`` (of the folder it was installed from).

    :param paths: folders to look in; this interpreter's, if None.
    :param describe: how one is described; it may know some from before.
    """
    found: dict[str, dict[str, Any]] = {}
    for distribution in distributions(path=list(import_folders() if paths is None else paths)):
        described = describe(distribution)
        if described is not None:
            found.setdefault(canonical_name(described["name"]), described)
    return [found[name] | _sources(found[name]) for name in sorted(found)]


def canonical_name(name: str) -> str:
    """The name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _sources(described: dict[str, Any]) -> dict[str, Any]:
    """The digest of the folder it was installed from, as that is now."""
    folder = _source_folder(described["origin"])
    if folder is None or canonical_name(described["name"]) == _OWN:
        return {}
    digest = source_digest(folder)
    return {} if digest is None else {"source_sha256": digest}


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


def _source_folder(origin: Any) -> Path | None:
    """The folder on this machine that a distribution was installed from."""
    if not isinstance(origin, dict) or "dir_info" not in origin:
        return None
    from urllib.request import url2pathname  # imports what speaks with servers

    parts = urllib.parse.urlsplit(origin["url"])
    return Path(url2pathname(parts.path)) if parts.scheme == "file" else None


def source_digest(folder: Path) -> str | None:
    """SHA-256 over the names and contents of the source files in a folder.

    Hidden folders, virtual environments, caches and what builds leave are passed over.

    :returns: None where it cannot be read, or holds more than some thousand sources.
    """
    found = hashlib.sha256()
    count = 0
    try:
        if not folder.is_dir():
            return None
        for path in _source_files(folder):
            count += 1
            if count > _MOST_SOURCES:
                return None
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            found.update(f"{content} {path.relative_to(folder).as_posix()}\n".encode("utf-8", "surrogateescape"))
    except OSError:
        return None
    return found.hexdigest()


def _source_files(folder: Path) -> Iterator[Path]:
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".")
            and name not in _NO_SOURCES
            and not name.endswith(".egg-info")
            and not os.path.exists(os.path.join(here, name, "pyvenv.cfg"))
        )
        yield from (Path(here, name) for name in sorted(files) if os.path.splitext(name)[1] in _SOURCES)


def _recorded_files(distribution: Distribution, name: str) -> dict[str, Any]:
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
    found = {
        "record_sha256": hashlib.sha256(record).hexdigest(),
        "files_sha256": hashlib.sha256(b"\n".join(files)).hexdigest(),
    }
    names = _import_names(record)
    if names and names != [canonical_name(name).replace("-", "_")]:
        return {**found, "imports": names[:_MOST_IMPORTS]}
    return found


def _import_names(record: bytes) -> list[str]:
    """The names that the files of a RECORD are imported by; those of a namespace package with its name in front."""
    packages, modules, folders = set(), set(), set()
    for line in record.splitlines():  # eighty thousand lines in an ordinary environment: no expression is matched
        part, below, rest = line.partition(b"/")
        if not below:
            modules.add(line)
        elif rest.startswith(b"__init__.py,"):
            packages.add(part)
        else:
            folders.add(part)
    modules = {match[1] for match in map(_MODULE.match, modules) if match}
    found = {name.decode() for name in packages | modules if name.decode("utf-8", "replace").isidentifier()}
    for name in folders - packages - {b"__pycache__"}:
        if name.decode("utf-8", "replace").isidentifier():
            found.update(_in_namespace(record, name.decode(), 1))
    return sorted(found)


def _in_namespace(record: bytes, folder: str, depth: int) -> Iterator[str]:
    """The packages below a folder that has no ``__init__.py``, or the folder where it holds modules itself."""
    beginning = re.escape(folder.replace(".", "/").encode())
    below = re.findall(rb'^"?' + beginning + rb"/(\w+)(/__init__\.py|\.py|\.(?:[\w-]+\.)*so|/)", record, re.MULTILINE)
    packages = {part.decode() for part, kind in below if kind == b"/__init__.py"}
    folders = {part.decode() for part, kind in below if kind == b"/"} - packages - {"__pycache__"}
    if any(not kind.startswith(b"/") for _, kind in below):
        yield folder
        return
    yield from (f"{folder}.{name}" for name in packages)
    for name in folders if depth < _NAMESPACE_DEPTH else ():
        yield from _in_namespace(record, f"{folder}.{name}", depth + 1)


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
    if vcs and url.startswith(f"{vcs['vcs']}+file:///"):  # pip before 23.1 takes no "name @" before a local one
        return f"{url}#" + "&".join([f"egg={name}", *fragment])
    return f"{name} @ {url}" + ("#" + "&".join(fragment) if fragment else "")
