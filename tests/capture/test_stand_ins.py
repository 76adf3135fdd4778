"""Nobody can tell that files are observed: threads, forks, going away, errors, names."""

from __future__ import annotations

import builtins
import io
import os
import sqlite3
import sys
import threading
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from observed import Cell, cells, observing, read, roles, write

from jupyter_bioml.capture import files
from jupyter_bioml.capture.files import FileObserver
from jupyter_bioml.config import find_project


@pytest.fixture
def observer(project_dir: Path) -> Iterator[FileObserver]:
    with observing(project_dir) as observer:
        yield observer


@pytest.fixture
def cell(observer: FileObserver) -> Cell:
    return cells(observer)


# ---- threads and forks


def test_threads(cell: Cell, project_dir: Path) -> None:
    def worker(number: int) -> None:
        for item in range(100):
            write(project_dir / f"{number}-{item}")
            read(project_dir / f"{number}-{item}")

    def body() -> None:
        threads = [threading.Thread(target=worker, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    uses = cell(body)
    assert len(uses) == 800 and set(roles(uses).values()) == {"written"}


def test_a_thread_that_outlives_its_cell(observer: FileObserver, cell: Cell, project_dir: Path) -> None:
    stop = threading.Event()
    (project_dir / "f").write_text("x")

    def worker() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            write(project_dir / f"t{number % 50}")

    thread = threading.Thread(target=worker)
    thread.start()
    try:
        for _ in range(200):
            assert cell(lambda: read("f"))["f"].role == "read"
    finally:
        stop.set()
        thread.join()


def test_a_forked_child_notes_nothing(observer: FileObserver, project_dir: Path) -> None:
    observer.start()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            write("child.txt")
            observer.start()
            write("child2.txt")
            os.write(writer, repr([observer.finish(), observer._seen]).encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        assert pipe.read() == "[[], {}]"
    write("parent.txt")
    assert [use.name for use in observer.finish()] == ["parent.txt"]


# ---- on and off


def test_everything_is_put_back(project_dir: Path) -> None:
    import numpy.lib._datasource as datasource

    def bindings() -> dict[tuple[str, str], int]:
        kinds = (type(open), files.Watched)
        found = {}
        for module, names in [(name, getattr(item, "__dict__", {})) for name, item in sys.modules.items()]:
            for name, value in list(names.items()):
                if type(value) in kinds or (isinstance(value, type) and value.__name__ == "FileIO"):
                    found[module, name] = id(value)
        return found

    before = bindings()
    openers = dict(datasource._file_openers._file_openers)
    observer = FileObserver(find_project(project_dir))
    for _ in range(2):
        observer.install()
        observer.install()
        observer.start()
        assert bindings() != before
        late = types.ModuleType("late")
        exec("from io import open, FileIO\nfrom os import open as os_open\nfrom sqlite3 import connect", late.__dict__)
        sys.modules["late"] = late
        observer.uninstall()
        del sys.modules["late"]
        assert (late.open, late.os_open, late.FileIO) == (open, os.open, io.FileIO)
        assert late.open is open and late.FileIO is io.FileIO and late.connect is sqlite3.connect
        assert bindings() == before and datasource._file_openers._file_openers == openers
    assert type(open) is types.BuiltinFunctionType and type(io.FileIO) is type


def test_a_stand_in_that_someone_kept_goes_on_working(observer: FileObserver, project_dir: Path) -> None:
    kept, kept_class = open, io.FileIO
    observer.uninstall()
    kept("f", "w").close()
    kept_class("f").close()
    assert observer.finish() == []
    observer.install()
    observer.start()
    write("g")
    assert [use.name for use in observer.finish()] == ["g"]


def test_what_others_put_in_place_stays(observer: FileObserver, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = builtins.open

    def theirs(*args: Any, **kwargs: Any) -> Any:
        return ours(*args, **kwargs)

    builtins.open = theirs
    try:
        observer.uninstall()
        assert builtins.open is theirs
        with open("f", "w") as file:
            assert isinstance(file, io.TextIOWrapper)
    finally:
        builtins.open = io.open


def test_a_notebooks_own_open_is_seen(cell: Cell, project_dir: Path) -> None:
    from IPython.core.interactiveshell import InteractiveShell, _modified_open

    assert InteractiveShell is not None
    assert roles(cell(lambda: _modified_open("f", "w").close())) == {"f": "written"}
