"""A synthetic journal, a project over it, and the commands called on it."""

from __future__ import annotations

import json
import os
import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from commands import Commands

from jupyter_bioml.config import Project, destination
from jupyter_bioml.journal.liveness import boot_id, kernel_segment, process_started
from jupyter_bioml.journal.log import Segment
from jupyter_bioml.journal.runs import local_runs, read_journal
from jupyter_bioml.records.run import RunRecord
from jupyter_bioml.records.wire import to_dict
from jupyter_bioml.store import base
from jupyter_bioml.store.mlflow_store import MlflowStore


class SyntheticJournal:
    """Writes what a kernel would: one session, its runs one after another."""

    def __init__(
        self, project: Project, session: str = "20261121T120000-00000001", notebook: str = "diagnosis.ipynb"
    ) -> None:
        self.project = project
        self.notebook = notebook
        self.path = kernel_segment(project.journal, session)
        self.segment = Segment(self.path)
        self.clock = time.time() - 3600
        self.seq = 0
        target = destination(project)
        self._write(
            t="session",
            schema=1,
            session=session,
            started=self.clock,
            pid=os.getpid(),
            process_started=process_started(os.getpid()),
            host=os.uname().nodename,
            boot=boot_id(),
            python="3.11.7",
            executable="python",
            user="ada",
            project=str(project.root),
            home=str(project.home),
            cwd=str(project.root),
            notebook=notebook,
            path_source="engine",
            destination=target.uri,
            destination_key=target.key,
        )

    def _write(self, **entry: Any) -> None:
        self.clock += 1
        assert self.segment.append({"at": self.clock, **entry})

    def start(self, name: str | None, record_id: str | None = None, **more: Any) -> str:
        """A run that has begun; returns its record id."""
        self.seq += 1
        record_id = record_id or os.urandom(16).hex()
        notebook = more.pop("notebook", self.notebook)
        code = {"source": more.pop("source", "auc = 0.9"), "notebook": notebook}
        code["cell_id"] = more.pop("cell_id", f"c{self.seq}")
        self._write(t="started", run=record_id, seq=self.seq, name=name, code=code, **{"mark": "magic", **more})
        return record_id

    def finish(self, record_id: str, *, status: str = "FINISHED", **more: Any) -> None:
        self._write(t="finished", run=record_id, status=status, duration=3.2, cpu=3.0, peak_rss=412_000_000, **more)

    def run(self, name: str | None, metrics: dict[str, float] | None = None, **more: Any) -> str:
        """A whole run; fields of *started* are taken out of ``more``, the others belong to *finished*."""
        first = {
            key: more.pop(key)
            for key in ("record_id", "reproduces", "source", "part_of", "parent", "note", "notebook", "cell_id", "mark")
            if key in more
        }
        identity = self.start(name, **first)
        self.finish(identity, metrics=metrics or {}, **more)
        return identity

    def score(self, record_id: str, key: str, value: float, origin: str = "returned", **more: Any) -> None:
        """A score of a run, see :class:`~jupyter_bioml.records.facts.Score`."""
        self._write(t="score", run=record_id, key=key, value=value, origin=origin, **more)

    def entry(self, **entry: Any) -> None:
        self._write(**entry)

    def die(self) -> None:
        """The kernel is gone."""
        self.segment.close()

    def record(self, record_id: str) -> RunRecord:
        logs, _ = read_journal(self.project)
        return next(run.record for run in local_runs(logs) if run.record.record_id == record_id)


class Bench(Commands):
    """The project under test: its journal, its store, and the commands."""

    def __init__(self, project: Project, empty_database: Path, capture: pytest.CaptureFixture[str]) -> None:
        super().__init__(capture)
        self.project = project
        self.empty_database = empty_database

    def journal(self, session: str = "20261121T120000-00000001") -> SyntheticJournal:
        return SyntheticJournal(self.project, session)

    def store(self) -> MlflowStore:
        file = self.project.home / "mlflow.db"
        if not file.exists():
            shutil.copy(self.empty_database, file)
        return MlflowStore(f"sqlite:///{file}")

    def publish(self, record: RunRecord, store: MlflowStore | None = None, **changes: Any) -> str:
        """Put a record into MLflow by hand, as a publisher would; returns the run id.

        :param store: None: the project's own.
        """
        record = replace(record, **changes)
        store = store or self.store()
        experiment, _ = store.open_experiment("diagnosis.ipynb")
        tags = {base.RECORD_ID: record.record_id, base.SCHEMA_TAG: "1", base.NOTEBOOK: "diagnosis.ipynb"}
        if record.reproduces:
            tags[base.REPRODUCES] = record.reproduces
        if record.cause:
            tags[base.CAUSE] = record.cause
        run_id = store.create_run(experiment, record.name or "", record.started, tags)
        store.write(run_id, metrics=record.metrics, params={key: str(value) for key, value in record.params.items()})
        folder = self.project.home / "to-send" / "bioml"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "record.json").write_text(json.dumps(to_dict(record)))
        store.add_artifacts(run_id, folder.parent)
        if record.ended is not None:
            store.end_run(run_id, record.status, record.ended)
        return run_id
