"""Lock files of poetry, uv, pdm and pipenv: each states one exact version, for whatever of it is installed."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from .requirement_files import FileNotRead, ProjectFiles
from .statement import LIMIT_ONLY, Declaration, Said, of_versions


def of_lock(file: Path, reading: ProjectFiles) -> Iterator[Said]:
    """The versions of a lock file; of a name with several (one per platform or Python), any of them is allowed.

    :raises FileNotRead: when it is malformed.
    """
    text = reading.text(file)
    try:
        found = _of_pipenv(json.loads(text)) if file.name == "Pipfile.lock" else _of_toml(tomllib.loads(text))
    except (ValueError, RecursionError) as error:
        raise FileNotRead(str(error)) from None
    lines = text.split("\n")
    for name, versions in found.items():
        number = next((number for number, line in enumerate(lines, 1) if f'"{name}"' in line), None)
        place = f"{reading.shown(file)}:{number}" if number else reading.shown(file)
        said = of_versions(name, tuple(f"=={version}" for version in versions), place, name)
        yield replace(said, weight=LIMIT_ONLY) if isinstance(said, Declaration) else said


def _of_toml(document: Mapping[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for item in document.get("package") or ():
        if isinstance(item, Mapping) and isinstance(item.get("version"), str) and not _own(item):
            found.setdefault(str(item.get("name")), []).append(item["version"])
    return found


def _own(item: Mapping[str, Any]) -> bool:
    """Whether it is the project itself, or comes from a place and not from an index."""
    source = item.get("source")
    return isinstance(source, Mapping) and "registry" not in source and source.get("type") != "legacy"


def _of_pipenv(document: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for part in ("default", "develop"):
        table = document.get(part) if isinstance(document, Mapping) else None
        for name, item in table.items() if isinstance(table, Mapping) else ():
            version = item.get("version") if isinstance(item, Mapping) else None
            if isinstance(version, str) and version.startswith("=="):
                found.setdefault(name, []).append(version[2:])
    return found
