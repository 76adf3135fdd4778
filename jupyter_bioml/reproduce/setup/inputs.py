"""The data of a run in its fresh folder, by content: the recorded version wherever it can be found.

Looked for in this order: the file where it was, if its content is the recorded one; the git object at the recorded
commit; the DVC cache; the DVC remote. Only when all of them lack it the file as it is now is used, and said.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...config import Project
from ...data.hash_cache import HashCache
from ...data.masked_names import MASK
from ...data.versions import DataVersions, StoredData
from ...git.objects import Commit, GitRefused
from ...records.run import DataUse, Git
from .sources import repository_of
from .workfolder import Input, WorkFolder, provide

WORKING_TREE, GIT_OBJECT = "the working tree", "the git object of the recorded commit"


@dataclass(frozen=True)
class Provided:
    """One input, and where its content came from."""

    name: str
    path: str
    recorded: str | None
    """Digest of what the run read; None: it was never hashed."""
    present: str | None
    """Digest of the file where it was; None: there is none."""
    found: str | None
    """The place the recorded content was found; None: nowhere, or not searched."""
    outside: bool = False
    """Whether it lies outside the project, and is used in place."""

    @property
    def is_recorded(self) -> bool | None:
        """Whether the reproduction gets what the run read; None where that is not known."""
        if self.recorded is None:
            return None
        if self.outside:
            return self.present == self.recorded
        return self.found is not None

    @property
    def working_copy_changed(self) -> bool:
        """The file at its path is not what the run read, or is gone; False where it is not known what the run read."""
        return self.recorded is not None and self.present != self.recorded


class Inputs:
    """Finds the content of inputs. ``say`` takes lines about what takes long."""

    def __init__(self, project: Project, git: Git | None, say: Callable[[str], None]) -> None:
        self._cache = HashCache(project.home / "state" / "hashes.db")
        self._versions = DataVersions(self._cache, project.root)
        root = repository_of(project, git.root) if git is not None and git.root else None
        self._commit = Commit(root, git.commit) if root is not None and git is not None and git.commit else None
        self._stored = StoredData()
        self._say = say
        self.notes: list[str] = []

    def provide(self, work: WorkFolder, wanted: Iterable[Input], uses: Sequence[DataUse]) -> list[Provided]:
        """Put each input into the folder; returns where each came from."""
        known = {use.path: use for use in reversed(uses) if use.path is not None}
        try:
            return [self._one(work, item, known[item.path]) for item in wanted]
        finally:
            self._cache.close()

    def _one(self, work: WorkFolder, item: Input, use: DataUse) -> Provided:
        target = work.place(Path(item.path))
        recorded = None if use.changed_since or use.role != "read" else use.digest
        present = self._present(use, item.path)
        if recorded is None and self._untouched(use, item.path):
            recorded = present  # never hashed, but the file is the very one that was read
        here = Provided(use.name, item.path, recorded, present, None, outside=target is None)
        if target is None:
            return here
        if MASK in item.path:
            self.notes.append(f"The input {item.path} is not given to the rerun: there is a secret in its name.")
            return here
        if recorded is None or present == recorded:
            note = provide(work, item)
            self.notes += [note] if note else []
            return dataclasses.replace(here, found=WORKING_TREE if recorded else None)
        found = self._from_git(item.path, recorded, target) or self._from_dvc(item.path, recorded, target)
        if found is None:
            note = provide(work, item)
            self.notes += [note] if note else []
        return dataclasses.replace(here, found=found)

    def _present(self, use: DataUse, path: str) -> str | None:
        kind = "directory" if os.path.isdir(path) else "file"
        blank = DataUse(use.name, use.role, kind, path)
        found, _ = self._versions.resolve(blank)
        return found.digest

    @staticmethod
    def _untouched(use: DataUse, path: str) -> bool:
        try:
            now = os.stat(path)
        except OSError:
            return False
        recorded = (use.size, use.mtime_ns, use.inode)
        return None not in recorded and recorded == (now.st_size, now.st_mtime_ns, now.st_ino)

    # -- elsewhere -----------------------------------------------------------------------------------

    def _from_git(self, path: str, digest: str, target: Path) -> str | None:
        if self._commit is None:
            return None
        try:
            below = Path(path).relative_to(self._commit.root).as_posix()
            entries = [entry for entry in self._commit.entries(below) if entry.is_file]
            if digest.endswith(".dir"):
                contents = {os.path.relpath(entry.path, below): data for entry, data in self._commit.contents(entries)}
                if _digest_of(contents) != digest:
                    return None
            else:
                exact = [entry for entry in entries if entry.path == below]
                contents = dict.fromkeys(
                    ("",) if exact else (), b"".join(data for _, data in self._commit.contents(exact))
                )
                if [_md5(data) for data in contents.values()] != [digest]:
                    return None
        except (GitRefused, ValueError):
            return None
        for name, data in contents.items():
            file = target / name if name else target
            file.parent.mkdir(parents=True, exist_ok=True)
            file.unlink(missing_ok=True)
            file.write_bytes(data)
        return GIT_OBJECT

    def _from_dvc(self, path: str, digest: str, target: Path) -> str | None:
        self._say(f"looking for the recorded version of {os.path.basename(path)} with DVC")
        try:
            if target.is_file():
                target.unlink()
            return self._stored.fetch(path, digest, target)
        except Exception as error:  # whatever a broken repository or an unreachable remote makes dvc raise
            self.notes.append(f"DVC could not be asked for {os.path.basename(path)}: {type(error).__name__}: {error}")
            return None


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def _digest_of(contents: dict[str, bytes]) -> str:
    """DVC's digest of a directory with these files."""
    listing = [{"md5": _md5(data), "relpath": name} for name, data in sorted(contents.items())]
    return _md5(json.dumps(listing, sort_keys=True).encode()) + ".dir"
