"""What a kernel keeps of the models that its cells fit: the cases of people whose model was dropped without a word."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cloudpickle
import pytest
from kernels import Kernel

from jupyter_bioml.records.run import RunRecord

Start = Callable[..., Kernel]
Reader = Callable[[], list[RunRecord]]


def kept(run: RunRecord, project: Path) -> Any:
    """The model of a run, from its blob."""
    assert run.model is not None and run.model.blob is not None, run.gaps
    return cloudpickle.loads((project / ".bioml/blobs" / run.model.blob[:2] / run.model.blob[2:]).read_bytes())


def test_statistics_own_classes_and_boosters_are_kept(start_kernel: Start, runs: Reader, project_dir: Path) -> None:
    kernel = start_kernel()
    kernel.run(
        "import numpy as np, pandas as pd, statsmodels.api as sm, lightgbm as lgb\n"
        "X = pd.DataFrame({'a': np.arange(40.)}); y = X.a * 2",
        timeout=120,
    )
    cells = (
        "%%experiment ols\nols = sm.OLS(y + np.sin(y), X).fit()\nr2 = ols.rsquared",
        "%%experiment klike\nclass KLike:\n"
        "    def fit(self, X, y, epochs=2): self.w = 1; return {'loss': [1.0, 0.5]}\n"
        "    def predict(self, X): return np.ones(len(X))\n"
        "kl = KLike(); hist = kl.fit(X, y, epochs=4); k_loss = hist['loss'][-1]",
        "%%experiment lgbtrain\nbst = lgb.train({'verbose': -1, 'num_threads': 1, 'min_data_in_leaf': 2},"
        " lgb.Dataset(X, label=y), 3)\nrm = float(np.mean(bst.predict(X)))",
    )
    for cell in cells:
        ran = kernel.run(cell)
        assert (ran.status, ran.stderr) == ("ok", ""), ran.error
    kernel.run("1")
    ols, klike, lgbtrain = runs()
    assert all(not run.gaps for run in (ols, klike, lgbtrain))
    assert kept(ols, project_dir).params["a"] == ols.values["ols.params.a"] and ols.params["ols.class"] == "OLS"
    assert len(kept(klike, project_dir).predict([1, 2])) == 2 and klike.model is not None and klike.model.name == "kl"
    assert kept(lgbtrain, project_dir).num_trees() == 3


@pytest.mark.needs_torch
def test_the_network_is_the_model_and_its_loss_is_not(start_kernel: Start, runs: Reader, project_dir: Path) -> None:
    kernel = start_kernel()
    kernel.run(
        "import torch\ntorch.manual_seed(0)\nnet = torch.nn.Linear(3, 1)\nloss_of = torch.nn.MSELoss()\n"
        "opt = torch.optim.SGD(net.parameters(), lr=0.1)\nx = torch.linspace(0, 1, 30).reshape(10, 3)",
        timeout=120,
    )
    step = "opt.zero_grad()\n    loss = loss_of(net(x), torch.ones(10, 1))\n    loss.backward()\n    opt.step()\n"
    kernel.run(f"%%experiment defined\ndef train(steps):\n  for _ in range(steps):\n    {step}  return loss.item()")
    kernel.run(f"%%experiment trained\nfor _ in range(5):\n    {step}final = loss.item()")
    kernel.run("%%experiment called\nfinal = train(2)")
    kernel.run("1")
    defined, trained, called = runs()
    assert (defined.model, defined.params, defined.gaps) == (None, {"seed.torch": 0}, ())
    assert trained.model is not None and trained.model.name == "net" and not trained.gaps
    assert kept(called, project_dir).in_features == 3 and called.params["opt.lr"] == 0.1


def test_auto_mode_makes_a_run_of_a_cell_that_calls_a_function_that_fits(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    kernel.run("%bioml auto on")
    kernel.run("from sklearn.linear_model import Ridge\nX, y = [[0.0], [1.0]], [0, 1]\nmodel = Ridge().fit(X, y)")
    kernel.run("def refit(target):\n    model.fit(X, target)")
    kernel.run("refit([0, 2])")
    kernel.run("p = model.predict(X)")
    first, defined, again, read = runs()
    assert (first.part_of, defined.part_of, again.part_of, read.part_of) == (None, None, None, again.record_id)
    assert again.model is not None and again.model.name == "model"


def test_every_model_of_a_run_is_known_as_its(start_kernel: Start, runs: Reader) -> None:
    """Auto mode joins a cell to the run that made the model it reads, whichever of several that is."""
    kernel = start_kernel()
    kernel.run("%bioml auto on")
    kernel.run("from sklearn.linear_model import Ridge\nX, y = [[0.0], [1.0]], [0, 1]")
    kernel.run(
        "models = {'a': Ridge(), 'b': Ridge(2)}\nfor m in models.values():\n    m.fit(X, y)\nfirst = models['a']"
    )
    kernel.run("p = first.predict(X)")
    kernel.run("%bioml auto off")
    _, fitted, read, *_ = runs()
    assert read.part_of == fitted.record_id


def test_no_row_of_the_training_data_is_stored_beside_the_model(
    start_kernel: Start, runs: Reader, project_dir: Path
) -> None:
    kernel = start_kernel()
    kernel.run(
        "import numpy as np, pandas as pd\nfrom sklearn.linear_model import Ridge\n"
        "rows = pd.DataFrame({'age': np.arange(40) + 0.123456789, 'name': [f'Patient-{i}' for i in range(40)]})\n"
        "class Mean:\n    def fit(self, X, y): self.m = float(np.mean(y)); return self\n"
        "    def predict(self, X): return np.full(len(X), self.m)",
        timeout=120,
    )
    kernel.run("%%experiment plain\nm = Mean()\nm.fit(rows, rows['age'])")
    kernel.run("%%experiment named --example rows\nm = Mean()\nm.fit(rows, rows['age'])")
    kernel.run("1")
    plain, named = runs()
    assert plain.model is not None and named.model is not None
    assert plain.model.sample_source == "synthetic: 5 rows within the ranges of rows (40 rows)"
    assert named.model.sample_source == "the first 5 rows of rows, named by --example"
    holding = [
        path.name
        for path in (project_dir / ".bioml/blobs").rglob("*")
        if path.is_file() and b"Patient-" in path.read_bytes()
    ]
    assert holding == [str(named.model.sample_blob)[2:]], "only the rows that the user named"
