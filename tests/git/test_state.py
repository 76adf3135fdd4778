"""The commit at a cell's start, from files that are read again only when they may have changed."""

from __future__ import annotations

import builtins
import os
import time
from pathlib import Path

import pytest
from user_git import git

from jupyter_bioml.git.state import GitState

LONG_AGO = 1_700_000_000


def aged(root: Path) -> None:
    """The repository's files have not changed for long."""
    for file in (root / ".git").rglob("*"):
        os.utime(file, (LONG_AGO, LONG_AGO))


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were opened since it was cleared."""
    names: list[str] = []
    real = builtins.open

    def noted(file, *args, **kwargs):  # type: ignore[no-untyped-def]
        names.append(os.path.basename(file))
        return real(file, *args, **kwargs)

    monkeypatch.setattr(builtins, "open", noted)
    return names


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "first")
    git(tmp_path, "remote", "add", "origin", "https://example.org/study.git")
    return tmp_path


def test_a_repository_that_did_not_change_is_not_read_again(repository: Path, opened: list[str]) -> None:
    aged(repository)
    state = GitState(repository)
    first = state.read()
    assert first is not None and first["commit"] == git(repository, "rev-parse", "HEAD").strip()
    opened.clear()
    assert state.read() == first
    assert opened == []


def test_commits_branches_packed_refs_and_a_new_remote_are_seen(repository: Path) -> None:
    state = GitState(repository)
    for change in (
        ("commit", "-q", "--allow-empty", "-m", "second"),
        ("checkout", "-q", "-b", "trial"),
        ("pack-refs", "--all"),
        ("checkout", "-q", "--detach"),
        ("remote", "set-url", "origin", "https://example.org/moved.git"),
    ):
        aged(repository)
        state.read()
        git(repository, *change)
        found = state.read()
        assert found is not None
        assert found["commit"] == git(repository, "rev-parse", "HEAD").strip()
        assert found["branch"] == (git(repository, "branch", "--show-current").strip() or None)
        assert found["remote"] == git(repository, "remote", "get-url", "origin").strip()


def test_a_file_that_has_just_changed_is_read_again(repository: Path) -> None:
    """Two changes within the grain of the clock leave one time."""
    head = repository / ".git" / "HEAD"
    state = GitState(repository)
    now = time.time_ns()
    for branch in ("one", "two"):
        head.write_text(f"ref: refs/heads/{branch}\n", encoding="utf-8")
        os.utime(head, ns=(now, now))
        found = state.read()
        assert found is not None and found["branch"] == branch
