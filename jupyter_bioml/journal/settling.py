"""Sessions that nobody ended: the machine stopped, or kernel and helper process were killed together."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import JournalError
from ..records.run import Session
from ..records.wire import from_dict
from .lines import parse
from .liveness import HELPER_SUFFIX, KERNEL_SUFFIX, boot_id, is_alive
from .log import Segment, is_locked

#: Bytes at a segment's end in which its last entries are.
_TAIL = 1 << 14
#: Longest header that is looked at.
_HEADER = 1 << 16
#: Programs write sessions without a helper, and may continue them later.
_KERNELS = (None, "papermill")


@dataclass(frozen=True)
class Settled:
    """A session of which nothing more will come, as was found out now."""

    session: str
    destination_key: str


def settle(journal: Path) -> list[Settled]:
    """Note the end of every session whose kernel is gone and whose helper could not say so.

    The end is put at the last moment from which something was written.
    """
    try:
        paths = sorted(path for path in journal.iterdir() if path.suffix == KERNEL_SUFFIX)
    except OSError:
        return []
    found = []
    for path in paths:
        try:
            settled = _settle(path)
        except (OSError, ValueError, KeyError, TypeError, JournalError):
            continue  # the list of runs says what is wrong with it
        if settled is not None:
            found.append(settled)
    return found


def _settle(path: Path) -> Settled | None:
    helper = path.with_suffix(HELPER_SUFFIX)
    if path.is_symlink() or _says(path, b'"t":"closed"') or _says(helper, b'"t":"died"'):
        return None
    session = read_session(path)
    if session is None or session.engine not in _KERNELS or is_alive(path, session) or is_locked(helper) is True:
        return None
    ended = max(file.stat().st_mtime for file in (path, helper) if file.exists())
    segment = Segment(helper)
    try:
        if _says(helper, b'"t":"died"') or not segment.append({"t": "died", "at": ended, "cause": _cause(session)}):
            return None
    finally:
        segment.close()
    return Settled(session.session, session.destination_key)


def _cause(session: Session) -> str:
    if session.host == socket.gethostname() and session.boot not in (None, boot_id()):
        return "the machine stopped or restarted while the kernel ran"
    return "the kernel and the process beside it ended together (killed, or the machine stopped)"


def read_session(path: Path) -> Session | None:
    """The header of a kernel's segment; None when it is not there (yet) or makes no sense."""
    entry = read_header(path)
    return None if entry is None else from_dict(Session, entry)


def read_header(path: Path) -> dict[str, Any] | None:
    """The ``session`` entry at the beginning of a kernel's segment."""
    with open(path, "rb") as file:
        entry = parse(file.readline(_HEADER))
    return entry if entry is not None and entry.get("t") == "session" else None


def _says(path: Path, mark: bytes) -> bool:
    """Whether one of the last entries holds ``mark``."""
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            file.seek(max(0, size - _TAIL))
            return mark in file.read()
    except OSError:
        return False
