"""The OpenAPI document names every route, and what the server answers is what it says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from front_case import SyntheticJournal
from jsonschema import Draft202012Validator
from server_case import API, Server, address

from jupyter_bioml.config import Project
from jupyter_bioml.server.app import ROUTES
from jupyter_bioml.server.base import BiomlHandler
from jupyter_bioml.server.openapi import VERBS


@pytest.fixture
def document(server: Server) -> dict[str, Any]:
    return dict(server.json("/openapi.json"))


def test_every_verb_of_every_route_is_described(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0" and document["servers"] == [{"url": API}]
    assert set(document["paths"]) == {path for path, _ in ROUTES}
    for path, handler in ROUTES:
        for verb in VERBS:
            is_there = getattr(handler, verb) is not getattr(BiomlHandler, verb)
            assert (verb in document["paths"][path]) == is_there, (verb, path)
    for name, schema in document["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema)
        for reference in _references(schema):
            assert reference.rpartition("/")[2] in document["components"]["schemas"], (name, reference)


def test_what_may_be_given_more_than_once_is_a_list(document: dict[str, Any]) -> None:
    lists = {
        path: [one["name"] for one in described["get"]["parameters"] if one["schema"]["type"] == "array"]
        for path, described in document["paths"].items()
        if "get" in described
    }
    assert {path: names for path, names in lists.items() if names} == {
        "/runs": ["tag"],
        "/runs/{run}/series": ["key"],
        "/table/export": ["run"],
        "/table/groups": ["tag"],
        "/table/values": ["tag", "show"],
    }


def _references(schema: Any) -> list[str]:
    if isinstance(schema, list):
        return [found for item in schema for found in _references(item)]
    if not isinstance(schema, dict):
        return []
    own = [schema["$ref"]] if isinstance(schema.get("$ref"), str) else []
    return own + [found for item in schema.values() for found in _references(item)]


def test_the_answers_are_as_described(
    server: Server, project: Project, journal: Callable[..., SyntheticJournal], document: dict[str, Any]
) -> None:
    made = journal()
    run, other = made.run("a", {"auc": 0.9}, params={"depth": 3}), made.run("a", {"auc": 0.8}, note="n")
    made.start("b")
    checked = 0
    apart = ("/openapi.json", "{path}", "{job}", "{name}", "export")  # the models' are in test_promotions
    for path, described in document["paths"].items():
        if "get" not in described or any(part in path for part in apart):
            continue
        answer = server.json(path.replace("{run}", run), path=project.root.name)
        if path == "/live" or path == "/runs":
            answer = server.json(path, path=f"{project.root.name}/diagnosis.ipynb")
        _check(document, described["get"], "200", answer)
        checked += 1
    compared = server.send("POST", address("/compare", path=project.root.name), {"runs": [run, other]})
    _check(document, document["paths"]["/compare"]["post"], "200", compared.json)
    refused = server.get("/runs/ffff", path=project.root.name)
    _check(document, document["paths"]["/runs/{run}"]["get"], "default", refused.json)
    assert checked >= 11


def _check(document: dict[str, Any], operation: dict[str, Any], status: str, answer: Any) -> None:
    schema = operation["responses"][status]["content"]["application/json"]["schema"]
    whole = {**schema, "components": document["components"]}
    problems = [error.message for error in Draft202012Validator(whole).iter_errors(answer)]
    assert problems == []
