"""What torch's modules and optimizers tell about themselves, and that their bytes bring them back."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest
from parameters_of import settings
from sklearn.base import BaseEstimator

from jupyter_bioml.capture import model_examples, model_pickle, model_settings, models
from jupyter_bioml.journal.blobs import Blobs

pytestmark = pytest.mark.needs_torch
LIMIT = 1 << 30


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "blobs")


class Anything(BaseEstimator):  # type: ignore[misc]
    """An estimator with one parameter."""

    def __init__(self, thing: Any = None) -> None:
        self.thing = thing

    def fit(self, X: Any, y: Any) -> Anything:
        return self


def test_what_is_not_a_model(torch: Any) -> None:
    for value in (torch.optim.SGD([torch.ones(1)], lr=1), torch.ones(2)):
        assert not models.is_fitted(value) and not models.is_model(value)
        assert model_settings.candidates_table(value) is None


def test_its_flavor(torch: Any) -> None:
    scripted = torch.jit.script(torch.nn.Linear(1, 1))
    assert models.flavor(torch.nn.Linear(1, 1)) == models.flavor(scripted) == "pytorch"
    assert models.is_model(scripted) and not models.is_model(torch.nn.Sequential()), "nothing to train"


def test_how_values_are_shown(torch: Any) -> None:
    for thing, shown in ((torch.tensor(3), 3), (torch.ones(4), "Tensor of shape (4,)"), (torch.nn.ReLU(), "ReLU")):
        assert settings("e", Anything(thing))["e.thing"] == shown


def test_parameters_of_a_module(torch: Any) -> None:
    network = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Sequential(torch.nn.Linear(8, 1)))
    network[0].requires_grad_(False)
    assert settings("net", network) == {
        "net.class": "Sequential",
        "net.layers": 3,
        "net.parameters": 4 * 8 + 8 + 8 + 1,
        "net.trainable": 9,
    }
    lazy = settings("net", torch.nn.LazyLinear(2))
    assert lazy == {"net.class": "LazyLinear", "net.layers": 1}, "absent, not 0, before the first call"


def test_parameters_of_an_optimizer(torch: Any) -> None:
    network = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Linear(2, 1))
    optimizer = torch.optim.AdamW(network.parameters(), lr=0.01, betas=(0.8, 0.9), weight_decay=0.1)
    found = settings("opt", optimizer)
    assert found["opt.class"] == "AdamW" and found["opt.lr"] == 0.01 and found["opt.weight_decay"] == 0.1
    assert found["opt.betas"] == "(0.8, 0.9)" and "opt.params" not in found
    groups = [{"params": network[0].parameters(), "lr": 0.5}, {"params": network[1].parameters()}]
    found = settings("opt", torch.optim.SGD(groups, lr=torch.tensor(0.25), momentum=0.9))
    assert (found["opt.0.lr"], found["opt.1.lr"], found["opt.momentum"]) == (0.5, 0.25, 0.9) and "opt.lr" not in found
    schedule = torch.optim.SGD(network.named_parameters(), lr=1.0)
    torch.optim.lr_scheduler.StepLR(schedule, 1)
    assert settings("o", schedule)["o.initial_lr"] == 1.0
    assert not any("param_names" in name for name in settings("o", schedule))


def test_a_model_comes_back_bit_for_bit(torch: Any, blobs: Blobs) -> None:
    network = torch.nn.Linear(3, 2)
    again = pickle.loads(blobs.get(model_pickle.serialise(network, blobs, LIMIT)[0]))
    assert torch.equal(again(torch.ones(1, 3)), network(torch.ones(1, 3)))


def test_its_random_generator_is_not_touched(torch: Any, blobs: Blobs) -> None:
    network = torch.nn.Linear(2, 2)
    before = torch.get_rng_state().tolist()
    model_pickle.serialise(network, blobs, LIMIT)
    settings("m", network)
    models.is_model(network)
    model_examples.synthetic(torch.ones(30, 2))
    assert torch.get_rng_state().tolist() == before


def test_examples_are_in_the_form_of_the_tensor(torch: Any) -> None:
    tensor = torch.arange(120.0, requires_grad=True, dtype=torch.float64).reshape(40, 3)
    example = model_examples.synthetic(tensor)
    assert example.shape == (5, 3) and example.dtype == torch.float64 and not example.requires_grad
    assert not set(example.flatten().tolist()) & set(tensor.flatten().tolist())
    low, high = tensor.min(0).values, tensor.max(0).values
    assert bool(((example >= low) & (example <= high)).all())
    assert model_examples.synthetic(torch.rand(25, 1, 4, 4).half()).dtype == torch.float16
    tokens = model_examples.synthetic(torch.randint(0, 50, (30, 7)))
    assert tokens.dtype == torch.int64 and tokens.shape == (5, 7) and int(tokens.max()) < 50
    assert model_examples.synthetic(torch.ones(3, 2)).tolist() == [[0.0, 0.0]] * 5, "too few rows for a range"
    assert model_examples.synthetic(torch.tensor(1.0)) is None, "a number has no rows"
    assert torch.equal(model_examples.first_rows(tensor), tensor[:5]), "rows that the user names"
