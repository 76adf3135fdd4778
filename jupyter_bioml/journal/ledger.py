"""The record of everything sent: one file of checksummed lines per destination, written by its one publisher.

Lines (``t`` and their fields; ``run`` is a record id):

``store`` id: the database behind the destination. Another id (the file was deleted or replaced) means that
nothing is known to be there; everything is looked up again, data digests stay.
``intend`` run: a run is about to be made. ``created`` run, run_id, adopted: it is there; ``adopted`` names the
keys that the user's own code had written. ``data`` run, uses, gaps: data files were hashed. ``trying`` run: its
model is being logged, ``untried`` run: its process answered; ``model`` run, model_id, format, gap, notes: that
ended. ``done`` run, entries, environment, open: all that was known then is sent. ``failed`` run, reason.
``settled`` session, log, helper: nothing more will come from these many bytes. ``adopted`` session: its runs are sent
here, although they were recorded for another destination. ``unavailable`` reason, delay,
denied; ``available``. ``said`` text.

Whatever is interrupted is done again; an ``intend`` without ``created`` is searched in the store first.
"""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ..errors import JournalError
from ..records.facts import CaptureGap, DataUse
from ..records.shape import LineShape, Unfit
from .lines import Entry, SegmentReader
from .log import Segment
from .shared import damage_of

