"""The interface of a store of runs, and its small answer types.

Two stores keep this contract and pass the same tests: :class:`~.mlflow_store.MlflowStore` (a tracking
server or a sqlite database) and :class:`~.memory.MemoryStore` (for tests and examples). So do the two readers that
need no MLflow, as far as they go: :class:`~.database_reader.DatabaseReader` and :class:`~.server_reader.ServerReader`.

Errors of every method: :class:`~jupyter_bioml.errors.StoreUnavailable` (no answer: nothing was lost, try
later; :class:`AccessDenied` when it refuses the credentials), :class:`~jupyter_bioml.errors.NotFound`, and
:class:`~jupyter_bioml.errors.Refused` (the store understood and said no).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from ..errors import StoreUnavailable
from ..records.run import Metric, RunRecord

#: The MLflow experiment of runs whose notebook is not known.
NO_NOTEBOOK = "(no notebook)"

RECORD_ID = "bioml.record_id"
SCHEMA_TAG = "bioml.schema"
SESSION = "bioml.session"
NOTEBOOK = "bioml.notebook"
CELL_ID = "bioml.cell_id"
MARK = "bioml.mark"
CAUSE = "bioml.cause"
FINGERPRINT = "bioml.fingerprint"
REPRODUCES = "bioml.reproduces"
PART_OF = "bioml.part_of"
#: On the runs of a batch: the task (a notebook with one set of parameters) and which attempt at it.
TASK, ATTEMPT = "bioml.task", "bioml.attempt"
#: The result of a run's latest reproduction: the verdict, its cause (or empty), when (ISO UTC), the run that it
#: made, in which environment, and that environment's digest. On the reproduction itself: the verdict.
VERDICT, VERDICT_CAUSE, VERDICT_AT = "bioml.verdict", "bioml.verdict.cause", "bioml.verdict.at"
VERDICT_RUN, VERDICT_ENVIRONMENT = "bioml.verdict.run", "bioml.verdict.environment"
VERDICT_DIGEST = "bioml.verdict.environment_digest"
#: The results that were compared for it, in words.
VERDICT_BASIS = "bioml.verdict.based_on"
#: The state of each report of a run, by the report's kind.
REPORT = "bioml.report."
#: On a model version: how many facts of a kind there are, and the time of the last: ``bioml.facts.KIND``.
FACTS = "bioml.facts."
#: On a run: record ids of the later cells that joined it, separated by spaces.
PARTS = "bioml.parts"
#: On our run: the run the user's own code opened in another store, as ``<tracking URI> <run id>``.
USER_RUN = "bioml.mlflow_run"
#: Number of the cell's execution, and the exception that ended the run.
EXECUTION_COUNT, ERROR = "bioml.execution_count", "bioml.error"
#: The cell's own seconds; the keys of its parameters and metrics, a line each, in the order in which they are shown.
DURATION, PARAMS_ORDER, METRICS_ORDER = "bioml.duration", "bioml.params", "bioml.metrics"
#: On a run that the user's own code opened and named: the name that the cell gave it.
NAME = "bioml.name"
#: MLflow's own tag for the run's author.
USER = "mlflow.user"
#: The user's marks on a run: ``true`` or ``false``; MLflow's own tag of a run's description.
STARRED, ARCHIVED = "bioml.starred", "bioml.archived"
NOTE = "mlflow.note.content"
#: MLflow's own tag of a child run: the run above it.
PARENT = "mlflow.parentRunId"
#: On the run: how its model was serialised (``skops``, ``cloudpickle``, …).
MODEL_FORMAT = "bioml.model_format"

#: The folder of our artifacts in a run, and the file that holds the whole record.
FOLDER = "bioml"
RECORD_FILE = "bioml/record.json"
#: On a child run: the run above it that keeps what they share; the file that says what, and the folder there.
SHARED = "bioml.shared"
SHARED_FILE, SHARED_FOLDER = "bioml/shared.json", "bioml/shared"


class LeftToMlflow(Exception):
    """What a reader without MLflow does not know for sure; MLflow itself is asked. The message says why."""


class AccessDenied(StoreUnavailable):
    """The server answers, but refuses the credentials (HTTP 401, 403), or wants some and got none."""

    code = "access-denied"


@dataclass(frozen=True)
class StoredRun:
    """One run as the store has it. Times are seconds since the epoch; ``metrics`` are last values."""

    run_id: str
    name: str
    status: str
    """``RUNNING``, ``FINISHED``, ``FAILED`` or ``KILLED``."""
    experiment: str
    """Name of its MLflow experiment."""
    started: float | None = None
    ended: float | None = None
    params: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    deleted: bool = False

    @property
    def record_id(self) -> str | None:
        """The record it was made from; None for a run that is not ours."""
        return self.tags.get(RECORD_ID)

    @property
    def notebook(self) -> str | None:
        """The notebook's path from its tag; None: a run that others made."""
        return self.tags.get(NOTEBOOK)

    @property
    def duration(self) -> float | None:
        """Seconds; None while it runs."""
        return None if self.started is None or self.ended is None else self.ended - self.started


