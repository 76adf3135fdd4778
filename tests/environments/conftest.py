"""One local index for all tests: what a kernel needs, and a package whose second version breaks what the first did."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from environments.index_case import Index
from jupyter_bioml.host.distributions import canonical_name, installed

ONE = "def scale(x):\n    return 2 * x\n"
TWO = "def rescale(x):\n    return 2 * x\n"


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """The index: ``assay`` 1.0 and a breaking 2.0, and the kernel's own packages."""
    made = Index(tmp_path_factory.mktemp("index"))
    made.kernel = [*made.add_installed("ipykernel"), *made.add_installed("cloudpickle")]  # type: ignore[attr-defined]
    made.add("assay", "1.0", ONE)
    made.add("assay", "2.0", TWO)
    return made


@pytest.fixture(scope="session")
def document(index: Index) -> dict[str, Any]:
    """The environment of a run: Python as here, what a kernel needs, ``assay`` 1.0."""
    kernel = [item for item in installed() if canonical_name(item["name"]) in index.kernel]  # type: ignore[attr-defined]
    assay = {"name": "assay", "version": "1.0", "origin": "index"}
    python = {
        "implementation": platform.python_implementation(),
        "version": platform.python_version(),
        "executable": sys.executable,
    }
    return {"python": python, "distributions": [*kernel, assay]}


@pytest.fixture
def offline(index: Index, monkeypatch: pytest.MonkeyPatch) -> Index:
    """Installers see the local index only, and leave making byte code to the first import."""
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    for name in list(os.environ):
        if name.startswith(("PIP_", "UV_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", index.url)
    return index


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Built environments, shared: one takes seconds."""
    yield tmp_path_factory.mktemp("environments")
