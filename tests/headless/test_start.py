"""Starting a kernel of another interpreter, whose ipykernel is another one, and kernels that never answer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from headless_case import cells_of, printed

from jupyter_bioml.headless.interpreter import kernel_metadata
from jupyter_bioml.headless.process import Worker
from jupyter_bioml.headless.results import PASSED, NotebookJob

#: An ipykernel as it was before 7: its kernelspec declares no encryption, its kernel takes no keys.
_INIT = """
import sys
from importlib.machinery import PathFinder
own = __path__[0]
others = [folder for folder in sys.path if folder != own.rpartition("/")[0]]
__path__ += PathFinder.find_spec("ipykernel", others).submodule_search_locations
from ipykernel._version import *
from ipykernel.connect import *
"""
_SPEC = """
def get_kernel_dict():
    return {"metadata": {"debugger": True}}
"""
#: Its sockets are plain ones, whatever the connection file says.
WITHOUT_KEYS = """
from ipykernel.kernelapp import IPKernelApp

class Old(IPKernelApp):
    def load_connection_file(self):
        super().load_connection_file()
        self.curve_publickey = self.curve_secretkey = None

Old.launch_instance()
"""
SILENT = "import time; time.sleep(600)"


@pytest.fixture
def old_python(tmp_path: Path) -> Path:
    """An interpreter whose ipykernel cannot encrypt; all else is that of this one."""
    library = tmp_path / "library"
    (library / "ipykernel").mkdir(parents=True)
    (library / "ipykernel" / "__init__.py").write_text(_INIT)
    (library / "ipykernel" / "kernelspec.py").write_text(_SPEC)
    (library / "ipykernel_launcher.py").write_text(WITHOUT_KEYS)
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH="{library}${{PYTHONPATH:+:$PYTHONPATH}}" exec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    return python


def test_a_kernel_that_cannot_encrypt_is_spoken_to_in_plain(shelf: Callable[..., Path], old_python: Path) -> None:
    """Its own ipykernel says what it can do, not ours: it would never answer what it cannot read."""
    notebook = shelf("parameters")
    output = notebook.with_name("out.ipynb")
    job = NotebookJob(str(notebook), str(output), str(notebook.parent), python=str(old_python), timeout=240)
    with Worker() as worker:
        result = worker.run(job)
    assert (result.status, result.reason) == (PASSED, None)
    assert printed(cells_of(output)["score"]) and result.session, "it ran, tracked"


def test_an_interpreter_says_what_its_kernel_can_do(old_python: Path, project_dir: Path, tmp_path: Path) -> None:
    (project_dir / "ipykernel.py").write_text("raise SystemExit('the user has a file of this name')")
    link = tmp_path / "same"
    link.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    link.chmod(0o755)
    own = kernel_metadata(sys.executable, os.environ)
    assert kernel_metadata(str(link), os.environ) == own
    assert kernel_metadata(str(old_python), os.environ) == {"debugger": True}
    assert kernel_metadata(str(tmp_path / "gone"), os.environ) == {}
    assert kernel_metadata("/bin/true", os.environ) == {}


@pytest.mark.parametrize(
    ("code", "how"),
    [
        (WITHOUT_KEYS, "The kernel did not answer within "),
        (SILENT, "The kernel did not answer within "),
        ("raise SystemExit(3)", "The kernel died (exit status 3) before it answered"),
    ],
)
def test_a_kernel_that_never_answers_ends_the_run(shelf: Callable[..., Path], code: str, how: str) -> None:
    """Its kernelspec promises encryption. A process of its own: it must end by itself."""
    folder = Path(os.environ["JUPYTER_DATA_DIR"]) / "kernels" / "mute"
    folder.mkdir(parents=True)
    argv = [sys.executable, "-c", code, "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "mute", "language": "python", "metadata": {"supported_encryption": "curve"}}
    (folder / "kernel.json").write_text(json.dumps(spec))
    notebook = shelf("no-kernelspec")
    command = [sys.executable, "-m", "papermill", "--engine", "bioml", "-k", "mute", "--start-timeout", "15"]
    done = subprocess.run(
        [*command, str(notebook), "out.ipynb"], cwd=notebook.parent, capture_output=True, text=True, timeout=240
    )
    said = done.stderr[done.stderr.rfind("RuntimeError: ") :]
    assert done.returncode != 0 and how in said and "no cell ran. It was started by: " in said, done.stderr
