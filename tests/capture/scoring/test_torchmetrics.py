"""torchmetrics: classes, whose every instance makes its own ``compute``, collections of them, and functions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .cells import Cells, told

pytestmark = pytest.mark.needs_torch


@pytest.fixture
def metrics() -> Iterator[Cells]:
    made = Cells()
    made.prepare(
        "import torch, torchmetrics\ntruth = torch.tensor([0, 1, 1, 0])\nguess = torch.tensor([0.2, 0.8, 0.4, 0.3])"
    )
    yield made
    made.observer.uninstall()


def test_a_metric_is_seen_when_it_is_called_and_when_it_is_computed(metrics: Cells) -> None:
    calls = metrics.run(
        "metric = torchmetrics.Accuracy(task='binary')\nshown = [metric(guess, truth)]\nmetric.update(1 - guess, truth)\nshown += [metric.compute(), metric.compute()]\n"
    )
    assert told(calls) == [("binary_accuracy", [""], "", [])] * 3
    assert [call.numbers[0].value for call in calls] == [float(one) for one in metrics.names["shown"]]
    assert [call.frames[0].place.position[0] for call in calls] == [2, 4, 4]


def test_a_metric_of_a_module_of_the_users(metrics: Cells) -> None:
    [call] = metrics.run(
        "class Net(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.auc = torchmetrics.AUROC(task='binary')\n"
        "    def forward(self, x):\n        return self.auc(x, truth)\nNet()(guess)\n"
    )
    assert call.short == "binary_auroc" and [level.place.function for level in call.frames] == [
        "Net.forward",
        "<module>",
    ]


def test_collections_and_functions(metrics: Cells) -> None:
    calls = metrics.run(
        "from torchmetrics import MetricCollection\nfrom torchmetrics.classification import BinaryAccuracy, BinaryAUROC, MulticlassF1Score\n"
        "from torchmetrics.functional import mean_squared_error\n"
        "both = MetricCollection([BinaryAccuracy(), BinaryAUROC()])\nboth(guess, truth)\nboth.compute()\n"
        "mean_squared_error(guess, truth)\nMulticlassF1Score(2, average=None)(truth, truth)\n"
    )
    assert told(calls) == [
        ("metric_collection", ["BinaryAccuracy", "BinaryAUROC"], "", []),
        ("metric_collection", ["BinaryAccuracy", "BinaryAUROC"], "", []),
        ("mean_squared_error", [""], "", []),
        ("multiclass_f1", ["0", "1"], "", []),
    ]


def test_matrices_and_curves_are_no_scores(metrics: Cells) -> None:
    calls = metrics.run(
        "from torchmetrics.classification import BinaryConfusionMatrix, BinaryROC, BinaryStatScores\nfrom torchmetrics.functional import confusion_matrix\n"
        "for each in (BinaryConfusionMatrix(), BinaryROC(), BinaryStatScores()):\n    each(guess, truth)\nconfusion_matrix(guess, truth, task='binary')\n"
    )
    assert calls == []


def test_values_on_a_gpu_are_not_read(metrics: Cells) -> None:
    """The device ``meta`` stands for one: reading it raises."""
    calls = metrics.run(
        "from torchmetrics.functional import mean_squared_error\nresult = mean_squared_error(guess.to('meta'), truth.to('meta'))\n"
    )
    assert calls == [] and metrics.names["result"].device.type == "meta"
    [gap] = metrics.observer.gaps()
    assert gap.part == "torchmetrics.functional.mean_squared_error" and "on the device meta" in gap.reason
