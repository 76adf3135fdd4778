"""The caller's end of :mod:`.template`: kernels that are forked instead of started."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence

from ..processes.forked import Forked, connected
from ..processes.request import Request
from .template import AT_IMPORT

#: Seconds that the template's imports may take, and that one fork may take.
READY_LIMIT, FORK_LIMIT = 120.0, 10.0


class NotForked(Exception):
    """The template cannot or will not fork; the message says why. A kernel started in the usual way always can."""


class TemplateProcess:
    """One template process, started with its modules. Use as a context manager.

    :param python: its interpreter, and with it that of its kernels.
    :param modules: what it imports.
    """

    def __init__(self, python: str, modules: Sequence[str]) -> None:
        self.python, self.modules = python, tuple(modules)
        theirs, self._lifeline = os.pipe()
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
            listener.bind("")  # a name that the system chooses
            listener.listen()
            self._address = listener.getsockname()
            self._process = subprocess.Popen(
                # without -P: its kernels would inherit the flag, and IPython then leaves out the notebook's folder
                [python, "-m", "jupyter_bioml.headless.template", str(listener.fileno()), str(theirs), *modules],
                pass_fds=[listener.fileno(), theirs],
                cwd="/",
                env={**os.environ, **AT_IMPORT},
                stdin=subprocess.DEVNULL,
                stdout=sys.stderr,
                start_new_session=True,
            )
        os.close(theirs)
        self._ready = False
        self._refusal: str | None = None

    def __enter__(self) -> TemplateProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def fork(self, argv: Sequence[str], env: Mapping[str, str], cwd: str) -> Forked:
        """A kernel with the arguments ``argv``, exactly the environment ``env``, in the folder ``cwd``.

        :raises NotForked: when the template cannot; nothing was started then.
        """
        if self._refusal is not None:
            raise NotForked(self._refusal)
        try:
            with open(os.devnull, "rb") as nothing:
                streams = [nothing.fileno(), sys.stderr.fileno(), sys.stderr.fileno()]
                kernel = Forked(connected(self._address), Request(list(argv), dict(env), cwd, held=True), streams)
        except OSError as error:
            raise NotForked(f"the template has ended ({error.strerror})") from None
        if not kernel.wait_begun(FORK_LIMIT if self._ready else READY_LIMIT):
            self._refusal = kernel.refusal
            raise NotForked(self._refusal)
        self._ready = True
        return kernel

    def close(self) -> None:
        """End the template; kernels of it that still run end themselves when they miss it."""
        lifeline, self._lifeline = self._lifeline, -1
        if lifeline >= 0:
            with contextlib.suppress(OSError):
                os.close(lifeline)
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
