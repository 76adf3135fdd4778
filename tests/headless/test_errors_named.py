"""Errors that IPython prints, and sends no output for, are told by their own name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from headless_case import cells_of
from notebook_files import write

from jupyter_bioml.headless.results import NotebookJob
from jupyter_bioml.headless.runner import run_notebook


@pytest.mark.parametrize(
    ("source", "kind", "message"),
    [
        ("%nosuchmagic", "UsageError", "Line magic function `%nosuchmagic` not found."),
        ("%%nosuchmagic\nx = 1", "UsageError", "Cell magic `%%nosuchmagic` not found."),
        ("import sys\nsys.exit(3)", "SystemExit", "3"),
        ("answer = input('age? ')", "StdinNotImplementedError", "raw_input was called"),
    ],
)
def test_the_error_is_the_one_that_ipython_says(
    project_dir: Path, monkeypatch: pytest.MonkeyPatch, source: str, kind: str, message: str
) -> None:
    monkeypatch.setenv("BIOML_PUBLISH", "off")
    path = write(project_dir / "n.ipynb", "x = 1", source, "y = 2")
    job = NotebookJob(str(path), str(project_dir / "out.ipynb"), str(project_dir))
    result = run_notebook(job)
    assert result.status == "failed"
    assert result.failure is not None
    assert (result.failure.index, result.failure.kind) == (1, kind)
    assert result.failure.message.startswith(message)
    shown: dict[str, Any] = list(cells_of(result.output or "").values())[1]
    assert [output["ename"] for output in shown["outputs"] if output["output_type"] == "error"] == [kind]
