"""Gates that were asked before import nothing slow, and those of a promotion use the process that has MLflow loaded."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from resident_case import COUNTS, PROBE, probe, residents, with_modules
from servers import TrackingServer

from jupyter_bioml.store.mlflow_store import MlflowStore

from .world import MODEL, World

#: Runs ``gates``, and says which of the slow libraries the process has then, and what it started.
GATES = """
import subprocess, sys
started = []
def note(event, arguments):
    if event == "subprocess.Popen":
        started.append([word for word in map(str, arguments[1]) if word.startswith("jupyter_bioml.")])
sys.addaudithook(note)
from jupyter_bioml.cli.main import main
code = main(["gates", sys.argv[1], "--to", "champion", "--json"])
slow = {"mlflow", "pandas", "sqlalchemy", "numpy", "sklearn", "pyarrow", "dvc", "papermill", "cryptography"}
print("imported:", sorted(slow & set(sys.modules)), "started:", sorted(filter(None, started)), "code:", code, file=sys.stderr)
"""
POLICY = """version: 1
aliases:
  champion:
    reproduced: {}
    data_known: {}
    code_known: {}
    taint: {}
    not_worse: {}
    signature: {}
    loads: {}
    approval: {}
    card: {}
"""


def gates() -> tuple[dict[str, dict[str, object]], str]:
    """(each gate's answer, what the process says of itself)"""
    done = subprocess.run([sys.executable, "-P", "-c", GATES, MODEL], capture_output=True, text=True, check=True)
    return {gate["gate"]: gate for gate in json.loads(done.stdout)["gates"]}, done.stderr.splitlines()[-1]


@pytest.fixture(params=["database", pytest.param("server", marks=pytest.mark.slow)])
def asked(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, project_dir: Path, model_folder: Path
) -> World:
    """A version whose gates were asked once."""
    if request.param == "server":
        server: TrackingServer = request.getfixturevalue("tracking_server")
        monkeypatch.setenv("MLFLOW_TRACKING_URI", server.uri)
        (project_dir / ".bioml").mkdir(exist_ok=True)
        world = World(project_dir, MlflowStore(server.uri), model_folder)
    else:
        world = request.getfixturevalue("mlflow_world")
    world.write_policy(POLICY)
    for part in (0.3, 0.1):
        world.version(world.record(predictions=(world.predictions(part),)))
        world.store.set_alias(MODEL, "1", "champion")
    first, said = gates()
    assert {name for name, gate in first.items() if gate["state"] != "pass"} == {"approval"}, first
    assert "load_probe" in said and "data_probe" in said and "'mlflow'" not in said, said
    return world


def test_what_was_asked_before_imports_and_starts_nothing(asked: World) -> None:
    again, said = gates()
    assert said == "imported: [] started: [] code: 1"
    assert {name for name, gate in again.items() if gate["asked_at"]} == {"data_known", "not_worse", "loads"}
    asked.desk.approve(MODEL, meaning="approval", reason="errors look random")
    approved, said = gates()
    assert approved["approval"]["state"] == "pass" and said == "imported: [] started: [] code: 0"


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for this test's resident process; imports of MLflow are noted in ``imports`` beside it."""
    folder = tmp_path / "runtime"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    counts = COUNTS.format(file=str(tmp_path / "imports"))
    monkeypatch.setenv("PYTHONPATH", with_modules(tmp_path / "modules", sitecustomize=counts, probe=PROBE))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def test_a_promotion_and_the_gate_that_loads_import_mlflow_once(
    mlflow_world: World, runtime: Path, tmp_path: Path
) -> None:
    world = mlflow_world
    world.write_policy("version: 1\naliases:\n  champion:\n    data_known: {}\n    loads: {}\n")
    world.version()
    probe(tmp_path / "begun")
    (line,) = (tmp_path / "imports").read_text(encoding="utf-8").splitlines()
    assert "resident" in line and len(residents(runtime)) == 1
    _, said = gates()
    assert said == "imported: [] started: [] code: 0", "both questions were forks of that process"
    words = [sys.executable, "-P", "-m", "jupyter_bioml.cli", "promote", MODEL, "--to", "champion", "--json"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=180, check=False)
    data, loads = json.loads(done.stdout)["gates"]
    assert done.returncode == 0 and (data["state"], loads["state"]) == ("pass", "pass"), done.stderr
    assert loads["asked_at"] and not data["asked_at"], "a fork of it has the variables that its libraries set, and more"
    assert (tmp_path / "imports").read_text(encoding="utf-8").splitlines() == [line]


def test_a_model_is_not_loaded_by_a_fork_where_modules_lie_in_the_project(
    mlflow_world: World, runtime: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = mlflow_world
    world.write_policy("version: 1\naliases:\n  champion:\n    loads: {}\n")
    world.version()
    (world.root / "lib").mkdir()
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([os.environ["PYTHONPATH"], str(world.root / "lib")]))
    probe(tmp_path / "begun")
    (gate,) = world.desk.gates(MODEL, "champion").gates
    assert gate.state == "pass", gate.said
    lines = (tmp_path / "imports").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 2 and "load_probe" in lines[1], lines
