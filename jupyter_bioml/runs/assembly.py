"""Journal and MLflow put together: every run of a project at one destination, merged once and again when it changed.

The one place where the list of runs is made, for a command that asks once and for a server that is asked every second.
Not thread-safe: its owner locks.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from itertools import chain

from ..config import Destination, Project
from ..git.state import GitState
from ..journal.annotations import Annotations
from ..journal.belonging import UNKNOWN, key_in, ledger_of
from ..journal.ledger import Ledger
from ..journal.reader import JournalReader
from ..journal.renames import Renames
from ..records.run import RUNNING
from ..store.base import StoredRun, StoreReader
from .journal_index import IndexedSession, JournalIndex
from .kept import Keeping, KeptState, prepare
from .kept_rows import StoredLine, mark_of
from .snapshot import place
from .store_index import StoreIndex
from .summary import Summary, merged

#: What a summary was made from, and the summary.
Made = tuple[tuple[object, ...], Summary]


@dataclass(frozen=True)
class Sources:
    """What is read of a project's folder: each once for all who ask."""

    project: Project
    destination: Destination
    reader: JournalReader
    ledger: Ledger
    annotations: Annotations
    renames: Renames

    @classmethod
    def of(
        cls, project: Project, target: Destination, kept: KeptState | None, reader: JournalReader | None = None
    ) -> Sources:
        """Those of a project, read now.

        :param kept: what the index on the disk has, where there is one.
        :param reader: that of the journal, where there is one already.
        """
        reader = reader or JournalReader(project.journal)
        ledger = ledger_of(project, target.key, kept.ledger if kept else None)
        return cls(project, target, reader, ledger, Annotations(project.home), Renames(project.home))

    def refresh(self) -> None:
        """Read what was appended to the files beside the journal."""
        self.annotations.refresh()
        self.ledger.refresh()
        self.renames.refresh()


