"""The example notebooks: well-formed, clean, selected by their tags, and the same numbers every time."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

REPOSITORY = Path(__file__).parent.parent
NOTEBOOKS = sorted((REPOSITORY / "notebooks").glob("*.ipynb"))
NAMES = [notebook.name for notebook in NOTEBOOKS]


def read(notebook: Path) -> Any:
    return nbformat.read(notebook, as_version=4)


def code_cells(notebook: Path) -> list[Any]:
    return [cell for cell in read(notebook).cells if cell.cell_type == "code"]


def test_there_are_three() -> None:
    assert NAMES == ["01-breast-cancer-diagnosis.ipynb", "02-torch-network.ipynb", "03-diabetes-progression.ipynb"]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=NAMES)
def test_it_is_well_formed(notebook: Path) -> None:
    document = read(notebook)
    nbformat.validate(document)
    assert (document.nbformat, document.nbformat_minor) == (4, 5)
    identities = [cell.id for cell in document.cells]
    assert len(set(identities)) == len(identities)
    assert not any(re.fullmatch(r"[0-9a-f]{8}", identity) for identity in identities), "ids are names, not random"


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=NAMES)
def test_it_is_committed_without_outputs(notebook: Path) -> None:
    for cell in code_cells(notebook):
        assert cell.outputs == [] and cell.execution_count is None, cell.id
    assert set(read(notebook).metadata) == {"bioml", "kernelspec", "language_info"}


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=NAMES)
def test_it_reads_as_a_tutorial(notebook: Path) -> None:
    """A title, prose between the steps, the extension loaded first, one cell of parameters, tags to be selected by."""
    document = read(notebook)
    assert document.cells[0].cell_type == "markdown" and document.cells[0].source.startswith("# ")
    assert sum(cell.cell_type == "markdown" for cell in document.cells) >= 5
    cells = code_cells(notebook)
    assert cells[0].source == "%load_ext jupyter_bioml"
    assert [cell.id for cell in cells if "parameters" in cell.metadata.get("tags", [])] == ["parameters"]
    assert document.metadata.bioml.tags == ["example", "nightly"]
    assert any(
        cell.source.startswith("%%experiment") or "experiment" in cell.metadata.get("tags", []) for cell in cells
    )


def test_no_path_of_a_machine_is_in_them() -> None:
    for notebook in NOTEBOOKS:
        assert not re.search(r"/(home|root|tmp|Users)/", json.dumps(read(notebook))), notebook.name


def bioml(project: Path, *arguments: str) -> Any:
    command = [sys.executable, "-m", "jupyter_bioml.cli", *arguments, "--json"]
    return json.loads(subprocess.run(command, cwd=project, capture_output=True, text=True, check=True).stdout)


def runs_of(project: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = bioml(project, "runs", "--all")
    return rows


@pytest.mark.timeout(600)
@pytest.mark.slow
@pytest.mark.needs_torch
def test_they_find_the_same_numbers_every_time(project_dir: Path) -> None:
    """The two that ``make demo`` does not run, selected by tag and run twice: every metric is the same double."""
    for name in ("02-torch-network.ipynb", "03-diabetes-progression.ipynb"):
        shutil.copy(REPOSITORY / "notebooks" / name, project_dir / name)
    found: list[dict[str, dict[str, float]]] = []
    for _ in range(2):
        known = {row["record_id"] for row in runs_of(project_dir)}
        command = [sys.executable, "-m", "jupyter_bioml.cli", "run", ".", "--tag", "nightly", "--output-dir", "out"]
        subprocess.run(command, cwd=project_dir, capture_output=True, text=True, check=True, timeout=280)
        rows = [row for row in runs_of(project_dir) if row["record_id"] not in known]
        found.append(
            {row["name"]: {k: v for k, v in row["metrics"].items() if not k.startswith("system/")} for row in rows}
        )
    first, second = found
    depths = {f"depth={depth}" for depth in (2, 4, 6, 10)}
    (comparison, *_) = [row["record_id"] for row in bioml(project_dir, "runs") if row["name"] == "depth-comparison"]
    assert {child["name"] for child in bioml(project_dir, "show", comparison)["child_runs"]} == depths, "as 03 says"
    assert set(first) == {"digit-net", "depth-comparison", "03-diabetes-progression [6]", *depths}
    assert first["digit-net"].keys() == {"accuracy", "loss", "train_loss", "test_loss"}
    assert all(first[depth].keys() == {"mae"} for depth in depths)
    assert second == first
