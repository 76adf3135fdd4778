"""Write a verdict where others look for it: a report and tags of the runs, files of the new run, the audit log.

The verdict stays as it was found; anything that cannot be written becomes a note of it. Here it is written to this
project; MLflow is told by :mod:`.telling`.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..audit.event import Event
from ..audit.log import AuditLog
from ..canonical import jsonable
from ..config import Project, destination
from ..errors import BiomlError, JournalError
from ..headless.results import INTERRUPTED
from ..journal.facts import FactLog
from ..records.run import Report
from ..records.untracked import SUMMARY
from ..store.base import (
    VERDICT,
    VERDICT_AT,
    VERDICT_BASIS,
    VERDICT_CAUSE,
    VERDICT_DIGEST,
    VERDICT_ENVIRONMENT,
    VERDICT_RUN,
)
from .report.document import verdict_document
from .report.html import verdict_html
from .telling import Tell, Telling
from .verdict import Reproduction

#: Names of the files: in MLflow below ``bioml/``, and in the reproduction's own folder.
DOCUMENT, REPORT = "verdict.json", "verdict.html"
#: Kind of the report with the verdict on a reproduced run.
KIND = "verdict"


def announce(report: Reproduction, project: Project, tell: Tell | None) -> Reproduction:
    """Write the verdict; returns the report with the audit event and with a note for each thing that failed.

    What was interrupted has no verdict to write: an earlier one stays.

    :param tell: tells MLflow; None when nothing was ever published: then only the files and the log are written.
    """
    notes: list[str] = []
    if report.result.status == INTERRUPTED:
        return dataclasses.replace(report, notes=(*report.notes, "It was interrupted: no verdict was written."))
    event = _logged(report, project, notes)
    if event is not None:
        report = dataclasses.replace(report, audit={"chain": event.chain, "seq": event.seq, "hash": event.hash})
    texts = _write_files(report, notes)
    findings = _say(report, project, notes)
    # where no new run was made, the recorded one keeps the report
    keeper = report.new_run_id or report.run_id
    copied = None if event is None else event.as_json()
    telling = Telling(str(project.root), str(project.home), texts, keeper, findings, copied, report.run_id)
    if tell is not None and keeper is not None:
        notes += tell(telling)
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


def _write_files(report: Reproduction, notes: list[str]) -> dict[str, str]:
    """The document and the report, by name; they are written into the folder of the reproduction too."""
    document = verdict_document(report)
    texts = {DOCUMENT: json.dumps(document, indent=1, allow_nan=False) + "\n", REPORT: verdict_html(document)}
    try:
        for name, text in texts.items():
            if report.work:
                Path(report.work, name).write_text(text, encoding="utf-8")
    except OSError as error:
        notes.append(f"The report could not be written to {report.work}: {error.strerror or error}.")
    return texts


def _say(report: Reproduction, project: Project, notes: list[str]) -> tuple[tuple[str, str], ...]:
    """The verdict as a report of the recorded run, and as a tag of the new one, in the project's log of facts.

    :returns: what is said, and of which record, for those that have a run in MLflow.
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
    said: list[tuple[str, str, str | None]] = []
    try:
        facts.report(report.record_id, here.key, verdict, report.run_id)
        said.append(("The verdict", report.record_id, report.run_id))
        if (new := report.new_record_id) is not None:
            facts.tag(new, here.key, {VERDICT: report.verdict}, report.new_run_id)
            said.append(("The new run's verdict", new, report.new_run_id))
    except JournalError as error:
        notes.append(f"The verdict is not in MLflow: {error.message}")
        return ()
    return tuple((what, record_id) for what, record_id, run_id in said if run_id is not None)
