"""A tracked cell behaves as an untracked one: the same cells in two kernels, one with the extension."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from kernels import Kernel
from seen import seen

from jupyter_bioml.records.run import RunRecord

Start = Callable[..., Kernel]
Reader = Callable[[], list[RunRecord]]

CELLS = {
    "last expression": "x = 2\nx + 1",
    "await": "import asyncio\nawait asyncio.sleep(0.01)\nprint('awaited')",
    "traceback with line numbers": "a = 1\n\ndef f():\n    return 1 / 0\n\nf()",
    "missing file": "open('no such file.csv')",
    "missing file through pathlib": "from pathlib import Path\nPath('nowhere').read_text()",
    "missing file, caught": "import traceback\ntry:\n    open('nowhere')\nexcept OSError:\n    print(traceback.format_exc())",
    "bad database": "import sqlite3\nsqlite3.connect('/no/such/dir/x.db')",
    "syntax error": "def f(:\n    pass",
    "system exit": "import sys\nsys.exit(3)",
    "keyboard interrupt": "raise KeyboardInterrupt",
    "base exception": "class Odd(BaseException): pass\nraise Odd('x')",
    "unprintable exception": "class Bad(Exception):\n    def __str__(self): raise ValueError('no')\nraise Bad()",
    "a variable called bioml": "bioml = 3\nbioml",
    "another cell magic": "%%capture out\nprint('hidden')",
    "order of outputs": "import sys\nfrom IPython.display import display\nprint(1)\ndisplay('two')\nprint(3, file=sys.stderr)\n4",
    "changes directory": "import os\nos.chdir('/')\nprint(os.getcwd())\nos.chdir(os.environ['HERE'])",
    "forks": "import os\npid = os.fork()\nif pid == 0:\n    os._exit(7)\nprint(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))",
    "waits for its children": "import os\nwhile True:\n    os.wait()",
    "multiprocessing": (
        "import multiprocessing as mp\nwith mp.get_context('fork').Pool(2) as pool:\n    print(pool.map(abs, [-1, -2]))"
    ),
    "captures a subprocess": (
        "import subprocess\nsubprocess.run(['sh', '-c', 'echo hi'], capture_output=True, text=True).stdout"
    ),
    "names": "sorted(name for name in globals() if not name.startswith('_') and name not in ('In', 'Out'))[:3]",
    "random state": "import random\nrandom.seed(1)\n[random.random() for _ in range(3)]",
    "open stays a builtin": "import io\nprint(open is io.open, open.__name__, isinstance(open(__import__('os').devnull, 'rb', 0), io.FileIO))",
    "user replaces print": "import builtins\nold = builtins.print\nbuiltins.print = lambda *a: old('mine', *a)\nprint(1)\nbuiltins.print = old",
    "redirected stdout": "import io, contextlib\ns = io.StringIO()\nwith contextlib.redirect_stdout(s):\n    print('in')\ns.getvalue()",
    "writes that are no text": "import sys\nsys.stdout.write(3)",
    "shadowed modules": "import types, sys\nsys.modules['json2'] = types.ModuleType('json2')\nimport json2\njson2.__name__",
    "deep recursion": "def f(n): return f(n + 1)\ntry:\n    f(0)\nexcept RecursionError:\n    print('deep')",
    "closed descriptors": "import os\nfd = os.open(os.devnull, os.O_RDONLY)\nos.close(fd)\nos.close(fd)",
    "a generator left open": "def g():\n    try:\n        yield 1\n    finally:\n        print('closed')\nnext(g())",
}


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> object:
    """(plain kernel, tracked kernel), each in a folder of its own."""
    kernels = []
    for name in ("plain", "tracked"):
        folder = tmp_path_factory.mktemp(name)
        (folder / ".bioml").mkdir()
        env = {**os.environ, "HERE": str(folder), "IPYTHONDIR": str(folder / "ipython")}
        kernels.append(Kernel(folder, env=env, load=name == "tracked"))
    kernels[0].run("1")
    yield tuple(kernels)
    for kernel in kernels:
        kernel.close()


@pytest.mark.parametrize("name", CELLS)
def test_a_tracked_cell_is_seen_as_an_untracked_one(name: str, pair: tuple[Kernel, Kernel]) -> None:
    plain_kernel, tracked = pair
    source = CELLS[name]
    expected = seen(plain_kernel.run(f"#\n{source}" if not source.startswith("%%") else source))
    magic = source if source.startswith("%%") else f"%%experiment\n{source}"
    got = seen(tracked.run(magic, tags=("experiment",)))
    if source.startswith("%%"):
        assert got == expected
    else:
        assert str(got).replace("#", "") == str(expected).replace("#", "")


def test_await_magic_and_tagged_cells_are_runs(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    kernel.run("%%experiment a\nimport asyncio\nawait asyncio.sleep(0.01)\nx = len('ab') * 1.0")
    kernel.run("%%experiment b\n%%capture\nprint('hidden')\ny = x * 2")
    first, second = runs()
    assert (first.status, first.values) == ("FINISHED", {"x": 2.0})
    assert second.status == "FINISHED"


def test_a_malformed_flag_is_a_usage_error_and_the_body_does_not_run(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    ran = kernel.run("%%experiment --sed 3\ndone = True")
    assert ran.status == "error"
    assert "--sed" in "".join(ran.traceback) + ran.stderr
    assert kernel.run("'done' in globals()").result == {"text/plain": "False"}
    assert runs() == []
    broken = kernel.run("from jupyter_bioml.kernel import hooks\nhooks.tracking().broken").result
    assert broken is None  # tracking goes on: it was the user's mistake


def test_deleting_the_journal_loses_nothing(start_kernel: Start, runs: Reader, project_dir: Path) -> None:
    kernel = start_kernel()
    kernel.run("%%experiment before\nx = len('a') / 2")
    gone = kernel.run("%%experiment deletes\nimport shutil\nshutil.rmtree('.bioml')\nprint('gone')")
    assert (gone.status, gone.stdout) == ("ok", "gone\n")
    kernel.run("%%experiment after\nx = len('a') / 4")
    assert [run.name for run in runs()] == ["before", "deletes", "after"]


def test_closing_stdout_and_printing_a_lot(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    big = kernel.run(
        "%%experiment big\nfor _ in range(50):\n    print('x' * 999_999)\nn = len('abc') * 1.0", timeout=120
    )
    assert len(big.stdout) == 50_000_000
    (run,) = runs()
    assert run.values == {"n": 3.0}
    assert any(output.cut for output in run.outputs)
    assert sum(len(output.text or "") for output in run.outputs) < 1_100_000
    closed = kernel.run("%%experiment closed\nimport sys\nsys.stdout.close()\nm = len('abcd') * 1.0")
    assert closed.status == "ok"
    assert runs()[1].values == {"m": 4.0}


def test_forked_children_do_not_write_into_the_journal(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    kernel.run(
        "%%experiment forks\nimport os\nimport jupyter_bioml as bioml\nbioml.log(a=1)\npid = os.fork()\nif pid == 0:\n"
        "    bioml.log(child=1)\n    open('child.txt', 'w').close()\n    os._exit(0)\nos.waitpid(pid, 0)\nbioml.log(b=2)"
    )
    (run,) = runs()
    assert run.latest() == {"a": 1.0, "b": 2.0} and run.values.keys() == {"pid"}
    assert [(use.name, use.role) for use in run.data] == [("child.txt", "written")], "what it told the kernel"


def test_off_on_and_unload_leave_nothing_behind(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel(load=False)
    look = (
        "import sys, io, builtins, sqlite3, os, threading\n"
        "ip = get_ipython()\n"
        "(type(open).__name__, io.FileIO.__module__, type(os.open).__name__, type(sqlite3.connect).__name__,\n"
        " len(sys.meta_path), len(ip.input_transformers_cleanup), [len(v) for v in ip.events.callbacks.values()],\n"
        " 'bioml' in ip.magics_manager.magics['line'], 'experiment' in ip.magics_manager.magics['cell'],\n"
        " ip.display_pub.__dict__.get('publish'), ip.displayhook.__dict__.get('write_format_data'), threading.active_count())"
    )
    before = kernel.run(look).result
    kernel.run("%load_ext jupyter_bioml")
    assert kernel.run(look).result != before
    kernel.run("%bioml off")
    kernel.run("%%experiment untracked\nx = 1")
    kernel.run("%bioml on")
    kernel.run("%%experiment tracked\nx = 1")
    kernel.run("%unload_ext jupyter_bioml")
    assert kernel.run(look).result == before
    assert [run.name for run in runs()] == ["tracked"]


def test_loading_twice_is_quiet(start_kernel: Start) -> None:
    kernel = start_kernel()
    again = kernel.run("%reload_ext jupyter_bioml\nprint('ok')")
    assert (again.stdout, again.stderr) == ("ok\n", "")


HEAVY = [
    "mlflow",
    "papermill",
    "nbformat",
    "dvc",
    "torch",
    "sklearn",
    "pandas",
    "numpy",
    "pyarrow",
    "ipywidgets",
    "psutil",
    "pynvml",
    "click",
    "jinja2",
]


def test_nothing_heavy_is_imported_because_of_us(start_kernel: Start) -> None:
    look = f"import sys\nprint(sorted(set({HEAVY}) & set(sys.modules)))"
    without = start_kernel(load=False).run(look).stdout
    kernel = start_kernel()
    kernel.run("%%experiment\nx = 1\ny = x * 2.0")
    assert kernel.run(look).stdout == without


def test_nothing_heavy_is_imported_in_a_plain_ipython(project_dir: Path) -> None:
    code = (
        "import sys\nfrom IPython.core.interactiveshell import InteractiveShell\nshell = InteractiveShell.instance()\n"
        "before = set(sys.modules)\nshell.run_line_magic('load_ext', 'jupyter_bioml')\n"
        "shell.run_cell('%%experiment\\nx = 1\\ny = x * 2.0')\n"
        f"print(sorted(set({HEAVY}) & (set(sys.modules) - before)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=project_dir, check=True)
    assert ran.stdout.splitlines()[-1] == "[]"
