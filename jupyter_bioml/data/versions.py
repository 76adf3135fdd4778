"""Digests of the data a run used, by DVC's algorithm, and the DVC file that tracks them. The gateway to dvc.

A file's digest is the md5 of its bytes; a directory's the md5 of the sorted JSON list of its files' digests and
relative paths, with ``.dir`` behind it. Values were hashed in the kernel.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..records.facts import DIGEST, CaptureGap, DataUse
from .hash_cache import FileState, HashCache
from .masked_names import named_again

#: Seconds for which a repository's list of tracked files is believed.
_REREAD = 10.0
#: Names DVC leaves out of a directory, besides those in ``.dvcignore``.
_IGNORED = frozenset({".git", ".hg", ".dvc"})


class DataVersions:
    """Finds digests and pointers; files are read once (see :class:`.hash_cache.HashCache`).

    :ivar bytes_read: how much was hashed by this object.
    """

    def __init__(self, cache: HashCache, root: Path) -> None:
        self.bytes_read = 0
        self._cache = cache
        self._pointers = Pointers(root)

    def resolve(self, use: DataUse) -> tuple[DataUse, list[CaptureGap]]:
        """``use`` with digest, pointer and ``changed_since``, and what could not be found out."""
        if use.path is None or use.kind not in ("file", "directory"):
            return use, []
        gaps, path = [], named_again(use.path, use.inode)
        try:
            use = self._directory(use, Path(path)) if use.kind == "directory" else self._file(use, path)
        except OSError as error:
            reason = "it no longer exists" if isinstance(error, FileNotFoundError) else error.strerror or error
            gaps.append(CaptureGap(DIGEST, f"{use.name}: no digest: {reason}"))
        try:
            pointer = self._pointers.find(path)
        except Exception as error:  # whatever a broken repository makes dvc raise
            gaps.append(CaptureGap(DIGEST, f"{use.name}: no DVC pointer: {type(error).__name__}: {error}"))
        else:
            if pointer is not None:
                use = dataclasses.replace(use, pointer=pointer[0], pointer_digest=pointer[1])
        return use, gaps

    def _file(self, use: DataUse, path: str) -> DataUse:
        """The digest of the version that was used: the cache may know it even when the file has changed since."""
        if use.size is not None and use.mtime_ns is not None and use.inode is not None:
            known = self._cache.get(FileState(path, use.size, use.mtime_ns, use.inode))
            if known is not None:
                return dataclasses.replace(use, digest=known, changed_since=False)
        state, digest, torn = self._hashed(path)
        changed = torn or any(
            recorded is not None and recorded != found
            for recorded, found in ((use.size, state.size), (use.mtime_ns, state.mtime_ns), (use.inode, state.inode))
        )
        return dataclasses.replace(use, digest=digest, changed_since=changed)

    def _hashed(self, path: str) -> tuple[FileState, str, bool]:
        """(version, digest, whether it changed while it was read)."""
        began = time.time()
        before = _state(path)
        if known := self._cache.get(before):
            return before, known, False
        digest = self._md5(path)
        after = _state(path)
        if before == after:
            self._cache.put([(before, digest)], began)
        return after, digest, before != after

    def _md5(self, path: str) -> str:
        with open(path, "rb") as file:
            found = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
            self.bytes_read += file.tell()
        return found

    def _directory(self, use: DataUse, folder: Path) -> DataUse:
        began, torn, size = time.time(), False, 0
        listing, fresh = [], []
        for path in _files(folder):
            before = _state(path)
            size += before.size
            digest = self._cache.get(before)
            if digest is None:
                digest = self._md5(path)
                torn |= _state(path) != before
                fresh.append((before, digest))
            listing.append({"md5": digest, "relpath": Path(path).relative_to(folder).as_posix()})
        if not torn:
            self._cache.put(fresh, began)
        listing.sort(key=lambda entry: entry["relpath"])
        text = json.dumps(listing, sort_keys=True)
        digest = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest() + ".dir"
        return dataclasses.replace(use, digest=digest, size=size, changed_since=torn)


def _state(path: str) -> FileState:
    found = os.stat(path)
    if not stat.S_ISREG(found.st_mode):
        raise OSError(0, "it is not a regular file")
    return FileState(path, found.st_size, found.st_mtime_ns, found.st_ino)


def _files(folder: Path) -> Iterator[str]:
    if not folder.is_dir():
        raise FileNotFoundError(2, os.strerror(2), str(folder))
    for base, folders, names in os.walk(folder, onerror=_raise):
        folders[:] = [name for name in folders if name not in _IGNORED]
        yield from (os.path.join(base, name) for name in names if name not in _IGNORED)


def _raise(error: OSError) -> None:
    raise error


class StoredData:
    """Content that DVC keeps: in the cache of a repository, else in its remote."""

    def __init__(self) -> None:
        self._repositories: dict[Path, Any] = {}

    def fetch(self, path: str, digest: str, target: Path) -> str | None:
        """Copy the content of ``digest`` of the file or directory that was at ``path`` to ``target``.

        Nothing of the repository or its cache is changed, and what was copied has the digest.

        :returns: where it was found (``the DVC cache``, ``the DVC remote``); None: not there, or no DVC.
        :raises Exception: whatever a broken repository or remote makes dvc raise.
        """
        place = next((folder for folder in Path(path).parents if (folder / ".dvc").is_dir()), None)
        if place is None:
            return None
        for name, store in self._stores(place):
            if self._copied(store, digest, target):
                return name
        return None

    def _stores(self, place: Path) -> Iterator[tuple[str, Any]]:
        if place not in self._repositories:
            from dvc.repo import Repo

            self._repositories[place] = Repo(str(place))
        repository = self._repositories[place]
        yield "the DVC cache", repository.cache.local
        if repository.cache.legacy is not None:
            yield "the DVC cache", repository.cache.legacy
        from dvc.config import NoRemoteError

        try:
            yield "the DVC remote", repository.cloud.get_remote_odb()
        except NoRemoteError:
            return

    def _copied(self, store: Any, digest: str, target: Path) -> bool:
        if not digest.endswith(".dir"):
            return self._one(store, digest, target)
        listing = target.with_name(f"{target.name}.listing")
        if not self._one(store, digest, listing, check=digest.removesuffix(".dir")):
            return False
        entries = json.loads(listing.read_text(encoding="utf-8"))
        listing.unlink()
        return all(self._one(store, entry["md5"], target / entry["relpath"]) for entry in entries)

    @staticmethod
    def _one(store: Any, digest: str, target: Path, check: str | None = None) -> bool:
        if not store.exists(digest):
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        store.fs.get_file(store.oid_to_path(digest), str(target))
        target.chmod(0o600)
        with target.open("rb") as file:
            found = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
        if found != (check or digest):
            target.unlink()
            return False
        return True


class Pointers:
    """The ``.dvc`` files and ``dvc.lock`` stages of the repositories that data lie in."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._repositories: dict[Path, tuple[float, Any]] = {}

    def find(self, path: str) -> tuple[str, str | None] | None:
        """(pointer, its digest) of the output that ``path`` is or lies in; None when DVC does not track it.

        The pointer is the ``.dvc`` file, or ``dvc.lock:stage``, relative to the project.
        """
        place = next((folder for folder in Path(path).parents if (folder / ".dvc").is_dir()), None)
        if place is None:
            return None
        from dvc.exceptions import OutputNotFoundError

        try:
            (out, *_) = self._repository(place).find_outs_by_path(path, strict=False)
        except OutputNotFoundError:
            return None
        stage = out.stage
        name = os.path.relpath(stage.path, self._root)
        if getattr(stage, "name", None):
            name = f"{os.path.relpath(os.path.join(os.path.dirname(stage.path), 'dvc.lock'), self._root)}:{stage.name}"
        return name, out.hash_info.value if out.hash_info else None

    def _repository(self, place: Path) -> Any:
        """The repository, reread after a while: the user may have added files to it."""
        read_at, repository = self._repositories.get(place, (0.0, None))
        if time.monotonic() - read_at > _REREAD or repository is None:
            from dvc.repo import Repo

            repository = Repo(str(place))
            self._repositories[place] = (time.monotonic(), repository)
        return repository
