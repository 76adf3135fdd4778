"""The fresh folder of a reproduction: recorded code, links to recorded inputs, nothing of the user's tree to write on.

The folder stands for the project's root: a file ``data/x.csv`` of the project lies at ``data/x.csv`` in it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..config import Project
from ..errors import BiomlError
from ..journal.blobs import Blobs
from ..records.run import DataUse, Module, RunRecord

#: Where files of a working directory outside the project go.
OUTSIDE = ".outside"


@dataclass(frozen=True)
class Input:
    """A file or folder to provide. ``copy``: the session wrote to it too, so a link would lead to the original."""

    path: str
    copy: bool


@dataclass(frozen=True)
class WorkFolder:
    """Where things of the session lie in the reproduction."""

    folder: Path
    root: Path
    """The project's root."""
    cwd: Path
    """The session's working directory."""

    def place(self, path: Path) -> Path | None:
        """The counterpart of an absolute path; None when it stays where it is."""
        if path.is_relative_to(self.root):
            return self.folder / path.relative_to(self.root)
        if path.is_relative_to(self.cwd):
            return self.folder / OUTSIDE / path.relative_to(self.cwd)
        return None

    @property
    def working_directory(self) -> Path:
        """The counterpart of the session's working directory."""
        placed = self.place(self.cwd)
        assert placed is not None
        return placed


def inputs_of(uses: Iterable[DataUse], *, complete: bool) -> list[Input]:
    """The files that must be there before the first cell runs.

    :param uses: what the session's cells used, in order.
    :param complete: False when cells are missing among them, so that any file may have been written to.
    """
    reads: dict[str, bool] = {}
    written: set[str] = set()
    for use in uses:
        if use.path is None:
            continue
        reads.setdefault(use.path, use.role != "written")
        if use.role != "read":
            written.add(use.path)
    return [Input(path, path in written or not complete) for path, needed in reads.items() if needed]


def lay_out(work: WorkFolder, project: Project, record: RunRecord, inputs: Iterable[Input]) -> list[str]:
    """Fill the folder.

    :returns: what could not be provided, for the user.
    """
    work.working_directory.mkdir(parents=True, exist_ok=True)
    notes = [note for module in record.modules if (note := _provide_module(work, project, module))]
    notes += [note for item in inputs if (note := _provide(work, item))]
    return notes


def _provide_module(work: WorkFolder, project: Project, module: Module) -> str | None:
    target = work.place(Path(os.path.normpath(project.root / module.path)))
    if target is None:
        return f"{module.path} lies outside the project; it was not provided."
    source, reason = None, "was too large to be kept"
    if module.blob is not None:
        try:
            source = Blobs(project.blobs).get(module.blob)
        except BiomlError as error:
            reason = f"is not kept any more ({error.message.rstrip('.')})"
    note = None
    if source is None:
        try:
            source = (project.root / module.path).read_bytes()
            note = f"{module.path} {reason}: the file as it is now was used."
        except OSError:
            return f"{module.path} {reason}, and there is no such file now."
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(source)
    return note


def _provide(work: WorkFolder, item: Input) -> str | None:
    source = Path(item.path)
    target = work.place(source)
    if target is None or os.path.lexists(target):
        return None
    if source.is_dir():
        for file in _files(source):
            _provide(work, Input(str(file), item.copy))
        return None
    if not source.exists():
        return f"The input {item.path} is not there any more."
    target.parent.mkdir(parents=True, exist_ok=True)
    if item.copy:
        shutil.copy2(source, target)
    else:
        target.symlink_to(source.resolve())
    return None


def _files(folder: Path) -> Iterator[Path]:
    for parent, _, names in os.walk(folder):
        yield from (Path(parent, name) for name in names)


def mapped_path_list(work: WorkFolder, environment: Mapping[str, str]) -> dict[str, str]:
    """``PYTHONPATH`` with the project's folders replaced by their counterparts."""
    entries = environment.get("PYTHONPATH", "").split(os.pathsep)
    if not any(entries):
        return {}
    placed = [work.place(Path(entry)) if os.path.isabs(entry) else None for entry in entries]
    return {"PYTHONPATH": os.pathsep.join(str(new or old) for new, old in zip(placed, entries, strict=True))}
