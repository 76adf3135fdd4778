"""How long do the default gates of a version take: asked for the first time, again, after an approval, at a promotion?

Each command is a process of its own, as in a terminal; its processor time, with that of all that it starts, is beside
the time on the clock. The version is a scikit-learn model with an input example, data, predictions and a verdict.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from .figures import Figure, median
from .kernels import workplace

FIRST, AGAIN, PROMOTED = 10.0, 500.0, 2.0
#: Seconds until a file that was just written counts as unchanged (the grain of file systems' clocks, and more).
SETTLED = 3.0
MODEL = "measured"


def measure(quick: bool) -> list[Figure]:
    """The gates of one version of a project with a local database."""
    with workplace() as root:
        environment = {**os.environ, "BIOML_PUBLISH": "off", "XDG_STATE_HOME": str(root.parent / "state")}
        _fill(root)
        gates, count = ["gates", MODEL, "--to", "champion"], 1 if quick else 5
        first = [_once(root, environment, gates, fresh=True) for _ in range(count)]
        time.sleep(SETTLED)
        again = [_once(root, environment, gates) for _ in range(count)]
        _once(root, environment, ["approve", MODEL, "--meaning", "approval", "--reason", "measured"])
        time.sleep(SETTLED)
        approved = [_once(root, environment, gates) for _ in range(count)]
        figures = [
            _figure("default gates, first time", "s", first, FIRST),
            _figure("default gates, asked before", "ms", again, AGAIN),
            _figure("default gates, after an approval", "ms", approved, AGAIN),
        ]
        _begin_resident(environment)
        promote = ["promote", f"{MODEL}@2", "--to", "champion"]
        promoted = []
        for _ in range(count):
            promoted.append(_once(root, environment, promote))
            _once(root, environment, ["rollback", MODEL, "--alias", "champion"])
        return [*figures, _figure("bioml promote, gates asked before, MLflow loaded", "s", promoted, PROMOTED)]


def _figure(what: str, unit: str, taken: list[tuple[float, float]], budget: float) -> Figure:
    scale = 1.0 if unit == "s" else 1e3
    clock, cpu = (median([one[place] for one in taken]) * scale for place in (0, 1))
    note = f"{cpu:.{1 if unit == 's' else 0}f} {unit} of processor time, medians of {len(taken)}"
    return Figure(what, unit, clock, budget, note=note)


def _once(root: Path, environment: dict[str, str], arguments: list[str], *, fresh: bool = False) -> tuple[float, float]:
    """Seconds on the clock and of processor time; a refusal counts as an answer.

    :param fresh: what was kept is deleted first.
    """
    if fresh:
        shutil.rmtree(root / ".bioml" / "state", ignore_errors=True)
    command: Any = [sys.executable, "-m", "jupyter_bioml.cli", *arguments]
    began, before = time.perf_counter(), os.times()
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    clock, after = time.perf_counter() - began, os.times()
    if done.returncode > 1 or "error:" in done.stderr:
        raise RuntimeError(done.stderr[-1000:])
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return clock, used


def _begin_resident(environment: dict[str, str]) -> None:
    """Start the process that has MLflow loaded, as what is published would, where the commands look for it."""
    begin = "import os\nfrom jupyter_bioml.processes.programs import run\nrun('this', [], dict(os.environ))"
    subprocess.run([sys.executable, "-P", "-c", begin], env=environment, check=True)


def _fill(root: Path) -> None:
    """A repository with two versions of a model, of which the first holds the alias."""
    (root / "data.csv").write_text("a,b\n1,2\n")
    (root / ".gitignore").write_text(".bioml\n")
    (root / "diagnosis.ipynb").write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [
        {"id": "c1", "cell_type": "code", "source": "fit()", "metadata": {}, "outputs": [], "execution_count": None}
    ]}))  # fmt: skip
    names = "intended_use", "out_of_scope", "data", "owner", "limits"
    (root / "bioml-card.yaml").write_text("version: 1\n" + "".join(f"{name}: measured\n" for name in names))
    identity = ("-c", "user.name=bench", "-c", "user.email=bench@localhost")
    for arguments in (("init", "-q"), ("add", "."), (*identity, "commit", "-q", "-m", "measured")):
        subprocess.run(["git", *arguments], cwd=root, check=True)
    os.environ.pop("MLFLOW_TRACKING_URI", None)
    with tempfile.TemporaryDirectory() as folder:
        model = _model(Path(folder))
        for seed, wrong in ((1, 0.3), (2, 0.1)):
            _version(root, model, seed, wrong)


def _model(folder: Path) -> Path:
    import mlflow
    import pandas
    from sklearn.linear_model import LogisticRegression

    rows = pandas.DataFrame({"a": [0.0, 1.0, 2.0, 3.0], "b": [1.0, 0.0, 1.0, 0.0]})
    fitted = LogisticRegression().fit(rows, [0, 0, 1, 1])
    signature = mlflow.models.infer_signature(rows, fitted.predict(rows))
    target = str(folder / "model")
    mlflow.sklearn.save_model(fitted, target, signature=signature, input_example=rows[:2], pip_requirements=[])
    return folder / "model"


def _version(root: Path, model: Path, seed: int, wrong: float) -> None:
    from jupyter_bioml.audit.log import AuditLog
    from jupyter_bioml.config import destination, find_project
    from jupyter_bioml.records.run import Code, DataUse, Git, RunRecord
    from jupyter_bioml.records.wire import to_dict
    from jupyter_bioml.store.base import RECORD_ID, VERDICT, VERDICT_AT, VERDICT_ENVIRONMENT
    from jupyter_bioml.store.mlflow_store import MlflowStore

    project = find_project(root)
    store, data = MlflowStore(destination(project).uri), root / "data.csv"
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, check=True, capture_output=True, text=True).stdout
    record = RunRecord(
        record_id=os.urandom(16).hex(), session="s", seq=1, mark="magic", status="FINISHED", started=time.time() - 60,
        ended=time.time() - 50, name="fit", user="bench", code=Code("fit()", "c1", "diagnosis.ipynb", "front-end", 1),
        data=(DataUse("data.csv", "read", path=str(data), digest=hashlib.md5(data.read_bytes()).hexdigest()),),
        git=Git(commit.strip(), "main", None, str(root), False), predictions=(_predictions(project, seed, wrong),),
    )  # fmt: skip
    experiment, _ = store.open_experiment("diagnosis.ipynb")
    run_id = store.create_run(experiment, "fit", record.started, {RECORD_ID: record.record_id})
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "bioml", "record.json")
        file.parent.mkdir()
        file.write_text(json.dumps(to_dict(record)))
        store.add_artifacts(run_id, Path(folder))
    copy = shutil.copytree(model, model.with_name(f"copy{seed}"))
    store.add_model(run_id, copy, {RECORD_ID: record.record_id})
    AuditLog.of(project).append("verdict", "run", run_id, new={"verdict": "REPRODUCED", "environment": "locked"})
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    store.write(run_id, tags={VERDICT: "REPRODUCED", VERDICT_AT: at, VERDICT_ENVIRONMENT: "locked"})
    version = store.register_model(run_id, MODEL)
    if version.version == "1":
        store.set_alias(MODEL, "1", "champion")


def _predictions(project: Any, seed: int, wrong: float) -> Any:
    import numpy
    import pandas

    from jupyter_bioml.journal.blobs import Blobs
    from jupyter_bioml.records.run import Predictions

    rows = 400
    truth = numpy.random.default_rng(0).integers(0, 3, rows)
    predicted = numpy.where(numpy.random.default_rng(seed).random(rows) < wrong, (truth + 1) % 3, truth)
    sink = io.BytesIO()
    table = pandas.DataFrame({"key": range(rows), "y_true": truth, "y_pred": predicted})
    table.to_parquet(sink)
    return Predictions("test", Blobs(project.blobs).put(sink.getvalue()), rows, tuple(table.columns), "parquet")
