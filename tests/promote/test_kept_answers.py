"""Answers of gates that were kept: believed while all that they rest on is as it was, and by nobody else's word."""

from __future__ import annotations

import dataclasses
import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_bioml.config import state_folder
from jupyter_bioml.journal.facts import FactLog
from jupyter_bioml.promote import judge, kept, probing
from jupyter_bioml.promote.answers import PromotionOutcome
from jupyter_bioml.promote.gates import model as model_gates
from jupyter_bioml.promote.kept import KeptAnswers
from jupyter_bioml.records.run import Report

from .world import MODEL, World

THREE = "    data_known: {}\n    not_worse: {}\n    loads: {}\n"
#: In the place of the probe that loads a model: it says yes, and rests on a module that it imported.
PROBE = """
import json, os, sys, time
import imported_by_model
folder, answer, _ = sys.argv[1:]
said = {"load_seconds": 1.0, "predict_seconds": 0.5, "example": "DataFrame", "result": "ndarray", "rows": 2}
files = [imported_by_model.__file__, *[place for place in sys.path if place]]
if os.path.exists(os.path.join(os.path.dirname(__file__), "broken")):
    said, files = {"step": "load", "error": "ImportError: no such thing"}, []
else:
    said |= {"files": files, "read_after": time.time_ns()}
with open(answer, "w") as file:
    json.dump(said, file)
"""


class Count:
    """What was really done."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.processes: list[str] = []

    def taken(self) -> tuple[list[str], list[str]]:
        """(gates that were asked, processes that were started) since it was last taken."""
        found = [name.removeprefix("judge_") for name in self.asked], list(self.processes)
        self.asked.clear()
        self.processes.clear()
        return found


@pytest.fixture
def count(monkeypatch: pytest.MonkeyPatch) -> Count:
    found = Count()
    asked, held = judge.asked, probing.held

    def counted(one: Any, context: Any) -> Any:
        found.asked.append(one.__module__.rpartition(".")[2] if one.__name__ == "judge" else one.__name__)
        return asked(one, context)

    def started(module: str, *arguments: Any, **options: Any) -> Any:
        found.processes.append(module.rpartition(".")[2])
        return held(module, *arguments, **options)

    monkeypatch.setattr(judge, "asked", counted)
    monkeypatch.setattr(probing, "held", started)
    monkeypatch.setattr(kept, "GRAIN", 0)
    return found


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the probe lies that is quick, and the module that it imports."""
    folder = tmp_path / "places"
    folder.mkdir()
    (folder / "quick_probe.py").write_text(PROBE)
    (folder / "imported_by_model.py").write_text("x = 1\n")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setattr(model_gates, "PROBE", "quick_probe")
    return folder


@pytest.fixture
def held(world: World, place: Path, count: Count) -> World:
    """A version that holds the alias, and another one that was asked about once."""
    for part, seed in ((0.3, 1), (0.31, 3), (0.1, 2)):
        world.version(world.record(predictions=(world.predictions(part, seed=seed),)))
    world.store.set_alias(MODEL, "1", "champion")
    policy(world, THREE)
    states(world.desk.gates(MODEL, "champion"), "pass", "pass", "pass")
    assert count.taken() == (["data", "not_worse", "loads"], ["data_probe", "quick_probe"])
    return world


def policy(world: World, gates: str) -> None:
    world.write_policy(f"version: 1\naliases:\n  champion:\n{gates}")


def states(answer: PromotionOutcome, *expected: str) -> None:
    assert tuple(gate.state for gate in answer.gates) == expected, [gate.said for gate in answer.gates]


def record_id(world: World) -> str:
    return str(world.store.get(str(world.desk.version(MODEL).run_id)).record_id)


def kept_files(world: World) -> list[Path]:
    return sorted((world.project.home / "state" / "gates").iterdir())