@dataclass(frozen=True)
class StoredInput:
    """One data version that a run used."""

    name: str
    digest: str
    source: str
    """JSON: where it came from."""
    role: str | None = None
    profile: str | None = None
    """JSON: size, rows, the whole digest, the DVC pointer."""


@dataclass(frozen=True)
class StoredModel:
    """A model logged to a run (not yet a registered version)."""

    model_id: str
    run_id: str
    uri: str
    """The URI for ``mlflow.pyfunc.load_model``."""
    format: str | None = None


@dataclass(frozen=True)
class StoredVersion:
    """A registered version, as read back from the registry."""

    name: str
    version: str
    run_id: str | None
    """The run it is linked to."""
    model_id: str | None = None
    aliases: tuple[str, ...] = ()
    description: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    created: float | None = None

    @property
    def uri(self) -> str:
        """The URI for ``mlflow.pyfunc.load_model``."""
        return f"models:/{self.name}/{self.version}"

    @property
    def record_id(self) -> str | None:
        """The run that it was made from; None: unknown."""
        return self.tags.get(RECORD_ID)

    def as_json(self) -> dict[str, Any]:
        """Every field but the model's id."""
        return {
            "name": self.name,
            "version": self.version,
            "record_id": self.record_id,
            "run_id": self.run_id,
            "uri": self.uri,
            "aliases": list(self.aliases),
            "description": self.description,
            "tags": dict(self.tags),
            "created": self.created,
        }


class StoreReader(Protocol):
    """Reading runs."""

    @property
    def uri(self) -> str:
        """Its address, without credentials."""
        ...

    def get(self, run_id: str) -> StoredRun:
        """One run by its MLflow run id (deleted ones too).

        :raises NotFound: when there is none.
        """
        ...

    def search(
        self,
        *,
        prefix: str | None = None,
        experiment: str | None = None,
        name: str | None = None,
        tags: Mapping[str, str] | None = None,
        ours: bool = True,
        deleted: bool = False,
        limit: int = 1000,
    ) -> list[StoredRun]:
        """Runs that meet every condition given, newest first.

        :param prefix: start of the run id or of the record id.
        :param experiment: name of the MLflow experiment; None: every one.
        :param name: the run's name.
        :param tags: tags with exactly these values.
        :param ours: only runs with a ``bioml.record_id``.
        :param deleted: deleted runs too.
        """
        ...

    def history(self, run_id: str, key: str) -> tuple[Metric, ...]:
        """Every value of one metric, in order of step and time."""
        ...

    def inputs(self, run_id: str) -> tuple[StoredInput, ...]:
        """The data versions of a run."""
        ...

    def artifacts(self, run_id: str, path: str = "") -> tuple[str, ...]:
        """Paths of all files at or below ``path``, sorted."""
        ...

    def artifact_sizes(self, run_id: str) -> tuple[tuple[str, int | None], ...]:
        """As :meth:`artifacts`, with sizes in bytes; None where the store does not tell one."""
        ...

    def read_artifact(self, run_id: str, path: str) -> bytes:
        """Content of one artifact.

        :raises NotFound: when the run has no such file.
        """
        ...

    def record(self, run_id: str) -> RunRecord:
        """The record a run was made from.

        :raises NotFound: when it has none (not made by this package).
        :raises SchemaTooNew: when a newer version wrote it.
        """
        ...


