"""How many bytes each part of a project's ``.bioml`` takes."""

from __future__ import annotations

import os
from pathlib import Path

#: What is in ``.bioml`` → what it is called; the rest is "other".
PARTS = {
    "journal": "journal",
    "blobs": "blobs",
    "mlflow.db": "MLflow database",
    "mlflow.db-wal": "MLflow database",
    "mlflow.db-shm": "MLflow database",
    "artifacts": "MLflow artifacts",
    "work": "work folders",
    "outputs": "output notebooks",
}


def sizes(home: Path) -> dict[str, int]:
    """Part → bytes, the largest first; missing parts are left out."""
    found: dict[str, int] = {}
    try:
        names = os.listdir(home)
    except OSError:
        return {}
    for name in names:
        part = PARTS.get(name, "other")
        found[part] = found.get(part, 0) + size_of(home / name)
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def size_of(path: Path) -> int:
    """Bytes of a file, or of everything below a folder; links count as themselves, vanished files not at all."""
    if not path.is_dir() or path.is_symlink():
        return _bytes(path)
    return sum(_bytes(Path(parent, name)) for parent, _, names in os.walk(path) for name in names)


def newest(path: Path) -> float:
    """When anything at or below ``path`` last changed (epoch seconds)."""
    times = [_changed(path)]
    for parent, folders, names in os.walk(path):
        times += [_changed(Path(parent, name)) for name in (*folders, *names)]
    return max(times)


def _bytes(path: Path) -> int:
    try:
        return path.stat(follow_symlinks=False).st_size
    except OSError:
        return 0


def _changed(path: Path) -> float:
    try:
        return path.stat(follow_symlinks=False).st_mtime
    except OSError:
        return 0.0
