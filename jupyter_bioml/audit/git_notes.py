"""Notes in the project's git repository, on the ref ``refs/notes/bioml-audit``, written with git's plumbing.

Index, working tree, branches and the user's own notes are never touched; no hook runs. Pushing is left to the
user (``git push origin refs/notes/bioml-audit``). Reading them needs git only:
``git log --notes=bioml-audit``.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

REF = "refs/notes/bioml-audit"
#: Seconds for one git command.
TIME_LIMIT = 20.0
#: How often writing a note is retried when another process has changed the ref in between.
_TRIES = 10
_CONFIG = ("core.hooksPath=/dev/null", "core.fsmonitor=false", "gc.auto=0", "maintenance.auto=false")
_OBJECT = re.compile(rb"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_AUTHOR = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "bioml audit"), ("EMAIL", "bioml-audit@localhost"))
}


class NoNotes(Exception):
    """Notes cannot be read or written here; the text says why."""


class _Moved(Exception):
    """Somebody else has changed the ref."""


def write_note(root: Path, text: str, replaces: str = "") -> str:
    """Add a line to the note of the commit that is checked out; returns the commit.

    :param replaces: a line that ``text`` supersedes; it is removed from the note, not from its history.
    :raises NoNotes: git is missing, there is no repository or no commit yet, or the repository is locked.
    """
    commit = _commit(root)
    for _ in range(_TRIES):
        try:
            _add(root, commit, text, replaces)
            return commit
        except _Moved:
            continue
    raise NoNotes(f"{REF} is locked or keeps changing")


def read_notes(root: Path) -> list[tuple[str, str]]:
    """The notes: (commit, text) each.

    :raises NoNotes: git is missing, or there is no repository.
    """
    _check(root)
    tip = _tip(root)
    if tip is None:
        return []
    found = []
    for commit, blob in sorted(_entries(root, tip).items()):
        found.append((commit, _git(root, ["cat-file", "blob", blob]).decode("utf-8", "replace")))
    return found


def _check(root: Path) -> None:
    """Without a repository, no process is started."""
    root = root.absolute()
    if not any((folder / ".git").exists() for folder in (root, *root.parents)):
        raise NoNotes("there is no git repository")
    _git(root, ["rev-parse", "--git-dir"])


def _commit(root: Path) -> str:
    _check(root)
    try:
        return _git(root, ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]).decode().strip()
    except NoNotes:
        raise NoNotes("the repository has no commit yet") from None


def _tip(root: Path) -> str | None:
    try:
        return _git(root, ["rev-parse", "--verify", "--quiet", f"{REF}^{{commit}}"]).decode().strip()
    except NoNotes:
        return None


def _entries(root: Path, tip: str) -> dict[str, str]:
    """Commit → blob of its note. git may have spread them over folders (``ab/cdef…``)."""
    found = {}
    for item in _git(root, ["ls-tree", "-r", "-z", tip]).split(b"\0"):
        if item:
            meta, _, name = item.partition(b"\t")
            commit = name.replace(b"/", b"")
            if not _OBJECT.fullmatch(commit):
                raise NoNotes(f"{REF} holds more than notes ({name.decode('utf-8', 'replace')})")
            found[commit.decode()] = meta.split()[2].decode()
    return found


def _add(root: Path, commit: str, text: str, replaces: str) -> None:
    tip = _tip(root)
    entries = _entries(root, tip) if tip else {}
    before = _git(root, ["cat-file", "blob", entries[commit]]).splitlines() if commit in entries else []
    if text.encode() in before:
        return
    lines = [*(line for line in before if line != replaces.encode()), text.encode()]
    entries[commit] = _git(root, ["hash-object", "-w", "--stdin"], b"\n".join(lines) + b"\n").decode().strip()
    listing = b"".join(f"100644 blob {blob}\t{name}\0".encode() for name, blob in entries.items())
    tree = _git(root, ["mktree", "-z"], listing).decode().strip()
    parents = ["-p", tip] if tip else []
    new = _git(root, ["commit-tree", tree, *parents, "-m", "Audit log anchored"]).decode().strip()
    try:
        _git(root, ["update-ref", "-m", "bioml audit", REF, new, tip or "0" * len(new)])
    except NoNotes as error:
        if _tip(root) == tip and "exists" not in str(error):
            raise
        raise _Moved from None


def _git(root: Path, arguments: list[str], given: bytes = b"") -> bytes:
    """Output of a git command in ``root``.

    :raises NoNotes: it cannot be started, takes too long, or says no.
    """
    command = ["git", "--no-pager", "-C", str(root)]
    for setting in _CONFIG:
        command += ["-c", setting]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    more = {**_AUTHOR, "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            [*command, *arguments], input=given, capture_output=True, env={**kept, **more}, timeout=TIME_LIMIT,
            check=False, start_new_session=True,
        )  # fmt: skip
    except FileNotFoundError:
        raise NoNotes("git is not installed") from None
    except subprocess.TimeoutExpired:
        raise NoNotes(f"git {arguments[0]} did not end within {TIME_LIMIT:g} s") from None
    except OSError as error:
        raise NoNotes(f"git could not be started: {error.strerror or error}") from None
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise NoNotes(said[0].removeprefix("fatal: ") if said else f"git {arguments[0]} failed")
    return done.stdout
