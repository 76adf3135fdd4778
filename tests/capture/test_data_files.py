"""What is no data of the user's, and what is named because it could not be seen."""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
import types
from pathlib import Path
from typing import Any

import pytest
from observed import Cell, read, roles, write

from jupyter_bioml.capture.files import openings
from jupyter_bioml.capture.files.observer import FileObserver
from jupyter_bioml.config import find_project

# ---- what is left out


def test_deleted_and_temporary_files_are_left_out(cell: Cell, tmp_path: Path) -> None:
    def body() -> None:
        write("gone.txt")
        os.unlink("gone.txt")
        with tempfile.NamedTemporaryFile("w+") as file:
            file.write("x")
            read(file.name)
        with tempfile.TemporaryDirectory() as folder:
            write(f"{folder}/f")
            read(f"{folder}/f")
        with tempfile.SpooledTemporaryFile(max_size=1) as spooled:
            spooled.write(b"more than one")

    assert cell(body) == {}


def test_a_file_read_and_then_deleted_was_read(
    cell: Cell, project_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, observer: FileObserver
) -> None:
    monkeypatch.setattr(observer._rules, "_temporary", (str(tmp_path / "tmp") + "/",))
    (project_dir / "f").write_text("content")

    def body() -> None:
        read("f")
        write("f", "more", "a")
        os.unlink("f")

    use = cell(body)["f"]
    assert (use.role, use.size) == ("read", 7)


def test_a_file_put_into_place_by_renaming(cell: Cell, project_dir: Path) -> None:
    (project_dir / "out.csv").write_text("old")

    def body() -> None:
        read("out.csv")
        write("out.csv.tmp", "the new content")
        os.replace("out.csv.tmp", "out.csv")
        write("model.partial")
        os.rename("model.partial", "model.bin")

    uses = cell(body)
    assert roles(uses) == {"out.csv": "read-written", "model.bin": "written"}
    assert uses["out.csv"].size == 15


def test_devices_pipes_directories_and_locks_are_left_out(cell: Cell, project_dir: Path) -> None:
    os.mkfifo(project_dir / "pipe")

    def body() -> None:
        read("/dev/null")
        read("/proc/self/status")
        read("/etc/hostname" if os.path.exists("/etc/hostname") else "/etc/passwd")
        os.close(os.open(".", os.O_RDONLY))
        os.close(os.open("pipe", os.O_RDONLY | os.O_NONBLOCK))
        os.close(os.open("some.lock", os.O_RDWR | os.O_CREAT))
        reader, writer = os.pipe()
        os.fdopen(reader).close()
        os.fdopen(writer, "w").close()

    assert cell(body) == {}


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("{project}/.bioml/journal/s.log", False),
        ("{project}/.git/HEAD", False),
        ("{project}/data/__pycache__/m.pyc", False),
        ("{project}/m.pyc", False),
        ("{project}/script.py", True),
        ("{project}/.hidden.csv", True),
        ("{project}/.venv/lib/python3.12/site-packages/p/m.py", False),
        ("{project}/.venv/lib/python3.12/site-packages/p/data.csv", False),
        ("{prefix}/lib/python3.11/site-packages/p/data/x.csv.gz", True),
        ("{prefix}/lib/python3.11/site-packages/p/lib.so", False),
        ("{prefix}/lib/python3.11/site-packages/p/lib.pyi", False),
        ("{prefix}/lib/python3.11/site-packages/x.pth", False),
        ("{prefix}/lib/python3.11/site-packages/p-1.0.dist-info/METADATA", False),
        ("{prefix}/lib/python3.11/site-packages/matplotlib/mpl-data/fonts/ttf/DejaVuSans.ttf", False),
        ("{prefix}/lib/python3.11/site-packages/matplotlib/mpl-data/matplotlibrc", False),
        ("{prefix}/lib/python3.11/site-packages/matplotlib/mpl-data/sample_data/goog.npz", True),
        ("{prefix}/lib/python3.11/site-packages/p/datasets/names.json", False),
        ("{prefix}/lib/python3.11/site-packages/certifi/cacert.pem", False),
        ("{prefix}/share/jupyter/kernels/python3/kernel.json", False),
        ("{stdlib}/json/decoder.py", False),
        ("{stdlib}/test/data.csv", False),
        ("/usr/share/zoneinfo/UTC", False),
        ("/usr/lib/python3/dist-packages/p/data.csv", False),
        ("/etc/ssl/openssl.cnf", False),
        ("/run/media/someone/disk/data.csv", True),
        ("/run/user/1000/x", False),
        ("/data/study/table.csv", True),
        ("{home}/.cache/fontconfig/x", False),
        ("{home}/.config/tool/settings", False),
        ("{prefix}/lib/python3.11/site-packages/VERSION.txt", False),
        ("{prefix}/lib/python3.11/site-packages/dask/dask.yaml", False),
        ("{home}/.netrc", False),
        ("{home}/.ipython/profile_default/history.sqlite", False),
        ("{home}/.keras/datasets/mnist.npz", True),
        ("{home}/study/data.csv", True),
        ("{caches}/anything", False),
        ("{runtime}/kernel-1.json", False),
        ("{tmp}/ipykernel_123/456.py", False),
        ("{tmp}/data.csv", True),
    ],
)
def test_which_files_are_data(
    project_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, kept: bool
) -> None:
    import sysconfig

    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv("MPLCONFIGDIR", tempfile.gettempdir())
    observer = FileObserver(find_project(project_dir))
    full = path.format(
        project=project_dir,
        prefix=sys.prefix,
        stdlib=sysconfig.get_path("stdlib"),
        home=tmp_path / "me",
        caches=tmp_path / "caches",
        runtime=tmp_path / "runtime",
        tmp=tempfile.gettempdir(),
    )
    assert observer._rules.keeps(full) is kept


