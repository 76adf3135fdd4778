"""Real kernels in a folder of their own, and the time a front end waits for a cell's reply."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

MARK = "bench-result "
#: Settings of the machine's owner that must not reach a measurement.
FOREIGN = ("BIOML_", "MLFLOW_", "WANDB_", "COMET_", "TRACKIO_", "DVC", "JPY_", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH")
#: No library may ask a server of its maker, or wait for one.
OFFLINE = {
    "DO_NOT_TRACK": "1",
    "DVC_NO_ANALYTICS": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "HF_HUB_OFFLINE": "1",
    "GIT_PYTHON_REFRESH": "quiet",
}
#: Seconds after which the helper processes of a finished measurement are killed.
ENDING = 5


class CellFailed(Exception):
    """A cell of a benchmark raised; the text is its error."""


@contextlib.contextmanager
def workplace() -> Iterator[Path]:
    """A fresh project folder; at the end every process that still works in it is ended."""
    root = Path(tempfile.mkdtemp(prefix="bioml-bench-"))
    (root / "project" / ".bioml").mkdir(parents=True)
    try:
        yield root / "project"
    finally:
        _end_processes_in(root)
        shutil.rmtree(root, ignore_errors=True)


def _end_processes_in(root: Path) -> None:
    """Samplers and publishers work on after their kernel: nobody reads what they would still write here."""
    deadline = time.monotonic() + ENDING
    while running := [process for process in psutil.process_iter(["cmdline"]) if _works_in(process, root)]:
        for process in running:
            with contextlib.suppress(psutil.Error):
                process.kill() if time.monotonic() > deadline else process.terminate()
        time.sleep(0.1)


def _works_in(process: psutil.Process, root: Path) -> bool:
    """Named on its command line, or started by a kernel whose home is there."""
    if any(str(root) in part for part in process.info["cmdline"] or ()):
        return True
    with contextlib.suppress(psutil.Error):
        return process.environ().get("HOME", "").startswith(str(root))
    return False


def home_of(folder: Path) -> Path:
    """Where the kernels of a project folder have their homes."""
    return folder.parent / "home"


class Kernel:
    """A real ipykernel; ``run`` gives the seconds from the request to the reply.

    :param folder: its working directory.
    :param env: further environment variables.
    :param load: load our extension.
    :param under: the command that starts the interpreter instead of its own: a tool that watches it.
    """

    def __init__(
        self, folder: Path, env: dict[str, str] | None = None, *, load: bool = False, under: tuple[str, ...] = ()
    ) -> None:
        home = home_of(folder)
        clean = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        for name in ("HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
            clean[name] = str(home / name.lower())
        (home / "home").mkdir(parents=True, exist_ok=True)
        self.manager = KernelManager(kernel_name="python3")
        if under:
            self.manager.kernel_spec.argv[:1] = under
        self.manager.start_kernel(cwd=str(folder), env={**clean, **OFFLINE, **(env or {})}, stderr=subprocess.DEVNULL)
        self.client: BlockingKernelClient = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=600)
        self.stdout = ""
        self.until_idle = 0.0
        """Seconds from the last request until the kernel was idle: with what is done after the reply."""
        if load:
            self.run("%load_ext jupyter_bioml")

    @property
    def pid(self) -> int:
        """Of its process."""
        return int(self.manager.provisioner.pid)  # type: ignore[union-attr]  # it has one once it was started

    def run(self, code: str, tags: tuple[str, ...] = (), timeout: float = 600) -> float:
        """Run a cell; seconds from the request to its reply. ``stdout`` holds what it printed.

        :raises CellFailed: when the cell raised.
        """
        body = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
        message = self.client.session.msg("execute_request", body, metadata={"tags": list(tags)})
        identity = message["header"]["msg_id"]
        start = time.perf_counter()
        self.client.shell_channel.send(message)
        while True:
            reply = self.client.get_shell_msg(timeout=timeout)
            if reply["parent_header"].get("msg_id") == identity:
                break
        waited = time.perf_counter() - start
        self._read_until_idle(identity, timeout)
        self.until_idle = time.perf_counter() - start
        if reply["content"]["status"] != "ok":
            raise CellFailed(f"{reply['content'].get('ename')}: {reply['content'].get('evalue')}")
        return waited

    def result(self, code: str, tags: tuple[str, ...] = (), timeout: float = 600) -> Any:
        """What a cell handed over with ``bench_result(value)``."""
        self.run(f"{HAND_OVER}\n{code}", tags, timeout)
        lines = [line for line in self.stdout.splitlines() if line.startswith(MARK)]
        return json.loads(lines[-1].removeprefix(MARK))

    def _read_until_idle(self, identity: str, timeout: float) -> None:
        self.stdout = ""
        while True:
            message = self.client.get_iopub_msg(timeout=timeout)
            if message["parent_header"].get("msg_id") != identity:
                continue
            content: dict[str, Any] = message["content"]
            if message["msg_type"] == "stream" and content["name"] == "stdout":
                self.stdout += content["text"]
            elif message["msg_type"] == "status" and content["execution_state"] == "idle":
                return

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=False)
        self.manager.cleanup_resources()


HAND_OVER = f"""import json as _json
def bench_result(value):
    print("\\n{MARK}" + _json.dumps(value))"""


@contextlib.contextmanager
def kernel(folder: Path, env: dict[str, str] | None = None, *, load: bool = False) -> Iterator[Kernel]:
    """A :class:`Kernel`, shut down at the end."""
    started = Kernel(folder, env, load=load)
    try:
        yield started
    finally:
        started.close()
