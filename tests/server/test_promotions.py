"""Promotions over HTTP: gates, promote, approve and reject, roll back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mlflow
import numpy
import pytest
from jsonschema import Draft202012Validator
from promote.world import EASY, MODEL, World
from server_case import Reply, Server, address
from sklearn.linear_model import LogisticRegression

from jupyter_bioml.config import Project
from jupyter_bioml.records.run import Metric
from jupyter_bioml.store.mlflow_store import MlflowStore
from jupyter_bioml.views.promotions import step_of


@pytest.fixture
def world(project: Project, store: MlflowStore, tmp_path: Path) -> World:
    """Two versions below the server's root, of which the second is too bad."""
    rows = numpy.array([[0.0], [1.0]])
    folder = tmp_path / "model"
    mlflow.sklearn.save_model(LogisticRegression().fit(rows, [0, 1]), str(folder), pip_requirements=[])
    world = World(project.root, store, folder)
    world.write_policy(EASY)
    world.version()
    world.version(world.record(metrics=(Metric("auc", 0.7),)))
    return world


def ask(server: Server, world: World, verb: str, path: str, body: Any = None, **query: str) -> Reply:
    target = address(f"/models/{MODEL}{path}", path=world.root.name, **query)
    return server.send(verb, target, body)


def as_described(server: Server, verb: str, path: str, answer: Any) -> None:
    document = server.json("/openapi.json")
    schema = document["paths"][path][verb]["responses"]["200"]["content"]["application/json"]["schema"]
    whole = {**schema, "components": document["components"]}
    assert [error.message for error in Draft202012Validator(whole).iter_errors(answer)] == []


def gates(server: Server, world: World, version: str, **query: str) -> Any:
    """What the gates say, once all have answered."""
    answer = ask(server, world, "GET", f"/versions/{version}/gates", **query).json
    while answer["asking"] is not None:
        as_described(server, "get", "/models/{name}/versions/{version}/gates", answer)
        more = {**query, "ticket": answer["asking"]["ticket"]}
        answer = ask(server, world, "GET", f"/versions/{version}/gates", **more).json
    return answer


def test_promote_and_back(server: Server, world: World) -> None:
    offered = gates(server, world, "2")
    assert offered["alias"] == "champion" and offered["aliases"] == ["champion"] and offered["failing"] == ["metrics"]
    as_described(server, "get", "/models/{name}/versions/{version}/gates", offered)
    (gate,) = offered["gates"]
    assert gate["state"] == "fail" and not gate["holds"] and gate["evidence"] == {"auc": 0.7} and gate["next"]
    refused = ask(server, world, "POST", "/versions/2/promote", {"alias": "champion"})
    assert refused.status == 200 and refused.json["promoted"] is False and refused.json["failing"] == ["metrics"]
    first = ask(server, world, "POST", "/versions/1/promote", {"alias": "champion", "reason": "first"}).json
    assert first["promoted"] and first["previous"] is None and first["event"]
    forced = ask(server, world, "POST", "/versions/2/promote", {"alias": "champion", "override": "the board"}).json
    assert forced["promoted"] and forced["previous"] == "1" and forced["override"] == "the board"
    back = ask(server, world, "POST", "/rollback", {"alias": "champion", "reason": "no"}).json
    as_described(server, "post", "/models/{name}/rollback", back)
    assert (back["version"], back["previous"]) == ("1", "2")
    assert world.actions() == ["promotion.refused", "promote", "override", "rollback"]


def test_decisions(server: Server, world: World) -> None:
    said = {"decision": "approve", "meaning": "review", "reason": "<b>looked</b>"}
    made = ask(server, world, "POST", "/versions/1/approve", said).json
    assert made["made"]["meaning"] == "review" and made["made"]["reason"] == "<b>looked</b>" and made["identity"]
    as_described(server, "post", "/models/{name}/versions/{version}/approve", made)
    assert [one["decision"] for one in made["standing"]] == ["approve"]
    gone = ask(server, world, "POST", "/versions/1/approve", {"decision": "reject", "reason": "no"}).json
    assert gone["standing"] == [] and world.actions() == ["approve", "reject"]


@pytest.mark.parametrize(
    ("verb", "path", "body", "status", "code"),
    [
        ("GET", "/versions/9/gates", None, 404, "not-found"),
        ("POST", "/versions/1/promote", {"alias": "production"}, 409, "refused"),
        ("POST", "/versions/1/promote", {"alias": "<b>"}, 400, "usage"),
        ("POST", "/versions/1/promote", {"alias": "champion", "override": " "}, 400, "usage"),
        ("POST", "/versions/1/promote", {}, 400, "usage"),
        ("POST", "/versions/1/approve", {"decision": "approve", "reason": "x"}, 400, "usage"),
        ("POST", "/versions/1/approve", {"decision": "bless", "reason": "x"}, 400, "usage"),
        ("POST", "/rollback", {"alias": "champion"}, 404, "not-found"),
    ],
)
def test_what_cannot_be_done_is_said(
    server: Server, world: World, verb: str, path: str, body: Any, status: int, code: str
) -> None:
    reply = ask(server, world, verb, path, body)
    assert (reply.status, reply.json["code"]) == (status, code), reply.body
    assert world.actions() == []


def test_a_policy_that_cannot_be_read_is_named_with_its_line(server: Server, world: World) -> None:
    world.write_policy(EASY.replace("metrics", "metricks"))
    reply = ask(server, world, "POST", "/versions/1/promote", {"alias": "champion"})
    assert reply.status == 400 and "line 4: there is no gate 'metricks'" in reply.json["message"]


def test_an_alias_of_the_policy_moves_by_promotion_alone(server: Server, world: World) -> None:
    put = ask(server, world, "PUT", "/aliases/champion", {"version": "2"})
    assert put.status == 409 and "bioml-policy.yaml" in put.json["message"] and "promote" in put.json["next"]
    assert ask(server, world, "PUT", "/aliases/tried", {"version": "2"}).status == 200
    assert ask(server, world, "POST", "/versions/1/promote", {"alias": "champion"}).json["promoted"]
    assert ask(server, world, "DELETE", "/aliases/champion").status == 409
    (world.root / "bioml-policy.yaml").unlink()
    assert ask(server, world, "PUT", "/aliases/champion", {"version": "2"}).status == 200, "without a policy of its own"


@pytest.mark.parametrize(
    ("said", "step"),
    [
        ("jupyter bioml reproduce 7f3a90c1 --env current", "reproduce"),
        ("Fix the cause, then: jupyter bioml reproduce 7f3a90c1 --env current", "reproduce"),
        ("jupyter bioml reproduce 7f3a90c1: it sees what they read.", "reproduce"),
        ("jupyter bioml reproduce 7f3a90c1 --env locked", None),
        ('jupyter bioml approve "m@1" --meaning approval --reason …', "approve"),
        ("Write bioml-card.yaml.", None),
        ("", None),
    ],
)
def test_a_next_step_is_a_button_where_the_server_can_do_it(said: str, step: str | None) -> None:
    assert step_of(said) == step
