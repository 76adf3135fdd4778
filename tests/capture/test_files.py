# ruff: noqa: SIM115, UP015, UP020
"""FileObserver: which files a cell read and wrote."""

from __future__ import annotations

import bz2
import ctypes
import gzip
import io
import os
import shutil
import sqlite3
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from observed import Cell, read, roles, write

from jupyter_bioml.capture.files.observer import FileObserver
from jupyter_bioml.records.run import DataUse

# ---- what is seen


def test_a_read_file_is_told_as_it_was_when_opened(cell: Cell, project_dir: Path) -> None:
    data = project_dir / "sub" / "data.csv"
    data.parent.mkdir()
    data.write_text("a,b\n1,2\n")
    before = data.stat()

    def body() -> None:
        read(data)
        os.utime(data, ns=(1, 1))

    use = cell(body)["sub/data.csv"]
    assert use == DataUse(
        "sub/data.csv", "read", path=str(data), size=8, mtime_ns=before.st_mtime_ns, inode=before.st_ino
    )


def test_a_written_file_is_told_as_it_is_at_the_end(cell: Cell, project_dir: Path) -> None:
    def body() -> None:
        write("out.txt", "one")
        write("out.txt", " two", "a")
        os.utime("out.txt", ns=(1, 5_000_000_001))

    use = cell(body)["out.txt"]
    assert (use.role, use.size, use.mtime_ns) == ("written", 7, 5_000_000_001)
    assert use.inode == (project_dir / "out.txt").stat().st_ino and use.path == str(project_dir / "out.txt")


@pytest.mark.parametrize(
    ("modes", "role"),
    [
        (["r"], "read"),
        (["rb"], "read"),
        (["rt"], "read"),
        (["w"], "written"),
        (["w+b"], "written"),
        (["a"], "written"),
        (["r+"], "read-written"),
        (["+br"], "read-written"),
        (["a+"], "read-written"),
        (["r", "w"], "read-written"),
        (["a", "r"], "read-written"),
        (["w", "r"], "written"),
        (["w", "r", "a", "r+"], "written"),
        (["r", "r", "rb"], "read"),
    ],
)
def test_roles_of_modes(cell: Cell, project_dir: Path, modes: list[str], role: str) -> None:
    (project_dir / "f").write_text("content")
    assert roles(cell(lambda: [open("f", mode).close() for mode in modes])) == {"f": role}


@pytest.mark.parametrize(
    ("flags", "role"),
    [
        (os.O_RDONLY, "read"),
        (os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW, "read"),
        (os.O_WRONLY, "written"),
        (os.O_RDWR, "read-written"),
        (os.O_RDWR | os.O_CREAT | os.O_TRUNC, "written"),
        (os.O_WRONLY | os.O_APPEND, "written"),
    ],
)
def test_roles_of_flags(cell: Cell, project_dir: Path, flags: int, role: str) -> None:
    (project_dir / "f").write_text("content")
    assert roles(cell(lambda: os.close(os.open("f", flags)))) == {"f": role}


OPERATIONS: dict[str, Callable[[], Any]] = {
    "read": lambda: read("f"),
    "anew": lambda: write("f", "x"),
    "append": lambda: write("f", "x", "a"),
    "update": lambda: open("f", "r+").close(),
}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(sorted(OPERATIONS)), min_size=1, max_size=6))
def test_role_is_input_if_old_content_was_read_and_output_if_written(
    observer: FileObserver, project_dir: Path, steps: list[str]
) -> None:
    (project_dir / "f").write_text("old")
    observer.start()
    for step in steps:
        OPERATIONS[step]()
    (use,) = observer.finish()
    old = steps[: steps.index("anew")] if steps[0] == "anew" else steps
    is_input = steps[0] != "anew" and bool({"read", "update"} & set(old))
    is_output = set(steps) != {"read"}
    expected = "read-written" if is_input and is_output else "written" if is_output else "read"
    assert use.role == expected


def beside_a_temporary_file(path: str) -> Any:
    with tempfile.TemporaryFile():
        return open(path)


@pytest.mark.parametrize(
    "opened",
    [
        lambda path: open(path),
        lambda path: open(file=path, mode="r"),
        lambda path: open(Path(path)),
        lambda path: open(os.fsencode(path), "rb"),
        lambda path: open(path, "rb", 0),
        lambda path: open(path, "r", -1, "utf-8", None, None, True),
        lambda path: open(path, opener=lambda name, flags: os.open(name, flags)),
        lambda path: open(path, opener=None),
        lambda path: open(os.open(path, os.O_RDONLY)),
        lambda path: os.fdopen(os.open(Path(path), os.O_RDONLY)),
        lambda path: io.open(path),
        lambda path: io.FileIO(path),
        lambda path: io.FileIO(file=path, mode="rb"),
        lambda path: Path(path).open("rb"),
        lambda path: gzip.open(path),
        lambda path: bz2.open(path),
        beside_a_temporary_file,
    ],
)
def test_every_way_to_open(cell: Cell, project_dir: Path, opened: Callable[[str], Any]) -> None:
    (project_dir / "f").write_text("content")
    assert roles(cell(lambda: opened("f").close())) == {"f": "read"}
    assert roles(cell(lambda: opened(str(project_dir / "f")).close())) == {"f": "read"}


