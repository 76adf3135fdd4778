"""Kernels forked from a template: they are kernels like others, and know nothing of one another."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import KernelManager

from jupyter_bioml.headless.forked import NotForked, TemplateProcess
from jupyter_bioml.headless.provisioner import forking_manager
from jupyter_bioml.notebooks.top_imports import known_imports
from jupyter_bioml.processes.forked import Forked

#: What a notebook could leave behind for the next one.
LEAVE = """
import os, random, sys, tempfile, threading, types, warnings
import numpy
sys.modules["left_behind"] = types.ModuleType("left_behind")
left_behind = 1
numpy.left_behind = 1
os.environ["LEFT_BEHIND"] = "1"
os.chdir(tempfile.gettempdir())
random.seed(1); numpy.random.seed(1)
opened = open(os.devnull)
threading.Thread(target=threading.Event().wait, daemon=True, name="left_behind").start()
sys.path.insert(0, "/left/behind"); warnings.simplefilter("error"); sys.setrecursionlimit(999)
"""
SEEN = """
import json, os, random, sys, threading, warnings
import numpy
from threadpoolctl import threadpool_info
print(json.dumps({
    "globals": "left_behind" in globals(), "modules": "left_behind" in sys.modules, "attribute": hasattr(numpy, "left_behind"),
    "environment": sorted(os.environ), "cwd": os.getcwd(), "random": random.random(), "numpy": numpy.random.random(),
    "files": sum(os.path.realpath(f"/proc/self/fd/{fd}") == "/dev/null" for fd in os.listdir("/proc/self/fd") if int(fd) > 2),
    "threads": sorted(thread.name for thread in threading.enumerate() if "left" in thread.name),
    "path": sys.path, "limit": sys.getrecursionlimit(), "argv": sys.argv[1:2], "main": __name__,
    "blas": sorted({pool["num_threads"] for pool in threadpool_info() if pool["internal_api"] == "openblas"}),
}))
"""


class _Kernels:
    """Kernels of one kind, run one after another."""

    def __init__(self, manager: type[KernelManager], folder: Path) -> None:
        self.manager, self.folder = manager, folder
        self.env = {**os.environ, "MINE": "1"}

    def start(self) -> tuple[KernelManager, Any]:
        manager = self.manager(kernel_name="python3")
        manager.start_kernel(env=self.env, cwd=str(self.folder))
        client = manager.client()
        client.start_channels()
        client.wait_for_ready(timeout=120)
        return manager, client

    def run(self, code: str) -> str:
        manager, client = self.start()
        said: list[str] = []
        try:
            reply = client.execute_interactive(
                code, timeout=120, output_hook=lambda message: said.append(message["content"].get("text", ""))
            )
            assert reply["content"]["status"] == "ok", reply["content"]
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
        return "".join(said)


@pytest.fixture(scope="module")
def template() -> Iterator[TemplateProcess]:
    with TemplateProcess(sys.executable, ["numpy"]) as process:
        yield process


@pytest.fixture
def notices() -> list[str]:
    return []


@pytest.fixture
def forked(template: TemplateProcess, notices: list[str], tmp_path: Path) -> _Kernels:
    return _Kernels(forking_manager(KernelManager, template, notices.append), tmp_path)


def test_nothing_is_left_for_the_next_kernel(forked: _Kernels, notices: list[str], tmp_path: Path) -> None:
    started = json.loads(_Kernels(KernelManager, tmp_path).run(SEEN))
    forked.env.pop("MINE")
    forked.run(LEAVE)
    first, second = (json.loads(forked.run(SEEN)) for _ in range(2))
    assert notices == [], "all of them were forked"
    for seen in (first, second):
        assert not (seen["globals"] or seen["modules"] or seen["attribute"] or seen["threads"])
        assert (seen["cwd"], seen["files"]) == (str(tmp_path), started["files"])
        assert set(seen["environment"]) == set(started["environment"]) - {"MINE"}
        same = ("path", "limit", "argv", "main", "blas")
        assert {key: seen[key] for key in same} == {key: started[key] for key in same}, "as in a fresh kernel"
    assert first["random"] != second["random"] and first["numpy"] != second["numpy"], "unseeded kernels differ"


def test_a_kernel_that_dies_says_how_and_the_template_goes_on(forked: _Kernels, template: TemplateProcess) -> None:
    manager, client = forked.start()
    process = manager.provisioner.process
    assert isinstance(process, Forked) and os.getpgid(process.pid) == process.pid
    client.execute("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert process.wait(timeout=30) == -signal.SIGKILL
    client.stop_channels()
    manager.cleanup_resources()
    assert forked.run("print(6 * 7)") == "42\n"


def test_an_interrupt_reaches_the_cell(forked: _Kernels) -> None:
    manager, client = forked.start()
    try:
        # short sleeps: a signal between Python's last look and the system call is seen when that call ends
        asked = client.execute("import time\nprint('begun', flush=True)\nwhile True:\n    time.sleep(0.05)")
        while client.get_iopub_msg(timeout=60)["msg_type"] != "stream":
            continue
        manager.interrupt_kernel()
        while (reply := client.get_shell_msg(timeout=60))["parent_header"]["msg_id"] != asked:
            continue
        assert reply["content"]["ename"] == "KeyboardInterrupt"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_kernels_end_with_their_template(tmp_path: Path) -> None:
    with TemplateProcess(sys.executable, []) as process:
        manager, client = _Kernels(forking_manager(KernelManager, process, print), tmp_path).start()
        kernel = manager.provisioner.process
    assert kernel.wait(timeout=60) == -signal.SIGKILL, "nobody is there to say how it ended"
    client.stop_channels()
    manager.cleanup_resources()


@pytest.mark.parametrize(
    ("module", "body", "reason"),
    [
        (
            "with_thread",
            "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()",
            "thread",
        ),
        ("with_zmq", "import zmq\nzmq.Context.instance()", "zmq|thread"),
        ("that_raises", "raise RuntimeError('no licence')", "no licence"),
        ("that_exits", "raise SystemExit(3)", "SystemExit"),
    ],
)
def test_a_template_that_is_not_fit_forks_nothing_and_the_kernel_is_started(
    module: str, body: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, notices: list[str]
) -> None:
    (tmp_path / f"{module}.py").write_text(body, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH")])))
    with TemplateProcess(sys.executable, [module]) as process:
        with pytest.raises(NotForked, match=reason):
            process.fork([], {}, str(tmp_path))
        kernels = _Kernels(forking_manager(KernelManager, process, notices.append), tmp_path)
        assert kernels.run("print('started')") == "started\n"
    assert len(notices) == 1, "it was told why"


def test_known_imports_are_those_at_the_top_of_cells(tmp_path: Path) -> None:
    cells = [
        "import numpy as np, os\nfrom sklearn.ensemble import RandomForestClassifier\n",
        ["%matplotlib inline\n", "import pandas as pd\n", "from .local import thing\n"],
        "if False:\n    import torch\ntry:\n    import scipy.stats\nexcept ImportError:\n    pass\n",
        "import mlflow\nimport networkx\n",
    ]
    document = {"cells": [{"cell_type": "code", "source": source} for source in cells]}
    notebook = tmp_path / "a.ipynb"
    notebook.write_text(json.dumps(document), encoding="utf-8")
    (tmp_path / "networkx.py").touch()
    assert known_imports(notebook) == ("numpy", "sklearn.ensemble", "pandas")
    notebook.write_text("{", encoding="utf-8")
    assert known_imports(notebook) == ()
