# ruff: noqa: SIM115
"""Nobody can tell that files are observed: threads, forks, going away, errors, names."""

from __future__ import annotations

import builtins
import contextlib
import copy
import inspect
import io
import json
import os
import pickle
import pydoc
import re
import sqlite3
import subprocess
import sys
import threading
import traceback
import types
import warnings
import weakref
from abc import ABC, ABCMeta, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from observed import Cell, observing, read, roles, write

from jupyter_bioml.capture.files import observer as files
from jupyter_bioml.capture.files.observer import FileObserver
from jupyter_bioml.capture.files.openings import Openings
from jupyter_bioml.capture.files.stand_ins import Watched
from jupyter_bioml.config import find_project

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


# ---- on and off


def test_everything_is_put_back(project_dir: Path) -> None:
    import numpy.lib._datasource as datasource

    def bindings() -> dict[tuple[str, str], int]:
        kinds = (type(open), Watched)
        found = {}
        for module, names in [(name, getattr(item, "__dict__", {})) for name, item in sys.modules.items()]:
            for name, value in list(names.items()):
                if type(value) in kinds or (issubclass(type(value), type) and value.__name__ == "FileIO"):
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


def test_modules_that_were_dropped_meanwhile_get_theirs_back(
    project_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pandas as pd

    original = pd.read_parquet
    with observing(project_dir):
        assert pd.read_parquet is not original
        for name in [name for name in sys.modules if name.partition(".")[0] == "pandas"]:
            monkeypatch.delitem(sys.modules, name)
    assert pd.read_parquet is original


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


# ---- what can be seen of it


def test_names_and_looks(project_dir: Path) -> None:
    def looks(function: Any) -> dict[str, Any]:
        names = ("__name__", "__qualname__", "__doc__", "__module__", "__self__", "__text_signature__", "__class__")
        return {
            "type": isinstance(function, types.BuiltinFunctionType),
            "is": (inspect.isbuiltin(function), inspect.isroutine(function), callable(function)),
            "repr": repr(function),
            "hash": hash(function),
            "signature": signature(function),
            "dir": dir(function),
            "help": pydoc.render_doc(function),
            **{name: getattr(function, name) for name in names},
        }

    def signature(function: Any) -> str:
        try:
            return str(inspect.signature(function))
        except ValueError as error:
            return str(error)

    before = [looks(function) for function in (open, os.open, sqlite3.connect)]
    original = open
    with observing(project_dir) as observer:
        observer.start()
        assert type(open) is Watched and type(os.open) is Watched and type(sqlite3.connect) is Watched
        assert [looks(function) for function in (open, os.open, sqlite3.connect)] == before
        assert open is io.open and open == original and {original: 1}[open] == 1
        assert {os.open, os.stat, os.unlink} <= os.supports_dir_fd, "shutil decides by it how to delete trees"
        assert not hasattr(open, "no_such_name")
        with pytest.raises(AttributeError):
            open.note = 1  # type: ignore[attr-defined]
        assert weakref.ref(open)() is open


def test_as_a_class_attribute_it_does_not_bind(observer: FileObserver, project_dir: Path) -> None:
    class Reader:
        opener = open
        low = os.open

    (project_dir / "f").write_text("content")
    with Reader().opener("f") as file:
        assert file.read() == "content"
    os.close(Reader().low("f", os.O_RDONLY))
    assert not hasattr(Watched, "__get__")


def test_pickles_work_here_and_elsewhere(observer: FileObserver) -> None:
    import cloudpickle

    observer.start()
    things = (open, os.open, sqlite3.connect, io.FileIO)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        for thing in things:
            assert pickle.loads(pickle.dumps(thing, protocol)) is thing
    kept = [pickle.dumps(thing) for thing in things] + [cloudpickle.dumps(lambda path: open(path).read())]
    namespace: dict[str, Any] = {"open": open, "FileIO": io.FileIO}
    exec(
        "def use(path):\n    with open(path) as file: return file.read(), isinstance(file.buffer.raw, FileIO)",
        namespace,
    )
    kept.append(cloudpickle.dumps(namespace["use"]))
    for thing in things:
        assert copy.copy(thing) is thing and copy.deepcopy(thing) is thing
    code = (
        "import builtins, io, os, pickle, sqlite3, sys\n"
        "found = [pickle.loads(data) for data in pickle.load(sys.stdin.buffer)]\n"
        "assert found[:4] == [open, os.open, sqlite3.connect, io.FileIO], found\n"
        "assert all(a is b for a, b in zip(found, [open, os.open, sqlite3.connect, io.FileIO]))\n"
        "assert found[4](os.devnull) == '' and found[5](os.devnull) == ('', True)\n"
        "assert not any(name.startswith('jupyter_bioml') for name in sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], input=pickle.dumps(kept), check=True)


def test_file_io_is_still_a_class(observer: FileObserver, cell: Cell, project_dir: Path) -> None:
    with open(os.devnull, "rb", 0) as unbuffered:
        original = type(unbuffered)
    assert original is not io.FileIO and original == io.FileIO and {original: 1}[io.FileIO] == 1
    assert isinstance(io.FileIO, type) and issubclass(io.FileIO, io.RawIOBase) and issubclass(io.FileIO, io.IOBase)
    assert issubclass(original, io.FileIO) and issubclass(io.FileIO, original) and not issubclass(str, io.FileIO)
    assert repr(io.FileIO) == "<class '_io.FileIO'>" and io.FileIO.__doc__ == original.__doc__
    assert (io.FileIO.__name__, io.FileIO.__qualname__) == ("FileIO", "FileIO")
    assert inspect.signature(io.FileIO) == inspect.signature(original)

    def body() -> None:
        with io.FileIO("made", "w") as file:
            assert type(file) is original and isinstance(file, io.FileIO)
            assert isinstance(file, io.IOBase | io.FileIO) and file.write(b"abc") == 3
        with open("made", "rb") as buffered:
            assert isinstance(buffered.raw, io.FileIO) and not isinstance(buffered, io.FileIO)
            match buffered.raw:
                case io.FileIO():
                    pass
                case other:
                    pytest.fail(str(other))

    assert roles(cell(body)) == {"made": "written"}


def test_subclasses_of_file_io_are_plain(observer: FileObserver, project_dir: Path) -> None:
    class Mixin(ABC):
        @abstractmethod
        def extra(self) -> str: ...

    class Mine(io.FileIO):
        def __init__(self, path: str, **options: Any) -> None:
            super().__init__(path, "w", **options)

    class Both(io.FileIO, Mixin):
        def extra(self) -> str:
            return "extra"

    class Options(io.FileIO):
        def __init_subclass__(cls, *, word: str = "", **rest: Any) -> None:
            super().__init_subclass__(**rest)
            cls.word = word  # type: ignore[attr-defined]

    class Third(Options, word="given"):
        pass

    with open(os.devnull, "rb", 0) as unbuffered:
        original = type(unbuffered)
    assert Mine.__mro__[1] is original and type(Mine) is type and type(Both) is ABCMeta
    assert Third.word == "given"  # type: ignore[attr-defined]
    with Mine("f") as mine, Both("f") as both:
        assert isinstance(mine, io.FileIO) and both.extra() == "extra" and mine.write(b"12") == 2


def test_warnings_name_the_callers_line(observer: FileObserver, project_dir: Path) -> None:
    calls: list[Callable[[], Any]] = [
        lambda: open("f", "wb", 1),
        lambda: open("f", "wb", buffering=1),
        lambda: open("f", mode="rb", buffering=True),
    ]
    for call in calls:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            with call() as file:
                assert isinstance(file, io.BufferedIOBase)
        assert [(item.category, item.filename, item.lineno) for item in caught] == [
            (RuntimeWarning, __file__, call.__code__.co_firstlineno)
        ]
        assert str(caught[0].message).startswith("line buffering (buffering=1) isn't supported in binary mode")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with open("f", "w", 1) as text:
            assert text.line_buffering


#: Failing calls, and how each looks from outside: run with and without the observer, in every Python found.
PROBE = """
import gzip, io, json, os, pathlib, sqlite3, sys, tempfile, traceback, warnings
from jupyter_bioml.capture.files.observer import FileObserver
from jupyter_bioml.capture.files.openings import Openings
from jupyter_bioml.config import find_project

class Frozen(Exception):
    def __setattr__(self, name, value):
        raise TypeError("frozen")

class Odd:
    def __fspath__(self):
        raise LookupError("no path")

def opener(path, flags):
    raise Frozen("from the opener")

def interrupted(path, flags):
    try:
        os.open("nothing/here", flags)
    except OSError:
        raise KeyboardInterrupt

def chained():
    try:
        open("nothing/here")
    except OSError as error:
        raise ValueError("second") from error

def in_handler():
    try:
        1 / 0
    except ZeroDivisionError:
        open("nothing/here")

def deep(depth):
    return open("nothing/here") if depth == 0 else deep(depth - 1)

KEPT = ValueError("kept")

def saved(path, flags):
    raise KEPT

def generator():
    yield open("nothing/here")

def warned():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        open("f", "wb", 1)

def subclass():
    class Mine(io.FileIO):
        pass
    Mine("nothing/here")

calls = [
    lambda: open("nothing/here"),
    lambda: open("nothing/here", "wb"),
    lambda: open("f", "no mode"),
    lambda: open("f", "rb", encoding="utf-8"),
    lambda: open(),
    lambda: open("f", nonsense=1),
    lambda: open("zero\\0byte"),
    lambda: open(Odd()),
    lambda: open("f", opener=opener),
    lambda: open("f", opener=interrupted),
    lambda: open("f", opener=saved),
    lambda: open("f", opener=saved),
    lambda: os.open("nothing/here", os.O_RDONLY),
    lambda: os.open("nothing/here"),
    lambda: os.open(Odd(), 0),
    lambda: io.FileIO("nothing/here"),
    lambda: io.FileIO("f", "no mode"),
    lambda: io.FileIO(),
    lambda: sqlite3.connect("nothing/here.db"),
    lambda: sqlite3.connect(),
    lambda: pathlib.Path("nothing/here").read_text(),
    lambda: gzip.open("nothing/here").read(),
    lambda: tempfile.NamedTemporaryFile(dir="nothing/here"),
    lambda: next(generator()),
    lambda: deep(200),
    chained, in_handler, warned, subclass,
]

def looks():
    found = []
    KEPT.__traceback__ = None
    for call in calls:
        try:
            call()
            found.append("no error")
        except BaseException as error:
            frames = [(frame.filename, frame.lineno, frame.name) for frame in traceback.extract_tb(error.__traceback__)]
            context = error.__context__ and traceback.format_exception(error.__context__)
            found.append([traceback.format_exc(), frames, repr(error), context])
    return found

observer = FileObserver(find_project(pathlib.Path.cwd()))
without = looks()
observer.install()
observer.start()
during = looks()
observer.finish()
observer.uninstall()
assert len(without) == len(calls) and "no error" not in without
print(json.dumps([without, during, looks()]))
"""


def pythons() -> list[str]:
    """This Python, and each later one that starts."""
    others = [*Path.home().glob(".pyenv/versions/3.1[2-9]*/bin/python"), *(Path(f"python3.{n}") for n in range(12, 16))]
    found = {}
    for name in map(str, others):
        code = "import sys; print(sys.version_info[:2])"
        with contextlib.suppress(OSError):
            answer = subprocess.run([name, "-c", code], capture_output=True, text=True)
            if answer.returncode == 0:
                found.setdefault(answer.stdout, name)
    found.pop(f"{sys.version_info[:2]}\n", None)
    return [sys.executable, *found.values()]


@pytest.mark.parametrize("python", pythons())
def test_errors_look_as_without(python: str, project_dir: Path) -> None:
    (project_dir / "f").write_bytes(b"")
    package = Path(files.__file__).parents[3]
    env = {**os.environ, "PYTHONPATH": str(package), "PYTHONDONTWRITEBYTECODE": "1"}
    script = project_dir / "probe.py"
    script.write_text(PROBE)
    answer = subprocess.run([python, str(script)], capture_output=True, text=True, env=env, cwd=project_dir)
    assert answer.returncode == 0, answer.stderr
    without, during, after = json.loads(re.sub(r"here/tmp\w{8}", "here/tmp", answer.stdout))
    for before, now in zip(without, during, strict=True):
        assert now == before
    assert after == without
    assert "jupyter_bioml" not in json.dumps(during).replace(str(project_dir), "")


def test_an_interrupt_while_we_note_goes_through_without_a_trace(
    project_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*anything: Any) -> None:
        raise KeyboardInterrupt

    (project_dir / "f").write_text("x")
    monkeypatch.setattr(Openings, "note", interrupt)
    monkeypatch.setattr(Openings, "note_database", interrupt)
    with observing(project_dir) as observer:
        for call in (lambda: open("f"), lambda: os.open("f", 0), lambda: io.FileIO("f"), lambda: sqlite3.connect("f")):
            observer.start()
            with pytest.raises(KeyboardInterrupt) as caught:
                call()
            names = [Path(entry.path).name for entry in caught.traceback]
            assert names == [Path(__file__).name] * 2


def test_functions_that_take_paths_look_as_before(project_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pandas as pd

    def looks() -> list[Any]:
        function = pd.read_parquet
        found: list[Any] = [function.__name__, function.__module__, function.__qualname__, function.__doc__]
        found += [str(inspect.signature(function)), inspect.getsource(function), inspect.isfunction(function)]
        found += [type(function), pickle.dumps(function), pd.DataFrame.to_parquet.__qualname__]
        for call in (
            lambda: pd.read_parquet("nothing.parquet"),
            lambda: pd.DataFrame({"a": [1]}).to_parquet("nothing/here.parquet"),
            lambda: pd.read_parquet(),
        ):
            try:
                call()
            except Exception:
                found.append(traceback.format_exc())
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            with contextlib.suppress(Exception):
                pd.DataFrame({"a": [1]}).to_parquet("x.parquet", engine="fastparquet")
        return [*found, [(str(item.message), item.filename, item.lineno) for item in caught]]

    before = looks()
    assert len(before) == 14 and len(before[-1]) == 1, before
    with observing(project_dir) as observer:
        observer.start()
        assert looks() == before
        assert observer.finish() == []
    assert looks() == before


def test_path_functions(cell: Cell, project_dir: Path) -> None:
    import pandas as pd
    import pyarrow.parquet as pq

    frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    assert roles(cell(lambda: frame.to_parquet(Path("f.parquet")))) == {"f.parquet": "written"}
    assert roles(cell(lambda: pd.read_parquet(path="f.parquet"))) == {"f.parquet": "read"}
    assert roles(cell(lambda: pq.write_table(pq.read_table("f.parquet"), where="g.parquet"))) == {
        "f.parquet": "read",
        "g.parquet": "written",
    }
    assert frame.to_parquet() is not None and cell(lambda: frame.to_parquet()) == {}
    uses = cell(lambda: frame.to_parquet("parts", partition_cols=["b"]))
    assert [(use.name, use.kind, use.role, use.size) for use in uses.values()] == [
        ("parts", "directory", "written", None)
    ]
    assert [(use.name, use.kind, use.role) for use in cell(lambda: pd.read_parquet("parts")).values()] == [
        ("parts", "directory", "read")
    ]


@pytest.mark.needs_torch
def test_files_of_torch(cell: Cell, project_dir: Path, torch: Any) -> None:
    assert roles(cell(lambda: torch.save({"a": torch.ones(2)}, "w.pt"))) == {"w.pt": "written"}
    assert roles(cell(lambda: torch.load("w.pt"))) == {"w.pt": "read"}
    assert cell(lambda: torch.save({}, io.BytesIO())) == {}


def test_libraries_imported_in_the_cell_itself(project_dir: Path) -> None:
    code = (
        "import json, pathlib, sys\n"
        "from jupyter_bioml.capture.files.observer import FileObserver\n"
        "from jupyter_bioml.config import find_project\n"
        "observer = FileObserver(find_project(pathlib.Path.cwd()))\n"
        "observer.install(); observer.start()\n"
        "assert not {'pandas', 'numpy', 'sqlite3', 'torch', 'pyarrow'} & set(sys.modules)\n"
        "import sqlite3; sqlite3.connect('d.db').execute('create table t (a)')\n"
        "import pandas as pd; pd.DataFrame({'a': [1]}).to_parquet('f.parquet')\n"
        "pd.read_parquet('f.parquet')\n"
        "uses = [[use.name, use.role] for use in observer.finish()]\n"
        "meta = len(sys.meta_path); observer.uninstall()\n"
        "import types\n"
        "assert type(sqlite3.connect) is types.BuiltinFunctionType and len(sys.meta_path) < meta\n"
        "assert pd.read_parquet.__code__.co_name == 'read_parquet' and not hasattr(pd.read_parquet, '__wrapped__')\n"
        "print(json.dumps(uses))\n"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=project_dir)
    assert answer.returncode == 0, answer.stderr
    assert sorted(json.loads(answer.stdout)) == [["d.db", "written"], ["f.parquet", "written"]]


def test_in_a_real_kernel(start_kernel: Callable[..., Any], project_dir: Path) -> None:
    """The notebook's own ``open`` is seen, and the traceback a front end gets is the same."""
    (project_dir / "f.csv").write_text("1")
    kernel = start_kernel(load=False)
    failing = "import gzip\ndef outer():\n    return open('nothing/here')\n\nouter()"
    before = kernel.run(failing)
    install = (
        "from pathlib import Path\n"
        "from jupyter_bioml.capture.files.observer import FileObserver\n"
        "from jupyter_bioml.config import find_project\n"
        "observer = FileObserver(find_project(Path.cwd())); observer.install(); observer.start()"
    )
    assert kernel.run(install).status == "ok"
    during = kernel.run(failing)
    assert kernel.run("with open('f.csv') as file: file.read()").status == "ok"
    seen = kernel.run("print([(use.name, use.role) for use in observer.finish()])").stdout
    assert seen == "[('f.csv', 'read')]\n"
    assert before.error == during.error and before.error is not None
    assert [line.replace("In[3]", "In[1]").replace("In [3]", "In [1]") for line in strip(during)] == strip(before)


def strip(result: Any) -> list[str]:
    """The traceback without colours and without the counter of executions."""
    return [re.sub(r"\x1b\[[0-9;]*m|Cell In ?\[\d+\]", "", line) for line in result.traceback]
