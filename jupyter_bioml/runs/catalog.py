"""The runs of a project as one list: those in MLflow, and those that are still only in the journal.

A run is in both while it is being published, in the journal alone while it runs or waits, in MLflow alone
when it was made on another machine. Its record id says that two entries are the same run. With the server
down the journal answers, and the answer says so.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ..config import Destination, Project
from ..errors import Ambiguous, BiomlError, NotFound, StoreUnavailable, UsageError
from ..journal.annotations import Annotations
from ..journal.belonging import ledger_of
from ..journal.facts import FactLog
from ..journal.ledger import Ledger, RunState
from ..journal.renames import Renames
from ..journal.runs import LocalRun
from ..records.run import RUNNING, RunRecord
from ..records.untracked import settled
from ..store.base import StoredRun, StoreReader
from ..store.naming import run_name
from ..store.opening import opened
from ..text.present import format_ago, printable, short_id
from .kept import KeptIndex
from .reading import ListReading, and_since
from .row import RunList, RunRow
from .snapshot import Snapshot, folded
from .summary import Summary, merged, of_journal, parts_of

_HEX = frozenset("0123456789abcdef")
_LISTED = 5


@dataclass(frozen=True)
class Found:
    """One run: its record, and what MLflow has of it."""

    record: RunRecord
    run_id: str | None
    """MLflow's id of it; None: not there (yet)."""
    stored: StoredRun | None
    local: LocalRun | None
    down: str | None
    """Why MLflow did not answer."""
    row: RunRow
    """Its line in the list of runs, without its family and what is compared with its neighbours."""
    annotations: Annotations = field(kw_only=True, repr=False, compare=False)

    @property
    def name(self) -> str:
        """As the user or its cell named it, the last word counts."""
        return self.row.name

    @property
    def verdict(self) -> str | None:
        """The result of its latest reproduction; None: it was not reproduced."""
        return self.row.verdict


class Catalog:
    """The runs of one project at one destination.

    :param open_store: gives the store; None: nothing was ever published there (no database file yet). It raises
        StoreUnavailable when it cannot be opened.
    :param kept: the index on the disk; None: that of the project.
    """

    def __init__(
        self,
        project: Project,
        destination: Destination,
        open_store: Callable[[], StoreReader | None],
        kept: KeptIndex | None = None,
    ) -> None:
        self.project = project
        self.destination = destination
        self.open_store = open_store
        self._kept = KeptIndex.of(project, destination) if kept is None else kept

    def runs(
        self, *, reproductions: bool = False, archived: bool = False, children: bool = False, limit: int | None = None
    ) -> RunList:
        """Runs newest first.

        :param reproductions: include runs that reproduce another run.
        :param archived: include archived runs.
        :param children: list child runs too; otherwise they are only counted on the run above them.
        :param limit: how many at most; None: all.
        """
        whole, snapshot = self.listed(reproductions=reproductions, children=children, archived=True)
        shown = [one for one in whole if archived or not one.standing.archived]
        rows = tuple(snapshot.row(one) for one in shown[:limit])
        waiting = sum(not one.standing.published for one in shown if one.standing.state != RUNNING)
        return RunList(
            rows, len(shown), snapshot.down, snapshot.problems, len(whole) - len(shown), waiting, snapshot.as_of
        )

    def listed(
        self, *, reproductions: bool = False, archived: bool = False, children: bool = False
    ) -> tuple[list[Summary], Snapshot]:
        """The runs that :meth:`runs` lists, and the moment that they are of."""
        snapshot = self.snapshot()
        found = [one for one in snapshot.summaries if reproductions or not one.standing.reproduces]
        whole = found if children else folded(found, snapshot.order)
        return [one for one in whole if archived or not one.standing.archived], snapshot

    def snapshot(self) -> Snapshot:
        """Every run of the project as it is now, read from the journal and from MLflow.

        What did not change since the index was written is taken from there.
        """
        return self._reading.snapshot()

    @cached_property
    def _reading(self) -> ListReading:
        return ListReading(self.project, self.destination, self.open_store, self._kept)

    def _renames(self) -> Renames:
        renames = Renames(self.project.home)
        renames.refresh()
        return renames

    def _ledger(self) -> Ledger:
        return ledger_of(self.project, self.destination.key)

    def find(self, text: str) -> Found:
        """The run of an MLflow run id, a record id, or a unique prefix of either.

        :raises Ambiguous: naming the runs that a prefix fits.
        :raises NotFound: when there is none.
        :raises StoreUnavailable: when it is not in the journal and MLflow does not answer.
        """
        prefix = text.strip().removesuffix("…").lower()
        if not prefix:
            raise UsageError("An empty run id was given.", next="List the runs with: bioml runs")
        if not set(prefix) <= _HEX:
            raise self._not_an_id(text)
        annotations = Annotations(self.project.home)
        matches, down = self._matches(prefix, annotations)
        exact = [match for match in matches if prefix in match.identities]
        if len(exact or matches) > 1:
            raise _ambiguous(text, exact or matches)
        if not matches:
            raise _deleted(prefix, annotations) or self._nothing(text, down)
        return self.load((exact or matches)[0], down, annotations)

    def _matches(self, prefix: str, annotations: Annotations) -> tuple[list[IdMatch], str | None]:
        down, stored = None, list[StoredRun]()
        try:
            store = self.open_store()
            found = store.search(prefix=prefix, limit=100) if store is not None else ()
            stored = [run for run in found if not _is_gone(run, annotations)]
        except StoreUnavailable as error:
            down = and_since(error.message, self._ledger())
        journal, ledger = self._reading.journal(), self._ledger() if down else None
        here, local, sent = {run.record_id for run in stored}, dict[str, LocalRun](), dict[str, str]()
        for key in dict.fromkeys(key for session in journal.in_order() for key in session.rows):
            run_id = ledger.run_id(key) if ledger is not None else None
            known = key in here or key.startswith(prefix) or (run_id or "").startswith(prefix)
            if known and annotations.tombstone(key) is None and (one := journal.local(key)) is not None:
                local[key] = one
                sent |= {key: run_id} if run_id else {}
        seen = {identity for run in stored for identity in _records_in(run)}
        matches = [IdMatch(local.get(run.record_id or ""), run, run.run_id) for run in stored]
        matches += [IdMatch(one, None, sent.get(key)) for key, one in local.items() if key not in seen]
        return matches, down

    def load(self, match: IdMatch, down: str | None, annotations: Annotations, row: RunRow | None = None) -> Found:
        """The store's record (it has the digests that the publisher found) before the journal's.

        :param row: its row, where that is known already.
        """
        local, stored = match.local, match.stored
        row, run_id = row or self._row(match, annotations), match.run_id if stored is None else stored.run_id
        store = opened(self.open_store) if stored is not None else None
        if stored is None or store is None:
            assert local is not None
            record = self._of_journal(local)
        else:
            try:
                record = store.record(stored.run_id)
            except (NotFound, StoreUnavailable) as error:
                if local is None:
                    raise
                down = error.message if isinstance(error, StoreUnavailable) else down
                record = self._of_journal(local)
            if record.status == RUNNING and local is not None:
                record = self._of_journal(local)
        return Found(settled(record), run_id, stored if store else None, local, down, row, annotations=annotations)

    def _of_journal(self, local: LocalRun) -> RunRecord:
        """The journal's record, with later findings that are not in MLflow yet."""
        return FactLog(self.project.home).with_later(local.record)

    def _row(self, match: IdMatch, annotations: Annotations) -> RunRow:
        """The row of a run that was found; of a later cell that joined one, that of the run that it joined."""
        local, stored = match.local, match.stored
        if local is not None and stored is not None and local.listed.record_id != stored.record_id:
            local = None
        ours = of_journal(local.listed, local.session, None) if local is not None else None
        state = RunState()
        if ours is not None:
            state = self._ledger().state(ours.row.record_id)
            state = dataclasses.replace(state, run_id=match.run_id or state.run_id)
        summary = merged(ours, stored, state, annotations, self._renames(), time.time())
        assert summary is not None, "deleted runs are not found"
        return summary.row

    def _not_an_id(self, text: str) -> NotFound:
        named = [one.row for one in self.snapshot().summaries if one.standing.name == text][:_LISTED]
        message = f"{printable(text)!r} is not a run id: ids consist of the digits 0-9 and a-f."
        if not named:
            return NotFound(message, next="List the runs with: bioml runs")
        listed = ", ".join(f"{short_id(row.record_id)} ({format_ago(row.started)})" for row in named)
        return NotFound(f"{message} Runs of that name, newest first: {listed}.", next="Give one of these ids.")

    def _nothing(self, text: str, down: str | None) -> BiomlError:
        if down:
            return StoreUnavailable(
                f"No run {printable(text)} in the journal, and {self.destination.uri} does not answer: {down}",
                next="Try again when it answers; nothing was lost.",
            )
        return NotFound(
            f"No run {printable(text)} in the project {self.project.root} or at {self.destination.uri}.",
            next="List the runs with: bioml runs",
        )


