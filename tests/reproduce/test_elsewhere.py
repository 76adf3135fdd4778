"""A run of another machine: what MLflow has of it is brought here, and paths mean this project's files."""

from __future__ import annotations

import hashlib
from pathlib import Path

from jupyter_bioml.config import Project
from jupyter_bioml.errors import NotFound
from jupyter_bioml.journal.blobs import Blobs
from jupyter_bioml.records.run import FINISHED, Code, DataUse, Environment, Git, Module, Output, RunRecord
from jupyter_bioml.reproduce.setup.elsewhere import at_home, bring_contents
from jupyter_bioml.store.memory import MemoryStore


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


FILES = {
    "environment.json": b"{}",
    "changes.patch": b"diff",
    "modules/lab/score.py": b"FACTOR = 1\n",
    "states/numpy.pickle": b"state",
    "outputs/display_00.png": b"png",
}
RECORD = RunRecord(
    "a" * 32, "20260101T000000-00000000", 1, "tag", FINISHED, 1.0, Code("x = 1"),
    environment=Environment("d", digest(b"{}")), git=Git("c" * 40, patch_blob=digest(b"diff")),
    modules=(Module("lab.score", "lab/score.py", digest(b"FACTOR = 1\n")),), states={"numpy": digest(b"state")},
    outputs=(Output("stdout", text="x"), Output("display", mime="image/png", blob=digest(b"png"))),
)  # fmt: skip


def published(tmp_path: Path, files: dict[str, bytes]) -> tuple[MemoryStore, str]:
    store = MemoryStore()
    experiment, _ = store.open_experiment("n.ipynb")
    run_id = store.create_run(experiment, "n", 1.0, {})
    for name, data in files.items():
        file = tmp_path / "staged" / "bioml" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    store.add_artifacts(run_id, tmp_path / "staged")
    return store, run_id


def test_what_is_not_here_is_brought(tmp_path: Path) -> None:
    store, run_id = published(tmp_path, FILES)
    blobs = Blobs(tmp_path / "blobs")
    assert bring_contents(RECORD, run_id, store, blobs) == []
    assert {blobs.get(digest(data)) for data in FILES.values()} == set(FILES.values())


def test_what_is_nowhere_or_another_content_is_told(tmp_path: Path) -> None:
    store, run_id = published(tmp_path, {**FILES, "changes.patch": b"other", "states/numpy.pickle": b"state"})
    blobs = Blobs(tmp_path / "blobs")
    (note,) = bring_contents(RECORD, run_id, store, blobs)
    assert "changes.patch" in note and "states" not in note
    (note,) = bring_contents(RECORD, "nowhere", store, Blobs(tmp_path / "none"))
    assert "environment.json" in note
    try:
        blobs.get(digest(b"diff"))
    except NotFound:
        return
    raise AssertionError("a content of another digest was taken for the recorded one")


def test_paths_mean_the_files_of_this_project(tmp_path: Path) -> None:
    project = Project(tmp_path, tmp_path / ".bioml")
    here = DataUse("a.csv", "read", path=str(tmp_path / "a.csv"), inode=3)
    there = DataUse("data/b.csv", "read", path="/home/bob/study/data/b.csv", digest="d", inode=3)
    outside = DataUse("/mnt/c.csv", "read", path="/mnt/c.csv")
    found = at_home(RunRecord(**{**vars(RECORD), "data": (here, there, outside)}), project).data
    assert found[0] == here and found[2] == outside
    assert (found[1].path, found[1].digest, found[1].inode) == (str(tmp_path / "data" / "b.csv"), "d", None)
