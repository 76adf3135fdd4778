"""Who acts: a hub that confirms, one that does not, and no hub; the hub is a real HTTP server."""

from __future__ import annotations

import json
import os
import pwd
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from jupyter_bioml.audit.actor import HUB, HUB_CONFIRMED, OS_USER, current_actor, session_name
from jupyter_bioml.audit.log import AuditLog

TOKENS = {"of-ada": {"name": "ada", "kind": "user"}, "of-a-service": {"name": "cull", "kind": "service"}}


class Hub(BaseHTTPRequestHandler):
    """What the hub's API answers to ``GET /hub/api/user``."""

    asked: list[str]

    def do_GET(self) -> None:
        token = self.headers.get("Authorization", "").removeprefix("token ")
        self.server.asked.append(f"{self.path} {token}")  # type: ignore[attr-defined]
        if token == "elsewhere":
            self.send_response(302)
            self.send_header("Location", "/hub/api/stolen")
            self.end_headers()
            return
        body = b"x" * 100 if token == "nonsense" else json.dumps(TOKENS.get(token, {})).encode()
        self.send_response(200 if token in TOKENS or token == "nonsense" else 403)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A hub; gives the requests that it was asked."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    server.asked = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("JUPYTERHUB_API_URL", f"http://127.0.0.1:{server.server_port}/hub/api")
    yield server.asked  # type: ignore[attr-defined]
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("JUPYTERHUB_USER", "JUPYTERHUB_API_URL", "JUPYTERHUB_API_TOKEN"):
        monkeypatch.delenv(name, raising=False)


def test_variables_that_anybody_sets_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("USER", "LOGNAME", "LNAME", "USERNAME", "GIT_AUTHOR_NAME", "HOME"):
        monkeypatch.setenv(name, "mallory")
    actor = current_actor()
    account = pwd.getpwuid(os.getuid()).pw_name
    assert (actor.id, actor.auth_method) == (account, OS_USER) and "account" in actor.source
    monkeypatch.setenv("JUPYTERHUB_USER", "boss")
    actor = current_actor()
    assert (actor.id, actor.auth_method) == ("boss", HUB) and "did not confirm" in actor.source
    assert session_name().startswith(f"{account}/"), "the account is named beside it"


def test_the_hub_confirms(hub: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JUPYTERHUB_USER", "boss")
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "of-ada")
    actor = current_actor()
    assert (actor.id, actor.auth_method) == ("ada", HUB_CONFIRMED), "the hub's word, not the variable's"
    log = AuditLog(tmp_path / "audit")
    assert [log.append("approve", "model", "1").actor_id for _ in range(3)] == ["ada"] * 3
    assert hub == ["/hub/api/user of-ada"], "asked once in a process"
    assert log.path is not None and b"of-ada" not in log.path.read_bytes()


@pytest.mark.parametrize("token", ["wrong", "of-a-service", "nonsense", "elsewhere"])
def test_a_hub_that_does_not_confirm(hub: list[str], monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    monkeypatch.setenv("JUPYTERHUB_USER", "ada")
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", token)
    assert current_actor().auth_method == HUB
    assert hub == [f"/hub/api/user {token}"], "a redirect is not followed with the token"


def test_a_hub_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTERHUB_USER", "ada")
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "of-ada")
    for url in ("http://127.0.0.1:9/hub/api", "file:///etc", ""):
        monkeypatch.setenv("JUPYTERHUB_API_URL", url)
        assert (current_actor().id, current_actor().auth_method) == ("ada", HUB)
