"""The ways to a real tracking server, and what may come back on them: redirects, proxies, TLS, and answers of others.

What MLflow's own client does there is the measure: both ask through the same relay.
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from relay import Answer, Asked, Relay, relay, self_signed
from servers import TrackingServer

from jupyter_bioml.errors import BiomlError, StoreUnavailable
from jupyter_bioml.store.base import RECORD_ID, AccessDenied, Reader, StoredRun
from jupyter_bioml.store.mlflow_store import MlflowStore
from jupyter_bioml.store.opening import reader_of

PASSWORD = "correct horse"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is asked again, by no proxy, and with nobody's credentials."""
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    for name in os.environ:
        if name.lower() in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture
def run(tracking_server: TrackingServer) -> str:
    """The one run of the server."""
    store = MlflowStore(tracking_server.uri)
    experiment, _ = store.open_experiment("a.ipynb")
    run_id = store.create_run(experiment, "only", 1000.0, {RECORD_ID: "ab" * 16})
    store.end_run(run_id, "FINISHED", 1001.0)
    return run_id


@pytest.fixture
def way(tracking_server: TrackingServer) -> Iterator[Relay]:
    with relay(tracking_server.uri) as made:
        yield made


def both(uri: str) -> tuple[Reader, MlflowStore]:
    return reader_of(uri), MlflowStore(uri)


def searched(uri: str) -> list[StoredRun]:
    """The runs, which both must find alike."""
    ours, theirs = (store.search() for store in both(uri))
    assert ours == theirs
    return ours


def refused(uri: str) -> list[BiomlError]:
    """The errors of both."""
    found = []
    for store in both(uri):
        with pytest.raises(BiomlError) as error:
            store.search()
        found.append(error.value)
    return found


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_followed_as_mlflow_follows_it(way: Relay, run: str, status: int) -> None:
    """To another host without the credentials. What 301 and 302 make of a question with a body is another question."""

    def moved(asked: Asked) -> Answer | None:
        return None if "/moved/" in asked.path else Answer(status, headers={"Location": f"{there.uri}{asked.target}"})

    with relay(way.target.geturl()) as there:
        way.instead = moved
        uri = way.uri.replace("//", "//ada:s3cr3t@")
        if status in (307, 308):
            assert [one.run_id for one in searched(uri)] == [run]
        else:
            ours, theirs = refused(uri)
            assert type(ours) is type(theirs) and "s3cr3t" not in f"{ours}{theirs}"
        assert {one.headers.get("Authorization", "") for one in there.asked} == {""}
        assert all(one.headers.get("Authorization", "").startswith("Basic ") for one in way.asked)


def test_redirects_in_a_circle_end(way: Relay, run: str) -> None:
    way.instead = lambda asked: Answer(307, headers={"Location": f"{way.uri}{asked.target}"})
    for error in refused(way.uri):
        assert isinstance(error, StoreUnavailable)
    assert len(way.asked) < 100


def test_compressed_answers_are_read(way: Relay, run: str) -> None:
    def compressed(answer: Answer) -> Answer:
        return Answer(answer.status, gzip.compress(answer.body), {**answer.headers, "Content-Encoding": "gzip"})

    way.changed = compressed
    assert [one.run_id for one in searched(way.uri)] == [run]
    way.changed = lambda answer: Answer(200, b"not gzip", {**answer.headers, "Content-Encoding": "gzip"})
    assert all(isinstance(error, StoreUnavailable) for error in refused(way.uri))


PAGE = b"<!DOCTYPE html><title>Sign in</title>"


@pytest.mark.parametrize(
    "body, kind",
    [
        (PAGE, "text/html"), (PAGE, "application/json"), (b"[]", "application/json"), (b"7", "application/json"),
        (b'{"experiments": [', "application/json"), (b'{"experiments": ["x"]}', "application/json"),
        (b'{"experiments": [{}]}', "application/json"), (b'{"experiments": {"a": 1}}', "application/json"),
        (b"\xff\xfe\x00", "application/json"),
    ],
)  # fmt: skip
def test_what_is_not_mlflow_s_answer_is_said_to_be_none(way: Relay, run: str, body: bytes, kind: str) -> None:
    """A portal that asks for a password, a proxy's page, half an answer: MLflow does not answer, and no list is empty."""
    way.instead = lambda asked: Answer(200, body, {"Content-Type": kind})
    asks: list[Callable[[Reader], Any]] = [lambda reader: reader.search(), lambda reader: reader.get(run)]
    if b"experiments" not in body:
        asks.append(lambda reader: reader.models())
    for ask in asks:
        with pytest.raises(StoreUnavailable, match="its answer is not") as error:
            ask(reader_of(way.uri))
        assert "Nothing is lost" in str(error.value.next)


