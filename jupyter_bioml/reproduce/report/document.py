"""``verdict.json``: all that a reproduction found, as one document that later versions can still read.

:func:`verdict_document` makes it, :func:`.html.verdict_html` shows it. What is not known is null.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from ...canonical import jsonable
from ...records.compare import TOLERANCE, RecordComparison, Side
from ...records.run import RunRecord
from ...records.untracked import SUMMARY, VERDICT
from ...redact import redact_value
from ..compare.agreement import LEVELS, MIN_REPEATS, Compared
from ..compare.levels import decision
from ..verdict import Reproduction
from .funnel import stages_of

#: Grows when a field changes its meaning.
SCHEMA = 1


def run_facts(record: RunRecord) -> dict[str, Any]:
    """What a report says of the recorded run (``Reproduction.source``)."""
    verdict = record.report(VERDICT)
    return {
        "name": record.name,
        "notebook": record.code.notebook,
        "cell_id": record.code.cell_id,
        "execution_count": record.code.execution_count,
        "started": record.started,
        "duration": record.duration,
        "status": record.status,
        "user": record.user,
        "commit": record.git.commit if record.git is not None else None,
        "environment": record.environment.digest if record.environment is not None else None,
        "data": [
            {"name": use.name, "role": use.role, "digest": None if use.changed_since else use.digest, "size": use.size}
            for use in record.data
        ],
        # what an earlier reproduction saw of cells that ran while tracking was off
        **({SUMMARY: verdict.summary[SUMMARY]} if verdict is not None and SUMMARY in verdict.summary else {}),
    }


def verdict_document(reproduction: Reproduction) -> dict[str, Any]:
    """The document of one reproduction; JSON can hold all of it."""
    outputs: tuple[Compared, ...] = reproduction.outputs
    decided = decision(outputs) if outputs else None
    comparison, source = reproduction.comparison, reproduction.source
    declared = source["environment"] is not None if "environment" in source else None
    as_json = comparison.as_json() if comparison is not None else None
    document = {
        "schema": SCHEMA,
        "verdict": reproduction.verdict,
        "cause": reproduction.cause,
        "sentence": reproduction.sentence,
        "evidence": [dataclasses.asdict(item) for item in reproduction.evidence],
        "repair": reproduction.repair,
        "based_on": reproduction.based_on.as_json(),
        "differences": [dataclasses.asdict(item) for item in reproduction.differences],
        "run_id": reproduction.run_id,
        "reproduction_run_id": reproduction.new_run_id,
        "level": decided.level if decided is not None else None,
        "levels": _counts(outputs),
        "compared": [dataclasses.asdict(item) for item in outputs],
        "tolerance": comparison.tolerance if comparison is not None else TOLERANCE,
        "repeats": {"runs": list(reproduction.repeats), "least": MIN_REPEATS},
        "runs": {
            "recorded": _recorded(reproduction),
            "reproduction": _again(reproduction),
        },
        "environment": dataclasses.asdict(reproduction.environment),
        "data": _data(source, comparison),
        "code": {"cell": comparison.code, "earlier": comparison.earlier} if comparison is not None else None,
        "proofs": [dataclasses.asdict(item) for item in reproduction.proofs],
        "funnel": stages_of(reproduction.verdict, reproduction.cause, declared=declared, comparison=as_json),
        "before_tracking": reproduction.before_tracking,
        "notes": [*reproduction.notes, *reproduction.waiting, *(comparison.unknown if comparison is not None else ())],
        "audit": reproduction.audit or None,
        "at": _iso(reproduction.started),
        "software": f"jupyter-bioml {version('jupyter-bioml')}",
    }
    return dict(redact_value(jsonable(document)))


def _counts(outputs: Sequence[Compared]) -> dict[str, int]:
    counts = Counter(item.level for item in outputs)
    return {level: counts[level] for level in LEVELS}


def _recorded(reproduction: Reproduction) -> dict[str, Any]:
    """The recorded run: what its side of the comparison says, then what the source says."""
    side = _side(reproduction.comparison, "left")
    facts = {key: value for key, value in reproduction.source.items() if key not in ("data", SUMMARY)}
    return {**side, **facts, "record_id": reproduction.record_id, "run_id": reproduction.run_id}


def _again(reproduction: Reproduction) -> dict[str, Any]:
    result = reproduction.result
    return {
        "status": result.status,
        **_side(reproduction.comparison, "right"),
        "record_id": reproduction.new_record_id,
        "run_id": reproduction.new_run_id,
        "took": result.duration,
        "failure": dataclasses.asdict(result.failure) if result.failure is not None else None,
        "reason": result.reason,
        "work": reproduction.work,
    }


def _side(comparison: RecordComparison | None, which: str) -> dict[str, Any]:
    side: Side | None = getattr(comparison, which, None)
    return dataclasses.asdict(side) if side is not None else {}


def _data(source: Mapping[str, Any], comparison: RecordComparison | None) -> dict[str, Any]:
    """Data versions of the recorded run, how many are the same now, and which are not."""
    return {
        "versions": source.get("data"),
        "same": comparison.same.get("data", 0) if comparison is not None else None,
        "differences": [dataclasses.asdict(item) for item in comparison.of("data")] if comparison is not None else [],
    }


def _iso(at: float) -> str | None:
    """A moment in UTC as ISO 8601; None when there is none."""
    try:
        return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds") if at else None
    except (OverflowError, OSError, ValueError):
        return None
