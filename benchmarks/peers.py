"""The other experiment trackers, each used as its own manual says, offline, writing to the local disk.

A peer that is not installed is named as such and never gets a number.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from .kernels import CellFailed, Kernel, kernel, workplace

PARAMETERS = '{"lr": 0.1, "depth": 3, "rounds": 10}'
METRICS = '{"auc": 0.91, "f1": 0.83, "loss": 0.31}'


@dataclass(frozen=True)
class Peer:
    """How one peer does what we measure; every text is code of a cell.

    :param load: what makes it ready to be used.
    :param setup: once, before the first run.
    :param run: one run with three parameters and three metrics; ``i`` is its number.
    :param log_setup: opens the run in which ``log`` is called; ``log_end`` ends it.
    :param log: logs one value, the number ``i``.
    """

    name: str
    distribution: str
    load: str
    run: str
    log_setup: str
    log: str
    log_end: str
    setup: str = "pass"
    env: dict[str, str] = field(default_factory=dict)

    @property
    def version(self) -> str | None:
        """The installed version; None when it is not installed."""
        try:
            return version(self.distribution)
        except PackageNotFoundError:
            return None


PEERS = (
    Peer(
        "MLflow",
        "mlflow",
        load="import mlflow",
        setup="import os\nmlflow.set_tracking_uri('sqlite:///' + os.path.abspath('peer.db'))\n"
        "mlflow.set_experiment('b')",
        run=f"with mlflow.start_run():\n    mlflow.log_params({PARAMETERS})\n    mlflow.log_metrics({METRICS})",
        log_setup="run = mlflow.start_run()",
        log='mlflow.log_metric("loss", 0.5, step=i)',
        log_end="mlflow.end_run()",
    ),
    Peer(
        "W&B offline",
        "wandb",
        load="import wandb",
        run=f'run = wandb.init(project="b", config={PARAMETERS})\nrun.log({METRICS})\nrun.finish()',
        log_setup='run = wandb.init(project="b")',
        log='run.log({"loss": 0.5}, step=i)',
        log_end="run.finish()",
        env={"WANDB_MODE": "offline", "WANDB_SILENT": "true", "WANDB_API_KEY": "0" * 40, "WANDB_CONSOLE": "off"},
    ),
    Peer(
        "DVCLive",
        "dvclive",
        load="from dvclive import Live",
        run='with Live(dir="live-" + str(i), save_dvc_exp=False, dvcyaml=None) as live:\n'
        f"    live.log_params({PARAMETERS})\n"
        f"    for key, value in {METRICS}.items():\n        live.log_metric(key, value)",
        log_setup='live = Live(dir="live-log", save_dvc_exp=False, dvcyaml=None)',
        log='live.log_metric("loss", 0.5)',
        log_end="live.end()",
    ),
    Peer(
        "trackio",
        "trackio",
        load="import trackio",
        run=f'run = trackio.init(project="b", name=str(i), config={PARAMETERS})\nrun.log({METRICS})\nrun.finish()',
        log_setup='run = trackio.init(project="b", name="log")',
        log='run.log({"loss": 0.5}, step=i)',
        log_end="run.finish()",
    ),
    Peer(
        "Comet offline",
        "comet_ml",
        load="import comet_ml",
        run='experiment = comet_ml.OfflineExperiment(project_name="b", workspace="w", offline_directory="comet")\n'
        f"experiment.log_parameters({PARAMETERS})\nexperiment.log_metrics({METRICS})\nexperiment.end()",
        log_setup='experiment = comet_ml.OfflineExperiment(project_name="b", workspace="w", offline_directory="comet")',
        log='experiment.log_metric("loss", 0.5, step=i)',
        log_end="experiment.end()",
        env={"COMET_LOGGING_CONSOLE": "error", "COMET_DISABLE_AUTO_LOGGING": "1", "COMET_API_KEY": "0" * 25},
    ),
    Peer(
        "sklearn-evaluation",
        "sklearn-evaluation",
        load="from sklearn_evaluation import SQLiteTracker",
        setup='tracker = SQLiteTracker("peer.db")',
        run=f"run = tracker.new_experiment()\nrun.log_dict({PARAMETERS})\nrun.log_dict({METRICS})",
        log_setup="run = tracker.new_experiment()",
        log='run.log("loss", 0.5)',
        log_end="pass",
        env={"PLOOMBER_STATS_ENABLED": "false"},
    ),
)


def ask_each(ask: Callable[[Peer, Kernel, Path], float], *, prepared: bool = True) -> dict[str, float | str]:
    """``ask`` of every installed peer in a fresh kernel of its own; what it says instead, where it fails."""
    return {peer.name: _ask(peer, ask, prepared) for peer in PEERS}


def _ask(peer: Peer, ask: Callable[[Peer, Kernel, Path], float], prepared: bool) -> float | str:
    if peer.version is None:
        return "not installed"
    with workplace() as folder, kernel(folder, peer.env) as fresh:
        try:
            if prepared:
                fresh.run(f"{peer.load}\n{peer.setup}")
            return ask(peer, fresh, folder)
        except (CellFailed, queue.Empty) as error:
            return f"failed: {str(error)[:60] or 'no answer'}"


def installed() -> Iterator[tuple[str, str]]:
    """``(name, version)`` of the peers that are here."""
    for peer in PEERS:
        if peer.version is not None:
            yield peer.name, peer.version
