"""The content of the verdict report, section by section; the template lays it out.

A section is None if the document has nothing for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ...canonical import restore
from ...html.page import Mark, lines_of
from ...text.present import format_bytes, format_duration, format_time
from ..verdict import DIFFERENT, NOT_COMPARED, REPRODUCED, WITHIN_NOISE
from .fields import MESSAGE, MOST_ROWS, Document, Listed, digest, figure, messages, part, parts_of, shown
from .funnel import STAGES
from .outputs import Outputs, outputs_of
from .why import Stop, Why, stop_of, why_of

_KINDS = {"current": "the current one", "locked": "built from the recorded lock", "latest": "latest versions"}
_PASSED = {True: Mark("✓", "good", "yes"), False: Mark("✗", "bad", "no")}
_NOT_REACHED, _NOT_KNOWN = Mark("–", "none", "not reached"), Mark("–", "none", "not known")


@dataclass(frozen=True)
class DifferenceRow:
    """One thing that differs from the record."""

    part: str
    name: str
    left: str
    right: str
    note: str


@dataclass(frozen=True)
class CodeChange:
    """A difference of code, as lines of a patch."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Environments:
    """The two environments, the distributions that differ, and remarks on building one."""

    recorded: str
    new: str
    kind: str
    packages: Listed[DifferenceRow]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class VersionRow:
    """A version of data that the recorded run used."""

    name: str
    role: str
    digest: str
    size: str
    changed: bool


@dataclass(frozen=True)
class ReportFact:
    """One fact about both runs."""

    title: str
    left: str
    right: str


@dataclass(frozen=True)
class AuditEvent:
    """The verdict's event in the audit log."""

    chain: str
    seq: str
    hash: str


@dataclass(frozen=True)
class VerdictView:
    """The whole report."""

    title: str
    verdict: Mark
    sentence: str
    name: str
    where: tuple[str, ...]
    """The notebook, when the run was recorded and when reproduced."""
    why: Why | None
    stop: Stop | None
    outputs: Outputs | None
    differences: Listed[DifferenceRow]
    changes: tuple[CodeChange, ...]
    stages: tuple[tuple[Mark, str], ...]
    environments: Environments | None
    versions: Listed[VersionRow]
    runs: tuple[ReportFact, ...]
    remarks: tuple[str, ...]
    audit: AuditEvent | None
    made_by: str


def verdict_view(document: Document) -> VerdictView:
    """The view of a document of :func:`.document.verdict_document`; of another version, as far as possible."""
    found = restore(dict(document))
    run, verdict = part(found, "runs", "recorded"), shown(found.get("verdict"))
    return VerdictView(
        f"{verdict}: {shown(run.get('name') or 'run', 60)}",
        _verdict_mark(verdict),
        shown(found.get("sentence"), MESSAGE),
        shown(run.get("name") or "(no name)"),
        tuple(_where(found, run)),
        why_of(found),
        stop_of(part(found, "runs", "reproduction")),
        outputs_of(found),
        _differences(found),
        tuple(_changes(part(found, "code"))),
        tuple(_stages(part(found, "funnel"))),
        _environments(found, run),
        _versions(part(found, "data")),
        tuple(_runs(part(found, "runs"))),
        messages(found.get("notes")),
        _audit(part(found, "audit")),
        f"{shown(found.get('software'))} · report schema {shown(found.get('schema'))}",
    )


def _verdict_mark(verdict: str) -> Mark:
    if verdict == REPRODUCED:
        return Mark("✓", "good", verdict)
    if verdict == WITHIN_NOISE:
        return Mark("≈", "fair", verdict)
    if verdict == NOT_COMPARED:
        return Mark("?", "none", verdict)
    return Mark("✗", "bad", verdict) if verdict == DIFFERENT else Mark("⊘", "none", verdict)


def _where(found: Document, run: Document) -> list[str]:
    told = [shown(run["notebook"])] if run.get("notebook") else []
    if run.get("started"):
        told.append(f"recorded {_moment(run['started'])}")
    if found.get("at"):
        told.append(f"reproduced {_local(found['at'])}")
    return told


