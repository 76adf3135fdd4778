"""HDF5, DuckDB and their like open files themselves: what they are given is seen, whoever calls them.

Their packages are stood in for by ones with the same modules, functions and signatures that open files past Python's
``open`` (``posix.open``); the real ones were tried by hand.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

OPENER = "import posix\ndef opened(path, flags=0):\n    posix.close(posix.open(path, flags))\n"
PACKAGES = {
    "h5py/__init__.py": "from ._hl.files import File\n",
    "h5py/_hl/__init__.py": "",
    "h5py/_hl/files.py": OPENER
    + "def make_fid(name, mode, userblock_size, fapl, fcpl=None, swmr=False):\n    opened(name, 0 if mode == 'r' else 2)\n"
    "class File:\n    def __init__(self, name, mode='r'):\n        make_fid(name.encode(), mode, None, None, None, swmr=False)\n",
    "tables/__init__.py": "from .file import open_file\n",
    "tables/file.py": OPENER
    + "def open_file(filename, mode='r', title=''):\n    opened(filename, 0 if mode == 'r' else 2)\n",
    "duckdb/__init__.py": OPENER
    + "class nb_func:\n    def __call__(self, database=':memory:', read_only=False, config={}):\n"
    "        if database != ':memory:': opened(database)\n        return self\n"
    "connect = nb_func()\ndef read_csv(*args, **kwargs): opened(args[0])\n",
    "polars/__init__.py": "from .io import read_csv\n",
    "polars/io/__init__.py": "from .csv import read_csv\n",
    "polars/io/csv/__init__.py": "from .functions import read_csv\n",
    "polars/io/csv/functions.py": OPENER
    + "def read_csv(source, **more): opened(source)\ndef scan_csv(source, **more): opened(source)\n",
    "wrapper.py": "def load(path):\n    import h5py, tables\n    h5py.File(path)\n",
}
CELLS = [
    ("import h5py; h5py.File('a.h5')", {"a.h5": "read"}),
    ("h5py.File('a.h5', 'r+')", {"a.h5": "read-written"}),
    ("h5py.File('a.h5', 'a')", {"a.h5": "read-written"}),
    ("h5py.File('a.h5', 'w')", {"a.h5": "written"}),
    ("import tables; tables.open_file('b.h5')", {"b.h5": "read"}),
    ("import tables; tables.open_file('b.h5', mode='w')", {"b.h5": "written"}),
    ("import wrapper; wrapper.load('sub/c.h5')", {"sub/c.h5": "read"}),
    ("import duckdb; duckdb.connect('k.duckdb', read_only=True)", {"k.duckdb": "read"}),
    ("duckdb.connect(database='k.duckdb'); open('k.duckdb.wal', 'w').write('x')", {"k.duckdb": "read-written"}),
    ("duckdb.connect(); duckdb.connect(':memory:')", {}),
    ("import pathlib; duckdb.read_csv(str(pathlib.Path('t.csv').absolute()))", {"t.csv": "read"}),
    ("import polars; polars.read_csv(pathlib.Path('t.csv'))", {"t.csv": "read"}),
    ("try: h5py.File('missing.h5')\nexcept FileNotFoundError as error: assert 'jupyter_bioml' not in str(error.__traceback__.tb_next.tb_frame.f_code.co_filename)", {}),
]  # fmt: skip


@pytest.mark.parametrize("before", [False, True])
def test_what_they_open_is_data(project_dir: Path, tmp_path: Path, before: bool) -> None:
    """:param before: the libraries were imported before the extension was loaded."""
    site = tmp_path / "env" / "lib" / "python3" / "site-packages"
    for name, source in PACKAGES.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(source)
    (project_dir / "sub").mkdir()
    for name in ("a.h5", "b.h5", "sub/c.h5", "k.duckdb", "t.csv"):
        (project_dir / name).write_text("x")
    cells = [source for source, _ in CELLS]
    code = (
        f"import json, sys, pathlib; sys.path.insert(0, {str(site)!r})\n"
        + ("import h5py, tables, duckdb, polars\n" if before else "")
        + "from jupyter_bioml.capture.files.observer import FileObserver\n"
        "from jupyter_bioml.config import find_project\n"
        "observer = FileObserver(find_project(pathlib.Path.cwd())); observer.install(); seen, said = [], []\n"
        f"for source in {cells!r}:\n"
        "    observer.start(); exec(source); seen.append({use.name: use.role for use in observer.finish()})\n"
        "    said += [gap.reason for gap in observer.gaps()]\n"
        "observer.uninstall()\n"
        "assert type(duckdb.connect).__name__ == 'nb_func' and not hasattr(tables.open_file, '__wrapped__')\n"
        "print(json.dumps([seen, said]))\n"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=project_dir)
    assert answer.returncode == 0, answer.stderr
    seen, said = json.loads(answer.stdout)
    for (source, right), found in zip(CELLS, seen, strict=True):
        found.pop("k.duckdb.wal", None)
        assert found == right, source
    libraries = ("h5py", "tables", "duckdb", "polars")
    named = [name for name in libraries if any(f"files that {name} opens" in reason for reason in said)]
    assert named == ["duckdb", "polars"], "these open files in other ways, too"
