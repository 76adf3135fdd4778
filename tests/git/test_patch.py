"""The git patch, in real repositories."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from fake_kernel import FakeKernel, wait_until
from user_git import git

from jupyter_bioml.git import patch as patching
from jupyter_bioml.git.patch import PatchRefused, take_patch

PEM = "-----BEGIN RSA PRIVATE KEY-----\n" + "MIIEowIBAAKCAQEA0Z3VS5JJcds3xfn" * 3 + "\n" + "q1w2e3r4t5y6u7i8o9p0" * 3
PEM += "\n-----END RSA PRIVATE KEY-----\n"


@pytest.fixture
def repository(project_dir: Path) -> Path:
    git(project_dir, "init", "-q")
    (project_dir / "train.py").write_text("rate = 1\n" * 20)
    (project_dir / "study.ipynb").write_text("{}\n")
    (project_dir / "image.bin").write_bytes(bytes(range(256)))
    git(project_dir, "add", "-A")
    git(project_dir, "commit", "-q", "-m", "first")
    return project_dir


def head(root: Path) -> str:
    return git(root, "rev-parse", "HEAD")


def restored(repository: Path, commit: str, data: bytes, tmp_path: Path) -> Path:
    """A fresh checkout of ``commit`` with the patch applied."""
    copy = tmp_path / "copy"
    git(repository, "worktree", "add", "-q", "--detach", str(copy), commit)
    file = tmp_path / "changes.patch"
    file.write_bytes(data)
    git(copy, "apply", str(file))
    return copy


def test_commit_and_patch_give_the_working_tree(repository: Path, tmp_path: Path) -> None:
    commit = head(repository)
    (repository / "train.py").write_text("rate = 2\n")
    (repository / "image.bin").write_bytes(os.urandom(300))
    (repository / "neu ä.py").write_text("x = 1\n")
    git(repository, "add", "neu ä.py")
    patch = take_patch(repository, commit)
    assert patch.dirty
    copy = restored(repository, commit, patch.data, tmp_path)
    for name in ("train.py", "image.bin", "neu ä.py"):
        assert (copy / name).read_bytes() == (repository / name).read_bytes()
    assert {Path(name).name for name in patch.changed} == {"train.py", "image.bin", "neu ä.py"}
    assert take_patch(repository, commit).data == patch.data


def test_the_patch_is_against_the_recorded_commit(repository: Path) -> None:
    """The user commits between the cell's start and the look: commit and patch still belong together."""
    commit = head(repository)
    (repository / "train.py").write_text("rate = 3\n")
    git(repository, "commit", "-q", "-am", "second")
    assert b"+rate = 3" in take_patch(repository, commit).data
    assert not take_patch(repository, head(repository)).dirty


def test_notebooks_and_our_folder_are_left_out(repository: Path) -> None:
    (repository / ".bioml" / "note").write_text("old")
    git(repository, "add", "-f", ".bioml/note")
    git(repository, "commit", "-q", "-m", "a mistake")
    (repository / ".bioml" / "note").write_text("new")
    (repository / "study.ipynb").write_text('{"outputs": "patient 17"}\n')
    assert not take_patch(repository, head(repository)).dirty


def test_secrets_are_masked_and_the_rest_still_applies(repository: Path, tmp_path: Path) -> None:
    commit = head(repository)
    (repository / "key.py").write_text(f'API_TOKEN = "hf_{"aB3dE5gH7j" * 4}"\nKEY = """\n{PEM}"""\nafter = 1\n')
    (repository / "train.py").write_text("rate = 2\n")
    git(repository, "add", "key.py")
    patch = take_patch(repository, commit)
    assert b"aB3dE5gH7j" not in patch.data and b"MIIEow" not in patch.data and b"q1w2e3r4" not in patch.data
    copy = restored(repository, commit, patch.data, tmp_path)
    assert (copy / "train.py").read_text() == "rate = 2\n"
    lines = (copy / "key.py").read_text().splitlines()
    assert lines[0] == 'API_TOKEN = "[secret:huggingface]"'
    assert lines[-1] == "after = 1"


def test_late_is_a_file_written_after_the_start(repository: Path) -> None:
    started = time.time()
    (repository / "train.py").write_text("rate = 2\n")
    os.utime(repository / "train.py", (started - 5, started - 5))
    assert not take_patch(repository, head(repository)).late(started)
    os.utime(repository / "train.py", (started + 5, started + 5))
    assert take_patch(repository, head(repository)).late(started)


