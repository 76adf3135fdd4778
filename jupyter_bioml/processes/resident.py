"""``python -P -m jupyter_bioml.processes.resident NAME LOCK LISTENER``: one process that has MLflow loaded.

There is at most one for each user, machine, interpreter, installation and start of an interpreter (:mod:`.identity`).
Every publisher, host of models and command that needs MLflow is forked from it, of whatever project or kernel, so that
importing MLflow, which takes seconds, is done once. It runs nothing itself, never reads a request, and has no
credentials. It ends when it was idle for a while, and when an upgrade or an uninstall has made it another one.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import sys
from collections.abc import Mapping
from importlib import import_module

from .asking import READY, REFUSED, Place
from .child import run_module
from .fork_server import ForkServer
from .forking import unfit
from .identity import call_ours, clean_environment, computed
from .launch import start_detached
from .request import PATIENCE, receive_request, say

#: What is imported: MLflow with its store in a database, and our modules that use it.
_FIRST = ("jupyter_bioml.publish.model_job", "import_mlflow")
MODULES = (
    "mlflow.store.tracking.sqlalchemy_store",
    "sqlalchemy.dialects.sqlite",
    "jupyter_bioml.store.mlflow_store",
    "jupyter_bioml.publish.publisher",
    "jupyter_bioml.cli.main",
    "jupyter_bioml.cli.annotate",
    "jupyter_bioml.cli.register",
    "jupyter_bioml.cli.promote",
    "jupyter_bioml.pages.keeping",
    "jupyter_bioml.keeping.project",
    "jupyter_bioml.promote.desk",
    "jupyter_bioml.promote.models",
    "jupyter_bioml.reproduce.telling",
    "argparse",
    "logging.handlers",
    "threadpoolctl",
)
#: Seconds without a child after which it ends; seconds between two looks at what could end it.
IDLE, LOOK = 60.0, 2.0
#: How readily the system ends it when memory is short: before anything of the user's. Its children are as the askers.
_OUT_OF_MEMORY = 500


def main(arguments: list[str]) -> int:
    """Import, then fork until nobody needs it."""
    name, lock, listener = arguments[0], int(arguments[1]), socket.socket(fileno=int(arguments[2]))
    for fd in (lock, listener.fileno()):
        os.set_inheritable(fd, False)
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="utf-8") as file:
        file.write(str(_OUT_OF_MEMORY))
    place = Place.of(name, lock)
    if place is None:
        return 1
    before, started_with = dict(os.environ), clean_environment(os.environ)
    reason = _load() if _is_ours(name, started_with) else "it is not the one that was asked for"
    reason = reason or unfit()
    if reason is not None:
        place.mark(REFUSED)
        _send_on(listener)
        place.leave(keep_lock=True)
        return 1
    gc.collect()
    gc.freeze()
    place.mark(READY)

    def over(idle: float | None) -> bool:
        if place.there and not _is_ours(name, started_with):
            place.leave()  # the next one to ask starts another; what was forked from here goes on to its end
        return idle is not None and (idle > IDLE or not place.there)

    asker = ForkServer(listener, over=over, look=LOOK).serve()
    if asker is None:
        place.leave()
        _send_on(listener)
        return 0
    call_ours(name)
    _become(asker, {key: value for key, value in os.environ.items() if before.get(key) != value})
    return 0


def _is_ours(name: str, started_with: Mapping[str, str]) -> bool:
    try:
        return computed(started_with) == name
    except (OSError, ValueError, ImportError):
        return False  # files vanish: it is being removed or upgraded


def _load() -> str | None:
    """Import everything; why it did not work, or None."""
    try:
        module, function = _FIRST
        getattr(import_module(module), function)()
        for module in MODULES:
            import_module(module)
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    return None


def _become(asker: socket.socket, set_by_imports: Mapping[str, str]) -> None:
    """In the child: the request, and its program."""
    try:
        found = receive_request(asker, PATIENCE)
    except OSError:
        found = None
    if found is not None:
        run_module(asker, *found, set_by_imports)
    os._exit(1)


def _send_on(listener: socket.socket) -> None:
    """Nothing is forked any more: start what nobody waits for as usual, and refuse the rest."""
    listener.setblocking(False)
    while True:
        try:
            asker, _ = listener.accept()
            found = receive_request(asker, PATIENCE)
        except BlockingIOError:
            return
        except OSError:
            continue
        if found is None:
            continue
        request, streams = found
        heard = say(asker, {"refused": "it does not fork"})
        if not heard and not request.held:
            start_detached(request.module, request.arguments, request.environment)
        for fd in streams:
            os.close(fd)
        asker.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
