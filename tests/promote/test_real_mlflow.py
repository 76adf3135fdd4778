"""The whole way over real MLflow and the commands; and promotions at the same time, in processes of their own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import mlflow
import pytest
from commands import Commands

from jupyter_bioml.audit.log import AuditLog
from jupyter_bioml.store.mlflow_store import MlflowStore

from .world import EASY, MODEL, World


@pytest.fixture
def commands(capfd: pytest.CaptureFixture[str]) -> Commands:
    return Commands(capfd)


def seen_by_mlflow(world: World) -> str | None:
    """The holder as plain MLflow tells it."""
    client = mlflow.MlflowClient(world.target.uri, world.target.uri)
    found = client.get_registered_model(MODEL).aliases.get("champion")
    return None if found is None else str(found)


def test_refused_approved_promoted_rolled_back(mlflow_world: World, commands: Commands) -> None:
    world = mlflow_world
    world.version(world.record(predictions=(world.predictions(0.3),)))
    assert commands.json("gates", "--init")["kept"] == [str(world.root / "bioml-card.yaml")]
    refused = commands.json("promote", MODEL, "--to", "champion", code=1)
    assert refused["promoted"] is False and refused["failing"] == ["approval"]
    assert {gate["gate"]: gate["state"] for gate in refused["gates"]}["loads"] == "pass"
    assert seen_by_mlflow(world) is None
    code, out, _ = commands.run("approve", MODEL, "--meaning", "approval", "--reason", "errors look random")
    assert code == 0 and "approved" in out and "the account that this process runs under" in out
    code, out, err = commands.run("promote", f"{MODEL}@1", "--to", "champion", "--reason", "first")
    assert code == 0 and f"✓ {MODEL} version 1 is now champion; before: no version" in out, out + err
    assert "gate 9 of 9" in err and seen_by_mlflow(world) == "1"
    world.write_policy(EASY)
    world.version()
    assert commands.json("promote", MODEL, "--to", "champion")["previous"] == "1" and seen_by_mlflow(world) == "2"
    back = commands.json("rollback", MODEL, "--alias", "champion", "--reason", "worse in the clinic")
    assert (back["version"], back["previous"]) == ("1", "2") and seen_by_mlflow(world) == "1"
    story = ["promotion.refused", "approve", "promote", "promote", "rollback"]
    assert world.actions() == story
    again = commands.json("gates", MODEL, "--to", "champion")
    assert again["dry_run"] and again["promoted"] is False and world.actions() == story
    code, out, _ = commands.run("reject", f"{MODEL}@1", "--reason", "no")
    assert code == 0 and "approvals that count: none" in out
    code, _, err = commands.run("register", str(back["event"])[:8], MODEL, "--alias", "champion")
    assert code == 1 and "only a promotion can move it" in err
    code, _, err = commands.run("promote", MODEL, "--to", "production")
    assert code == 1 and "Known: champion" in err


def test_an_alias_that_was_moved_in_mlflow_itself(mlflow_world: World, commands: Commands) -> None:
    world = mlflow_world
    world.write_policy(EASY)
    for version in "12":
        world.version()
        commands.json("promote", f"{MODEL}@{version}", "--to", "champion")
    mlflow.MlflowClient(world.target.uri, world.target.uri).set_registered_model_alias(MODEL, "champion", "1")
    code, _, err = commands.run("rollback", MODEL, "--alias", "champion")
    assert code == 1 and "was moved outside this project's log" in err and "--version 2" in err
    assert seen_by_mlflow(world) == "1"
    made = commands.json("rollback", MODEL, "--alias", "champion", "--version", "2")
    assert made["version"] == "2" and "moved outside" in made["notes"][0] and seen_by_mlflow(world) == "2"


def promoting(root: Path, uri: str, version: str) -> subprocess.Popen[str]:
    """``promote`` in a process of its own, with a gate that waits until both have begun."""
    command = [sys.executable, "-m", "jupyter_bioml.cli", "promote", f"{MODEL}@{version}", "--to", "champion", "--json"]
    import os

    env = {**os.environ, "MLFLOW_TRACKING_URI": uri, "BIOML_PROJECT": str(root)}
    return subprocess.Popen(command, cwd=root, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


WAITING = """
import os, pathlib, time
from jupyter_bioml.promote.gate import passed

def both(context):
    place = pathlib.Path({place!r})
    (place / str(os.getpid())).touch()
    end = time.monotonic() + 250
    while not (place / "other").exists() and time.monotonic() < end:
        time.sleep(0.05)
    return passed("the other one has been told")
"""


@pytest.fixture
def waiting_gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A gate that holds its promotion until the file ``other`` is there; returns the folder."""
    place, site = tmp_path / "waiting", tmp_path / "site"
    info = site / "waiting_gate-1.0.dist-info"
    place.mkdir()
    info.mkdir(parents=True)
    (site / "waiting_gate.py").write_text(WAITING.format(place=str(place)))
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: waiting-gate\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[jupyter_bioml.gates]\nboth = waiting_gate:both\n")
    monkeypatch.setenv("PYTHONPATH", str(site))
    return place


@pytest.mark.parametrize("folders", [1, 2])
def test_two_at_the_same_time(
    mlflow_world: World, waiting_gate: Path, folders: int, tmp_path: Path, model_folder: Path
) -> None:
    """Two processes of one project folder, and two project folders on one MLflow: one wins, the other is told."""
    world = mlflow_world
    policy = "version: 1\naliases:\n  champion:\n    both: {}\n"
    world.write_policy(policy)
    world.version()
    world.version()
    other = world.root
    if folders == 2:
        other = tmp_path / "clone"
        (other / ".bioml").mkdir(parents=True)
        shutil.copy(world.root / "bioml-policy.yaml", other)
    first = promoting(world.root, world.target.uri, "1")
    while not list(waiting_gate.iterdir()):
        assert first.poll() is None, first.communicate()[1]
    second = promoting(other, world.target.uri, "2")
    told, words = second.communicate(timeout=250)
    (waiting_gate / "other").touch()
    won, said = first.communicate(timeout=250)
    assert first.returncode == 0 and json.loads(won)["promoted"], said
    assert second.returncode == 1 and json.loads(told)["code"] == "refused", words
    assert f"process {first.pid}" in json.loads(told)["message"] and seen_by_mlflow(world) == "1"
    assert world.actions() == ["promote"]
    if folders == 2:
        assert AuditLog(other / ".bioml" / "audit").events() == ()


def test_the_files_of_a_model_and_its_tags(mlflow_world: World, tmp_path: Path) -> None:
    store = mlflow_world.store
    assert isinstance(store, MlflowStore)
    version = mlflow_world.version()
    files = store.model_files(version.uri, tmp_path / "copy")
    assert (files / "MLmodel").is_file() and not (tmp_path / "copy").exists(), "they are on this machine"
    store.tag_version(MODEL, version.version, {"a": "1"})
    store.tag_version(MODEL, version.version, {"b": "2"})
    assert {"a": "1", "b": "2"}.items() <= store.model_version(MODEL, version.version).tags.items()
