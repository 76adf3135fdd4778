"""sqlite databases: made once and whole, by one of many, with the artifacts beside them."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from jupyter_bioml.config import Project, destination, sqlite_file, sqlite_uri
from jupyter_bioml.errors import StoreUnavailable
from jupyter_bioml.records.run import Metric
from jupyter_bioml.store import mlflow_database
from jupyter_bioml.store.base import RECORD_ID
from jupyter_bioml.store.mlflow_store import MlflowStore, prepare_database


def in_children(count: int, work: Callable[[int], None]) -> None:
    """Run ``work`` in so many forked processes at once; each must come to its end."""
    children = []
    for number in range(count):
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                work(number)
                code = 0
            finally:
                os._exit(code)
        children.append(pid)
    assert [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children] == [0] * count


def test_many_processes_make_one_new_database_and_write_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    file = tmp_path / "new folder" / "mlflow.db"
    uri = f"sqlite:///{file}"
    MlflowStore(f"sqlite:///{tmp_path}/warm.db")  # imports done before the fork

    def work(number: int) -> None:
        store = MlflowStore(uri)
        identity, _ = store.open_experiment("a.ipynb")
        for count in range(5):
            run_id = store.create_run(identity, f"{number}.{count}", 1e9, {RECORD_ID: f"{number}{count}"})
            store.write(run_id, metrics=[Metric("m", float(step), step, 1e9) for step in range(50)])
            (tmp_path / f"f{number}").mkdir(exist_ok=True)
            (tmp_path / f"f{number}" / "a.txt").write_text("a")
            store.add_artifacts(run_id, tmp_path / f"f{number}")
            store.end_run(run_id, "FINISHED", 1e9 + 1)

    in_children(4, work)
    store = MlflowStore(uri)
    runs = store.search()
    assert len(runs) == 20 and {run.status for run in runs} == {"FINISHED"}
    assert len({run.experiment for run in runs}) == 1
    assert all(len(store.history(run.run_id, "m")) == 50 for run in runs)
    assert list((tmp_path / "elsewhere").iterdir()) == [], "nothing in the working directory"
    assert sorted(path.name for path in file.parent.iterdir() if "wal" not in path.name and "shm" not in path.name) == [
        "artifacts", "mlflow.db", "mlflow.db.lock",
    ]  # fmt: skip
    with sqlite3.connect(file) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        (root,) = connection.execute("SELECT artifact_location FROM experiments WHERE experiment_id = 0").fetchone()
    assert root.startswith((file.parent / "artifacts").as_uri())


@pytest.mark.parametrize("name", ["p%q", "100%", "why?", "#1 ünï/a?b%c/d%41 e;f&g+h=i@j:k"])
def test_names_that_mean_something_in_addresses_are_only_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """MLflow makes the folder of a database by the text of its address: nothing may appear beside the project."""
    from mlflow.tracking import MlflowClient

    monkeypatch.chdir(tmp_path)
    outside = tmp_path / "outside"
    file = outside / name / ".bioml" / "mlflow.db"
    file.parent.mkdir(parents=True)
    before = sorted(outside.rglob("*"))
    assert sqlite_file(sqlite_uri(file)) == file
    store = MlflowStore(sqlite_uri(file))
    identity, _ = store.open_experiment("a%41?.ipynb")
    run_id = store.create_run(identity, "run", 1e9, {RECORD_ID: "ab"})
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a b.txt").write_text("a")
    store.add_artifacts(run_id, tmp_path / "files")
    assert file.is_file() and (file.parent / "artifacts").is_dir()
    assert store.read_artifact(run_id, "a b.txt") == b"a"
    client = MlflowClient(sqlite_uri(file), sqlite_uri(file))  # as the user's own calls, and mlflow ui
    assert client.get_run(run_id).data.tags[RECORD_ID] == "ab"
    assert [item.path for item in client.list_artifacts(run_id)] == ["a b.txt"]
    new = {path for path in outside.rglob("*") if path not in before and file.parent not in path.parents}
    assert new == set() and sorted(path.name for path in tmp_path.iterdir()) == ["files", "home", "outside"]


def test_a_database_keeps_its_name_however_its_address_is_spelled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = Project(tmp_path / "p%q", tmp_path / "p%q" / ".bioml")
    own = destination(project)
    assert own.key == sha256(f"sqlite:///{tmp_path}/p%25q/.bioml/mlflow.db".encode()).hexdigest()[:16]
    for text in (f"sqlite:///{tmp_path}/p%25q/.bioml/mlflow.db", own.uri, sqlite_uri(project.home / "mlflow.db")):
        monkeypatch.setenv("MLFLOW_TRACKING_URI", text)
        assert (destination(project).key, destination(project).uri) == (own.key, own.uri)


def test_a_network_file_system_is_refused_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mlflow_database, "on_network", lambda path: True)
    with pytest.raises(StoreUnavailable) as refused:
        MlflowStore(f"sqlite:///{tmp_path}/share/mlflow.db")
    assert "export MLFLOW_TRACKING_URI=" in refused.value.next and not (tmp_path / "share").exists()


def test_what_is_no_database_is_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "mlflow.db"
    file.write_bytes(b"my novel\n" * 200)
    with pytest.raises(StoreUnavailable, match="not an MLflow database"):
        MlflowStore(f"sqlite:///{file}")
    assert file.read_bytes() == b"my novel\n" * 200
    with pytest.raises(StoreUnavailable, match="folder"):
        MlflowStore(str(tmp_path / "mlruns"))


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    uri = f"sqlite:///{tmp_path}/file/mlflow.db"
    with pytest.raises(StoreUnavailable, match="cannot be made"):
        prepare_database(uri, tmp_path / "artifacts", tmp_path / "file" / "lock")


def test_an_empty_file_becomes_a_database(tmp_path: Path) -> None:
    file = tmp_path / "mlflow.db"
    file.touch()
    assert prepare_database(f"sqlite:///{file}", tmp_path / "artifacts", tmp_path / "lock") is True
    assert prepare_database(f"sqlite:///{file}", tmp_path / "artifacts", tmp_path / "lock") is False
    assert MlflowStore(f"sqlite:///{file}").search() == []
