"""``make demo`` in a project of its own: it ends with the summary, and says so when something does not hold."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
FLAGSHIP = "01-breast-cancer-diagnosis.ipynb"


@pytest.fixture
def demo_project(project_dir: Path) -> Path:
    """A project that holds the example notebooks and the demo."""
    shutil.copytree(NOTEBOOKS, project_dir / "notebooks", ignore=shutil.ignore_patterns(".*", "__pycache__"))
    return project_dir


def replace_flagship(project: Path, *cells: str) -> None:
    """Put a small notebook in the flagship's place."""
    notebook = new_notebook(cells=[new_code_cell(source, id=f"cell-{n}") for n, source in enumerate(cells)])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, project / "notebooks" / FLAGSHIP)


def run_demo(project: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(project / "notebooks" / "demo.py")]
    return subprocess.run(command, cwd=project.parent, capture_output=True, text=True, timeout=560, check=False)


@pytest.mark.timeout(600)
def test_it_holds_and_prints_the_summary(demo_project: Path) -> None:
    done = run_demo(demo_project)
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout
    for part in ("run", "metrics", "parameters", "data", "environment", "time", "peak memory", "verdict", "model"):
        assert f"\n   {part} " in said, part
    assert said.count("✓") == 6 and "✗" not in said
    assert "171 of 171 held-out predictions equal, bit for bit" in said
    assert "breast_cancer.csv" in said and "mlflow ui --backend-store-uri" in said


@pytest.mark.timeout(600)
@pytest.mark.slow
def test_it_fails_when_the_numbers_change(demo_project: Path) -> None:
    """The second run finds another metric, and the demo says which."""
    replace_flagship(demo_project, "%%experiment gbm\nimport time\nauc = time.time_ns() % 1_000_003 / 1_000_003")
    done = run_demo(demo_project)
    assert done.returncode == 1, done.stdout
    assert "✗ The second run differs in: auc." in done.stdout and "The demo did not hold" in done.stdout


@pytest.mark.timeout(600)
def test_it_fails_when_a_cell_fails(demo_project: Path) -> None:
    replace_flagship(demo_project, "raise RuntimeError('no data today')")
    done = run_demo(demo_project)
    assert done.returncode == 1 and "no data today" in done.stdout and "exit code 1" in done.stdout