class StoreWriter(Protocol):
    """Writing runs: the publisher's side. Every call may be repeated without harm."""

    def identity(self) -> str | None:
        """Tells this database from another one made later in its place; None where that cannot be told."""
        ...

    def open_experiment(self, name: str) -> tuple[str, str | None]:
        """Id of the MLflow experiment ``name``, made if missing, and what to tell the user (or None).

        A deleted one is restored; where the store refuses that, a suffixed name is used. Both are said.
        """
        ...

    def create_run(self, experiment_id: str, name: str, started: float, tags: Mapping[str, str]) -> str:
        """A new RUNNING run with these tags, set in the same call; returns its run id."""
        ...

    def find_record(self, record_id: str, tag: str = RECORD_ID) -> list[StoredRun]:
        """Runs whose ``tag`` is ``record_id``, oldest first, deleted ones too."""
        ...

    def write(
        self,
        run_id: str,
        *,
        params: Mapping[str, str] | None = None,
        metrics: Sequence[Metric] = (),
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Add to a run, in batches the store takes. Values were made to fit by the caller."""
        ...

    def add_inputs(self, run_id: str, inputs: Sequence[StoredInput]) -> None:
        """Link data versions to a run."""
        ...

    def add_artifacts(self, run_id: str, folder: Path) -> None:
        """Copy every file below ``folder`` into the run under the same relative path."""
        ...

    def untag(self, run_id: str, keys: Iterable[str]) -> None:
        """Take tags away from a run; one that it does not have is none to take."""
        ...

    def rename(self, run_id: str, name: str) -> None:
        """Rename a run."""
        ...

    def made_up(self, name: str) -> bool:
        """Whether the store gives such names by itself to runs that nobody named."""
        ...

    def end_run(self, run_id: str, status: str, ended: float) -> None:
        """Set a run's last status and end time."""
        ...

    def delete_run(self, run_id: str) -> None:
        """Delete a run as MLflow does: it is hidden, and its files stay until ``mlflow gc``.

        :raises NotFound: when there is none.
        """
        ...


class RegistryReader(Protocol):
    """Reading models and their registered versions."""

    def run_models(self, run_id: str) -> tuple[StoredModel, ...]:
        """Models logged to a run and ready, oldest first."""
        ...

    def model_version(self, name: str, version: str) -> StoredVersion:
        """One version; ``version`` is its number or ``@alias``.

        :raises NotFound: when there is none.
        """
        ...

    def models(self, name: str | None = None) -> list[StoredVersion]:
        """Registered versions (of one model, or of all), newest first."""
        ...

    def model_descriptions(self) -> dict[str, str]:
        """Descriptions of registered models, by name; without models that have none."""
        ...

    def model_files(self, uri: str, folder: Path) -> Path:
        """The files behind a ``models:/…`` URI: copied into ``folder``, or where they are if that is this machine.

        Nothing is loaded, and nothing may be written there.
        """
        ...


class Reader(StoreReader, RegistryReader, Protocol):
    """Everything that is read without loading a model."""


class Registry(RegistryReader, Protocol):
    """Models and their registered versions."""

    def add_model(self, run_id: str, folder: Path, tags: Mapping[str, str]) -> StoredModel:
        """Log the MLflow model in ``folder`` to a run; it is the run's only when what was read back is the same.

        May be called again after an interruption: a record (``bioml.record_id`` among ``tags``) has one model.
        ``folder``'s ``MLmodel`` is changed to name run and model.
        """
        ...

    def register_model(
        self,
        run_id: str,
        name: str,
        *,
        description: str = "",
        tags: Mapping[str, str] | None = None,
    ) -> StoredVersion:
        """Make a version of the run's last model, read it back, and check that it is linked to the run.

        :raises Refused: when the run has no model, the name is not valid, or the link was lost
            (the version is deleted then).
        """
        ...

    def set_alias(self, name: str, version: str, alias: str) -> StoredVersion:
        """Point ``alias`` at a version; returns it as read back."""
        ...

    def remove_alias(self, name: str, alias: str) -> None:
        """Take an alias away; the version stays as it is.

        :raises NotFound: when no version has it.
        """
        ...

    def tag_version(self, name: str, version: str, tags: Mapping[str, str]) -> None:
        """Set tags of a registered version; other tags stay.

        :raises NotFound: when there is no such version.
        """
        ...

    def load_model(self, uri: str) -> Any:
        """The model behind a ``models:/…`` URI, with ``predict``. Runs its author's code."""
        ...


class Store(StoreReader, StoreWriter, Registry, Protocol):
    """A store of runs: MLflow, or one in memory."""
