"""One run of a program session: what is recorded of it, during it and at its end."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any

from ..journal.blobs import Blobs
from ..records.facts import FINISHED
from ..redact import redact
from .active import ActiveRun, masked
from .outcome import Outcome, failure_of, status_of


class ProgramRun:
    """One run of a program. As a context manager it ends with its block: an exception makes it ``FAILED``."""

    def __init__(self, active: ActiveRun, blobs: Blobs, on_end: Callable[[str], None]) -> None:
        self._active = active
        self._blobs = blobs
        self._on_end = on_end

    @property
    def record_id(self) -> str:
        """The record's id, by which the run is known everywhere."""
        return self._active.record_id

    @property
    def ended(self) -> bool:
        """Whether :meth:`finish` was called."""
        return self._active.ended

    def __enter__(self) -> ProgramRun:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.ended:
            return
        status, cause = status_of(Outcome(error))
        self.finish(status, cause=cause, error=error)

    def log(self, metrics: Mapping[str, Any], step: int | None = None) -> None:
        """Log metrics; booleans, NaN and infinities are kept beside the metrics, anything else as text.

        :param step: position in a series; without it a key's last value counts.
        """
        self._active.log(dict(metrics), step)

    def params(self, params: Mapping[str, Any]) -> None:
        """Log parameters."""
        self._active.log_params(dict(params))

    def tags(self, tags: Mapping[str, str]) -> None:
        """Add tags, or give them another value, at any time after the start."""
        self.append({"t": "tags", "tags": masked(tags)})

    def artifact(self, path: str, data: bytes) -> None:
        """Keep a file with the run.

        :param path: where it lies in the run's artifacts, ``/``-separated.
        """
        if (blob := self._stored("artifact", path, data)) is not None:
            self.append({"t": "artifact", "path": path, **blob})

    def report(
        self,
        kind: str,
        state: str,
        summary: str,
        *,
        tags: Mapping[str, str] | None = None,
        blobs: Mapping[str, bytes] | None = None,
    ) -> None:
        """Attach a report; of several of one kind the last one counts.

        :param state: one word that a gate can judge.
        :param summary: what was found, in a sentence.
        :param tags: tags of the run that say it.
        :param blobs: its files by name.
        """
        kept = {name: self._stored("report", f"{kind}/{name}", data) for name, data in (blobs or {}).items()}
        self.append(
            {
                "t": "report",
                "kind": kind,
                "state": state,
                "summary": redact(summary),
                "tags": masked(tags or {}),
                "blobs": {name: blob for name, blob in kept.items() if blob is not None},
            }
        )

    def gap(self, part: str, reason: str) -> None:
        """Name something that could not be kept."""
        self._active.gap(part, reason)

    def finish(
        self,
        status: str = FINISHED,
        *,
        cause: str | None = None,
        metrics: Mapping[str, Any] | None = None,
        error: BaseException | None = None,
    ) -> None:
        """End the run. Tags and reports may still follow.

        :param status: ``FINISHED``, ``FAILED`` or ``KILLED``.
        :param cause: why it ended so, where there is more to say.
        :param metrics: logged before.
        :param error: the exception that ended it.
        """
        if metrics:
            self.log(metrics)
        now = time.time()
        entry: dict[str, Any] = {
            "t": "finished",
            "status": status,
            "cause": redact(cause) if cause else None,
            "duration": now - self._active.started,
            "params": {},
            "metrics": {},
            "values": {},
        }
        if error is not None:
            entry["failure"] = failure_of(error)
        self.append(entry, now)
        self._active.ended = True
        self._on_end(self.record_id)

    def append(self, entry: dict[str, Any], at: float | None = None) -> None:
        """Append an entry of this run.

        :param at: its time (epoch seconds); None: now.
        """
        self._active.append({**entry, "run": self.record_id, "at": time.time() if at is None else at})

    def _stored(self, part: str, name: str, data: bytes) -> dict[str, Any] | None:
        """``blob`` and ``size`` of a stored content; None, and a gap, when the disk refuses it."""
        try:
            return {"blob": self._blobs.put(data), "size": len(data)}
        except OSError as error:
            self.gap(part, f"{name}: {error.strerror or error}")
            return None
