"""jupyter_client's seam for starting kernels: one that forks them, and starts them as usual where it cannot."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from ..processes.forked import Forked
from .forked import NotForked, TemplateProcess

#: Its entry point's name (group ``jupyter_client.kernel_provisioners``).
NAME = "bioml-forked"
_LAUNCHER = "ipykernel_launcher"
#: Seconds between two looks at a kernel that is to end.
_LOOK = 0.01


class ForkedProvisioner(LocalProvisioner):
    """As jupyter_client's own, but its process is a fork of the manager's template."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """A fork of the worker's template; where it refuses, a new process as usual."""
        manager: Any = self.parent
        try:
            kernel = manager.template.fork(
                cmd[cmd.index(_LAUNCHER) + 1 :], kwargs["env"], kwargs.get("cwd") or os.getcwd()
            )
        except NotForked as reason:
            manager.refused(str(reason))
            return await super().launch_kernel(cmd, **kwargs)
        self.process = kernel
        self.pid, self.pgid, self.cwd = kernel.pid, kernel.pid, kwargs.get("cwd")
        return self.connection_info

    async def send_signal(self, signum: int) -> None:
        """As jupyter_client's, but for the interrupt in front of every shutdown: a kernel that has just answered
        would report it. The caller interrupts running cells."""
        manager: Any = self.parent
        if signum == signal.SIGINT and manager.shutting_down:
            return
        await super().send_signal(signum)

    async def wait(self) -> int | None:
        """As jupyter_client's, which looks ten times a second."""
        while isinstance(self.process, Forked) and self.process.poll() is None:
            await asyncio.sleep(_LOOK)
        return await super().wait()


def forking_manager(
    base: type[AsyncKernelManager], template: TemplateProcess, refused: Callable[[str], None]
) -> type[AsyncKernelManager]:
    """A kernel manager like ``base`` whose kernels are forks of ``template``.

    :param refused: told why one was not.
    """

    class Forking(base):  # type: ignore[misc, valid-type]
        @property
        def kernel_spec(self) -> KernelSpec:
            spec: KernelSpec = super().kernel_spec
            spec.metadata = {**spec.metadata, "kernel_provisioner": {"provisioner_name": NAME}}
            return spec

    Forking.template, Forking.refused = template, staticmethod(refused)
    return Forking
