"""The cells of this kernel that ran while tracking was off, from IPython's own history of this session.

When tracking starts only their places in the history are remembered. They are read, masked and journaled later: some
at a time after a reply, and all that are left before the first run starts.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from ..config import Project
from ..journal.log import Segment
from ..records.facts import FAILED, KILLED, UNKNOWN
from ..redact import redact
from ..text.experiment_line import split
from .cellcode import analyse, parse_cell
from .findings import Memory
from .quiet_code import are_quiet

#: Cells that are journaled with one entry.
PORTION = 100
#: Cells that are journaled at most when somebody asks what is known of them, and waits.
AT_ONCE = 1_000


@dataclass(eq=False, repr=False)
class _Span:
    """Cells of the history, from one place up to before another, and the number of the cell run after them."""

    next: int
    end: int
    seq: int
    exact: bool
    """The places are the execution counts: no cell is missing in the history."""


class Untracked:
    """What ran in one shell while tracking was off."""

    def __init__(self, shell: Any, segment: Segment, project: Project, memory: Memory) -> None:
        self._shell = shell
        self._memory = memory
        self._said = Memory()
        """What these cells said that later ones need."""
        self._segment = segment
        self._project = project
        self._spans: list[_Span] = []
        self._lost: list[tuple[int, str]] = []
        """(number of the cell run after them, why cells are not known), not journaled yet."""
        self._known_to = 1
        """Place in the history up to which every cell is known; nothing is at the place 0."""
        self._counted_to = 0
        """Execution count up to which every cell is known."""
        self._counts: list[int] = []
        self.before: dict[int, tuple[int, int]] = {}
        """Number of a cell run → (journaled cells that ran just before it, how many may have read something)."""
        self.begun: set[int] = set()
        """Numbers of the cell runs that tracking started in, where what ran before may have read something."""
        self.reasons: list[str] = []
        """Why cells are not known."""

    @property
    def pending(self) -> bool:
        """Is there something to be journaled?"""
        return bool(self._spans or self._lost)

    @property
    def unseen(self) -> int:
        """How many of the cells journaled may have read something."""
        return sum(unseen for _, unseen in self.before.values()) + len(self.begun)

    def counted(self) -> int | None:
        """:attr:`unseen`, where every cell is known; None: there are others, or more than a request may wait for."""
        self.journal(AT_ONCE)
        return None if self.pending or self.reasons else self.unseen

    def starts(self, seq: int, now: int | None) -> bool:
        """Tracking starts; did cells run before, which nobody saw?

        :param seq: the number that the next cell run gets.
        :param now: the execution count of the cell that runs, which is in the history already; None: none does.
        """
        ran = (now or int(self._shell.execution_count)) - 1 - self._counted_to
        history = _history(self._shell)
        known = 0
        if history is not None:
            end = len(history.input_hist_raw) - (now is not None)
            known = end - self._known_to
            if known > 0:
                self._spans.append(_Span(self._known_to, end, seq, known == ran))
                self._counts += range(self._known_to, end) if known == ran else ()
        if ran > max(known, 0):
            when = "while tracking was off" if self._counted_to else "before tracking started"
            why = (
                "is switched off"
                if history is None
                else f"lacks {_cells(ran - known)} of them"
                if known
                else "was cleared"
            )
            said = f"{_cells(ran)} ran {when}, and IPython's history {why}: what was read there is unknown"
            self._lost.append((seq, said))
        return max(ran, known) > 0

    def stops(self) -> None:
        """Tracking stops: every cell so far is known."""
        self._counted_to = int(self._shell.execution_count) - 1
        history = _history(self._shell)
        if history is not None:
            self._known_to = len(history.input_hist_raw)

    def journal(self, most: int | None = None) -> None:
        """Journal what waits.

        :param most: at most so many cells; None: all.
        """
        for seq, reason in self._lost:
            self.reasons.append(reason)
            self._segment.append({"t": "untracked", "at": time.time(), "seq": seq, "cells": [], "reason": reason})
        self._lost.clear()
        while self._spans and (most is None or most > 0):
            span = self._spans[0]
            last = min(span.end, span.next + PORTION)
            self._journal(span, last)
            most = None if most is None else most - PORTION
            span.next = last
            if last >= span.end:
                del self._spans[0]
                self._memory.said_before(self._said)

    def take_counts(self) -> list[int]:
        """Execution counts of the cells found since the last time."""
        found, self._counts = self._counts, []
        return found

    def _journal(self, span: _Span, last: int) -> None:
        first, seq = span.next, span.seq
        raw = self._shell.history_manager.input_hist_raw[first:last]
        cells = [self._cell(place, source, exact=span.exact) for place, source in enumerate(raw, first)]
        count, unseen = self.before.get(seq, (0, 0))
        self.before[seq] = count + len(cells), unseen + sum("unseen" in cell for cell in cells)
        entry: dict[str, Any] = {"t": "untracked", "at": time.time(), "seq": seq, "cells": cells}
        if len(cells) < last - first:
            lost = _cells(last - first - len(cells))
            entry["reason"] = f"IPython's history no longer has {lost} that ran before: what was read there is unknown"
            self.reasons.append(entry["reason"])
        self._segment.append(entry)

    def _cell(self, place: int, source: str, *, exact: bool) -> dict[str, Any]:
        magic, body = split(source)
        error = self._error(place) if exact else None
        if magic is not None and error == "UsageError":  # there was no such magic: nothing of the cell ran
            body = f"# {magic}"
        status = UNKNOWN if error is None else KILLED if error == "KeyboardInterrupt" else FAILED
        cell: dict[str, Any] = {"source": redact(body), "execution_count": place if exact else None, "status": status}
        parsed = self._shell.history_manager.input_hist_parsed
        code = parsed[place] if magic is None and place < len(parsed) else body
        tree = parse_cell(code)
        if tree is not None:
            namespace = self._shell.user_ns
            self._said.learn(analyse(tree.body, namespace, self._said.clocks, code), (), namespace)
        # nothing runs of a cell that is not valid Python
        quiet = are_quiet(tree.body, self._project) if tree is not None else not body.lstrip().startswith(("%", "!"))
        if not quiet:
            cell["unseen"] = True
        return cell

    def _error(self, place: int) -> str | None:
        """The class of the exception that ended a cell; None where IPython remembers none."""
        known = getattr(self._shell.history_manager, "exceptions", None)
        error = known.get(place) if isinstance(known, dict) else None
        return str(error.get("ename")) if isinstance(error, dict) else None


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count:,} cells"


def _history(shell: Any) -> Any:
    """IPython's history manager; None where the history is switched off."""
    manager = getattr(shell, "history_manager", None)
    return manager if manager is not None and getattr(manager, "enabled", False) else None
