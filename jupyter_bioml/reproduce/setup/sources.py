"""The code of a run in its fresh folder: small text files of the recorded commit, the stored patch, recorded modules.

Each layer goes over the one before. The commit's data files stay where they are: data come by content
(:mod:`.inputs`). Without git, or where the commit is not here, the recorded modules alone make the folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ...config import Project
from ...errors import BiomlError
from ...git.objects import Commit, Entry, GitRefused
from ...journal.blobs import Blobs
from ...records.run import Module, RunRecord
from .workfolder import WorkFolder

#: Bytes of one exported file, of all together, and how many there may be.
FILE_LIMIT, TOTAL_LIMIT, COUNT_LIMIT = 1 << 20, 64 << 20, 20_000
#: Never exported: notebooks (their cells are recorded one by one) and what belongs to DVC and to us.
_LEFT_OUT = (".ipynb",)
_FOLDERS_LEFT_OUT = (".bioml/", ".dvc/cache/", ".git/")


@dataclass
class Exported:
    """The state of the restored code."""

    notes: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    """Code of which only the current version was found."""
    missing: list[str] = field(default_factory=list)
    """Code that was not found at all."""
    from_commit: int = 0
    """Files that came from the commit."""


def export_code(work: WorkFolder, project: Project, record: RunRecord) -> Exported:
    """Fill the folder with the run's code; nothing outside it is touched."""
    made = Exported()
    try:
        _from_git(made, work, project, record)
    except GitRefused as refusal:
        made.notes.append(f"The code of the recorded commit is not here ({refusal}): the recorded modules are used.")
    for module in record.modules:
        _module(made, work, project, module)
    return made


def _from_git(made: Exported, work: WorkFolder, project: Project, record: RunRecord) -> None:
    git = record.git
    if git is None or git.commit is None or git.root is None:
        return
    root = repository_of(project, git.root)
    if root is None:
        raise GitRefused(f"there is no repository at {git.root}")
    commit, blobs = Commit(root, git.commit), Blobs(project.blobs)
    patch = b""
    if git.patch_blob is not None:
        try:
            patch = blobs.get(git.patch_blob)
        except BiomlError as error:
            made.notes.append(f"The uncommitted changes of the run are not here: {error.message}")
    elif git.dirty:
        made.notes.append("The run had uncommitted changes that were not stored; modules that it imported were.")
    stage = work.folder / ".reproduction" / "commit"
    touched = commit.changed_by(patch, root) if patch else []
    before = _prefix(project.root, root)
    wanted = _wanted(made, commit.entries(before.rstrip("/")), before, set(touched))
    _write(stage, commit.contents(wanted))
    if patch:
        unfit = commit.apply(stage, patch)
        ours = [name for name in unfit if name.startswith(before) and not name.endswith(_LEFT_OUT)]
        if ours:
            made.notes.append(f"Uncommitted changes of {', '.join(ours[:5])} could not be applied.")
    made.from_commit = len(wanted)
    _move(stage / before, work.folder)


def repository_of(project: Project, recorded: str) -> Path | None:
    """The repository: where it was, else the one that the project lies in now (it may have been moved)."""
    for folder in (Path(recorded), project.root, *project.root.parents):
        if (folder / ".git").exists() and project.root.resolve().is_relative_to(folder.resolve()):
            return folder
    return None


def _prefix(project: Path, repository: Path) -> str:
    relative = project.resolve().relative_to(repository.resolve()).as_posix()
    return "" if relative == "." else f"{relative}/"


def _wanted(made: Exported, entries: list[Entry], before: str, touched: set[str]) -> list[Entry]:
    found: list[Entry] = []
    total = left = 0
    for entry in entries:
        name = entry.path[len(before) :]
        if not entry.is_file or name.endswith(_LEFT_OUT) or name.startswith(_FOLDERS_LEFT_OUT):
            continue
        if entry.size > FILE_LIMIT and entry.path not in touched:
            continue
        if len(found) >= COUNT_LIMIT or total + entry.size > TOTAL_LIMIT:
            left += 1
            continue
        total += entry.size
        found.append(entry)
    if left:
        made.notes.append(f"{left} small files of the commit were left out (more than {TOTAL_LIMIT >> 20} MiB).")
    return found


def _write(stage: Path, contents: Iterator[tuple[Entry, bytes]]) -> None:
    stage.mkdir(parents=True, exist_ok=True)
    for entry, data in contents:
        if b"\0" in data[:8000] and not entry.path.endswith((".npy", ".npz")):
            continue  # binary: data, which come by content
        target = stage / entry.path
        if not Path(os.path.normpath(target)).is_relative_to(stage):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        if entry.mode == "100755":
            target.chmod(0o755)


def _move(stage: Path, folder: Path) -> None:
    for parent, _, names in os.walk(stage):
        for name in names:
            source = Path(parent, name)
            target = folder / source.relative_to(stage)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(source, target)


def _module(made: Exported, work: WorkFolder, project: Project, module: Module) -> None:
    target = work.place(Path(os.path.normpath(project.root / module.path)))
    if target is None:
        made.notes.append(f"{module.path} lies outside the project; it was not restored.")
        return
    source, reason = None, "was too large to be kept"
    if module.blob is not None:
        try:
            source = Blobs(project.blobs).get(module.blob)
        except BiomlError as error:
            reason = f"is no longer stored ({error.message.rstrip('.')})"
    if source is None and target.is_file():
        made.notes.append(f"{module.path} {reason}: the recorded commit's version was used.")
        return
    if source is None:
        try:
            source = (project.root / module.path).read_bytes()
        except OSError:
            made.notes.append(f"{module.path} {reason}, and the file no longer exists.")
            made.missing.append(module.path)
            return
        made.notes.append(f"{module.path} {reason}: the current file was used.")
        made.changed.append(module.path)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(source)


def import_folders(work: WorkFolder, modules: tuple[Module, ...]) -> list[str]:
    """Folders of the work folder that the recorded modules are imported from: ``src`` of ``src/pkg/module.py``.

    An editable installation would else give the user's present files.
    """
    found: dict[str, None] = {}
    for module in modules:
        parts = module.name.split(".")
        path = module.path.removesuffix(".py").removesuffix("/__init__").split("/")
        if path[-len(parts) :] == parts:
            above = "/".join(path[: -len(parts)])
            found[str(work.folder / above) if above else str(work.folder)] = None
    return list(found)
