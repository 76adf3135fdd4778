"""Which imported modules are the project's own."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from jupyter_bioml.capture.modules import ModuleObserver, import_folder
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


def test_a_folder_that_an_installer_filled_holds_no_code_of_the_project(
    project_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``pip install --target vendored``: recorded with the environment, by version."""
    vendored = project_dir / "vendored"
    (vendored / "vendored_assay").mkdir(parents=True)
    (vendored / "vendored_assay" / "__init__.py").write_text("", encoding="utf-8")
    (vendored / "vendored_assay" / "deep.py").write_text("", encoding="utf-8")
    (vendored / "vendored_assay-1.0.dist-info").mkdir()
    monkeypatch.syspath_prepend(str(vendored))
    importlib.import_module("vendored_assay.deep")
    try:
        found, _ = ModuleObserver(Project(project_dir, project_dir / ".bioml"), Blobs(project_dir)).finish(since=0.0)
        assert [module["name"] for module in found if module["name"].startswith("vendored_assay")] == []
    finally:
        del sys.modules["vendored_assay.deep"], sys.modules["vendored_assay"]


def test_where_a_module_is_imported_from() -> None:
    assert import_folder("pkg.module", "/p/src/pkg/module.py") == "/p/src"
    assert import_folder("pkg", "/p/src/pkg/__init__.py") == "/p/src"
    assert import_folder("module", "/p/module.py") == "/p"
    assert import_folder("__mp_main__", "/p/script.py") == "/p"
