"""Every route, walked: nobody unknown, nobody from another site, no path out of the server's root comes in."""

from __future__ import annotations

import json
import os
import re
import typing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from server_case import API, BASE, TOKEN, Reply, Server, address

from jupyter_bioml.config import Project
from jupyter_bioml.errors import UsageError
from jupyter_bioml.server.app import ROUTES, BiomlExtension
from jupyter_bioml.server.base import BiomlHandler
from jupyter_bioml.server.openapi import VERBS
from jupyter_bioml.server.requests import BODY_LIMIT, confined

EVERY = [
    (verb.upper(), path, handler)
    for path, handler in ROUTES
    for verb in VERBS
    if getattr(handler, verb) is not getattr(BiomlHandler, verb)
]
WALK = [(verb, re.sub(r"{\w+}", "0" * 16, path)) for verb, path, _ in EVERY]
BODIES = {
    "/compare": {"runs": ["00", "11"]},
    "/jobs": {"kind": "publish"},
    "register": {"name": "m"},
    "aliases": {"version": "1"},
}
ESCAPES = [
    "../outside",
    "a/../../outside",
    "..",
    "/etc",
    "//etc/passwd",
    "\x00",
    "a\x00b.ipynb",
    "..\\outside",
    "%2e%2e/outside/../..",
]


def body_for(path: str) -> Any:
    return next((body for part, body in BODIES.items() if part in path), {})


def refused(reply: Reply, *statuses: int) -> None:
    assert reply.status in statuses, (reply.status, reply.body[:300])
    assert "text/html" not in reply.headers["content-type"]
    assert b"Traceback" not in reply.body and b"site-packages" not in reply.body
    assert set(json.loads(reply.body)) == {"code", "message", "next"}


def test_the_walk_is_whole() -> None:
    assert len(WALK) >= 25 and {verb for verb, _ in WALK} == {"GET", "POST", "PUT", "PATCH", "DELETE"}
    for path, handler in ROUTES:
        for verb in VERBS:
            method = getattr(handler, verb)
            if method is not getattr(BiomlHandler, verb):
                assert hasattr(method, "operation"), f"{verb} {path} is not made by endpoint()"
        assert handler.auth_resource == "bioml"
    assert BiomlExtension.name == "jupyter_bioml"


@pytest.mark.parametrize(("verb", "path"), WALK)
def test_nobody_unknown_comes_in(server: Server, verb: str, path: str) -> None:
    refused(server.send(verb, address(path), body_for(path), token=False), 403)
    wrong = {"Authorization": "token not-the-token"}
    refused(server.send(verb, address(path), body_for(path), headers=wrong, token=False), 403)


@pytest.mark.parametrize(("verb", "path"), WALK)
def test_no_other_site_comes_in(server: Server, verb: str, path: str) -> None:
    """The browser of somebody who is logged in, on a page of somebody else."""
    browser = server.log_in()
    elsewhere = {**browser, "Origin": "https://elsewhere.example", "Referer": "https://elsewhere.example/page"}
    refused(server.send(verb, address(path), body_for(path), headers=elsewhere, token=False), 403, 404)
    if verb != "GET":
        refused(server.send(verb, address(path), body_for(path), headers=browser, token=False), 403)
        form = {**browser, "Content-Type": "application/x-www-form-urlencoded"}
        refused(server.send(verb, address(path), b"_xsrf=guess", headers=form, token=False), 403)


def test_the_same_site_comes_in(server: Server) -> None:
    """The refusals above are not because nothing works."""
    browser = server.log_in()
    token = re.search(r"_xsrf=([^;]+)", browser["Cookie"])
    assert token is not None
    assert server.send("GET", address("/"), headers=browser, token=False).status == 200
    reply = server.send(
        "POST", address("/compare"), {"runs": ["00"]}, {**browser, "X-XSRFToken": token[1]}, token=False
    )
    assert reply.status == 400 and reply.json["code"] == "usage"


@pytest.mark.parametrize("escape", ESCAPES)
def test_no_path_leads_out(server: Server, escape: str) -> None:
    for verb, path in WALK:
        once = f"{API}{quote(path)}?path={quote(escape, safe='')}"
        refused(server.send(verb, once, body_for(path)), 400, 404)
    twice = f"{API}/status?path={quote(quote(escape, safe=''), safe='')}"
    reply = server.send("GET", twice)
    if reply.status == 200:  # a percent sign is a character of a name: the place is still below the root
        assert Path(reply.json["project"]).is_relative_to(server.root) or reply.json["project"] == str(server.root)


