"""Resident processes for the tests of this folder, and a copy of the package that can be upgraded."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from resident_case import COUNTS, PROBE, with_modules

import jupyter_bioml


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the probe, which also counts the imports of MLflow in ``imports``."""
    folder = tmp_path_factory.mktemp("modules")
    with_modules(folder, probe=PROBE, sitecustomize=COUNTS.format(file=str(folder / "imports")))
    return folder


@pytest.fixture
def ours(modules: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The probe can be run; the tests of this module share a resident process."""
    monkeypatch.setenv("PYTHONPATH", with_modules(modules))
    return modules


@pytest.fixture
def alone(tmp_path: Path, ours: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder in which only this test's resident processes are met."""
    folder = tmp_path / "runtime"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def copy(tmp_path: Path, ours: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the package that comes before the installed one."""
    folder = tmp_path / "site" / "jupyter_bioml"
    source = Path(jupyter_bioml.__file__).parent
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("labextension", "__pycache__"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder.parent), os.environ["PYTHONPATH"]]))
    return folder
