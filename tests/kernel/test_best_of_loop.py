"""A start value that a loop raises is a result, not a parameter."""

from __future__ import annotations

from collections.abc import Callable

from kernels import Kernel

from jupyter_bioml.records.run import RunRecord

Start = Callable[..., Kernel]
Reader = Callable[[], list[RunRecord]]

START = "import math, numpy as np\naccs = tuple(np.array([0.5, 0.75, 0.625]))\nbest_acc = 0.0"
#: Cell → its metrics; none of their names is a parameter.
CELLS = {
    "best = 0.0\nfor acc in accs:\n    if acc > best:\n        best = acc": {"best": 0.75},
    "best_auc = 0.0\nfor v in accs:\n    best_auc = max(best_auc, v)": {"best_auc": 0.75},
    "best_loss = float('inf')\nfor v in accs:\n    if v < best_loss:\n        best_loss = v": {"best_loss": 0.5},
    "best_loss = math.inf\ni = 0\nwhile i < 3:\n    best_loss = min(best_loss, accs[i])\n    i += 1": {
        "best_loss": 0.5
    },
    "best_f1 = 0.0\nfor v in accs:\n    if (f1 := v / 2) > best_f1:\n        best_f1 = f1": {"best_f1": 0.375},
    "total_loss = 0\nfor v in accs:\n    total_loss += v": {},  # a running sum depends on how many were summed
    "def search():\n    best_mcc = 0.0\n    for v in accs:\n        best_mcc = max(best_mcc, v)\n    return best_mcc\n"
    "best_mcc = search()": {"best_mcc": 0.75},
    "with np.errstate(all='ignore'):\n    best_dice = -1\n    for v in accs:\n        best_dice = np.maximum(best_dice, v)": {
        "best_dice": 0.75
    },
    "best_iou = 0.0\nfor v in (-1.0, -2.0):\n    best_iou = max(best_iou, v)": {"best_iou": 0.0},
    "for v in accs:\n    best_acc = max(best_acc, v)": {"best_acc": 0.75},
    "recall = best_acc + 0.0": {"recall": 0.75},
}


def test_the_end_value_counts_and_the_start_is_no_parameter(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    kernel.run(START)
    for number, source in enumerate(CELLS):
        assert kernel.run(f"%%experiment r{number}\n{source}").status == "ok"
    kernel.run("%%experiment fixed\nrounds = 3\nfor i in range(rounds):\n    loss = 0.5 / (i + 1)")
    kernel.close()
    *found, fixed = runs()
    for run, (source, metrics) in zip(found, CELLS.items(), strict=True):
        kept = {key: value for key, value in run.latest().items() if key != "f1"}
        assert kept == metrics, source
        assert not {"best", "best_acc", "total_loss", *metrics} & run.params.keys(), source
    assert fixed.params["rounds"] == 3, "what a loop only reads stays a parameter"


MODELS = (
    "import numpy as np\nfrom sklearn.linear_model import LogisticRegression\nrng = np.random.default_rng(0)\n"
    "X = rng.normal(size=(60, 2))\ny = (X[:, 0] + rng.normal(size=60) > 0).astype(int)"
)
LOOP = "best = 0.0\nfor c in (0.001, 1.0, 0.01):\n    m = LogisticRegression(C=c).fit(X, y)\n"


def test_the_best_of_several_scoring_calls_is_a_score_whatever_its_name(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    kernel.run(MODELS)
    kernel.run(f"%%experiment a\n{LOOP}    acc = m.score(X, y)\n    if acc > best:\n        best = acc")
    kernel.run(f"%%experiment b\n{LOOP}    if (acc := m.score(X, y)) > best:\n        best = acc")
    kernel.run(
        "%%experiment c\ndef search():\n    top = 0.0\n    for c in (0.001, 1.0, 0.01):\n"
        "        acc = LogisticRegression(C=c).fit(X, y).score(X, y)\n        top = max(top, acc)\n    return top\n"
        "best = search()"
    )
    kernel.close()
    for run in runs():
        points = [metric.value for metric in run.metrics if metric.key == "acc"]
        assert run.latest()["best"] == max(points) != points[-1]
        assert next(score.origin for score in run.scores if score.key == "best") == "returned"
        assert "best" not in run.params