def test_no_link_leads_out(server: Server, tmp_path: Path) -> None:
    (tmp_path / ".bioml").mkdir()
    link = server.root / "link-out"
    link.symlink_to(tmp_path)
    (server.root / "loop").symlink_to("loop")
    for verb, path in WALK:
        if path == "/openapi.json":
            continue  # it concerns no project
        for target in ("link-out", "link-out/a.ipynb", "loop"):
            refused(server.send(verb, address(path, path=target), body_for(path)), 400, 404)
    assert os.listdir(tmp_path / ".bioml") == [], "nothing was written outside either"


@pytest.mark.parametrize("run", ["../../../etc/passwd", "..", "%00", "é", "<img src=x onerror=alert(1)>", "x" * 10_000])
def test_a_hostile_id_is_not_found(server: Server, run: str) -> None:
    for verb, path in WALK:
        if "/runs/" in path or "/jobs/" in path:
            target = f"{API}{quote(path.replace('0' * 16, run, 1), safe='/')}"
            refused(server.send(verb, target, body_for(path)), 400, 404, 405, 409)


LONG = {"one name": "x" * 5_000, "many folders": "a/" * 2_500 + "a.ipynb"}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
@pytest.mark.usefixtures("store")
def test_what_is_too_long_for_a_name_is_refused(server: Server, project: Project, text: str) -> None:
    """In every place of every address that takes a path, a name or an id; in the query; in each text of a body."""
    sent = 0
    for verb, path, handler in EVERY:
        operation = getattr(handler, verb.lower()).operation
        plain, here = re.sub(r"{\w+}", "0" * 16, path), project.root.name
        asked = [(address(plain, path=text), body_for(path))] if path != "/openapi.json" else []
        for place in re.findall(r"{\w+}", path):
            filled = re.sub(r"{\w+}", "0" * 16, path.replace(place, quote(text, safe="")))
            asked.append((f"{API}{filled}?path={here}", body_for(path)))
        for name, hint in typing.get_type_hints(operation.takes or object).items():
            several = typing.get_origin(hint) is tuple
            asked.append((address(plain, path=here), {**body_for(path), name: [text, text] if several else text}))
        for target, body in asked:
            refused(server.send(verb, target, None if verb == "GET" else body), 400, 404, 409)
        queries = [address(plain, path=here, **{name: text}) for name in (*operation.query, *operation.repeated)]
        for target in queries:
            assert server.send(verb, target, None if verb == "GET" else body_for(path)).status < 500, target[:100]
        sent += len(asked) + len(queries)
    assert sent >= 75


@pytest.mark.parametrize("path", ["x" * 256, "ü" * 300, "a/" + "x" * 5_000 + "/b", "./" * 3_000 + "x" * 256])
def test_a_path_that_no_file_can_have_is_named(tmp_path: Path, path: str) -> None:
    with pytest.raises(UsageError, match="cannot be followed: File name too long"):
        confined(tmp_path, path)
    assert confined(tmp_path, "not/there/yet.ipynb") == tmp_path.resolve() / "not/there/yet.ipynb"


def test_other_addresses_and_methods_are_refused_in_our_form(server: Server) -> None:
    refused(server.get("/nothing/here"), 404)
    refused(server.send("PUT", address("/runs"), {}), 405)
    assert server.send("GET", f"{BASE}bioml/api/v1").status == 200


def test_a_body_is_checked(server: Server) -> None:
    for body in (b"{", b"[]", b"null", b'"x"', b'{"runs": "ab"}', b'{"runs": [1, 2]}', b'{}', b'{"runs":["0","1"],"x":1}',
                 b'{"runs": ["a\x00"]}', b"[" * 100_000):  # fmt: skip
        refused(server.send("POST", address("/compare"), body), 400)
    refused(server.send("POST", address("/compare"), b" " * (BODY_LIMIT + 1)), 413)
    refused(server.send("PATCH", address("/runs/00"), {"starred": 1}), 400)


@pytest.mark.parametrize(
    "query",
    [
        "limit=501", "limit=0", "limit=-1", "limit=x", "limit=٣", "offset=-1", "offset=1e9", "sort=nothing", "order=up",
        "scope=world", "scope=experiment", "state=DEAD", "min=nan", "max=inf", "archived=yes", "sort=metric", "q=%ff",
    ],
)  # fmt: skip
def test_a_query_is_checked(server: Server, query: str) -> None:
    refused(server.send("GET", f"{API}/runs?{quote(query, safe='=%')}"), 400)


def test_the_token_is_not_told(server: Server) -> None:
    assert TOKEN.encode() not in server.get("/").body + server.get("/status").body
