"""The fresh folder of a reproduction: recorded code, links to recorded inputs, nothing of the user's tree to write on.

The folder stands for the project's root: a file ``data/x.csv`` of the project lies at ``data/x.csv`` in it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ...records.run import DataUse

#: Folder for files of a working directory outside the project.
OUTSIDE = ".outside"


@dataclass(frozen=True)
class Input:
    """A file or folder to provide. ``copy``: the session wrote to it too, so a link would lead to the original."""

    path: str
    copy: bool


@dataclass(frozen=True)
class WorkFolder:
    """Paths of the session in the reproduction."""

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


def provide(work: WorkFolder, item: Input) -> str | None:
    """Put a file or folder of the user's into the work folder as it is now, over what the commit gave.

    :returns: why it could not be provided, for the user.
    """
    source = Path(item.path)
    target = work.place(source)
    if target is None:
        return None
    if source.is_dir():
        for file in _files(source):
            provide(work, Input(str(file), item.copy))
        return None
    if not source.exists():
        return f"The input {item.path} no longer exists."
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    if item.copy:
        shutil.copy2(source, target)
    else:
        target.symlink_to(source.resolve())
    return None


def _files(folder: Path) -> Iterator[Path]:
    for parent, _, names in os.walk(folder):
        yield from (Path(parent, name) for name in names)


def mapped_path_list(work: WorkFolder, environment: Mapping[str, str], more: Iterable[str] = ()) -> dict[str, str]:
    """``PYTHONPATH`` with the project's folders replaced by their counterparts, and further folders behind them."""
    entries = [entry for entry in environment.get("PYTHONPATH", "").split(os.pathsep) if entry]
    placed = [work.place(Path(entry)) if os.path.isabs(entry) else None for entry in entries]
    found = dict.fromkeys([*(str(new or old) for new, old in zip(placed, entries, strict=True)), *more])
    return {"PYTHONPATH": os.pathsep.join(found)} if found else {}
