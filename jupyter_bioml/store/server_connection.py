"""Requests to a tracking server as MLflow's client makes them, without MLflow: the gateway to requests.

Where and how it asks is read from the same places: the URI, MLflow's variables, ``~/.mlflow/credentials``, and what
requests itself reads (proxies, certificates). Requests that MLflow would change in ways not known here are left to it.
"""

from __future__ import annotations

import base64
import json
import os
import threading
import time
import urllib.parse
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from ..config import without_credentials
from .base import LeftToMlflow
from .mlflow_errors import ANSWER_SECONDS, RETRIES, TRANSFER_SECONDS, Declined

#: Settings of MLflow's client that change requests or answers, and are left to it.
_LEFT = (
    "MLFLOW_TRACKING_AUTH", "MLFLOW_TRACKING_AWS_SIGV4", "MLFLOW_WORKSPACE", "MLFLOW_ALLOW_HTTP_REDIRECTS",
    "_MLFLOW_DATABRICKS_TRAFFIC_ID", "DATABRICKS_RUNTIME_VERSION",
)  # fmt: skip
#: Answers after which MLflow asks again.
_TRANSIENT = frozenset({408, 429, 500, 502, 503, 504})
_API = "/api/2.0/"


class ServerConnection:
    """Asks one server.

    :param uri: its address, with credentials where it has them.
    :param awaited: seconds that all questions together may wait; None: each has a limit of its own.
    :raises LeftToMlflow: when something is set up that only MLflow's client knows.
    """

    def __init__(self, uri: str, awaited: float | None = None) -> None:
        left = next((name for name in _LEFT if os.environ.get(name, "").strip()), None)
        if left is not None:
            raise LeftToMlflow(f"{left} is set")
        if urllib.parse.urlsplit(uri).scheme not in ("http", "https"):
            raise LeftToMlflow("an address of another kind")
        self.uri = without_credentials(uri)
        self._host = uri.rstrip("/")
        self._awaited = self._left = awaited
        self._options = _tls()

    def ask(self, path: str, *, query: Mapping[str, Any] | None = None, body: Any = None) -> dict[str, Any]:
        """The JSON answer to a question about ``path`` (below ``/api/2.0/``); with ``body`` it is a POST.

        :raises Declined: the server says no. OSError: it does not answer.
        """
        method = "GET" if body is None else "POST"
        said = self._asked(method, path, ANSWER_SECONDS, params=query, json=body).content
        try:
            document = json.loads(said) if said.strip() else {}
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise OSError("its answer is not JSON; perhaps it is not an MLflow server")
        return document

    def fetch(self, path: str) -> bytes:
        """The bytes at ``path`` (below ``/api/2.0/``)."""
        return bytes(self._asked("GET", path, TRANSFER_SECONDS).content)

    def _asked(self, method: str, path: str, seconds: float, **more: Any) -> Any:
        limit = _number("MLFLOW_HTTP_REQUEST_TIMEOUT", seconds)
        if self._left is not None:
            return self._answer_in_time(lambda left: self._send(method, path, left, **more))
        repeats = int(_number("MLFLOW_HTTP_REQUEST_MAX_RETRIES", RETRIES))
        for count in range(repeats + 1):
            time.sleep(0 if count < 2 else min(2**count, 60))
            try:
                return self._send(method, path, limit, **more)
            except OSError:
                if count == repeats:
                    raise
        raise AssertionError("the last repeat answers or raises")

    def _answer_in_time(self, send: Callable[[float], Any]) -> Any:
        """In a thread that is left behind when the time is over: looking up a name has no limit of its own."""
        answers: list[Any] = []
        errors: list[BaseException] = []

        def work() -> None:
            try:
                answers.append(send(max(0.01, self._left or 0.0)))
            except BaseException as error:
                errors.append(error)

        began, thread = time.monotonic(), threading.Thread(target=work, name="bioml-ask", daemon=True)
        if self._left:
            thread.start()
            thread.join(self._left)
            self._left = max(0.0, self._left - (time.monotonic() - began))
        if answers:
            return answers[0]
        if errors and self._left:
            raise errors[0]
        self._left = 0.0
        raise TimeoutError(f"no complete answer within {self._awaited:g} seconds")

    def _send(self, method: str, path: str, seconds: float, **more: Any) -> Any:
        url = f"{self._host}{_API}{path}"
        answer = self._session.request(method, url, headers=self._headers, timeout=seconds, **self._options, **more)
        if answer.status_code in _TRANSIENT:
            raise OSError(f"failed with error code {answer.status_code}")
        if answer.status_code == 200:
            return answer
        try:
            said = answer.json()
            code, message = str(said["error_code"]), str(said.get("message", ""))
        except (ValueError, TypeError, KeyError):
            raise Declined("", f"failed with error code {answer.status_code}") from None
        raise Declined(code, f"{code}: {message}")

    @cached_property
    def _session(self) -> Any:
        import requests

        return requests.Session()

    @cached_property
    def _headers(self) -> dict[str, str]:
        name, password = _credentials()
        if name and password:
            text = base64.standard_b64encode(f"{name}:{password}".encode()).decode()
            return {"Authorization": f"Basic {text}"}
        token = os.environ.get("MLFLOW_TRACKING_TOKEN")
        return {"Authorization": f"Bearer {token}"} if token else {}


def _credentials() -> tuple[str | None, str | None]:
    """Name and password from MLflow's variables, else from its file."""
    name, password = os.environ.get("MLFLOW_TRACKING_USERNAME"), os.environ.get("MLFLOW_TRACKING_PASSWORD")
    file = Path("~/.mlflow/credentials").expanduser()
    if (name and password) or not file.exists():
        return name, password
    import configparser

    parser = configparser.ConfigParser()
    try:
        parser.read(file)
        kept = [parser.get("mlflow", f"mlflow_tracking_{key}", fallback=None) for key in ("username", "password")]
        return name or kept[0], password or kept[1]
    except configparser.Error:
        raise LeftToMlflow("~/.mlflow/credentials cannot be read") from None


def _tls() -> dict[str, Any]:
    """What requests is told about certificates.

    :raises LeftToMlflow: MLflow refuses these settings, and says why.
    """
    insecure = os.environ.get("MLFLOW_TRACKING_INSECURE_TLS", "").lower()
    authority = os.environ.get("MLFLOW_TRACKING_SERVER_CERT_PATH")
    if insecure not in ("", "true", "1", "false", "0") or (insecure in ("true", "1") and authority is not None):
        raise LeftToMlflow("the settings for certificates")
    found: dict[str, Any] = {"verify": authority if authority is not None else insecure not in ("true", "1")}
    if client := os.environ.get("MLFLOW_TRACKING_CLIENT_CERT_PATH"):
        found["cert"] = client
    return found


def _number(variable: str, usual: float) -> float:
    """The user's own setting, where it is one."""
    try:
        return float(os.environ.get(variable, ""))
    except ValueError:
        return usual
