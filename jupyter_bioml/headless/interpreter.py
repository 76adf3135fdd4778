"""The kernel manager of one interpreter: how its kernel is started, and what it can do, as that interpreter says."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from functools import cache, partial
from typing import Any

from ipykernel.kernelspec import get_kernel_dict, make_ipkernel_cmd
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

#: Seconds an interpreter gets to say what its kernel can do.
LIMIT = 60.0
#: Without the folder it is started in, as for ``-m ipykernel_launcher``: an ``ipykernel.py`` there is the user's.
_ASK = """
import sys
if sys.path and not sys.path[0]:
    del sys.path[0]
import json
from ipykernel.kernelspec import get_kernel_dict
print("\\n" + json.dumps(get_kernel_dict().get("metadata", {})))
"""


def manager_for(python: str, environment: Mapping[str, str]) -> type[AsyncKernelManager]:
    """A kernel manager that starts the interpreter ``python``, whatever a kernelspec says.

    :param environment: the kernel's whole environment.
    """
    metadata = cache(partial(kernel_metadata, python, environment))

    class OnePython(AsyncKernelManager):
        @property
        def kernel_spec(self) -> KernelSpec:
            command = make_ipkernel_cmd(executable=python)
            return KernelSpec(**{**get_kernel_dict(), "argv": command, "metadata": dict(metadata())})

    return OnePython


def kernel_metadata(python: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """The kernelspec's metadata, such as ``supported_encryption``, as the ipykernel of ``python`` writes them.

    Its version may be another than ours: encrypted messages to a kernel before 7 are never answered. Empty where it
    does not say: everything in it is optional, and the kernel's own start shows what is wrong.
    """
    if python == sys.executable:
        return dict(get_kernel_dict()["metadata"])
    try:
        asked = subprocess.run(
            [python, "-c", _ASK],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=True,
        )
        metadata = json.loads(asked.stdout.splitlines()[-1])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return {}
    return metadata if isinstance(metadata, dict) else {}
