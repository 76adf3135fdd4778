"""Content of the user's repository at a commit, read with the git binary: nothing is locked, fetched or run."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

#: Seconds one git command may take.
TIME_LIMIT = 120.0
_CONFIG = ("core.fsmonitor=false", "core.hooksPath=/dev/null", "core.quotePath=false", "core.autocrlf=false")


class GitRefused(Exception):
    """Git is not here, or does not have what was asked for; says why."""


@dataclass(frozen=True)
class Entry:
    """One file of a commit. ``path`` is relative to the repository's root."""

    path: str
    mode: str
    identity: str
    size: int

    @property
    def is_link(self) -> bool:
        """A symbolic link; its content is the path that it points to."""
        return self.mode == "120000"

    @property
    def is_file(self) -> bool:
        """A regular file, executable or not."""
        return self.mode.startswith("100")


class Commit:
    """One commit of a repository; a shallow clone has it where its files are there."""

    def __init__(self, root: Path, commit: str) -> None:
        self.root = root
        self.commit = commit

    def entries(self, below: str = "") -> list[Entry]:
        """The files of the commit, or those below a folder of it.

        :raises GitRefused: there is no such commit here.
        """
        paths = ["--", below] if below else []
        output = self._git(["ls-tree", "-r", "-z", "-l", "--full-tree", self.commit, *paths])
        found = []
        for line in filter(None, output.split(b"\0")):
            facts, _, name = line.partition(b"\t")
            mode, kind, identity, size = facts.split()
            if kind == b"blob":
                found.append(Entry(os.fsdecode(name), mode.decode(), identity.decode(), int(size)))
        return found

    def contents(self, entries: Iterable[Entry]) -> Iterator[tuple[Entry, bytes]]:
        """The content of each entry that is here (a partial clone may lack some)."""
        asked = list(entries)
        if not asked:
            return
        lines = "".join(f"{entry.identity}\n" for entry in asked).encode()
        output = self._git(["cat-file", "--batch"], lines)
        at = 0
        for entry in asked:
            end = output.index(b"\n", at)
            words = output[at:end].split()
            at = end + 1
            if len(words) < 3:
                continue
            size = int(words[2])
            yield entry, output[at : at + size]
            at += size + 1

    def apply(self, folder: Path, patch: bytes) -> list[str]:
        """Apply the stored patch to files in ``folder``, which stands for the repository's root.

        File by file where the whole does not fit, since a masked secret makes only its own file's part unfit.

        :returns: the files whose part could not be applied.
        """
        try:
            self._git(["apply", "--whitespace=nowarn", "-"], patch, folder)
            return []
        except GitRefused:
            pass
        failed = []
        for name in self.changed_by(patch, folder):
            try:
                self._git(["apply", "--whitespace=nowarn", f"--include={_literal(name)}", "-"], patch, folder)
            except GitRefused:
                failed.append(name)
        return failed

    def changed_by(self, patch: bytes, folder: Path) -> list[str]:
        """The files that a patch changes, relative to the repository's root."""
        try:
            output = self._git(["apply", "--numstat", "-z", "-"], patch, folder)
        except GitRefused:
            return []
        fields = [line.split(b"\t", 2) for line in output.split(b"\0")]
        return [os.fsdecode(parts[2]) for parts in fields if len(parts) == 3 and parts[2]]

    def _git(self, arguments: list[str], given: bytes = b"", folder: Path | None = None) -> bytes:
        """Output of a git command in the repository, or in a folder that is none.

        :raises GitRefused: with the first line of what git says.
        """
        command = ["git", "--no-pager", "-C", str(folder or self.root), "--literal-pathspecs"]
        for setting in _CONFIG:
            command += ["-c", setting]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        environment = {**kept, "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}
        environment["GIT_TERMINAL_PROMPT"] = "0"
        if folder is not None:
            # above it lies the user's own repository, which is none of this folder's business
            environment["GIT_CEILING_DIRECTORIES"] = str(folder.parent)
        try:
            done = subprocess.run(
                [*command, *arguments], input=given, capture_output=True, env=environment, timeout=TIME_LIMIT
            )
        except FileNotFoundError:
            raise GitRefused("git is not installed here") from None
        except (OSError, subprocess.TimeoutExpired) as error:
            raise GitRefused(f"git could not be asked: {error}") from None
        if done.returncode:
            lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise GitRefused(lines[0] if lines else f"git ended with {done.returncode}")
        return done.stdout


def _literal(name: str) -> str:
    """``name`` as a pattern that only it fits."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)
