"""Requests to a tracking server are MLflow's own: who asks, how it is protected, and what is said when it fails."""

from __future__ import annotations

import base64
import http.server
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from ports import free_port
from servers import answering, silent

from jupyter_bioml.errors import BiomlError, StoreUnavailable
from jupyter_bioml.store.base import AccessDenied, LeftToMlflow
from jupyter_bioml.store.mlflow_store import MlflowStore
from jupyter_bioml.store.opening import reader_of
from jupyter_bioml.store.server_connection import ServerConnection


@pytest.fixture
def listening() -> Iterator[tuple[str, list[str | None]]]:
    """A server that has no experiments; its host and port, and the Authorization of each request."""
    seen: list[str | None] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            seen.append(self.headers.get("Authorization"))
            body = json.dumps({"experiments": []}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *arguments: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}", seen
    server.shutdown()
    server.server_close()


def basic(name: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{name}:{password}'.encode()).decode()}"


@pytest.mark.parametrize("given", ["nothing", "variables", "token", "address", "file", "file and variable"])
def test_it_asks_with_the_credentials_that_mlflow_would_take(
    listening: tuple[str, list[str | None]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, given: str
) -> None:
    host, seen = listening
    monkeypatch.setenv("HOME", str(tmp_path))
    expected, uri = None, f"http://{host}/"
    if "file" in given:
        (tmp_path / ".mlflow").mkdir()
        (tmp_path / ".mlflow" / "credentials").write_text(
            "[mlflow]\nmlflow_tracking_username = ada\nmlflow_tracking_password = of file\n"
        )
        expected = basic("ada", "of file")
    if given == "variables":
        monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "ada")
    if "variable" in given:
        monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "ünder")
        expected = basic("ada", "ünder")
    if given == "token":
        monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "abc")
        expected = "Bearer abc"
    if given == "address":
        uri, expected = f"http://ada:in%20it@{host}", basic("ada", "in it")
    assert reader_of(uri).search() == [] and MlflowStore(uri).search() == []
    assert set(seen) == {expected}, "also MLflow's"


@pytest.mark.parametrize(
    "name, value",
    [
        ("MLFLOW_TRACKING_AUTH", "plugin"),
        ("MLFLOW_TRACKING_AWS_SIGV4", "true"),
        ("MLFLOW_WORKSPACE", "team"),
        ("DATABRICKS_RUNTIME_VERSION", "15"),
        ("MLFLOW_TRACKING_INSECURE_TLS", "maybe"),
    ],
)
def test_what_only_mlflow_knows_is_left_to_it(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(LeftToMlflow):
        reader_of("https://mlflow.example.org")


@pytest.mark.parametrize("uri", ["databricks", "databricks://profile", "postgresql://host/db", "uc:http://host"])
def test_other_addresses_are_left_to_mlflow(uri: str) -> None:
    with pytest.raises(LeftToMlflow):
        reader_of(uri)


def test_a_package_that_plugs_itself_into_requests_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = tmp_path / "company_mlflow-1.0.dist-info"
    info.mkdir()
    (info / "entry_points.txt").write_text("[mlflow.request_header_provider]\ncompany = company:Headers\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(LeftToMlflow, match="company_mlflow"):
        reader_of("https://mlflow.example.org")


def test_certificates_are_those_of_mlflows_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ServerConnection("https://a")._options == {"verify": True}
    monkeypatch.setenv("MLFLOW_TRACKING_CLIENT_CERT_PATH", "/me.pem")
    monkeypatch.setenv("MLFLOW_TRACKING_INSECURE_TLS", "true")
    assert ServerConnection("https://a")._options == {"verify": False, "cert": "/me.pem"}
    monkeypatch.setenv("MLFLOW_TRACKING_SERVER_CERT_PATH", "/ca.pem")
    with pytest.raises(LeftToMlflow):
        ServerConnection("https://a")
    monkeypatch.setenv("MLFLOW_TRACKING_INSECURE_TLS", "false")
    assert ServerConnection("https://a")._options == {"verify": "/ca.pem", "cert": "/me.pem"}


def test_failures_are_said_as_mlflow_s(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the same class, message and next step; and the password is in none of them."""
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    port = free_port()
    uri = f"http://ada:s3cr3t@127.0.0.1:{port}"
    failures: list[Callable[[], Any]] = [
        nullcontext, lambda: silent(port), lambda: answering(port, 500), lambda: answering(port, 503),
        lambda: answering(port, 401), lambda: answering(port, 403), lambda: answering(port, 404),
    ]  # fmt: skip
    for failure in failures:
        said = []
        with failure():
            for store in (reader_of(uri), MlflowStore(uri)):
                with pytest.raises(BiomlError) as refused:
                    store.search()
                said.append((type(refused.value), refused.value.message, refused.value.next))
        assert said[0] == said[1] and "s3cr3t" not in str(said)


def test_time_is_one_for_all_questions() -> None:
    port = free_port()
    with silent(port):
        reader = reader_of(f"http://127.0.0.1:{port}", awaited=0.3)
        for _ in range(3):
            with pytest.raises(StoreUnavailable, match=r"no complete answer within 0\.3 seconds") as refused:
                reader.models()
            assert not isinstance(refused.value, AccessDenied)
