"""The list of runs for a process that asks once: what the index on the disk has while nothing changed, else as much as
changed is read."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from ..config import Destination, Project
from ..journal.annotations import FILE as ANNOTATIONS
from ..journal.belonging import key_in
from ..journal.damage import other_damage
from ..journal.elsewhere import Elsewhere, belongs, elsewhere, original_of, told_elsewhere
from ..journal.facts import FILE as FACTS
from ..journal.ledger import Ledger
from ..journal.liveness import KERNEL_SUFFIX
from ..journal.reader import JournalReader
from ..journal.renames import FILE as RENAMES
from ..journal.stamps import is_settled, stamp_of
from ..records.run import Session
from ..store.base import StoreReader
from ..text.present import format_ago
from .assembly import Assembly, Sources, remote_here
from .journal_index import IndexedSession, JournalIndex, segment_stamps
from .kept import KeptIndex, KeptState
from .snapshot import Snapshot
from .store_index import state_of

#: The files beside the segments that lists depend on.
_BESIDE = (ANNOTATIONS, FACTS, RENAMES)
#: What is asked of a session: its header, and whether its kernel is gone; None: nothing hangs on that.
Lives = Callable[[Path], tuple[Session | None, bool | None]]


def and_since(down: str | None, ledger: Ledger) -> str | None:
    """Why MLflow does not answer, and how old what is known of it here can be."""
    if down is None or ledger.reached is None:
        return down
    return f"{down} Runs were last sent to it {format_ago(ledger.reached)}."


class ListReading:
    """The runs of one project at one destination, read as they are asked for.

    :param open_store: see :class:`~jupyter_bioml.runs.catalog.Catalog`.
    :param kept: the index on the disk.
    """

    def __init__(
        self, project: Project, target: Destination, open_store: Callable[[], StoreReader | None], kept: KeptIndex
    ) -> None:
        self._project = project
        self._target = target
        self._open_store = open_store
        self._index = kept
        self._reader = JournalReader(project.journal)

    def snapshot(self) -> Snapshot:
        """Every run as it is now."""
        files = self._files()
        if "_assembly" not in self.__dict__ and (known := self._unchanged(files)) is not None:
            return known
        assembly, sources = self._assembly, self._assembly.sources
        sources.refresh()
        assembly.journal.refresh(math.inf)
        assembly.store.look_once()
        if assembly.assemble() and self._target.database is None and assembly.store.down is None:
            assembly.store.want(assembly.assemble())
            assembly.store.look_once()
            assembly.assemble()  # a server was asked for the newest runs, and is asked for those that were sent since
        beside = [*other_damage(self._project.home, sources.ledger), *told_elsewhere(self._elsewhere())]
        problems = (*assembly.journal.problems, *beside)
        self._keep(files, problems)
        store = assembly.store
        return Snapshot.of(
            assembly.shown(), down=and_since(store.down, sources.ledger), problems=problems, as_of=store.as_of
        )

    def journal(self) -> JournalIndex:
        """The journal as it is now, without what else a list is made from."""
        self._journal.refresh(math.inf)
        return self._journal

    @cached_property
    def _journal(self) -> JournalIndex:
        def known(path: Path) -> IndexedSession | None:
            return self._kept.session(path, ended=False) if self._kept is not None else None

        return JournalIndex(self._reader, lambda _: False, partial(key_in, self._project), known)

    @cached_property
    def _kept(self) -> KeptState | None:
        return self._index.read()

    @cached_property
    def _assembly(self) -> Assembly:
        sources = Sources.of(self._project, self._target, self._kept, self._reader)
        assembly = Assembly(sources, self._open_store)
        assembly.take(self._kept)
        return assembly

    def _elsewhere(self) -> tuple[Elsewhere, ...]:
        """The runs of the journal that are not sent from here by themselves."""
        sources, key = self._assembly.sources, self._target.key
        others = [
            one.runs()
            for one in self._assembly.journal.in_order()
            if one.header is not None and not belongs(self._project, key, sources.ledger, one.held.path, one.header)
        ]
        return elsewhere(self._project, sources.ledger, sources.annotations, others)

    # -- whether something changed ---------------------------------------------------------------

    def _unchanged(self, files: dict[str, Any]) -> Snapshot | None:
        """What was listed last; None: something changed since, or may have."""
        kept = self._kept
        if kept is None or kept.head["sources"] is None:
            return None
        before = kept.head["sources"]
        if any(before[name] != value for name, value in files.items()) or self._target.database is None:
            return None
        if before["around"] != self._around(kept.lives, [name for name, *_ in files["sessions"]]):
            return None
        return Snapshot.of(kept.shown, problems=tuple(kept.head["problems"]))

    def _files(self) -> dict[str, Any]:
        """The stamps of everything that a list is read from, before it is read."""
        project = self._project
        try:
            paths = sorted(path for path in project.journal.iterdir() if path.suffix == KERNEL_SUFFIX)
        except OSError:
            paths = []
        ledgers = sorted(project.publishing.glob("*.ledger")) if project.publishing.is_dir() else []
        beside = [*(project.home / name for name in _BESIDE), *ledgers]
        state = state_of(self._target.database)
        return {
            "place": [str(project.root), str(project.home)],
            "sessions": [[path.name, *map(list, segment_stamps(path))] for path in paths],
            "beside": [[path.name, list(stamp_of(path))] for path in beside],
            "store": None if state is None else [list(state[0]), list(state[1])],
        }

    def _around(self, of: Lives, names: Iterable[str]) -> list[Any]:
        """What depends on more than files: kernels that may live, projects that these are copies of, the remote."""
        lives, copies = [], []
        for name in names:
            path = self._project.journal / name
            session, dead = of(path)
            if dead is not None:
                lives.append([name, dead])
            if session is not None and session.home and session.home != str(self._project.home):
                original = original_of(self._project, path, session)
                copies.append([name, None if original is None else str(original)])
        return [lives, copies, None if self._target.embedded else remote_here(self._project)]

    def _keep(self, files: dict[str, Any], problems: Iterable[str]) -> None:
        """Write the index again where more is known than it says."""
        assembly, kept = self._assembly, self._kept
        if assembly.store.down is not None:
            return
        sessions = {one.held.path.name: one for one in assembly.journal.in_order()}
        stamps = [stamp for _, *pair in files["sessions"] for stamp in pair] + [stamp for _, stamp in files["beside"]]
        settled = files["store"] is not None and files == self._files() and is_settled(*map(tuple, stamps))
        around = None
        if settled and [name for name, *_ in files["sessions"]] == list(sessions):
            around = self._around(lambda path: sessions[path.name].lives(), sessions)
        keeping = assembly.keep({**files, "around": around} if around is not None else None, problems)
        if kept is None or keeping.differs_from(kept):
            self._index.write(keeping)
