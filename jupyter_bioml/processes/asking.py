"""Asking the resident process for a fork, and starting it where there is none.

The caller that starts it takes its lock, makes its socket and hands both down, so that requests are taken from that
moment on and two that start it at once start one. Where there is none, the caller starts its process as usual.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .forked import Forked, connected
from .forking import ONE_THREAD
from .identity import clean_environment, folder, is_fork, name_of_ours
from .launch import start_detached
from .request import Request

RESIDENT = "jupyter_bioml.processes.resident"
#: What a lock's file says: it forks; it would not be sound to fork it.
READY, REFUSED = "ready", "refused"
#: Seconds for which a refusal is believed.
_BELIEVED = 3600.0
#: Seconds for one that is ready to begin, and for its import before that.
BEGIN_LIMIT, READY_LIMIT = 10.0, 120.0
#: Requests that may wait while it imports.
_QUEUE = 128
#: Where programs are looked for while it imports; its children have the asker's.
_PATH = "/usr/local/bin:/usr/bin:/bin"


@dataclass
class Place:
    """Where one resident process is met.

    :param lock: the descriptor of the lock's file, in the process that holds it.
    """

    folder: Path
    name: str
    lock: int = -1
    socket_inode: int = 0

    @classmethod
    def of(cls, name: str, lock: int) -> Place | None:
        """That of the resident process itself; None when it is gone already."""
        try:
            place = cls(Path(os.readlink(f"/proc/self/fd/{lock}")).parent, name, lock)
            place.socket_inode = place.socket_file.stat().st_ino
        except OSError:
            return None
        return place

    @property
    def socket_file(self) -> Path:
        """The socket."""
        return self.folder / f"{self.name}.sock"

    @property
    def lock_file(self) -> Path:
        """The file whose lock the resident process holds for life."""
        return self.folder / f"{self.name}.lock"

    @property
    def there(self) -> bool:
        """Whether the resident process can still be found by its name."""
        with contextlib.suppress(OSError):
            same = os.path.samestat(self.lock_file.stat(), os.fstat(self.lock))
            return same and self.socket_file.stat().st_ino == self.socket_inode
        return False

    def mark(self, word: str) -> None:
        """Write how it is; nothing happens on a full disk, and nobody is forked from it."""
        with contextlib.suppress(OSError):
            os.ftruncate(self.lock, os.pwrite(self.lock, f"{word}\n".encode(), 0))

    def marked(self) -> str:
        """How it is."""
        try:
            word = self.lock_file.read_text().strip()
            old = word == REFUSED and time.time() - self.lock_file.stat().st_mtime > _BELIEVED
        except OSError:
            return ""
        return "" if old else word

    def leave(self, *, keep_lock: bool = False) -> None:
        """Remove the names, unless they are another process's by now."""
        if not self.there:
            return
        for file in (self.socket_file, *([] if keep_lock else [self.lock_file])):
            with contextlib.suppress(OSError):
                file.unlink()

    def connect(self) -> socket.socket:
        """A connection. The folder's descriptor stands for its path, which may be longer than a socket's may be.

        :raises OSError: nobody listens.
        """
        fd = os.open(self.folder, os.O_PATH | os.O_CLOEXEC)
        try:
            return connected(f"/proc/self/fd/{fd}/{self.socket_file.name}")
        finally:
            os.close(fd)

    def take_lock(self) -> bool:
        """Become the one that starts it; False when another one has done so.

        :raises OSError: the folder cannot be written.
        """
        while True:
            fd = os.open(self.lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.path.samestat(self.lock_file.stat(), os.fstat(fd)):
                    os.ftruncate(fd, 0)
                    self.lock = fd
                    return True
            except FileNotFoundError:
                pass
            except BlockingIOError:
                os.close(fd)
                return False
            except OSError:
                os.close(fd)
                raise
            os.close(fd)  # its holder ended just now and removed the name

    def listen(self) -> socket.socket:
        """The socket that the process to be started will serve; what a killed one left is replaced."""
        with contextlib.suppress(FileNotFoundError):
            self.socket_file.unlink()
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        fd = os.open(self.folder, os.O_PATH | os.O_CLOEXEC)
        try:
            listener.bind(f"/proc/self/fd/{fd}/{self.socket_file.name}")
            listener.listen(_QUEUE)
        except OSError:
            listener.close()
            raise
        finally:
            os.close(fd)
        return listener


def ask(request: Request, streams: Sequence[int], *, start: bool) -> Forked | None:
    """A fork of the resident process; None where there is none. It may still refuse (:attr:`Forked.begun`).

    :param start: start one where there is none, or wait for one that is starting; False: only one that is ready.
    """
    try:
        name, where = name_of_ours(request.environment), folder()
        if name is None or where is None:
            return None
        place = Place(where, name)
        word = place.marked()
        if word == REFUSED:
            return None
        channel = _connection(
            place, word == READY, clean_environment(request.environment) if start and not is_fork() else None
        )
        return None if channel is None else Forked(channel, request, streams)
    except (OSError, ValueError):
        return None


def expect(environment: Mapping[str, str]) -> None:
    """Start the resident process where there is none: something that needs MLflow will be asked of it soon.

    It imports MLflow meanwhile, while its caller does other work. Nothing happens where there can be none.
    """
    with contextlib.suppress(OSError, ValueError):
        name, where = name_of_ours(environment), folder()
        if name is None or where is None or is_fork():
            return
        place = Place(where, name)
        if place.marked() != REFUSED and place.take_lock():  # it is held where there is one
            try:
                with place.listen() as listener:
                    _start(place, listener, clean_environment(environment))
            finally:
                os.close(place.lock)


def _start(place: Place, listener: socket.socket, environment: Mapping[str, str]) -> None:
    share = (place.lock, listener.fileno())
    given = {**environment, **ONE_THREAD, "PATH": _PATH}
    start_detached(RESIDENT, [place.name, *map(str, share)], given, share)


def _connection(place: Place, ready: bool, environment: Mapping[str, str] | None) -> socket.socket | None:
    """:param environment: that of the process to start; None: start none."""
    if ready:
        with contextlib.suppress(OSError):
            return place.connect()
    if environment is None:
        return None
    if not place.take_lock():
        return _joined(place)
    try:
        with place.listen() as listener:
            _start(place, listener, environment)
            return place.connect()
    finally:
        os.close(place.lock)


def _joined(place: Place) -> socket.socket | None:
    """A connection to one that another process is starting at this moment."""
    for _ in range(20):
        with contextlib.suppress(OSError):
            return place.connect()
        time.sleep(0.01)
    return None
