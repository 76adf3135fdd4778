"""The template process: it has imported what many notebooks import, and forks a kernel of it for each of them.

Run as ``python -m jupyter_bioml.headless.template FD MODULE…`` with one end of a socket as file descriptor ``FD``. It
answers ``ready`` or ``refused`` once the modules are imported. Then it takes requests (JSON lines), forks, and answers
each with the kernel's process id; it says when a kernel has ended. A fork copies only the thread that forks, so it
refuses as soon as there is a second one, a context of zmq, or CUDA: the caller then starts a kernel as usual.

The kernel that a fork becomes sees the environment, folder and streams that were asked for, and generators freshly
seeded from the system. What it shares with its siblings is Python's hash seed, as all of them descend from one process.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import selectors
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from ..forking import ONE_THREAD, unfit

#: While libraries are imported: one thread, and the backend that ipykernel chooses for matplotlib.
AT_IMPORT = {**ONE_THREAD, "MPLBACKEND": os.environ.get("MPLBACKEND") or "module://matplotlib_inline.backend_inline"}
#: Modules that every kernel imports anyway.
KERNEL = ("ipykernel.kernelapp", "ipykernel.ipkernel", "jupyter_bioml.magics.magics", "jupyter_bioml.kernel.card")
#: Modules it imports while it starts, in the versions known here: half of the time that a forked kernel needs.
_AT_START = (
    "ipykernel.debugger",
    "IPython.core.completerlib",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
)


def main() -> None:
    """Import, then fork kernels until the other end of the socket is closed."""
    channel = socket.socket(fileno=int(sys.argv[1]))
    modules = sys.argv[2:]
    if sys.path and os.path.realpath(sys.path[0]) == os.getcwd():
        del sys.path[0]  # "-m" puts the working directory there, which is not wanted here
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    template = Template(channel)
    before = dict(os.environ)
    try:
        for name in (*KERNEL, *modules):
            import_module(name)
        for name in _AT_START:
            with contextlib.suppress(ImportError):
                import_module(name)
    except BaseException as error:
        template.say({"refused": f"importing {name} raised {type(error).__name__}: {error}"})
        return
    gc.collect()
    gc.freeze()
    reason = unfit()
    template.say({"refused": reason} if reason else {"ready": os.getpid()})
    request = template.serve()
    if request is not None:
        become_kernel(request, {name: value for name, value in os.environ.items() if before.get(name) != value})


class Template:
    """Serves requests; in the forked child :meth:`serve` returns what it is to become."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._rest = b""
        self._children: set[int] = set()

    def say(self, answer: dict[str, Any]) -> None:
        """Send one line to the process that started the template; nothing happens when it has gone."""
        with contextlib.suppress(OSError):
            self._channel.sendall(json.dumps(answer).encode() + b"\n")

    def serve(self) -> dict[str, Any] | None:
        """Until the socket ends (None), or in a child: its request."""
        wakeup, ring = socket.socketpair()
        wakeup.setblocking(False)
        ring.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(ring.fileno(), warn_on_full_buffer=False)
        selector = selectors.DefaultSelector()
        selector.register(self._channel, selectors.EVENT_READ)
        selector.register(wakeup, selectors.EVENT_READ)
        while True:
            ready = [key.fileobj for key, _ in selector.select()]
            if wakeup in ready:
                wakeup.recv(4096)
                self._bury()
            if self._channel not in ready:
                continue
            chunk = self._channel.recv(2**16)
            if not chunk:
                return None
            *lines, self._rest = (self._rest + chunk).split(b"\n")
            for line in lines:
                request: dict[str, Any] = json.loads(line)
                if self._fork():
                    signal.set_wakeup_fd(-1)
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    for thing in (selector, wakeup, ring, self._channel):
                        thing.close()
                    return request

    def _fork(self) -> bool:
        """True in the child."""
        if reason := unfit():
            self.say({"refused": reason})
            return False
        pid = os.fork()
        with contextlib.suppress(OSError):  # on both sides, because either side may come first
            os.setpgid(pid, pid)
        if pid == 0:
            return True
        self._children.add(pid)
        self.say({"forked": pid})
        return False

    def _bury(self) -> None:
        for pid in list(self._children):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                self._children.discard(pid)
                self.say({"ended": pid, "status": os.waitstatus_to_exitcode(status)})


def become_kernel(request: dict[str, Any], set_by_imports: Mapping[str, str]) -> None:
    """Run the kernel that ``request`` asks for: ``argv`` (its arguments), ``env`` (all of it), ``cwd``.

    :param set_by_imports: variables that the imported modules set, as they would have in a fresh kernel.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update({**set_by_imports, **request["env"]})
    os.environ["JPY_PARENT_PID"] = str(os.getppid())
    os.chdir(request["cwd"])
    _close_all_but_the_standard_streams()
    reseed()
    restore_threads()
    sys.modules.pop("__mp_main__", None)  # multiprocessing's second name for the template's own module
    sys.argv = ["ipykernel_launcher", *request["argv"]]
    from ipykernel.kernelapp import IPKernelApp

    # ipykernel reads its parent when it is imported, and ends when that one ends: here it is the template
    IPKernelApp.launch_instance([*request["argv"], f"--IPKernelApp.parent_handle={os.getppid()}"])


def _close_all_but_the_standard_streams() -> None:
    for name in os.listdir("/proc/self/fd"):
        if int(name) > 2:
            with contextlib.suppress(OSError):
                os.close(int(name))


def reseed() -> None:
    """Reseed every library's generator from the system, as in a fresh process."""
    import random

    random.seed()
    seeds: dict[str, Callable[[Any], Any]] = {
        "numpy.random": lambda module: module.seed(),
        "torch": lambda module: module.manual_seed(int.from_bytes(os.urandom(8), "little") >> 1),
    }
    for name, seed in seeds.items():
        if (module := sys.modules.get(name)) is not None:
            seed(module)


def restore_threads() -> None:
    """As many threads for linear algebra as a fresh kernel would have."""
    if "numpy" not in sys.modules:
        return
    from threadpoolctl import ThreadpoolController

    wanted = os.environ.get("OPENBLAS_NUM_THREADS") or os.environ.get("OMP_NUM_THREADS") or ""
    count = int(wanted) if wanted.isdecimal() and int(wanted) else len(os.sched_getaffinity(0))
    ThreadpoolController().select(internal_api="openblas").limit(limits=count)


if __name__ == "__main__":
    main()
