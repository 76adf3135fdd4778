"""What reaches the fold of a session: entries of the right shape; damaged parts are left out, counted and named."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ..errors import BiomlError, SchemaTooNew
from .draft import Entry
from .entries import entry_shapes
from .run import SCHEMA, CaptureGap, Session
from .shape import Unfit, is_fit
from .wire import from_dict

#: What a handler may still meet in an entry of the right types.
UNREADABLE = (BiomlError, LookupError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)
#: The part of a record's gaps that concerns its journal, and how a run ended whose end may stand in a damaged line.
JOURNAL = "journal"
END_LOST = "how it ended is not known: lines of its journal are damaged"
FIRST_LINE = "the first line of its journal is damaged"
#: Kinds that mean nothing before the start of their run.
_OF_A_RUN = frozenset(
    ("score", "log", "params", "artifact", "predictions", "output", "user_run", "model", "tags", "report", "gap",
     "finished", "patch")
)  # fmt: skip


@dataclass
class Intake:
    """The damage of one session, as far as its lines tell, and the entries that wait for the start of their run."""

    cut_lines: int = 0
    """Lines that cannot be read at all, as their reader has counted them."""
    open_lines: int = 0
    """Last lines without an end: in flight while the kernel lives."""
    misshapen: int = 0
    """Entries that have not the shape of their kind: what fits of them was taken."""
    unknown: Counter[str] = field(default_factory=Counter)
    """Entries of kinds that this version does not know."""
    assumed: str | None = None
    """Why parts of the session are not known; None: all of it is."""
    too_new: str | None = None
    """Why nothing of the session can be understood."""
    _early: dict[str, list[Entry]] = field(default_factory=dict)
    _faults: dict[str, list[CaptureGap]] = field(default_factory=dict)

    def damage(self, *, dead: bool) -> int:
        """Lines that could not be read, or not wholly; of a living kernel without those that it may be writing."""
        return self.cut_lines + self.misshapen + (self.open_lines if dead else 0)

    @property
    def startless(self) -> list[str]:
        """Runs of which lines are there, and their start is not (yet)."""
        return list(dict.fromkeys((*self._early, *self._faults)))

    def checked(self, entry: Entry) -> tuple[str, Entry] | None:
        """The kind of an entry, and what fits of it; None: nothing of it can be taken."""
        kind = entry.get("t")
        shape = entry_shapes().get(kind) if isinstance(kind, str) else None
        if shape is None or not isinstance(kind, str):
            self.unknown[str(kind)[:40]] += 1
            return None
        if kind == "session" and self._is_too_new(entry):
            return None
        try:
            kept, left_out = shape.checked(entry)
        except Unfit as place:
            self.misshapen += 1
            if kind == "session":
                self.assumed = FIRST_LINE
                return kind, _what_fits(entry)
            self._name(entry, f"the {kind} line was left out, as its field {place} is damaged")
            return None
        if left_out:
            self.misshapen += 1
            fields = ", ".join(left_out[:5])
            if kind == "session":
                self.assumed = f"{FIRST_LINE} ({fields})"
            self._name(entry, f"these fields of the {kind} line are damaged and were left out: {fields}")
        return kind, kept

    def failed(self, entry: Entry, error: Exception) -> None:
        """An entry of the right types could not be taken all the same."""
        self.misshapen += 1
        self._name(entry, f"the {entry['t']} line was left out ({type(error).__name__}: {error})")

    def _name(self, entry: Entry, reason: str) -> None:
        run = entry.get("run")
        if isinstance(run, str):
            self._faults.setdefault(run, []).append(CaptureGap(JOURNAL, reason))

    def faults(self, run: str) -> list[CaptureGap]:
        """What was damaged of a run, and was not asked for yet."""
        return self._faults.pop(run, [])

    def waits(self, kind: str, entry: Entry) -> bool:
        """Keep an entry whose run has not started yet, as :meth:`early` gives it; False: it concerns no run."""
        run = entry.get("run")
        if run is None or kind not in _OF_A_RUN:
            return False
        self._early.setdefault(run, []).append(entry)
        return True

    def early(self, run: str) -> list[Entry]:
        """The entries that waited for the start of a run."""
        return self._early.pop(run, [])

    # -- the session -----------------------------------------------------------------------------

    def _is_too_new(self, entry: Entry) -> bool:
        schema = entry.get("schema", 0)
        if type(schema) is int and SCHEMA < schema < 2**31:
            self.too_new = (
                f"The journal of session {entry.get('session')} was written by a newer version; it was left unchanged."
            )
        return self.too_new is not None

    def check_version(self) -> None:
        """Whether this version may read the session.

        :raises SchemaTooNew: a newer version wrote it.
        """
        if self.too_new is not None:
            raise SchemaTooNew(self.too_new, next="Update with: pip install -U jupyter-bioml")


def _what_fits(entry: Entry) -> Entry:
    """A damaged ``session`` entry as far as it goes; texts that are not known are empty."""
    fields = entry_shapes()["session"].fields
    kept = {name: entry[name] for name, hint in fields.items() if name in entry and is_fit(hint, name, entry[name])}
    unknown: dict[str, Any] = {
        "session": "", "started": 0.0, "pid": 0, "process_started": None, "host": "", "boot": None, "python": "",
        "executable": "", "user": "", "project": "", "home": "", "cwd": "", "notebook": None, "path_source": None,
        "destination": "", "destination_key": "",
    }  # fmt: skip
    return {**unknown, **kept}


def assumed_session(name: str) -> Session:
    """The session of a segment whose first line is lost: only the segment's name is known."""
    return from_dict(Session, _what_fits({"session": name}))
