"""Logging a record's model: a process per model, with a time limit and a memory of crashes in the ledger."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from ..capture.distributions import canonical_name
from ..config import Project
from ..errors import BiomlError, StoreUnavailable
from ..journal.blobs import Blobs
from ..records.run import CaptureGap, Model, RunRecord, Session
from .ledger import Ledger

#: Seconds for one model, and how many attempts may die before it is given up.
TIME_LIMIT, ATTEMPTS = 600, 3
MODULE = "jupyter_bioml.publish.model_job"
#: Characters of a crashed job's last words that are kept.
_LAST_WORDS = 500


class ModelLogger:
    """Logs models into runs of one store.

    :param uri: tracking URI with its credentials.
    """

    def __init__(self, uri: str, ledger: Ledger, project: Project, time_limit: int = TIME_LIMIT) -> None:
        self._uri = uri
        self._ledger = ledger
        self._project = project
        self._blobs = Blobs(project.blobs)
        self._time_limit = time_limit

    def log(self, record: RunRecord, session: Session, run_id: str) -> tuple[str | None, list[CaptureGap]]:
        """Log the record's model, once. Returns (how it is stored, gaps); (None, []) when there is none.

        :raises StoreUnavailable: the store did not answer; it is tried again later.
        """
        model = record.model
        if model is None or model.blob is None:
            return None, []
        state = self._ledger.state(record.record_id)
        while state.model is None:
            if state.tries >= ATTEMPTS:
                self._end(record, gap=f"{model.name}: logging it ended {ATTEMPTS} times without an answer")
            else:
                self._try(record, session, run_id, model)
            state = self._ledger.state(record.record_id)
        gap = state.model.get("gap")
        return state.model.get("format"), [CaptureGap("model", gap)] if gap else []

    def _end(self, record: RunRecord, **fields: Any) -> None:
        self._ledger.append("model", run=record.record_id, **fields)

    def _try(self, record: RunRecord, session: Session, run_id: str, model: Model) -> None:
        self._ledger.append("trying", run=record.record_id)
        with tempfile.TemporaryDirectory(prefix="bioml-model-") as folder:
            try:
                specification = self._specification(record, session, run_id, model, Path(folder))
            except BiomlError as error:
                return self._end(record, gap=f"{model.name}: {error.message}")
            words, timed_out = self._run(specification, session)
            answer = _answer(Path(folder) / "answer.json")
        if answer is None and timed_out:
            return self._end(record, gap=f"{model.name}: logging it took longer than {self._time_limit} s")
        if answer is None:
            # a crash: the next attempt, or the gap that names the last one's words
            if self._ledger.state(record.record_id).tries >= ATTEMPTS:
                self._end(record, gap=f"{model.name}: logging it crashed {ATTEMPTS} times: {words}")
            return None
        if answer["unavailable"]:
            self._ledger.append("untried", run=record.record_id)
            raise StoreUnavailable(answer["unavailable"])
        gap = f"{model.name}: {answer['error']}" if answer["error"] else None
        notes = list(answer["notes"])
        return self._end(record, model_id=answer["model_id"], format=answer["format"], gap=gap, notes=notes)

    def _specification(self, record: RunRecord, session: Session, run_id: str, model: Model, folder: Path) -> Path:
        sample = None
        if model.sample_blob is not None:
            with contextlib.suppress(BiomlError):
                self._blobs.get(model.sample_blob)
                sample = str(self._blobs.path(model.sample_blob))
        self._blobs.get(str(model.blob))
        document = {
            "answer": str(folder / "answer.json"),
            "run_id": run_id,
            "record_id": record.record_id,
            "name": model.name,
            "class_name": model.class_name,
            "flavor": model.flavor,
            "model": str(self._blobs.path(str(model.blob))),
            "sample": sample,
            "sample_source": model.sample_source,
            "versions": self._versions(record),
            "paths": list(dict.fromkeys([session.cwd, str(self._project.root)])),
            "seconds": self._time_limit,
        }
        path = folder / "specification.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        return path

    def _versions(self, record: RunRecord) -> dict[str, str]:
        """Installed versions as the run's environment has them; empty when it is not known."""
        if record.environment is None:
            return {}
        try:
            document = json.loads(self._blobs.get(record.environment.blob))
            return {canonical_name(item["name"]): item["version"] for item in document["distributions"]}
        except (BiomlError, ValueError, KeyError, TypeError):
            return {}

    def _run(self, specification: Path, session: Session) -> tuple[str, bool]:
        """Run one job in the kernel's own Python; returns (its last words, whether it took too long)."""
        python = session.executable if os.access(session.executable or "", os.X_OK) else sys.executable
        environment = {**os.environ, "MLFLOW_TRACKING_URI": self._uri, "MLFLOW_DISABLE_TELEMETRY": "true"}
        with tempfile.TemporaryFile() as said:
            child = subprocess.Popen(
                [python, "-m", MODULE, str(specification)],
                stdin=subprocess.PIPE,  # held open: its end tells the job that we are gone
                stdout=said,
                stderr=subprocess.STDOUT,
                env=environment,
                cwd=specification.parent,
                start_new_session=True,
            )
            timed_out = False
            try:
                child.wait(self._time_limit)
            except subprocess.TimeoutExpired:
                timed_out = True
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)
                child.wait()
                if child.stdin is not None:
                    child.stdin.close()
            said.seek(0)
            words = said.read().decode("utf-8", "replace").strip()[-_LAST_WORDS:]
        return words or f"exit code {child.returncode}", timed_out


def _answer(path: Path) -> dict[str, Any] | None:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return document if isinstance(document, dict) else None