def _moment(at: Any) -> str:
    """Seconds since the epoch as a local time; anything else unchanged."""
    return shown(format_time(at) if isinstance(at, (int, float)) else at)


def _local(at: Any) -> str:
    """An ISO 8601 moment as a local time, as the other times are."""
    try:
        return format_time(datetime.fromisoformat(str(at)).timestamp())
    except (ValueError, OverflowError):
        return shown(at)


def _differences(found: Document) -> Listed[DifferenceRow]:
    """What differs beside outputs; distributions stand among the environments already."""
    packages = {str(item.get("name")) for item in _packages(found)}
    items = parts_of(found.get("differences"))
    return Listed.of(
        (i for i in items if i.get("part") != "environment" or str(i.get("name")) not in packages), _difference
    )


def _packages(found: Document) -> list[Document]:
    return parts_of(part(found, "environment").get("differences"))


def _difference(item: Document) -> DifferenceRow:
    left, right = figure(item.get("left")), figure(item.get("right"))
    return DifferenceRow(shown(item.get("part")), shown(item.get("name")), left, right, shown(item.get("note")))


def _changes(code: Document) -> list[CodeChange]:
    titles = {"cell": "The cell's code", "earlier": "The code of earlier cells"}
    return [CodeChange(title, lines_of(str(code[key]), MOST_ROWS)) for key, title in titles.items() if code.get(key)]


def _stages(stages: Document) -> list[tuple[Mark, str]]:
    if not stages:
        return []
    absent = _NOT_REACHED if False in stages.values() else _NOT_KNOWN
    marks = {stage: stages.get(stage) for stage in STAGES}
    return [(_PASSED[passed] if isinstance(passed, bool) else absent, STAGES[stage]) for stage, passed in marks.items()]


def _environments(found: Document, run: Document) -> Environments | None:
    there = part(found, "environment")
    if not there:
        return None
    kind = shown(_KINDS.get(str(there.get("kind")), there.get("kind")))
    python = f" · {shown(there['python'])}" if there.get("python") else ""
    return Environments(
        digest(run.get("environment")),
        digest(there.get("digest")),
        f"{kind}{python}",
        Listed.of(_packages(found), _difference),
        messages(there.get("notes")),
    )


def _versions(data: Document) -> Listed[VersionRow]:
    changed = {str(item.get("name")) for item in parts_of(data.get("differences"))}
    return Listed.of(parts_of(data.get("versions")), lambda item: _version(item, str(item.get("name")) in changed))


def _version(item: Document, changed: bool) -> VersionRow:
    size = item.get("size")
    told = format_bytes(size) if size is None or isinstance(size, (int, float)) else shown(size)
    return VersionRow(shown(item.get("name")), shown(item.get("role")), digest(item.get("digest")), told, changed)


def _runs(runs: Document) -> list[ReportFact]:
    left, right = part(runs, "recorded"), part(runs, "reproduction")
    lines: tuple[tuple[str, str, Callable[[Any], str]], ...] = (
        ("MLflow run", "run_id", figure),
        ("record", "record_id", figure),
        ("status", "status", figure),
        ("started", "started", _moment),
        ("took", "duration", _length),
        ("all cells took", "took", _length),
        ("git commit", "commit", figure),
        ("user", "user", figure),
        ("folder", "work", figure),
    )
    return [
        ReportFact(title, *(figure(None) if side.get(key) is None else show(side[key]) for side in (left, right)))
        for title, key, show in lines
        if left.get(key) is not None or right.get(key) is not None
    ]


def _length(seconds: Any) -> str:
    return shown(format_duration(seconds) if isinstance(seconds, (int, float)) else seconds)


def _audit(event: Document) -> AuditEvent | None:
    return AuditEvent(figure(event.get("chain")), shown(event.get("seq")), figure(event.get("hash"))) if event else None
