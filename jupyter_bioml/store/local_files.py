"""Artifacts that are files of this machine."""

from __future__ import annotations

import os
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

from .base import LeftToMlflow

#: MLflow's own files while it writes others; it does not list them.
_UPLOADING = ".artifact.uploading."
#: In a path these say that more than a place of a file is meant.
_SPECIAL = frozenset("?#;")


def local_folder(location: str) -> Path | None:
    """The place of an artifact address that is one of this machine; None for every other."""
    if location.startswith("/"):
        return Path(location)
    if not location.startswith("file:///") or _SPECIAL & set(location):
        return None
    return Path(urllib.parse.unquote(location.removeprefix("file://")))


def checked(path: str) -> str:
    """A path of an artifact that can only mean a file below its run's folder.

    :raises LeftToMlflow: every other path.
    """
    parts = path.split("/") if path else []
    if any(part in ("", ".", "..") for part in parts) or any(sign in path for sign in "\\%#") or not path.isprintable():
        raise LeftToMlflow(f"the path {path[:100]!r}")
    return path


def walk(root: Path, path: str) -> Iterator[tuple[str, int]]:
    """Every file below ``path`` with its size in bytes, by its path from ``root``; nothing when it is not a folder.

    :raises LeftToMlflow: a link, which may lead out of the folder.
    """
    folder = root / path
    if root.is_symlink() or folder.is_symlink():
        raise LeftToMlflow("artifacts behind a link")
    if not folder.is_dir():
        return
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    for entry in found:
        name = f"{path}/{entry.name}" if path else entry.name
        if entry.is_symlink():
            raise LeftToMlflow("artifacts behind a link")
        if entry.is_dir():
            yield from walk(root, name)
        elif not entry.name.startswith(_UPLOADING):
            yield name, entry.stat().st_size


def read(root: Path, path: str) -> bytes:
    """The content of one file.

    :raises FileNotFoundError: there is none. LeftToMlflow: it is behind a link.
    """
    place = root
    for part in path.split("/"):
        place = place / part
        if place.is_symlink():
            raise LeftToMlflow("artifacts behind a link")
    try:
        return place.read_bytes()
    except NotADirectoryError:
        raise FileNotFoundError(f"No such artifact: {path}") from None


def version_of(uri: str) -> tuple[str, str]:
    """The name and version (or ``@alias``) in a ``models:/name/3`` or ``models:/name@alias``.

    :raises LeftToMlflow: it is an address of another kind.
    """
    rest = uri.removeprefix("models:/")
    name, _, version = rest.rpartition("/")
    if name and rest != uri:
        return name, version
    name, _, alias = rest.rpartition("@")
    if name and rest != uri:
        return name, f"@{alias}"
    raise LeftToMlflow("a model that is not a registered version")
