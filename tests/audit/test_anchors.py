"""Where heads are written down: tags of real MLflow runs, notes in a real git repository."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from user_git import git

from jupyter_bioml.audit.anchors import (
    HEAD,
    anchor,
    anchor_in_store,
    anchor_of,
    anchors_in_git,
    anchors_in_store,
    parse_anchors,
)
from jupyter_bioml.audit.git_notes import REF, write_note
from jupyter_bioml.audit.log import AuditLog
from jupyter_bioml.audit.verify import verify
from jupyter_bioml.config import find_project
from jupyter_bioml.store.mlflow_store import MlflowStore


def test_a_head_in_tags(log: AuditLog, store: MlflowStore, run_id: str, tmp_path: Path) -> None:
    first, second = log.append("one", "thing", "1"), log.append("two", "thing", "2")
    other = AuditLog(tmp_path / "other").append("one", "thing", "1")
    anchor_in_store(store, run_id, anchor_of(second))
    anchor_in_store(store, run_id, anchor_of(other))
    anchor_in_store(store, run_id, anchor_of(first))
    tag = store.get(run_id).tags[HEAD]
    assert f"{second.chain}:2:{second.hash}@{log.place}" in tag and first.hash not in tag, "never backwards"
    assert {item.chain for item in anchors_in_store(store)} == {second.chain, other.chain}
    store.delete_run(run_id)
    assert len(anchors_in_store(store)) == 2, "a deleted run still tells"


def test_text_that_is_no_anchor_is_passed_over() -> None:
    good = f"{'a' * 32}:7:{'b' * 64}"
    assert [item.seq for item in parse_anchors(f"x {good} {good}z {'a' * 32}:0:{'b' * 64} \u202e{good[:-1]}", "")] == [
        7
    ]


def test_a_head_in_git(log: AuditLog, repository: Path) -> None:
    """Nothing else of the repository changes."""
    before = git(repository, "status", "--porcelain"), git(repository, "notes", "show"), git(repository, "log")
    (repository / ".git" / "hooks").mkdir(exist_ok=True)
    for name in ("reference-transaction", "post-commit"):
        hook = repository / ".git" / "hooks" / name
        hook.write_text("#!/bin/sh\nexit 1\n")
        hook.chmod(0o755)
    log.append("one", "thing", "1")
    said = anchor(log, repository)
    log.append("two", "thing", "2")
    anchor(log, repository)
    assert said is not None and said.failed == () and said.places[0].startswith("the git note of commit")
    assert [item.seq for item in anchors_in_git(repository)] == [1, 2]
    again = git(repository, "rev-parse", REF)
    anchor(log, repository)
    assert git(repository, "rev-parse", REF) == again, "the same head twice writes nothing"
    for name in ("reference-transaction", "post-commit"):
        (repository / ".git" / "hooks" / name).unlink()
    assert before == (
        git(repository, "status", "--porcelain"),
        git(repository, "notes", "show"),
        git(repository, "log"),
    )
    assert log.place in git(repository, "log", "-1", "--format=%N", "--notes=bioml-audit"), "git itself shows it"


def test_a_projects_events_are_anchored_in_git_as_they_come(repository: Path) -> None:
    """One line for each chain and commit, whose history has the others; a cut-off end stays in sight."""
    log = AuditLog.of(find_project(repository))
    for number in range(3):
        log.append("promote", "model", str(number))
    found = verify(log, anchors_in_git(repository))
    assert found.anchored_up_to == 3 and len(anchors_in_git(repository)) == 1
    assert git(repository, "rev-list", "--count", REF).strip() == "3"
    assert log.path is not None
    log.path.write_bytes(log.path.read_bytes().splitlines(keepends=True)[0])
    for number in range(3):
        log.append("promote", "model", f"after {number}")
    problem = verify(log, anchors_in_git(repository)).problem
    assert problem is not None and problem.kind == "altered", "the log grew past its old end; the old note is kept"


def test_notes_of_many_commits_and_gits_own_folders(log: AuditLog, repository: Path) -> None:
    event = log.append("one", "thing", "1")
    git(repository, "notes", "--ref=bioml-audit", "add", "-m", "somebody's own words")
    blob = git(repository, "rev-parse", f"{REF}:{git(repository, 'rev-parse', 'HEAD').strip()}").strip()
    tree = git(repository, "rev-parse", "HEAD^{tree}").strip()
    spread = subprocess.run(
        ["git", "-C", str(repository), "mktree"], input=f"100644 blob {blob}\t{'c' * 38}\n", text=True,
        capture_output=True, check=True,
    ).stdout.strip()  # fmt: skip
    root = subprocess.run(
        ["git", "-C", str(repository), "mktree"], input=f"040000 tree {spread}\tcc\n", text=True,
        capture_output=True, check=True,
    ).stdout.strip()  # fmt: skip
    git(repository, "update-ref", REF, git(repository, "commit-tree", root, "-m", "fan-out").strip())
    assert tree and write_note(repository, str(anchor_of(event)))
    git(repository, "commit", "-q", "-m", "second")
    write_note(repository, str(anchor_of(event)))
    names = git(repository, "ls-tree", "--name-only", REF).split()
    assert len(names) == 3 and "c" * 40 in names and all(len(name) == 40 for name in names)
    assert len(anchors_in_git(repository)) == 2


def test_two_processes_note_at_once(repository: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from jupyter_bioml.audit.git_notes import write_note\n"
        "sys.stdin.readline()\n"
        "for i in range(1, 7): write_note(Path(sys.argv[1]), sys.argv[2] * 32 + f':{i}:' + 'd' * 64)\n"
    )
    command = [sys.executable, "-c", code, str(repository)]
    both = [subprocess.Popen([*command, name], stdin=subprocess.PIPE) for name in ("a", "b")]
    for process in both:
        process.communicate(b"go\n")
        assert process.returncode == 0
    found = {(item.chain[0], item.seq) for item in anchors_in_git(repository)}
    assert found == {(name, seq) for name in "ab" for seq in range(1, 7)}


def test_git_that_cannot_is_said_and_harmless(
    log: AuditLog, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert anchor(log, repository) is None, "nothing to anchor"
    log.append("one", "thing", "1")
    (tmp_path / "empty").mkdir()

    def failure(root: Path) -> str:
        said = anchor(log, root)
        assert said is not None and said.places == () and len(said.failed) == 1
        return said.failed[0]

    assert "no git repository" in failure(tmp_path / "empty")
    git(tmp_path / "empty", "init", "-q")
    assert "no commit yet" in failure(tmp_path / "empty")
    lock = repository / ".git" / f"{REF}.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.write_text("")
    assert "lock" in failure(repository) and anchors_in_git(repository) == []
    lock.unlink()
    assert write_note(repository, "x")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert failure(repository) == "git: git is not installed" and anchors_in_git(repository) == []


def test_a_store_that_does_not_answer_is_said(log: AuditLog, store: MlflowStore, tmp_path: Path) -> None:
    log.append("one", "thing", "1")
    said = anchor(log, tmp_path, store, ["0" * 32])
    assert said is not None and "MLflow run 000" in said.failed[0] and said.places == ()
    assert os.listdir(log.folder) and said.as_json()["seq"] == 1
