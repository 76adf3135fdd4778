"""Write a verdict where others look for it: a report and tags of the runs, files of the new run, the audit log.

The verdict stays as it was found; anything that cannot be written becomes a note of it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from ..audit.event import Event
from ..audit.log import AuditLog
from ..audit.mlflow_copy import keep_with_run
from ..canonical import jsonable
from ..config import Project, destination
from ..errors import BiomlError, JournalError, Refused
from ..headless.results import INTERRUPTED
from ..journal.belonging import ledger_of
from ..journal.blobs import Blobs
from ..journal.facts import FactLog, RunFacts
from ..publish.later import LaterTeller
from ..records.run import Report
from ..records.untracked import SUMMARY
from ..store.base import (
    FOLDER,
    VERDICT,
    VERDICT_AT,
    VERDICT_BASIS,
    VERDICT_CAUSE,
    VERDICT_DIGEST,
    VERDICT_ENVIRONMENT,
    VERDICT_RUN,
    Store,
)
from .report.document import verdict_document
from .report.html import verdict_html
from .verdict import Reproduction

#: Names of the files: in MLflow below ``bioml/``, and in the reproduction's own folder.
DOCUMENT, REPORT = "verdict.json", "verdict.html"
#: Kind of the report with the verdict on a reproduced run.
KIND = "verdict"


def announce(report: Reproduction, project: Project, store: Store | None) -> Reproduction:
    """Write the verdict; returns the report with the audit event and with a note for each thing that failed.

    What was interrupted has no verdict to write: an earlier one stays.

    :param store: None when nothing was ever published: then only the files and the log are written.
    """
    notes: list[str] = []
    if report.result.status == INTERRUPTED:
        return dataclasses.replace(report, notes=(*report.notes, "It was interrupted: no verdict was written."))
    event = _logged(report, project, notes)
    if event is not None:
        report = dataclasses.replace(report, audit={"chain": event.chain, "seq": event.seq, "hash": event.hash})
    _keep_files(report, store, notes)
    _say(report, project, store, notes)
    if store is not None and event is not None and report.run_id is not None:
        _try(notes, "The audit event has no copy in MLflow", partial(keep_with_run, store, report.run_id, event))
    return dataclasses.replace(report, notes=(*report.notes, *notes))


def _logged(report: Reproduction, project: Project, notes: list[str]) -> Event | None:
    document = json.dumps(jsonable(verdict_document(report)), sort_keys=True).encode()
    try:
        return AuditLog.of(project).append(
            "verdict",
            "run",
            report.run_id or report.record_id,
            object_sha256=hashlib.sha256(document).hexdigest(),
            old=report.source.get("verdict"),
            new={
                "verdict": report.verdict,
                "cause": report.cause,
                "record_id": report.record_id,
                "reproduction": report.new_run_id or report.new_record_id,
                "environment": report.environment.kind,
            },
            reason=report.sentence,
        )
    except BiomlError as error:
        notes.append(f"The verdict is not in the audit log: {error.message}")
        return None


def _keep_files(report: Reproduction, store: Store | None, notes: list[str]) -> None:
    """The document and the report: in the folder of the reproduction, and among the files of its run."""
    document = verdict_document(report)
    texts = {DOCUMENT: json.dumps(document, indent=1, allow_nan=False) + "\n", REPORT: verdict_html(document)}
    try:
        for name, text in texts.items():
            if report.work:
                Path(report.work, name).write_text(text, encoding="utf-8")
    except OSError as error:
        notes.append(f"The report could not be written to {report.work}: {error.strerror or error}.")
    # where no new run was made, the recorded one keeps the report
    run_id = report.new_run_id or report.run_id
    if store is None or run_id is None:
        return
    try:
        with tempfile.TemporaryDirectory(prefix="bioml-verdict-") as folder:
            place = Path(folder, FOLDER)
            place.mkdir()
            for name, text in texts.items():
                (place / name).write_text(text, encoding="utf-8")
            store.add_artifacts(run_id, Path(folder))
    except (BiomlError, OSError) as error:
        notes.append(f"The report is not in MLflow: {error}")


def _say(report: Reproduction, project: Project, store: Store | None, notes: list[str]) -> None:
    """The verdict as a report of the recorded run, and as a tag of the new one.

    They go into the project's log of facts first: anything that MLflow cannot take now, the publisher sends later.
    """
    here, facts = destination(project), FactLog(project.home)
    tags = {
        VERDICT: report.verdict,
        VERDICT_CAUSE: report.cause or "",
        VERDICT_AT: datetime.now(UTC).isoformat(timespec="seconds"),
        VERDICT_RUN: report.new_run_id or "",
        VERDICT_ENVIRONMENT: report.environment.kind,
        VERDICT_DIGEST: report.environment.digest or "",
        VERDICT_BASIS: report.based_on.text,
    }
    summary: dict[str, Any] = {
        "cause": report.cause,
        "sentence": report.sentence,
        "repair": report.repair,
        "based_on": report.based_on.text,
        "audit": report.audit,
    }
    if (seen := report.before_tracking or report.source.get(SUMMARY)) is not None:
        summary[SUMMARY] = seen
    verdict = Report(KIND, 0.0, report.verdict, summary, tags)
    try:
        said = [("The verdict", facts.report(report.record_id, here.key, verdict, report.run_id), report.run_id)]
        if (new := report.new_record_id) is not None:
            tagged = facts.tag(new, here.key, {VERDICT: report.verdict}, report.new_run_id)
            said.append(("The new run's verdict", tagged, report.new_run_id))
    except JournalError as error:
        notes.append(f"The verdict is not in MLflow: {error.message}")
        return
    if store is None:
        return
    teller = LaterTeller(store, facts, ledger_of(project, here.key), Blobs(project.blobs))
    for what, item, run_id in said:
        if run_id is not None:
            _try(notes, f"{what} is not in MLflow", partial(_tell, teller, item))


def _tell(teller: LaterTeller, item: RunFacts) -> None:
    """:raises BiomlError: it did not get there."""
    if (why := teller.tell(item)) is not None:
        raise Refused(why)


def _try(notes: list[str], what: str, do: Callable[[], object]) -> None:
    try:
        do()
    except BiomlError as error:
        notes.append(f"{what}: {error.message}")
