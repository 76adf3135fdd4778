"""A real Jupyter server in a process of its own, and requests to it as browsers and scripts send them."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from ports import free_port

TOKEN = "a-token-of-the-tests"
BASE = "/some/base/"
API = f"{BASE}bioml/api/v1"
T = Any


@dataclass
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Server:
    """A server over a folder."""

    root: Path
    home: Path
    variables: dict[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()

    def start(self) -> Server:
        self.port = free_port()
        env = {key: value for key, value in os.environ.items() if not key.startswith(("BIOML_", "MLFLOW_", "JPY_"))}
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "XDG_STATE_HOME"):
            folder = self.home / name.lower()
            folder.mkdir(parents=True, exist_ok=True)
            env[name] = str(folder)
        env |= {"MLFLOW_DISABLE_TELEMETRY": "true", "DVC_NO_ANALYTICS": "1", **self.variables}
        config = Path(__file__).parents[2] / "jupyter-config" / "jupyter_bioml.json"
        target = self.home / "jupyter_config_dir" / "jupyter_server_config.d"
        target.mkdir(exist_ok=True)
        shutil.copy(config, target)
        self.log = self.home / "server.log"
        command = [
            sys.executable, "-m", "jupyter_server", f"--port={self.port}", "--ip=127.0.0.1", "--no-browser",
            f"--ServerApp.root_dir={self.root}", f"--IdentityProvider.token={TOKEN}", f"--ServerApp.base_url={BASE}",
            "--ServerApp.port_retries=0", "--ServerApp.allow_root=True", *self.options,
        ]  # fmt: skip
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command, env=env, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self.wait(lambda: self._answers(), "the server to answer", 60)
        return self

    def _answers(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            return self.get("/").status == 200
        except OSError:
            return False

    def stop(self) -> None:
        """As ``Ctrl-C`` twice, or a service manager, ends it."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    @staticmethod
    def wait(found: Callable[[], T], what: str, seconds: float = 30) -> T:
        """Until ``found`` gives something."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if value := found():
                return value
            time.sleep(0.05)
        raise AssertionError(f"waited {seconds} s for {what}")

    # -- requests --------------------------------------------------------------------------------

    def send(
        self, method: str, target: str, body: Any = None, headers: Mapping[str, str] | None = None, token: bool = True
    ) -> Reply:
        """One request; ``target`` is sent as it is."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        sent = {"Authorization": f"token {TOKEN}"} if token else {}
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        try:
            connection.request(method, target, data, {**sent, **(headers or {})})
            answer = connection.getresponse()
            return Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def get(self, path: str, /, headers: Mapping[str, str] | None = None, **query: Any) -> Reply:
        return self.send("GET", address(path, **query), headers=headers)

    def json(self, path: str, /, **query: Any) -> Any:
        """The document of a GET that must succeed."""
        reply = self.get(path, **query)
        assert reply.status == 200, (reply.status, reply.body[:2000], self.log.read_text()[-3000:])
        return reply.json

    def log_in(self) -> dict[str, str]:
        """Headers of a browser that logged in with a cookie, without the XSRF token."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET", f"{BASE}tree?token={TOKEN}")
        answer = connection.getresponse()
        answer.read()
        cookies = [value.split(";")[0] for key, value in answer.getheaders() if key.lower() == "set-cookie"]
        connection.close()
        return {"Cookie": "; ".join(cookies)}


def address(path: str, /, **query: Any) -> str:
    """The target of a path of the API; lists are repeated."""
    text = urlencode({key: value for key, value in query.items() if value is not None}, doseq=True)
    return f"{API}{quote(path)}" + (f"?{text}" if text else "")
