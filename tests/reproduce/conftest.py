"""A project that holds copies of the shelf's notebooks."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from headless_case import SHELF


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
