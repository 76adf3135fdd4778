"""A gate of somebody else may end in any way: that is no answer, moves nothing and leaves the lock free."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from jupyter_bioml.audit.actor import current_actor
from jupyter_bioml.promote.locking import only_one

from .world import MODEL, World

THEIRS = """
import atexit, os, signal, subprocess, sys, threading, time
from jupyter_bioml.promote.gate import GateResult, failed, passed

def fine(context):
    return passed("fine", user=context.facts.record.user, alias=context.facts.alias, options=context.options)

def own_process(context):
    return passed("apart", pid=os.getpid())

def exits_0(context):
    sys.exit(0)

def exits_1(context):
    raise SystemExit("with words")

def quits(context):
    quit()

def ends_0(context):
    os._exit(0)

def ends_3(context):
    sys.stderr.write("no licence for the solver")
    sys.stderr.flush()
    os._exit(3)

def killed(context):
    os.kill(os.getpid(), signal.SIGKILL)

def crashes(context):
    os.abort()

def interrupted(context):
    raise KeyboardInterrupt

class Own(BaseException):
    def __str__(self):
        raise ValueError("no words")

def own_exception(context):
    raise Own

def hangs(context):
    time.sleep(3600)

def begins_and_hangs(context):
    open(context.options["begun"], "w").close()
    time.sleep(3600)

def hangs_deaf(context):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        pass

def prints_for_ever(context):
    while True:
        print("x" * 10_000)

def prints_an_answer(context):
    print('{"gate": "prints_an_answer", "state": "pass", "said": "fine", "next": "", "evidence": {}}', flush=True)
    os._exit(0)

def asks(context):
    return passed(input("promote? "))

class Odd:
    def __repr__(self):
        raise ValueError("no words")

def odd(context):
    return Odd()

def odd_evidence(context):
    return passed("fine", odd=Odd())

def endless_evidence(context):
    found = []
    found.append(found)
    return passed("fine", found=found)

def huge_evidence(context):
    return passed("fine", text="x" * (17 * 2**20))

def no_words(context):
    return GateResult("pass", 3)

def nothing(context):
    return None

def closes_everything(context):
    os.closerange(0, 1000)
    os._exit(0)

def closes_everything_and_answers(context):
    os.closerange(0, 1000)
    return passed("fine")

def forks_and_both_answer(context):
    child = os.fork()
    if child:
        os.waitpid(child, 0)
    return passed("parent") if child else failed("child", "never")

def leaves_a_child(context):
    child = subprocess.Popen(["sleep", "3600"])
    return passed("left one", pid=child.pid)

def leaves_a_stranger(context):
    child = subprocess.Popen(["sleep", "3600"], start_new_session=True)
    return passed("left one", pid=child.pid)

def leaves_a_hanging_end(context):
    atexit.register(time.sleep, 3600)
    threading.Thread(target=time.sleep, args=(3600,)).start()
    return passed("fine")

def leaves_an_exit_code(context):
    atexit.register(os._exit, 0)
    return failed("too large", "Prune it.")
"""
PACKAGE = "gates_that_end"


@pytest.fixture
def theirs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package with gates; every public function of it is one."""
    site = tmp_path / "site"
    info = site / f"{PACKAGE}-1.0.dist-info"
    info.mkdir(parents=True)
    (site / f"{PACKAGE}.py").write_text(THEIRS)
    (site / f"{PACKAGE}_broken.py").write_text("import sys\nsys.exit(0)\n")
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {PACKAGE}\nVersion: 1.0\n")
    names = [line[4:].split("(")[0] for line in THEIRS.splitlines() if line.startswith("def ")]
    points = [f"{name} = {PACKAGE}:{name}" for name in names] + [f"no_import = {PACKAGE}_broken:gate"]
    (info / "entry_points.txt").write_text("[jupyter_bioml.gates]\n" + "\n".join(points) + "\n")
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(site), os.environ.get("PYTHONPATH", "")]))


def policy(world: World, *gates: str) -> None:
    world.write_policy("version: 1\naliases:\n  champion:\n" + "".join(f"    {gate}\n" for gate in gates))


def is_free(world: World) -> bool:
    """Whether somebody else can promote now."""
    with only_one(world.target, MODEL, "champion", current_actor()):
        return True


#: Gate → words of the reason.
ENDINGS = {
    "exits_0": "SystemExit: 0",
    "exits_1": "SystemExit: with words",
    "quits": "SystemExit",
    "ends_0": "exit code 0 and gave no answer",
    "ends_3": "exit code 3 and gave no answer. Its last words: no licence for the solver",
    "killed": "ended by SIGKILL (there may have been too little memory)",
    "crashes": "ended by SIGABRT",
    "interrupted": "KeyboardInterrupt",
    "own_exception": "Own: an unprintable Own",
    "hangs": "took longer than 1 s",
    "hangs_deaf": "took longer than 1 s",
    "prints_for_ever": "took longer than 1 s",
    "prints_an_answer": "exit code 0 and gave no answer",
    "asks": "EOFError",
    "odd": "an unprintable Odd, which is not a gate result",
    "odd_evidence": "cannot be kept: ValueError",
    "endless_evidence": "cannot be kept: RecursionError",
    "huge_evidence": "gave an answer that cannot be read",
    "no_words": "gave an answer that cannot be read",
    "nothing": "None, which is not a gate result",
    "closes_everything": "exit code 0 and gave no answer",
    "no_import": "SystemExit: 0",
}


