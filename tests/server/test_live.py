"""A run that runs: in the list and in the live view while its cell goes on, in a real kernel."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from kernels import Kernel
from server_case import Server

from jupyter_bioml.config import Project

CELL = """%%experiment slow
import time, pathlib
import jupyter_bioml as bioml
bioml.log(loss=0.5, step=1)
while not pathlib.Path("stop").exists():
    time.sleep(0.05)
"""


@pytest.fixture
def kernel(project: Project) -> Any:
    kernel = Kernel(project.root, {"JPY_SESSION_NAME": str(project.root / "work" / "a.ipynb"), "BIOML_PUBLISH": "off"})
    yield kernel
    (project.root / "stop").touch()
    kernel.close()


def test_a_run_is_seen_while_its_cell_runs(server: Server, project: Project, kernel: Kernel) -> None:
    notebook = project.root / "work" / "a.ipynb"
    path = f"{project.root.name}/work/a.ipynb"
    message = kernel.send(CELL, {"cellId": "cell-1", "tags": [], "bioml.notebook": str(notebook)})

    def rows() -> list[dict[str, Any]]:
        return list(server.json("/runs", path=path)["rows"])

    row = server.wait(lambda: next((one for one in rows() if one["metrics"]), None), "the run and its metric")
    assert (row["name"], row["state"], row["metrics"], row["cell_id"]) == ("slow", "RUNNING", {"loss": 0.5}, "cell-1")
    assert row["notebook"] == "work/a.ipynb"
    assert row["source_digest"] == hashlib.sha256(CELL.encode()).hexdigest()
    found = server.wait(lambda: _with_points(server, path), "a reading")
    (run,) = found["runs"]
    assert (run["record_id"], run["name"], run["cell_id"]) == (row["record_id"], "slow", "cell-1")
    assert run["duration"] > 0 and found["cell_started"] == run["started"]
    assert found["points"][-1]["rss"] > 10_000_000
    assert server.wait(lambda: rows()[0]["usage"], "the reading in the row")["rss"] > 10_000_000
    status = server.json("/status", path=path)
    assert status["sessions"] == 1 and status["live"][0]["running"] == row["record_id"]
    assert [one["record_id"] for one in status["waiting"]] == [row["record_id"]]
    assert status["size"] > 0 and status["project"] == str(project.root)
    other = server.json("/live", path=f"{project.root.name}/b.ipynb")
    assert other == {"runs": [], "points": [], "cell_started": None}
    _renamed_while_it_runs(server, project, kernel, message, row["record_id"])


def _with_points(server: Server, path: str) -> Any:
    found = server.json("/live", path=path)
    return found if found["points"] and found["points"][-1]["rss"] else None


def _renamed_while_it_runs(server: Server, project: Project, kernel: Kernel, message: str, record_id: str) -> None:
    """Under its new name the notebook has its run, and the next one."""
    Path(project.root / "stop").touch()
    assert kernel.collect(message).status == "ok"
    kernel.run("%%experiment quick\nx = 1", cell_id="cell-2", notebook=str(project.root / "work" / "new.ipynb"))
    page = server.json("/runs", path=f"{project.root.name}/work/new.ipynb")
    assert [row["name"] for row in page["rows"]] == ["quick", "slow"]
    assert page["rows"][1]["record_id"] == record_id and page["rows"][1]["state"] == "FINISHED"
    kernel.kill()
    server.wait(lambda: server.json("/status", path=project.root.name)["sessions"] == 0, "the kernel's end to be seen")