@pytest.mark.parametrize("place", ["usr/src/app", "me/.cache/project", "me"])
def test_a_project_within_an_excluded_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    from jupyter_bioml.capture.files import data_files

    monkeypatch.setattr(data_files, "_SYSTEM", (f"{tmp_path}/usr/",))
    root = tmp_path / place
    (root / ".bioml").mkdir(parents=True)
    rules = data_files.DataFiles(find_project(root))
    assert rules.keeps(str(root / "data.csv")) and rules.keeps(str(root / "data" / "x.csv"))
    assert not rules.keeps(str(tmp_path / "usr" / "share" / "x"))
    assert not rules.keeps(str(tmp_path / "me" / ".cache" / "x"))
    assert not rules.keeps(str(tmp_path / "me" / ".netrc"))


def test_the_source_of_a_loaded_module_is_no_data(
    cell: Cell, project_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project_dir / "steps_of_mine.py").write_text("x = 1\n")
    (project_dir / "text.py").write_text("not imported\n")
    monkeypatch.syspath_prepend(str(project_dir))
    package = project_dir / "package_of_mine" / "inner"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "part.py").write_text("x = 1\n")
    sources = ["steps_of_mine.py", "package_of_mine/inner/__init__.py", "package_of_mine/inner/part.py"]
    assert set(roles(cell(lambda: [read(name) for name in sources]))) == set(sources)
    importlib.import_module("steps_of_mine")
    importlib.import_module("package_of_mine.inner.part")
    assert roles(cell(lambda: [read(name) for name in [*sources, "text.py"]])) == {"text.py": "read"}
    for name in [name for name in sys.modules if "_of_mine" in name]:
        del sys.modules[name]


def test_imports_leave_no_data(cell: Cell, project_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project_dir / "fresh_module.py").write_text("import json.tool\n")
    monkeypatch.syspath_prepend(str(project_dir))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    assert cell(lambda: __import__("fresh_module")) == {}
    assert (project_dir / "__pycache__").is_dir()
    del sys.modules["fresh_module"]


# ---- gaps


def test_files_over_the_limit_are_a_gap(observer: FileObserver, cell: Cell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openings, "LIMIT", 3)
    observer.gaps()
    assert sorted(cell(lambda: [write(f"f{n}") for n in range(5)])) == ["f0", "f1", "f2"]
    assert [gap.reason for gap in observer.gaps()] == ["2 more openings not kept (limit 3 files)"]
    cell(lambda: write("f0"))
    assert observer.gaps() == []