@pytest.mark.parametrize("path", ["experiments/search", "runs/search", "registered-models/search"])
def test_pages_that_repeat_end(way: Relay, run: str, path: str) -> None:
    """Of a server, or of a cache between, that gives the same page for every question."""

    pages: list[Answer] = []

    def again(asked: Asked) -> Answer | None:
        if not asked.path.endswith(path):
            return None
        if not pages:
            page = way.ask_server(asked)
            document = {**json.loads(page.body), "next_page_token": "again"}
            pages.append(Answer(page.status, json.dumps(document).encode(), page.headers))
        return pages[0]

    way.instead = again
    with pytest.raises(StoreUnavailable, match="repeat"):
        reader_of(way.uri).models() if "models" in path else reader_of(way.uri).search()
    assert len(way.asked) < 10


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 502, 503])
def test_refusals_are_said_as_mlflow_s(way: Relay, run: str, status: int) -> None:
    way.instead = lambda asked: Answer(status, PAGE, {"Content-Type": "text/html"})
    ours, theirs = refused(way.uri)
    assert (type(ours), ours.message, ours.next) == (type(theirs), theirs.message, theirs.next)
    assert isinstance(ours, AccessDenied) == (status in (401, 403))


@pytest.mark.parametrize("given", ["name and password", "token", "wrong", "nothing"])
def test_a_server_that_asks_who_is_there(
    way: Relay, run: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    known = {"Basic YWRhOmNvcnJlY3QgaG9yc2U=", "Bearer abc"}

    def closed(asked: Asked) -> Answer | None:
        return None if asked.headers.get("Authorization") in known else Answer(401, b"who is there?")

    way.instead = closed
    if given in ("name and password", "wrong"):
        monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "ada")
        monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", PASSWORD if given != "wrong" else "battery staple")
    if given == "token":
        monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "abc")
    if given in ("name and password", "token"):
        assert [one.run_id for one in searched(way.uri)] == [run]
    else:
        ours, theirs = refused(way.uri)
        assert isinstance(ours, AccessDenied) and ours.message == theirs.message and "battery" not in str(ours)


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_a_certificate_that_nobody_signed(
    tracking_server: TrackingServer, run: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = self_signed(tmp_path)
    with relay(tracking_server.uri, certificate) as way:
        assert all(isinstance(error, StoreUnavailable) for error in refused(way.uri))
        assert not way.asked
        monkeypatch.setenv("MLFLOW_TRACKING_SERVER_CERT_PATH", str(certificate))
        assert [one.run_id for one in searched(way.uri)] == [run]
        monkeypatch.setenv("MLFLOW_TRACKING_SERVER_CERT_PATH", str(self_signed(tmp_path / "..")))
        assert all(isinstance(error, StoreUnavailable) for error in refused(way.uri)), "another one's"
        monkeypatch.delenv("MLFLOW_TRACKING_SERVER_CERT_PATH")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        assert [one.run_id for one in searched(way.uri)] == [run]
        monkeypatch.delenv("REQUESTS_CA_BUNDLE")
        monkeypatch.setenv("MLFLOW_TRACKING_INSECURE_TLS", "true")
        assert [one.run_id for one in searched(way.uri)] == [run]


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("letters", [str.upper, str.lower])
def test_proxies_are_those_of_the_environment(
    tracking_server: TrackingServer, run: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str,
    letters: type[str],
) -> None:  # fmt: skip
    certificate = self_signed(tmp_path) if scheme == "https" else None
    monkeypatch.setenv("MLFLOW_TRACKING_SERVER_CERT_PATH", str(certificate or ""))
    if certificate is None:
        monkeypatch.delenv("MLFLOW_TRACKING_SERVER_CERT_PATH")
    with relay(tracking_server.uri) as proxy, relay(tracking_server.uri, certificate) as way:
        monkeypatch.setenv(letters(f"{scheme}_proxy"), proxy.uri)
        assert [one.run_id for one in searched(way.uri)] == [run]
        host = way.uri.partition("//")[2]
        assert proxy.asked and all(host in one.target for one in proxy.asked)
        assert {one.method for one in proxy.asked} <= ({"CONNECT"} if scheme == "https" else {"GET", "POST"})
        through = len(proxy.asked)
        monkeypatch.setenv(letters("no_proxy"), "example.org,127.0.0.1")
        assert [one.run_id for one in searched(way.uri)] == [run]
        assert len(proxy.asked) == through and way.asked
