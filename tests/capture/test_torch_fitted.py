"""Which torch module a cell trained: not its loss, not one that it only reads, not one whose training is only defined."""

from __future__ import annotations

from typing import Any

import pytest
from cells_of import Cells, reasons

pytestmark = pytest.mark.needs_torch

SETUP = (
    "import torch\ntorch.manual_seed(0)\nx = torch.linspace(0, 1, 30).reshape(10, 3); t = torch.ones(10, 1)\n"
    "net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Linear(4, 1))\nloss_of = torch.nn.MSELoss()\n"
    "weighted = torch.nn.CrossEntropyLoss(weight=torch.ones(3))\n"
    "opt = torch.optim.SGD(net.parameters(), lr=0.1)\n"
)
STEP = "    opt.zero_grad()\n    loss = loss_of(net(x), t)\n    loss.backward()\n    opt.step()\n"
TRAIN = f"def train(steps):\n  for _ in range(steps):\n{STEP}  return loss.item()\n"


@pytest.fixture
def cells(torch: Any) -> Cells:
    return Cells(SETUP)


def test_the_loss_is_not_the_model(cells: Cells) -> None:
    found = cells.run(f"for _ in range(3):\n{STEP}final = loss.item()\nw = weighted")
    assert (found.model, found.models, reasons(found)) == ("net", ["net"], [])
    assert found.params["opt.lr"] == 0.1 and not any(key.startswith(("loss_of.", "weighted.")) for key in found.params)


def test_what_is_only_defined_trains_nothing(cells: Cells) -> None:
    found = cells.run(TRAIN)
    assert (found.model, found.models, found.params, reasons(found)) == (None, [], {}, [])
    again = cells.run("with torch.no_grad():\n    error = loss_of(net(x), t).item()")
    assert (again.model, again.models, again.params) == (None, [], {})


def test_a_training_function_counts_where_it_is_called(cells: Cells) -> None:
    cells.run(TRAIN)
    found = cells.run("final = train(3)")
    assert (found.model, found.models, found.params["opt.lr"]) == ("net", ["net"], 0.1)
    both = cells.run(TRAIN + "final = train(2)")
    assert (both.model, reasons(both)) == ("net", [])


def test_a_trainer_of_the_notebook(cells: Cells) -> None:
    cells.run(
        "class Trainer:\n  def __init__(self, model, opt): self.model, self.opt = model, opt\n"
        "  def run(self):\n    loss = loss_of(self.model(x), t); self.opt.zero_grad(); loss.backward(); self.opt.step()\n"
        "  def evaluate(self):\n    return loss_of(self.model(x), t).item()\n"
        "trainer = Trainer(net, opt)"
    )
    assert cells.run("trainer.run(); p = net(x)").models == ["net"]
    assert cells.run("e = trainer.evaluate(); p = net(x)").models == []


def test_everything_in_one_cell(torch: Any) -> None:
    found = Cells().run(SETUP + f"for _ in range(3):\n{STEP}")
    assert (found.model, found.models, reasons(found)) == ("net", ["net"], [])


def test_of_two_networks_the_trained_one(cells: Cells) -> None:
    cells.run("teacher = torch.nn.Linear(3, 1)\nteacher(x).sum().backward()")
    distil = STEP.replace("t)", "teacher(x).detach())")
    found = cells.run(f"for _ in range(2):\n{distil}")
    assert (found.model, found.models, reasons(found)) == ("net", ["net"], [])


def test_gradients_cleared_at_the_end_and_a_fused_optimizer(cells: Cells) -> None:
    found = cells.run(f"for _ in range(2):\n{STEP}    opt.zero_grad()")
    assert found.model == "net"
    cells.run("opt = torch.optim.Adam(net.parameters(), lr=0.5, fused=True)")
    assert cells.run(f"for _ in range(2):\n{STEP}").models == ["net"], "fused steps count no versions"


def test_a_generator_and_its_judge_are_two_models(cells: Cells) -> None:
    cells.run("judge = torch.nn.Linear(1, 1)\nother = torch.optim.SGD(judge.parameters(), lr=0.1)")
    found = cells.run("loss = judge(net(x)).sum()\nloss.backward()\nopt.step(); other.step()")
    assert sorted(found.models) == ["judge", "net"] and "2 models were fitted" in reasons(found)[0]


def test_a_network_within_an_own_wrapper_is_the_wrappers(cells: Cells) -> None:
    cells.run(
        "class Wrap:\n  def __init__(self): self.net = net\n"
        "  def fit(self, x, y):\n    loss_of(self.net(x), y).backward(); opt.step()\n"
        "  def predict(self, x): return self.net(x)\n"
    )
    found = cells.run("wrap = Wrap()\nwrap.fit(x, t)\np = net(x)")
    assert (found.model, reasons(found)) == ("wrap", [])


def test_an_untrained_network_has_settings_and_is_not_kept(cells: Cells) -> None:
    found = cells.run("fresh = torch.nn.Linear(3, 2)\nopt2 = torch.optim.SGD(fresh.parameters(), lr=0.3)")
    assert (found.model, found.models, reasons(found)) == (None, [], [])
    assert found.params["fresh.parameters"] == 8 and "opt2.lr" not in found.params


def test_the_step_of_an_environment_trains_nothing(cells: Cells) -> None:
    cells.run(f"for _ in range(2):\n{STEP}")
    found = cells.run("class World:\n  def step(self, action): return 1\nworld = World()\nreward = world.step(net(x))")
    assert (found.model, found.models, reasons(found)) == (None, [], [])