def test_libraries_that_read_unseen_are_named_once(observer: FileObserver, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("cv2", "polars", "pyarrow", "torch", "pysam"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    observer.gaps()
    main = sys.modules["__main__"]
    monkeypatch.setitem(sys.modules, "cv2", types.ModuleType("cv2"))
    monkeypatch.setitem(sys.modules, "pyarrow", types.ModuleType("pyarrow"))
    assert observer.gaps() == [], "other libraries load them for themselves"
    monkeypatch.setattr(main, "cv2", sys.modules["cv2"], raising=False)
    (gap,) = observer.gaps()
    assert gap.part == "data" and "cv2" in gap.reason and "--data" in gap.reason
    assert observer.gaps() == []
    monkeypatch.setattr(main, "pq", types.ModuleType("pyarrow.parquet"), raising=False)
    assert ["pyarrow" in gap.reason for gap in observer.gaps()] == [True]
    assert observer.gaps() == []


def _in_a_function() -> Any:
    def inner() -> Any:
        import pysam  # type: ignore[import-not-found]

        return pysam

    return inner


class _InAMethod:
    def read(self) -> Any:
        from pysam import AlignmentFile

        return AlignmentFile


def _mentions_it(value: Any) -> Any:
    return value.pysam


@pytest.mark.parametrize(
    ("value", "used"),
    [(_in_a_function, True), (_InAMethod, True), (_mentions_it, False), (3.0, False), ("pysam", False)],
)
@pytest.mark.parametrize("where", ["notebook", "module of the project", "library"])
def test_a_reader_is_what_the_users_code_imports(
    observer: FileObserver, project_dir: Path, monkeypatch: pytest.MonkeyPatch, where: str, value: Any, used: bool
) -> None:
    monkeypatch.setitem(sys.modules, "pysam", types.ModuleType("pysam"))
    home = types.ModuleType("lab")
    folder = project_dir if where == "module of the project" else project_dir / ".venv/lib/python3.11/site-packages"
    home.__file__ = str(folder / "lab.py")
    monkeypatch.setitem(sys.modules, "lab", home)
    holder = sys.modules["__main__"] if where == "notebook" else home
    monkeypatch.setattr(holder, "something", value, raising=False)
    named = any("pysam" in gap.reason for gap in observer.gaps())
    assert named is (used and where != "library")


def test_what_an_installer_put_beside_the_modules_is_not_data(
    project_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the installer's own list, whatever the distribution is called, also with ``pip install --target``."""
    target = project_dir / "libs"
    for site in (tmp_path / "env/lib/python3.12/site-packages", target):
        (site / "My_Lab-1.0.dist-info").mkdir(parents=True)
        listed = 'lab/VERSION.txt,sha256=x,3\nlab/data/a.txt,,\nlab/data/a.csv,,\n"lab/b,c.csv",,\nother/x.csv,,\n'
        (site / "My_Lab-1.0.dist-info" / "RECORD").write_text(listed)
        (site / "zz-2.0.dist-info").mkdir()
        (site / "zz-2.0.dist-info" / "RECORD").write_text("zz/__init__.py,,\n")
        rules = FileObserver(find_project(project_dir))._rules
        monkeypatch.setattr(sys, "path", [*sys.path, str(site)])
        for name in ("lab/VERSION.txt", "lab/data/a.txt", "lab/b,c.csv", "other/x.csv"):
            assert not rules.keeps(f"{site}/{name}"), name
        assert rules.keeps(f"{site}/lab/data/a.csv"), "a data set that it ships"
        assert rules.keeps(f"{site}/lab/downloaded.csv"), "it came later"
        assert rules.keeps(f"{site}/lab/data/cache/x.parquet")
        assert not rules.keeps(f"{site}/lab/module.so") or site == target
    assert rules.keeps(f"{project_dir}/libs/cohort/x.csv"), "a folder of the user's beside installed packages"
    assert not rules.keeps(f"{tmp_path}/env/lib/python3.12/site-packages/unlisted/x.csv"), "no list names its package"


def test_a_project_that_is_installed_editable_keeps_its_data(
    project_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in (project_dir / "src", project_dir):
        (folder / "study.egg-info").mkdir(parents=True)
        (folder / "study.egg-info" / "SOURCES.txt").write_text("study/data/a.csv\n")
        (folder / "study" / "data").mkdir(parents=True)
        monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
        assert FileObserver(find_project(project_dir))._rules.keeps(str(folder / "study" / "data" / "a.csv"))


def test_an_opening_that_cannot_be_noted_is_a_gap(observer: FileObserver, cell: Cell, project_dir: Path) -> None:
    (project_dir / "f").write_text("x")

    def body() -> None:
        os.mkdir("lost")
        os.chdir("lost")
        os.rmdir("../lost")
        with open(project_dir / "f") as file:  # the directory has no name any more
            os.close(os.open(f"/proc/self/fd/{file.fileno()}", os.O_RDONLY))
        os.chdir(project_dir)

    observer.gaps()
    assert "f" in cell(body)
    observer.start()
    observer.openings.versions = None  # type: ignore[assignment]
    assert read(project_dir / "f") == "x"
    observer.openings.versions = {}
    observer.finish()
    assert [gap.reason for gap in observer.gaps()] == ["1 openings could not be noted"]
