"""Which imported modules are the project's own."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from jupyter_bioml.capture.modules import ModuleObserver
from jupyter_bioml.config import Project
from jupyter_bioml.journal.blobs import Blobs

REPOSITORY = Path(__file__).parents[2]


def test_this_package_is_never_the_users_code(tmp_path: Path) -> None:
    """In a checkout of this package, which is a project too, a re-run must not find a part of an old copy of it."""
    found, _ = ModuleObserver(Project(REPOSITORY, tmp_path), Blobs(tmp_path)).finish(since=0.0)
    assert any(module["path"] == "tests/capture/test_modules.py" for module in found)
    assert [module["path"] for module in found if module["path"].startswith("jupyter_bioml/")] == []


def test_a_module_of_the_project_is_kept_with_its_content(project_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project_dir / "assay_units.py").write_text("FACTOR = 1e9\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(project_dir))
    importlib.import_module("assay_units")
    try:
        project = Project(project_dir, project_dir / ".bioml")
        blobs = Blobs(project.blobs)
        found, _ = ModuleObserver(project, blobs).finish(since=0.0)
        (module,) = [module for module in found if module["name"] == "assay_units"]
        assert module["path"] == "assay_units.py"
        assert blobs.get(module["blob"]) == b"FACTOR = 1e9\n"
    finally:
        del sys.modules["assay_units"]
