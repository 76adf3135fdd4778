"""A small study for the gates: a git repository with a notebook and data, runs with models and predictions."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy
import pandas
from user_git import git

from jupyter_bioml.audit.event import Event
from jupyter_bioml.audit.log import AuditLog
from jupyter_bioml.config import Project, destination, find_project
from jupyter_bioml.journal.blobs import Blobs
from jupyter_bioml.promote.card import FIELDS
from jupyter_bioml.promote.card import FILE as CARD
from jupyter_bioml.promote.desk import Promotions
from jupyter_bioml.promote.policy import FILE as POLICY
from jupyter_bioml.records.run import Code, DataUse, Git, Metric, Module, PriorCell, RunRecord
from jupyter_bioml.records.wire import to_dict
from jupyter_bioml.store.base import RECORD_ID, VERDICT, Store, StoredVersion

NOTEBOOK = "diagnosis.ipynb"
CELLS = {"c1": "import pandas", "c2": "frame = pandas.read_csv('data.csv')", "c3": "model = fit(frame)"}
#: Gates that ask for nothing but a record.
EASY = "version: 1\naliases:\n  champion:\n    metrics: {thresholds: {auc: {min: 0.8}}}\n"
MODEL = "tumour grade"


class World:
    """A project, a store, and versions of one model."""

    def __init__(self, root: Path, store: Store, model_folder: Path) -> None:
        self.root = root
        self.store = store
        self.project: Project = find_project(root)
        self.target = destination(self.project)
        self.blobs = Blobs(self.project.blobs)
        self._model_folder = model_folder
        self.write_notebook(CELLS)
        (root / "data.csv").write_text("a,b\n1,2\n")
        (root / "fitting.py").write_text("def fit(frame): ...\n")
        (root / ".gitignore").write_text(".bioml\n")
        git(root, "init", "-q", "-b", "main")
        git(root, "add", ".")
        git(root, "commit", "-q", "-m", "study")
        self.write_card()

    # -- files -----------------------------------------------------------------------------------

    def write_notebook(self, cells: dict[str, str]) -> None:
        document = {
            "nbformat": 4, "nbformat_minor": 5, "metadata": {},
            "cells": [
                {"id": key, "cell_type": "code", "source": text, "metadata": {}, "outputs": [], "execution_count": None}
                for key, text in cells.items()
            ],
        }  # fmt: skip
        (self.root / NOTEBOOK).write_text(json.dumps(document))

    def write_card(self, **texts: str) -> None:
        lines = {name: f"words about {name}" for name in FIELDS} | texts
        (self.root / CARD).write_text("version: 1\n" + "".join(f"{k}: {json.dumps(v)}\n" for k, v in lines.items()))

    def write_policy(self, text: str) -> None:
        (self.root / POLICY).write_text(text)

    def only(self, gate: str, options: str = "{}") -> None:
        """A policy with one gate."""
        self.write_policy(f"version: 1\naliases:\n  champion:\n    {gate}: {options}\n")

    # -- runs ------------------------------------------------------------------------------------

    def record(self, **changes: Any) -> RunRecord:
        """A run as the publisher left it, everything in order."""
        data = (self.root / "data.csv").read_bytes()
        code = (self.root / "fitting.py").read_bytes()
        before = tuple(
            PriorCell(os.urandom(16).hex(), number, CELLS[key], key, number + 1)
            for number, key in enumerate(("c1", "c2"), 1)
        )
        record = RunRecord(
            record_id=os.urandom(16).hex(), session="s", seq=3, mark="magic", status="FINISHED",
            started=time.time() - 60, ended=time.time() - 50, name="fit", user="ada",
            code=Code(CELLS["c3"], "c3", NOTEBOOK, "front-end", 4),
            metrics=(Metric("auc", 0.91),),
            data=(DataUse("data.csv", "read", path=str(self.root / "data.csv"), digest=hashlib.md5(data).hexdigest()),),
            git=Git(git(self.root, "rev-parse", "HEAD"), "main", None, str(self.root), False),
            modules=(Module("fitting", "fitting.py", self.blobs.put(code), len(code)),),
            before=before,
        )  # fmt: skip
        return dataclasses.replace(record, **changes)

    def predictions(self, wrong: float = 0.2, rows: int = 400, seed: int = 1, **columns: Any) -> Any:
        """A table of predicted labels of which a part is wrong, as a record has it."""
        from jupyter_bioml.records.run import Predictions

        truth = numpy.random.default_rng(0).integers(0, 3, rows)
        generator = numpy.random.default_rng(seed)
        predicted = numpy.where(generator.random(rows) < wrong, (truth + 1) % 3, truth)
        table = pandas.DataFrame({"key": range(rows), "y_true": truth, "y_pred": predicted, **columns})
        sink = io.BytesIO()
        table.to_parquet(sink)
        return Predictions("test", self.blobs.put(sink.getvalue()), rows, tuple(table.columns), "parquet")

    def publish(self, record: RunRecord, *, verdict: bool = True, model: Path | None = None) -> str:
        """The record as a run of the store, with its model; returns the run id."""
        experiment, _ = self.store.open_experiment(NOTEBOOK)
        run_id = self.store.create_run(experiment, "fit", record.started, {RECORD_ID: record.record_id})
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder, "bioml", "record.json")
            target.parent.mkdir()
            target.write_text(json.dumps(to_dict(record)))
            self.store.add_artifacts(run_id, Path(folder))
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder, "model")
            subprocess.run(["cp", "-r", str(model or self._model_folder), str(copy)], check=True)
            self.store.add_model(run_id, copy, {RECORD_ID: record.record_id})
        self.store.write(run_id, metrics=record.metrics)
        if verdict:
            self.say_verdict(run_id)
        return run_id

    def say_verdict(self, run_id: str, verdict: str = "REPRODUCED", days: float = 0.0, env: str = "locked") -> None:
        """The tags and the event that ``reproduce`` leaves."""
        AuditLog.of(self.project).append("verdict", "run", run_id, new={"verdict": verdict, "environment": env})
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - days * 86400))
        tags = {VERDICT: verdict, f"{VERDICT}.at": at, f"{VERDICT}.environment": env, f"{VERDICT}.run": "ab" * 16}
        self.store.write(run_id, tags=tags)

    def version(self, record: RunRecord | None = None, **options: Any) -> StoredVersion:
        """A registered version of a run."""
        run_id = self.publish(record or self.record(), **options)
        return self.store.register_model(run_id, MODEL)

    # -- promoting -------------------------------------------------------------------------------

    @property
    def desk(self) -> Promotions:
        return Promotions(self.project, self.target, lambda: self.store)

    def gate(self, name: str, options: str = "{}", version: str = "") -> Any:
        """What one gate says of a version (default: the newest)."""
        self.only(name, options)
        (result,) = self.desk.gates(MODEL + version, "champion").gates
        assert result.gate == name
        return result

    def actions(self) -> list[str]:
        """What the audit log tells besides verdicts, in order."""
        return [event.action for event in self.events()]

    def events(self) -> list[Event]:
        """Those events."""
        return [event for event in AuditLog.of(self.project).events() if event.action != "verdict"]
