"""A real ipykernel, driven as a front end drives it."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager


@dataclass
class CellResult:
    """What a cell sent back, as a front end would see it."""

    status: str
    stdout: str = ""
    stderr: str = ""
    displays: list[dict[str, Any]] = field(default_factory=list)
    result: dict[str, Any] | None = None
    error: str | None = None
    traceback: list[str] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    execution_count: int | None = None


class Kernel:
    """A real ipykernel in a folder; cells are sent as JupyterLab sends them."""

    def __init__(
        self,
        folder: Path,
        env: dict[str, str] | None = None,
        load: bool = True,
        manager: type[KernelManager] = KernelManager,
    ) -> None:
        self.closed = False
        #: What loading the extension said.
        self.said = ""
        # sockets in a folder: kernels started at the same time could be given the same port
        self.sockets = tempfile.mkdtemp(prefix="bioml")
        self.manager = manager(kernel_name="python3", transport="ipc", ip=f"{self.sockets}/k")
        # IPython's history is of no interest here, and its thread complains when a test fills the disk
        history = ["--HistoryManager.hist_file=:memory:"]
        self.manager.start_kernel(cwd=str(folder), env={**os.environ, **(env or {})}, extra_arguments=history)
        self.client: BlockingKernelClient = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)
        if load:
            loaded = self.run("%load_ext jupyter_bioml")
            self.said = loaded.stderr
            assert loaded.status == "ok", loaded.error

    @property
    def pid(self) -> int:
        return int(self.manager.provisioner.pid)  # type: ignore[union-attr]

    def send(self, code: str, metadata: dict[str, Any] | None = None, **content: Any) -> str:
        """Send an execute request with metadata; returns its message id."""
        body = {
            "code": code,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": True,
            **content,
        }
        message = self.client.session.msg("execute_request", body, metadata=metadata or {})
        self.client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def run(
        self,
        code: str,
        cell_id: str | None = None,
        tags: tuple[str, ...] = (),
        notebook: str | None = None,
        timeout: float = 60,
        **content: Any,
    ) -> CellResult:
        """Run a cell and wait for its reply and for the kernel to be idle."""
        metadata: dict[str, Any] = {"tags": list(tags)}
        if cell_id:
            metadata["cellId"] = cell_id
        if notebook:
            metadata["bioml.notebook"] = notebook
        return self.collect(self.send(code, metadata, **content), timeout)

    def collect(self, identity: str, timeout: float = 60) -> CellResult:
        found = CellResult("none")
        while True:
            message = self.client.get_iopub_msg(timeout=timeout)
            if message["parent_header"].get("msg_id") != identity:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                break
            self._take(found, kind, content)
        while True:
            reply = self.client.get_shell_msg(timeout=timeout)
            if reply["parent_header"].get("msg_id") == identity:
                found.status = reply["content"]["status"]
                found.execution_count = reply["content"].get("execution_count")
                return found

    @staticmethod
    def _take(found: CellResult, kind: str, content: dict[str, Any]) -> None:
        if kind == "stream":
            setattr(found, content["name"], getattr(found, content["name"]) + content["text"])
            found.order.append(content["name"])
        elif kind in ("display_data", "update_display_data"):
            found.displays.append(content["data"])
            found.order.append("display")
        elif kind == "execute_result":
            found.result = content["data"]
            found.order.append("result")
        elif kind == "error":
            found.error = f"{content['ename']}: {content['evalue']}"
            found.traceback = content["traceback"]
            found.order.append("error")

    def kill(self) -> None:
        """``kill -9``, as the operating system does when memory runs out."""
        os.kill(self.pid, signal.SIGKILL)

    def close(self) -> None:
        if self.closed:
            return
        self.closed = True
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=False)
        self.manager.cleanup_resources()
        shutil.rmtree(self.sockets, ignore_errors=True)
