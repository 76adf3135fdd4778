"""``make demo`` in a project of its own: it ends with the summary, and says so when something does not hold."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
FLAGSHIP = "01-breast-cancer-diagnosis.ipynb"


@pytest.fixture
def demo_project(project_dir: Path) -> Path:
    """A project that holds the example notebooks and the demo."""
    shutil.copytree(NOTEBOOKS, project_dir / "notebooks", ignore=shutil.ignore_patterns(".*", "__pycache__"))
    return project_dir


def run_demo(project: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(project / "notebooks" / "demo.py")]
    return subprocess.run(command, cwd=project.parent, capture_output=True, text=True, timeout=240, check=False)


def test_it_holds_and_prints_the_summary(demo_project: Path) -> None:
    done = run_demo(demo_project)
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout
    for part in ("run", "metrics", "parameters", "data", "environment", "time", "peak memory", "verdict", "model"):
        assert f"\n   {part} " in said, part
    assert said.count("✓") == 6 and "✗" not in said
    assert "171 of 171 held-out predictions equal, bit for bit" in said
    assert "breast_cancer.csv" in said and "mlflow ui --backend-store-uri" in said


def test_it_fails_when_the_numbers_change(demo_project: Path) -> None:
    """A classifier without a seed: the second run finds other metrics, and the demo says which."""
    file = demo_project / "notebooks" / FLAGSHIP
    document = nbformat.read(file, as_version=4)
    (cell,) = [cell for cell in document.cells if cell.id == "gbm"]
    cell.source = cell.source.replace(", random_state=seed\n", ", subsample=0.5\n")
    nbformat.write(document, file)
    done = run_demo(demo_project)
    assert done.returncode == 1, done.stdout
    assert (
        "✗" in done.stdout
        and "The second run has other metrics" in done.stdout
        and "The demo did not hold" in done.stdout
    )


def test_it_fails_when_a_cell_fails(demo_project: Path) -> None:
    file = demo_project / "notebooks" / FLAGSHIP
    document = nbformat.read(file, as_version=4)
    (cell,) = [cell for cell in document.cells if cell.id == "split"]
    cell.source = "raise RuntimeError('no data today')"
    nbformat.write(document, file)
    done = run_demo(demo_project)
    assert done.returncode == 1 and "no data today" in done.stdout and "exit code 1" in done.stdout
