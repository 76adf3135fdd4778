"""What a gate of this package reads or asks may never answer: that is not decidable, and the lock is free again."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from jupyter_bioml.audit.actor import current_actor
from jupyter_bioml.errors import UsageError
from jupyter_bioml.promote.known_gates import built_in
from jupyter_bioml.promote.locking import only_one
from jupyter_bioml.promote.probing import probed
from jupyter_bioml.records.run import RunRecord
from jupyter_bioml.store.memory import MemoryStore

from .world import MODEL, NOTEBOOK, World


def is_free(world: World) -> bool:
    """Whether somebody else can promote now."""
    with only_one(world.target, MODEL, "champion", current_actor()):
        return True


def policy(world: World, *gates: str) -> None:
    world.write_policy("version: 1\naliases:\n  champion:\n" + "".join(f"    {gate}\n" for gate in gates))


@pytest.fixture
def stuck(world: World) -> Iterator[World]:
    """The run's data are in a DVC remote only, which takes every question and answers none."""
    (world.root / "data.csv").write_text("only,in,dvc\n")
    world.version()
    (world.root / "data.csv").write_text("changed\n")
    with socket.socket() as remote:
        remote.bind(("127.0.0.1", 0))
        remote.listen(50)
        (world.root / ".dvc").mkdir()
        address = f"http://127.0.0.1:{remote.getsockname()[1]}/kept"
        settings = f"[core]\n    no_scm = True\n    remote = store\n['remote \"store\"']\n    url = {address}\n"
        (world.root / ".dvc" / "config").write_text(settings)
        yield world


def test_a_stuck_remote_is_not_decidable_and_says_for_which_input(stuck: World) -> None:
    policy(stuck, "data_known: {time_limit: 12}", "card: {}")
    answer = stuck.desk.promote(MODEL, "champion")
    data, card = answer.gates
    assert data.state == "not-decidable" and not answer.promoted and data.next
    assert "took longer than 12 s" in data.said and "data.csv" in data.said, data.said
    assert card.state == "pass" and is_free(stuck), "the next gate is asked, and nothing is held"
    assert os.listdir(stuck.project.home / "work") == [], "what was fetched is gone again"
    assert not [child for child in psutil.Process().children(recursive=True) if "data_probe" in " ".join(words(child))]


def words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


@pytest.mark.parametrize("name", ["data.csv", NOTEBOOK, "bioml-card.yaml"])
def test_a_pipe_in_the_place_of_a_file_is_answered_at_once(world: World, name: str) -> None:
    world.version()
    (world.root / name).unlink()
    os.mkfifo(world.root / name)
    policy(world, "data_known: {}", "taint: {}", "card: {}")
    answer = world.desk.promote(MODEL, "champion")
    data, taint, card = answer.gates
    assert data.state == "pass", "git has it"
    assert taint.state == ("not-decidable" if name == NOTEBOOK else "pass")
    assert card.state == ("not-decidable" if name == "bioml-card.yaml" else "pass")
    assert name != "bioml-card.yaml" or "not a regular file" in card.said
    assert is_free(world)


def test_a_policy_that_is_a_pipe_is_refused(world: World) -> None:
    os.mkfifo(world.root / "bioml-policy.yaml")
    with pytest.raises(UsageError, match="not a regular file"):
        world.desk.gates(MODEL, "champion")


