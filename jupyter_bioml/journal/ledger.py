"""The record of everything sent: one file of checksummed lines per destination, written by its one publisher.

Lines (``t`` and their fields; ``run`` is a record id):

``store`` id: the database behind the destination. Another id (the file was deleted or replaced) means that
nothing is known to be there; everything is looked up again, data digests stay.
``intend`` run: a run is about to be made. ``created`` run, run_id, adopted: it is there; ``adopted`` names the
keys that the user's own code had written. ``data`` run, uses, gaps: data files were hashed. ``trying`` run: its
model is being logged, ``untried`` run: its process answered; ``model`` run, model_id, format, gap, notes: that
ended. ``done`` run, entries, environment, open: all that was known then is sent. ``failed`` run, reason.
``settled`` session, log, helper: nothing more will come from these many bytes. ``unavailable`` reason, delay,
denied; ``available``. ``said`` text.

Whatever is interrupted is done again; an ``intend`` without ``created`` is searched in the store first.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import JournalError
from .log import Entry, Segment, SegmentReader


class LedgerRefused(JournalError):
    """The disk did not take a line of the ledger."""


@dataclass
class RunState:
    """The ledger's knowledge of one record."""

    run_id: str | None = None
    adopted: dict[str, list[str]] | None = None
    """Keys of the user's own parameters, metrics and tags; None: the run was made by us."""
    data: Entry | None = None
    model: Entry | None = None
    tries: int = 0
    """Attempts to log the model that did not come to an end."""
    done: Entry | None = None
    failed: str | None = None


@dataclass
class Outage:
    """The destination did not answer. ``delay``: seconds that were waited last."""

    reason: str
    delay: float
    denied: bool
    at: float


class Ledger:
    """The ledger of one destination. Reading needs no lock; :meth:`open` for the publisher that holds it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.outage: Outage | None = None
        self.store_id: str | None = None
        self.said: list[tuple[float, str]] = []
        self._runs: dict[str, RunState] = {}
        self._settled: dict[str, tuple[int, int]] = {}
        self._reader = SegmentReader(path)
        self._segment: Segment | None = None
        self.refresh()

    def refresh(self) -> None:
        """Read what another process has appended."""
        for line in self._reader.read():
            self._take(line.entry)

    def open(self) -> None:
        """Become the one writer.

        :raises JournalError: when another process writes it, or the folder cannot be written.
        """
        try:
            self._segment = Segment(self.path)
        except OSError as error:
            raise JournalError(
                f"{self.path} cannot be written ({error.strerror or error}); nothing was sent.",
                next="Nothing is lost. Fix the folder's permissions, then run: jupyter bioml publish --wait",
            ) from None
        self.refresh()

    def close(self) -> None:
        """Stop being the writer; it may be called again."""
        if self._segment is not None:
            self._segment.close()
            self._segment = None

    # -- asking ----------------------------------------------------------------------------------

    def state(self, record_id: str) -> RunState:
        """The facts known about a record; may be empty."""
        return self._runs.get(record_id) or RunState()

    def run_id(self, record_id: str) -> str | None:
        """The MLflow run of a record; for a part, the run it is part of. None: there is none yet."""
        return self.state(record_id).run_id

    def touched(self, record_id: str) -> bool:
        """Whether the publisher began with a record: its run may exist although no id is known."""
        return record_id in self._runs

    def settled(self, session: str) -> tuple[int, int] | None:
        """Sizes of the two segments of a session that is wholly sent."""
        return self._settled.get(session)

    # -- writing ---------------------------------------------------------------------------------

    def append(self, kind: str, **fields: Any) -> None:
        """Append one line.

        :raises LedgerRefused: when the disk refuses it, or it was deleted: going on could send things twice.
        """
        assert self._segment is not None, "open() first"
        if not self._segment.in_place:
            raise LedgerRefused(
                f"{self.path} was deleted while it was written; the publisher stopped.",
                next="Nothing in the journal is lost. To send what waits: jupyter bioml publish --wait",
            )
        entry: Entry = {"t": kind, "at": time.time(), **fields}
        if not self._segment.append(entry):
            raise LedgerRefused(
                f"{self.path} cannot be written ({self._segment.refused_reason}); the publisher stopped.",
                next="Nothing is lost. Make room on the disk, then: jupyter bioml publish --wait",
            )
        self.refresh()

    def bind(self, store_id: str | None) -> None:
        """Tell which database is behind the destination now."""
        if store_id is not None and store_id != self.store_id:
            self.append("store", id=store_id)

    # -- reading ---------------------------------------------------------------------------------

    def _take(self, entry: Entry) -> None:
        handler = getattr(self, f"_on_{entry.get('t')}", None)
        if handler is not None:
            handler(entry)

    def _run(self, entry: Entry) -> RunState:
        return self._runs.setdefault(entry["run"], RunState())

    def _on_store(self, entry: Entry) -> None:
        if self.store_id is not None:
            self._settled.clear()
            self._runs = {key: RunState(data=state.data) for key, state in self._runs.items()}
        self.store_id = entry["id"]

    def _on_intend(self, entry: Entry) -> None:
        self._run(entry)

    def _on_created(self, entry: Entry) -> None:
        state = self._run(entry)
        state.run_id, state.adopted = entry["run_id"], entry.get("adopted")

    def _on_data(self, entry: Entry) -> None:
        self._run(entry).data = entry

    def _on_trying(self, entry: Entry) -> None:
        self._run(entry).tries += 1

    def _on_untried(self, entry: Entry) -> None:
        self._run(entry).tries -= 1

    def _on_model(self, entry: Entry) -> None:
        self._run(entry).model = entry

    def _on_done(self, entry: Entry) -> None:
        state = self._run(entry)
        state.done, state.failed = entry, None

    def _on_failed(self, entry: Entry) -> None:
        self._run(entry).failed = entry["reason"]

    def _on_settled(self, entry: Entry) -> None:
        self._settled[entry["session"]] = (entry["log"], entry["helper"])

    def _on_unavailable(self, entry: Entry) -> None:
        self.outage = Outage(entry["reason"], entry["delay"], bool(entry.get("denied")), entry["at"])

    def _on_available(self, entry: Entry) -> None:
        self.outage = None

    def _on_said(self, entry: Entry) -> None:
        self.said.append((entry["at"], entry["text"]))
