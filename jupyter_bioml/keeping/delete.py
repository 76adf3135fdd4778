"""Delete a run: from MLflow in MLflow's way, its content from the journal's blobs; a tombstone stays.

The tombstone is written first: whatever is interrupted afterwards, the run is not listed and never sent again, and
the publisher deletes it in MLflow; blobs that are left then are freed by ``bioml gc``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ..canonical import jsonable
from ..config import Project
from ..errors import Refused, StoreUnavailable
from ..journal.annotations import Annotations, Tombstone
from ..journal.belonging import ledger_of
from ..journal.ledger import Ledger
from ..journal.runs import LocalRun, local_runs, read_journal
from ..publish.annotating import Annotator
from ..publish.latest import forget_latest
from ..records.run import RUNNING
from ..runs.catalog import Found
from ..store.base import PARENT, Store, StoredRun, StoredVersion
from ..store.naming import run_name
from ..text.present import printable, short_id
from .blobs import free_blobs
from .place import destination_of, identity_of, mlflow_run

_LISTED = 5


@dataclass(frozen=True)
class Deleted:
    """The result of a deletion."""

    record_id: str
    run_id: str | None
    """None: it was not in MLflow."""
    name: str
    also: tuple[str, ...] = ()
    """Records of the cells that had joined it and of its child runs, which went with it."""
    versions: tuple[str, ...] = ()
    """Registered versions that were made from it, as ``name v3``; they stay."""
    blobs: int = 0
    """Blobs of the journal that were freed because no line names them."""
    bytes: int = 0
    """Their size."""
    unsaid: str | None = None
    """Why MLflow still has the run; the publisher deletes it there."""
    deleted: Literal[True] = True

    def as_json(self) -> dict[str, Any]:
        """Every field."""
        return dict(jsonable(asdict(self)))


@dataclass(frozen=True)
class Doomed:
    """A run to be deleted, and everything deleted with it."""

    record_id: str
    run_id: str | None
    name: str
    key: str
    """Its destination."""
    family: tuple[LocalRun, ...]
    """The run itself, the cells that joined it and its children, as far as the journal has them."""
    children: tuple[StoredRun, ...]
    """Its children in MLflow."""

    @property
    def runs(self) -> tuple[str, ...]:
        """Every MLflow run that is meant, its own first."""
        own = () if self.run_id is None else (self.run_id,)
        return tuple(dict.fromkeys([*own, *(child.run_id for child in self.children)]))

    @property
    def also(self) -> tuple[str, ...]:
        """Every other record that is meant."""
        found = [*(run.listed.record_id for run in self.family), *(child.record_id for child in self.children)]
        return tuple(dict.fromkeys(item for item in found if item and item != self.record_id))


def delete(
    project: Project, key: str, store: Store | None, found: Found, *, force: bool = False, why: str | None = None
) -> Deleted:
    """Delete a run with the cells that joined it and its child runs.

    :param key: the workbench's destination.
    :param force: also where registered model versions were made from it (they stay), and where only MLflow says
        that it still runs.
    :raises Refused: while it runs, or because of registered versions; nothing was changed.
    :raises StoreUnavailable: it is in MLflow, which does not answer; nothing was changed.
    """
    ledger = ledger_of(project, key)
    record_id, run_id = identity_of(found), mlflow_run(found, ledger)
    family = families(list(local_runs(read_journal(project)[0]))).get(record_id, ())
    if run_id is not None and (found.down or store is None):
        raise StoreUnavailable(
            f"The run {short_id(record_id)} is in MLflow, which does not answer: "
            f"{found.down or 'its database is missing.'} Nothing was deleted.",
            next="Retry when it answers.",
        )
    children = children_of(store, run_id) if store is not None and run_id is not None else ()
    doomed = Doomed(record_id, run_id, found.name, destination_of(project, found, key), family, children)
    _check_ended(doomed, found, force)
    versions = [item for item in store.models() if item.run_id in doomed.runs] if store and doomed.runs else []
    if versions and not force:
        raise _registered(record_id, versions)
    unsaid = bury(project, store if doomed.key == key else None, found.annotations, ledger, doomed, why)
    freed = free_blobs(project, found.annotations)
    named = tuple(f"{item.name} v{item.version}" for item in versions)
    return Deleted(record_id, run_id, found.name, doomed.also, named, freed.blobs, freed.size, unsaid)


def bury(
    project: Project, store: Store | None, annotations: Annotations, ledger: Ledger, doomed: Doomed, why: str | None
) -> str | None:
    """Write the tombstone and delete the run in MLflow; returns why MLflow still has it, or None."""
    tomb = annotations.bury(
        doomed.record_id, doomed.key, doomed.run_id, doomed.name,
        why=why, also=doomed.also, child_runs=[run for run in doomed.runs if run != doomed.run_id],
    )  # fmt: skip
    for run in doomed.family:
        forget_latest(project.latest, run.listed.record_id, run.notebook, run_name(run.listed, run.session))
    return _tell(store, annotations, ledger, tomb)


def _tell(store: Store | None, annotations: Annotations, ledger: Ledger, tomb: Tombstone) -> str | None:
    # the publisher may have made the run since it was looked for: then it has not seen the tombstone
    ledger.refresh()
    known = tomb.run_id or ledger.run_id(tomb.record_id)
    if store is None or known is None:
        return None if known is None else "it waits for the publisher"
    try:
        Annotator(store, annotations, ledger).tell(tomb.record_id, known)
    except StoreUnavailable as error:
        return error.message
    return annotations.refusal(tomb.record_id, tomb.key)


def families(runs: Sequence[LocalRun]) -> dict[str, tuple[LocalRun, ...]]:
    """Record id of a run → itself, the cells that joined it, and the children of all of these."""
    known = {run.listed.record_id: run for run in runs}
    found: dict[str, list[LocalRun]] = {}
    for run in runs:
        heads: dict[str, None] = {}
        above: LocalRun | None = run
        while above is not None and above.listed.record_id not in heads:
            heads[above.listed.record_id] = None
            above = known.get(above.listed.part_of or above.listed.parent or "")
        for identity in heads:
            found.setdefault(identity, []).append(run)
    return {identity: tuple(family) for identity, family in found.items()}


def children_of(store: Store, run_id: str) -> tuple[StoredRun, ...]:
    """The child runs of a run in MLflow, and theirs.

    :raises StoreUnavailable: when it does not answer.
    """
    found: list[StoredRun] = []
    seen, above = {run_id}, [run_id]
    while above:
        more = store.search(tags={PARENT: above.pop()}, ours=False, limit=1_000_000)
        more = [run for run in more if run.run_id not in seen]
        seen |= {run.run_id for run in more}
        found += more
        above += [run.run_id for run in more]
    return tuple(found)


def _check_ended(doomed: Doomed, found: Found, force: bool) -> None:
    """Check that no part of it is still running.

    :raises Refused: naming what does.
    """
    for run in doomed.family:
        if run.listed.status == RUNNING:
            raise Refused(
                f"The run {short_id(run.listed.record_id)} ({printable(run_name(run.listed, run.session))}) "
                "is still running; nothing was deleted.",
                next="Wait until it ends, or interrupt it, then delete it.",
            )
    alone = found.stored is not None and not doomed.family
    if alone and found.record.status == RUNNING and found.row.state == RUNNING and not force:
        raise Refused(
            f"MLflow says that the run {short_id(doomed.record_id)} still runs, and its journal is not here; "
            "nothing was deleted.",
            next="If you know that it is no longer running, delete it with --force.",
        )


def _registered(record_id: str, versions: Iterable[StoredVersion]) -> Refused:
    names = [f"{printable(item.name)} v{item.version}" for item in versions]
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return Refused(
        f"The run {short_id(record_id)} is the source of {', '.join(names[:_LISTED])}{more}; nothing was deleted.",
        next="Delete these versions in MLflow first, or delete the run with --force and keep them.",
    )
