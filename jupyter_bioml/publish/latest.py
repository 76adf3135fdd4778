"""The last published metrics of each run name: small files that the kernel reads for its card."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from ..records.run import FINISHED, RunRecord


def latest_file(folder: Path, notebook: str | None, name: str) -> Path:
    """``sha256(notebook NUL name)[:32].json``."""
    key = hashlib.sha256(f"{notebook or ''}\0{name}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return folder / f"{key}.json"


def write_latest(folder: Path, record: RunRecord, notebook: str | None, name: str, run_id: str) -> None:
    """Remember a finished run as the last of its name, unless a later one is known.

    The folder is a cache: what cannot be written is left out.
    """
    if record.status != FINISHED or record.reproduces:
        return
    path = latest_file(folder, notebook, name)
    document = {
        "run_id": run_id,
        "record_id": record.record_id,
        "cell_id": record.code.cell_id,
        "at": record.started,
        "metrics": record.latest(),
    }
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        if _known(path) > record.started:
            return
        folder.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps(document), encoding="utf-8")
        os.replace(temporary, path)
    except OSError:
        temporary.unlink(missing_ok=True)


def forget_latest(folder: Path, record_id: str, notebook: str | None, name: str) -> None:
    """Forget a run that was deleted, where it is the last of its name."""
    path = latest_file(folder, notebook, name)
    try:
        if json.loads(path.read_text(encoding="utf-8"))["record_id"] == record_id:
            path.unlink()
    except (OSError, ValueError, KeyError, TypeError):
        return


def _known(path: Path) -> float:
    try:
        return float(json.loads(path.read_text(encoding="utf-8"))["at"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0.0
