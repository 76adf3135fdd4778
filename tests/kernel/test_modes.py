"""Auto mode, late output, help and completion, searches and torch: in real kernels."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from kernels import Kernel

from jupyter_bioml.records.run import RunRecord

Start = Callable[..., Kernel]
Reader = Callable[[], list[RunRecord]]


def completions(kernel: Kernel, code: str) -> list[str]:
    kernel.client.complete(code)
    matches: list[str] = kernel.client.get_shell_msg(timeout=30)["content"]["matches"]
    return matches


def test_auto_mode_joins_a_cell_that_only_reads_the_model(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    assert "every cell becomes a run" in kernel.run("%bioml auto on").stdout
    kernel.run("from sklearn.linear_model import Ridge\nX, y = [[0.0], [1.0]], [0, 1]")
    kernel.run("model = Ridge().fit(X, y)")
    kernel.run("r2 = model.score(X, y)")
    kernel.run("%bioml auto off")
    kernel.run("unmarked = 1")
    assert [run.mark for run in runs()] == ["auto", "auto", "auto", "auto"]
    _, fit, score, _ = runs()
    assert score.part_of == fit.record_id
    assert set(score.latest()) == {"r2"}


def test_output_of_a_thread_after_the_end_belongs_to_the_cell_that_started_it(
    start_kernel: Start, runs: Reader
) -> None:
    kernel = start_kernel()
    kernel.run(
        "%%experiment one\nimport threading\ngo = threading.Event()\n"
        "def late():\n    go.wait(30)\n    print('from the thread')\n"
        "t = threading.Thread(target=late); t.start()\nprint('from the cell')"
    )
    kernel.run("%%experiment two\ngo.set(); t.join()\nprint('from the second')")
    one, two = runs()
    assert "".join(output.text or "" for output in one.outputs if not output.after_end) == "from the cell\n"
    assert "".join(output.text or "" for output in one.outputs if output.after_end) == "from the thread\n"
    assert [output.text for output in two.outputs] == ["from the second\n"]


def test_help_and_completion(start_kernel: Start) -> None:
    kernel = start_kernel()
    asked = kernel.client.inspect("%bioml", reply=True, timeout=30)["content"]
    assert "%bioml register [RUN] NAME" in asked["data"]["text/plain"]
    asked = kernel.client.inspect("%%experiment", reply=True, timeout=30)["content"]
    assert "--predictions" in asked["data"]["text/plain"]
    assert {"status", "register", "compare"} <= set(completions(kernel, "%bioml "))
    assert {"off", "on"} <= set(completions(kernel, "%bioml auto "))
    assert any("--metrics" in match for match in completions(kernel, "%%experiment --me"))


def test_a_search_leaves_a_table_of_its_candidates(start_kernel: Start, runs: Reader, project_dir: object) -> None:
    kernel = start_kernel()
    ran = kernel.run(
        "%%experiment\nfrom sklearn.linear_model import Ridge\nfrom sklearn.model_selection import GridSearchCV\n"
        "import numpy as np\nX = np.arange(20.0).reshape(-1, 1); y = X[:, 0] * 2\n"
        "search = GridSearchCV(Ridge(), {'alpha': [0.1, 1.0, 10.0]}, cv=2).fit(X, y)\nbest = search.best_score_\n"
    )
    assert ran.status == "ok", ran.error
    (run,) = runs()
    assert [artifact.path for artifact in run.artifacts] == ["search.candidates.csv"]
    assert run.params["search.estimator__alpha"] == 1.0
    assert "best" in run.latest()


@pytest.mark.needs_torch
def test_a_torch_loop_written_by_hand(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    kernel.run(
        "import torch\nnet = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 1))\n"
        "opt = torch.optim.Adam(net.parameters(), lr=0.01)",
        timeout=120,
    )
    ran = kernel.run(
        "%%experiment\nimport jupyter_bioml as bioml\ntorch.manual_seed(4)\nX = torch.rand(16, 3)\n"
        "for step in range(3):\n    opt.zero_grad()\n    loss = net(X).pow(2).mean()\n    loss.backward()\n    opt.step()\n"
        "    bioml.log(loss=loss, step=step)\nfinal = loss.item()\n",
        timeout=120,
    )
    assert ran.status == "ok", ran.error
    kernel.run("1")
    (run,) = runs()
    assert run.params["opt.lr"] == 0.01
    assert run.params["seed.torch"] == 4
    assert run.params["net.parameters"] == 3 * 4 + 4 + 4 + 1
    assert [metric.step for metric in run.metrics if metric.key == "loss"] == [0, 1, 2]
    assert run.model is not None
    assert run.model.flavor == "pytorch"


def test_magics_answer_in_the_notebook(start_kernel: Start) -> None:
    kernel = start_kernel()
    kernel.run("%%experiment first\nx = len('abc') / 4")
    kernel.run("%%experiment second\nx = len('abc') / 2")
    assert "tracking on" in kernel.run("%bioml status").stdout
    listed = kernel.run("%bioml runs").stdout
    assert listed.index("second") < listed.index("first")
    shown = kernel.run("%bioml show").displays[0]
    assert "second" in shown["text/plain"]
    refused = kernel.run("%bioml register my-model")
    assert refused.status == "error" or "has no model" in refused.stderr
    unknown = kernel.run("%bioml fly")
    assert "has no command 'fly'" in unknown.stderr + "".join(unknown.traceback)
