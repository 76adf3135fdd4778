"""The index on disk: the runs of a project at one destination as they were listed last, and what they were made from.

One file in ``.bioml/state`` for each destination and each version of this package. Each part says what it was read
from, and counts while that is as it was: a session while its segments are the same files with the same content, the
runs of MLflow while the database is, a row while everything that it was made from is. The rest is read again.

====================  =================================================================================================
part                  content
====================  =================================================================================================
``head``              what all of it was read from, the problems that were told, and MLflow's state
``sessions``          of each session: its segments' stamps, its header, whether its kernel's end would change anything
``briefs``            of each session: its runs in short
``rows``              of each session: its rows, one text
``lines``             of each run in MLflow: what every list needs, and the length of its body
``bodies``            the whole runs
``standings``         of each run that is shown: where it stands
``keys``              what it was made from, and the length of its summary
``scores``            its metrics, and which of them are compared
``summaries``         the summaries
``ledger``            what was sent, as the ledger said it up to some line
====================  =================================================================================================
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from ..config import Destination, Project
from ..journal.reader import HeldSession
from ..journal.sessions import is_over
from ..journal.stamps import is_settled
from ..records.run import Session
from . import kept_file
from .journal_index import IndexedSession, segment_stamps
from .kept_rows import (
    FORM,
    KeptRows,
    KeptSummaries,
    KeptSummary,
    StoredLine,
    encode,
    mark_of,
    summary_document,
    summary_text,
)
from .store_index import KeptRuns
from .summary import Standing, Summary

_PACKAGE = Path(__file__).parents[1]
#: Where the code lies that rows are made by.
_ROOMS = (".", "journal", "records", "redact_rules", "runs", "store")
_HEADER = tuple(one.name for one in dataclasses.fields(Session) if one.name not in ("variables", "states"))


@dataclass(frozen=True)
class KeptState:
    """What was kept, each part read when it is asked for."""

    parts: kept_file.Parts

    @cached_property
    def head(self) -> dict[str, Any]:
        """What it was read from, and what was told beside the runs."""
        return dict(self.parts.json("head"))

    @cached_property
    def _sessions(self) -> dict[str, Any]:
        return dict(self.parts.json("sessions"))

    @cached_property
    def _briefs(self) -> dict[str, Any]:
        return dict(self.parts.json("briefs"))

    def lives(self, path: Path) -> tuple[Session | None, bool | None]:
        """What a session's first line says, and whether its kernel is gone now; None: nothing hangs on that."""
        kept = self._sessions[path.name]
        session = _session(kept["header"])
        return session, None if kept["over"] else is_over(path, session, closed=kept["closed"])

    def mark(self, name: str) -> str | None:
        """What tells the rows of a session from others; None: it was not kept."""
        return self._sessions[name]["mark"] if name in self._sessions else None

    def session(self, path: Path, *, ended: bool) -> IndexedSession | None:
        """A session as it was kept; None: it was not, or is another one now.

        :param ended: only one whose kernel is gone: of others more is asked than was kept.
        """
        kept = self._sessions.get(path.name)
        stamps = segment_stamps(path)
        if kept is None or kept["stamps"] != [list(stamp) for stamp in stamps]:
            return None
        header = _session(kept["header"])
        dead = is_over(path, header, closed=kept["closed"])
        if (dead != kept["dead"] and not kept["over"]) or (ended and not dead):
            return None
        (size, _, _, inode), (beside, _, _, other) = stamps
        briefs = {record_id: (name, ended) for record_id, name, ended in self._briefs[path.name]}
        start, length, ids = kept["rows"]
        body = self.parts.piece("rows", start, length)
        held = HeldSession(path, (size, inode, beside, other), None, dead, kept["unreadable"], kept["damage"])
        return IndexedSession(
            held, problem=kept["problem"], rows=KeptRows(list(briefs) if ids is None else ids, body), briefs=briefs,
            header=header, stamps=stamps, closed=kept["closed"], over=kept["over"], body=body, mark=kept["mark"],
        )  # fmt: skip

    @property
    def ledger(self) -> bytes | None:
        """What the ledger of the destination said; None: it is to be read."""
        return self.parts.part("ledger") or None

    @cached_property
    def runs(self) -> KeptRuns:
        """What MLflow had."""
        bodies, start, lines = self.parts.part("bodies"), 0, {}
        for (run_id, record_id, status, deleted, parts, remote), mark, read_at, length in self.parts.json("lines"):
            values = (run_id, record_id, status, deleted, tuple(parts), remote)
            lines[run_id] = StoredLine(values, bodies[start : start + length], mark, read_at)
            start += length
        state, read_at = self.head["store"]
        return KeptRuns(lines, None if state is None else (tuple(state[0]), tuple(state[1])), read_at)

    @cached_property
    def made(self) -> dict[str, tuple[str, KeptSummary]]:
        """By record id: what a run was made from, and the run."""
        keys = self.parts.json("keys")
        kept = KeptSummaries(self.parts, [length for _, length in keys])
        standings = zip(self.parts.json("standings"), keys, strict=True)
        return {
            values[0]: (key, KeptSummary(Standing._make(values), kept, number))
            for number, (values, (key, _)) in enumerate(standings)
        }

    @property
    def shown(self) -> dict[str, Summary]:
        """The runs by record id, without later cells that joined another run."""
        joined = set(self.head["joined"])
        return {key: one for key, (_, one) in self.made.items() if key not in joined}


