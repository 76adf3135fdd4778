"""What the models of several runs learned, each read once, in one process for those that are asked for together."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ...errors import BiomlError
from ...journal.blobs import Blobs
from ...processes.forking import ONE_THREAD
from ...records.run import Model
from ...text.present import printable
from ..compare.learned import Learned
from .reading import EXAMPLE, LEARNED, NO_EXAMPLE, WHY, ReadingJob

READING = "jupyter_bioml.reproduce.models.reading"
#: Seconds for the models of one question.
TIME_LIMIT = 300
_LAST_WORDS = 300


class ModelReader:
    """Reads models by their blobs.

    :param python: the interpreter; None: this one.
    :param sample: blob of the rows that each model predicts; None: none.
    :param paths: folders from which the user's own modules were imported.
    """

    def __init__(self, blobs: Blobs, python: str | None, sample: str | None, paths: Sequence[str]) -> None:
        self._blobs = blobs
        self._python = python or sys.executable
        self._sample = sample
        self._paths = list(paths)
        self._known: dict[str, Learned | str] = {}

    def learned(self, *models: Model) -> tuple[Learned | str, ...]:
        """For each model what it learned, else why that is not known."""
        wanted = dict.fromkeys(model.blob for model in models if model.blob is not None)
        self._known.update(self._read([blob for blob in wanted if blob not in self._known]))
        return tuple(self._known[model.blob] if model.blob is not None else "it was not kept" for model in models)

    def _read(self, blobs: Sequence[str]) -> dict[str, Learned | str]:
        found: dict[str, Learned | str] = {}
        paths: dict[str, str] = {}
        for blob in blobs:
            try:
                self._blobs.get(blob)
                paths[blob] = str(self._blobs.path(blob))
            except BiomlError as error:
                found[blob] = error.message.rstrip(".")
        if not paths:
            return found
        with tempfile.TemporaryDirectory(prefix="bioml-models-") as name:
            folder = Path(name)
            answers = {blob: folder / f"model{number}" for number, blob in enumerate(paths)}
            job = ReadingJob(
                list(paths.values()), [str(path) for path in answers.values()], self._rows(), self._paths, TIME_LIMIT
            )
            ended = self._run(job, folder)
            found.update({blob: _answer(path, ended) for blob, path in answers.items()})
        return found

    def _rows(self) -> str | None:
        if self._sample is None:
            return None
        with contextlib.suppress(BiomlError):
            self._blobs.get(self._sample)
            return str(self._blobs.path(self._sample))
        return None

    def _run(self, job: ReadingJob, folder: Path) -> str:
        """How the process ended, in words."""
        file = folder / "job.json"
        file.write_text(json.dumps(asdict(job)), encoding="utf-8")
        environment = {key: value for key, value in os.environ.items() if not key.startswith("MLFLOW_TRACKING_")}
        environment |= {**ONE_THREAD, "PYTHONDONTWRITEBYTECODE": "1"}
        command, late = [self._python, "-P", "-m", READING, str(file)], False
        with tempfile.TemporaryFile() as said:
            try:
                child = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT, env=environment,
                    cwd=folder, start_new_session=True,
                )  # fmt: skip
            except OSError as error:
                return f"its interpreter could not be started ({error.strerror or error})"
            try:
                child.wait(job.seconds)
            except subprocess.TimeoutExpired:
                late = True
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)
                child.wait()
            said.seek(0)
            words = printable(said.read().decode("utf-8", "replace").strip())[-_LAST_WORDS:]
        return f"reading it took longer than {job.seconds} s" if late else words or f"exit code {child.returncode}"


def _answer(path: Path, ended: str) -> Learned | str:
    why = _text(path, WHY)
    if why is not None:
        return why
    names = _text(path, ".names")
    if names is None or not Path(f"{path}.npz").exists():
        return f"the process that read it ended without an answer ({ended})"
    import numpy

    with numpy.load(f"{path}.npz", allow_pickle=False) as archive:
        arrays: dict[str, Any] = {name: archive[f"a{number}"] for number, name in enumerate(json.loads(names))}
    return Learned(_of(arrays, LEARNED), _of(arrays, EXAMPLE), _text(path, NO_EXAMPLE))


def _of(arrays: dict[str, Any], prefix: str) -> dict[str, Any]:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def _text(path: Path, suffix: str) -> str | None:
    try:
        return Path(f"{path}{suffix}").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
