"""Start a helper process that is detached from its parent.

The helpers (sampler, publisher) must not be children of the kernel: a cell that waits for its children
would find them, and a process that waits for the kernel's pipes to close would wait for them. So a shell starts
the helper in the background and ends at once: the helper is adopted by init, in a session of its own,
with all standard streams closed and no descriptor inherited but those that it is to share.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence

_SHELL = '"$@" </dev/null >/dev/null 2>&1 &'


def start_detached(
    module: str, arguments: Sequence[str], env: Mapping[str, str] | None = None, share: Sequence[int] = ()
) -> None:
    """Run ``python -P -m module arguments`` detached from this process.

    :param share: descriptors that it gets, under the same numbers.
    :raises OSError: when no process can be started.
    """
    command = ["/bin/sh", "-c", _SHELL, "sh", sys.executable, "-P", "-m", module, *arguments]
    subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        close_fds=True,
        pass_fds=tuple(share),
        start_new_session=True,
        cwd="/",
        env=None if env is None else dict(env),
        check=False,
    )
