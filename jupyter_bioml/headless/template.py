"""The template process: it has imported what many notebooks import, and forks a kernel of it for each of them.

Run as ``python -m jupyter_bioml.headless.template LISTENER LIFELINE MODULE…``: a socket that listens (see
:mod:`~jupyter_bioml.processes.fork_server`), and a descriptor that ends with the process that started it.
A fork copies only the thread that forks, so it refuses as soon as there is a second one, a context of zmq, or CUDA: the
caller then starts a kernel as usual.

The kernel that a fork becomes sees the environment, folder and streams that were asked for, and generators freshly
seeded from the system. What it shares with its siblings is Python's hash seed, as all of them descend from one process.
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

from ..processes.child import close_all_but, say_begun, take_on
from ..processes.fork_server import ForkServer
from ..processes.forking import ONE_THREAD
from ..processes.request import PATIENCE, receive_request, say

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
    """Import, then fork kernels until the lifeline ends."""
    listener, lifeline = socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2])
    modules = sys.argv[3:]
    if sys.path and os.path.realpath(sys.path[0]) == os.getcwd():
        del sys.path[0]  # "-m" puts the working directory there, which is not wanted here
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    before = dict(os.environ)
    reason = None
    try:
        for name in (*KERNEL, *modules):
            import_module(name)
        for name in _AT_START:
            with contextlib.suppress(ImportError):
                import_module(name)
    except BaseException as error:
        reason = f"importing {name} raised {type(error).__name__}: {error}"
    gc.collect()
    gc.freeze()
    asker = ForkServer(listener, lifeline=lifeline, refusal=reason).serve()
    if asker is not None:
        become_kernel(asker, {name: value for name, value in os.environ.items() if before.get(name) != value})


def become_kernel(asker: socket.socket, set_by_imports: Mapping[str, str]) -> None:
    """Run the kernel that is asked for.

    :param set_by_imports: variables that the imported modules set, as they would have in a fresh kernel.
    """
    os.setpgid(0, 0)
    found = receive_request(asker, PATIENCE)
    if found is None:
        return
    request, streams = found
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        take_on(request, streams, {**set_by_imports, "JPY_PARENT_PID": str(os.getppid())})
    except OSError as error:
        say(asker, {"refused": f"{type(error).__name__}: {error}"})
        return
    if not say_begun(asker):
        return
    close_all_but()
    sys.argv = ["ipykernel_launcher", *request.arguments]
    from ipykernel.kernelapp import IPKernelApp

    # ipykernel reads its parent when it is imported, and ends when that one ends: here it is the template
    IPKernelApp.launch_instance([*request.arguments, f"--IPKernelApp.parent_handle={os.getppid()}"])


if __name__ == "__main__":
    main()
