"""``python -m jupyter_bioml.publish.model_job SPEC``: log one model to its run, read it back, and say how it went.

Unpickling runs the user's code, which may crash, hang or print, so each model has a process of its own. SPEC is a
JSON file (see :class:`Job`); the answer is written to the file it names. The run is told of the model, and the model
is READY, only when what was read back from the store predicts the same, bit for bit.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import BiomlError, StoreUnavailable
from ..store.base import MODEL_FORMAT, RECORD_ID
from ..store.mlflow_errors import answering, transfers
from .model_formats import SKOPS, Flavor, flavor_of, needs_trust, requirements


@dataclass(frozen=True)
class Job:
    """What is to be logged. The tracking URI comes in ``MLFLOW_TRACKING_URI``: it may hold credentials."""

    answer: str
    run_id: str
    record_id: str
    name: str
    class_name: str
    flavor: str
    model: str
    """Path of the pickle."""
    sample: str | None
    """Path of the pickled input example."""
    sample_source: str | None
    versions: dict[str, str]
    """Distribution → version, of the run's environment."""
    paths: list[str]
    """Folders from which the user's own modules were imported."""
    seconds: int


@dataclass(frozen=True)
class Answer:
    """``error``: the model cannot be logged; ``unavailable``: it can be tried again later."""

    model_id: str | None = None
    format: str | None = None
    notes: tuple[str, ...] = ()
    error: str | None = None
    unavailable: str | None = None


def main(arguments: list[str]) -> int:
    """Do the job that the file named by the first argument describes."""
    job = Job(**json.loads(Path(arguments[0]).read_text(encoding="utf-8")))
    signal.alarm(job.seconds + 30)  # ends this process even when the user's code holds the interpreter
    _end_with_parent()
    sys.path[:0] = job.paths
    try:
        answer = _log(job)
    except StoreUnavailable as error:
        answer = Answer(unavailable=error.message)
    except BiomlError as error:
        answer = Answer(error=str(error))
    except Exception as error:  # the user's code may raise anything
        answer = Answer(error=f"{type(error).__name__}: {error}"[:500])
    temporary = f"{job.answer}.tmp"
    Path(temporary).write_text(json.dumps(dataclasses.asdict(answer)), encoding="utf-8")
    os.replace(temporary, job.answer)
    return 0


def _end_with_parent() -> None:
    """The publisher holds the other end of our standard input: when it is gone, so are we."""

    def wait() -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 1024):
                pass
        os._exit(3)

    threading.Thread(target=wait, daemon=True).start()


def _log(job: Job) -> Answer:
    import cloudpickle
    import mlflow

    client = mlflow.MlflowClient()
    uri = os.environ["MLFLOW_TRACKING_URI"]
    with answering(uri, f"run {job.run_id}"):
        experiment = client.get_run(job.run_id).info.experiment_id
        if found := _from_before(client, experiment, job):
            return found
    before = set(sys.modules)
    pickled = Path(job.model).read_bytes()
    model = cloudpickle.loads(pickled)
    sample = None if job.sample is None else cloudpickle.loads(Path(job.sample).read_bytes())
    flavor = flavor_of(mlflow, job.flavor, model, sample)
    notes = flavor.prepare()
    imported = set(sys.modules) - before
    for kept_as in flavor.formats:
        reason = needs_trust(model, pickled) if kept_as == SKOPS else None
        if reason is not None:
            notes.append(f"not as {kept_as}: {reason}")
            continue
        needed = requirements(kept_as, flavor, imported, job.versions)
        try:
            return _log_as(client, experiment, job, flavor, kept_as, needed, notes)
        except StoreUnavailable:
            raise
        except Exception as error:
            notes.append(f"not as {kept_as}: {type(error).__name__}: {error}".splitlines()[0][:300])
    return Answer(error="; ".join(notes))


def _from_before(client: Any, experiment: str, job: Job) -> Answer | None:
    """A model that an interrupted job had brought to its end; what it had not is deleted."""
    condition = f"tags.`{RECORD_ID}` = '{job.record_id}'"
    ready = None
    for found in client.search_logged_models([experiment], filter_string=condition):
        if str(found.status) == "READY":
            ready = found
        else:
            client.delete_logged_model(found.model_id)
    if ready is None:
        return None
    _tell_run(client, job.run_id, ready.model_id)
    return Answer(ready.model_id, ready.tags.get(MODEL_FORMAT))


def _tell_run(client: Any, run_id: str, model_id: str) -> None:
    from mlflow.entities import LoggedModelOutput

    outputs = client.get_run(run_id).outputs
    if model_id not in [item.model_id for item in (outputs.model_outputs if outputs else [])]:
        client.log_outputs(run_id, [LoggedModelOutput(model_id, step=0)])


def _log_as(
    client: Any, experiment: str, job: Job, flavor: Flavor, kept_as: str, needed: list[str], notes: list[str]
) -> Answer:
    from mlflow.models import Model

    uri = os.environ["MLFLOW_TRACKING_URI"]
    tags = {
        RECORD_ID: job.record_id,
        MODEL_FORMAT: kept_as,
        "bioml.model_name": job.name,
        "bioml.model_class": job.class_name,
        "bioml.input_example": job.sample_source or "absent",
    }
    with tempfile.TemporaryDirectory(prefix="bioml-model-") as folder:
        with answering(uri, f"a model of run {job.run_id}"):
            params = dict(client.get_run(job.run_id).data.params)
            logged = client.create_logged_model(experiment, "model", job.run_id, tags, params)
        with _deleted_on_failure(client, logged.model_id):
            description = Model(
                artifact_path=logged.artifact_location,
                model_uuid=logged.model_id,
                model_id=logged.model_id,
                run_id=job.run_id,
            )
            target = os.path.join(folder, "model")
            flavor.write(kept_as, target, description, needed)
            with answering(uri, f"a model of run {job.run_id}"), transfers():
                client.log_model_artifacts(logged.model_id, target)
                again = _download(logged.artifact_location, uri)
            notes = [*notes, *flavor.check(again)]
            with answering(uri, f"a model of run {job.run_id}"):
                if notes:
                    client.set_logged_model_tags(logged.model_id, {"bioml.model_notes": "; ".join(notes)[:5000]})
                client.finalize_logged_model(logged.model_id, "READY")
                _tell_run(client, job.run_id, logged.model_id)
    return Answer(logged.model_id, kept_as, tuple(notes))


def _download(location: str, uri: str) -> str:
    from mlflow.artifacts import download_artifacts

    return str(download_artifacts(artifact_uri=location, tracking_uri=uri))


@contextlib.contextmanager
def _deleted_on_failure(client: Any, model_id: str) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with contextlib.suppress(Exception):
            client.delete_logged_model(model_id)
        raise


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
