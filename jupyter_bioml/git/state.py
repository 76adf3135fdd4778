"""The git commit at the start of a cell, read from files: no subprocess in the kernel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..config import without_credentials


class GitState:
    """Reads ``.git/HEAD`` and its ref of the repository that holds ``start``."""

    def __init__(self, start: Path) -> None:
        self.root: Path | None = None
        self._git: Path | None = None
        self._common: Path | None = None
        self._remote: tuple[int, str | None] = (-1, None)
        for folder in (start, *start.parents):
            git = folder / ".git"
            if git.exists():
                self.root = folder
                self._git = _git_folder(git)
                self._common = _common_folder(self._git)
                break

    def read(self) -> dict[str, Any] | None:
        """``{commit, branch, remote, root}``; None outside a repository. Never raises."""
        if self._git is None or self._common is None:
            return None
        try:
            head = (self._git / "HEAD").read_text(encoding="utf-8").strip()
            if not head.startswith("ref: "):
                return self._state(head, None)
            ref = head[5:]
            return self._state(self._resolve(ref), ref.removeprefix("refs/heads/"))
        except (OSError, UnicodeDecodeError):
            return None

    def _state(self, commit: str | None, branch: str | None) -> dict[str, Any]:
        return {"commit": commit, "branch": branch, "remote": self._origin(), "root": str(self.root)}

    def _resolve(self, ref: str) -> str | None:
        """The commit of a ref; None before the first commit."""
        assert self._git is not None and self._common is not None
        for folder in (self._git, self._common):
            try:
                return (folder / ref).read_text(encoding="utf-8").strip()
            except OSError:
                continue
        try:
            packed = (self._common / "packed-refs").read_text(encoding="utf-8")
        except OSError:
            return None
        for line in packed.splitlines():
            commit, _, name = line.partition(" ")
            if name == ref:
                return commit
        return None

    def _origin(self) -> str | None:
        assert self._common is not None
        config = self._common / "config"
        try:
            changed = config.stat().st_mtime_ns
        except OSError:
            return None
        if changed != self._remote[0]:
            self._remote = (changed, _origin_url(config))
        return self._remote[1]


def _git_folder(git: Path) -> Path:
    """``.git`` itself, or what a worktree's or submodule's ``.git`` file points to."""
    if git.is_dir():
        return git
    text = git.read_text(encoding="utf-8").strip()
    return (git.parent / text.removeprefix("gitdir:").strip()).resolve()


def _common_folder(git: Path) -> Path:
    try:
        return (git / (git / "commondir").read_text(encoding="utf-8").strip()).resolve()
    except OSError:
        return git


def _origin_url(config: Path) -> str | None:
    section = ""
    for line in config.read_text(encoding="utf-8", errors="replace").splitlines():
        line = line.strip()
        if line.startswith("["):
            section = line
        elif section == '[remote "origin"]' and line.partition("=")[0].strip() == "url":
            return without_credentials(line.partition("=")[2].strip())
    return None
