"""``wire.ts`` is what openapi-typescript makes of the server's document; a file that is behind fails here."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Annotated, Any

import pytest

from jupyter_bioml.records.schema import OneOf, Schemas
from jupyter_bioml.server.app import PREFIX, ROUTES
from jupyter_bioml.server.openapi import document, types_of

WIRE = Path(__file__).parents[2] / "labextension" / "src" / "api" / "wire.ts"
AGAIN = "write it again with: npm --prefix labextension run wire"


@pytest.fixture(scope="module")
def text() -> str:
    return types_of(document(ROUTES, PREFIX))


@pytest.fixture(scope="module")
def schemas(text: str) -> dict[str, Any]:
    return dict(json.loads(text)["components"]["schemas"])


def test_the_file_is_up_to_date(text: str) -> None:
    head, _, types = WIRE.read_text(encoding="utf-8").partition(" */\n")
    digests = dict(re.findall(r"^ \* (document|types): sha256 (\w{64})$", head, re.MULTILINE))
    assert digests["document"] == hashlib.sha256(text.encode()).hexdigest(), AGAIN
    assert digests["types"] == hashlib.sha256(types.encode()).hexdigest(), f"it was edited by hand: {AGAIN}"


def test_the_front_end_finds_every_type_by_its_name(schemas: dict[str, Any]) -> None:
    roots = re.findall(r"^export type (\w+) = components\['schemas'\]\['(\w+)'\];$", WIRE.read_text(), re.MULTILINE)
    assert roots == [(name, name) for name in schemas]
    assert {"RunRow", "RunPage", "RunDetail", "RunRecord", "ModelVersion", "Job", "Live", "ErrorBody"} <= set(schemas)


def test_optional_and_null_are_told_apart(schemas: dict[str, Any]) -> None:
    row, record, patch = schemas["RunRow"], schemas["RunRecord"], schemas["RunPatch"]
    nothing = {"type": "null"}
    assert row["properties"]["run_id"]["anyOf"] == [{"type": "string"}, nothing]
    assert set(row["required"]) == set(row["properties"]), "an answer has every field"
    assert {"record_id", "schema"} <= set(record["required"]) and "name" not in record["required"]
    number = {"$ref": "#/components/schemas/RecordNumber"}
    assert record["properties"]["duration"]["anyOf"] == [number, nothing]
    assert patch["required"] == [] and patch["properties"]["name"]["anyOf"] == [{"type": "string"}, nothing]


def test_what_a_field_means_is_said(schemas: dict[str, Any]) -> None:
    said = schemas["RunRow"]["properties"]["run_id"]["description"]
    assert said == "MLflow's id of it; null: not in MLflow (yet)." and f"/** @description {said} */" in WIRE.read_text()


def test_words_of_a_registry_are_an_enum() -> None:
    known = {"one": 1}
    hint = Annotated[str, OneOf(known, lambda word: f"is {known[word]}")]
    assert Schemas("#/").of(hint) == {"type": "string", "enum": ["one"], "description": "`one`: is 1"}
    known["two"] = 2
    assert Schemas("#/").of(hint)["enum"] == ["one", "two"]