#: Lines that are written when the destination has answered.
_REACHED = ("created", "done", "available")


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
    """The ledger of one destination. Reading needs no lock; :meth:`open` for the publisher that holds it.

    :param earlier: what was written under other names while the project lay in other folders; it counts first.
    :param known: what :meth:`known` gave at another time: only what was appended since is read.
    """

    def __init__(self, path: Path, earlier: Sequence[Path] = (), known: bytes | None = None) -> None:
        self.path = path
        self.adopted: set[str] = set()
        """Sessions that were taken over from another destination."""
        self._earlier = tuple(earlier)
        self.outage: Outage | None = None
        self.reached: float | None = None
        """When the destination last took something (epoch seconds); None: not known."""
        self.store_id: str | None = None
        self.said: list[tuple[float, str]] = []
        self._runs: dict[str, RunState] = {}
        self._settled: dict[str, tuple[int, int]] = {}
        self._misshapen = 0
        self._segment: Segment | None = None
        self._reader = SegmentReader(path)
        self._known: tuple[int, bytes] | None = None
        if known is None or self._earlier or not self._go_on_from(known):
            self._begin()
        self.refresh()

    def _begin(self) -> None:
        """Nothing is known."""
        self.adopted, self.outage, self.reached, self.store_id, self.said = set(), None, None, None, []
        self._runs, self._settled, self._misshapen = {}, {}, 0
        self._reader = SegmentReader(self.path)
        for before in self._earlier:
            for line in SegmentReader(before).read():
                self._take(line.entry)

    def refresh(self) -> None:
        """Read what another process has appended."""
        for line in self._reader.read():
            self._take(line.entry)
        if self._reader.doubtful:
            self._begin()
            self.refresh()

    def known(self) -> bytes | None:
        """What it says up to where it was read, so that another process can go on from there; None: it is damaged."""
        reader = self._reader
        if self._earlier or self._misshapen or reader.corrupt or reader.cut or not reader.offset:
            return None
        if self._known is None or self._known[0] != reader.offset:
            try:
                data = self.path.read_bytes()[: reader.offset]
                lines = [int(line[:8], 16) for line in data.split(b"\n") if line]
            except (OSError, ValueError):
                return None
            if any(number != zlib.crc32(line[9:]) for number, line in zip(lines, data.split(b"\n"), strict=False)):
                return None  # it was damaged after it was read
            runs = {key: list(vars(state).values()) for key, state in self._runs.items()}
            document = {
                "offset": reader.offset, "crc": zlib.crc32(data), "lines": lines, "adopted": sorted(self.adopted),
                "outage": self.outage and vars(self.outage), "store": self.store_id, "said": self.said,
                "settled": self._settled, "reached": self.reached, "runs": runs,
            }  # fmt: skip
            self._known = reader.offset, json.dumps(document, separators=(",", ":")).encode()
        return self._known[1]

    def _go_on_from(self, known: bytes) -> bool:
        """Take what was known; False: the file does not begin so any more."""
        document = json.loads(known)
        offset = document["offset"]
        try:
            data = self.path.read_bytes()[:offset]
        except OSError:
            return False
        if len(data) != offset or zlib.crc32(data) != document["crc"]:
            return False
        self._reader = SegmentReader(self.path, offset, frozenset(document["lines"]))
        self.adopted, self.store_id, self.reached = set(document["adopted"]), document["store"], document["reached"]
        self.outage = document["outage"] and Outage(**document["outage"])
        self.said = [(at, text) for at, text in document["said"]]
        self._settled = {key: (log, helper) for key, (log, helper) in document["settled"].items()}
        self._runs = {key: RunState(*values) for key, values in document["runs"].items()}
        self._known = offset, known
        return True

    def open(self) -> None:
        """Become the one writer.

        :raises JournalError: when another process writes it, or the folder cannot be written.
        """
        try:
            self._go_on()
            self._segment = Segment(self.path)
        except OSError as error:
            raise JournalError(
                f"{self.path} cannot be written ({error.strerror or error}); nothing was sent.",
                next="Nothing is lost. Fix the folder's permissions, then run: jupyter bioml publish --wait",
            ) from None
        self.refresh()

    def _go_on(self) -> None:
        """Begin the file with what was written in other folders: it is complete before it has its name.

        :raises OSError: the disk refuses it.
        """
        if not self._earlier or self.path.exists():
            return
        text = b"".join(before.read_bytes().rstrip(b"\n") + b"\n" for before in self._earlier)
        new = self.path.with_name(f"{self.path.name}.new")
        new.write_bytes(text)
        new.rename(self.path)
        self._reader.offset = len(text)  # it was read under its other names

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

    def damage(self) -> str | None:
        """What of the file cannot be read; None: everything can."""
        what = "what they said was sent is looked up in MLflow again"
        return damage_of(f"publish/{self.path.name}", self._reader, self._misshapen, what)

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
        """One line; of a damaged one what fits counts, and what it said else is found out again."""
        shape = _shapes().get(str(entry.get("t")))
        if shape is None:
            return
        try:
            kept, left_out = shape.checked(entry)
        except Unfit:
            self._misshapen += 1
            return
        self._misshapen += bool(left_out)
        if entry["t"] in _REACHED and isinstance(entry.get("at"), (int, float)):
            self.reached = float(entry["at"])
        getattr(self, f"_on_{entry['t']}")(kept)

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

    def _on_adopted(self, entry: Entry) -> None:
        self.adopted.add(entry["session"])

    def _on_unavailable(self, entry: Entry) -> None:
        self.outage = Outage(entry["reason"], entry["delay"], bool(entry.get("denied")), entry["at"])

    def _on_available(self, entry: Entry) -> None:
        self.outage = None

    def _on_said(self, entry: Entry) -> None:
        self.said.append((entry["at"], entry["text"]))


@cache
def _shapes() -> dict[str, LineShape]:
    """The lines by kind."""
    run: dict[str, Any] = {"run": str}
    return {
        "store": LineShape.of(id=str),
        "intend": LineShape.of(**run),
        "created": LineShape.of(**run, run_id=str, more={"adopted": dict[str, tuple[str, ...]] | None}),
        "data": LineShape.of(**run, uses=tuple[DataUse, ...], gaps=tuple[CaptureGap, ...]),
        "trying": LineShape.of(**run),
        "untried": LineShape.of(**run),
        "model": LineShape.of(**run, more=dict.fromkeys(("gap", "model_id", "format"), str | None)),
        "done": LineShape.of(**run, at=float, entries=int, environment=str | None, more={"open": bool, "tags": str}),
        "failed": LineShape.of(**run, reason=str),
        "settled": LineShape.of(session=str, log=int, helper=int),
        "adopted": LineShape.of(session=str),
        "unavailable": LineShape.of(at=float, reason=str, delay=float, more={"denied": bool}),
        "available": LineShape.of(),
        "said": LineShape.of(at=float, text=str),
    }