@pytest.mark.usefixtures("theirs")
def test_any_end_but_an_answer_is_not_decidable_and_the_next_gate_is_asked(mlflow_world: World) -> None:
    world = mlflow_world
    world.version()
    limits = {name: 1 if words.startswith("took") else 60 for name, words in ENDINGS.items()}
    rules = [f"{name}: {{time_limit: {limits[name]}}}" for name in ENDINGS]
    policy(world, *rules, "fine: {limit: 3, time_limit: 60}")
    answer = world.desk.promote(MODEL, "champion")
    said = {gate.gate: gate for gate in answer.gates}
    assert not answer.promoted and answer.exit_code == 1
    for name, words in ENDINGS.items():
        assert said[name].state == "not-decidable" and words in said[name].said and said[name].next, said[name]
    assert said["fine"].state == "pass"
    assert said["fine"].evidence == {"user": "ada", "alias": "champion", "options": {"limit": 3}}
    assert world.actions() == ["promotion.refused"] and is_free(world)
    assert world.events()[-1].new["failing"].keys() == set(ENDINGS)
    assert world.store.model_version(MODEL, "1").aliases == ()


@pytest.mark.usefixtures("theirs")
def test_what_a_gate_leaves_behind_holds_up_nothing_and_is_ended(mlflow_world: World) -> None:
    world = mlflow_world
    world.version()
    rules = ("own_process", "forks_and_both_answer", "leaves_a_child", "leaves_a_stranger", "leaves_a_hanging_end")
    policy(world, *(f"{name}: {{}}" for name in rules), "leaves_an_exit_code: {undecidable: allow}")
    answer = world.desk.promote(MODEL, "champion")
    said = {gate.gate: gate for gate in answer.gates}
    assert [said[name].state for name in rules] == ["pass"] * 5
    assert said["forks_and_both_answer"].said == "parent"
    assert said["leaves_an_exit_code"].state == "fail" and not answer.promoted
    assert said["own_process"].evidence["pid"] != os.getpid()
    left = [said[name].evidence["pid"] for name in ("own_process", "leaves_a_child", "leaves_a_stranger")]
    for pid in left:
        assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    assert is_free(world)


@pytest.mark.usefixtures("theirs")
def test_a_gate_that_closes_what_its_process_reads_from_holds_up_nothing(mlflow_world: World) -> None:
    world = mlflow_world
    world.version()
    policy(world, "closes_everything_and_answers: {}", "fine: {}", "own_process: {}")
    answer = world.desk.promote(MODEL, "champion")
    assert [gate.state for gate in answer.gates] == ["not-decidable", "pass", "pass"] and is_free(world)


def command(world: World) -> list[str]:
    return [sys.executable, "-P", "-m", "jupyter_bioml.cli", "promote", f"{MODEL}@1", "--to", "champion", "--json"]


@pytest.mark.usefixtures("theirs")
def test_the_command_says_what_a_gate_that_exits_did(mlflow_world: World) -> None:
    world = mlflow_world
    world.version()
    policy(world, "exits_0: {}")
    env = {**os.environ, "MLFLOW_TRACKING_URI": world.target.uri, "BIOML_PROJECT": str(world.root)}
    done = subprocess.run(command(world), env=env, cwd=world.root, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1, done.stderr
    document = json.loads(done.stdout)
    assert document["promoted"] is False and document["failing"] == ["exits_0"]


@pytest.mark.usefixtures("theirs")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_promotion_that_is_ended_leaves_no_gate_and_no_lock(
    mlflow_world: World, number: signal.Signals, tmp_path: Path
) -> None:
    world, begun = mlflow_world, tmp_path / "begun"
    world.version()
    policy(world, f"begins_and_hangs: {{begun: {json.dumps(str(begun))}}}")
    env = {**os.environ, "MLFLOW_TRACKING_URI": world.target.uri, "BIOML_PROJECT": str(world.root)}
    as_in_a_terminal = ["env", "--default-signal=INT"]  # whoever starts the tests in the background has it ignored
    promoting = subprocess.Popen(
        [*as_in_a_terminal, *command(world)],
        env=env,
        cwd=world.root,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    end = time.monotonic() + 250
    while not begun.exists():
        assert promoting.poll() is None and time.monotonic() < end
        time.sleep(0.05)
    hosts = psutil.Process(promoting.pid).children()
    promoting.send_signal(number)
    promoting.wait(60)
    assert hosts and is_free(world) and world.actions() == []
    gone, alive = psutil.wait_procs(hosts, timeout=60)
    assert gone and not alive, "the gate ends with the promotion"


@pytest.mark.usefixtures("theirs")
@pytest.mark.parametrize("limit", ["0", "-1", "soon", "true", ".inf", "1000000"])
def test_a_time_limit_is_checked(mlflow_world: World, limit: str) -> None:
    from jupyter_bioml.errors import UsageError

    policy(mlflow_world, f"fine: {{time_limit: {limit}}}")
    with pytest.raises(UsageError, match="time_limit must be a number of seconds"):
        mlflow_world.desk.gates(MODEL, "champion")