def test_what_was_answered_is_not_asked_again(held: World, count: Count) -> None:
    first, again = (held.desk.gates(MODEL, "champion") for _ in range(2))
    assert count.taken() == ([], [])
    assert first.as_json() == again.as_json() and all(gate.asked_at for gate in again.gates)
    for file in kept_files(held):
        file.unlink()
    fresh = held.desk.gates(MODEL, "champion")
    told = tuple(dataclasses.replace(gate, asked_at=None) for gate in again.gates)
    assert told == fresh.gates, "word for word what they say when they are asked"


CHANGES: dict[str, tuple[Callable[[World, Path, pytest.MonkeyPatch], Any], list[str]]] = {
    "options of the gate": (
        lambda world, place, patch: policy(world, THREE.replace("loads: {}", "loads: {seconds: 60}")), ["loads"],
    ),
    "its time limit": (
        lambda world, place, patch: policy(world, THREE.replace("not_worse: {}", "not_worse: {time_limit: 100}")),
        ["not_worse"],
    ),
    "a margin": (
        lambda world, place, patch: policy(world, THREE.replace("not_worse: {}", "not_worse: {margin: 0.5}")),
        ["not_worse"],
    ),
    "a variable": (lambda world, place, patch: patch.setenv("OF_THE_MODEL", "2"), ["loads"]),
    "a module that was imported": (
        lambda world, place, patch: (place / "imported_by_model.py").write_text("x = 2\n"), ["loads"],
    ),
    "what can be imported": (lambda world, place, patch: (place / "more.py").write_text(""), ["loads"]),
    "a data file": (lambda world, place, patch: os.utime(world.root / "data.csv"), ["data"]),
    "a later report": (
        lambda world, place, patch: FactLog(world.project.home).report(
            record_id(world), world.target.key, Report("leakage", 1.0, "clean")
        ),
        ["data"],
    ),
    "the holder": (lambda world, place, patch: world.store.set_alias(MODEL, "2", "champion"), ["not_worse"]),
    "our own code": (lambda world, place, patch: patch.setattr(kept, "_code", lambda: "of another version"), ["data", "not_worse", "loads"]),
    "the secret": (
        lambda world, place, patch: (state_folder() / kept.SECRET).unlink(), ["data", "not_worse", "loads"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("changed", CHANGES)
def test_what_changed_is_asked_again(
    held: World, count: Count, place: Path, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    change, expected = CHANGES[changed]
    change(held, place, monkeypatch)
    held.desk.gates(MODEL, "champion")
    assert count.taken()[0] == expected
    held.desk.gates(MODEL, "champion")
    assert count.taken() == ([], []), "and is kept again"


def test_after_an_approval_only_the_approval_is_asked(held: World, count: Count) -> None:
    policy(held, THREE + "    approval: {}\n")
    states(held.desk.gates(MODEL, "champion"), "pass", "pass", "pass", "fail")
    held.desk.approve(MODEL, meaning="approval", reason="errors look random")
    states(held.desk.gates(MODEL, "champion"), "pass", "pass", "pass", "pass")
    assert count.taken() == ([], []), "of those that take a while, none"


def test_a_promotion_looks_for_the_data_again_and_believes_what_follows_from_content(held: World, count: Count) -> None:
    assert held.desk.promote(MODEL, "champion").promoted
    assert count.taken() == (["data"], ["data_probe"])
    assert {gate["gate"]: bool(gate["asked_at"]) for gate in evidence(held)} == {
        "data_known": False, "not_worse": True, "loads": True,
    }, "what was kept is told from what was asked, also in the evidence of the promotion"  # fmt: skip


def evidence(world: World) -> list[Any]:
    run_id = str(world.desk.version(MODEL).run_id)
    (path,) = [path for path in world.store.artifacts(run_id) if path.startswith("bioml/promotions/")]
    found: list[Any] = json.loads(world.store.read_artifact(run_id, path))["gates"]
    return found


def test_a_table_that_is_gone_or_altered_is_not_answered_for(held: World, count: Count) -> None:
    (table,) = held.store.record(str(held.desk.version(MODEL).run_id)).predictions
    held.blobs.path(table.blob).write_bytes(b"altered")
    states(held.desk.gates(MODEL, "champion"), "pass", "not-decidable", "pass")
    assert count.taken()[0] == ["not_worse"]


def test_the_bytes_of_the_model_are_read_again_for_a_promotion(
    mlflow_world: World, place: Path, count: Count, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = mlflow_world
    world.version()
    policy(world, "    loads: {}\n")
    states(world.desk.gates(MODEL, "champion"), "pass")
    states(world.desk.gates(MODEL, "champion"), "pass")
    assert count.taken()[0] == ["loads"]
    (file,) = (world.root / ".bioml" / "artifacts").rglob("MLmodel")
    before = file.stat()
    file.write_bytes(file.read_bytes() + b"# other bytes\n")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    (place / "broken").touch()
    states(world.desk.gates(MODEL, "champion"), "fail")
    monkeypatch.setattr(kept, "_stamps", lambda folders: (b"the same", 0))  # a file system that tells of no change
    answer = world.desk.promote(MODEL, "champion")
    states(answer, "fail")
    assert not answer.promoted and count.taken()[0] == ["loads", "loads"]


def test_a_model_that_was_swapped_while_it_was_loaded_is_not_kept(
    mlflow_world: World, place: Path, count: Count
) -> None:
    world = mlflow_world
    world.version()
    policy(world, "    loads: {}\n")
    (file,) = (world.root / ".bioml" / "artifacts").rglob("MLmodel")
    (place / "quick_probe.py").write_text(
        f"open({str(file)!r}, 'a').close()\nimport os\nos.utime({str(file)!r})\n{PROBE}"
    )
    for _ in range(2):
        states(world.desk.gates(MODEL, "champion"), "pass")
        assert count.taken()[0] == ["loads"]


@pytest.mark.parametrize("forger", ["an editor", "another user"])
def test_a_file_that_somebody_else_wrote_promotes_nothing(
    world: World, place: Path, count: Count, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, forger: str
) -> None:
    world.version()
    policy(world, "    loads: {}\n")
    if forger == "another user":
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "theirs"))
    states(world.desk.gates(MODEL, "champion"), "pass")
    (file,) = (one for one in kept_files(world) if b"load_seconds" in one.read_bytes())
    (place / "broken").touch()
    if forger == "an editor":
        file.write_bytes(file.read_bytes().replace(b'"load_seconds": 1.0', b'"load_seconds": 0.1'))
    else:
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "ours"))
        assert kept._secret(make=True)
        monkeypatch.setattr(KeptAnswers, "_name", lambda *_: file.name)  # they put it where it is looked for
    count.taken()
    states(world.desk.gates(MODEL, "champion"), "fail")
    assert not world.desk.promote(MODEL, "champion").promoted and count.taken()[0] == ["loads", "loads"]


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "cut off": lambda data: data[: len(data) // 2],
    "other bytes": lambda data: os.urandom(len(data)),
    "no text": lambda data: data.partition(b"\n")[0],
    "zeros": lambda data: bytes(len(data)),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_made_again(held: World, count: Count, damage: str) -> None:
    for file in kept_files(held):
        file.write_bytes(DAMAGE[damage](file.read_bytes()))
    states(held.desk.gates(MODEL, "champion"), "pass", "pass", "pass")
    assert count.taken()[0] == ["data", "not_worse", "loads"]
    held.desk.gates(MODEL, "champion")
    assert count.taken() == ([], [])


def test_a_folder_in_the_place_of_a_file_and_one_that_cannot_be_written_fail_nothing(held: World, count: Count) -> None:
    for file in kept_files(held):
        file.unlink()
        file.mkdir()
    states(held.desk.gates(MODEL, "champion"), "pass", "pass", "pass")
    assert count.taken()[0] == ["data", "not_worse", "loads"]
    folder = held.project.home / "state" / "gates"
    for place in kept_files(held):
        place.rmdir()
    folder.rmdir()
    folder.write_text("a file where the folder was")
    states(held.desk.gates(MODEL, "champion"), "pass", "pass", "pass")
    assert count.taken()[0] == ["data", "not_worse", "loads"]


def test_nothing_is_kept_with_a_secret_that_others_can_read(held: World, count: Count) -> None:
    secret = state_folder() / kept.SECRET
    assert secret.stat().st_mode & 0o777 == 0o600 and held.root not in secret.parents
    secret.chmod(0o644)
    for _ in range(2):
        states(held.desk.gates(MODEL, "champion"), "pass", "pass", "pass")
        assert count.taken()[0] == ["data", "not_worse", "loads"]
    secret.chmod(0o600)
    held.desk.gates(MODEL, "champion")
    assert count.taken() == ([], [])
    secret.write_bytes(b"cut off")
    held.desk.gates(MODEL, "champion")
    assert count.taken()[0] == ["data", "not_worse", "loads"] and len(secret.read_bytes()) == 32, "it is made again"


def test_two_that_ask_at_once_keep_one_answer_each(held: World, count: Count) -> None:
    for file in (*kept_files(held), state_folder() / kept.SECRET):
        file.unlink()
    answers: list[PromotionOutcome] = []
    desks = [held.desk for _ in range(4)]
    threads = [
        threading.Thread(target=lambda desk=desk: answers.append(desk.gates(MODEL, "champion"))) for desk in desks
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for answer in answers:
        states(answer, "pass", "pass", "pass")
    count.taken()
    held.desk.gates(MODEL, "champion")
    assert count.taken() == ([], []) and len(kept_files(held)) == 3
    assert not [file for file in kept_files(held) if file.name.startswith(".")], "nothing is left behind"


def test_what_failed_or_is_elsewhere_is_not_kept(held: World, count: Count, place: Path) -> None:
    (place / "broken").touch()
    (held.root / "data.csv").write_text("changed\n")
    for file in kept_files(held):
        file.unlink()
    for _ in range(2):
        answer = held.desk.gates(MODEL, "champion")
        states(answer, "pass", "pass", "fail")
        assert "git object" in str(answer.gates[0].evidence)
        assert {"data", "loads"} <= set(count.taken()[0]), "a commit may be gone, a package installed"


def test_what_changed_while_it_was_read_is_not_kept(world: World, tmp_path: Path) -> None:
    store, file = KeptAnswers.of(world.project, world.target), tmp_path / "read"
    file.write_text("1")
    began = file.stat().st_ctime_ns
    store.keep("a question", ["basis"], {"state": "pass"}, [str(file)], began - 1)
    assert store.find("a question", ["basis"]) is None, "changed after it was begun"
    store.keep("a question", ["basis"], {"state": "pass"}, [str(file)], began + 2 * kept.GRAIN)
    assert store.find("a question", ["basis"]) is not None and store.find("a question", ["other"]) is None
    assert store.find("another one", ["basis"]) is None
    file.unlink()
    assert store.find("a question", ["basis"]) is None


@pytest.mark.parametrize("code", ["as it was loaded", "upgraded meanwhile"])
def test_a_process_whose_code_was_upgraded_keeps_and_believes_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    kept._code.cache_clear()
    if code != "as it was loaded":
        monkeypatch.setattr(kept, "BEGAN", 1)
    store = KeptAnswers.of(world.project, world.target)
    store.keep("a question", [], {}, [], 2**62)
    assert (store.find("a question", []) is not None) == (code == "as it was loaded")
    kept._code.cache_clear()


def test_of_very_many_the_newest_are_left(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "_MOST", 5)
    store = KeptAnswers.of(world.project, world.target)
    for number in range(8):
        store.keep("a question", number, {}, [], 2**62)
        os.utime(max(kept_files(world), key=lambda file: file.stat().st_ctime_ns), (number, number))
    assert len(kept_files(world)) == 5 and store.find("a question", 7) is not None
