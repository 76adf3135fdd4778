"""One promotion of an alias at a time on this host: a lock file in the user's temporary folder.

It lies outside every project, because two project folders may promote on one MLflow server. It is held by the kernel
of the operating system (``flock``), so a process that dies releases it; the file's text only says who holds it.
Hosts, users and containers that do not share the folder do not see each other's locks: reading back tells them.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
import urllib.parse
from collections.abc import Iterator

from ..audit.actor import Actor
from ..canonical import digest
from ..config import Destination
from ..errors import Refused
from ..host.lock_folder import lock_folder
from ..text.present import printable

#: Place of a destination that is the project's own database: it moves with the folder.
EMBEDDED = "embedded"


def place_of(target: Destination) -> str:
    """The destination as events name it: its address, or :data:`EMBEDDED`."""
    return EMBEDDED if target.embedded else _plain(target.uri)


def _plain(uri: str) -> str:
    """An address in one form: scheme and host in small letters, no slash at the end."""
    parts = urllib.parse.urlsplit(uri)
    if not parts.netloc:
        return uri
    return urllib.parse.urlunsplit((parts.scheme.lower(), parts.netloc.lower(), parts.path.rstrip("/"), "", ""))


@contextlib.contextmanager
def only_one(target: Destination, name: str, alias: str, actor: Actor) -> Iterator[None]:
    """Hold the lock of an alias.

    :raises Refused: another process of this host moves it now; who, is said where it is known.
    """
    path = lock_folder() / f"{digest([_plain(target.uri), name, alias])[:32]}.lock"
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _busy(fd, name, alias) from None
        said = json.dumps({"pid": os.getpid(), "by": actor.id, "since": time.time()})
        os.ftruncate(fd, 0)
        os.pwrite(fd, said.encode(), 0)
        yield
    finally:
        os.close(fd)


def _busy(fd: int, name: str, alias: str) -> Refused:
    try:
        said = json.loads(os.pread(fd, 1000, 0))
        who = f" by {printable(str(said['by']))[:80]} (process {int(said['pid'])})"
    except (OSError, ValueError, KeyError, TypeError):
        who = ""
    return Refused(
        f"The alias {alias} of {printable(name)} is currently being moved{who}. "
        "This promotion was not started; nothing was changed or logged.",
        next="Check the holder with: jupyter bioml models, then retry.",
    )
