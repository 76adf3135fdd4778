"""The TypeScript types are those of the dataclasses; one that is out of date fails here."""

from __future__ import annotations

import re
from pathlib import Path

from jupyter_bioml.server.typescript import typescript

WIRE = Path(__file__).parents[2] / "labextension" / "src" / "api" / "wire.ts"
#: The names that the front end imports.
CONTRACT = [
    "RunRow",
    "RunPage",
    "RunDetail",
    "RunRecord",
    "Point",
    "Resources",
    "Comparison",
    "ModelVersion",
    "Model",
    "Job",
    "Live",
    "Status",
    "Hello",
    "RegisterOffer",
    "Output",
    "FileEntry",
    "Experiment",
    "SeriesSet",
    "Series",
    "Usage",
    "Best",
    "Group",
    "ErrorBody",
    "RunPatch",
    "RegisterRequest",
    "CompareRequest",
    "AliasRequest",
    "JobRequest",
]


def test_the_file_is_up_to_date() -> None:
    command = "python -m jupyter_bioml.server.typescript labextension/src/api/wire.ts"
    assert WIRE.read_text(encoding="utf-8") == typescript(), f"write it again with: {command}"


def test_every_name_of_the_contract_is_there_once() -> None:
    declared = re.findall(r"^export interface (\w+)", typescript(), re.MULTILINE)
    assert set(CONTRACT) <= set(declared)
    assert len(declared) == len(set(declared)), "two dataclasses of one name"


def test_optional_and_null_are_told_apart() -> None:
    text = typescript()
    row = text.split("export interface RunRow {")[1].split("}\n")[0]
    assert "run_id: string | null;" in row and "?:" not in row, "an answer has every field"
    record = text.split("export interface RunRecord {")[1].split("\n}\n")[0]
    assert "  name?: string | null;" in record and "  record_id: string;" in record
    assert "duration?: RecordNumber | null;" in record and "metrics?: RecordMetric[];" in record
    patch = text.split("export interface RunPatch {")[1].split("}\n")[0]
    assert "  name?: string | null;" in patch
