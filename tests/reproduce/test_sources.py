"""Code from git objects, data by content: real git and DVC, shallow clones, and a tree that is left alone."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from user_git import git

from jupyter_bioml.config import Project
from jupyter_bioml.journal.blobs import Blobs
from jupyter_bioml.records.run import FINISHED, Code, DataUse, Git, Module, RunRecord
from jupyter_bioml.reproduce.setup.inputs import GIT_OBJECT, WORKING_TREE, Inputs, Provided
from jupyter_bioml.reproduce.setup.sources import FILE_LIMIT, Exported, export_code
from jupyter_bioml.reproduce.setup.workfolder import Input, WorkFolder

RECORD = RunRecord("a" * 32, "20260101T000000-00000000", 1, "tag", FINISHED, 1.0, Code("x = 1"))


@pytest.fixture
def study(project_dir: Path) -> Path:
    """A repository: code, data, a notebook, a large file and a picture, committed."""
    git(project_dir, "init", "-q")
    files = {
        "lab/__init__.py": "",
        "lab/score.py": "FACTOR = 1\n",
        "conf.yaml": "a: 1\n",
        "rows.csv": "1\n2\n",
        "n.ipynb": "{}",
        "odd ünï [1].txt": "odd\n",
        "big.txt": "x" * (FILE_LIMIT + 1),
    }
    for name, text in files.items():
        (project_dir / name).parent.mkdir(exist_ok=True)
        (project_dir / name).write_text(text)
    (project_dir / "plot.png").write_bytes(b"\x89PNG\0\0")
    git(project_dir, "add", "--all")
    git(project_dir, "commit", "-q", "-m", "one")
    return project_dir


def record_at(root: Path, patch: bytes = b"", modules: tuple[Module, ...] = ()) -> RunRecord:
    commit = git(root, "rev-parse", "HEAD").strip()
    blob = Blobs(root / ".bioml" / "blobs").put(patch) if patch else None
    return replace(RECORD, git=Git(commit, root=str(root), dirty=bool(patch), patch_blob=blob), modules=modules)


def exported(root: Path, record: RunRecord) -> tuple[Exported, Path]:
    folder = root / ".bioml" / "work" / "1"
    folder.mkdir(parents=True)
    return export_code(WorkFolder(folder, root, root), Project(root, root / ".bioml"), record), folder


def names(folder: Path) -> list[str]:
    files = [path for path in folder.rglob("*") if path.is_file() and ".reproduction" not in path.parts]
    return sorted(path.relative_to(folder).as_posix() for path in files)


def test_small_text_of_the_commit_is_there_whatever_the_tree_holds_now(study: Path) -> None:
    record = record_at(study)
    (study / "lab" / "score.py").write_text("FACTOR = 9\n")
    (study / "conf.yaml").unlink()
    before = {path: path.stat().st_mtime_ns for path in study.glob("**/*") if ".bioml" not in path.parts}
    made, folder = exported(study, record)
    assert names(folder) == ["conf.yaml", "lab/__init__.py", "lab/score.py", "odd ünï [1].txt", "rows.csv"]
    assert (folder / "lab" / "score.py").read_text() == "FACTOR = 1\n" and not made.notes
    assert before == {path: path.stat().st_mtime_ns for path in study.glob("**/*") if ".bioml" not in path.parts}


def test_the_patch_and_recorded_modules_go_over_it(study: Path) -> None:
    (study / "conf.yaml").write_text("a: 2\n")
    (study / "odd ünï [1].txt").unlink()
    patch = (git(study, "diff", "--binary", "HEAD") + "\n").encode()
    git(study, "checkout", "-q", "--", ".")
    blob = Blobs(study / ".bioml" / "blobs").put(b"FACTOR = 3\n")
    made, folder = exported(study, record_at(study, patch, (Module("lab.score", "lab/score.py", blob),)))
    assert (folder / "conf.yaml").read_text() == "a: 2\n" and not (folder / "odd ünï [1].txt").exists()
    assert (folder / "lab" / "score.py").read_text() == "FACTOR = 3\n"
    assert (made.notes, made.changed, made.missing) == ([], [], [])


def test_a_patch_with_a_masked_secret_still_gives_its_other_files(study: Path) -> None:
    (study / "conf.yaml").write_text("a: 2\n")
    (study / "lab" / "score.py").write_text("FACTOR = 5\n")
    patch = (git(study, "diff", "HEAD") + "\n").replace("-FACTOR = 1", "-[secret:rule]").encode()
    git(study, "checkout", "-q", "--", ".")
    made, folder = exported(study, record_at(study, patch))
    assert (folder / "conf.yaml").read_text() == "a: 2\n" and "lab/score.py" in made.notes[0]


def test_a_shallow_clone_and_a_project_below_the_root_do(study: Path, tmp_path: Path) -> None:
    (study / "conf.yaml").write_text("a: 5\n")
    git(study, "commit", "-q", "-a", "-m", "two")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{study}", str(clone))
    record = replace(record_at(study), git=Git(git(study, "rev-parse", "HEAD").strip(), root=str(study)))
    below = clone / "lab"
    folder = below / ".bioml" / "work" / "1"
    folder.mkdir(parents=True)
    made = export_code(WorkFolder(folder, below, below), Project(below, below / ".bioml"), record)
    assert names(folder) == ["__init__.py", "score.py"] and not made.notes
    old = replace(record, git=replace(record.git or Git(None), commit=git(study, "rev-parse", "HEAD~1").strip()))
    assert "not here" in export_code(WorkFolder(folder, below, below), Project(below, below / ".bioml"), old).notes[0]


def test_without_git_the_recorded_modules_are_enough(project_dir: Path) -> None:
    blob = Blobs(project_dir / ".bioml" / "blobs").put(b"M = 1\n")
    made, folder = exported(project_dir, replace(RECORD, modules=(Module("m", "m.py", blob),)))
    assert names(folder) == ["m.py"] and not made.notes


# -- data --------------------------------------------------------------------------------------------


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


def provided(root: Path, record: RunRecord, use: DataUse) -> tuple[Provided, Path, list[str]]:
    folder = root / ".bioml" / "work" / "data"
    folder.mkdir(parents=True, exist_ok=True)
    inputs = Inputs(Project(root, root / ".bioml"), record.git, lambda line: None)
    (found,) = inputs.provide(WorkFolder(folder, root, root), [Input(use.path or "", copy=False)], [use])
    return found, folder / use.name, inputs.notes


def use_of(root: Path, name: str, digest: str, kind: str = "file") -> DataUse:
    return DataUse(name, "read", kind, path=str(root / name), digest=digest)


def test_data_come_from_the_tree_where_the_content_is_the_recorded_one(study: Path) -> None:
    found, target, _ = provided(study, record_at(study), use_of(study, "rows.csv", md5("1\n2\n")))
    assert (found.found, found.is_recorded, found.working_copy_changed) == (WORKING_TREE, True, False)
    assert target.is_symlink()


def test_data_come_from_the_recorded_commit(study: Path) -> None:
    record = record_at(study)
    (study / "rows.csv").write_text("9\n")
    found, target, _ = provided(study, record, use_of(study, "rows.csv", md5("1\n2\n")))
    assert (found.found, found.is_recorded, found.working_copy_changed) == (GIT_OBJECT, True, True)
    assert target.read_text() == "1\n2\n" and (study / "rows.csv").read_text() == "9\n"


def test_data_that_are_nowhere_are_told(study: Path) -> None:
    record = record_at(study)
    (study / "rows.csv").write_text("9\n")
    found, target, _ = provided(study, record, use_of(study, "rows.csv", md5("never committed")))
    assert (found.found, found.is_recorded) == (None, False) and target.read_text() == "9\n", "the current one is used"
    (study / "rows.csv").unlink()
    found, target, notes = provided(study, record, use_of(study, "rows.csv", md5("never committed")))
    assert found.present is None and found.is_recorded is False and "no longer exists" in notes[-1]
    unknown = replace(use_of(study, "conf.yaml", ""), digest=None)
    assert provided(study, record, unknown)[0].is_recorded is None, "never hashed: not known"


@pytest.mark.parametrize("kept", ["the DVC cache", "the DVC remote"])
def test_data_come_from_dvc(project_dir: Path, tmp_path: Path, kept: str) -> None:
    def dvc(*arguments: str) -> None:
        command = [sys.executable, "-m", "dvc", *arguments]
        subprocess.run(command, cwd=project_dir, check=True, capture_output=True)

    git(project_dir, "init", "-q")
    dvc("init", "-q")
    (project_dir / "rows.csv").write_text("1\n2\n")
    (project_dir / "images").mkdir()
    (project_dir / "images" / "a.txt").write_text("a")
    dvc("add", "-q", "rows.csv", "images")
    pointer = (project_dir / "images.dvc").read_text()
    folder_digest = next(line.split()[-1] for line in pointer.splitlines() if "md5:" in line and ".dir" in line)
    if kept == "the DVC remote":
        dvc("remote", "add", "-q", "-d", "store", str(tmp_path / "remote"))
        dvc("push", "-q")
        dvc("gc", "-q", "-f", "-w")
        subprocess.run(["rm", "-rf", str(project_dir / ".dvc" / "cache")], check=True)
    for name in ("rows.csv", "images/a.txt"):
        (project_dir / name).unlink()
        (project_dir / name).write_text("other")
    found, target, notes = provided(project_dir, RECORD, use_of(project_dir, "rows.csv", md5("1\n2\n")))
    assert (found.found, found.is_recorded) == (kept, True), notes
    assert target.read_text() == "1\n2\n" and (project_dir / "rows.csv").read_text() == "other"
    found, target, notes = provided(project_dir, RECORD, use_of(project_dir, "images", folder_digest, "directory"))
    assert found.found == kept and (target / "a.txt").read_text() == "a", notes
