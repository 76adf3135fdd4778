"""Data versions: DVC's digests, each file read once, and what changed or vanished is said."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_bioml.config import Project
from jupyter_bioml.data.hash_cache import HashCache
from jupyter_bioml.data.versions import DataVersions
from jupyter_bioml.records.run import DataUse
from jupyter_bioml.store.memory import MemoryStore
from jupyter_bioml.store.mlflow_store import MlflowStore

from .conftest import SyntheticSession

Drain = Callable[[], Any]
EMPTY = "d41d8cd98f00b204e9800998ecf8427e"


def use_of(path: Path, **fields: Any) -> dict[str, Any]:
    """A data use as the kernel records it."""
    stat = path.stat()
    return {
        "name": path.name, "role": "read", "path": str(path), "size": stat.st_size, "mtime_ns": stat.st_mtime_ns,
        "inode": stat.st_ino, **fields,
    }  # fmt: skip


def load(document: dict[str, Any]) -> DataUse:
    return DataUse(**document)


def settle(path: Path) -> None:
    """Let a file look as if it had been left alone for a while."""
    os.utime(path, ns=(10**18, 10**18))


@pytest.fixture
def versions(tmp_path: Path, project: Project) -> Iterator[DataVersions]:
    cache = HashCache(tmp_path / "state" / "hashes.db")
    yield DataVersions(cache, project.root)
    cache.close()


def test_digests_and_pointers_are_those_of_dvc(project_dir: Path, versions: DataVersions) -> None:
    def dvc(*arguments: str) -> None:
        subprocess.run([sys.executable, "-m", "dvc", *arguments, "-q"], check=True, capture_output=True)

    dvc("init", "--no-scm")
    (project_dir / "a.csv").write_bytes(b"x,y\r\n1,2\n")
    for name in ("b", "B", "sub/ü c", "sub-x", ".hidden", "__pycache__/x.pyc"):
        path = project_dir / "images" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (project_dir / "images" / "link").symlink_to(project_dir / "a.csv")
    (project_dir / "elsewhere").mkdir()
    (project_dir / "elsewhere" / "f").write_text("f")
    (project_dir / "images" / "folder link").symlink_to(project_dir / "elsewhere")
    (project_dir / "dvc.yaml").write_text(
        "stages:\n  copy:\n    cmd: cp a.csv c.csv\n    deps: [a.csv]\n    outs: [c.csv]\n"
    )
    dvc("add", "a.csv", "images")
    dvc("repro", "copy")
    expected = {}
    for file in ("a.csv.dvc", "images.dvc"):
        text = (project_dir / file).read_text()
        expected[file] = text.split("md5: ")[1].split()[0]

    def resolved(name: str, kind: str = "file") -> DataUse:
        use, gaps = versions.resolve(DataUse(name, "read", kind, str(project_dir / name)))
        assert gaps == []
        return use

    file, folder = resolved("a.csv"), resolved("images", "directory")
    assert (file.digest, file.pointer, file.pointer_digest) == (expected["a.csv.dvc"], "a.csv.dvc", file.digest)
    assert (folder.digest, folder.pointer) == (expected["images.dvc"], "images.dvc")
    assert folder.digest is not None and folder.digest.endswith(".dir")
    assert resolved("images/b").pointer == "images.dvc", "a file in a tracked folder"
    assert resolved("c.csv").pointer == "dvc.lock:copy"
    assert resolved("dvc.yaml").pointer is None


def test_a_file_is_read_once(versions: DataVersions, tmp_path: Path) -> None:
    """M02: the second use of a large file comes from the cache."""
    big = tmp_path / "big.bin"
    with open(big, "wb") as file:
        file.truncate(200_000_000)
    settle(big)
    first, _ = versions.resolve(load(use_of(big)))
    assert versions.bytes_read == 200_000_000
    second, _ = versions.resolve(load(use_of(big)))
    again = DataVersions(HashCache(tmp_path / "state" / "hashes.db"), tmp_path)
    third, _ = again.resolve(load(use_of(big)))
    assert versions.bytes_read == 200_000_000 and again.bytes_read == 0
    assert first.digest == second.digest == third.digest == hashlib.md5(bytes(200_000_000)).hexdigest()
    with open(big, "r+b") as file:
        file.write(b"1")
    settle(big)
    os.utime(big, ns=(10**18, 10**18 + 1))
    changed, _ = versions.resolve(load(use_of(big)))
    assert changed.digest != first.digest and versions.bytes_read == 400_000_000


def test_a_file_written_a_moment_ago_is_not_trusted_to_stay_the_same(versions: DataVersions, tmp_path: Path) -> None:
    path = tmp_path / "fresh.txt"
    path.write_text("one")
    document = use_of(path)
    first, _ = versions.resolve(load(document))
    path.write_text("two")
    os.utime(path, ns=(document["mtime_ns"], document["mtime_ns"]))
    second, _ = versions.resolve(load(document))
    assert first.digest != second.digest


def test_what_changed_or_vanished_since_the_cell_is_said(
    session: SyntheticSession, memory: MemoryStore, send: Drain, tmp_path: Path
) -> None:
    names = ("changed", "replaced", "gone", "kept", "refused")
    files = {name: tmp_path / name for name in names}
    for path in files.values():
        path.write_text("before")
    os.mkfifo(tmp_path / "fifo")
    uses = [use_of(path) for path in files.values()]
    uses.append({"name": "fifo", "role": "read", "path": str(tmp_path / "fifo")})
    files["changed"].write_text("after, longer")
    files["replaced"].rename(tmp_path / "old")
    files["replaced"].write_text("before")
    files["gone"].unlink()
    record_id = session.run(data=uses)
    session.end()
    send()
    run_id = memory.find_record(record_id)[0].run_id
    record = memory.record(run_id)
    found = {use.name: use for use in record.data}
    assert {name: use.changed_since for name, use in found.items()} == {
        "changed": True, "replaced": True, "gone": False, "kept": False, "refused": False, "fifo": False,
    }  # fmt: skip
    assert found["gone"].digest is None and found["fifo"].digest is None
    assert sorted(gap.reason for gap in record.gaps) == [
        "fifo: no digest: it is not a regular file",
        "gone: no digest: it no longer exists",
    ]
    profiles = {item.name: json.loads(str(item.profile)) for item in memory.inputs(run_id)}
    assert "changed_since" in profiles["changed"] and "changed_since" not in profiles["kept"]
    assert set(profiles) == {"changed", "replaced", "kept", "refused"}


def test_a_digest_is_found_once_and_stays(
    session: SyntheticSession, memory: MemoryStore, send: Drain, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("first")
    record_id = session.run(data=[use_of(path)])
    send()
    path.write_text("second, after the run was sent")
    session.write("log", run=record_id, m={"late": 1.0})
    session.end()
    assert send().published == 1
    (use,) = memory.record(memory.find_record(record_id)[0].run_id).data
    assert use.digest == "8b04d5e3775d298e78455efc5ca404d5" and not use.changed_since


def test_data_are_mlflow_dataset_inputs(
    session: SyntheticSession, store: MlflowStore, drain: Drain, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").touch()
    value = {"name": "X", "role": "read", "kind": "value", "digest": "sha256:" + "a" * 64, "rows": 20000, "columns": 3}
    written = use_of(tmp_path / "a.csv", name="out.csv", role="written", inherited=False)
    session.run("open('a.csv')", start={"mark": "cell"}, data=[use_of(tmp_path / "a.csv")])
    record_id = session.run(data=[value, written, {"name": "sock", "role": "read", "kind": "url"}])
    session.end()
    drain()
    (run,) = store.find_record(record_id)
    inputs = {item.name: item for item in store.inputs(run.run_id)}
    assert set(inputs) == {"X", "out.csv"}
    assert inputs["X"].digest == "sha256:" + "a" * 28 + "…" and len(inputs["X"].digest) == 36
    assert json.loads(str(inputs["X"].profile)) == {"digest": value["digest"], "rows": 20000, "columns": 3}
    assert inputs["out.csv"].digest == EMPTY and inputs["out.csv"].role == "written"
    assert json.loads(inputs["out.csv"].source) == {"uri": str(tmp_path / "a.csv")}


def test_a_damaged_cache_is_made_anew(tmp_path: Path) -> None:
    file = tmp_path / "hashes.db"
    file.write_bytes(b"no database at all" * 100)
    path = tmp_path / "a.txt"
    path.write_text("a")
    settle(path)
    versions = DataVersions(HashCache(file), tmp_path)
    for _ in range(2):
        assert versions.resolve(load(use_of(path)))[0].digest == "0cc175b9c0f1b6a831c399e269772661"
    assert versions.bytes_read == 1