class DeafStore(MemoryStore):
    """A store that answers no question about a run and its files until it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.answers = threading.Event()
        self.answers.set()

    def record(self, run_id: str) -> RunRecord:
        self.answers.wait()
        return super().record(run_id)

    def model_files(self, uri: str, folder: Path) -> Path:
        self.answers.wait()
        return super().model_files(uri, folder)

    def read_artifact(self, run_id: str, path: str) -> bytes:
        self.answers.wait()
        return super().read_artifact(run_id, path)

    def artifacts(self, run_id: str, path: str = "") -> tuple[str, ...]:
        self.answers.wait()
        return super().artifacts(run_id, path)


def test_a_store_that_never_answers_holds_no_gate_and_no_lock(project_dir: Path, model_folder: Path) -> None:
    store = DeafStore()
    world = World(project_dir, store, model_folder)
    world.version()
    world.store.set_alias(MODEL, "1", "champion")
    world.version()
    options = {"metrics": "thresholds: {auc: {min: 0.8}}, "}
    policy(world, *(f"{name}: {{{options.get(name, '')}time_limit: 0.2}}" for name in built_in()))
    store.answers.clear()
    try:
        answer = world.desk.promote(MODEL, "champion")
    finally:
        store.answers.set()
    said = {gate.gate: gate for gate in answer.gates}
    assert said.keys() == built_in().keys() and not answer.promoted and is_free(world)
    waited = {name for name, gate in said.items() if "took longer than 0.2 s" in gate.said}
    assert waited >= {"data_known", "code_known", "taint", "metrics", "not_worse", "signature", "loads", "card"}
    assert all(said[name].state == "not-decidable" and said[name].next for name in waited)


def test_a_time_limit_below_that_of_the_gate_itself_counts(world: World) -> None:
    world.version()
    found = world.gate("loads", "{seconds: 3600, time_limit: 0.1}")
    assert found.state == "fail" and "took longer than 0.1 s" in found.said


ASKING = """
import sys, threading
from pathlib import Path
from jupyter_bioml.promote.probing import probed
probed("waiting_probe", [sys.argv[1]], Path(sys.argv[1]), 600)
"""
WAITING = """
import os, subprocess, sys, time
from jupyter_bioml.promote.probing import end_with_caller
end_with_caller()
child = subprocess.Popen(["sleep", "600"])
with open(sys.argv[1] + ".new", "w") as file:
    file.write(f"{os.getpid()} {child.pid}")
os.replace(file.name, sys.argv[1])
time.sleep(600)
"""


def test_a_question_ends_with_the_process_that_asked(tmp_path: Path) -> None:
    (tmp_path / "waiting_probe.py").write_text(WAITING)
    answer = tmp_path / "pids"
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    asking = subprocess.Popen([sys.executable, "-c", ASKING, str(answer)], env={**os.environ, "PYTHONPATH": path})
    end = time.monotonic() + 120
    while not answer.exists():
        assert asking.poll() is None and time.monotonic() < end
        time.sleep(0.05)
    asked = [psutil.Process(int(pid)) for pid in answer.read_text().split()]
    asking.kill()
    asking.wait()
    gone, alive = psutil.wait_procs(asked, timeout=60)
    assert len(gone) == 2 and not alive


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("import os; os.abort()", "was ended by SIGABRT"),
        ("import sys; sys.exit(0)", "ended with code 0"),
        ("import sys; open(sys.argv[1], 'w').write('[1]')", "gave no answer"),
    ],
)
def test_any_end_but_an_answer_is_none(tmp_path: Path, code: str, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ending_probe.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    answer = tmp_path / "answer"
    assert probed("ending_probe", [str(answer)], answer, 60)[:2] == (None, why)


def test_a_probe_that_was_started_by_hand_ends_no_neighbour() -> None:
    """In the group of a shell or a test runner, the end of its input would be the end of all of them."""
    probe = (
        "import time; from jupyter_bioml.promote.probing import end_with_caller as e; e(); time.sleep(0.5); print(1)"
    )
    run = "import subprocess, sys; r = subprocess.run([sys.executable, '-c', sys.argv[1]], stdin=subprocess.DEVNULL)"
    command = [sys.executable, "-c", f"{run}; print(r.returncode)", probe]
    ended = subprocess.run(command, capture_output=True, text=True, start_new_session=True, timeout=60)
    assert (ended.returncode, ended.stdout) == (0, "1\n0\n"), ended.stderr
