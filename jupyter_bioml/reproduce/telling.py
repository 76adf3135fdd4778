"""What MLflow is told of a verdict: ``python -P -m jupyter_bioml.reproduce.telling JOB ANSWER``.

A process that has MLflow loaded does it where there is one (:mod:`jupyter_bioml.processes.resident`): no command
imports MLflow for a few tags and files. JOB and ANSWER are JSON files: a :class:`Telling`, and the notes.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ..audit.event import Event
from ..audit.mlflow_copy import keep_with_run
from ..config import Project, destination
from ..errors import BiomlError, Refused, StoreUnavailable
from ..journal.belonging import ledger_of
from ..journal.blobs import Blobs
from ..journal.facts import FactLog
from ..processes.programs import run
from ..publish.later import LaterTeller
from ..records.wire import from_dict
from ..store.base import FOLDER, Store
from ..store.opening import StoreOpener

MODULE = "jupyter_bioml.reproduce.telling"


@dataclass(frozen=True)
class Telling:
    """A verdict that was written here, as far as MLflow is concerned."""

    root: str
    home: str
    texts: dict[str, str]
    """Files, by name, and the run that keeps them; without one they are kept nowhere."""
    keeper: str | None
    findings: tuple[tuple[str, str], ...]
    """(what it is, record id) of each run in MLflow about which the project's log of facts has something new."""
    event: dict[str, Any] | None
    """The event of the audit log, of which the reproduced run keeps a copy."""
    run_id: str | None

    @property
    def project(self) -> Project:
        """The project whose runs these are."""
        return Project(Path(self.root), Path(self.home))


Tell = Callable[[Telling], list[str]]


def tell_apart(telling: Telling) -> list[str]:
    """Tell MLflow, in a process that has it loaded or else imports it; a note for each thing that failed."""
    try:
        with tempfile.TemporaryDirectory(prefix="bioml-verdict-") as folder:
            job, answer = Path(folder, "job.json"), Path(folder, "answer.json")
            job.write_text(json.dumps(asdict(telling)), encoding="utf-8")
            code = run(MODULE, [str(job), str(answer)], os.environ)
            if not answer.is_file():
                return [f"The verdict is not in MLflow: the process that tells it ended (exit code {code})."]
            return [str(note) for note in json.loads(answer.read_text(encoding="utf-8"))]
    except (OSError, ValueError) as error:
        return [f"The verdict is not in MLflow: {error}"]


def tell(telling: Telling, store: Store) -> list[str]:
    """Tell MLflow: files, findings, the event; a note for each thing that failed.

    The findings are in the project's log of facts: what MLflow cannot take now, the publisher sends later.
    """
    notes: list[str] = []
    if telling.keeper is not None:
        _try(notes, "The report is not in MLflow", partial(_keep, store, telling.keeper, telling.texts))
    project = telling.project
    facts = FactLog(project.home)
    teller = LaterTeller(store, facts, ledger_of(project, destination(project).key), Blobs(project.blobs))
    for what, record_id in telling.findings:
        _try(notes, f"{what} is not in MLflow", partial(_tell, teller, facts, record_id))
    if telling.event is not None and telling.run_id is not None:
        event = from_dict(Event, telling.event)
        _try(notes, "The audit event has no copy in MLflow", partial(keep_with_run, store, telling.run_id, event))
    return notes


def _keep(store: Store, run_id: str, texts: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory(prefix="bioml-verdict-") as folder:
        place = Path(folder, FOLDER)
        place.mkdir()
        for name, text in texts.items():
            (place / name).write_text(text, encoding="utf-8")
        store.add_artifacts(run_id, Path(folder))


def _tell(teller: LaterTeller, facts: FactLog, record_id: str) -> None:
    """:raises BiomlError: it did not get there."""
    said = facts.of_run(record_id)
    if said is not None and (why := teller.tell(said)) is not None:
        raise Refused(why)


def _try(notes: list[str], what: str, do: Callable[[], object]) -> None:
    try:
        do()
    except BiomlError as error:
        notes.append(f"{what}: {error.message}")
    except OSError as error:
        notes.append(f"{what}: {error}")


def main(arguments: list[str]) -> int:
    """Do what the job's file says, and write the notes."""
    job, answer = arguments
    telling = from_dict(Telling, json.loads(Path(job).read_text(encoding="utf-8")))
    try:
        store = StoreOpener(destination(telling.project))()
        notes = [] if store is None else tell(telling, store)
    except StoreUnavailable as error:
        notes = [f"The verdict is not in MLflow: {error.message}"]
    Path(answer).write_text(json.dumps(notes), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