@dataclass(frozen=True)
class IdMatch:
    """What the beginning of an id fits: a run in the journal, in MLflow, or in both."""

    local: LocalRun | None
    stored: StoredRun | None
    run_id: str | None

    @property
    def identities(self) -> set[str | None]:
        """Every id that refers to it."""
        records = _records_in(self.stored) if self.stored else ()
        return {self.run_id, *records, self.local.listed.record_id if self.local else None}

    def __str__(self) -> str:
        if self.stored is not None:
            identity = self.stored.record_id or self.stored.run_id
            return f"{identity} ({printable(self.stored.name)}, {format_ago(self.stored.started)})"
        assert self.local is not None
        record = self.local.listed
        return f"{record.record_id} ({printable(run_name(record, self.local.session))}, {format_ago(record.started)})"


def _records_in(run: StoredRun) -> tuple[str | None, ...]:
    """The record of a run, and those of the later cells that joined it."""
    return (run.record_id, *parts_of(run))


def _is_gone(run: StoredRun, annotations: Annotations) -> bool:
    """Whether a run that MLflow still has was deleted here. One that was restored there by hand is not."""
    tomb = annotations.tombstone(run.record_id or "")
    return tomb is not None and not annotations.reached(tomb)


def _deleted(prefix: str, annotations: Annotations) -> NotFound | None:
    """That a run was deleted, when, and by whom; None: no deleted run begins so."""
    for tomb in annotations.tombstones():
        if any(identity.startswith(prefix) for identity in (tomb.record_id, tomb.run_id or "", *tomb.also)):
            return NotFound(
                f"The run {short_id(tomb.record_id)} ({printable(tomb.name)}) was deleted by {printable(tomb.user)}, "
                f"{format_ago(tomb.at)}.",
                next="List the runs that are there with: bioml runs",
            )
    return None


def _ambiguous(text: str, matches: Sequence[IdMatch]) -> Ambiguous:
    listed = ", ".join(str(match) for match in matches[:_LISTED])
    more = f" and {len(matches) - _LISTED} more" if len(matches) > _LISTED else ""
    return Ambiguous(
        f"{printable(text)} is the beginning of {len(matches)} runs: {listed}{more}.",
        next="Give more characters of the id.",
    )
