"""Export: everything of a run in one zip, from MLflow or from the journal, with no way out of it."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest
from publish.conftest import SyntheticSession

from jupyter_bioml.errors import BiomlError
from jupyter_bioml.store.base import RECORD_ID

from .conftest import Case

HOSTILE = "../../../etc/passwd\x00\u202e<img src=x onerror=alert(1)>🧬" + "y" * 10_000


def a_run(kernel: SyntheticSession, name: str = "depth3") -> str:
    """A run that has one of everything."""
    environment = {
        "python": {"version": "3.11", "implementation": "CPython"},
        "os": {"system": "Linux"},
        "distributions": [],
    }
    kernel.help("environment", digest="e", blob=kernel.blobs.put(json.dumps(environment).encode()))
    record_id = kernel.start("print('hi')\nauc = 0.9", name=name, git={"commit": "c" * 40})
    kernel.help("patch", run=record_id, dirty=True, blob=kernel.blobs.put(b"--- a\n+++ b\n"), late=False)
    for step in range(3):
        kernel.write("log", run=record_id, m={"auc": 0.9 + step / 100}, step=step)
    figure = kernel.blobs.put(b"\x89PNG")
    kernel.write("artifact", run=record_id, path="tables/a.csv", blob=kernel.blobs.put(b"a,b\n"), size=4)
    kernel.write("artifact", run=record_id, path=HOSTILE, blob=kernel.blobs.put(b"evil"), size=4)
    kernel.write("artifact", run=record_id, path="C:\\evil", blob=kernel.blobs.put(b"drive"), size=5)
    kernel.write(
        "output",
        run=record_id,
        o=[{"kind": "stdout", "text": "hi\n"}, {"kind": "display", "mime": "image/png", "blob": figure}],
    )
    kernel.finish(record_id, params={"depth": 3}, values={"timing.fit": 2.5, "n_rows": 569})
    return record_id


WANTED = {
    "README.txt", "record.json", "cell.py", "slice.ipynb", "environment.json", "requirements.lock", "changes.patch",
    "metrics.csv", "values.json", "outputs/stdout.txt", "outputs/display_00.png", "artifacts/tables/a.csv",
}  # fmt: skip


def opened(file: Path) -> dict[str, bytes]:
    """The files of an archive; each stays inside it."""
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert len(names) == len(set(names))
        for name in names:
            parts = PurePosixPath(name).parts
            assert not name.startswith("/") and ".." not in parts and "\\" not in name and ":" not in name
            assert name.isprintable()
        return {name: archive.read(name) for name in names}


@pytest.mark.parametrize("place", ["journal", "mlflow"])
def test_everything_is_in_it(case: Case, tmp_path: Path, place: str) -> None:
    kernel = case.kernel()
    record_id = a_run(kernel)
    if place == "mlflow":
        case.drain()
        case.bench.keeping.annotate(record_id, name="renamed later", note="why I kept it")
    file = case.bench.keeping.export(record_id, tmp_path / "run.zip")
    files = opened(file)
    assert set(files) >= WANTED
    assert (
        json.loads(files["record.json"])["record_id"] == record_id and files["cell.py"] == b"print('hi')\nauc = 0.9\n"
    )
    assert files["changes.patch"] == b"--- a\n+++ b\n" and files["outputs/display_00.png"] == b"\x89PNG"
    assert files["artifacts/tables/a.csv"] == b"a,b\n"
    rows = list(csv.DictReader(io.StringIO(files["metrics.csv"].decode())))
    assert [(row["key"], row["step"], float(row["value"])) for row in rows if row["key"] == "auc"] == [
        ("auc", "0", 0.9), ("auc", "1", 0.91), ("auc", "2", 0.92),
    ]  # fmt: skip
    assert json.loads(files["values.json"]) == {"n_rows": 569, "timing.fit": 2.5}
    assert {row["key"] for row in rows} == {"auc"}, "values are apart"
    evil = [name for name, data in files.items() if data == b"evil"]
    assert len(evil) == 1 and evil[0].startswith("artifacts/etc/passwd")
    readme = files["README.txt"].decode()
    assert all(name in readme for name in ("slice.ipynb", "metrics.csv", "values.json", record_id))
    if place == "mlflow":
        assert "The run renamed later" in readme and "why I kept it" in readme and "MLflow, sqlite" in readme
    else:
        assert "the journal of this project" in readme and "not in MLflow" in readme
    assert list(tmp_path.glob(".run.zip*")) == []


def test_into_a_folder_under_a_safe_name_and_over_an_old_file(case: Case, tmp_path: Path) -> None:
    record_id = a_run(case.kernel(), name=HOSTILE)
    folder = tmp_path / "out"
    folder.mkdir()
    file = case.bench.keeping.export(record_id, folder)
    assert file.parent == folder and file.suffix == ".zip" and len(file.name.encode()) < 100
    assert list(folder.iterdir()) == [file]
    file.write_bytes(b"old")
    assert case.bench.keeping.export(record_id, file) == file and "README.txt" in opened(file)


def test_with_mlflow_down_the_journal_gives_it(
    case: Case, tmp_path: Path, down: Callable[[Case], Callable[[], None]]
) -> None:
    record_id = a_run(case.kernel())
    case.drain()
    down(case)
    assert set(opened(case.bench.keeping.export(record_id, tmp_path / "run.zip"))) >= WANTED


def test_hostile_names_of_files_in_mlflow_stay_inside(case: Case, tmp_path: Path) -> None:
    record_id = case.kernel().run()
    case.drain()
    (stored,) = case.store.search()
    folder = tmp_path / "theirs"
    for name in ("a..b/c", "bioml/extra.txt", "README.txt", "<img src=x>", "x\u202egnp"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    case.store.add_artifacts(stored.run_id, folder)
    files = opened(case.bench.keeping.export(record_id, tmp_path / "run.zip"))
    assert files["artifacts/README.txt"] == b"README.txt" and files["README.txt"] != b"README.txt"
    assert files["extra.txt"] == b"bioml/extra.txt" and files["artifacts/_img src=x_"] == b"<img src=x>"
    assert files["artifacts/x_gnp"] == "x\u202egnp".encode()


def test_a_blob_that_is_gone_is_named(case: Case, tmp_path: Path) -> None:
    kernel = case.kernel()
    record_id = a_run(kernel)
    case.blob(kernel.blobs.put(b"a,b\n")).unlink()
    files = opened(case.bench.keeping.export(record_id, tmp_path / "run.zip"))
    assert "artifacts/tables/a.csv" not in files
    assert "could not be included" in files["README.txt"].decode() and b"a.csv" in files["README.txt"]


def test_a_place_that_cannot_be_written_is_said_and_nothing_is_left(case: Case, tmp_path: Path) -> None:
    record_id = a_run(case.kernel())
    with pytest.raises(BiomlError, match="cannot be written"):
        case.bench.keeping.export(record_id, tmp_path / "nowhere" / "run.zip")
    assert not (tmp_path / "nowhere").exists()


def test_a_run_without_our_record_is_not_exported(case: Case, tmp_path: Path) -> None:
    identity, _ = case.store.open_experiment("analysis.ipynb")
    run_id = case.store.create_run(identity, "bare", 1e9, {RECORD_ID: "ab" * 16})
    with pytest.raises(BiomlError):
        case.bench.keeping.export(run_id, tmp_path / "run.zip")
    assert list(tmp_path.glob("*.zip")) == []
