"""Logging a record's model: each in a process of its own, with a time limit and a memory of crashes in the ledger."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from ..config import Project
from ..errors import BiomlError, Refused
from ..host.distributions import canonical_name
from ..journal.blobs import Blobs
from ..journal.ledger import Ledger
from ..records.run import CaptureGap, Model, RunRecord, Session
from ..store.base import MODEL_FORMAT, RECORD_ID, Store
from ..store.limits import TAG_LIMIT, fit_text
from .model_process import JobEnd, ModelProcess

#: Seconds for one model, and how many attempts may die before it is given up.
TIME_LIMIT, ATTEMPTS = 600, 3


class ModelLogger:
    """Logs models into runs of one store.

    :param workplace: folder for temporary files, on a disk that holds a model.
    :param process: one that was begun for the first model.
    """

    def __init__(
        self, store: Store, ledger: Ledger, project: Project, workplace: Path, process: ModelProcess | None = None
    ) -> None:
        self._workplace = workplace
        self._store = store
        self._ledger = ledger
        self._project = project
        self._blobs = Blobs(project.blobs)
        self._process = process

    def log(self, record: RunRecord, session: Session, run_id: str) -> tuple[str | None, list[CaptureGap]]:
        """Log the record's model, once. Returns (how it is stored, gaps); (None, []) when there is none.

        :raises StoreUnavailable: the store did not answer; it is tried again later.
        """
        model = record.model
        if model is None or model.blob is None:
            return None, []
        while (known := self._ledger.state(record.record_id).model) is None:
            self._try(record, session, run_id, model)
        gap = known.get("gap")
        return known.get("format"), [CaptureGap("model", f"{model.name}: {gap}")] if gap else []

    def _end(self, record: RunRecord, **fields: Any) -> None:
        self._ledger.append("model", run=record.record_id, **fields)

    def _try(self, record: RunRecord, session: Session, run_id: str, model: Model) -> None:
        """One attempt; ends with a ``model`` line, or without one when the job died and may be tried again."""
        if self._ledger.state(record.record_id).tries >= ATTEMPTS:
            return self._end(record, gap=f"logging it ended {ATTEMPTS} times without an answer")
        self._ledger.append("trying", run=record.record_id)
        with tempfile.TemporaryDirectory(dir=self._workplace) as name:
            folder = Path(name)
            try:
                job = self._job(record, session, model, folder)
            except BiomlError as error:
                return self._end(record, gap=error.message)
            end = self._run(job, session, model)
            answer = _answer(folder / "answer.json")
            if answer is not None:
                # what fails from here on is not the model's fault
                self._ledger.append("untried", run=record.record_id)
                return self._take(record, run_id, model, answer, folder / "model")
        if end.timed_out:
            return self._end(record, gap=f"logging it took longer than {TIME_LIMIT} s")
        if self._ledger.state(record.record_id).tries >= ATTEMPTS:
            self._end(record, gap=f"logging it crashed {ATTEMPTS} times: {end.words}")
        return None

    def _take(self, record: RunRecord, run_id: str, model: Model, answer: dict[str, Any], folder: Path) -> None:
        if answer["error"]:
            return self._end(record, gap=answer["error"])
        tags = {
            RECORD_ID: record.record_id,
            MODEL_FORMAT: answer["format"],
            "bioml.model_name": model.name,
            "bioml.model_class": model.class_name,
            "bioml.input_example": model.sample_source or "absent",
            "bioml.model_notes": "; ".join(answer["notes"]),
        }
        fitting = {key: fit_text(value, TAG_LIMIT) for key, value in tags.items() if value}
        try:
            stored = self._store.add_model(run_id, folder, fitting)
        except Refused as error:
            return self._end(record, gap=error.message)
        return self._end(record, model_id=stored.model_id, format=stored.format, notes=answer["notes"])

    def _job(self, record: RunRecord, session: Session, model: Model, folder: Path) -> Path:
        """The job's file."""
        self._blobs.get(str(model.blob))
        sample = None
        if model.sample_blob is not None:
            with contextlib.suppress(BiomlError):
                self._blobs.get(model.sample_blob)
                sample = str(self._blobs.path(model.sample_blob))
        document = {
            "answer": str(folder / "answer.json"),
            "folder": str(folder / "model"),
            "flavor": model.flavor,
            "model": str(self._blobs.path(str(model.blob))),
            "sample": sample,
            "versions": self._versions(record),
            "paths": list(dict.fromkeys([session.cwd, str(self._project.root)])),
            "seconds": TIME_LIMIT,
        }
        path = folder / "job.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        return path

    def _versions(self, record: RunRecord) -> dict[str, str]:
        """Installed versions as the run's environment has them; empty if that is unknown."""
        if record.environment is None:
            return {}
        try:
            document = json.loads(self._blobs.get(record.environment.blob))
            return {canonical_name(item["name"]): item["version"] for item in document["distributions"]}
        except (BiomlError, ValueError, KeyError, TypeError):
            return {}

    def _run(self, job: Path, session: Session, model: Model) -> JobEnd:
        """Run one job in the kernel's own Python."""
        wanted = process_for(session, model)
        if self._process is None or (self._process.python, self._process.flavor) != (wanted.python, wanted.flavor):
            self.rest()
            self._process = wanted
        return self._process.run(job, TIME_LIMIT)

    def rest(self) -> None:
        """Nothing is to be logged for a while: keep no process for it."""
        if self._process is not None:
            self._process.close()


def process_for(session: Session, model: Model) -> ModelProcess:
    """The process for a model's job: on the kernel's own Python, if it is here. Nothing is started yet."""
    python = session.executable if os.access(session.executable or "", os.X_OK) else sys.executable
    return ModelProcess(str(python), model.flavor)


def _answer(path: Path) -> dict[str, Any] | None:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return document if isinstance(document, dict) else None