def test_opening_relative_to_a_folder_descriptor(cell: Cell, project_dir: Path) -> None:
    (project_dir / "sub").mkdir()
    (project_dir / "sub" / "f").write_text("content")

    def body() -> None:
        folder = os.open("sub", os.O_RDONLY | os.O_DIRECTORY)
        os.close(os.open("f", os.O_RDONLY, dir_fd=folder))
        os.close(folder)

    assert roles(cell(body)) == {"sub/f": "read"}


def test_the_directory_at_opening_counts(cell: Cell, project_dir: Path) -> None:
    for name in ("one", "two"):
        (project_dir / name).mkdir()
        (project_dir / name / "f").write_text(name)

    def body() -> None:
        for name in ("one", "two"):
            os.chdir(project_dir / name)
            read("f")
            read("./../one//f")
        os.chdir(project_dir)

    assert roles(cell(body)) == {"one/f": "read", "two/f": "read"}


def test_a_file_outside_the_project_has_its_absolute_name(cell: Cell, tmp_path: Path) -> None:
    outside = tmp_path / "elsewhere.csv"
    outside.write_text("1")
    assert roles(cell(lambda: read(outside))) == {str(outside): "read"}


def test_a_link_keeps_the_name_it_was_opened_by(cell: Cell, project_dir: Path, tmp_path: Path) -> None:
    target = tmp_path / "big.bin"
    target.write_bytes(b"12345")
    (project_dir / "data.bin").symlink_to(target)
    use = cell(lambda: read("data.bin", "rb"))["data.bin"]
    assert (use.path, use.size, use.inode) == (str(project_dir / "data.bin"), 5, target.stat().st_ino)


def test_a_project_reached_through_a_link(cell: Cell, project_dir: Path, tmp_path: Path) -> None:
    (project_dir / "f").write_text("x")
    (tmp_path / "link").symlink_to(project_dir)
    assert roles(cell(lambda: read(tmp_path / "link" / "f"))) == {"f": "read"}


def test_names_that_are_no_text(cell: Cell, project_dir: Path) -> None:
    name = os.fsencode(project_dir) + b"/caf\xe9\n.csv"
    uses = cell(lambda: write(name))
    assert roles(uses) == {"caf\udce9\n.csv": "written"}


def test_only_between_start_and_finish(observer: FileObserver, cell: Cell) -> None:
    write("a")
    assert roles(cell(lambda: write("b"))) == {"b": "written"}
    write("c")
    assert cell(lambda: None) == {}
    assert observer.finish() == []


# ---- what libraries do


def test_data_sets_that_packages_ship_are_data_and_their_descriptions_are_not(cell: Cell) -> None:
    from sklearn.datasets import load_breast_cancer, load_diabetes

    assert {Path(name).name for name in cell(load_breast_cancer)} == {"breast_cancer.csv"}
    assert {Path(name).name for name in cell(load_diabetes)} == {"diabetes_data_raw.csv.gz", "diabetes_target.csv.gz"}


def test_pandas_numpy_and_joblib(cell: Cell, project_dir: Path) -> None:
    import joblib
    import numpy as np
    import pandas as pd

    frame = pd.DataFrame({"a": [1.5, 2.5], "b": ["x", "y"]})
    makers: dict[str, Callable[[Any], Any]] = {
        "f.csv": frame.to_csv,
        "f.csv.gz": frame.to_csv,
        "f.csv.bz2": frame.to_csv,
        "f.csv.zip": frame.to_csv,
        "f.parquet": frame.to_parquet,
        "f.json": frame.to_json,
        "f.pkl": frame.to_pickle,
        "f.npy": lambda path: np.save(path, np.arange(3)),
        "f.npz": lambda path: np.savez(path, a=np.arange(3)),
        "f.txt": lambda path: np.savetxt(path, np.arange(3)),
        "f.bin": lambda path: np.arange(3.0).tofile(path),
        "f.joblib": lambda path: joblib.dump({"a": np.arange(3)}, path),
    }
    readers: dict[str, Callable[[Any], Any]] = {
        "f.csv": pd.read_csv,
        "f.csv.gz": pd.read_csv,
        "f.csv.bz2": pd.read_csv,
        "f.csv.zip": pd.read_csv,
        "f.parquet": pd.read_parquet,
        "f.json": pd.read_json,
        "f.pkl": pd.read_pickle,
        "f.npy": lambda path: np.load(path, mmap_mode="r"),
        "f.npz": lambda path: np.load(path)["a"],
        "f.txt": np.loadtxt,
        "f.bin": np.fromfile,
        "f.joblib": joblib.load,
    }
    for name, make in makers.items():
        assert roles(cell(lambda name=name, make=make: make(name))) == {name: "written"}
    for name, reader in readers.items():
        assert roles(cell(lambda name=name, reader=reader: reader(project_dir / name))) == {name: "read"}


