"""Training losses: what ``backward()`` is called on, one series for each place and each text around it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from jupyter_bioml.capture.scoring import losses
from jupyter_bioml.capture.scoring.calls import ScoreCall

from .cells import Cells

pytestmark = pytest.mark.needs_torch

TRAIN = """
import torch
torch.manual_seed(0)
X = torch.rand(16, 3)
y = X.sum(1, keepdim=True)
told = []
def train(name, model, epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(epochs):
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(model(X), y)
        loss.backward()
        optimizer.step()
        told.append(loss.item())
"""


def named(code: Any, _: Any) -> tuple[str, ...]:
    return tuple(name for name in ("model", "net") if name in (*code.co_varnames, *code.co_names))


@pytest.fixture
def torch_cells() -> Iterator[Cells]:
    made = Cells(models=named)
    made.prepare(TRAIN)
    yield made
    made.observer.uninstall()


def values(call: ScoreCall) -> list[Any]:
    return [one.value for one in call.numbers]


def test_each_step_is_a_point(torch_cells: Cells) -> None:
    calls = torch_cells.run("for name in ('a', 'b'):\n    net = torch.nn.Linear(3, 1)\n    train(name, net, 4)\n")
    told = torch_cells.names["told"]
    assert [(call.function, call.short, values(call)) for call in calls] == [
        ("torch.Tensor.backward", "loss", told[:4]),
        ("torch.Tensor.backward", "loss", told[4:]),
    ]
    assert [[one.step for one in call.numbers] for call in calls] == [[0, 1, 2, 3]] * 2
    assert [call.frames[0].names["name"] for call in calls] == ["a", "b"]
    assert calls[0].frames[0].place.position == (12, 12, 8, 23) and calls[0].frames[1].place.function == "<module>"
    assert [(call.found_by, [model.kind for model in call.models]) for call in calls] == [("name", ["Linear"])] * 2
    assert torch_cells.observer.gaps() == []


def test_two_places_are_two_series(torch_cells: Cells) -> None:
    calls = torch_cells.run(
        "w = torch.ones(2, requires_grad=True)\nfor step in range(3):\n    a = (w * step).sum()\n    a.backward()\n    b = (w + step).mean()\n    b.backward()\n"
        "(w * 2).backward(torch.ones(2))\n"
    )
    assert [values(call) for call in calls] == [[0.0, 2.0, 4.0], [1.0, 2.0, 3.0]]


def test_training_is_the_same_with_and_without(torch_cells: Cells) -> None:
    source = "net = torch.nn.Linear(3, 1)\ntorch.nn.init.ones_(net.weight)\ntrain('x', net, 5)\nresult = (net.weight.detach().tolist(), told[-5:], torch.rand(2).tolist(), loss_grad())"
    torch_cells.names["loss_grad"] = lambda: torch_cells.names["net"].weight.grad.tolist()
    torch_cells.prepare("torch.manual_seed(1)\n" + source)
    tracked = torch_cells.names["result"]
    torch_cells.observer.uninstall()
    torch_cells.prepare("torch.manual_seed(1)\n" + source)
    assert torch_cells.names["result"] == tracked


def test_of_a_long_training_every_few_steps_are_kept(torch_cells: Cells, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(losses, "MOST_POINTS", 100)
    [call] = torch_cells.run(
        "w = torch.ones((), requires_grad=True)\nfor step in range(1000):\n    loss = w * step\n    loss.backward()\n"
    )
    steps = [one.step for one in call.numbers]
    assert values(call) == [float(step) for step in steps if step is not None]
    assert 50 <= len(steps) <= 101 and steps[-1] == 999
    assert {after - before for before, after in itertools.pairwise(steps[:-1])} == {16}  # type: ignore[operator]
    [gap] = torch_cells.observer.gaps()
    assert gap.part == "losses" and gap.reason == f"of 1,000 steps {len(steps)} are kept"


def test_too_many_texts_are_one_series(torch_cells: Cells, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the name of each sample's file in a loop over samples."""
    monkeypatch.setattr(losses, "MOST_SERIES", 5)
    [call] = torch_cells.run(
        "w = torch.ones((), requires_grad=True)\nfor step in range(20):\n    path = f'{step}.png'\n    loss = w * step\n    loss.backward()\n"
    )
    assert values(call) == [float(step) for step in range(20)]
    assert [one.step for one in call.numbers] == list(range(20))


def test_what_is_no_plain_tensor_is_a_gap(torch_cells: Cells) -> None:
    calls = torch_cells.run(
        "class Own(torch.Tensor):\n    pass\nloss = (torch.ones(1, requires_grad=True) * 2).as_subclass(Own)\nloss.backward()\n"
    )
    assert calls == []
    [gap] = torch_cells.observer.gaps()
    assert "Own is not a plain tensor" in gap.reason


def test_a_loss_on_a_device_is_read_at_the_end(torch_cells: Cells) -> None:
    """Points that wait as tensors are read together; one that was changed in place afterwards is not."""
    import torch

    kept = [torch.tensor(float(step)) for step in range(3)] + [torch.tensor([4.0], dtype=torch.float64)]
    points = [(step, 0.0, tensor, tensor._version) for step, tensor in enumerate(kept)]
    kept[1].add_(10)
    assert list(losses._values(points)) == [0.0, None, 2.0, 4.0]


def test_a_backward_of_a_librarys_is_not_the_users(torch_cells: Cells) -> None:
    code = compile("def run(loss):\n    loss.backward()\n", "/x/site-packages/trainer.py", "exec")
    exec(code, torch_cells.names)
    assert torch_cells.run("run(torch.ones(1, requires_grad=True) * 2)") == []
