"""The level of taint at a cell's end: in real kernels, from the cells of the session alone, up to MLflow."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kernels import Kernel

from jupyter_bioml.config import destination, find_project
from jupyter_bioml.publish.sending import publish
from jupyter_bioml.records.run import Report, RunRecord
from jupyter_bioml.records.taint import taint_of
from jupyter_bioml.store.mlflow_store import MlflowStore

Start = Callable[..., Kernel]
Reader = Callable[[], list[RunRecord]]


def cell(kernel: Kernel, cell_id: str, code: str, cells: str | None = None, deleted: str = "") -> None:
    """Run a cell as JupyterLab sends it; ``cells``: the notebook's cells, if the front end says so."""
    metadata: dict[str, Any] = {"cellId": cell_id, "tags": [], "deletedCells": deleted.split()}
    if cells is not None:
        metadata["bioml.cells"] = cells.split()
    assert kernel.collect(kernel.send(code, metadata)).status == "ok"


def reports(runs: Reader) -> list[Report]:
    found = [run.report("taint") for run in runs()]
    assert None not in found
    return [report for report in found if report is not None]


def test_each_level_and_what_is_not_known(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    cell(kernel, "a", "x = 1", "a b c")
    cell(kernel, "c", "%%experiment\ny = x", "a b c")
    cell(kernel, "b", "%%experiment\nz = 2", "a b c")
    cell(kernel, "a", "x = 2", "a b c")
    cell(kernel, "b", "%%experiment\nz = 3", "a b c")
    cell(kernel, "b", "%%experiment\nz = 3", "b c", deleted="a")
    cell(kernel, "b", "%%experiment\nz = 3", "a b c")
    cell(kernel, "b", "%%experiment\nz = 3")
    found = reports(runs)
    assert [report.state for report in found] == ["none", "out-of-order", "edited", "deleted", "edited", "deleted"]
    assert [report.tags for report in found] == [{"bioml.taint": report.state} for report in found]
    assert found[0].summary == {"signs": [], "count": 0, "unknown": []}
    assert found[3].summary["signs"][-1] == {
        "level": "deleted", "cell": "a", "execution": 5, "text": "it ran, and is no longer in the notebook",
    }  # fmt: skip
    assert "the order of the" in found[5].summary["unknown"][0]


def test_a_cell_that_ran_untracked_or_has_no_id_is_said(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    kernel.run("%bioml off")
    kernel.run("x = 1")
    kernel.run("%bioml on")
    kernel.run("y = 2")
    kernel.run("%%experiment\nz = 3", cell_id="a")
    (report,) = reports(runs)
    said = " ".join(report.summary["unknown"])
    assert report.state == "none" and "were not recorded" in said and "without an id" in said


def test_the_gate_finds_the_same_signs(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    for cell_id, code in (("b", "x = 1"), ("a", "y = 1"), ("b", "x = 2"), ("a", "%%experiment\ny = 1"), ("d", "w = 1")):
        cell(kernel, cell_id, code, "a b d")
    cell(kernel, "a", "%%experiment\nz = 'é'  ", "a b", deleted="d")
    run = runs()[-1]
    sources = {"a": "%%experiment\nz = 'é'", "b": "x = 2"}
    notebook = {"cells": [{"cell_type": "code", "id": key, "source": text} for key, text in sources.items()]}
    (report,) = [run.report("taint")]
    assert report is not None
    now = taint_of(run, notebook)
    signs = [{"level": s.level, "cell": s.cell_id, "execution": s.execution_count, "text": s.text} for s in now.signs]
    assert report.summary["signs"] == signs and report.state == now.level == "deleted"
    assert {sign.level for sign in now.signs} == {"edited", "out-of-order", "deleted"}


def test_the_level_is_a_tag_in_mlflow(start_kernel: Start, runs: Reader, project_dir: Path) -> None:
    kernel = start_kernel()
    cell(kernel, "a", "%%experiment\nx = 1", "a b")
    cell(kernel, "a", "%%experiment\nx = 2", "a b")
    cell(kernel, "b", "%%experiment\ny = 1", "b", deleted="a")
    kernel.close()
    project = find_project(project_dir)
    assert publish(project, destination(project)).waiting == ()
    store = MlflowStore(destination(project).uri)
    stored = [store.find_record(run.record_id)[0] for run in runs()]
    assert [run.tags["bioml.taint"] for run in stored] == ["none", "edited", "deleted"]
    assert [run.tags["bioml.report.taint"] for run in stored] == ["none", "edited", "deleted"]
    document = json.loads(store.read_artifact(stored[2].run_id, "bioml/reports/taint.json"))
    assert document["state"] == "deleted" and [sign["cell"] for sign in document["summary"]["signs"]] == ["a", "a"]


def test_late_tags_are_the_users_own(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    kernel.run("import jupyter_bioml as bioml\nbioml.tag(nobody='is listening')")
    ran = kernel.run(
        "%%experiment --tag stage=try\nbioml.tag(stage='final', fold=3, **{'bioml.record_id': 'mine'})\n"
        "run = bioml.current_run()\nwith bioml.run('child') as child:\n    child.tag(depth=2)"
    )
    assert ran.status == "ok", ran.error
    kernel.run("class Mute:\n    def __str__(self): raise ValueError('no text')\nrun.tag({'mute': Mute()})")
    assert kernel.run("run.tag({'after': 'the end', 1: 2})").status == "ok"
    run, child = runs()
    assert [gap.part for gap in run.gaps] == ["tags"] and run.tags.pop("1") == "2"
    assert run.tags == {"stage": "final", "fold": "3", "user.bioml.record_id": "mine", "after": "the end"}
    assert child.tags == {"depth": "2"} and run.late == {}


def test_loading_imports_nothing_for_it() -> None:
    code = (
        "import sys\nfrom IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\nshell.run_line_magic('load_ext', 'jupyter_bioml')\n"
        "print(sorted(name for name in sys.modules if name.startswith('jupyter_bioml.records')))\n"
        "shell.run_line_magic('unload_ext', 'jupyter_bioml')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    wanted = ["jupyter_bioml.records", "jupyter_bioml.records.facts"]
    assert done.stdout.strip().splitlines()[-1] == str(wanted)
