"""Gates that are asked for the sidebar: told as they answer, each question apart from the others."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import mlflow
import numpy
import pytest
from promote.world import MODEL, World
from sklearn.linear_model import LogisticRegression

from jupyter_bioml.config import Project
from jupyter_bioml.errors import NotFound, Refused
from jupyter_bioml.records.run import RunRecord
from jupyter_bioml.server import gate_bench
from jupyter_bioml.server.gate_bench import GateBench
from jupyter_bioml.store.memory import MemoryStore

TWO = "version: 1\naliases:\n  champion:\n    card: {}\n    metrics: {thresholds: {auc: {min: 0.8}}}\n"


class WaitingStore(MemoryStore):
    """Gives no record of a run until it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.answers = threading.Event()
        self.answers.set()

    def record(self, run_id: str) -> RunRecord:
        self.answers.wait()
        return super().record(run_id)


@pytest.fixture
def world(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    rows = numpy.array([[0.0], [1.0]])
    folder = tmp_path / "model"
    mlflow.sklearn.save_model(LogisticRegression().fit(rows, [0, 1]), str(folder), pip_requirements=[])
    store = WaitingStore()
    made = World(project.root, store, folder)
    made.write_policy(TWO)
    made.version()
    made.version()
    monkeypatch.setattr(gate_bench, "PATIENCE", 0.05)
    yield made
    store.answers.set()


def waits(world: World) -> threading.Event:
    assert isinstance(world.store, WaitingStore)
    world.store.answers.clear()
    return world.store.answers


def test_it_is_told_how_far_it_is_and_goes_on_with_the_ticket(world: World) -> None:
    answers, bench = waits(world), GateBench()
    begun = bench.look(world.desk, MODEL, "2", None, None)
    assert begun.asking is not None and begun.asking.gate == "card" and begun.asking.of == 2
    assert (begun.alias, begun.aliases, begun.gates, begun.dry_run) == ("champion", ("champion",), (), True)
    again = bench.look(world.desk, MODEL, "2", "champion", begun.asking.ticket)
    assert again.asking is not None and again.asking.ticket == begun.asking.ticket, "the same question"
    other = bench.look(world.desk, MODEL, "1", None, begun.asking.ticket)
    assert other.asking is not None and other.version == "1", "a ticket is of one version"
    assert other.asking.ticket != begun.asking.ticket
    fresh = bench.look(world.desk, MODEL, "2", None, None)
    assert fresh.asking is not None and fresh.asking.ticket != begun.asking.ticket, "what was begun may know less"
    answers.set()
    made = bench.look(world.desk, MODEL, "2", None, begun.asking.ticket)
    while made.asking is not None:
        made = bench.look(world.desk, MODEL, "2", None, made.asking.ticket)
    assert [(gate.gate, gate.state) for gate in made.gates] == [("card", "pass"), ("metrics", "pass")]


def test_what_cannot_be_asked_is_said_and_not_too_much_is_asked_at_once(world: World) -> None:
    bench = GateBench()
    with pytest.raises(NotFound):
        bench.look(world.desk, MODEL, "9", None, None)
    with pytest.raises(Refused, match="has no alias"):
        bench.look(world.desk, MODEL, "1", "production", None)
    waits(world)
    for _ in range(gate_bench.AT_ONCE):
        bench.look(world.desk, MODEL, "1", None, None)
    with pytest.raises(Refused, match="being asked already"):
        bench.look(world.desk, MODEL, "1", None, None)
