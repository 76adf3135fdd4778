"""Distributions that came from folders on this machine: installed again without writing into those folders."""

from __future__ import annotations

import csv
import hashlib
import os
import shutil
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

from ..host.distributions import canonical_name
from .installer import Installer, Say, call
from .interpreters import ask, running
from .lock import local_path, refused

#: Bytes of a folder that is copied to be built from: building writes beside the sources.
LARGEST_FOLDER = 512 << 20
_NOT_COPIED = frozenset({"__pycache__", "node_modules"})


def install_folders(
    items: Sequence[Mapping[str, Any]], installer: Installer, python: str, scratch: Path, say: Say, until: float
) -> None:
    """Build and install each from a copy of its folder; the copies are removed again.

    :raises EnvironmentNotBuildable: naming the one that it fails at.
    """
    try:
        for item in items:
            folder = local_path(item["origin"])
            assert folder is not None
            copy = scratch / canonical_name(item["name"])
            _copy(item, folder, copy)
            source = copy / str(item["origin"].get("subdirectory") or "")
            if not source.resolve().is_relative_to(copy.resolve()):
                raise refused(item, "its subfolder lies outside its folder")
            say(f"building {item['name']} {item['version']} from a copy of {folder}")
            call(installer.install(python, ["--no-deps", str(source)]), installer.environment, say, until)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _copy(item: Mapping[str, Any], folder: Path, copy: Path) -> None:
    size = 0

    def unwanted(here: str, names: list[str]) -> set[str]:
        nonlocal size
        left_out = {
            name for name in names if name in _NOT_COPIED or os.path.exists(os.path.join(here, name, "pyvenv.cfg"))
        }
        for name in names:
            path = os.path.join(here, name)
            if name not in left_out and os.path.isfile(path) and not os.path.islink(path):
                size += os.path.getsize(path)
        if size > LARGEST_FOLDER:
            raise refused(item, f"{folder} holds more than {LARGEST_FOLDER >> 20} MiB, too much to copy for a build")
        return left_out

    shutil.copytree(folder, copy, symlinks=True, ignore=unwanted)


def link_editable(item: Mapping[str, Any], recorded_python: str | None, library: Path) -> None:
    """Install an editable distribution as it is installed where the run was made: its link and its metadata, no build.

    Its sources were checked before; here the files of the installation are, against the recorded digest of RECORD.

    :raises EnvironmentNotBuildable: if it is no longer installed that way.
    """
    place = local_path(item["origin"])
    for paths in _searched(recorded_python):
        for distribution in distributions(path=paths):
            if canonical_name(distribution.metadata["Name"] or "") != canonical_name(item["name"]):
                continue
            record = _record(distribution)
            if record and hashlib.sha256(record).hexdigest() == item.get("record_sha256"):
                _copy_installed(item, distribution, record.decode("utf-8", "replace"), library)
                return
    raise refused(item, f"it is no longer installed from {place} (there: pip install --no-deps -e {place})")


def requirements_of_installed(item: Mapping[str, Any], recorded_python: str | None) -> list[str]:
    """A distribution's requirements, by its installed metadata; empty if it is no longer installed."""
    from packaging.requirements import Requirement

    for paths in _searched(recorded_python):
        for distribution in distributions(path=paths):
            if canonical_name(distribution.metadata["Name"] or "") == canonical_name(item["name"]):
                wanted = [Requirement(text) for text in distribution.requires or ()]
                return [str(one) for one in wanted if one.marker is None or one.marker.evaluate({"extra": ""})]
    return []


def _searched(recorded_python: str | None) -> list[list[str]]:
    recorded = ask(recorded_python) if recorded_python and os.access(recorded_python, os.X_OK) else None
    return [list(found.paths) for found in (recorded, running()) if found is not None]


def _record(distribution: Distribution) -> bytes:
    """RECORD as it lies there: its line ends belong to its digest."""
    folder = getattr(distribution, "_path", None)
    try:
        return (folder / "RECORD").read_bytes() if isinstance(folder, Path) else b""
    except OSError:
        return b""


def _copy_installed(item: Mapping[str, Any], distribution: Distribution, record: str, library: Path) -> None:
    root = Path(str(distribution.locate_file("")))
    for path, stated, *_ in csv.reader(record.splitlines()):
        target = library / path
        if path.startswith(("/", "../")) or ".." in Path(path).parts or path.endswith(".pyc"):
            continue  # scripts, which name the other environment, and caches
        content = (root / path).read_bytes()
        if stated and stated != f"sha256={_digest(content)}":
            raise refused(item, f"{root / path} was changed since it was installed")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _digest(content: bytes) -> str:
    return urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
