"""Disks that are full, or cannot be written, for a test: the real thing where it may be mounted, else real limits."""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path


def may_mount() -> bool:
    """Whether this process may mount file systems."""
    if os.geteuid() != 0:
        return False
    tried = subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False)
    return tried.returncode == 0


class MountedDisk:
    """A file system of its own over a folder, of 2 MB."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m,mode=755", "none", str(folder)], check=True)

    def fill(self, pids: Iterable[int]) -> None:
        """Take all the room that is left."""
        with open(self.folder / "ballast", "ab", buffering=0) as file:
            for size in (4096, 1):
                with contextlib.suppress(OSError):
                    while True:
                        file.write(b"x" * size)

    def free(self, pids: Iterable[int]) -> None:
        """Give the room back."""
        (self.folder / "ballast").unlink()

    def close(self) -> None:
        subprocess.run(["umount", "-l", str(self.folder)], check=True)


class LimitedFiles:
    """No file of the processes may grow beyond 1 byte: every write fails, as on a full disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self, pids: Iterable[int]) -> None:
        for pid in pids:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))

    def free(self, pids: Iterable[int]) -> None:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def close(self) -> None:
        """Nothing is left."""


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[MountedDisk | LimitedFiles]:
    """A disk under ``folder`` that can be filled and freed."""
    disk = MountedDisk(folder) if may_mount() else LimitedFiles(folder)
    try:
        yield disk
    finally:
        disk.close()


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nobody may write below ``folder``: remounted read-only where that is allowed, else by its permissions."""
    if may_mount():
        subprocess.run(["mount", "--bind", str(folder), str(folder)], check=True)
        subprocess.run(["mount", "-o", "remount,bind,ro", str(folder)], check=True)
        try:
            yield
        finally:
            subprocess.run(["umount", "-l", str(folder)], check=True)
        return
    assert os.geteuid() != 0, "permissions do not hold for root, and it may not mount here"
    folders = [folder, *(path for path in folder.rglob("*") if path.is_dir())]
    modes = [path.stat().st_mode for path in folders]
    for path in folders:
        path.chmod(0o555)
    try:
        yield
    finally:
        for path, mode in zip(folders, modes, strict=True):
            path.chmod(mode)