@dataclass
class Keeping:
    """What is to be kept."""

    sources: Any
    """What all of it was read from; None: something of it may have changed meanwhile."""
    problems: Iterable[str]
    sessions: Iterable[IndexedSession]
    runs: KeptRuns
    made: Mapping[str, tuple[str, Summary]]
    joined: Iterable[str]
    """Those of them that are later cells which joined another run."""
    ledger: bytes | None

    def differs_from(self, kept: KeptState) -> bool:
        """Whether more is known than was kept."""
        if self.sources is not None and encode(self.sources) != encode(kept.head["sources"]):
            return True
        if self.runs.read_at and (self.runs.lines is not kept.runs.lines or self.runs.state != kept.runs.state):
            return True
        marks = [(one.held.path.name, one.mark) for one in self.sessions if one.body is not None]
        if any(kept.mark(name) != mark for name, mark in marks):
            return True
        if self.ledger is not None and self.ledger != kept.ledger:
            return True
        before = kept.made
        return any(record_id not in before or before[record_id][0] != key for record_id, (key, _) in self.made.items())

    def parts(self) -> dict[str, bytes]:
        """The parts of the file."""
        sessions, briefs, rows = self._sessions()
        standings, keys, scores, summaries = [], [], [], []
        for key, summary in self.made.values():
            body = summary_text(summary)
            if body is not None:
                standings.append(summary.standing)
                keys.append((key, len(body)))
                scores.append(summary.scores)
                summaries.append(body)
        complete = len(standings) == len(self.made)
        lines = list(self.runs.lines.values())
        head = {
            "sources": self.sources if complete else None,
            "problems": list(self.problems),
            "joined": list(self.joined),
            "store": [self.runs.state, self.runs.read_at],
        }
        return {
            "head": encode(head).encode(),
            "sessions": encode(sessions).encode(),
            "briefs": encode(briefs).encode(),
            "rows": b"".join(rows),
            "lines": encode([line.kept() for line in lines]).encode(),
            "bodies": b"".join(line.body for line in lines),
            "standings": encode(standings).encode(),
            "keys": encode(keys).encode(),
            "scores": encode(scores).encode(),
            "summaries": b"".join(summaries),
            "ledger": self.ledger or b"",
        }

    def _sessions(self) -> tuple[dict[str, Any], dict[str, Any], list[bytes]]:
        sessions, briefs, rows, start = dict[str, Any](), dict[str, Any](), list[bytes](), 0
        for one in self.sessions:
            if one.body is None or one.stamps is None:
                continue
            name, ids = one.held.path.name, list(one.rows)
            sessions[name] = {
                "stamps": one.stamps, "closed": one.closed, "over": one.over, "dead": one.held.dead,
                "header": None if one.header is None else [getattr(one.header, key) for key in _HEADER],
                "problem": one.problem, "unreadable": one.held.problem, "damage": one.held.damage, "mark": one.mark,
                "rows": [start, len(one.body), None if ids == list(one.briefs) else ids],
            }  # fmt: skip
            briefs[name] = [(record_id, *brief) for record_id, brief in one.briefs.items()]
            rows.append(one.body)
            start += len(one.body)
        return sessions, briefs, rows


def prepare(session: IndexedSession) -> None:
    """Give a session the text of its rows, where it can be kept."""
    if session.body is not None or session.stamps is None or not is_settled(*session.stamps):
        return
    documents = {record_id: summary_document(row) for record_id, row in session.rows.items()}
    if None in documents.values():
        return
    try:
        body = encode(documents).encode()
    except (
        TypeError,
        ValueError,
    ):  # not JSON, or a number of more digits than Python writes: a list never fails for it
        return
    session.body, session.mark = body, f"{session.held.path.stem} {mark_of(body)}"


class KeptIndex:
    """The index of one project and destination on the disk.

    :param path: None: nothing is kept.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path

    @classmethod
    def of(cls, project: Project, target: Destination) -> KeptIndex:
        """The one that belongs there; nothing is kept in a folder that is not a project."""
        return cls(project.home / "state" / f"index-{target.key}-{_code()[:8]}" if project.home.is_dir() else None)

    def read(self) -> KeptState | None:
        """What was kept; None: nothing that can be used."""
        parts = kept_file.read(self._path, _code()) if self._path is not None else None
        return None if parts is None else KeptState(parts)

    def write(self, keeping: Keeping) -> None:
        """Keep it; where that cannot be done, it is read again the next time."""
        if self._path is not None:
            kept_file.write(self._path, _code(), keeping.parts())


def _session(values: list[Any] | None) -> Session | None:
    return None if values is None else Session(**dict(zip(_HEADER, values, strict=True)))


@cache
def _code() -> str:
    """What tells this version of the package, and of the form, from others: another one may make other rows."""
    files = sorted(
        (str(file.relative_to(_PACKAGE)), status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        for room in _ROOMS
        for file in (_PACKAGE / room).glob("*.py")
        if (status := file.stat())
    )
    return hashlib.blake2b(repr((FORM, _HEADER, files)).encode(), digest_size=16).hexdigest()
