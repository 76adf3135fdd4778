"""The git commit at the start of a cell, read from files: no subprocess in the kernel."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from ..config import without_credentials

#: Nanoseconds for which a file may change without its times telling: the grain of file systems' clocks, and more.
_GRAIN = 2_000_000_000


class GitState:
    """Reads ``.git/HEAD`` and its ref of the repository that holds ``start``; a file that has not changed, once."""

    def __init__(self, start: Path) -> None:
        self.root: Path | None = None
        self._git: Path | None = None
        self._common: Path | None = None
        self._texts: dict[str, tuple[tuple[int, int, int], str]] = {}
        """Path → what its file was like when it was read, and its text."""
        self._remote: tuple[str | None, str | None] = (None, None)
        """Text of the configuration, and the remote in it."""
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
            head = self._text(f"{self._git}/HEAD").strip()
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
                return self._text(f"{folder}/{ref}").strip()
            except OSError:
                continue
        try:
            packed = self._text(f"{self._common}/packed-refs")
        except OSError:
            return None
        for line in packed.splitlines():
            commit, _, name = line.partition(" ")
            if name == ref:
                return commit
        return None

    def _origin(self) -> str | None:
        try:
            text = self._text(f"{self._common}/config", errors="replace")
        except OSError:
            return None
        if text is not self._remote[0]:
            self._remote = (text, _origin_url(text))
        return self._remote[1]

    def _text(self, path: str, errors: str = "strict") -> str:
        """The text of a file, read again only when it may have changed: three files each cell, most of them the same.

        :raises OSError: when it cannot be read.
        :raises UnicodeDecodeError: when it is not a text, unless ``errors`` says otherwise.
        """
        stat = os.stat(path)
        stamp = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        known = self._texts.get(path)
        if known is not None and known[0] == stamp:
            return known[1]
        with open(path, encoding="utf-8", errors=errors) as file:
            text = file.read()
        if time.time_ns() - stat.st_mtime_ns > _GRAIN:
            self._texts[path] = (stamp, text)
        return text


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


def _origin_url(config: str) -> str | None:
    section = ""
    for line in config.splitlines():
        line = line.strip()
        if line.startswith("["):
            section = line
        elif section == '[remote "origin"]' and line.partition("=")[0].strip() == "url":
            return without_credentials(line.partition("=")[2].strip())
    return None