def test_nothing_of_the_repository_runs(repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    script = tmp_path / "script"
    script.write_text(f"#!/bin/sh\ntouch {marker}\n")
    script.chmod(0o755)
    for setting in ("diff.external", "core.fsmonitor", "core.pager", "diff.words.textconv", "diff.words.command"):
        git(repository, "config", setting, str(script))
    git(repository, "config", "core.hooksPath", str(tmp_path))
    (repository / ".gitattributes").write_text("*.py diff=words\n")
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", str(script))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    (repository / "train.py").write_text("rate = 2\n")
    index = (repository / ".git" / "index").read_bytes()
    monkeypatch.delenv("GIT_DIR")
    commit = head(repository)
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    marker.unlink(missing_ok=True)
    assert b"+rate = 2" in take_patch(repository, commit).data
    assert not marker.exists()
    assert (repository / ".git" / "index").read_bytes() == index


@pytest.mark.parametrize("commit", [None, "main; rm -rf /", "--output=/etc/passwd"])
def test_no_commit_is_a_reason(repository: Path, commit: str | None) -> None:
    with pytest.raises(PatchRefused, match="no commit to compare with"):
        take_patch(repository, commit)


def test_an_unknown_commit_is_named(repository: Path) -> None:
    with pytest.raises(PatchRefused, match="git failed: fatal: bad object"):
        take_patch(repository, "0" * 39 + "1")


def test_a_vanished_repository_does_not_reach_for_another(repository: Path) -> None:
    """``.git`` goes: git must not find a repository further up."""
    inner = repository / "inner"
    inner.mkdir()
    with pytest.raises(PatchRefused, match="git failed"):
        take_patch(inner, head(repository))


def test_a_large_patch_is_dirty_without_a_blob(repository: Path) -> None:
    (repository / "image.bin").write_bytes(os.urandom(6 * 2**20))
    with pytest.raises(PatchRefused, match="larger than 5 MiB") as caught:
        take_patch(repository, head(repository))
    assert caught.value.dirty is True


def stand_in_git(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir()
    (folder / "git").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def test_a_hanging_git_is_ended_with_its_children(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = head(repository)
    stand_in_git(tmp_path / "bin", f"sleep 600 & echo $! > {tmp_path}/child; wait", monkeypatch)
    monkeypatch.setattr(patching, "TIME_LIMIT", 0.5)
    with pytest.raises(PatchRefused, match="longer than"):
        take_patch(repository, commit)
    child = (tmp_path / "child").read_text().strip()
    wait_until(lambda: not Path("/proc", child).exists() or ") Z" in Path("/proc", child, "stat").read_text())


def test_someone_elses_folder_is_explained(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = head(repository)
    message = "fatal: detected dubious ownership in repository"
    stand_in_git(tmp_path / "bin", f"seq 100000 >&2; echo '{message}' >&2; exit 128", monkeypatch)
    with pytest.raises(PatchRefused, match="git failed: 1"):
        take_patch(repository, commit)
    (tmp_path / "bin" / "git").write_text(f"#!/bin/sh\necho '{message}' >&2; exit 128\n")
    with pytest.raises(PatchRefused, match=r"git config --global --add safe\.directory"):
        take_patch(repository, commit)


def test_without_git_it_is_said(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = head(repository)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PatchRefused, match="git is not installed"):
        take_patch(repository, commit)


def test_a_runs_patch_is_taken_at_its_start(repository: Path, fake_kernel: Callable[..., FakeKernel]) -> None:
    (repository / "train.py").write_text("rate = 2\n")
    os.utime(repository / "train.py", (1e9, 1e9))
    kernel = fake_kernel()
    state = {"commit": head(repository), "branch": "main", "remote": None, "root": str(repository)}
    first = kernel.start(git=state)
    entry = kernel.entry("patch", first)
    assert (entry["dirty"], entry["late"]) == (True, False)
    assert b"+rate = 2" in kernel.blob(entry["blob"])
    kernel.finish(first)
    second = kernel.start(git=state)
    assert kernel.entry("patch", second)["blob"] == entry["blob"]
    kernel.finish(second)
    git(repository, "checkout", "-q", "train.py")
    third = kernel.start(git=state)
    clean = kernel.entry("patch", third)
    assert (clean["dirty"], clean["blob"]) == (False, None)
    cell = kernel.start(mark="cell", git=state)
    kernel.finish(cell)
    kernel.kill()
    assert not kernel.entries("patch", cell)


def test_a_refused_patch_is_a_gap_of_its_run(repository: Path, fake_kernel: Callable[..., FakeKernel]) -> None:
    (repository / "image.bin").write_bytes(os.urandom(6 * 2**20))
    kernel = fake_kernel()
    run = kernel.start(git={"commit": head(repository), "root": str(repository)})
    gap = kernel.entry("gap", run)
    assert (gap["part"], gap["reason"]) == ("patch", "the changes are larger than 5 MiB")
    entry = kernel.entry("patch", run)
    assert (entry["dirty"], entry["blob"]) == (True, None)


@pytest.fixture
def with_submodules(repository: Path, tmp_path: Path) -> Path:
    """A repository with two submodules, each with one file."""
    for name in ("tools", "neu ä"):
        source = tmp_path / "sources" / name
        source.mkdir(parents=True)
        git(source, "init", "-q")
        (source / "code.py").write_text("rate = 1\n")
        git(source, "add", "-A")
        git(source, "commit", "-q", "-m", "first")
        git(repository, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(source), f"libs/{name}")
    git(repository, "commit", "-q", "-m", "submodules")
    return repository


def test_changes_in_a_submodule_are_changes(with_submodules: Path) -> None:
    commit, inner = head(with_submodules), with_submodules / "libs" / "neu ä"
    (inner / "untracked.txt").write_text("as in the repository itself, that is not a change\n")
    assert not take_patch(with_submodules, commit).dirty
    (inner / "code.py").write_text("rate = 2\n")
    patch = take_patch(with_submodules, commit)
    assert (patch.dirty, patch.data, patch.submodules) == (True, b"", ("libs/neu ä",))
    git(inner, "commit", "-aqm", "second")
    assert take_patch(with_submodules, commit).submodules == ("libs/neu ä",), "at another commit"
    (with_submodules / "train.py").write_text("rate = 3\n")
    both = take_patch(with_submodules, commit)
    assert b"+rate = 3" in both.data and both.submodules == ("libs/neu ä",)


def test_the_run_says_which_submodule_had_changes(
    with_submodules: Path, fake_kernel: Callable[..., FakeKernel]
) -> None:
    (with_submodules / "libs" / "tools" / "code.py").write_text("rate = 2\n")
    kernel = fake_kernel()
    run = kernel.start(git={"commit": head(with_submodules), "root": str(with_submodules)})
    entry = kernel.entry("patch", run)
    assert (entry["dirty"], entry["blob"]) == (True, None)
    gap = kernel.entry("gap", run)
    assert gap["part"] == "patch.submodules" and "libs/tools" in gap["reason"]
    assert "neu" not in gap["reason"]
