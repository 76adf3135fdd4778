"""Fixtures: a project in a temporary folder, and real kernels to run cells in."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from headless_case import SHELF
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


@pytest.fixture(scope="module")
def module_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pytest.MonkeyPatch]:
    """What ``clean_environment`` does, for a whole module."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(("BIOML_", "MLFLOW_", "JPY_")):
                patch.delenv(name)
        for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "XDG_STATE_HOME"):
            patch.setenv(name, str(tmp_path_factory.mktemp(name.lower())))
        patch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
        patch.setenv("DVC_NO_ANALYTICS", "1")
        yield patch


@pytest.fixture
def shelf(project_dir: Path) -> Callable[..., Path]:
    """Copies a notebook of the shelf into the project, under another name if one is given."""

    def copy(name: str, to: str | None = None) -> Path:
        target = project_dir / (to or f"{name}.ipynb")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SHELF / f"{name}.ipynb", target)
        return target

    return copy
