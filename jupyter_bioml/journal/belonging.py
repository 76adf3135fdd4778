"""Which destination a session's runs belong to, seen from the folder in which its journal lies now."""

from __future__ import annotations

from pathlib import Path

from ..config import Project, destination_at, own_database
from ..records.run import Session
from .ledger import Ledger
from .lines import SegmentReader
from .liveness import KERNEL_SUFFIX

#: The key where a damaged first line does not say which destination it is.
UNKNOWN = ""


def key_in(project: Project, session: Session) -> str:
    """The key of the destination; :data:`UNKNOWN` where it is not known.

    A project's own database moves and is copied with its folder, so that the path in the session's header may be an
    earlier one: the runs belong to the database that is here.
    """
    if not session.destination:
        return session.destination_key
    if session.home and session.destination == own_database(Path(session.home)).uri:
        return own_database(project.home).key
    return session.destination_key or destination_at(session.destination).key


def ledger_of(project: Project, key: str, known: bytes | None = None) -> Ledger:
    """The ledger of a destination. That of the project's own database goes on from the folder where it was before.

    :param known: see :class:`~jupyter_bioml.journal.ledger.Ledger`.
    """
    path = project.ledger(key)
    if path.exists() or key != own_database(project.home).key:
        return Ledger(path, known=known)
    return Ledger(path, _earlier(project, key))


def _earlier(project: Project, key: str) -> list[Path]:
    """Ledgers of the project's own database from the time when it lay in other folders, oldest first."""
    try:
        segments = sorted(path for path in project.journal.iterdir() if path.suffix == KERNEL_SUFFIX)
    except OSError:
        return []
    keys: dict[str, None] = {}
    for path in segments:
        first = next(iter(SegmentReader(path).read()), None)
        entry = {} if first is None else first.entry
        home, uri = entry.get("home"), entry.get("destination")
        if isinstance(home, str) and isinstance(uri, str) and (before := own_database(Path(home))).uri == uri:
            keys[before.key] = None
    return [ledger for one in keys if one != key and (ledger := project.ledger(one)).is_file()]
