"""Fixtures: a project in a temporary folder, and real kernels to run cells in."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kernels import Kernel


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees the machine's own MLflow, Jupyter or IPython settings."""
    for name in list(os.environ):
        if name.startswith(("BIOML_", "MLFLOW_", "JPY_")):
            monkeypatch.delenv(name)
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "XDG_STATE_HOME"):
        folder = tmp_path / "home" / name.lower()
        folder.mkdir(parents=True)
        monkeypatch.setenv(name, str(folder))
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    monkeypatch.setenv("DVC_NO_ANALYTICS", "1")


@pytest.fixture
def project_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder (marked by an empty ``.bioml``), which is also the current directory."""
    root = tmp_path / "project"
    (root / ".bioml").mkdir(parents=True)
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def start_kernel(project_dir: Path) -> Iterator[Callable[..., Kernel]]:
    """A factory of kernels in the project; all are shut down afterwards."""
    kernels: list[Kernel] = []

    def start(folder: Path | None = None, **options: Any) -> Kernel:
        kernels.append(Kernel(folder or project_dir, **options))
        return kernels[-1]

    yield start
    for kernel in kernels:
        kernel.close()