def test_the_standard_library(cell: Cell, project_dir: Path) -> None:
    def body() -> None:
        Path("p.txt").write_text("p")
        with zipfile.ZipFile("z.zip", "w") as packed:
            packed.write("p.txt")
        with tarfile.open("t.tar.gz", "w:gz") as packed:
            packed.add("p.txt")
        shutil.copy("source.csv", "copy.csv")

    (project_dir / "source.csv").write_text("1")
    assert roles(cell(body)) == {
        "p.txt": "written",
        "z.zip": "written",
        "t.tar.gz": "written",
        "source.csv": "read",
        "copy.csv": "written",
    }


def test_plots_leave_no_fonts(cell: Cell) -> None:
    import matplotlib.figure

    def body() -> None:
        figure = matplotlib.figure.Figure()
        figure.subplots().set_title("figure")
        figure.savefig("figure.png")

    assert roles(cell(body)) == {"figure.png": "written"}


def test_sqlite(cell: Cell, project_dir: Path) -> None:
    def make() -> None:
        with sqlite3.connect("d.db") as connection:
            connection.execute("create table t (a)")
        connection.close()

    def query(statement: str, *arguments: Any, **options: Any) -> None:
        with sqlite3.connect(*arguments, **options) as connection:
            connection.execute(statement).fetchall()
        connection.close()

    uri = f"file://{project_dir}/d.db?mode=ro"
    assert roles(cell(make)) == {"d.db": "written"}
    assert roles(cell(lambda: query("select * from t", "d.db"))) == {"d.db": "read"}
    assert roles(cell(lambda: query("select * from t", Path("d.db")))) == {"d.db": "read"}
    assert roles(cell(lambda: query("select * from t", uri, uri=True))) == {"d.db": "read"}
    assert roles(cell(lambda: query("select * from t", database=b"d.db"))) == {"d.db": "read"}
    assert roles(cell(lambda: query("insert into t values (1)", "d.db"))) == {"d.db": "read-written"}
    assert cell(lambda: query("create table t (a)", ":memory:")) == {}
    assert cell(lambda: query("create table t (a)", "file:x?mode=memory", uri=True)) == {}


def test_sqlite_with_a_write_ahead_log_still_open(cell: Cell) -> None:
    connections = []

    def body() -> None:
        connection = sqlite3.connect("w.db")
        connection.execute("pragma journal_mode=wal")
        connection.execute("create table t (a)")
        connection.commit()
        connections.append(connection)

    assert roles(cell(body)) == {"w.db": "written"}
    assert cell(lambda: None) == {}
    connections[0].close()


def test_pandas_through_sqlite(cell: Cell) -> None:
    import pandas as pd

    def body() -> None:
        connection = sqlite3.connect("p.db")
        pd.DataFrame({"a": [1]}).to_sql("t", connection, index=False)
        connection.close()

    assert roles(cell(body)) == {"p.db": "written"}


def test_readers_in_c_are_seen_while_their_file_is_open(cell: Cell, project_dir: Path) -> None:
    (project_dir / "c.dat").write_text("content")
    libc = ctypes.CDLL(None)
    libc.fopen.restype = ctypes.c_void_p
    handles = []

    def body() -> None:
        handles.append(libc.fopen(b"c.dat", b"r"))
        handles.append(libc.fopen(b"made.dat", b"w"))

    assert roles(cell(body)) == {"c.dat": "read", "made.dat": "written"}
    assert cell(lambda: None) == {}, "still open, but not opened in this cell"
    for handle in handles:
        libc.fclose(ctypes.c_void_p(handle))


def test_what_python_holds_open_is_told_once(cell: Cell, project_dir: Path) -> None:
    (project_dir / "f").write_text("x")
    (project_dir / "link").symlink_to("f")
    held = []
    assert roles(cell(lambda: held.append(open("link")))) == {"link": "read"}
    assert cell(lambda: None) == {}
    held[0].close()
