"""What is done for a tracked cell on the kernel's own thread, counted without a clock."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from kernels import Kernel

CELL = "lr = {}\ndepth = 3\nrounds = 10\nauc = sum(range(rounds)) / 50\nf1 = auc ** 2 / depth\nloss = lr / rounds"
#: A shell in this process: its cells run between two counts of what our hooks do.
PROGRAM = """
import ast, collections, json, os, sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.history_manager.enabled = False
shell.display_pub.publish = lambda *_, **__: None
shell.run_line_magic("load_ext", "jupyter_bioml")
from jupyter_bioml.kernel import hooks
found, cell, before = collections.Counter(), {cell!r}, {before!r}
counting = False

def called(frame, event, _):
    if event == "call":
        found["python"] += 1
    elif event == "c_call" and _ is compile:
        found["compile"] += 1

def audited(event, arguments):
    if counting and event == "open":
        found["open"] += 1

def written(descriptor, data, write=os.write):
    found["write"] += counting
    return write(descriptor, data)

def counted(hook):
    def run(about):
        global counting
        counting = True
        sys.setprofile(called)
        try:
            hook(about)
        finally:
            sys.setprofile(None)
            counting = False
    return run

sys.addaudithook(audited)
os.write = written
shell.run_cell(before)
tracked = hooks.tracking()
for name in ("pre_run_cell", "post_run_cell"):
    hook = getattr(tracked, name)
    shell.events.unregister(name, hook)
    shell.events.register(name, counted(hook))
for number in range(4):
    before = set(sys.modules)
    found.clear()
    shell.run_cell(cell.format(0.1 + number / 100))
print(json.dumps({**found, "modules": sorted(set(sys.modules) - before)}))
"""


def done_for(folder: Path, cell: str, before: str = "pass") -> dict[str, Any]:
    """What our hooks do for the fourth of four such cells; ``before`` is run first."""
    program = PROGRAM.replace("{cell!r}", repr(cell)).replace("{before!r}", repr(before))
    environment = {**os.environ, "BIOML_PUBLISH": "off"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, env=environment, check=True, capture_output=True, text=True
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_a_tracked_cell_is_parsed_once_written_twice_and_opens_no_file(git_project: Path) -> None:
    found = done_for(git_project, f"%%experiment\n{CELL}")
    assert (found["compile"], found["write"], found.get("open", 0)) == (1, 2, 0)
    assert found["modules"] == []
    assert found["python"] <= 1_000, "3,500 calls when every question about its text was a walk of its own"


def test_an_ordinary_cell_costs_a_quarter_of_it(git_project: Path) -> None:
    found = done_for(git_project, CELL)
    assert (found["compile"], found["write"], found.get("open", 0)) == (1, 2, 0)
    assert found["python"] <= 300


def test_what_earlier_cells_left_behind_costs_a_later_one_nothing(git_project: Path) -> None:
    many = f"for number in range(200):\n    get_ipython().run_cell('%%experiment\\n' + {CELL!r}.format(number))"
    first, later = (done_for(git_project, f"%%experiment\n{CELL}", before) for before in ("pass", many))
    assert later["python"] <= first["python"] * 1.02
    assert later["write"] == first["write"]


def test_the_first_run_of_a_session_imports_nothing_while_its_user_waits(project_dir: Path) -> None:
    look = "import sys\nprint(sorted(name for name in sys.modules if name.startswith('jupyter_bioml')))"
    kernel = Kernel(project_dir)
    try:
        for _ in range(200):
            known = kernel.run(look).stdout
            if "jupyter_bioml.kernel.card" in known:
                break
        kernel.run(f"%%experiment\n{CELL}".format(0.1))
        assert kernel.run(look).stdout == known
    finally:
        kernel.close()


def test_a_cell_that_loads_and_sets_imports_nothing_that_looks_into_magics(git_project: Path) -> None:
    found = done_for(git_project, "%load_ext jupyter_bioml\n%config InlineBackend.close_figures = True\nlr = {}")
    assert found["modules"] == []
    look = "import sys\n%config InlineBackend.close_figures = True\nprint('jupyter_bioml.capture.inner_code' in sys.modules)"
    kernel = Kernel(git_project)
    try:
        kernel.run("%load_ext jupyter_bioml\nx = 1")
        assert kernel.run(look).stdout == "False\n"
        kernel.run("%time x = 2")
        assert kernel.run(look).stdout == "True\n", "what runs code is looked into"
    finally:
        kernel.close()


@pytest.fixture
def git_project(project_dir: Path) -> Path:
    """A repository whose files are older than the grain of the file system's clock."""
    commands = ("init -q .", "-c user.name=u -c user.email=u@example.org commit -q --allow-empty -m first")
    for command in commands:
        subprocess.run(["git", *command.split()], cwd=project_dir, check=True)
    for file in (project_dir / ".git").rglob("*"):
        os.utime(file, (1_700_000_000, 1_700_000_000))
    return project_dir