class Assembly:
    """The runs as they are merged.

    :param open_store: the store to read; None while there is none. Raises StoreUnavailable.
    :param ended: take only sessions from there whose kernel is gone.
    """

    def __init__(
        self,
        sources: Sources,
        open_store: Callable[[], StoreReader | None],
        *,
        ended: bool = False,
    ) -> None:
        self.sources = sources
        project, target, ledger = sources.project, sources.destination, sources.ledger
        self._kept: KeptState | None = None
        self.journal = JournalIndex(
            sources.reader, lambda one: ledger.settled(one) is not None, partial(key_in, project),
            lambda path: self._kept.session(path, ended=ended) if self._kept else None,
        )  # fmt: skip
        self.store = StoreIndex(open_store, target.database)
        self.made: dict[str, Made] = {}
        self._local: dict[str, IndexedSession] = {}
        self._lines: dict[str, StoredLine] = {}
        self._moves: tuple[object, str] = (), ""
        self._remote = None if target.embedded else remote_here(project)

    def take(self, kept: KeptState | None) -> None:
        """Begin with what was kept, where that is still so."""
        self._kept = kept
        if kept is not None:
            self.store.take(kept.runs)

    def assemble(self) -> set[str]:
        """Merge what is new; returns the runs of which MLflow has more than was read."""
        self._lines = {line.record_id: line for line in self.store.lines.values() if line.record_id}
        self._local = {
            record_id: session
            for session in self.journal.in_order()
            if self._is_here(session)
            for record_id in session.rows
        }
        before, self.made = self.made, {}
        parts = self._joined()
        behind = set[str]()
        for record_id in chain(self._local, self._lines.keys() - self._local.keys()):
            one = self._make(record_id, before.get(record_id))
            if one is None or record_id in parts or not (run_id := one.standing.run_id):
                continue
            line = self._lines.get(record_id)
            if line is None or (line.status == RUNNING and one.standing.state != RUNNING):
                behind.add(run_id)
        return behind

    def assemble_some(self, changed: Iterable[str]) -> bool:
        """Only these runs, as the journal has them now; whether every run stands where it stood."""
        changed, here = set(changed), [one for one in self.journal.in_order() if self._is_here(one)]
        sessions = {key: session for session in here for key in changed if key in session.rows}
        in_order = True
        for record_id in changed:
            before = self.made.pop(record_id, None)
            if record_id in sessions:
                self._local[record_id] = sessions[record_id]
            else:
                self._local.pop(record_id, None)
            there = record_id in sessions or record_id in self._lines
            after = self._make(record_id, before) if there else None
            in_order &= before is not None and after is not None and _stands(before[1]) == _stands(after)
        return in_order

    def shown(self) -> dict[str, Summary]:
        """Every run by its record id; of a later cell that joined another run there is none."""
        parts = self._joined()
        return {record_id: one for record_id, (_, one) in self.made.items() if record_id not in parts}

    def _joined(self) -> set[str]:
        return {part for line in self._lines.values() for part in line.parts}

    def stored(self, record_id: str) -> StoredRun | None:
        """A run as MLflow has it."""
        line = self._lines.get(record_id)
        return None if line is None else line.run

    def ours(self, remote: str | None) -> bool:
        """False for the remote of another project's run on the same server."""
        return remote is None or self._remote is None or remote == self._remote

    def _is_here(self, session: IndexedSession) -> bool:
        key = self.sources.destination.key
        return session.key in (key, UNKNOWN) or session.held.path.stem in self.sources.ledger.adopted

    def _make(self, record_id: str, before: Made | None) -> Summary | None:
        """One run, merged only if something it is made from is another object now."""
        session, line = self._local.get(record_id), self._lines.get(record_id)
        if session is None and line is not None and not self.ours(line.remote):
            return None
        annotations, renames = self.sources.annotations, self.sources.renames
        source = None if session is None else session.source(record_id)
        said = annotations.tombstone(record_id) or annotations.of(record_id)
        read_at = line.read_at if line is not None else 0.0
        told = said is not None and annotations.reached_before(said, read_at)
        state = self.sources.ledger.state(record_id)
        made_from = (source, line, said, told, state.run_id, state.done, state.data, renames.moves)
        if before is None or any(map(operator.is_not, made_from, before[0])):
            summary = self._from_disk(record_id)
            if summary is None:
                local, stored = None if session is None else session.rows[record_id], None if line is None else line.run
                summary = merged(local, stored, state, annotations, renames, read_at)
            if summary is None:
                return None
            before = made_from, summary
        self.made[record_id] = before
        return before[1]

    # -- on the disk -----------------------------------------------------------------------------

    def _from_disk(self, record_id: str) -> Summary | None:
        """A run as it was merged from the same things by an earlier process."""
        known = self._kept.made.get(record_id) if self._kept is not None else None
        if known is None or known[0] != self._key(record_id):
            return None
        return known[1]

    def _key(self, record_id: str) -> str:
        """What a run is made from, in words that mean the same in every process; empty: it cannot be said."""
        session, line = self._local.get(record_id), self._lines.get(record_id)
        if (session is not None and not session.mark) or (line is not None and line.secret):
            return ""
        state, moves = self.sources.ledger.state(record_id), self.sources.renames.moves
        words: list[object] = [session and session.mark, line and line.mark]
        if state.run_id or state.done or state.data:
            uses = state.data and (state.data.get("at"), len(state.data["uses"]))
            words += [state.run_id, state.done is not None, uses]
        annotations = self.sources.annotations
        if (said := annotations.tombstone(record_id) or annotations.of(record_id)) is not None:
            told = annotations.reached_before(said, line.read_at if line is not None else 0.0)
            words += [said, told, annotations.reached(said), annotations.refusal(said.record_id, said.key)]
        if moves:
            if self._moves[0] is not moves:
                self._moves = moves, mark_of(repr(moves).encode())
            words.append(self._moves[1])
        return repr(words)

    def keep(self, sources: object = None, problems: Iterable[str] = ()) -> Keeping:
        """What is to be kept of it, as it is now.

        :param sources: what all of it was read from; None: it is not known whether that is still so.
        :param problems: what was told beside the runs.
        """
        sessions = list(self.journal.in_order())
        for session in sessions:
            prepare(session)
        made = {}
        for record_id, (made_from, summary) in self.made.items():
            there = self._local.get(record_id)
            current = there is None or made_from[0] is there.source(record_id)
            if current and (key := self._key(record_id)):
                made[record_id] = key, summary
        whole = len(made) == len(self.made) and all(one.body is not None for one in sessions)
        joined, ledger = self._joined() & made.keys(), self.sources.ledger.known()
        return Keeping(sources if whole else None, problems, sessions, self.store.kept(), made, joined, ledger)


def remote_here(project: Project) -> str | None:
    """The git remote of a project; None: it has none."""
    found = GitState(project.root).read()
    return found["remote"] if found else None


def _stands(one: Summary) -> tuple[object, ...]:
    """What the order of the runs and their families are made from."""
    return place(one.standing), one.above, one.standing.run_id
