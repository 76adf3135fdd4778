"""The shape of every entry of a session's segments (ARCHITECTURE.md, "Journal entries")."""

from __future__ import annotations

from functools import cache
from typing import Any

from .facts import CaptureGap, DataUse, Score
from .run import (
    Artifact,
    Code,
    Environment,
    Failure,
    Git,
    Model,
    Module,
    Output,
    Predictions,
    Reading,
    Report,
    Session,
)
from .shape import LineShape
from .untracked import UntrackedCell

_WORDS = tuple[str, ...]


@cache
def entry_shapes() -> dict[str, LineShape]:
    """By kind."""
    run: dict[str, Any] = {"run": str, "at": float}
    maybe: dict[str, Any] = {"run": str | None}
    return {
        "session": LineShape.of(Session),
        "started": LineShape.of(
            **run, seq=int, mark=str, code=Code,
            more={
                "name": str | None, "note": str | None, "parent": str | None, "part_of": str | None,
                "reproduces": str | None, "tags": dict[str, str], "git": Git | None, "compared": _WORDS | None,
                "states": dict[str, str], "alone": bool,
            },
        ),
        "log": LineShape.of(at=float, m=dict[str, Any], more={**maybe, "step": int | None}),
        "params": LineShape.of(p=dict[str, Any], more=maybe),
        "score": LineShape.of(
            Score, **run, more={"value": float, "values": tuple[float, ...], "steps": tuple[int, ...]}
        ),
        "artifact": LineShape.of(Artifact, **run),
        "predictions": LineShape.of(Predictions, **run),
        "output": LineShape.of(**run, o=tuple[Output, ...]),
        "user_run": LineShape.of(run=str, run_id=str, uri=str, first=bool),
        "model": LineShape.of(run=str, more={"model": Model | None}),
        "tags": LineShape.of(run=str, tags=dict[str, Any]),
        "report": LineShape.of(Report, **run),
        "gap": LineShape.of(CaptureGap, more=maybe),
        "finished": LineShape.of(
            **run, status=str,
            more={
                "cause": str | None, "duration": float | None, "cpu": float | None, "peak_rss": int | None,
                "failure": Failure | None, "params": dict[str, Any], "metrics": dict[str, float],
                "values": dict[str, Any], "defaults": _WORDS, "data": tuple[DataUse, ...],
                "modules": tuple[Module, ...], "gaps": tuple[CaptureGap, ...], "execution_count": int | None,
                "pending": _WORDS,
            },
        ),
        "states": LineShape.of(states=dict[str, str]),
        "untracked": LineShape.of(seq=int, cells=tuple[UntrackedCell, ...], more={"reason": str | None}),
        "renamed": LineShape.of(notebook=str | None, path_source=str | None),
        "probes": LineShape.of(asked=_WORDS, listed=_WORDS, variables=_WORDS, modules=_WORDS, hidden=_WORDS),
        "closed": LineShape.of(),
        "helper": LineShape.of(),
        "reading": LineShape.of(Reading),
        "environment": LineShape.of(Environment, at=float),
        "patch": LineShape.of(run=str, more={"dirty": bool | None, "blob": str | None, "late": bool | None}),
        "died": LineShape.of(more={"at": float, "cause": str | None}),
    }  # fmt: skip
