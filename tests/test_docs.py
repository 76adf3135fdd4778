"""The pages say what is true now: generated parts are fresh, nothing public is missing, snippets run, links lead."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import jupyter_bioml
from jupyter_bioml import config, errors
from jupyter_bioml.capture import options
from jupyter_bioml.cli.verbs import VERBS
from jupyter_bioml.journal.sessions import sessions
from jupyter_bioml.magics import magics
from jupyter_bioml.reproduce.verdict import CAUSES, EXIT_CODES, VERDICTS

REPOSITORY = Path(__file__).parent.parent
REFERENCE = REPOSITORY / "docs" / "reference"
PAGES = [
    *sorted((REPOSITORY / "docs").rglob("*.md")),
    *(
        REPOSITORY / name
        for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "ARCHITECTURE.md", "RELEASING.md")
    ),
]
NAMES = [str(page.relative_to(REPOSITORY)) for page in PAGES]


def reference(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def generated() -> dict[str, str]:
    made: dict[str, str] = importlib.import_module("docs.generate").pages()
    return made


def test_the_reference_is_fresh(generated: dict[str, str]) -> None:
    behind = [
        name for name, content in generated.items() if not (REFERENCE / name).exists() or reference(name) != content
    ]
    assert behind == [], "run: make docs"


def test_every_command_is_described() -> None:
    page = reference("commands.md")
    assert [verb for verb in VERBS if f"## {verb}\n" not in page] == []


def test_every_magic_and_flag_is_described() -> None:
    page = reference("magics.md")
    flags = [flag for action in options.parser()._actions for flag in action.option_strings]
    assert [flag for flag in flags if f"`{flag}" not in page] == []
    assert [name for name in magics.COMMANDS if f"`%bioml {name}" not in page] == []


def test_every_setting_is_described() -> None:
    page = reference("settings.md")
    for item in dataclasses.fields(config.Settings):
        assert f"| `{item.name}` |" in page and f"`BIOML_{item.name.upper()}`" in page


def test_every_variable_is_described() -> None:
    """Names of environment variables in the code that are ours, or that we read."""
    page = reference("settings.md")
    read: set[str] = set()
    for file in (REPOSITORY / "jupyter_bioml").rglob("*.py"):
        read |= set(re.findall(r"[\"'](BIOML_[A-Z_]*[A-Z])[\"']", file.read_text(encoding="utf-8")))
    assert "BIOML_PROJECT" in read
    assert [name for name in sorted(read) if f"`{name}`" not in page] == []


def test_every_error_is_described() -> None:
    page = reference("errors.md")
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.BiomlError)]
    assert [kind.__name__ for kind in kinds if f"`{kind.code}`" not in page] == []
    rows = [row for row in page.splitlines() if row.startswith("| `")]
    assert [row for row in rows if row.endswith("|  |")] == [], "an error without a meaning in errors.py's tree"


def test_every_public_name_is_described() -> None:
    page = reference("python.md")
    assert [name for name in jupyter_bioml.__all__ if name != "__version__" and f"## bioml.{name}\n" not in page] == []


def test_the_schema_is_one_and_takes_a_record() -> None:
    schema = json.loads(reference("record.schema.json"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    record: dict[str, Any] = {
        "schema": 1,
        "record_id": "0" * 32,
        "session": "20260101T000000-00000000",
        "seq": 1,
        "mark": "magic",
        "status": "FINISHED",
        "started": 0.0,
        "code": {"source": "auc = 1.0"},
    }
    validator.validate(record)
    assert [error.validator for error in validator.iter_errors({**record, "seq": "first"})] == ["type"]


def contract_names() -> set[str]:
    """Every ``bioml.…`` tag and every file under ``bioml/`` that the code writes to MLflow."""
    found: set[str] = set()
    for folder in ("store", "publish"):
        for file in (REPOSITORY / "jupyter_bioml" / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                text = node.value if isinstance(node, ast.Constant) else None
                if isinstance(text, str) and re.fullmatch(r"bioml\.[a-z_]+|bioml/[a-z_.]+", text):
                    found.add(text)
    return found


def test_the_mlflow_contract_is_whole() -> None:
    page = reference("mlflow.md")
    assert [name for name in sorted(contract_names()) if f"`{name}`" not in page] == []


def test_every_verdict_and_cause_is_explained() -> None:
    page = (REPOSITORY / "docs" / "how-to" / "reproduce.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([^`]+)` \| (.+) \|$", page, flags=re.MULTILINE))
    assert list(rows) == [*VERDICTS, *CAUSES], "in the order in which they are looked for"
    assert {word: int(row.rpartition("| ")[2]) for word, row in rows.items() if word in VERDICTS} == EXIT_CODES
    namespace: dict[str, Any] = {}
    exec(python_blocks_of(page)[0].partition("\n\n")[0], namespace)
    inspect.signature(namespace["Workbench"].reproduce).bind(None, "92dad5d9", namespace["Asked"](environment="locked"))


def links(page: Path) -> list[str]:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return [target for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text) if "://" not in target]


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_links_lead_somewhere(page: Path) -> None:
    assert [target for target in links(page) if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_commands_on_the_page_exist(page: Path) -> None:
    """``bioml VERB`` and ``%bioml COMMAND`` in code name something that is there."""
    text = page.read_text(encoding="utf-8")
    code = "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, flags=re.DOTALL))
    verbs = re.findall(r"(?<!--engine )(?<![%.\w/-])bioml ([a-z]+)", code)
    assert [verb for verb in verbs if verb not in VERBS] == []
    assert [name for name in re.findall(r"%bioml ([a-z]+)", code) if name not in magics.COMMANDS] == []
    flags = re.findall(r"%%experiment[^\n`]*", code)
    known = {flag for action in options.parser()._actions for flag in action.option_strings}
    assert [flag for line in flags for flag in re.findall(r"(?<!\S)--[a-z-]+", line) if flag not in known] == []


def python_blocks_of(text: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)


@pytest.mark.timeout(600)
def test_the_tutorial_runs(start_kernel: Callable[..., Any], project_dir: Path) -> None:
    """Its Python blocks, in order, in a real kernel: no error, a card per run, the model registered and loaded back; the
    runs have the scores that the page names."""
    kernel = start_kernel(load=False)
    blocks = python_blocks_of((REPOSITORY / "docs" / "tutorial.md").read_text(encoding="utf-8"))
    results = [
        kernel.run(block, cell_id=f"block-{number}", notebook="tutorial.ipynb", timeout=200)
        for number, block in enumerate(blocks)
    ]
    assert [result.error for result in results if result.error] == []
    cards = [
        display for result in results for display in result.displays if "application/vnd.bioml.run+json" in display
    ]
    assert len(cards) == 3, "two runs, and the one that is shown again"
    said = "\n".join(result.stdout for result in results)
    assert "forest" in said and "boosting" in said and "diagnosis v1" in said
    assert results[-1].result is not None and "array(" in results[-1].result["text/plain"]
    (log,) = sessions(config.find_project(project_dir).journal)
    log.refresh()
    records = [log.fold.record(identity, alone=True) for identity in log.fold.order]
    found = {record.name: record for record in records if record.mark == "magic"}
    assert {name: set(record.latest()) for name, record in found.items()} == {
        "forest": {"auc", "accuracy"},
        "boosting": {"auc", "staged_auc"},
    }
    accuracy = next(score for score in found["forest"].scores if score.key == "accuracy")
    shown = next(record for record in records if record.record_id == accuracy.cell)
    assert shown.mark == "cell" and "accuracy_score(" in shown.code.source and accuracy.digits is None
