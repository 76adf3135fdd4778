"""``papermill --engine bioml``: what the kernel is told, and what the user is told."""

from __future__ import annotations

import ast
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import papermill
import pytest
from headless_case import cells_of, last_session, printed, records_of, states_of
from nbclient.exceptions import CellTimeoutError

from jupyter_bioml.config import destination, find_project
from jupyter_bioml.headless.runner import BiomlEngine, EngineOptions
from jupyter_bioml.records.run import FINISHED, KILLED
from jupyter_bioml.store.mlflow_store import MlflowStore


def run(notebook: Path, said: list[str], *, drain_seconds: float = 0, **options: Any) -> dict[str, Any]:
    """Run a notebook through papermill's own function; returns the cells of the output by id."""
    output = notebook.with_name(f"out-{notebook.name}")
    ours = EngineOptions(drain_seconds=drain_seconds, say=said.append)
    papermill.execute_notebook(notebook, output, engine_name="bioml", progress_bar=False, bioml=ours, **options)
    return cells_of(output)


def test_the_command_tracks_as_jupyterlab_does(shelf: Callable[..., Path], project_dir: Path) -> None:
    """Cell ids, tags and the notebook's path reach the records; the runs are in MLflow when it returns."""
    shelf("parameters", "deep er/train.ipynb")
    command = [sys.executable, "-m", "papermill", "--engine", "bioml", "--no-progress-bar", "--cwd", str(project_dir)]
    done = subprocess.run(
        [*command, "train.ipynb", "out.ipynb", "-p", "lr", "0.125"],
        cwd=project_dir / "deep er",
        capture_output=True,
        text=True,
        check=True,
    )
    assert "bioml:" not in done.stderr, "nothing to tell"
    cells = cells_of(project_dir / "deep er" / "out.ipynb")
    assert printed(cells["score"]) == "lr 0.125\n"
    counts = [cells[name]["execution_count"] for name in ("parameters", "count", "score")]
    assert counts == [1, 3, 4], "the injected cell is the second; the silent load counts as no cell"
    sent = ast.literal_eval("".join(cells["sent"]["outputs"][0]["data"]["text/plain"]))
    assert sent["cellId"] == "sent" and sent["tags"] == []
    assert sent["bioml.notebook"] == str(project_dir / "deep er" / "train.ipynb")
    assert sent["bioml.cells"] == ["parameters", "count", "score", "sent"] and "papermill" not in sent

    records = records_of(project_dir / ".bioml", last_session(project_dir))
    assert [record.code.cell_id for record in records] == ["parameters", "parameters", "count", "score", "sent"]
    assert {record.code.notebook for record in records} == {"deep er/train.ipynb"}
    assert {record.code.path_source for record in records} == {"engine"}
    assert records[1].code.tags == ("injected-parameters",)
    score = records[3]
    assert (score.mark, score.status) == ("tag", FINISHED)
    assert score.params["lr"] == 0.125 and score.latest() == {"auc": 0.375}
    taint = score.report("taint")
    assert taint is not None and taint.state == "none" and taint.summary["unknown"] == []
    (stored,) = MlflowStore(destination(find_project(project_dir)).uri).search()
    assert (stored.record_id, stored.experiment) == (score.record_id, "deep er/train.ipynb")


def test_a_cell_that_runs_too_long_is_interrupted(shelf: Callable[..., Path], project_dir: Path) -> None:
    with pytest.raises(CellTimeoutError):
        run(shelf("endless"), [], execution_timeout=2)
    output = project_dir / "out-endless.ipynb"
    assert states_of(output) == ["completed", "failed", "pending"]
    waits = records_of(project_dir / ".bioml", last_session(project_dir))[-1]
    assert (waits.code.cell_id, waits.status) == ("waits", KILLED)
    assert "longer than 2 s" in cells_of(output)["waits"]["outputs"][-1]["evalue"]


def install_kernel(name: str, command: list[str], language: str) -> None:
    folder = Path(os.environ["JUPYTER_DATA_DIR"]) / "kernels" / name
    folder.mkdir(parents=True)
    spec = {"argv": [*command, "-f", "{connection_file}"], "display_name": name, "language": language}
    (folder / "kernel.json").write_text(json.dumps(spec))


WITHOUT_US = """
import os, sys
sys.path = [folder for folder in sys.path if not os.path.isdir(os.path.join(folder, "jupyter_bioml"))]
from ipykernel.kernelapp import launch_new_instance
launch_new_instance()
"""
ECHO = """
from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel

class Echo(Kernel):
    implementation, implementation_version, banner = "echo", "1", "echo"
    language_info = {"name": "echo", "mimetype": "text/plain", "file_extension": ".txt"}

    def do_execute(self, code, silent, *args, **kwargs):
        if not silent:
            self.send_response(self.iopub_socket, "stream", {"name": "stdout", "text": code})
        return {"status": "ok", "execution_count": self.execution_count, "payload": [], "user_expressions": {}}

IPKernelApp.launch_instance(kernel_class=Echo)
"""


@pytest.mark.parametrize(
    ("code", "language", "reason"),
    [(WITHOUT_US, "python", "jupyter_bioml is not installed"), (ECHO, "echo", "runs echo, not Python")],
)
def test_kernels_that_cannot_be_tracked_run_all_the_same(
    shelf: Callable[..., Path], project_dir: Path, code: str, language: str, reason: str
) -> None:
    install_kernel("special", [sys.executable, "-c", code], language)
    said: list[str] = []
    cells = run(shelf("no-kernelspec"), said, kernel_name="special")
    assert printed(cells["runs"]), "the cell ran"
    (line,) = said
    assert line.startswith("bioml: this notebook ran untracked") and reason in line
    assert not list((project_dir / ".bioml").glob("journal/*.log"))


def test_a_destination_that_is_down_is_said_and_nothing_lost(
    shelf: Callable[..., Path], project_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{port}")
    said: list[str] = []
    run(shelf("parameters"), said, drain_seconds=30)
    (line,) = said
    assert "1 not in MLflow yet, nothing is lost" in line and "bioml publish --wait" in line
    assert records_of(project_dir / ".bioml", last_session(project_dir))[2].status == FINISHED


def test_notebooks_in_memory_and_kernels_by_name(project_dir: Path) -> None:
    """What papermill's interface allows beyond files: no path to tell, a kernel that the caller names."""
    from jupyter_bioml.errors import UsageError
    from jupyter_bioml.headless.runner import local_path
    from jupyter_bioml.notebooks.kernelspec import choose_kernel

    assert local_path("-") is None and local_path("s3://bucket/x.ipynb") is None and local_path(object()) is None
    assert local_path("x.ipynb") == str(project_dir / "x.ipynb")
    assert choose_kernel({"kernelspec": {"name": "gone", "language": "python"}}, "python3").notice is None
    with pytest.raises(UsageError, match="The kernel 'gone' is not installed here"):
        choose_kernel({}, "gone")
    assert BiomlEngine.nb_language(type("Notebook", (), {"metadata": {}})) == "python"
