"""A run that was made on another machine, or whose stored contents were cleaned up here: what MLflow has of it."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from pathlib import Path

from ...config import Project
from ...errors import BiomlError
from ...journal.blobs import Blobs
from ...publish.artifacts import output_name, safe_path
from ...records.run import DataUse, RunRecord
from ...store.base import FOLDER, StoreReader
from ...store.shared import RunFiles


def bring_contents(record: RunRecord, run_id: str, store: StoreReader, blobs: Blobs) -> list[str]:
    """Copy what a re-run needs and is not here from the files of the run in MLflow.

    :returns: what could not be brought, for the user. A file with another content than the recorded one is not taken.
    """
    lacking = [(digest, name) for digest, name in _files(record) if not blobs.path(digest).exists()]
    failed, files = [], RunFiles(store, run_id)
    for digest, name in lacking:
        try:
            if blobs.put(files.read(f"{FOLDER}/{name}")) != digest:
                failed.append(name)
        except (BiomlError, OSError):
            failed.append(name)
    if not failed:
        return []
    named = ", ".join(failed[:5]) + (f" and {len(failed) - 5} more" if len(failed) > 5 else "")
    return [f"Neither this machine nor MLflow has the recorded {named}."]


def _files(record: RunRecord) -> Iterator[tuple[str, str]]:
    """(digest, name below ``bioml/``) of the contents that a reproduction looks at."""
    if record.environment is not None:
        yield record.environment.blob, "environment.json"
    if record.git is not None and record.git.patch_blob is not None:
        yield record.git.patch_blob, "changes.patch"
    for module in record.modules:
        if module.blob is not None:
            yield module.blob, f"modules/{safe_path(module.path)}"
    for library, blob in record.states.items():
        yield blob, f"states/{safe_path(library)}.pickle"
    displays = [item for item in record.outputs if item.kind not in ("stdout", "stderr")]
    for number, item in enumerate(displays):
        if item.blob is not None:
            yield item.blob, output_name(item, number)


def at_home(record: RunRecord, project: Project) -> RunRecord:
    """The record with the paths of its data as they are in this project, where it was made in another folder."""
    return dataclasses.replace(record, data=tuple(_here(use, project) for use in record.data))


def _here(use: DataUse, project: Project) -> DataUse:
    if use.path is None or os.path.isabs(use.name) or Path(use.path).is_relative_to(project.root):
        return use
    return dataclasses.replace(use, path=str(project.root / use.name), mtime_ns=None, inode=None)
