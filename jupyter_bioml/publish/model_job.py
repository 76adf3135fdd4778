"""``python -m jupyter_bioml.publish.model_job JOB``: write one pickled model as an MLflow model, read it back, compare.

Unpickling runs the user's code, which may crash, hang or print, so each model has a process of its own (see
:mod:`.model_host`); it reaches no store and gets no credentials. JOB is a JSON file (see :class:`ModelJob`); the model
is written into the folder it names, the answer into the file it names.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import json
import os
import shutil
import signal
import sys
import threading
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from ..errors import BiomlError
from .model_flavors import flavors_of
from .model_formats import SKOPS, unpickle
from .model_requirements import needs_trust, requirements

#: Seconds that a job may take longer than its time limit before it ends itself.
_GRACE = 30
#: Modules imported for a flavour, including the flavour itself.
_LIBRARIES = {
    "sklearn": ("mlflow.sklearn", "sklearn.base"),
    "pytorch": ("mlflow.pytorch", "torch"),
    **{
        name: (f"mlflow.{name}", name)
        for name in ("xgboost", "lightgbm", "catboost", "statsmodels", "keras", "prophet")
    },
}


@dataclass(frozen=True)
class ModelJob:
    """A model job."""

    answer: str
    folder: str
    """Folder of the MLflow model; made by the job."""
    flavor: str
    model: str
    """Path of the pickle."""
    sample: str | None
    """Path of the pickled input example."""
    versions: dict[str, str]
    """Distribution → version, of the run's environment."""
    paths: list[str]
    """Folders from which the user's own modules were imported."""
    seconds: int


@dataclass(frozen=True)
class ModelAnswer:
    """``error``: why it cannot be kept. ``notes``: what a reader of the model should know."""

    format: str | None = None
    notes: tuple[str, ...] = ()
    error: str | None = None


def main(arguments: list[str]) -> int:
    """Do the job that the file named by the first argument describes."""
    job = ModelJob(**json.loads(Path(arguments[0]).read_text(encoding="utf-8")))
    signal.alarm(job.seconds + _GRACE)  # ends this process even when the user's code holds the interpreter
    _end_with_parent()
    sys.path += job.paths  # behind the installed packages: the user's files never stand in for those
    try:
        answer = _keep(job)
    except BiomlError as error:
        answer = ModelAnswer(error=str(error))
    except Exception as error:  # the user's code may raise anything
        answer = ModelAnswer(error=f"{type(error).__name__}: {error}"[:500])
    temporary = f"{job.answer}.tmp"
    Path(temporary).write_text(json.dumps(dataclasses.asdict(answer)), encoding="utf-8")
    os.replace(temporary, job.answer)
    return 0


@functools.cache
def import_mlflow() -> Any:
    """mlflow, with what it reads of the installed packages when it stores its first model."""
    import mlflow
    from mlflow.utils.requirements_utils import warn_dependency_requirement_mismatches

    warn_dependency_requirement_mismatches(["mlflow"])  # reads which distribution each module is of: a second
    return mlflow


@functools.cache
def prepare(flavor: str) -> tuple[Any, frozenset[str]]:
    """Import what every model of a flavour needs, and nothing of a user's. Returns (mlflow, the modules it brought)."""
    mlflow = import_mlflow()
    before = frozenset(sys.modules)
    for name in _LIBRARIES.get(flavor, ()):
        with contextlib.suppress(ImportError):  # the model says so, if it needs it
            import_module(name)
    return mlflow, before


def _end_with_parent() -> None:
    """End this process when its caller ends: the caller holds the other end of standard input."""

    def wait() -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 1024):
                pass
        os._exit(3)

    threading.Thread(target=wait, daemon=True).start()


def _keep(job: ModelJob) -> ModelAnswer:
    mlflow, before = prepare(job.flavor)
    pickled = Path(job.model).read_bytes()
    model = unpickle(pickled)
    sample = None if job.sample is None else unpickle(Path(job.sample).read_bytes())
    notes: list[str] = []
    for flavor in flavors_of(mlflow, job.flavor, model, sample):
        flavor.prepare()
        imported = set(sys.modules) - before
        for kept_as in flavor.formats:
            reason = needs_trust(model, pickled) if kept_as == SKOPS else None
            if reason is None:
                said = len(flavor.notes)
                try:
                    flavor.write(kept_as, job.folder, requirements(kept_as, flavor, imported, job.versions))
                    flavor.check(job.folder)
                except Exception as error:
                    reason = f"{type(error).__name__}: {error}".splitlines()[0][:300]
                    shutil.rmtree(job.folder, ignore_errors=True)
                    del flavor.notes[said:]
                else:
                    return ModelAnswer(kept_as, (*flavor.notes, *notes))
            notes.append(f"not as {kept_as}: {reason}")
    return ModelAnswer(error="; ".join(notes))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
